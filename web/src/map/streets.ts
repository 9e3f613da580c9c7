// The city's own streets under the map, loaded for where one looks from close by.

import type { GeoJSONSource, Map as Engine } from "maplibre-gl";
import { address, get } from "../lib/api";

export const STREETS_FROM_ZOOM = 13;
const MOST_STREETS = 4_000;
/** More than is seen is loaded, so that a small move loads nothing. */
const MARGIN = 0.4;

type Streets = GeoJSON.FeatureCollection & { numberMatched: number };

export class StreetLoader {
  #loaded: [number, number, number, number] | null = null;
  #loading: AbortController | null = null;
  #last: GeoJSON.FeatureCollection = { type: "FeatureCollection", features: [] };

  /** Null where the service knows no streets. */
  static async find(): Promise<StreetLoader | null> {
    const found = await get<Streets>("/api/v1/streets?limit=1").catch(() => null);
    return found && found.numberMatched > 0 ? new StreetLoader() : null;
  }

  get data(): GeoJSON.FeatureCollection {
    return this.#last;
  }

  /** Loads what is in sight, unless it is there. */
  async look(engine: Engine): Promise<void> {
    if (engine.getZoom() < STREETS_FROM_ZOOM) return;
    const bounds = engine.getBounds();
    const [west, south, east, north] = [bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()];
    const [w, s, e, n] = this.#loaded ?? [0, 0, 0, 0];
    if (this.#loaded && w <= west && s <= south && e >= east && n >= north) return;
    const [dx, dy] = [(east - west) * MARGIN, (north - south) * MARGIN];
    const box: [number, number, number, number] = [
      Math.max(-180, west - dx),
      Math.max(-90, south - dy),
      Math.min(180, east + dx),
      Math.min(90, north + dy),
    ];
    this.#loading?.abort();
    const mine = (this.#loading = new AbortController());
    try {
      const bbox = box.map((x) => x.toFixed(5)).join(",");
      this.#last = await get<Streets>(address("/api/v1/streets", { bbox, limit: MOST_STREETS }), mine.signal);
      this.#loaded = box;
      void (engine.getSource("streets") as GeoJSONSource | undefined)?.setData(this.#last);
    } catch {
      // The map is good without streets.
    }
  }
}
