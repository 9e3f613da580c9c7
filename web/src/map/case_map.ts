// The map of the desk: cases as dots, by how pressing they are.

import { type GeoJSONSource, LngLatBounds } from "maplibre-gl";
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

export class CaseMap extends FlatMap {
  #base: GeoJSON.FeatureCollection | null = null;
  #streets: StreetLoader | null = null;
  #cases: CaseDot[];
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
    const moved = chosen !== this.#chosen;
    this.#cases = cases;
    this.#chosen = chosen;
    if (!this.standing) return;
    void (this.engine.getSource("cases") as GeoJSONSource | undefined)?.setData(this.#collection());
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
    engine.addSource("cases", { type: "geojson", data: this.#collection() });
    engine.addLayer({
      id: "cases",
      type: "circle",
      source: "cases",
      layout: { "circle-sort-key": ["get", "pressing"] },
      paint: {
        "circle-radius": ["+", 6, ["*", 2, ["max", 0, ["get", "pressing"]]]],
        "circle-color": ["match", ["get", "pressing"], 2, "#c2281d", 1, "#e08a00", -1, "#8a929b", "#2c728e"],
        "circle-stroke-color": ["case", ["get", "chosen"], choice, outline],
        "circle-stroke-width": ["case", ["get", "chosen"], 4, 1.2],
      },
    });
    // Never colour alone: what is overdue bears a sign.
    engine.addLayer({
      id: "case-signs",
      type: "symbol",
      source: "cases",
      filter: ["==", ["get", "pressing"], 2],
      layout: { "text-field": "!", "text-font": FONTS, "text-size": 13, "text-allow-overlap": true },
      paint: { "text-color": "#ffffff", "text-halo-color": halo, "text-halo-width": 0 },
    });
  }

  #collection(): GeoJSON.FeatureCollection {
    const features = this.#cases.map(({ id, coordinates, pressing }): GeoJSON.Feature => {
      return { type: "Feature", geometry: { type: "Point", coordinates }, properties: { id, pressing, chosen: id === this.#chosen } };
    });
    return { type: "FeatureCollection", features };
  }
}
