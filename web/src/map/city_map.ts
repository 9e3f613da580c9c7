// The map itself: what MapLibre is told. Loaded after the list.

import { type GeoJSONSource, LngLatBounds, type MapMouseEvent, type MapOptions, type VectorTileSource } from "maplibre-gl";
import { type Judgement, SIGN } from "../lib/criteria.svelte";
import { stands as counted, stormShare } from "../lib/choose";
import { get } from "../lib/api";
import type { Feature, Hotspot } from "../lib/types";
import type { Camera } from "../lib/view";
import { type Box, cover } from "./cover";
import { FlatMap, OURS, PAPER_PADDING_PX, type Picture, type Size, apart, frame } from "./flat";
import { type Side, stands } from "./first_names";
import { corners, ground, names } from "./ground";
import { MemberLoader } from "./members";
import { StreetLoader } from "./streets";
import { BLANK, COVER_LAYER, REPORT_LAYERS, baseLayers, closeLayers, hotspotLayers, memberLayers, reportLayers, streetLayers } from "./style";

/** What is nearer to an edge is not in sight. */
const MARGIN_PX = 40;
/** A finger is wider than a dot. */
const REACH_PX = 6;
/** Around all that is shown, beside what covers the map: half of the largest circle, and a part of a name. */
const FIT_PADDING_PX = { top: 28, right: 52, bottom: 24, left: 44 };
/** Of an outline that reaches so many times further than the hotspots only these are shown. */
const MOST_OUTLINE = 1.5;
/** The first of the list are named from afar, too, and what is open. */
const NAMED_FIRST = 5;
/** On the circles of these no name stands. The rest of a city with more hotspots is named from close by only: laying out
 * thousands of names takes its time. */
const MOST_NAMED = 300;
const CLOSEST_FIT_ZOOM = 15;
/** What lies over the map is told anew after each move: in few and large tiles, which place it to a pixel all the same. */
const COVER_ZOOM = 11;
/** A hotspot that is opened is shown from here at least, and by a link to it. */
const [OPEN_ZOOM, LINK_ZOOM] = [13, 15];
/** On paper: of the list, and of a sheet the spot with its streets and where in the city it is. */
const CITY_PAPER: Size = { width: 480, height: 440 };
const SPOT_PAPER: Size = { width: 440, height: 250 };
const WHERE_PAPER: Size = { width: 240, height: 250 };
const SPOT_ZOOM = 15.6;
const LONGEST_LABEL_CHARS = 40;
const MOST_REPORTS = 500;
const POINTED_AT = ["hotspot-ring", "hotspots", "hotspot-name-0", "members", ...REPORT_LAYERS];

/** How much of the map is covered from the right and from below, in pixels. */
export interface Covered {
  right: number;
  bottom: number;
}

export interface Told {
  moved(camera: Camera, byHand: boolean): void;
  hovered(hotspot: string | null, spot: Spot | null): void;
  opened(hotspot: string | null, incident: string | null): void;
}

/** A spot of a hotspot that is pointed at, in pixels from the map's upper left corner. */
export interface Spot {
  x: number;
  y: number;
  /** Empty: it has no name. */
  name: string;
  /** Of its hotspot. */
  of: string;
  /** Null: a time is chosen, and nobody has counted them in it. */
  occasions: number | null;
}

export interface Shown {
  hotspots: Hotspot[];
  /** Their ids as the list has them, the first of them. */
  first: string[];
  selected: string | null;
  dark: boolean;
  /** By the criterion chosen; empty: none is. */
  verdicts: Map<string, Judgement>;
  reports: boolean;
  /** What tiles of reports are asked for. */
  query: string;
  /** What the view asks of every request. */
  view: string;
}

