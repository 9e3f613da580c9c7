// Which rain floods a spot, in the plainest sentence that what is known allows.

import type { KnownStorm, TriggerAnswer } from "./answers";
import { contradicted } from "./occasions";
import type { HotspotDetail } from "./types";
import { FLOODS } from "./view";
import { speech } from "./words.svelte";
import { sheetWords } from "../words/sheets";

/** The answer first, and what it rests on. */
export interface PlainRain {
  answer: string;
  rests_on: string;
}

/** The smallest storm reported to flood it in which no inspector contradicts that. */
export function leastUncontradicted({ occasions_list }: HotspotDetail, known: KnownStorm[]): KnownStorm | null {
  const stands = new Set(occasions_list.filter((one) => !contradicted(one)).flatMap(({ storm_ids }) => storm_ids));
  return known.filter(({ storm, flooded }) => flooded && stands.has(storm)).sort((a, b) => a.depth_mm - b.depth_mm)[0] ?? null;
}

export function plainRain(hotspot: HotspotDetail, { trigger, known, least_evident: evident, least_reported: told }: TriggerAnswer): PlainRain {
  const { gauge, properties: p, in_storms: { flooded, flooded_not_found: nothing, dry, unknown } } = hotspot;
  const own = sheetWords().plain_rain;
  const floods = p.category === FLOODS;
  const { gap } = speech.words.sheet;
  const mm = (n: number) => speech.number(n, 1);
  if (gauge === null || p.occasions_unknown === p.occasions) return { answer: own.no_rain, rests_on: "" };
  const all = flooded + dry + unknown;
  if (flooded === 0) return { answer: own.no_storm(floods, all), rests_on: dry > 0 ? own.seen_dry(floods, dry) : "" };
  const proof = evident ? own.proof(mm(evident.depth_mm), mm(evident.peak_1h_mm_h)) : own.no_proof;
  if (dry + unknown === 0) return { answer: own.every(floods, all), rests_on: proof };
  // Who came to a report and found nothing may have come too late: of no storm that says that it left the spot dry.
  if (dry === 0) {
    const open = evident ?? leastUncontradicted(hotspot, known);
    const least = open ?? told;
    const rests_on = [own.unknown(floods, all), own.reported(floods, flooded, all, nothing)];
    if (!least) return { answer: rests_on[0]!, rests_on: rests_on[1]! };
    return { answer: own.least(floods, evident ? "evident" : open ? "reported" : "not_found", mm(least.depth_mm), mm(least.peak_1h_mm_h)), rests_on: rests_on.join(gap) };
  }
  const peaks = (of: boolean) => known.filter((storm) => storm.flooded === of).map(({ peak_1h_mm_h }) => peak_1h_mm_h);
  const [least, most_dry] = [Math.min(...peaks(true)), Math.max(...peaks(false))];
  const seen = own.seen(floods, flooded, flooded + dry, all);
  // Where the weakest that flooded is stronger than every other, it says more than a curve.
  if (least > most_dry && Number.isFinite(least) && Number.isFinite(most_dry)) return { answer: own.apart(floods, mm(least), mm(most_dry)), rests_on: [seen, proof].join(gap) };
  const never = Number.isFinite(least) ? own.never(floods, mm(least)) : "";
  const { even_odds_mm_h: at, even_odds_low_mm_h: low, even_odds_high_mm_h: high } = trigger ?? {};
  if (at == null || low == null || high == null) return { answer: own.too_few(floods), rests_on: [seen, never, proof].join(gap) };
  const half = (trigger?.even_odds_extrapolated ? own.beyond : own.half)(floods, mm(at), mm(low), mm(high));
  return { answer: half, rests_on: [never, proof].join(gap) };
}
