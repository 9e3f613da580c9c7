// What a print waits for, and what it had to do without.

import { speech } from "./words.svelte";

export type State = "waiting" | "there" | "failed";

/** A part of what is shown that is loaded by itself. */
interface Part {
  called: () => string;
  state: () => State;
}

/** What was not there when it was printed: still being loaded, or not to be had. */
export interface Without {
  late: string[];
  failed: string[];
}

/** Who prints waits no longer for what is still being loaded. */
const LONGEST_WAIT_MS = 20_000;
const LOOK_MS = 50;

/** Of a table of cells: so many are the strongest, and leave its answers room on the same sheets. */
export const MOST_CELLS = 31;

class Paper {
  #parts = new Set<Part>();
  #hurried = false;
  #cancelled = false;
  /** A print is being prepared, and waits for these; null: none is. */
  waitsFor = $state.raw<string[] | null>(null);

  /** Names a part that a print waits for; what is given back takes it out again. */
  needs(called: () => string, state: () => State): () => void {
    const part = { called, state };
    this.#parts.add(part);
    return () => void this.#parts.delete(part);
  }

  /** What is not there now. */
  without(): Without {
    // The largest first, in whichever order they came.
    const first = Object.values(speech.words.print.parts).reverse();
    const named = (of: State) => [...new Set([...this.#parts].filter(({ state }) => state() === of).map(({ called }) => called()))].sort((a, b) => first.indexOf(b) - first.indexOf(a));
    return { late: named("waiting"), failed: named("failed") };
  }

  /** Waits until all is there, but not for ever; false: it was called off meanwhile. */
  async ready(): Promise<boolean> {
    [this.#hurried, this.#cancelled] = [false, false];
    const end = performance.now() + LONGEST_WAIT_MS;
    for (;;) {
      const { late } = this.without();
      if (this.#cancelled || this.#hurried || late.length === 0 || performance.now() > end) return !this.#cancelled;
      if (late.join() !== this.waitsFor?.join()) this.waitsFor = late;
      await new Promise((again) => setTimeout(again, LOOK_MS));
    }
  }

  /** Prints what there is. */
  hurry(): void {
    this.#hurried = true;
  }

  cancel(): void {
    this.#cancelled = true;
  }
}

export const paper = new Paper();

/** Names in a row, as the language writes them. */
export function named(names: string[]): string {
  return new Intl.ListFormat(speech.locale, { type: "conjunction" }).format(names);
}