export class CityMap extends FlatMap {
  #base: GeoJSON.FeatureCollection | null = null;
  #streets: StreetLoader | null = null;
  #tiles = false;
  /** Where reports come from, as long as there is no hotspot to look at. */
  #reported: [number, number][] = [];
  /** It is drawn to be printed. */
  #paper = false;
  #members = new MemberLoader();
  #shown: Shown;
  #marks: { selected: string | null; hovered: string | null } = { selected: null, hovered: null };
  #over: Box[] = [];
  /** Where the names of the first stand. */
  #stands = new Map<string, Side>();

  private constructor(box: HTMLElement, shown: Shown, camera: Camera | null, more: Partial<MapOptions> = {}) {
    super(box, camera, shown.dark, more);
    this.#shown = shown;
  }

  /** Draws into a box; resolves when the first picture stands. */
  static async draw(box: HTMLElement, shown: Shown, camera: Camera | null, told: Told, covered: Covered): Promise<CityMap> {
    const map = new CityMap(box, shown, camera);
    const begin = () => {
      if (!camera && !map.touched && !map.#lookAtSelected(covered)) map.fit(covered, false);
    };
    begin();
    const [base, streets, tiles, reported] = await Promise.all([ground(), StreetLoader.find(), tiled("reports"), shown.hotspots.length === 0 ? reports(shown.query) : [], map.loaded()]);
    map.#base = base;
    map.#streets = streets;
    map.#tiles = tiles;
    map.#reported = reported;
    // The outlines are known by now.
    begin();
    map.stand();
    map.scale();
    map.#listen(told);
    void map.#look();
    return map;
  }

  show(shown: Shown): void {
    const before = this.#shown;
    this.#shown = shown;
    if (shown.dark !== before.dark && this.drawn) return this.restyle(shown.dark);
    if (!this.standing) return;
    void (this.engine.getSource("hotspots") as GeoJSONSource | undefined)?.setData(collection(shown));
    this.#ring();
    this.#name(true);
    if (shown.hotspots !== before.hotspots || shown.view !== before.view) void this.#members.look(this.engine, shown);
    if (this.engine.getSource("reports")) {
      this.#showReports();
      if (shown.query !== before.query) {
        (this.engine.getSource("reports") as VectorTileSource).setTiles([this.#reportTiles()]);
      }
    }
  }

  /** Single reports may have changed. */
  refresh(): void {
    if (this.engine.getSource("reports")) this.engine.refreshTiles("reports");
  }

  mark(kind: "selected" | "hovered", id: string | null): void {
    if (this.#marks[kind] === id) return;
    this.#marks[kind] = id;
    this.#ring();
  }

  /** What is chosen or pointed at is a source of its own: no other hotspot is drawn for it. */
  #ring(): void {
    void (this.engine.getSource("marked") as GeoJSONSource | undefined)?.setData(this.#marked());
  }

  #marked(): GeoJSON.FeatureCollection {
    const { selected, hovered } = this.#marks;
    const features = this.#shown.hotspots
      .filter(({ id, geometry }) => geometry && (id === selected || id === hovered))
      .map(({ geometry, properties }): GeoJSON.Feature => ({ type: "Feature", geometry: geometry!, properties: { occasions: counted(properties) } }));
    return { type: "FeatureCollection", features };
  }

  /** Those named from afar, too, with the sides on which their names stand. */
  #firsts(): GeoJSON.FeatureCollection {
    const { hotspots, first, selected } = this.#shown;
    // What is open has the first choice.
    const ids = new Set([...(selected ? [selected] : []), ...first.slice(0, NAMED_FIRST)]);
    const found = [...ids].flatMap((id) => hotspots.find((hotspot) => hotspot.id === id && hotspot.geometry) ?? []);
    this.#stands = stands(this.engine, found, hotspots, this.#over);
    const features = found.flatMap(({ id, geometry, properties: p }): GeoJSON.Feature[] => {
      const side = this.#stands.get(id);
      const properties = { id, name: (p.name ?? "").slice(0, LONGEST_LABEL_CHARS), occasions: counted(p), side };
      return side ? [{ type: "Feature", geometry: geometry!, properties }] : [];
    });
    return { type: "FeatureCollection", features };
  }

  /** Names them anew where a side has become another, or `always`. */
  #name(always: boolean): void {
    const before = JSON.stringify([...this.#stands]);
    const firsts = this.#firsts();
    if (always || JSON.stringify([...this.#stands]) !== before) void (this.engine.getSource("first") as GeoJSONSource | undefined)?.setData(firsts);
  }

  /** No name is written under these. */
  cover(over: Box[]): void {
    this.#over = over;
    this.#name(false);
    void (this.engine.getSource("cover") as GeoJSONSource | undefined)?.setData(this.#covered());
  }

  #covered(): GeoJSON.FeatureCollection {
    return cover(this.engine, this.#over);
  }

  /** Where on the map a position is, in pixels from its upper left corner. */
  point(at: [number, number]): { x: number; y: number } {
    return this.engine.project(at);
  }

  /** Brings a point into sight, beside whatever covers the map on the right and below; a narrow screen is covered from
   * the middle on. */
  look(at: [number, number], covered: Covered, close = false): void {
    const point = this.point(at);
    const { clientWidth: width, clientHeight: height } = this.engine.getContainer();
    const { right, bottom } = this.#beside(covered);
    const inside = (x: number, most: number) => x > MARGIN_PX && x < most - MARGIN_PX;
    if (inside(point.x, width - right) && inside(point.y, height - bottom) && !close) return;
    const zoom = close ? Math.max(this.engine.getZoom(), OPEN_ZOOM) : this.engine.getZoom();
    this.engine.easeTo({ center: at, zoom, offset: [-right / 2, -bottom / 2], duration: 400 }, OURS);
  }

  /** A link to a hotspot leads to it. Tells whether one is chosen. */
  #lookAtSelected(covered: Covered): boolean {
    const { hotspots, selected } = this.#shown;
    const at = hotspots.find(({ id }) => id === selected)?.geometry?.coordinates;
    if (!at) return false;
    const { right, bottom } = this.#beside(covered);
    this.engine.easeTo({ center: at, zoom: LINK_ZOOM, offset: [-right / 2, -bottom / 2], animate: false }, OURS);
    return true;
  }

  #beside({ right, bottom }: Covered): Covered {
    const { clientWidth: width, clientHeight: height } = this.engine.getContainer();
    return right > width - MARGIN_PX ? { right: 0, bottom: height / 2 } : { right, bottom };
  }

  #showReports(): void {
    for (const layer of REPORT_LAYERS) this.engine.setLayoutProperty(layer, "visibility", this.#shown.reports ? "visible" : "none");
  }

  /** Loads what is seen from close by only. */
  async #look(): Promise<void> {
    await Promise.all([this.#streets?.look(this.engine), this.#members.look(this.engine, this.#shown)]);
  }

  /** Of all hotspots shown and the whole of their city, but not of a country. */
  #bounds(): LngLatBounds {
    const bounds = new LngLatBounds();
    for (const { geometry } of this.#shown.hotspots) if (geometry) bounds.extend(geometry.coordinates);
    if (bounds.isEmpty()) for (const position of this.#reported) bounds.extend(position);
    const outline = new LngLatBounds();
    for (const position of corners(this.#base)) outline.extend(position);
    if (bounds.isEmpty() || (!outline.isEmpty() && size(outline).every((degrees, i) => degrees <= MOST_OUTLINE * size(bounds)[i]!))) bounds.extend(outline);
    return bounds;
  }

  /** Brings all into sight, as large as fits beside whatever covers the map. */
  fit(covered: Covered, animate = true): void {
    const bounds = this.#bounds();
    if (bounds.isEmpty()) return;
    const { clientWidth: width } = this.engine.getContainer();
    const { right, bottom } = FIT_PADDING_PX;
    const beside = covered.right < width - 4 * right;
    const padding = { ...FIT_PADDING_PX, right: right + (beside ? covered.right : 0), bottom: bottom + covered.bottom };
    this.engine.fitBounds(bounds, { padding, maxZoom: CLOSEST_FIT_ZOOM, animate, duration: 500 }, OURS);
  }

  /** All that is listed, or the part of it that the reader looks at from nearer. What is chosen is shown from close by, with
   * where it is: its sheet is printed with it. */
  async paper(): Promise<Picture[]> {
    const chosen = this.#shown.hotspots.find(({ id }) => id === this.#shown.selected);
    const all = this.#bounds();
    if (!chosen?.geometry) {
      const bounds = this.nearer(all) ? this.engine.getBounds() : all;
      return [{ ...(await this.#apart(frame(bounds, CITY_PAPER), bounds)), of: "city" }];
    }
    const [lon, lat] = chosen.geometry.coordinates;
    const [spot, where] = [await this.#apart(SPOT_PAPER, { lon, lat, zoom: SPOT_ZOOM }), await this.#apart(frame(all, WHERE_PAPER), all, { hotspots: [chosen], first: [] })];
    return [{ ...spot, of: "spot" }, { ...where, of: "city" }];
  }

  /** A light picture of the same, of another size and from elsewhere. */
  #apart(size: Size, at: Camera | LngLatBounds, instead: Partial<Shown> = {}): Promise<Picture> {
    return apart(size, async (box, more) => {
      const map = new CityMap(box, { ...this.#shown, ...instead, dark: false }, at instanceof LngLatBounds ? null : at, more);
      try {
        [map.#base, map.#tiles, map.#paper] = [this.#base, this.#tiles, true];
        map.#marks = { selected: this.#shown.selected, hovered: null };
        map.#streets = this.#streets && new StreetLoader();
        if (at instanceof LngLatBounds && !at.isEmpty()) map.engine.fitBounds(at, { padding: PAPER_PADDING_PX, maxZoom: CLOSEST_FIT_ZOOM, animate: false });
        await map.loaded();
        map.stand();
        await map.#look();
        return await map.finished();
      } finally {
        map.remove();
      }
    });
  }

  #reportTiles(): string {
    return `${location.origin}/tiles/reports/{z}/{x}/{y}${this.#shown.query}`;
  }

  /** Lays the layers on a new ground. */
  protected lay(): void {
    const { engine } = this;
    const { dark } = this.#shown;
    engine.addImage(BLANK, { width: 1, height: 1, data: new Uint8Array(4) });
    if (this.#base) {
      engine.addSource("base", { type: "geojson", data: this.#base });
      engine.addSource("base-names", { type: "geojson", data: names(this.#base) });
      for (const layer of baseLayers(dark)) engine.addLayer(layer);
    }
    if (this.#streets) {
      engine.addSource("streets", { type: "geojson", data: this.#streets.data });
      for (const layer of streetLayers(dark, this.#paper)) engine.addLayer(layer);
    }
    if (this.#tiles) {
      engine.addSource("reports", { type: "vector", tiles: [this.#reportTiles()], minzoom: 12, maxzoom: 18 });
      for (const layer of reportLayers(dark)) engine.addLayer(layer);
    }
    engine.addSource("members", { type: "geojson", data: this.#members.data });
    for (const layer of memberLayers(dark)) engine.addLayer(layer);
    engine.addSource("hotspots", { type: "geojson", data: collection(this.#shown) });
    engine.addSource("marked", { type: "geojson", data: this.#marked() });
    engine.addSource("first", { type: "geojson", data: this.#firsts() });
    const { circles, labels } = hotspotLayers(dark);
    for (const layer of circles) engine.addLayer(layer);
    if (this.#tiles) {
      for (const layer of closeLayers(dark)) engine.addLayer(layer);
      this.#showReports();
    }
    for (const layer of labels) engine.addLayer(layer);
    engine.addSource("cover", { type: "geojson", data: this.#covered(), maxzoom: COVER_ZOOM });
    engine.addLayer(COVER_LAYER);
  }

  #listen(told: Told): void {
    const { engine } = this;
    this.follow((camera, byHand) => {
      void this.#look();
      told.moved(camera, byHand);
    });
    engine.on("mousemove", (event) => {
      // While the map is dragged nothing is pointed at, and to look what is under the pointer takes its time.
      if (event.originalEvent.buttons !== 0 || engine.isMoving()) return;
      const under = this.#under(event);
      engine.getCanvas().style.cursor = under ? "pointer" : "";
      told.hovered(under?.hotspot ?? null, under?.spot ?? null);
    });
    for (const gone of ["mouseout", "movestart"] as const) engine.on(gone, () => told.hovered(null, null));
    engine.on("click", (event) => {
      const under = this.#under(event);
      if (under) told.opened(under.hotspot, under.incident);
    });
  }

  #under(event: MapMouseEvent): { hotspot: string | null; incident: string | null; spot?: Spot } | null {
    const { x, y } = event.point;
    const around: [[number, number], [number, number]] = [
      [x - REACH_PX, y - REACH_PX],
      [x + REACH_PX, y + REACH_PX],
    ];
    const layers = POINTED_AT.filter((layer) => this.engine.getLayer(layer));
    if (layers.length === 0) return null;
    const found = this.engine.queryRenderedFeatures(around, { layers });
    const hotspot = found.find((feature) => feature.source === "hotspots" || feature.source === "first");
    if (hotspot) return { hotspot: String(hotspot.properties.id), incident: null };
    const member = found.find((feature) => feature.source === "members");
    if (member) {
      const { hotspot, called, of, occasions, counted } = member.properties;
      return { hotspot: String(hotspot), incident: null, spot: { x, y, name: String(called), of: String(of), occasions: counted ? Number(occasions) : null } };
    }
    const report = found.find((feature) => typeof feature.properties.incident_id === "string");
    if (!report) return null;
    return { hotspot: (report.properties.hotspot_id as string | undefined) ?? null, incident: report.properties.incident_id as string };
  }
}

function collection({ hotspots, first, selected, verdicts }: Shown): GeoJSON.FeatureCollection {
  const [top, named] = [NAMED_FIRST, MOST_NAMED].map((n) => new Set(first.slice(0, n))) as [Set<string>, Set<string>];
  if (selected) top.add(selected);
  const features = hotspots.flatMap((hotspot): GeoJSON.Feature[] => {
    const { name, status } = hotspot.properties;
    const label = (name ?? "").slice(0, LONGEST_LABEL_CHARS);
    const verdict = verdicts.get(hotspot.id)?.verdict;
    const properties = { verdict: verdict ?? "", sign: verdict ? SIGN[verdict] : "", id: hotspot.id, name: label, status, occasions: counted(hotspot.properties), share: stormShare(hotspot) ?? -1, names: top.has(hotspot.id) ? 0 : named.has(hotspot.id) ? 1 : 2 };
    return hotspot.geometry ? [{ type: "Feature", geometry: hotspot.geometry, properties }] : [];
  });
  return { type: "FeatureCollection", features };
}

/** From side to side and from top to bottom, in degrees. */
function size(bounds: LngLatBounds): [number, number] {
  return [bounds.getEast() - bounds.getWest(), bounds.getNorth() - bounds.getSouth()];
}

function tiled(layer: string): Promise<boolean> {
  return fetch(`/tiles/${layer}.json`).then((answer) => answer.ok, () => false);
}

/** Of a view's reports, as many as tell where they are. */
function reports(query: string): Promise<[number, number][]> {
  return get<{ features: Feature<object>[] }>(`/api/v1/reports${query}&limit=${MOST_REPORTS}`).then(({ features }) => features.flatMap(({ geometry }) => (geometry ? [geometry.coordinates] : [])), () => []);
}
