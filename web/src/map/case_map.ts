// The map of the desk: cases as dots, by how pressing they are.

import { type GeoJSONSource, type GeoJSONSourceDiff, LngLatBounds } from "maplibre-gl";
import { FlatMap, OURS } from "./flat";
import { corners, ground, names } from "./ground";
import { StreetLoader } from "./streets";
import { FONTS, baseLayers, ink, streetLayers } from "./style";

export interface CaseDot {
  id: string;
  coordinates: [number, number];
  /** 2 overdue, 1 soon, 0 later, -1 over. */
  pressing: number;
}

const FIT = { padding: 40, maxZoom: 15 };
const LOOK_ZOOM = 15;
const SIGNS_ZOOM = 11;

export class CaseMap extends FlatMap {
  #base: GeoJSON.FeatureCollection | null = null;
  #streets: StreetLoader | null = null;
  #cases: CaseDot[];
  /** How pressing each is, as the engine knows it. */
  #told = new Map<string, number>();
  #chosen: string | null = null;
  #dark: boolean;

  private constructor(box: HTMLElement, cases: CaseDot[], dark: boolean) {
    super(box, null, dark);
    this.#cases = cases;
    this.#dark = dark;
  }

  static async draw(box: HTMLElement, cases: CaseDot[], dark: boolean, opened: (id: string) => void): Promise<CaseMap> {
    const map = new CaseMap(box, cases, dark);
    const [base, streets] = await Promise.all([ground(), StreetLoader.find(), map.loaded()]);
    map.#base = base;
    map.#streets = streets;
    map.stand();
    map.#fit();
    map.follow(() => void map.#streets?.look(map.engine));
    map.engine.on("click", "cases", (event) => {
      const id: unknown = event.features?.[0]?.properties.id;
      if (typeof id === "string") opened(id);
    });
    map.engine.on("mousemove", (event) => {
      const under = map.engine.queryRenderedFeatures(event.point, { layers: ["cases"] }).length > 0;
      map.engine.getCanvas().style.cursor = under ? "pointer" : "";
    });
    return map;
  }

  show(cases: CaseDot[], chosen: string | null): void {
    const empty = this.#cases.length === 0;
    const [before, moved] = [this.#chosen, chosen !== this.#chosen];
    this.#cases = cases;
    this.#chosen = chosen;
    if (!this.standing) return;
    const diff = this.#changes();
    // Of thousands of cases one or two change at a time: the others are not sent, and read, again.
    if (diff) void (this.engine.getSource("cases") as GeoJSONSource | undefined)?.updateData(diff);
    if (moved && before !== null) this.engine.removeFeatureState({ source: "cases", id: before });
    if (moved) this.#mark();
    const one = moved ? cases.find(({ id }) => id === chosen) : undefined;
    if (one && !this.engine.getBounds().contains(one.coordinates)) {
      this.engine.easeTo({ center: one.coordinates, zoom: Math.max(this.engine.getZoom(), LOOK_ZOOM), duration: 300 }, OURS);
    } else if (empty && !this.touched) this.#fit();
  }

  darken(dark: boolean): void {
    this.#dark = dark;
    this.restyle(dark);
  }

  #fit(): void {
    const bounds = new LngLatBounds();
    for (const { coordinates } of this.#cases) bounds.extend(coordinates);
    if (bounds.isEmpty()) for (const position of corners(this.#base)) bounds.extend(position);
    if (!bounds.isEmpty()) this.engine.fitBounds(bounds, { ...FIT, animate: false }, OURS);
  }

  protected lay(): void {
    const { engine } = this;
    const { outline, choice, halo } = ink(this.#dark);
    if (this.#base) {
      engine.addSource("base", { type: "geojson", data: this.#base });
      engine.addSource("base-names", { type: "geojson", data: names(this.#base) });
      for (const layer of baseLayers(this.#dark)) engine.addLayer(layer);
    }
    if (this.#streets) {
      engine.addSource("streets", { type: "geojson", data: this.#streets.data });
      for (const layer of streetLayers(this.#dark)) engine.addLayer(layer);
    }
    engine.addSource("cases", { type: "geojson", data: this.#collection(), promoteId: "id" });
    engine.addLayer({
      id: "cases",
      type: "circle",
      source: "cases",
      layout: { "circle-sort-key": ["get", "pressing"] },
      paint: {
        "circle-radius": ["+", 6, ["*", 2, ["max", 0, ["get", "pressing"]]]],
        "circle-color": ["match", ["get", "pressing"], 2, "#c2281d", 1, "#e08a00", -1, "#8a929b", "#2c728e"],
        "circle-stroke-color": ["case", ["boolean", ["feature-state", "chosen"], false], choice, outline],
        "circle-stroke-width": ["case", ["boolean", ["feature-state", "chosen"], false], 4, 1.2],
      },
    });
    // Never colour alone: what is overdue is larger, and bears a sign where there is room for one. To place thousands of signs
    // takes longer than a frame.
    engine.addLayer({
      id: "case-signs",
      type: "symbol",
      source: "cases",
      minzoom: SIGNS_ZOOM,
      filter: ["==", ["get", "pressing"], 2],
      layout: { "text-field": "!", "text-font": FONTS, "text-size": 13, "text-allow-overlap": true },
      paint: { "text-color": "#ffffff", "text-halo-color": halo, "text-halo-width": 0 },
    });
    this.#mark();
  }

  /** What has changed since it was told to the engine; null: nothing. */
  #changes(): GeoJSONSourceDiff | null {
    const [add, update, gone]: [GeoJSON.Feature[], GeoJSONSourceDiff["update"] & {}, Set<string>] = [[], [], new Set(this.#told.keys())];
    for (const dot of this.#cases) {
      gone.delete(dot.id);
      const told = this.#told.get(dot.id);
      if (told === undefined) add.push(feature(dot));
      else if (told !== dot.pressing) update.push({ id: dot.id, addOrUpdateProperties: [{ key: "pressing", value: dot.pressing }] });
      if (told !== dot.pressing) this.#told.set(dot.id, dot.pressing);
    }
    for (const id of gone) this.#told.delete(id);
    return add.length + update.length + gone.size > 0 ? { add, update, remove: [...gone] } : null;
  }

  /** The one that is chosen stands out. */
  #mark(): void {
    if (this.#chosen !== null) this.engine.setFeatureState({ source: "cases", id: this.#chosen }, { chosen: true });
  }

  #collection(): GeoJSON.FeatureCollection {
    this.#told = new Map(this.#cases.map(({ id, pressing }) => [id, pressing]));
    return { type: "FeatureCollection", features: this.#cases.map(feature) };
  }
}

/** A case does not move: it stays where its first report was. */
function feature({ id, coordinates, pressing }: CaseDot): GeoJSON.Feature {
  return { type: "Feature", geometry: { type: "Point", coordinates }, properties: { id, pressing } };
}
