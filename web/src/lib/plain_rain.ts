// Which rain floods a spot, in the plainest sentence that what is known allows.

import type { KnownStorm, TriggerAnswer } from "./answers";
import type { Storm } from "./course";
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

/** The smallest storm whose report stands: no inspector went and found nothing, or there is evidence all the same. */
export function leastThatStands({ occasions_list }: HotspotDetail, known: KnownStorm[]): KnownStorm | null {
  const stands = new Set(occasions_list.filter((one) => !contradicted(one)).flatMap(({ storm_ids }) => storm_ids));
  return known.filter(({ storm, flooded }) => flooded && stands.has(storm)).sort((a, b) => a.depth_mm - b.depth_mm)[0] ?? null;
}

/** How many storms of at least that rain passed at a hotspot without any report; null: not all its storms are at hand. */
function unreported({ gauge, window, occasions_list, in_storms }: HotspotDetail, known: KnownStorm[], depth_mm: number, storms: Storm[]): number | null {
  const own = storms.filter(({ properties: p }) => p.gauge === gauge && Date.parse(p.start) >= Date.parse(window.start));
  if (own.length !== in_storms.flooded + in_storms.dry + in_storms.unknown) return null;
  const seen = new Set([...known.map(({ storm }) => storm), ...occasions_list.flatMap(({ storm_ids }) => storm_ids)]);
  return own.filter(({ id, properties: p }) => p.depth_mm >= depth_mm && !seen.has(id)).length;
}

export function plainRain(hotspot: HotspotDetail, { trigger, known, evident: proven, least_evident: evident, least_reported: told }: TriggerAnswer, storms: Storm[]): PlainRain {
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
  /** No threshold, but the smallest storm that says anything, and what became of all of them: it adds up. Who came to a report
   * and found nothing may have come too late: of no storm that says that it left the spot dry. */
  const smallest = (why: string): PlainRain => {
    const stands = leastThatStands(hotspot, known);
    const least = stands ?? told;
    const sum = own.sum(floods, all, flooded - nothing, nothing, dry, unknown, hotspot.occasions_list.filter((one) => one.weather === "storm" && !contradicted(one)).length);
    if (!least) return { answer: why, rests_on: sum };
    if (!stands) return { answer: own.contradicted(floods, mm(least.depth_mm)), rests_on: [why, sum].join(gap) };
    // The smallest storm is then but the least rain that is called one.
    const less = hotspot.occasions_list.filter((one) => one.weather === "small_rain" && !contradicted(one));
    const { storm_depth } = hotspot.parameters;
    if (less.length > 0) return { answer: own.less(floods, less.length, storm_depth === undefined ? null : speech.setting("storm_depth", storm_depth), less.some(({ evidence }) => evidence)), rests_on: [why, sum].join(gap) };
    return {
      answer: own.least(floods, mm(least.depth_mm), unreported(hotspot, known, least.depth_mm, storms)),
      rests_on: [own.basis(proven.includes(stands.storm), mm(least.peak_1h_mm_h)), why, sum].join(gap),
    };
  };
  if (dry === 0) return smallest(own.unknown);
  const peaks = (of: boolean) => known.filter((storm) => storm.flooded === of).map(({ peak_1h_mm_h }) => peak_1h_mm_h);
  const [least, most_dry] = [Math.min(...peaks(true)), Math.max(...peaks(false))];
  const seen = own.seen(floods, flooded, flooded + dry, all);
  // Where the weakest that flooded is stronger than every other, it says more than a curve.
  if (least > most_dry && Number.isFinite(least) && Number.isFinite(most_dry)) return { answer: own.apart(floods, mm(least), mm(most_dry)), rests_on: [seen, proof].join(gap) };
  const never = Number.isFinite(least) ? own.never(floods, mm(least)) : "";
  const { even_odds_mm_h: at, even_odds_low_mm_h: low, even_odds_high_mm_h: high } = trigger ?? {};
  if (at == null || low == null || high == null) return smallest(own.too_few(floods));
  const half = (trigger?.even_odds_extrapolated ? own.beyond : own.half)(floods, mm(at), mm(low), mm(high));
  return { answer: half, rests_on: [never, proof].join(gap) };
}
