// Colours that code needs, as light or dark as the page is.

import { UNKNOWN, ramp } from "./colours";
import { page } from "./page.svelte";

const system = matchMedia("(prefers-color-scheme: dark)");

class Paint {
  #system = $state(system.matches);
  /** Never on paper. */
  dark = $derived(!page.printing && (page.view.theme === "auto" ? this.#system : page.view.theme === "dark"));

  constructor() {
    system.addEventListener("change", () => (this.#system = system.matches));
  }
}

export const paint = new Paint();

/** The colour of a share in storms, as the map mixes it. */
export function colourOf(share: number | null, dark: boolean): string {
  if (share === null) return UNKNOWN;
  const stops = ramp(dark);
  const above = Math.max(1, stops.findIndex(([at]) => at >= share));
  const [[from, a], [to, b]] = [stops[above - 1]!, stops[above]!];
  const t = (share - from) / (to - from);
  const mixed = [1, 3, 5].map((i) => Math.round(hex(a, i) * (1 - t) + hex(b, i) * t));
  return `rgb(${mixed.join(" ")})`;
}

function hex(colour: string, at: number): number {
  return parseInt(colour.slice(at, at + 2), 16);
}
