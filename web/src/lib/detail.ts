// One hotspot with its incidents, or one incident.

import { address, all, get } from "./api";
import type { Feature, HotspotDetail, IncidentDetail, IncidentProperties } from "./types";
import { type View, asked } from "./view";

/** Incidents of a hotspot lie this near; members are within 50 m of one that climbs to the peak. */
const AROUND_M = 1_000;
const MOST_AROUND = 5_000;
export const DEGREE_M = 111_195;

export function hotspot(id: string, view: View, signal: AbortSignal): Promise<HotspotDetail> {
  return get<HotspotDetail>(address(`/api/v1/hotspots/${encodeURIComponent(id)}`, asked(view)), signal);
}

export function incident(id: string, view: View, signal: AbortSignal): Promise<IncidentDetail> {
  return get<IncidentDetail>(address(`/api/v1/incidents/${encodeURIComponent(id)}`, asked(view)), signal);
}

/** The incidents of a hotspot by their ids: those that its occasions name, and those at its other sites. */
export async function incidentsOf(detail: HotspotDetail, view: View, signal: AbortSignal): Promise<Map<string, Feature<IncidentProperties>>> {
  const [lon, lat] = detail.geometry?.coordinates ?? [0, 0];
  const dy = AROUND_M / DEGREE_M;
  const dx = Math.min(dy / Math.max(0.01, Math.cos((lat * Math.PI) / 180)), 179);
  const around = [wrapped(lon - dx), Math.max(-90, lat - dy), wrapped(lon + dx), Math.min(90, lat + dy)];
  const query = { category: detail.properties.category, bbox: around.map((n) => n.toFixed(6)).join(","), ...asked(view) };
  const list = await all<IncidentProperties>("/api/v1/incidents", query, MOST_AROUND, signal);
  const named = new Set(detail.occasions_list.flatMap((occasion) => occasion.incident_ids));
  const own = list.features.filter(({ id, properties }) => named.has(id) || properties.hotspot_id === detail.id);
  return new Map(own.map((feature) => [feature.id, feature]));
}

export function wrapped(lon: number): number {
  return lon > 180 ? lon - 360 : lon < -180 ? lon + 360 : lon;
}
