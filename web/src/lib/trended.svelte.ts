// Whether any hotspot has a trend: a column without one would be read in every row.

import { noTrend } from "./answers";
import { page } from "./page.svelte";

class Trended {
  any = $derived(page.hotspots.some(({ properties }) => noTrend(properties) === null));
  /** None has, because nothing was observed for a year. */
  all_short = $derived(page.hotspots.every(({ properties }) => noTrend(properties) === "short"));
}

export const trended = new Trended();
