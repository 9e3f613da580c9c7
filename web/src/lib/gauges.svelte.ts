// Where rain is measured, and what can be doubted of it.

import { address, all } from "./api";
import type { Feature } from "./types";
import { type View, asked } from "./view";
import { speech } from "./words.svelte";

const PATH = "/api/v1/gauges";
const MOST_GAUGES = 1_000;

/** No sign of a fault where inches were converted, as everywhere that gauges count hundredths of them: it is told when rain is loaded. */
const CONVERTED = "inches";

type Gauge = Feature<{ name: string | null; doubts: { code: string; text: string }[] }>;

class Gauges {
  #all = $state.raw<Gauge[]>([]);
  /** No rain is loaded; null: not known yet. */
  none = $state<boolean | null>(null);
  #asked = "";

  /** Once for each view: rain is loaded seldom. Without an answer nothing is doubted. */
  async load(view: View): Promise<void> {
    const url = address(PATH, asked(view));
    if (url === this.#asked) return;
    this.#asked = url;
    try {
      const { features } = await all<Gauge["properties"]>(PATH, asked(view), MOST_GAUGES);
      if (url !== this.#asked) return;
      this.none = features.length === 0;
      this.#all = features.map((gauge) => ({ ...gauge, properties: { ...gauge.properties, doubts: gauge.properties.doubts.filter(({ code }) => code !== CONVERTED) } }));
    } catch {
      if (url === this.#asked) this.#asked = "";
    }
  }

  /** What is to be doubted of the rain of a gauge, or of any, in a sentence, and as the service puts it; null: nothing. */
  doubt(gauge: string | null): { says: string; text: string | undefined } | null {
    const doubted = this.#all.filter(({ id, properties }) => properties.doubts.length > 0 && (gauge === null || id === gauge));
    const [first] = doubted;
    if (!first) return null;
    const { doubt, sheet } = speech.words;
    const { name, doubts } = first.properties;
    const why = [...new Set(doubts.map(({ code, text }) => doubt.why[code] ?? text))].join(sheet.and_so);
    const text = speech.language === "en" ? doubts.map(({ text }) => text).join("; ") : undefined;
    // The rain of the whole city has a place, but no name.
    return { says: doubt.says(first.geometry ? (name ?? first.id) : null, why, doubted.length - 1), text };
  }
}

export const gauges = new Gauges();
