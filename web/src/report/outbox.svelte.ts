// What waits to be sent: kept in the phone before anything else, sent when there is a network, and never twice.

import { posted, ranked } from "./position";
import { forget, keep, kept, renew } from "./store";
import type { Candidate, Entry } from "./types";
import * as wire from "./wire";

const FIRST_WAIT_MS = 2_000;
const LONGEST_WAIT_MS = 300_000;
/** What was sent stays in sight so long. */
const KEPT_SENT_MS = 7 * 86_400_000;
/** Who asks and the clock of the service are asked for again after so long. */
const DOOR_MS = 600_000;
/** Clocks that differ by less are the same. */
const SAME_CLOCK_MS = 60_000;
/** Photos that the service does not know are sent again so often. */
const MOST_RESENT = 2;
const LOCK = "waterlog-report";
const LOCKED_MS = 500;

/** How one stands after a try. */
interface Tried {
  entry: Entry;
  /** Nor would the others get there now. */
  holdsUp: boolean;
}

class Outbox {
  entries = $state.raw<Entry[]>([]);
  busy = $state(false);
  online = $state(navigator.onLine);
  /** The browser keeps nothing: what waits is lost with the page. */
  volatile = $state(false);
  readonly waiting = $derived(this.entries.filter(({ sent_ms }) => sent_ms === null));
  /** One of them needs an answer. */
  readonly asking = $derived(this.waiting.some(({ asks }) => asks));
  readonly sent = $derived(this.entries.filter(({ sent_ms }) => sent_ms !== null).reverse());

  #door: (wire.Door & { atMs: number }) | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Nothing waits for its time any longer. */
  #hurried = false;
  /** Taken back here: what is still on its way from the disk is not among them. */
  #dropped = new Set<string>();
  /** In this page alone, for the disk took them not. */
  #loose = new Set<string>();
  /** The disk could not be read. */
  #blind = false;
  /** The photos that are being sent, and of which. */
  #upload: { key: string; stop: AbortController } | null = null;

  async start(): Promise<void> {
    window.addEventListener("online", () => {
      this.online = true;
      void this.hurry();
    });
    window.addEventListener("offline", () => (this.online = false));
    document.addEventListener("visibilitychange", () => document.hidden || void this.flush());
    await this.#read();
    void this.hurry();
  }

  /** Takes a report; it is kept when this is done, and sent as soon as it can be. */
  async add(entry: Entry): Promise<void> {
    const known = () => this.entries.some(({ key }) => key === entry.key);
    if (known()) return;
    // In sight once it is kept: then the page may be closed.
    await this.#store(entry.key, () => keep(entry));
    if (known()) return;
    this.entries = [...this.entries, entry];
    void navigator.storage?.persist?.();
    void this.flush();
  }

