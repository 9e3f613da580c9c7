// One hotspot with its incidents, or one incident.

import { address, all, get } from "./api";
import type { Feature, HotspotDetail, IncidentDetail, IncidentProperties, Occasion, Weather } from "./types";
import { type View, asked } from "./view";

/** Incidents of a hotspot lie this near; members are within 50 m of one that climbs to the peak. */
const AROUND_M = 1_000;
const MOST_AROUND = 5_000;
const DEGREE_M = 111_195;

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

type Incidents = Map<string, Feature<IncidentProperties>>;

/** First and last observation of the incidents of an occasion; null while they are not loaded. */
export function reported(occasion: Occasion, incidents: Incidents): { first: string; last: string } | null {
  const own = occasion.incident_ids.map((id) => incidents.get(id)?.properties);
  if (own.length === 0 || !own.every((one) => one !== undefined)) return null;
  const first = own.map((one) => one.first_observed_at).reduce(earlier);
  const last = own.map((one) => one.last_observed_at).reduce((a, b) => (earlier(a, b) === a ? b : a));
  return { first, last };
}

/** Incidents of the hotspot that its peak's occasions do not count, the newest first. */
export function beside(detail: HotspotDetail, incidents: Incidents): Feature<IncidentProperties>[] {
  const named = new Set(detail.occasions_list.flatMap((occasion) => occasion.incident_ids));
  const others = [...incidents.values()].filter(({ id }) => !named.has(id));
  return others.sort((a, b) => Date.parse(b.properties.last_observed_at) - Date.parse(a.properties.last_observed_at));
}

function earlier(a: string, b: string): string {
  return Date.parse(a) <= Date.parse(b) ? a : b;
}

/** Does something that lasted from `start` to `end` meet the time from `from` to `to`? */
export function meets({ start, end }: { start: string; end: string }, from: string, to: string): boolean {
  return Date.parse(start) <= Date.parse(to) && Date.parse(from) <= Date.parse(end);
}

/** How sure its occasions are; each counts once. */
export function sureness(occasions: Occasion[]): Record<"evidence" | "both" | "notFound" | "only", Occasion[]> {
  const of = (sure: boolean, nothing: boolean) => occasions.filter(({ evidence, not_found }) => evidence === sure && not_found === nothing);
  return { evidence: of(true, false), both: of(true, true), notFound: of(false, true), only: of(false, false) };
}

export type Sure = "evident" | "reported" | "not_found";

/** How sure one is: what inspectors did not find may all the same have been seen by others. */
export function sureOf({ evidence, not_found }: Occasion): Sure {
  return evidence ? "evident" : not_found ? "not_found" : "reported";
}

/** What bears out occasions with evidence: how many an inspector or a photo, how many two people who reported; null: that
 * cannot be told of each, or is not loaded. */
export function proof(proven: Occasion[], incidents: Incidents): { seen: number; people: number } | null {
  const told = { seen: 0, people: 0 };
  for (const { incident_ids } of proven) {
    const people = incident_ids.map((id) => incidents.get(id)?.properties.reporters ?? NaN);
    if (people.some((n) => n >= 2)) told.people += 1;
    // One person, or nobody known, proves nothing: somebody else saw it. Two incidents of one each may be of two people.
    else if (people.reduce((sum, n) => sum + n, 0) <= 1) told.seen += 1;
    else return null;
  }
  return told;
}

/** How many there are in each weather, from the storm to what is not known; weathers without any are left out. */
export function byWeather(occasions: Occasion[]): [Weather, number][] {
  const all = (["storm", "small_rain", "none", "unknown"] as const).map((of): [Weather, number] => [of, occasions.filter(({ weather }) => weather === of).length]);
  return all.filter(([, n]) => n > 0);
}

/** How far one position lies from another, and on which of eight sides, clockwise from the north. */
export function aside([lon, lat]: [number, number], [of_lon, of_lat]: [number, number]): { m: number; side: number } {
  const x = wrapped(lon - of_lon) * Math.cos((of_lat * Math.PI) / 180);
  const y = lat - of_lat;
  return { m: Math.hypot(x, y) * DEGREE_M, side: (Math.round(Math.atan2(x, y) / (Math.PI / 4)) + 8) % 8 };
}

function wrapped(lon: number): number {
  return lon > 180 ? lon - 360 : lon < -180 ? lon + 360 : lon;
}

/** Seconds that are observed; a hotspot's rate says it where there is one. */
export function observed_s(detail: HotspotDetail): number {
  const { occasions, occasions_per_year: rate, first_seen } = detail.properties;
  if (rate) return (occasions / rate) * 365.25 * 86_400;
  return (Date.parse(detail.as_of) - Date.parse(first_seen)) / 1000;
}

export function canonical(detail: { links?: { href: string; rel: string }[] }): string | undefined {
  return detail.links?.find((link) => link.rel === "canonical")?.href;
}

export function newestFirst(occasions: Occasion[]): Occasion[] {
  return [...occasions].reverse();
}
