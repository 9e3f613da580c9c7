// How many of the recurring hotspots chance alone would give: one answer for the list and the view of trends.

import { type Chance, analysis } from "./analysis";
import { Loaded } from "./loaded.svelte";
import { page } from "./page.svelte";

class ByChance {
  told = new Loaded<Chance>();
  /** Found and expected by chance, where both are known, and how many more than that were found, with its interval. */
  row = $derived.by(() => {
    const row = this.told.data?.rows[0];
    const { found, expected, expected_low: low, expected_high: high } = row ?? {};
    return found === undefined || expected == null || low == null || high == null ? null : { found, expected, more: [expected, high, low].map((by) => Math.max(0, found - by)) as [number, number, number] };
  });
  /** What they are the sum of, as the list counts them: confirmed and not; null where that is another sum. */
  sum = $derived.by(() => {
    const [confirmed, recurring] = (["confirmed", "recurring"] as const).map((of) => page.hotspots.filter(({ properties }) => properties.status === of).length) as [number, number];
    return confirmed > 0 && confirmed + recurring === this.row?.found ? `${confirmed} + ${recurring}` : null;
  });
  url = $derived(analysis("chance", page.view));
  #of = "";

  /** What was worked out for another view is none of this one's. */
  follow(): void {
    if (this.url !== this.#of) this.told.clear();
    this.#of = this.url;
  }

  ask(): void {
    void this.told.load(this.url);
  }
}

export const byChance = new ByChance();

/** Nothing is asked for before the page has been left alone for so long. */
const QUIET_MS = 1_500;
/** A browser may see no idle moment in a page that stands still. */
const LONGEST_MS = 1_000;

/** Calls once the page is in sight and idle; what is given back calls it off. */
export function whenIdle(then: () => void): () => void {
  let off = false;
  const idle = window.requestIdleCallback ?? ((call: () => void, _: object) => setTimeout(call));
  const call = () => {
    if (off) return;
    if (document.hidden) document.addEventListener("visibilitychange", call, { once: true });
    else then();
  };
  const waits = setTimeout(() => idle(call, { timeout: LONGEST_MS }), QUIET_MS);
  return () => {
    off = true;
    clearTimeout(waits);
  };
}
