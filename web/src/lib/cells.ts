// What a cell of the map says: its class, its colour, and a mark for eyes that see no colour.

import type { Cell, CoverageProperties, RiskProperties, SignificanceProperties, SilenceProperties } from "./analysis";
import { ramp } from "./colours";
import { ring, within } from "./ring";
import type { Hotspot } from "./types";
import type { CellKind, Language } from "./view";
import type { ViewWords } from "../words/views";

export type Class = keyof ViewWords["cells"]["classes"];
export type Any = Cell<SignificanceProperties> | Cell<RiskProperties> | Cell<CoverageProperties>;

/** An interval no wider than this about 1 says that there is no great difference. */
const LIKE = { low: 0.5, high: 2 };
const MUCH = 4;
/** Reports from which the next colour begins. */
export const AMOUNTS = [1, 2, 5, 10, 25, 100];

export const CLASSES: Record<Exclude<CellKind, "coverage">, Class[]> = {
  significance: ["hot", "not_significant", "cold", "no_basis"],
  risk: ["much_more", "more", "as_expected", "fewer", "too_few", "no_basis"],
};
export const MARKS: Record<Class, string> = { hot: "+", not_significant: "", cold: "−", no_basis: "", much_more: "++", more: "+", as_expected: "=", fewer: "−", too_few: "" };
/** Of these, nothing is claimed: they are drawn faintly. */
export const FAINT: readonly Class[] = ["not_significant", "no_basis", "too_few"];

/** A diverging pair that colour-blind people tell apart (ColorBrewer PuOr), stronger against light or dark ground. */
export function colour(of: Class, dark: boolean): string {
  const [much, more, like, less, faint] = dark ? ["#fdb863", "#c97a22", "#76828e", "#a99bd6", "#4a5560"] : ["#a34a00", "#e08b2e", "#9aa3ab", "#54278f", "#b9c1c8"];
  const colours: Record<Class, string> = { hot: much!, much_more: much!, more: more!, as_expected: like!, cold: less!, fewer: less!, not_significant: faint!, too_few: faint!, no_basis: faint! };
  return colours[of];
}

export function amountColour(step: number, dark: boolean): string {
  const stops = ramp(dark);
  return stops[Math.round((step / (AMOUNTS.length - 1)) * (stops.length - 1))]![1];
}

export function amountStep(reports: number): number {
  return AMOUNTS.findLastIndex((from) => reports >= from);
}

export function significance({ properties: p }: Cell<SignificanceProperties>): Class {
  return p.class ?? "no_basis";
}

export function risk({ properties: p }: Cell<RiskProperties>): Class {
  const { relative_risk: ratio, relative_risk_low: low, relative_risk_high: high } = p;
  if (ratio === null || low === null || high === null) return "no_basis";
  if (low > 1) return ratio >= MUCH ? "much_more" : "more";
  if (high < 1) return "fewer";
  return low >= LIKE.low && high <= LIKE.high ? "as_expected" : "too_few";
}

/** A cell as the map draws it and the table says it. */
export interface Shown {
  id: string;
  geometry: Any["geometry"];
  /** Null where the cell tells an amount. */
  class: Class | null;
  colour: string;
  faint: boolean;
  mark: string;
  cell: Any;
}

/** A cell with fewer reports than around it: its number in the list and on the map, and which outline holds it. */
export type Silent = Cell<SilenceProperties> & { number: number; area: string | null };

/** All cells, those that say most first. */
export function shown(kind: CellKind, cells: Any[], dark: boolean): Shown[] {
  if (kind === "coverage") {
    const all = (cells as Cell<CoverageProperties>[]).map((cell): Shown => {
      const { reports } = cell.properties;
      return { id: cell.id, geometry: cell.geometry, class: null, colour: amountColour(amountStep(reports), dark), faint: false, mark: String(reports), cell };
    });
    return all.sort((a, b) => b.cell.properties.reports - a.cell.properties.reports);
  }
  const order: Class[] = ["hot", "much_more", "more", "cold", "fewer", "as_expected", "not_significant", "too_few", "no_basis"];
  const all = cells.map((cell): Shown => {
    const of = kind === "significance" ? significance(cell as Cell<SignificanceProperties>) : risk(cell as Cell<RiskProperties>);
    return { id: cell.id, geometry: cell.geometry, class: of, colour: colour(of, dark), faint: FAINT.includes(of), mark: MARKS[of], cell };
  });
  return all.sort((a, b) => order.indexOf(a.class!) - order.indexOf(b.class!) || strength(b.cell) - strength(a.cell));
}

/** How far from what is usual. */
function strength({ properties: p }: Any): number {
  if ("z" in p) return Math.abs(p.z ?? 0);
  if ("relative_risk" in p) return p.relative_risk !== null && p.relative_risk > 1 ? p.relative_risk : (p.expected ?? 0);
  return p.reports;
}

export function count(all: Shown[], ...classes: Class[]): number {
  return all.filter((one) => one.class !== null && classes.includes(one.class)).length;
}

/** The middle of the outer ring. */
export function middle(geometry: Any["geometry"]): [number, number] {
  const corners = ring(geometry).slice(1);
  const mean = (i: number) => corners.reduce((sum, corner) => sum + (corner[i] ?? 0), 0) / Math.max(1, corners.length);
  return [mean(0), mean(1)];
}

const EARTH_M = 6_371_008.8;

/** From one side of a cell to the other, in metres: √3 times what lies between its middle and its corners, as in a
 * regular hexagon. */
export function across_m(geometry: Any["geometry"]): number {
  const [lon, lat] = middle(geometry);
  const wide = Math.cos((lat * Math.PI) / 180);
  const corners = ring(geometry).slice(1);
  const degrees = corners.map(([x = 0, y = 0]) => Math.hypot((x - lon) * wide, y - lat));
  return Math.sqrt(3) * EARTH_M * (Math.PI / 180) * (degrees.reduce((sum, one) => sum + one, 0) / Math.max(1, corners.length));
}

/** The name of the hotspot in a cell that comes first in the list; null where none lies in it. */
export function placeIn(geometry: Any["geometry"], hotspots: Hotspot[]): string | null {
  const corners = ring(geometry);
  const [west, south, east, north] = corners.reduce<number[]>(([w, s, e, n], [x = 0, y = 0]) => [Math.min(w!, x), Math.min(s!, y), Math.max(e!, x), Math.max(n!, y)], [180, 90, -180, -90]);
  const found = hotspots.find(({ geometry: at }) => {
    if (!at) return false;
    const [x, y] = at.coordinates;
    return x >= west! && x <= east! && y >= south! && y <= north! && within(x, y, corners);
  });
  return found?.properties.name ?? null;
}

/** What an answer lacks, in the reader's language as far as it is known there. */
export function missing(lacks: string[], words: ViewWords, language: Language): string[] {
  return lacks.map((text) => {
    // What the service advises is no choice that this page has.
    const cells = /^reports come from ([\d.]+) cells/.exec(text)?.[1];
    if (cells) return words.cells.few_cells(cells);
    if (language === "en") return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`.replace(/\b1 (incident|occasion|report)s (of \w+ count)?/g, (_, one, counts) => `1 ${one} ${counts ? `${counts}s` : ""}`);
    if (text.startsWith("no cell has")) return words.silence.alone;
    if (text.includes("reports come from around a cell")) return words.silence.too_few;
    const few = /^([\d.]+) occasions in all/.exec(text)?.[1];
    const rough = /^([\d.]+) occasions are expected/.exec(text)?.[1];
    return few ? words.cells.few(few) : rough ? words.cells.rough(rough) : words.answer.from_service + text;
  });
}
