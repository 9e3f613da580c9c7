// What waits to be sent: kept in the phone before anything else, sent when there is a network, and never twice.

import { posted, ranked } from "./position";
import { forget, keep, kept } from "./store";
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
    await this.#store(entry);
    if (known()) return;
    this.entries = [...this.entries, entry];
    void navigator.storage?.persist?.();
    void this.flush();
  }

  /** Takes one back, or clears it away. */
  async drop(key: string): Promise<void> {
    this.entries = this.entries.filter((entry) => entry.key !== key);
    await forget(key).catch(() => {});
  }

  /** What was asked is answered: on it goes. */
  async answer(entry: Entry, change: Partial<Entry>): Promise<void> {
    await this.#keep({ ...entry, asks: null, tries: 0, due_ms: 0, ...change });
    void this.flush();
  }

  /** Tries everything now that waits for a later try; what may still be taken back keeps its time. */
  async hurry(): Promise<void> {
    for (const entry of this.waiting) if (entry.tries > 0 && !entry.asks) await this.#keep({ ...entry, due_ms: 0 });
    void this.flush();
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
    if (!this.volatile) await this.#read();
    for (;;) {
      const entry = this.waiting.find(({ asks, due_ms }) => !asks && due_ms <= Date.now());
      if (!entry) return;
      const next = await this.#send(entry);
      await this.#keep(next);
      if (next.tries > 0 && next.sent_ms === null && !next.asks) return await this.#putOff(next.due_ms);
    }
  }

  /** What holds up one holds up all. */
  async #putOff(due_ms: number): Promise<void> {
    for (const entry of this.waiting) if (entry.due_ms < due_ms && !entry.asks) await this.#keep({ ...entry, due_ms, tries: Math.max(1, entry.tries) });
  }

  /** Sends one, photos first; gives it as it stands then. */
  async #send(entry: Entry): Promise<Entry> {
    const door = await this.#open();
    if (!door) return later(entry, null);
    let known = entry;
    for (const [index, photo] of entry.photos.entries()) {
      if (photo.id !== null) continue;
      const uploaded = await wire.photo(photo.blob, door);
      if (uploaded.is === "again") return later(known, uploaded.waitMs);
      if (uploaded.is === "refused") return { ...known, asks: { about: "photo", index, why: uploaded.problem.detail, fault: wire.fault(uploaded.status, uploaded.problem) } };
      const photos = known.photos.with(index, { ...photo, id: uploaded.value.id });
      known = { ...known, photos, candidates: withExif(known.candidates, uploaded.value.exif) };
      await this.#keep(known);
    }
    if (ranked(known.candidates).length === 0) return { ...known, asks: { about: "position" } };
    known = { ...known, body: known.body ?? written(known, door.aheadMs) };
    // Kept before it is sent: should no answer come, the same is sent again.
    await this.#keep(known);
    const outcome = await wire.report(known.body ?? "", known.key, door);
    if (outcome.is === "done") return { ...known, asks: null, sent_ms: Date.now(), follow: outcome.value.follow, photos: [] };
    if (outcome.is === "again") return later(known, outcome.waitMs);
    // It was not taken, so it may be another when it is sent again.
    return { ...known, ...this.#refused(known, outcome), body: null };
  }

  #refused(entry: Entry, { problem }: { problem: wire.Refusal }): Partial<Entry> {
    // Our own know the names of places.
    if (wire.disagree(problem)) return { asks: { about: "positions" }, candidates: entry.candidates.length > 1 ? entry.candidates : (problem.candidates ?? []) };
    if (wire.far(problem)) return { asks: { about: "far" } };
    // A photo that was sent long before its report may have been dropped: it is here, and goes again.
    if (problem.field?.startsWith("photos") && entry.tries < MOST_RESENT) return { ...later(entry, 0), photos: entry.photos.map((photo) => ({ ...photo, id: null })) };
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
      const old = all.filter(({ sent_ms }) => sent_ms !== null && sent_ms < Date.now() - KEPT_SENT_MS);
      // At once: one that is added meanwhile is not among these.
      this.entries = all.filter((entry) => !old.includes(entry));
      for (const { key } of old) await forget(key);
    } catch {
      this.volatile = true;
    }
  }

  /** Keeps what it is now, unless it was taken back meanwhile. */
  async #keep(entry: Entry): Promise<void> {
    const known = this.entries.findIndex(({ key }) => key === entry.key);
    if (known < 0) return;
    this.entries = this.entries.with(known, entry);
    await this.#store(entry);
  }

  async #store(entry: Entry): Promise<void> {
    await keep(entry).catch(() => (this.volatile = true));
  }

  #schedule(): void {
    clearTimeout(this.#timer);
    const due = Math.min(...this.waiting.filter(({ asks }) => !asks).map(({ due_ms }) => due_ms));
    // At least a moment: another tab may be sending.
    if (Number.isFinite(due)) this.#timer = setTimeout(() => void this.flush(), Math.max(500, due - Date.now()));
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
