// The queue by the clock, as the service has it: what has passed first, then what passes next, then what no clock runs for,
// and at last what has ended.

import type { Case } from "./types";

export const ENDED = new Set(["resolved", "verified", "dismissed"]);

/** Times are read once for each telling of a case: a queue of thousands is looked through with every change. */
const read = new WeakMap<Case, number>();

/** When its next limit passes, in milliseconds; Infinity: no clock runs. */
export function dueMs(row: Case): number {
  let due = read.get(row);
  if (due === undefined) {
    due = row.deadline === null ? Infinity : Date.parse(row.deadline);
    read.set(row, due);
  }
  return due;
}

export const isLate = (row: Case, nowMs: number): boolean => !ENDED.has(row.state) && dueMs(row) < nowMs;

export function byTheClock(a: Case, b: Case): number {
  const [x, y] = [ENDED.has(a.state), ENDED.has(b.state)];
  if (x !== y) return x ? 1 : -1;
  const [due, other] = [dueMs(a), dueMs(b)];
  return due === other ? Number(a.id.slice(1)) - Number(b.id.slice(1)) : due - other;
}

/** A queue with some of its cases told anew, or gone: those are put where they belong, the others keep their order. */
export function withChanged(queue: readonly Case[], gone: ReadonlySet<string>, told: Case[]): Case[] {
  const [kept, fresh] = [queue.filter(({ id }) => !gone.has(id)), told.toSorted(byTheClock)];
  const rows: Case[] = [];
  let at = 0;
  for (const row of fresh) {
    while (at < kept.length && byTheClock(kept[at]!, row) < 0) rows.push(kept[at++]!);
    rows.push(row);
  }
  return rows.concat(kept.slice(at));
}
