// The map itself: what MapLibre is told. Loaded after the list.

import { type GeoJSONSource, LngLatBounds, Map as Engine, type MapMouseEvent, ScaleControl, type VectorTileSource, setWorkerUrl } from "maplibre-gl";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url";
import "maplibre-gl/dist/maplibre-gl.css";
import { stormShare } from "../lib/choose";
import type { Hotspot } from "../lib/types";
import type { Camera } from "../lib/view";
import { StreetLoader } from "./streets";
import { baseLayers, hotspotLayers, reportLayers, streetLayers, style } from "./style";

setWorkerUrl(workerUrl);

/** What is nearer to an edge is not in sight. */
const MARGIN_PX = 40;
/** A finger is wider than a dot. */
const REACH_PX = 6;
/** Below lies the legend. */
const FIT_PADDING_PX = { top: 36, right: 48, bottom: 116, left: 56 };
/** The first of the list are named from afar, too. */
const NAMED_FIRST = 5;
/** The rest of a city with more hotspots is named from close by only: laying out thousands of names takes its time. */
const MOST_NAMED = 300;
const CLOSEST_FIT_ZOOM = 15;
/** A hotspot that is opened is shown from here at least. */
const OPEN_ZOOM = 13;
const LONGEST_LABEL_CHARS = 40;
/** Marks what the page does to the map. */
const OURS = { ours: true };
const POINTED_AT = ["hotspot-ring", "hotspots", "reports"];

export interface Told {
  moved(camera: Camera, byHand: boolean): void;
  hovered(hotspot: string | null): void;
  opened(hotspot: string | null, incident: string | null): void;
}

export interface Shown {
  hotspots: Hotspot[];
  /** Their ids as the list has them, the first of them. */
  first: string[];
  dark: boolean;
  reports: boolean;
  /** What tiles of reports are asked for. */
  query: string;
}

export class CityMap {
  readonly engine: Engine;
  #base: GeoJSON.FeatureCollection | null = null;
  #streets: StreetLoader | null = null;
  #tiles = false;
  #shown: Shown;
  #marks: { selected: string | null; hovered: string | null } = { selected: null, hovered: null };
  #drawn = false;
  #touched = false;

  private constructor(engine: Engine, shown: Shown) {
    this.engine = engine;
    this.#shown = shown;
  }

  /** Draws into a box; resolves when the first picture stands. */
  static async draw(box: HTMLElement, shown: Shown, camera: Camera | null, told: Told): Promise<CityMap> {
    const engine = new Engine({
      container: box,
      style: style(shown.dark),
      center: camera ? [camera.lon, camera.lat] : [0, 20],
      zoom: camera?.zoom ?? 1,
      attributionControl: false,
      dragRotate: false,
      pitchWithRotate: false,
      maxPitch: 0,
      fadeDuration: 0,
      // Print and screenshots read the picture back.
      canvasContextAttributes: { preserveDrawingBuffer: true },
    });
    engine.touchZoomRotate.disableRotation();
    engine.keyboard.disableRotation();
    const map = new CityMap(engine, shown);
    if (!camera) map.fit(false);
    const [base, streets, tiles] = await Promise.all([ground(), StreetLoader.find(), tiled("reports"), loaded(engine)]);
    map.#base = base;
    map.#streets = streets;
    map.#tiles = tiles;
    map.#drawn = true;
    map.#lay();
    engine.addControl(new ScaleControl({ maxWidth: 110 }), "bottom-right");
    map.#listen(told);
    void streets?.look(engine);
    return map;
  }

