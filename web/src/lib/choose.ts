// Which hotspots are shown, and in what order.

import { worst } from "./answers";
import type { Hotspot, HotspotOccasions, HotspotProperties, Status } from "./types";
import { type InWeather, STATUSES, type Sort, type View, type WeatherFilter, ofFilter } from "./view";

type Counted = "occasions_storm" | "occasions_small_rain" | "occasions_dry_weather";

const COUNTED: Record<InWeather, Counted> = { storm: "occasions_storm", small_rain: "occasions_small_rain", dry: "occasions_dry_weather" };

/** As the service takes `weather`: where the weather of one is unknown, neither only nor never can be said. */
function inWeather({ properties: p }: Hotspot, filter: WeatherFilter): boolean {
  if (filter === "any") return true;
  const { share, weather } = ofFilter(filter);
  const n = p[COUNTED[weather]];
  if (share === "mostly") return 2 * n > p.occasions;
  if (share === "only") return n === p.occasions;
  return share === "never" ? n === 0 && p.occasions_unknown === 0 : n > 0;
}

/** Those that flooded in the time chosen, with the floods of that time; what they count in all stands beside it. */
export function inTime(all: Hotspot[], within: Map<string, HotspotOccasions> | null): Hotspot[] {
  if (!within) return all;
  return all.flatMap((hotspot) => {
    const counted = within.get(hotspot.id);
    if (!counted) return [];
    const { hotspot_id: _, start, end, ...counts } = counted;
    return [{ ...hotspot, properties: { ...hotspot.properties, ...counts, first_seen: start, last_flooded: end }, all: hotspot.properties }];
  });
}

/** At half of its occasions or more inspectors found nothing. */
function doubtful({ properties: p }: Hotspot): boolean {
  return p.occasions_not_found > 0 && 2 * p.occasions_not_found >= p.occasions;
}

/** Hotspots of the weather and the doubt chosen, of whatever status. */
export function chosen(all: Hotspot[], view: View): Hotspot[] {
  return all.filter((hotspot) => inWeather(hotspot, view.weather) && (!view.doubtful || doubtful(hotspot)));
}

export function ofStatus(some: Hotspot[], statuses: Status[]): Hotspot[] {
  return some.filter((hotspot) => statuses.includes(hotspot.properties.status));
}

/** Those at which inspectors did not find nothing, or there is evidence all the same: what is counted on this page. */
export function stands({ occasions_evidence, occasions_unchecked }: HotspotProperties): number {
  return occasions_evidence + occasions_unchecked;
}

/** How many of these were in a weather. */
export function standing(p: HotspotProperties, counted: Counted | "occasions_unknown"): number {
  return p[counted] - p[`${counted}_contradicted`];
}

/** How many were in rain, a storm or less. */
export function inRain(p: HotspotProperties): number {
  return standing(p, "occasions_storm") + standing(p, "occasions_small_rain");
}

/** A spot with most of something, and which others have as many. */
export interface Most {
  spot: Hotspot;
  like: Hotspot[];
}

/** What stands above the list: the first in its usual order, with what it has most of, and the first of those confirmed.
 * `sure`: null where the first is itself confirmed, or none is. */
export function headline(some: Hotspot[], usual: Sort): { by: Sort; first: Most; sure: Most | null } | null {
  const of = (by: Sort, some: Hotspot[]): Most | null => {
    const count = counted(by);
    const [spot, ...others] = ordered(some, by, true);
    return spot && count(spot) > 0 ? { spot, like: others.filter((other) => count(other) === count(spot) && !surer(spot, other)) } : null;
  };
  // Of spots without any in rain those that flood most.
  const by = of(usual, some) ? usual : "stands";
  const first = of(by, some);
  return first && { by, first, sure: first.spot.properties.status === "confirmed" ? null : of(by, ofStatus(some, ["confirmed"])) };
}

/** What the list is sorted by as long as nobody wants another order: the weather that a filter picks out, else rain, where
 * there is any to tell of. */
export function usualSort(filter: WeatherFilter, rainy: boolean): Sort {
  const picked = filter === "any" ? null : ofFilter(filter);
  if (picked && picked.share !== "never") return COUNTED[picked.weather];
  return rainy ? "occasions_rain" : "stands";
}

/** What an order counts of each; 0 where it counts nothing. */
function counted(sort: Sort): (of: Hotspot) => number {
  return ({ properties: p }) => {
    switch (sort) {
      case "occasions_rain":
        return inRain(p);
      case "stands":
        return stands(p);
      case "rank":
        return p.rank ?? Infinity;
      case "name":
      case "trend":
      case "last_flooded":
        return 0;
      case "occasions":
      case "occasions_not_found":
        return p[sort];
    }
    return standing(p, sort);
  };
}

/** Of as many the better proven first, and of these the one with fewer when it was dry. */
function surer({ properties: a }: Hotspot, { properties: b }: Hotspot): number {
  return STATUSES.indexOf(a.status) - STATUSES.indexOf(b.status) || b.occasions_evidence - a.occasions_evidence || standing(a, "occasions_dry_weather") - standing(b, "occasions_dry_weather");
}

/** Sorted by what was asked for, of as many the better proven first, then by what stands and what is reported, then by id, so
 * that two browsers show one order. */
export function ordered(some: Hotspot[], sort: Sort, descending: boolean): Hotspot[] {
  const sign = descending ? -1 : 1;
  const collator = new Intl.Collator(undefined, { numeric: true });
  const count = counted(sort);
  const by: (a: Hotspot, b: Hotspot) => number =
    sort === "name"
      ? (a, b) => collator.compare(a.properties.name ?? "\uffff", b.properties.name ?? "\uffff")
      : sort === "last_flooded"
        ? (a, b) => compare(a.properties.last_flooded, b.properties.last_flooded)
        : sort === "trend"
          ? (a, b) => worst(a) - worst(b)
          : (a, b) => count(a) - count(b) || 0;
  const most = ({ properties: a }: Hotspot, { properties: b }: Hotspot) => stands(b) - stands(a) || b.occasions - a.occasions;
  const inAll = (a: Hotspot, b: Hotspot) => (b.all?.occasions ?? 0) - (a.all?.occasions ?? 0);
  return [...some].sort((a, b) => sign * by(a, b) || surer(a, b) || most(a, b) || inAll(a, b) || compare(a.id, b.id));
}

/** The number of each in its order: what is equal in it shares one, and the next goes on as if it had not. */
export function numbered(some: Hotspot[], sort: Sort): number[] {
  if (sort === "name" || sort === "last_flooded" || sort === "trend") return some.map((_, at) => at + 1);
  const of = counted(sort);
  const numbers: number[] = [];
  some.forEach((one, at) => {
    const before = some[at - 1];
    numbers.push(before && of(before) === of(one) ? numbers[at - 1]! : at + 1);
  });
  return numbers;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

export function byStatus(some: Hotspot[]): Record<Status, number> {
  const counts = { confirmed: 0, recurring: 0, candidate: 0 };
  for (const hotspot of some) counts[hotspot.properties.status] += 1;
  return counts;
}

/** Of what stands in known weather, the share in storms; null where no weather is known. */
export function stormShare({ properties: p }: Hotspot): number | null {
  const known = stands(p) - standing(p, "occasions_unknown");
  return known > 0 ? standing(p, "occasions_storm") / known : null;
}
