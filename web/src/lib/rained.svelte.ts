// The storms of the view, once the timeline has them.

import type { Storm } from "./course";
import { page } from "./page.svelte";

class Rained {
  storms = $state.raw<Storm[]>([]);
  /** The course, where rain was measured at any time. */
  course = $derived(page.course?.rain_mm.some((mm) => mm !== null) ? page.course : null);
}

export const rained = new Rained();
