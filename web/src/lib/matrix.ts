// The storm × hotspot matrix: order of its storms and hotspots, and which part of it is looked at.

import type { HotspotInStorms, Letter, StormFigures, Storms } from "./analysis";
import { stormTime } from "./course";
import { type RowSort, rfc3339 } from "./view";
import type { ViewWords } from "../words/views";

/** A column of what is known of a hotspot in all storms; `kind`: how wide it is. */
export interface Figure {
  sort: Exclude<RowSort, "name">;
  title: string;
  kind: "n" | "p" | "of_all";
  means?: string;
}

/** Where nobody saw any spot dry, two columns would say so in every row: a line above says it once. */
export function figures({ rows }: Storms, words: ViewWords["storms"]): Figure[] {
  const all: Figure[] = [
    { sort: "flooded", title: words.n_flooded, kind: "n", means: words.both_flooded },
    { sort: "dry", title: words.n_dry, kind: "n" },
    { sort: "unknown", title: words.n_unknown, kind: "n" },
    { sort: "p", title: words.p, kind: "p", means: words.p_means },
    { sort: "at_least", title: words.of_all, kind: "of_all", means: words.of_all_means },
  ];
  const seenDry = rows.some(({ dry }) => dry > 0);
  return all.filter(({ sort }) => seenDry || (sort !== "dry" && sort !== "p"));
}

/** A storm, and where it stands in the answer. */
export interface Column {
  storm: StormFigures;
  at: number;
}

/** The storms in order of time, of whatever gauge. */
export function columns({ storms }: Storms): Column[] {
  const all = storms.map((storm, at) => ({ storm, at }));
  return all.sort((a, b) => Date.parse(a.storm.start) - Date.parse(b.storm.start) || a.at - b.at);
}

/** Storms in a row in which nothing flooded, in one column; open, they follow it. */
export interface Fold {
  /** Its first storm. */
  id: string;
  storms: StormFigures[];
  open: boolean;
}

/** From so many on they are folded: of fewer, the column would tell less in as much room. */
const FEWEST_FOLDED = 2;

/** The columns with runs of storms folded in which nothing flooded, but for those opened. */
export function folded(all: Column[], opened: ReadonlySet<string>): (Column | Fold)[] {
  const shown: (Column | Fold)[] = [];
  for (let from = 0; from < all.length; ) {
    let to = from;
    while (to < all.length && all[to]!.storm.flooded === 0) to += 1;
    const run = all.slice(from, to);
    if (run.length >= FEWEST_FOLDED) {
      const id = run[0]!.storm.id;
      shown.push({ id, storms: run.map(({ storm }) => storm), open: opened.has(id) });
      if (opened.has(id)) shown.push(...run);
    } else shown.push(...run);
    if (to < all.length) shown.push(all[to]!);
    from = to + 1;
  }
  return shown;
}

/** What a cell shows: with evidence it flooded, whatever letter it has. */
export type Mark = Letter | "E";

const markAt = ({ cells, evidence }: HotspotInStorms, i: number) => (evidence[i] === "E" ? "E" : (cells[i] as Mark | undefined)) ?? null;

/** What is known of a hotspot in a storm; null: another gauge's rain counts there. */
export function mark(row: HotspotInStorms, column: Column): Mark | null {
  return markAt(row, column.at - row.first_storm);
}

/** Where the map shows a storm. */
export function atStorm(storm: StormFigures): { page: "map"; from: string; to: string } {
  const time = stormTime(storm);
  return { page: "map", from: rfc3339(time.from), to: rfc3339(time.to) };
}

/** By what was asked for; hotspots without that figure come last, and of like ones those with more occasions first. */
export function ordered(rows: HotspotInStorms[], sort: RowSort, descending: boolean): HotspotInStorms[] {
  const sign = descending ? -1 : 1;
  if (sort === "name") {
    const collator = new Intl.Collator(undefined, { numeric: true });
    return [...rows].sort((a, b) => sign * collator.compare(a.name ?? "\uffff", b.name ?? "\uffff"));
  }
  return [...rows].sort((a, b) => {
    const [x, y] = [a[sort], b[sort]];
    if (x === null || y === null) return Number(x === null) - Number(y === null);
    return sign * (x - y);
  });
}

/** From and to, the second excluded, of the things of one size that are in sight, and some beside them: in steps of so
 * many, so that not every scroll draws anew. */
export function inSight(scrolledPx: number, lengthPx: number, eachPx: number, n: number, step: number): [number, number] {
  const first = Math.floor(scrolledPx / eachPx / step) * step;
  const last = Math.ceil((scrolledPx + lengthPx) / eachPx / step) * step;
  return [Math.max(0, Math.min(n, first - step)), Math.min(n, last + step)];
}

/** All cells by what they show. */
export function sums(rows: HotspotInStorms[]): Record<Mark, number> {
  const sums = { E: 0, F: 0, N: 0, D: 0, U: 0 };
  for (const row of rows) for (let i = 0; i < row.cells.length; i += 1) sums[markAt(row, i)!] += 1;
  return sums;
}
