// What the service works out beyond counts, as far as these pages read it. Names as on the wire.

import type { Share, TrendTerms } from "./answers";
import { type Query, address } from "./api";
import type { Status, Trend } from "./types";
import { type View, asked } from "./view";

interface Answer {
  as_of: string;
  position: number;
}

/** F flooded by what was reported, N the same but not found by staff, D dry, U unknown. */
export type Letter = "F" | "N" | "D" | "U";

export interface StormFigures {
  id: string;
  gauge: string;
  start: string;
  end: string;
  depth_mm: number;
  peak_1h_mm_h: number | null;
  reports: number;
  flooded: number;
  dry: number;
  unknown: number;
}

export interface HotspotInStorms extends Share {
  hotspot_id: string;
  name: string | null;
  status: Status;
  /** Its storms begin here in `storms`. */
  first_storm: number;
  /** A letter for each of its storms. */
  cells: string;
  /** E for each of them whose flood there is evidence of. */
  evidence: string;
}

export interface Storms extends Answer {
  storms: StormFigures[];
  missing: { en: string; zh: string }[];
  number_matched: number;
  rows: HotspotInStorms[];
}

export interface Cell<P> {
  type: "Feature";
  id: string;
  geometry: GeoJSON.Polygon | GeoJSON.MultiPolygon;
  properties: P;
}

export interface Cells<P> extends Answer {
  features: Cell<P>[];
  /** Why there is no answer, or only a rough one; English. */
  missing?: string[];
  resolution?: number;
  occasions?: number;
  /** Cells declared. */
  hot?: number;
  cold?: number;
}

export interface SignificanceProperties {
  occasions: number;
  reports: number;
  z: number | null;
  q: number | null;
  class: "hot" | "cold" | "not_significant" | null;
}

export interface RiskProperties {
  occasions: number;
  reports: number;
  expected: number | null;
  relative_risk: number | null;
  relative_risk_low: number | null;
  relative_risk_high: number | null;
}

export interface CoverageProperties {
  reports: number;
  dry_reports: number;
  reporters: number;
  last_observed_at: string;
}

/** A cell from which less came than from around it. */
export interface SilenceProperties {
  near: string | null;
  near_m: number | null;
  /** Where its middle lies seen from there. */
  near_direction: "N" | "NE" | "E" | "SE" | "S" | "SW" | "W" | "NW" | null;
  lon: number;
  lat: number;
  reports: number;
  /** The mean of its neighbours. */
  expected: number;
  /** The share of it that is land; null where no outlines are known. */
  land: number | null;
  occasions_around: number;
}

export interface Silence extends Cells<SilenceProperties> {
  /** How many would be silent by chance. */
  by_chance: number;
}

export interface Chance extends Answer {
  relocations: number;
  seed: number | null;
  missing: string[];
  rows: { found: number; expected: number | null; expected_low: number | null; expected_high: number | null; p: number | null; sites: number }[];
}

export const TRENDS: Trend[] = ["new", "worsening", "improving", "dormant", "steady", "insufficient_history"];

export interface Trends extends Answer {
  cut: string | null;
  rows: (TrendTerms & { hotspot_id: string; name: string | null })[];
}

/** Rows of the matrix on one page. */
const MOST_ROWS = 10_000;

/** Where the answer for a view is found; `csv`: as a table. */
export function analysis(name: "storms" | "significance" | "risk" | "chance" | "trend", view: View, csv = false): string {
  const query: Query = { category: view.category, ...asked(view) };
  if (name === "storms") query.limit = MOST_ROWS;
  if (csv) query.format = "csv";
  return address(`/api/v1/analysis/${name}`, query);
}

const inTime = ({ from, to }: View) => (from && to ? `${from}/${to}` : undefined);

/** Reports of every kind by cell, in the time chosen if one is; `csv`: as a table. */
export function coverage(view: View, csv = false): string {
  return address(`/layers/coverage.${csv ? "csv" : "geojson"}`, { datetime: inTime(view), ...asked(view) });
}

/** Cells from which less came than from around them, in the time chosen if one is; `csv`: as a table. */
export function silence(view: View, csv = false): string {
  return address("/api/v1/analysis/silence", { category: view.category, datetime: inTime(view), ...asked(view), format: csv ? "csv" : undefined });
}