  show(shown: Shown): void {
    const before = this.#shown;
    this.#shown = shown;
    if (!this.#drawn) return;
    if (shown.dark !== before.dark) {
      this.engine.once("style.load", () => this.#lay());
      this.engine.setStyle(style(shown.dark), { diff: false });
      return;
    }
    void (this.engine.getSource("hotspots") as GeoJSONSource | undefined)?.setData(collection(shown));
    if (this.engine.getLayer("reports")) {
      this.engine.setLayoutProperty("reports", "visibility", shown.reports ? "visible" : "none");
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
    const before = this.#marks[kind];
    this.#marks[kind] = id;
    if (!this.engine.getSource("hotspots")) return;
    if (before) this.engine.setFeatureState({ source: "hotspots", id: before }, { [kind]: false });
    if (id) this.engine.setFeatureState({ source: "hotspots", id }, { [kind]: true });
  }

  /** Brings a point into sight, beside whatever covers the map on the right; on a narrow screen, below. */
  look(at: [number, number], coveredPx: number, close = false): void {
    const point = this.engine.project(at);
    const { clientWidth: width, clientHeight: height } = this.engine.getContainer();
    const narrow = coveredPx > width - MARGIN_PX;
    const [right, bottom] = narrow ? [0, height / 2] : [coveredPx, 0];
    const inside = (x: number, most: number) => x > MARGIN_PX && x < most - MARGIN_PX;
    if (inside(point.x, width - right) && inside(point.y, height - bottom) && !close) return;
    const zoom = close ? Math.max(this.engine.getZoom(), OPEN_ZOOM) : this.engine.getZoom();
    this.engine.easeTo({ center: at, zoom, offset: [-right / 2, -bottom / 2], duration: 400 }, OURS);
  }

  fit(animate = true): void {
    const bounds = new LngLatBounds();
    for (const { geometry } of this.#shown.hotspots) if (geometry) bounds.extend(geometry.coordinates);
    if (bounds.isEmpty()) for (const position of corners(this.#base)) bounds.extend(position);
    if (bounds.isEmpty()) return;
    this.engine.fitBounds(bounds, { padding: FIT_PADDING_PX, maxZoom: CLOSEST_FIT_ZOOM, animate, duration: 500 }, OURS);
  }

  zoom(by: number): void {
    this.#touched = true;
    this.engine.easeTo({ zoom: this.engine.getZoom() + by, duration: 200 });
  }

  goto(camera: Camera): void {
    this.engine.jumpTo({ center: [camera.lon, camera.lat], zoom: camera.zoom });
  }

  camera(): Camera {
    const { lng, lat } = this.engine.getCenter();
    return { lon: lng, lat, zoom: this.engine.getZoom() };
  }

  picture(): string {
    return this.engine.getCanvas().toDataURL("image/png");
  }

  /** The picture for paper, which is light. */
  async paper(): Promise<string> {
    const { dark } = this.#shown;
    if (!dark) return this.picture();
    const idle = () => new Promise((done) => this.engine.once("idle", done));
    this.show({ ...this.#shown, dark: false });
    await idle();
    const picture = this.picture();
    this.show({ ...this.#shown, dark });
    return picture;
  }

  remove(): void {
    this.engine.remove();
  }

  #reportTiles(): string {
    return `${location.origin}/tiles/reports/{z}/{x}/{y}${this.#shown.query}`;
  }

  /** Lays the layers on a new ground. */
  #lay(): void {
    const { engine } = this;
    const { dark, reports } = this.#shown;
    if (this.#base) {
      engine.addSource("base", { type: "geojson", data: this.#base });
      engine.addSource("base-names", { type: "geojson", data: names(this.#base) });
      for (const layer of baseLayers(dark)) engine.addLayer(layer);
    }
    if (this.#streets) {
      engine.addSource("streets", { type: "geojson", data: this.#streets.data });
      for (const layer of streetLayers(dark)) engine.addLayer(layer);
    }
    if (this.#tiles) {
      engine.addSource("reports", { type: "vector", tiles: [this.#reportTiles()], minzoom: 12, maxzoom: 18 });
      for (const layer of reportLayers(dark)) engine.addLayer(layer);
      engine.setLayoutProperty("reports", "visibility", reports ? "visible" : "none");
    }
    engine.addSource("hotspots", { type: "geojson", data: collection(this.#shown), promoteId: "id" });
    for (const layer of hotspotLayers(dark)) engine.addLayer(layer);
    const { selected, hovered } = this.#marks;
    this.#marks = { selected: null, hovered: null };
    this.mark("selected", selected);
    this.mark("hovered", hovered);
  }

  #listen(told: Told): void {
    const { engine } = this;
    // What the page itself does to the map, or a new size of the window, is no choice of the reader's.
    const touched = () => (this.#touched = true);
    for (const kind of ["wheel", "mousedown", "touchstart", "dblclick"] as const) engine.on(kind, touched);
    engine.getCanvas().addEventListener("keydown", touched);
    engine.on("moveend", (event) => {
      void this.#streets?.look(engine);
      told.moved(this.camera(), this.#touched && !("ours" in event));
    });
    engine.on("mousemove", (event) => {
      // While the map is dragged nothing is pointed at, and to look what is under the pointer takes its time.
      if (event.originalEvent.buttons !== 0 || engine.isMoving()) return;
      const under = this.#under(event);
      engine.getCanvas().style.cursor = under ? "pointer" : "";
      told.hovered(under?.hotspot ?? null);
    });
    engine.on("mouseout", () => told.hovered(null));
    engine.on("click", (event) => {
      const under = this.#under(event);
      if (under) told.opened(under.hotspot, under.incident);
    });
  }

  #under(event: MapMouseEvent): { hotspot: string | null; incident: string | null } | null {
    const { x, y } = event.point;
    const around: [[number, number], [number, number]] = [
      [x - REACH_PX, y - REACH_PX],
      [x + REACH_PX, y + REACH_PX],
    ];
    const layers = POINTED_AT.filter((layer) => this.engine.getLayer(layer));
    if (layers.length === 0) return null;
    const found = this.engine.queryRenderedFeatures(around, { layers });
    const hotspot = found.find((feature) => feature.source === "hotspots");
    if (hotspot) return { hotspot: String(hotspot.properties.id), incident: null };
    const report = found.find((feature) => typeof feature.properties.incident_id === "string");
    if (!report) return null;
    return { hotspot: (report.properties.hotspot_id as string | undefined) ?? null, incident: report.properties.incident_id as string };
  }
}

function collection({ hotspots, first }: Shown): GeoJSON.FeatureCollection {
  const [top, named] = [new Set(first.slice(0, NAMED_FIRST)), new Set(first.slice(0, MOST_NAMED))];
  const features = hotspots.flatMap((hotspot): GeoJSON.Feature[] => {
    const { name, status, occasions } = hotspot.properties;
    const label = (name ?? "").slice(0, LONGEST_LABEL_CHARS);
    const properties = { id: hotspot.id, name: label, status, occasions, share: stormShare(hotspot) ?? -1, names: top.has(hotspot.id) ? 0 : named.has(hotspot.id) ? 1 : 2 };
    return hotspot.geometry ? [{ type: "Feature", geometry: hotspot.geometry, properties }] : [];
  });
  return { type: "FeatureCollection", features };
}

async function ground(): Promise<GeoJSON.FeatureCollection | null> {
  try {
    const answer = await fetch("/base.geojson");
    if (!answer.ok) return null;
    const base = (await answer.json()) as GeoJSON.FeatureCollection;
    return base.features.length > 0 ? base : null;
  } catch {
    return null;
  }
}

/** One point for the name of each outline: the middle of its largest part. */
function names(base: GeoJSON.FeatureCollection): GeoJSON.FeatureCollection {
  const features = base.features.flatMap(({ geometry, properties }): GeoJSON.Feature[] => {
    const name: unknown = properties?.name;
    if (typeof name !== "string") return [];
    const parts = geometry.type === "Polygon" ? [geometry.coordinates] : geometry.type === "MultiPolygon" ? geometry.coordinates : [];
    const middles = parts.flatMap(([ring]) => (ring ? [middle(ring)] : [])).sort((a, b) => b.area - a.area);
    const coordinates = middles[0]?.at ?? (geometry.type === "Point" ? geometry.coordinates : null);
    return coordinates ? [{ type: "Feature", geometry: { type: "Point", coordinates }, properties: { name } }] : [];
  });
  return { type: "FeatureCollection", features };
}

/** Centre of mass and area of a ring, in degrees. */
function middle(ring: GeoJSON.Position[]): { at: GeoJSON.Position; area: number } {
  let [area, x, y] = [0, 0, 0];
  ring.forEach(([x1 = 0, y1 = 0], i) => {
    const [x2 = 0, y2 = 0] = ring[(i + 1) % ring.length] ?? [];
    const cross = x1 * y2 - x2 * y1;
    area += cross / 2;
    x += ((x1 + x2) * cross) / 6;
    y += ((y1 + y2) * cross) / 6;
  });
  return area === 0 ? { at: ring[0] ?? [0, 0], area: 0 } : { at: [x / area, y / area], area: Math.abs(area) };
}

function tiled(layer: string): Promise<boolean> {
  return fetch(`/tiles/${layer}.json`).then((answer) => answer.ok, () => false);
}

function loaded(engine: Engine): Promise<void> {
  return new Promise((resolve) => engine.once("load", () => resolve()));
}

function* corners(base: GeoJSON.FeatureCollection | null): Generator<[number, number]> {
  for (const { geometry } of base?.features ?? []) {
    if (geometry.type === "GeometryCollection") continue;
    const stack: unknown[] = [geometry.coordinates];
    while (stack.length > 0) {
      const part = stack.pop() as unknown[];
      if (typeof part[0] === "number") yield [part[0], part[1] as number];
      else stack.push(...part);
    }
  }
}

export function drawable(): boolean {
  try {
    return document.createElement("canvas").getContext("webgl2") !== null;
  } catch {
    return false;
  }
}
