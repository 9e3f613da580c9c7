// An answer of the service that stays while the next is on its way.

import { untrack } from "svelte";
import { Failure, get } from "./api";
import { epoch } from "./epoch.svelte";

export class Loaded<T> {
  data = $state.raw<T | null>(null);
  failure = $state<Failure | null>(null);
  waiting = $state(false);
  /** The epoch in which it was asked for. */
  asked = $state(0);
  #loading: AbortController | null = null;
  /** Of what the data is the answer. */
  #of = "";

  /** Asks; what was asked before and has not come is given up, and so is the work for it. */
  async load(url: string): Promise<void> {
    this.#loading?.abort();
    const mine = (this.#loading = new AbortController());
    this.waiting = true;
    this.asked = untrack(() => epoch.now);
    try {
      this.data = await get<T>(url, mine.signal);
      this.#of = url;
      this.failure = null;
    } catch (cause) {
      if (mine.signal.aborted) return;
      // What answers the same is better than nothing.
      if (this.#of !== url) this.data = null;
      this.failure = cause instanceof Failure ? cause : new Failure(0, String(cause));
    }
    this.waiting = false;
  }

  /** Nothing is wanted any more. */
  leave(): void {
    this.#loading?.abort();
    this.waiting = false;
  }

  clear(): void {
    this.leave();
    this.data = null;
    this.failure = null;
  }
}
