// What the occasions of a hotspot and their incidents say: it comes with the sheets.

import { DEGREE_M, wrapped } from "./detail";
import type { Feature, HotspotDetail, IncidentProperties, Occasion, Weather } from "./types";

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

/** Did inspectors go to it and find nothing, against no evidence? */
export function contradicted(one: Occasion): boolean {
  return sureOf(one) === "not_found";
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
