// What the service's analyses say of a hotspot. Names as on the wire.

import { address } from "./api";
import type { Hotspot, HotspotProperties, Trend } from "./types";
import { type Setting, type View, asked } from "./view";

const YEAR_S = 365.25 * 86_400;
/** Under these there is no trend. */
const SHORTEST_HISTORY_S = 365 * 86_400;
export const FEWEST_OCCASIONS = 5;
/** From the worst; those without a history last. */
const WORST_FIRST: Trend[] = ["new", "worsening", "steady", "improving", "dormant", "insufficient_history"];

/** What the rates of two times are compared by, and with what result. */
interface Compared {
  occasions_before: number;
  exposure: string | null;
  exposure_before: number | null;
  ratio: number | null;
  ratio_low: number | null;
  ratio_high: number | null;
  p: number | null;
  other_exposure: string | null;
  other_exposure_before: number | null;
  other_ratio: number | null;
  other_p: number | null;
}

export interface TrendTerms extends Compared {
  trend: Trend;
  reason: string | null;
  occasions_lately: number;
  exposure_lately: number | null;
  other_exposure_lately: number | null;
}

export interface RankTerms {
  rank: number | null;
  ties: number | null;
  rank_score: number | null;
  reason: string | null;
  occasions: number;
  years: number | null;
  alpha: number | null;
  beta: number | null;
  shrunk_per_year: number | null;
  shrunk_per_year_low: number | null;
  shrunk_per_year_high: number | null;
  severity: number;
  incidents: number;
  incidents_impassable: number;
  incidents_deep: number;
}

/** Storms by what was seen in them. */
export interface Share {
  flooded: number;
  flooded_not_found: number;
  dry: number;
  unknown: number;
  p: number | null;
  low: number | null;
  high: number | null;
  at_least: number | null;
  sentence_en: string;
  sentence_zh: string;
}

export interface CurvePoint {
  peak_1h_mm_h: number;
  p: number;
  low: number;
  high: number;
}

export interface KnownStorm {
  storm: string;
  peak_1h_mm_h: number;
  depth_mm: number;
  flooded: boolean;
}

/** A storm reported to flood it, and how sure that is. */
export interface FloodStorm {
  storm: string;
  peak_1h_mm_h: number;
  depth_mm: number;
  evidence: boolean;
  not_found: boolean;
}

export interface TriggerAnswer {
  hotspot_id: string;
  as_of: string;
  trigger: { at_depth_mm: number | null; even_odds_mm_h: number | null; even_odds_low_mm_h: number | null; even_odds_high_mm_h: number | null; even_odds_extrapolated: boolean } | null;
  trigger_en: string;
  trigger_zh: string;
  known: KnownStorm[];
  /** Those of them whose flood there is evidence of. */
  evident: string[];
  least_reported: FloodStorm | null;
  least_evident: FloodStorm | null;
  rows: CurvePoint[];
}

export interface OtherRule {
  setting: Setting | null;
  value: number | null;
  times: number | null;
  hotspot_id: string | null;
  occasions: number | null;
  rank: number | null;
  ties: number | null;
  hotspots: number;
}

export interface SensitivityAnswer {
  hotspot_id: string;
  rows: OtherRule[];
}

/** Before and after works at a hotspot. */
export interface WorksRow extends Compared {
  works_id: string;
  works_name: string | null;
  kind: string | null;
  /** Null where they reach none. */
  hotspot_id: string | null;
  name: string | null;
  start: string;
  end: string | null;
  verdict: "fewer" | "more" | "no_clear_change" | "not_judged";
  occasions_meanwhile: number;
  occasions_after: number;
  exposure_after: number | null;
  sentence_en: string;
  sentence_zh: string;
}

export interface WorksAnswer {
  as_of: string;
  position: number;
  rows: WorksRow[];
}

/** Where an analysis answers this view. */
export function analysis(name: string, query: Record<string, string>, view: View): string {
  return address(`/api/v1/analysis/${name}`, { ...query, ...asked(view) });
}

/** The same as a table. */
export function table(name: string, query: Record<string, string>, view: View): string {
  return analysis(name, { ...query, format: "csv" }, view);
}

/** Why a hotspot of the list has no trend; null: it has one. */
export function noTrend(p: HotspotProperties): "short" | "few" | "none" | null {
  if (p.trend !== "insufficient_history") return null;
  if (p.occasions_per_year === null || (p.occasions / p.occasions_per_year) * YEAR_S < SHORTEST_HISTORY_S) return "short";
  return p.occasions < FEWEST_OCCASIONS ? "few" : "none";
}

/** From 0, the worst. */
export function worst({ properties }: Hotspot): number {
  return WORST_FIRST.indexOf(properties.trend);
}
