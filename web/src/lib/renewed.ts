// Hotspots as the service has them now: all of a view, or those that changed.

import { Failure, all, get } from "./api";
import type { Hotspot, HotspotDetail, HotspotProperties } from "./types";
import { type View, asked } from "./view";

/** Hotspots on one page; a city has hundreds. */
const MOST_HOTSPOTS = 50_000;

/** What was found of hotspots, null where one is none any more; and as of when, at which position. */
export interface Found {
  found: Map<string, Hotspot | null>;
  stand: [asOf: string, position: number];
}

export const every = (view: View, signal?: AbortSignal) => all<HotspotProperties>("/api/v1/hotspots", { category: view.category, ...asked(view) }, MOST_HOTSPOTS, signal);

/** All of a view; of those known, the others are none any more. */
export async function anew(view: View, known: Hotspot[]): Promise<Found> {
  const list = await every(view);
  const found = new Map<string, Hotspot | null>(list.features.map((hotspot) => [hotspot.id, hotspot]));
  for (const { id } of known) if (!found.has(id)) found.set(id, null);
  return { found, stand: [list.as_of, list.position] };
}

/** Some, each by itself; `stand`: as of when they were known before. */
export async function some(ids: string[], stand: Found["stand"]): Promise<Found> {
  const one = async (id: string): Promise<[string, Hotspot | null]> => {
    try {
      const detail = await get<HotspotDetail>(`/api/v1/hotspots/${encodeURIComponent(id)}`);
      if (detail.position >= stand[1]) stand = [detail.as_of, detail.position];
      // A member of another hotspot is none of its own.
      return [id, detail.id === id ? { type: "Feature", id, geometry: detail.geometry, properties: detail.properties } : null];
    } catch (cause) {
      if (cause instanceof Failure && cause.status === 404) return [id, null];
      throw cause;
    }
  };
  const found = new Map(await Promise.all(ids.map(one)));
  return { found, stand };
}
