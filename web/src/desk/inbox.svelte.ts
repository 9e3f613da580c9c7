// What was sent and is no report yet. There is no event of it: it is asked for, often while somebody looks.

import { Failure, address } from "../lib/api";
import type { Passability, Understood } from "../report/types";
import { desk, tongue } from "./desk.svelte";
import type { Reason } from "./types";
import type { Who } from "./who";

const ASK_MS = 15_000;

export type Missing = "category" | "position" | "one_position" | "still_there" | "sense";

/** One entry. Names as on the wire. */
export interface Entry {
  id: string;
  received_at: string;
  kind: "message" | "report";
  held: boolean;
  text: string | null;
  sender: string | null;
  origin: string | null;
  report: {
    category: string | null;
    lon: number | null;
    lat: number | null;
    observed_at: string | null;
    place: string | null;
    depth_cm: number | null;
    passability: Passability | null;
    dry: boolean | null;
  };
  photos: string[];
  missing: Missing[];
  /** Which of its matters, from 1, stands here: the first of which there is no report yet. */
  matter: number;
  understood: Understood | null;
  /** A name in it that no place has here, and that may be remembered. */
  nameable: string | null;
}

interface Page {
  open: number;
  held: number;
  rows: Entry[];
  next: string | null;
}

/** Within a line of others: marks of direction in it turn nothing beyond it (UAX #9, FSI and PDI). */
export const isolated = (text: string): string => `\u2068${text}\u2069`;

/** Who looks at the inbox. */
export const mayLook = (who: Who | null): boolean => who?.role === "grid_worker" || who?.role === "administrator";

class Inbox {
  rows = $state.raw<Entry[]>([]);
  open = $state(0);
  heldCount = $state(0);
  /** Those of senders who send too much, instead of the others. */
  held = $state(false);
  phase = $state<"loading" | "ready" | "failed">("loading");
  chosen = $state<string | null>(null);
  /** Why the last decision was refused, or what became of it. */
  told = $state<string | null>(null);
  busy = $state(false);
  /** There are more than are shown. */
  more = $state(false);
  #asked = 0;

  readonly one = $derived(this.rows.find(({ id }) => id === this.chosen) ?? null);

  /** Asks again and again until it is stopped. */
  watch(): () => void {
    void this.load();
    const again = setInterval(() => void this.load(), ASK_MS);
    return () => clearInterval(again);
  }

  async load(): Promise<void> {
    if (!mayLook(desk.who)) return;
    const mine = (this.#asked += 1);
    try {
      const page = (await desk.ask(address("/api/v1/inbox", { held: this.held ? "true" : undefined }))) as Page;
      // What was asked for earlier may come later, and knows less.
      if (mine !== this.#asked) return;
      [this.open, this.heldCount, this.rows, this.more] = [page.open, page.held, page.rows, page.next !== null];
      this.phase = "ready";
    } catch {
      if (mine === this.#asked && this.phase !== "ready") this.phase = "failed";
    }
  }

  show(held: boolean): void {
    if (this.held === held) return;
    [this.held, this.rows, this.chosen, this.told, this.phase] = [held, [], null, null, "loading"];
    void this.load();
  }

  move(by: number): void {
    const at = this.rows.findIndex(({ id }) => id === this.chosen);
    const next = this.rows[Math.min(this.rows.length - 1, Math.max(0, at < 0 ? 0 : at + by))];
    if (next) [this.chosen, this.told] = [next.id, null];
  }

  /** Makes a report of an entry, with what was added by hand. */
  report(of: Entry, fields: Record<string, unknown>): Promise<void> {
    return this.#decide(of, "report", { ...fields, matter: of.matter }, tongue.words.inbox.made);
  }

  dismiss(of: Entry, reason: Reason, note: string): Promise<void> {
    return this.#decide(of, "dismiss", { reason, note: note.trim() || undefined }, tongue.words.inbox.dismissed);
  }

  async #decide(of: Entry, what: string, fields: Record<string, unknown>, done: string): Promise<void> {
    this.busy = true;
    this.told = null;
    try {
      const init = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(fields) };
      const answer = (await desk.ask(`/api/v1/inbox/${encodeURIComponent(of.id)}/${what}`, init)) as { open?: number } | null;
      this.told = done;
      // Of a message with several matters some may still wait for an answer.
      if (answer?.open) return;
      // The next one is at hand.
      const at = this.rows.findIndex(({ id }) => id === of.id);
      this.rows = this.rows.filter(({ id }) => id !== of.id);
      this.chosen = this.rows[Math.min(at, this.rows.length - 1)]?.id ?? null;
    } catch (cause) {
      this.told = cause instanceof Failure && cause.status !== 0 ? cause.message : tongue.words.sheet.offline;
    } finally {
      this.busy = false;
      void this.load();
    }
  }
}

export const inbox = new Inbox();
