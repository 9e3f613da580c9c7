// The map of a report that is being made: the ground, and what is known of the position, each with its ring of accuracy.

import { type GeoJSONSource, LngLatBounds } from "maplibre-gl";
import { get } from "../lib/api";
import type { Camera } from "../lib/view";
import type { Candidate } from "../report/types";
import { FlatMap, OURS } from "./flat";
import { corners, ground, names } from "./ground";
import { StreetLoader } from "./streets";
import { baseLayers, ink, streetLayers } from "./style";

const CLOSE_ZOOM = 16;
/** From further away nobody sees which street it is. */
export const PIN_FROM_ZOOM = 13;
const QUARTER_ZOOM = 13.5;
const CITY = { padding: 20, maxZoom: 14 };
/** Corners of a ring. */
const CORNERS = 64;
const METRES_A_DEGREE = 111_195;

export class PinMap extends FlatMap {
  #base: GeoJSON.FeatureCollection | null = null;
  #streets: StreetLoader | null = null;
  #candidates: Candidate[] = [];
  readonly #dark: boolean;

  private constructor(box: HTMLElement, at: Candidate | null, dark: boolean) {
    super(box, at && { lon: at.lon, lat: at.lat, zoom: CLOSE_ZOOM }, dark);
    this.#dark = dark;
  }

  static async draw(box: HTMLElement, at: Candidate | null, dark: boolean, moved: (camera: Camera) => void): Promise<PinMap> {
    const map = new PinMap(box, at, dark);
    const [base, streets] = await Promise.all([ground(), StreetLoader.find(), map.loaded()]);
    map.#base = base;
    map.#streets = streets;
    map.stand();
    map.follow((camera) => {
      moved(camera);
      void map.#streets?.look(map.engine);
    });
    if (!at) await map.#fit();
    moved(map.camera());
    void map.#streets?.look(map.engine);
    return map;
  }

  show(candidates: Candidate[]): void {
    this.#candidates = candidates;
    if (this.standing) void (this.engine.getSource("candidates") as GeoJSONSource | undefined)?.setData(this.#collection());
  }

  /** Where nothing is known of the position: the city, else where something was reported last. */
  async #fit(): Promise<void> {
    const bounds = new LngLatBounds();
    for (const position of corners(this.#base)) bounds.extend(position);
    if (!bounds.isEmpty()) {
      this.engine.fitBounds(bounds, { ...CITY, animate: false }, OURS);
      return;
    }
    const last = await get<GeoJSON.FeatureCollection<GeoJSON.Point>>("/api/v1/incidents?sort=-last_observed_at&limit=1").catch(() => null);
    const [lon, lat] = last?.features[0]?.geometry.coordinates ?? [];
    if (lon !== undefined && lat !== undefined) this.goto({ lon, lat, zoom: QUARTER_ZOOM });
  }

  protected lay(): void {
    const { engine } = this;
    const { outline } = ink(this.#dark);
    if (this.#base) {
      engine.addSource("base", { type: "geojson", data: this.#base });
      engine.addSource("base-names", { type: "geojson", data: names(this.#base) });
      for (const layer of baseLayers(this.#dark)) engine.addLayer(layer);
    }
    if (this.#streets) {
      engine.addSource("streets", { type: "geojson", data: this.#streets.data });
      for (const layer of streetLayers(this.#dark)) engine.addLayer(layer);
    }
    engine.addSource("candidates", { type: "geojson", data: this.#collection() });
    engine.addLayer({ id: "rings", type: "fill", source: "candidates", filter: ["==", ["geometry-type"], "Polygon"], paint: { "fill-color": "#2c728e", "fill-opacity": 0.18, "fill-outline-color": "#2c728e" } });
    engine.addLayer({ id: "dots", type: "circle", source: "candidates", filter: ["==", ["geometry-type"], "Point"], paint: { "circle-radius": 6, "circle-color": "#2c728e", "circle-stroke-color": outline, "circle-stroke-width": 2 } });
  }

  #collection(): GeoJSON.FeatureCollection {
    const features = this.#candidates.flatMap(({ lon, lat, accuracy_m, source }): GeoJSON.Feature[] => {
      const dot: GeoJSON.Feature = { type: "Feature", geometry: { type: "Point", coordinates: [lon, lat] }, properties: { source } };
      return accuracy_m ? [{ type: "Feature", geometry: { type: "Polygon", coordinates: [ring(lon, lat, accuracy_m)] }, properties: { source } }, dot] : [dot];
    });
    return { type: "FeatureCollection", features };
  }
}

/** A circle so many metres wide to each side; on this scale the Earth is flat. */
function ring(lon: number, lat: number, radiusM: number): GeoJSON.Position[] {
  const dLat = radiusM / METRES_A_DEGREE;
  const dLon = dLat / Math.max(0.01, Math.cos((lat * Math.PI) / 180));
  return Array.from({ length: CORNERS + 1 }, (_, i) => {
    const angle = (2 * Math.PI * i) / CORNERS;
    return [lon + dLon * Math.cos(angle), lat + dLat * Math.sin(angle)];
  });
}
