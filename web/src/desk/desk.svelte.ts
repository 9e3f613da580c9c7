// The state of the desk: the queue, how it is kept up to date, and the steps that are taken from it.

import { Failure, address } from "../lib/api";
import { listen } from "../lib/live";
import type { Changes } from "../lib/types";
import { en } from "../words/en_desk";
import { zh } from "../words/zh_desk";
import { ENDED, byTheClock, withChanged } from "./order";
import { ring } from "./ring.svelte";
import { Thumbnails } from "./thumbnails";
import { Tongue } from "./tongue.svelte";
import type { Case, Queue, Refusal, Service, Standing, Step, StepRule, StepTaken } from "./types";
import { type Who, choose, headers, logOut, recognise } from "./who";

/** Changes that come within this are taken together. */
const GATHER_MS = 100;
/** Should anything have been missed. */
const RELOAD_MS = 300_000;
/** An opinion is on no layer: after a change of none the queue is loaded whole, this often at most. */
const UNNAMED_MS = 1_000;
const TICK_MS = 5_000;
/** Figures of the whole city are asked for this often at most. */
const FIGURES_MS = 3_000;
/** As many as the service takes by name. */
const MOST_IDS = 100;
const LONGEST_WAIT_MS = 60_000;
const LONGEST_PHOTO_WAIT_MS = 180_000;

export const tongue = new Tongue({ en, zh });

/** Somebody else was faster, or the step was refused. */
export interface Told {
  id: string;
  /** What the other has done; null: the words of the service say it all. */
  by: StepTaken | null;
  words: string;
}

class Desk {
  who = $state.raw<Who | null>(null);
  /** How one comes in: by logging in, or at his word. */
  door = $state<"asking" | "word" | "login" | "unreachable">("asking");
  /** His session has ended under him: what he has begun waits until he is back. */
  out = $state(false);
  /** By the clock. */
  rows = $state.raw<Case[]>([]);
  rules = $state.raw<StepRule[]>([]);
  phase = $state<"loading" | "ready" | "failed">("loading");
  failure = $state.raw<Failure | null>(null);
  lostSince = $state<number | null>(null);
  figures = $state.raw<Service | null>(null);
  /** With those that were closed today. */
  ended = $state(false);
  chosen = $state<string | null>(null);
  opened = $state(false);
  /** The step whose form is open. */
  form = $state<Step | null>(null);
  told = $state.raw<Told | null>(null);
  busy = $state(false);
  /** Grows with every change: what stands beside the queue is loaded anew. */
  epoch = $state(0);
  now = $state(Date.now());

  readonly thumbnails = new Thumbnails((url) => this.picture(url));
  #aheadMs = 0;
  #changed = new Set<string>();
  #gathering: ReturnType<typeof setTimeout> | undefined;
  #unnamed: ReturnType<typeof setTimeout> | undefined;
  #carried: ReturnType<typeof setTimeout> | undefined;
  #counted = 0;
  #counting: ReturnType<typeof setTimeout> | undefined;
  #whole = 0;
  #turn: Promise<void> = Promise.resolve();

  readonly one = $derived(this.rows.find(({ id }) => id === this.chosen) ?? null);

