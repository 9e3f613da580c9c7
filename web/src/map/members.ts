// The spots that belong to the hotspots in sight, each with its own count, when one looks from close by.

import type { GeoJSONSource, Map as Engine } from "maplibre-gl";
import { get } from "../lib/api";
import { CLOSE_FROM_ZOOM } from "./zooms";
import type { Hotspot, HotspotDetail } from "../lib/types";

/** The nearest to the middle; each is a request, once. */
const MOST_HOTSPOTS = 40;
const MOST_KEPT = 400;
/** About as far as a spot may lie from the peak of its hotspot. */
const REACH_DEGREES = 0.003;

export interface Near {
  hotspots: Hotspot[];
  /** What the view asks of every request. */
  view: string;
}

export class MemberLoader {
  #kept = new Map<string, HotspotDetail>();
  #loading: AbortController | null = null;
  #drawn: HotspotDetail[] = [];
  #timed = false;
  #data: GeoJSON.FeatureCollection = { type: "FeatureCollection", features: [] };

  get data(): GeoJSON.FeatureCollection {
    return this.#data;
  }

  /** Loads those of the hotspots in sight that are not known as they are now. */
  async look(engine: Engine, { hotspots, view }: Near): Promise<void> {
    if (engine.getZoom() < CLOSE_FROM_ZOOM) return;
    this.#loading?.abort();
    const { signal } = (this.#loading = new AbortController());
    const bounds = engine.getBounds();
    // A hotspot out of sight has spots in sight.
    const [{ lng: west, lat: south }, { lng: east, lat: north }] = [bounds.getSouthWest(), bounds.getNorthEast()];
    bounds.extend([west - REACH_DEGREES, south - REACH_DEGREES]).extend([east + REACH_DEGREES, north + REACH_DEGREES]);
    const { lng, lat } = engine.getCenter();
    const far = ({ geometry }: Hotspot) => (geometry ? Math.hypot(geometry.coordinates[0] - lng, geometry.coordinates[1] - lat) : Infinity);
    const near = hotspots.filter(({ geometry }) => geometry && bounds.contains(geometry.coordinates)).sort((a, b) => far(a) - far(b));
    try {
      const details = await Promise.all(near.slice(0, MOST_HOTSPOTS).sort((a, b) => (a.id < b.id ? -1 : 1)).map((hotspot) => this.#detail(hotspot, view, signal)));
      const timed = hotspots.some(({ all }) => all);
      // After most moves they are the same: to draw them anew would be felt in the next.
      if (timed === this.#timed && details.length === this.#drawn.length && details.every((detail, i) => detail === this.#drawn[i])) return;
      [this.#drawn, this.#timed] = [details, timed];
      this.#data = { type: "FeatureCollection", features: details.flatMap((detail) => spots(detail, timed)) };
      void (engine.getSource("members") as GeoJSONSource | undefined)?.setData(this.#data);
    } catch {
      // The map is good without them.
    }
  }

  async #detail({ id, all, properties }: Hotspot, view: string, signal: AbortSignal): Promise<HotspotDetail> {
    const { occasions, incidents, reports } = all ?? properties;
    const key = [id, view, occasions, incidents, reports].join(" ");
    const known = this.#kept.get(key);
    if (known) return known;
    const detail = await get<HotspotDetail>(`/api/v1/hotspots/${encodeURIComponent(id)}${view}`, signal);
    if (this.#kept.size >= MOST_KEPT) this.#kept.clear();
    this.#kept.set(key, detail);
    return detail;
  }
}

/** Every spot but the peak, which the hotspot's own circle shows, and a line that says where it belongs. `timed`: a time
 * is chosen, and nobody has counted them in it. */
function spots({ id, sites, geometry, properties: own }: HotspotDetail, timed: boolean): GeoJSON.Feature[] {
  const peak = id.slice(id.indexOf(":") + 1);
  // Where there is no gazetteer one crossing is several cells: its name is written once.
  const written = new Set([own.name]);
  return sites
    .filter((site) => site.id !== peak)
    .flatMap(({ name, coordinates, occasions }): GeoJSON.Feature[] => {
      const label = name === null || written.has(name) ? "" : name;
      written.add(name);
      const properties = { hotspot: id, of: own.name ?? "", name: label, called: name ?? "", occasions, counted: !timed };
      const line: GeoJSON.LineString = { type: "LineString", coordinates: [geometry?.coordinates ?? coordinates, coordinates] };
      return [
        { type: "Feature", geometry: line, properties },
        { type: "Feature", geometry: { type: "Point", coordinates }, properties },
      ];
    });
}
