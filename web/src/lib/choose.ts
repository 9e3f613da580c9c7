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

/** How many were in rain, a storm or less. */
export function inRain({ occasions_storm, occasions_small_rain }: HotspotProperties): number {
  return occasions_storm + occasions_small_rain;
}

/** Of as many in rain, first those with fewer when it was dry, then the better proven. */
function rainiest({ properties: a }: Hotspot, { properties: b }: Hotspot): number {
  return inRain(b) - inRain(a) || a.occasions_dry_weather - b.occasions_dry_weather || b.occasions_evidence - a.occasions_evidence;
}

/** How many of those reported stand: inspectors went to the others and found nothing. */
export function stands({ occasions, occasions_not_found }: HotspotProperties): number {
  return occasions - occasions_not_found;
}

/** Of so many, one in dry weather is still "seldom". */
const SELDOM = 10;

/** A spot with most of something, and which others have as many. */
export interface Most {
  spot: Hotspot;
  like: Hotspot[];
}

/** What stands above the list: the spot with most in the weather asked for, and that of those confirmed. Without a weather it
 * is rain, of which only what stands counts, and one that floods in dry weather, too, has another cause: then only those go in
 * that seldom do (`seldom`), if there are any. `sure`: null where the first is itself confirmed, or none is. */
export function headline(some: Hotspot[], filter: WeatherFilter): { seldom: boolean; first: Most; sure: Most | null } | null {
  const weather = weatherOf(filter);
  const count = ({ properties: p }: Hotspot) => (weather ? p[COUNTED[weather]] : Math.min(stands(p), inRain(p)));
  const evidence = ({ properties: p }: Hotspot) => p.occasions_evidence;
  const most = (of: Hotspot[]): Most | null => {
    const [spot, ...others] = ordered(of, weather ? COUNTED[weather] : "stands", true).sort((a, b) => count(b) - count(a));
    return spot && count(spot) > 0 ? { spot, like: others.filter((other) => count(other) === count(spot) && evidence(other) === evidence(spot)) } : null;
  };
  const rainy = weather ? [] : some.filter((spot) => count(spot) > 0 && SELDOM * spot.properties.occasions_dry_weather <= spot.properties.occasions);
  const first = most(rainy.length > 0 ? rainy : some);
  if (!first) return null;
  const sure = first.spot.properties.status === "confirmed" ? null : (most(ofStatus(rainy, ["confirmed"])) ?? most(ofStatus(some, ["confirmed"])));
  return { seldom: rainy.length > 0, first, sure };
}

/** The weather that a filter picks out; null: it picks none, or leaves one out. */
function weatherOf(filter: WeatherFilter): InWeather | null {
  if (filter === "any") return null;
  const { share, weather } = ofFilter(filter);
  return share === "never" ? null : weather;
}

/** What the list is sorted by under a filter of the weather as long as nobody wants another order. */
export function usualSort(filter: WeatherFilter): Sort {
  const weather = weatherOf(filter);
  return weather ? COUNTED[weather] : "stands";
}

/** Sorted by what was asked for, then by occasions, of these the surer first, then by id, so that two browsers show one
 * order. */
export function ordered(some: Hotspot[], sort: Sort, descending: boolean): Hotspot[] {
  const sign = descending ? -1 : 1;
  const collator = new Intl.Collator(undefined, { numeric: true });
  const by: (a: Hotspot, b: Hotspot) => number =
    sort === "name"
      ? (a, b) => collator.compare(a.properties.name ?? "\uffff", b.properties.name ?? "\uffff")
      : sort === "last_flooded"
        ? (a, b) => compare(a.properties.last_flooded, b.properties.last_flooded)
        : sort === "rank"
          ? (a, b) => (a.properties.rank ?? Infinity) - (b.properties.rank ?? Infinity) || 0
          : sort === "trend"
            ? (a, b) => worst(a) - worst(b)
            : sort === "occasions_rain"
              ? (a, b) => -rainiest(a, b)
              : sort === "stands"
                ? ({ properties: a }, { properties: b }) => stands(a) - stands(b) || a.occasions_evidence - b.occasions_evidence
                : (a, b) => a.properties[sort] - b.properties[sort];
  const most = (a: Hotspot, b: Hotspot) => b.properties.occasions - a.properties.occasions;
  const inAll = (a: Hotspot, b: Hotspot) => (b.all?.occasions ?? 0) - (a.all?.occasions ?? 0);
  const surer = ({ properties: a }: Hotspot, { properties: b }: Hotspot) => STATUSES.indexOf(a.status) - STATUSES.indexOf(b.status) || b.occasions_evidence - a.occasions_evidence;
  return [...some].sort((a, b) => sign * by(a, b) || most(a, b) || inAll(a, b) || surer(a, b) || compare(a.id, b.id));
}

/** The number of each in its order: what is equal in it shares one, and the next goes on as if it had not. */
export function numbered(some: Hotspot[], sort: Sort): number[] {
  if (sort === "name" || sort === "last_flooded" || sort === "trend") return some.map((_, at) => at + 1);
  const of = ({ properties: p }: Hotspot) => (sort === "occasions_rain" ? inRain(p) : sort === "stands" ? stands(p) : p[sort]);
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

/** Of the occasions of known weather, the share in storms; null where no weather is known. */
export function stormShare({ properties: p }: Hotspot): number | null {
  const known = p.occasions - p.occasions_unknown;
  return known > 0 ? p.occasions_storm / known : null;
}