  start(): void {
    void this.arrive();
    listen({
      change: (changes) => this.#take(changes),
      stands: () => this.who && void this.load(),
      connected: () => this.#connected(),
      lost: () => (this.lostSince ??= Date.now()),
    });
    setInterval(() => this.#tick(), TICK_MS);
    setInterval(() => this.who && void this.load(), RELOAD_MS);
  }

  /** Finds out who is here already. */
  async arrive(): Promise<void> {
    this.door = "asking";
    try {
      const { who, trusts } = await recognise();
      this.door = trusts ? "word" : "login";
      if (who) this.enter(who);
    } catch {
      this.door = "unreachable";
    }
  }

  /** Somebody is here, or nobody any more. Whoever comes back finds what he left. */
  enter(who: Who | null): void {
    const back = this.out && who !== null && who.name === this.who?.name && who.role === this.who.role;
    this.out = false;
    choose(who);
    this.who = who;
    if (back) return void this.load();
    this.thumbnails.clear();
    this.rows = [];
    this.chosen = this.form = this.told = null;
    this.phase = "loading";
    if (who) void this.load(true);
  }

  async leave(): Promise<void> {
    const { who } = this;
    if (who?.csrf) await logOut(who);
    this.enter(null);
  }

  /** Loads the whole queue. `quiet`: whatever is there was there before. */
  load(quiet = this.phase !== "ready"): Promise<void> {
    const mine = (this.#whole += 1);
    return this.#inTurn(() => this.#all(mine, quiet));
  }

  /** Asks for cases when all that was asked for before is answered: an earlier answer that came later would undo it. */
  #inTurn(ask: () => Promise<void>): Promise<void> {
    return (this.#turn = this.#turn.then(ask));
  }

  async #all(mine: number, quiet: boolean): Promise<void> {
    const { who } = this;
    // A later one does.
    if (!who || mine !== this.#whole) return;
    try {
      const rows = new Map<string, Case>();
      for (let after: string | undefined, more = true; more; ) {
        const query = { ended_since: this.ended ? this.midnight() : undefined, after };
        const queue = (await this.ask(address("/api/v1/queue", query))) as Queue;
        if (mine !== this.#whole || who !== this.who) return;
        this.#stand(queue);
        this.rules = queue.workflow;
        this.#expect(queue);
        // What has moved on between two pages is in both.
        for (const row of queue.rows) rows.set(row.id, row);
        after = queue.next ?? undefined;
        more = after !== undefined;
      }
      if (quiet) ring.know([...rows.keys()]);
      this.#show([...rows.values()].sort(byTheClock));
      this.failure = null;
      this.phase = "ready";
    } catch (cause) {
      if (mine === this.#whole) this.#fail(cause);
    }
    this.count();
  }

  /** When this day began, for the reader, by the clock of the service. */
  midnight(): string {
    const day = new Date(this.now);
    day.setHours(0, 0, 0, 0);
    return day.toISOString();
  }

  /** Asks in the name of whoever works here. */
  async ask(url: string, init: RequestInit = {}, waitMs = LONGEST_WAIT_MS): Promise<unknown> {
    const answer = await this.#fetch(url, init, waitMs);
    const body: unknown = await answer.json().catch(() => null);
    if (answer.ok) return body;
    if (answer.status === 401 && this.who) this.out = true;
    throw new Refused(answer.status, body as Refusal | null);
  }

  /** A picture, at an address within this page; whoever asks lets go of it. */
  async picture(url: string): Promise<string> {
    const answer = await this.#fetch(url);
    if (!answer.ok) throw new Refused(answer.status, null);
    return URL.createObjectURL(await answer.blob());
  }

  async #fetch(url: string, init: RequestInit = {}, waitMs = LONGEST_WAIT_MS): Promise<Response> {
    if (!this.who) throw new Failure(403, tongue.words.who.title);
    try {
      const signal = AbortSignal.timeout(waitMs);
      return await fetch(url, { ...init, signal, headers: { ...headers(this.who), ...init.headers } });
    } catch (cause) {
      throw new Failure(0, String(cause));
    }
  }

  /** Takes a step on a case as it is known here. */
  async take(of: Case, step: Step, fields: Record<string, unknown> = {}): Promise<boolean> {
    this.busy = true;
    this.told = null;
    try {
      const standing = (await this.ask(`/api/v1/incidents/${of.id}/transitions`, {
        method: "POST",
        headers: { "content-type": "application/json", "if-match": `"${of.version}"`, "idempotency-key": crypto.randomUUID?.() ?? `${of.id}-${of.version}-${step}-${Math.random()}` },
        body: JSON.stringify({ step, ...fields }),
      })) as Standing;
      this.form = null;
      this.#update(of.id, standing);
      return true;
    } catch (cause) {
      this.#refused(of, cause);
      return false;
    } finally {
      this.busy = false;
      this.#later([of.id]);
    }
  }

  /** Revokes the link by which the reporter of a report of a case follows it. */
  revoke(of: Case, report: string): Promise<boolean> {
    return this.#tell(of, `/api/v1/reports/${encodeURIComponent(report)}/follow`, { method: "DELETE" });
  }

  /** Shows the photos of a step to the reporters of its case, or no longer. */
  showPhotos(of: Case, seq: number, shown: boolean): Promise<boolean> {
    const init = { method: "PUT", headers: { "content-type": "application/json" }, body: JSON.stringify({ shown }) };
    return this.#tell(of, `/api/v1/incidents/${of.id}/transitions/${seq}/photos`, init);
  }

  /** Sends a photo for a step; gives its id. */
  async sendPhoto(photo: Blob): Promise<string> {
    const headers = { "content-type": photo.type || "application/octet-stream" };
    const kept = await this.ask("/api/v1/photos", { method: "POST", headers, body: photo }, LONGEST_PHOTO_WAIT_MS);
    return (kept as { id: string }).id;
  }

  /** Asks for what changes nothing of a case's state; what was refused is told beside the case. */
  async #tell(of: Case, url: string, init: RequestInit): Promise<boolean> {
    this.busy = true;
    this.told = null;
    try {
      await this.ask(url, init);
      return true;
    } catch (cause) {
      this.#refused(of, cause);
      return false;
    } finally {
      this.busy = false;
    }
  }

  choose(id: string | null): void {
    if (id === this.chosen) return;
    this.chosen = id;
    this.form = null;
    this.told = null;
    // What has ended stays for as long as somebody looks at it.
    if (!this.ended) this.rows = this.rows.filter((row) => !ENDED.has(row.state) || row.id === id);
    if (id) ring.seen(id);
  }

  move(by: number): void {
    const at = this.rows.findIndex(({ id }) => id === this.chosen);
    const next = this.rows[Math.min(this.rows.length - 1, Math.max(0, at < 0 ? 0 : at + by))];
    if (next) this.choose(next.id);
  }

  /** Asks for the figures, not too often. */
  count(): void {
    if (this.#counting) return;
    const wait = Math.max(0, this.#counted + FIGURES_MS - Date.now());
    this.#counting = setTimeout(() => {
      this.#counting = undefined;
      this.#counted = Date.now();
      const url = address("/api/v1/analysis/service", { by: "none", since: this.midnight() });
      void this.ask(url).then((figures) => (this.figures = figures as Service), () => undefined);
    }, wait);
  }

  #take(changes: Changes): void {
    this.lostSince = null;
    const incidents = changes.changed.find(({ layer }) => layer === "incidents");
    if (!this.who) return;
    if (changes.changed.length === 0) this.#unnamed ??= setTimeout(() => this.#reload(), UNNAMED_MS);
    if (!incidents) return;
    if (incidents.ids === null || incidents.ids.length > MOST_IDS) void this.load();
    else this.#later(incidents.ids);
  }

  #reload(): void {
    this.#unnamed = undefined;
    void this.load();
  }

