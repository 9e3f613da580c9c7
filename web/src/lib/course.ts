// Rain and occasions over time.

import { Failure, address, all, get } from "./api";
import type { Course, Feature, StormProperties } from "./types";
import { type View, asked, rfc3339 } from "./view";

const MOST_STORMS = 20_000;
const MOST_STATIONS = 1_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** A crossing drains for so long after a storm. */
export const DRAIN_MS = 12 * HOUR_MS;

export type Storm = Feature<StormProperties>;

export type Station = Feature<{ name: string | null; datum: string | null }>;

/** Where the level of a river or of the tide is measured; most cities have none. */
export async function stations(view: View, signal: AbortSignal): Promise<Station[]> {
  return (await all<Station["properties"]>("/api/v1/levels", asked(view), MOST_STATIONS, signal)).features;
}

/** With the water levels of a station, if one is named. Null where the service has no such thing. */
export async function course(view: View, station: string | undefined, signal: AbortSignal): Promise<Course | null> {
  const query = { category: view.category, step: "day", level: station, ...asked(view) };
  try {
    return await get<Course>(address("/api/v1/timeline", query), signal);
  } catch (cause) {
    if (cause instanceof Failure && cause.status === 404) return null;
    throw cause;
  }
}

export async function storms(view: View, signal: AbortSignal): Promise<Storm[]> {
  return (await all<StormProperties>("/api/v1/storms", asked(view), MOST_STORMS, signal)).features;
}

/** What storms alone tell: their rain on the day they began, the incidents in them, and the hotspots they hit. */
export function courseOf(some: Storm[], asOf: string): Course | null {
  const [first] = some;
  if (!first) return null;
  const start = Math.floor(Date.parse(first.properties.start) / DAY_MS) * DAY_MS;
  const days = Math.max(1, Math.ceil((Date.parse(asOf) - start) / DAY_MS));
  const rain_mm = new Array<number | null>(days).fill(0);
  const [incidents, occasions] = [new Array<number>(days).fill(0), new Array<number>(days).fill(0)];
  for (const { properties } of some) {
    const day = Math.floor((Date.parse(properties.start) - start) / DAY_MS);
    if (day >= days) continue;
    rain_mm[day] = (rain_mm[day] ?? 0) + properties.depth_mm;
    incidents[day] = (incidents[day] ?? 0) + properties.incidents;
    occasions[day] = (occasions[day] ?? 0) + properties.hotspots;
  }
  return { as_of: asOf, position: 0, step_s: DAY_MS / 1000, start: rfc3339(start), rain_mm, incidents, occasions };
}

/** A stretch of time to show, unix milliseconds, and the storm it is of. */
export interface Step {
  from: number;
  to: number;
  storm?: Storm;
}

/** The time in which what is reported counts for a storm. */
export function stormTime({ start, end }: { start: string; end: string }): { from: number; to: number } {
  return { from: Date.parse(start) - HOUR_MS, to: Date.parse(end) + DRAIN_MS };
}

/** One for each storm, in order of time. What several gauges measured at one time is one step, of the deepest of them. */
export function stormSteps(some: Storm[]): Step[] {
  const steps: { from: number; to: number; storm: Storm }[] = [];
  for (const storm of some) {
    const [start, end] = [Date.parse(storm.properties.start), Date.parse(storm.properties.end)];
    const last = steps.at(-1);
    if (last && start < last.to - DRAIN_MS) {
      last.to = Math.max(last.to, end + DRAIN_MS);
      if (storm.properties.depth_mm > last.storm.properties.depth_mm) last.storm = storm;
    } else {
      steps.push({ from: start - HOUR_MS, to: end + DRAIN_MS, storm });
    }
  }
  return steps;
}

/** Whole months of the reader's calendar that meet the time from `start` to `end`. */
export function monthSteps(start: number, end: number): Step[] {
  const steps: Step[] = [];
  const first = new Date(start);
  for (let month = first.getMonth(); ; month += 1) {
    const from = new Date(first.getFullYear(), month, 1).getTime();
    if (from >= end) return steps;
    steps.push({ from, to: new Date(first.getFullYear(), month + 1, 1).getTime() - 1000 });
  }
}
