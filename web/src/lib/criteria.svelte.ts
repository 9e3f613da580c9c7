// Whose criterion: official definitions of a flooding spot, and what each hotspot is by the one chosen.

import { analysis } from "./answers";
import { get } from "./api";
import { page } from "./page.svelte";

export type Verdict = "meets" | "fails" | "cannot_be_judged";

export const VERDICTS: readonly Verdict[] = ["meets", "fails", "cannot_be_judged"];
/** Told apart without colour. */
export const SIGN: Record<Verdict, string> = { meets: "✓", fails: "×", cannot_be_judged: "?" };

const MOST_REASONS = 3;

export interface Criterion {
  id: string;
  en: string;
  zh: string;
  source: string;
  firmness: string;
  /** Nothing is judged by it until a city confirms it. */
  disabled: boolean;
  note: string | null;
  note_zh: string | null;
  occasions: number;
  within_years: number | null;
}

export interface Judgement {
  hotspot_id: string;
  verdict: Verdict;
  on: string[];
  occasions: number;
  meeting: number;
  possible: number;
  with_depth: number;
}

interface Answer {
  criterion: Criterion;
  meet: number;
  fail: number;
  cannot_be_judged: number;
  rows: Judgement[];
}

class Criteria {
  known = $state.raw<Criterion[]>([]);
  #answer = $state.raw<Answer | null>(null);
  /** Of the one chosen; null while none is, or it is not judged yet. */
  answer = $derived(this.#answer?.criterion.id === page.view.criterion ? this.#answer : null);
  by = $derived(new Map(this.answer?.rows.map((row) => [row.hotspot_id, row])));
  /** How many are of each verdict, and on what the most of these failed, or what they lack; the first few. */
  counts = $derived(
    VERDICTS.map((verdict) => {
      const rows = this.answer?.rows.filter((row) => row.verdict === verdict) ?? [];
      const times = new Map<string, number>();
      for (const what of rows.flatMap(({ on }) => on)) times.set(what, (times.get(what) ?? 0) + 1);
      const on = [...times].sort((a, b) => b[1] - a[1]).slice(0, MOST_REASONS).map(([what]) => what);
      return { verdict, n: rows.length, on };
    }),
  );
  failed = $state(false);

  async load(): Promise<void> {
    if (this.known.length > 0) return;
    try {
      this.known = await get<Criterion[]>("/api/v1/criteria");
    } catch {
      // Without them the list is still a list; asked again with the next change.
    }
  }

  /** Judges by the one chosen. One that nobody knows, or that is not in force, is explained and left. */
  async judge(signal: AbortSignal): Promise<void> {
    const { criterion: id, category } = page.view;
    if (id === null) {
      this.#answer = null;
      return;
    }
    await this.load();
    if (this.known.length > 0 && !this.known.some((known) => known.id === id && !known.disabled)) {
      page.notices.push({ kind: "misread", misread: { name: "criterion", value: id, instead: "default" } });
      page.change({ criterion: null });
      return;
    }
    try {
      const answer = await get<Answer>(analysis("criteria", { criterion: id, category }, page.view), signal);
      if (signal.aborted) return;
      this.#answer = answer;
      this.failed = false;
    } catch {
      if (!signal.aborted) this.failed = true;
    }
  }
}

export const criteria = new Criteria();
