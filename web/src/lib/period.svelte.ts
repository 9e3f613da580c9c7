// The time that the numbers count: the window, or as much of it as anything is known of.

import { categories } from "./categories.svelte";
import { page } from "./page.svelte";
import type { HotspotDetail } from "./types";
import { rfc3339 } from "./view";

const DAY_MS = 86_400_000;

interface Known {
  from: string;
  to: string;
  seconds: number;
  /** All of the window. */
  whole: boolean;
}

class Period {
  /** Null while nothing is known. */
  known = $derived.by((): Known | null => {
    if (!page.asOf) return null;
    const to = Date.parse(page.asOf);
    const start = to - (categories.rule(page.view.category)?.window ?? Infinity) * 1000;
    // The first day of the course is one of UTC: what was seen on it says it as the reader's day.
    const begun = page.course ? Date.parse(page.course.start) + DAY_MS : Infinity;
    const first = page.hotspots.reduce((first, { properties }) => Math.min(first, Date.parse(properties.first_seen)), begun);
    const from = Math.max(first, start);
    return Number.isFinite(from) && from <= to ? { from: rfc3339(from), to: page.asOf, seconds: (to - from) / 1000, whole: first < start + DAY_MS } : null;
  });

  /** The time that the numbers of a hotspot count: as much of its window as anything is known of. */
  of({ window }: HotspotDetail): { from: string; to: string; whole: boolean } {
    const from = this.known?.from;
    const later = from !== undefined && Date.parse(from) > Date.parse(window.start);
    return { from: later ? from : window.start, to: window.end, whole: !later };
  }
}

export const period = new Period();
