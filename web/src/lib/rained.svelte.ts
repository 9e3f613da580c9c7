// The storms of the view, once the timeline has them, and whether any weather is known at all.

import type { Storm } from "./course";
import { page } from "./page.svelte";

class Rained {
  storms = $state.raw<Storm[]>([]);
  /** The course, where rain was measured at any time. */
  course = $derived(page.course?.rain_mm.some((mm) => mm !== null) ? page.course : null);
  /** Of no flood of any hotspot the weather is known: nothing can be told apart by it. */
  unknown = $derived(page.hotspots.length > 0 && page.hotspots.every(({ properties: p }) => p.occasions_unknown === p.occasions));
}

export const rained = new Rained();