  #later(ids: string[]): void {
    for (const id of ids) this.#changed.add(id);
    this.#gathering ??= setTimeout(() => void this.#inTurn(() => this.#some()), GATHER_MS);
  }

  async #some(): Promise<void> {
    this.#gathering = undefined;
    const ids = [...this.#changed];
    this.#changed.clear();
    if (!this.who || ids.length === 0) return;
    if (ids.length > MOST_IDS) return void this.load();
    try {
      const queue = (await this.ask(address("/api/v1/queue", { ids: ids.join(",") }))) as Queue;
      this.#stand(queue);
      this.#put(new Set(ids), queue.rows.filter((row) => this.ended || !ENDED.has(row.state) || row.id === this.chosen));
      this.epoch += 1;
    } catch {
      this.lostSince ??= Date.now();
    }
    this.count();
  }

  #show(rows: Case[]): void {
    ring.hear(rows.filter(({ state }) => !ENDED.has(state)).map(({ id }) => id));
    const known = new Map(this.rows.map((row) => [row.id, row]));
    this.rows = rows.map((row) => later(row, known.get(row.id)));
  }

  /** Puts those of some cases that are told anew where they belong; the others are gone. */
  #put(ids: ReadonlySet<string>, told: Case[]): void {
    ring.hear(told.filter(({ state }) => !ENDED.has(state)).map(({ id }) => id));
    const known = new Map(this.rows.filter(({ id }) => ids.has(id)).map((row) => [row.id, row]));
    this.rows = withChanged(this.rows, ids, told.map((row) => later(row, known.get(row.id))));
  }

  #update(id: string, standing: Standing): void {
    const known = (row: Case) => (row.id === id ? { ...row, state: standing.state, version: standing.version } : row);
    this.rows = this.rows.map(known);
  }

  #refused(of: Case, cause: unknown): void {
    const refused = cause instanceof Refused ? cause : null;
    const stands = refused?.body;
    if (stands?.state && stands.version && (refused?.status === 409 || refused?.status === 412)) {
      this.#update(of.id, stands as Standing);
      this.form = null;
      this.told = { id: of.id, by: stands.last_step ?? null, words: refused.message };
      return;
    }
    const words = this.out ? tongue.words.who.ended : refused ? refused.message : tongue.words.sheet.offline;
    this.told = { id: of.id, by: null, words };
  }

  #stand(queue: Queue): void {
    this.lostSince = null;
    this.#aheadMs = Date.parse(queue.now) - Date.now();
    this.#tick();
  }

  /** What is late at another unit comes into this queue by the clock: nothing happens then that one could hear of. */
  #expect({ now, carried_next_at: next }: Queue): void {
    clearTimeout(this.#carried);
    const wait = next === null ? RELOAD_MS : Date.parse(next) - Date.parse(now);
    // Later than that it is asked for again anyway.
    if (wait < RELOAD_MS) this.#carried = setTimeout(() => void this.load(), Math.max(wait, UNNAMED_MS));
  }

  #tick(): void {
    this.now = Date.now() + this.#aheadMs;
  }

  #connected(): void {
    if (this.lostSince === null) return;
    this.lostSince = null;
    void this.load(false);
  }

  #fail(cause: unknown): void {
    if (this.out) return;
    this.failure = cause instanceof Failure ? cause : new Failure(0, String(cause));
    // What was shown stays, and a line says how old it is.
    if (this.phase === "ready" && this.failure.status !== 403) this.lostSince ??= Date.now();
    else this.phase = "failed";
  }
}

/** A step that was not taken, with how the case stands. */
class Refused extends Failure {
  constructor(
    status: number,
    readonly body: Refusal | null,
  ) {
    super(status, body?.detail ?? String(status), body?.field);
  }
}

/** Of two tellings of a case the later: an answer that was on its way while a step was taken knows nothing of that step. */
function later(told: Case, known: Case | undefined): Case {
  const taken = ({ version }: Case) => Number(version.slice(1));
  return known && taken(known) > taken(told) ? known : told;
}

/** Its place; where none is near, its position. */
export function called(place: string | null, coordinates: readonly [number, number] | undefined): string {
  return place ?? (coordinates ? `${coordinates[1].toFixed(4)}, ${coordinates[0].toFixed(4)}` : "–");
}

export const desk = new Desk();