  /** Takes one back, or clears it away. */
  async drop(key: string): Promise<void> {
    this.#dropped.add(key);
    this.#loose.delete(key);
    this.entries = this.entries.filter((entry) => entry.key !== key);
    if (this.#upload?.key === key) this.#upload.stop.abort();
    this.#judge();
    await forget(key).catch(() => {});
  }

  /** What was asked is answered: on it goes. */
  async answer(entry: Entry, change: Partial<Entry>): Promise<void> {
    await this.#keep({ ...entry, asks: null, tries: 0, due_ms: 0, ...change });
    void this.flush();
  }

  /** Tries everything now that waits for a later try; what may still be taken back keeps its time. */
  async hurry(): Promise<void> {
    this.#hurried = true;
    await this.flush();
  }

  /** Sends what is due; one tab at a time. */
  async flush(): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    try {
      if (navigator.locks) await navigator.locks.request(LOCK, { ifAvailable: true }, async (lock) => lock && (await this.#round()));
      else await this.#round();
    } finally {
      this.busy = false;
      this.#schedule();
    }
  }

  async #round(): Promise<void> {
    // Another tab may have sent some.
    await this.#read();
    for (;;) {
      if (this.#hurried) await this.#hasten();
      const due = this.waiting.filter(({ asks, due_ms }) => !asks && due_ms <= Date.now());
      // One that cannot get through is not in the way of the others.
      const entry = due.toSorted((a, b) => a.tries - b.tries)[0];
      if (!entry) return;
      const { entry: next, holdsUp } = await this.#send(entry);
      if (next.sent_ms !== null) await this.#sent(next);
      else if ((await this.#keep(next)) && holdsUp) return await this.#putOff(next.due_ms);
    }
  }

  async #hasten(): Promise<void> {
    this.#hurried = false;
    for (const entry of this.waiting) if (entry.tries > 0 && !entry.asks) await this.#keep({ ...entry, due_ms: 0 });
  }

  /** Without a way to the service none gets there. */
  async #putOff(due_ms: number): Promise<void> {
    for (const entry of this.waiting) if (entry.due_ms < due_ms && !entry.asks) await this.#keep({ ...entry, due_ms, tries: Math.max(1, entry.tries) });
  }

  /** Sends one, photos first; gives it as it stands then, also where it was taken back meanwhile. */
  async #send(entry: Entry): Promise<Tried> {
    const door = await this.#open();
    if (!door) return again(entry, null, true);
    let known = entry;
    for (const [index, photo] of entry.photos.entries()) {
      if (photo.id !== null) continue;
      if (this.#dropped.has(entry.key)) return tried(known);
      const stop = new AbortController();
      this.#upload = { key: entry.key, stop };
      const uploaded = await wire.photo(photo.blob, door, stop.signal);
      this.#upload = null;
      if (uploaded.is === "again") return again(known, uploaded.waitMs, !uploaded.reached);
      if (uploaded.is === "refused") return tried({ ...known, asks: { about: "photo", index, why: uploaded.problem.detail, fault: wire.fault(uploaded.status, uploaded.problem) } });
      const photos = known.photos.with(index, { ...photo, id: uploaded.value.id });
      known = { ...known, photos, candidates: withExif(known.candidates, uploaded.value.exif) };
      if (!(await this.#keep(known))) return tried(known);
    }
    if (ranked(known.candidates).length === 0) return tried({ ...known, asks: { about: "position" } });
    known = { ...known, body: known.body ?? written(known, door.aheadMs) };
    // Kept before it is sent: should no answer come, the same is sent again.
    if (!(await this.#keep(known))) return tried(known);
    const outcome = await wire.report(known.body ?? "", known.key, door);
    if (outcome.is === "done") return tried({ ...known, asks: null, sent_ms: Date.now(), follow: outcome.value.follow, photos: [] });
    if (outcome.is === "again") return again(known, outcome.waitMs, !outcome.reached);
    // It was not taken, so it may be another when it is sent again.
    return tried({ ...known, ...this.#refused(known, outcome), body: null });
  }

  #refused(entry: Entry, { problem }: { problem: wire.Refusal }): Partial<Entry> {
    // Our own know the names of places.
    if (wire.disagree(problem)) return { asks: { about: "positions" }, candidates: entry.candidates.length > 1 ? entry.candidates : (problem.candidates ?? []) };
    if (wire.far(problem)) return { asks: { about: "far" } };
    // A photo that was sent long before its report may have been dropped: it is here, and goes again.
    const resent = entry.resent ?? 0;
    if (problem.field?.startsWith("photos") && resent < MOST_RESENT) return { ...later(entry, 0), resent: resent + 1, photos: entry.photos.map((photo) => ({ ...photo, id: null })) };
    return { asks: { about: "refused", why: problem.detail } };
  }

  async #open(): Promise<wire.Door | null> {
    if (this.#door && Date.now() - this.#door.atMs < DOOR_MS) return this.#door;
    const door = await wire.door();
    this.#door = door && { ...door, atMs: Date.now() };
    return door;
  }

  async #read(): Promise<void> {
    try {
      const all = await kept();
      this.#blind = false;
      const old = (entry: Entry) => entry.sent_ms !== null && entry.sent_ms < Date.now() - KEPT_SENT_MS;
      const loose = this.entries.filter(({ key }) => this.#loose.has(key));
      const stored = all.filter((entry) => !old(entry) && !this.#dropped.has(entry.key) && !this.#loose.has(entry.key));
      // At once: one that is added meanwhile is not among these.
      this.entries = [...stored, ...loose].sort((a, b) => a.noted_ms - b.noted_ms);
      for (const { key } of all.filter(old)) await forget(key);
    } catch {
      this.#blind = true;
    }
    this.#judge();
  }

  /** Keeps what became of one; false where it was taken back or sent meanwhile, here or in another tab. */
  async #keep(entry: Entry): Promise<boolean> {
    const { key } = entry;
    const stands = () => this.entries.some((known) => known.key === key);
    if (!stands()) return false;
    const there = await this.#store(key, () => (this.#loose.has(key) ? keep(entry).then(() => true) : renew(entry)));
    if (there === false) {
      this.entries = this.entries.filter((known) => known.key !== key);
      await this.#read();
    }
    if (there === false || !stands()) return false;
    this.entries = this.entries.map((known) => (known.key === key ? entry : known));
    return true;
  }

  /** The service has it, so it is kept, even where it was taken back in the same moment. */
  async #sent(entry: Entry): Promise<void> {
    this.#dropped.delete(entry.key);
    await this.#store(entry.key, () => keep(entry));
    this.entries = [...this.entries.filter(({ key }) => key !== entry.key), entry].sort((a, b) => a.noted_ms - b.noted_ms);
  }

  /** Writes to the disk; what that does not take stays in the page. */
  async #store<T>(key: string, write: () => Promise<T>): Promise<T | null> {
    try {
      const written = await write();
      this.#loose.delete(key);
      return written;
    } catch {
      if (!this.#dropped.has(key)) this.#loose.add(key);
      return null;
    } finally {
      this.#judge();
    }
  }

  #judge(): void {
    this.volatile = this.#blind || this.#loose.size > 0;
  }

  #schedule(): void {
    clearTimeout(this.#timer);
    const due = Math.min(...this.waiting.filter(({ asks }) => !asks).map(({ due_ms }) => due_ms));
    // At least a moment: another tab may be sending.
    if (this.#hurried) this.#timer = setTimeout(() => void this.flush(), LOCKED_MS);
    else if (Number.isFinite(due)) this.#timer = setTimeout(() => void this.flush(), Math.max(LOCKED_MS, due - Date.now()));
  }
}

/** The position that a photo knows, beside the others. */
export function withExif(candidates: Candidate[], exif: wire.Uploaded["exif"]): Candidate[] {
  if (exif?.lon == null || exif.lat == null || candidates.some(({ source }) => source === "exif")) return candidates;
  return [...candidates, { source: "exif", lon: exif.lon, lat: exif.lat }];
}

/** Tries again after a while that doubles, a little by chance: not every phone of a city at once. */
function later(entry: Entry, waitMs: number | null): Entry {
  const doubled = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** entry.tries);
  return { ...entry, tries: entry.tries + 1, due_ms: Date.now() + (waitMs ?? doubled) + Math.random() * 1_000 };
}

const tried = (entry: Entry): Tried => ({ entry, holdsUp: false });

/** `away`: the service was not reached. One that says when to come back means all of them. */
const again = (entry: Entry, waitMs: number | null, away: boolean): Tried => ({ entry: later(entry, waitMs), holdsUp: away || waitMs !== null });

function written({ content, candidates, photos, noted_ms }: Entry, aheadMs: number): string {
  const { category, dry, text, place, depth_cm, passability } = content;
  const ids = photos.flatMap(({ id }) => (id === null ? [] : [id]));
  const at = noted_ms + (Math.abs(aheadMs) > SAME_CLOCK_MS ? aheadMs : 0);
  return JSON.stringify({
    category,
    ...posted(candidates),
    observed_at: new Date(at).toISOString(),
    text: text || undefined,
    place: place || undefined,
    depth_cm: dry ? undefined : (depth_cm ?? undefined),
    passability: passability ?? undefined,
    dry: dry || undefined,
    photos: ids.length > 0 ? ids : undefined,
    source: { channel: "app" },
  });
}

export const outbox = new Outbox();
