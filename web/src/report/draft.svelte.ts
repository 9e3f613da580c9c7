// The report that is being made: what the words say, and what the hand has set, which holds.

import { device } from "./device.svelte";
import { outbox, withExif } from "./outbox.svelte";
import { AGREE_M, ROUGH_M, disagreeing, distanceM, ranked } from "./position";
import type { Candidate, Content, Entry, Passability, PhotoDoubt, PhotoFault, PlaceMeant, Understood } from "./types";
import * as wire from "./wire";

/** After the last letter. */
const READ_MS = 350;
export const LONGEST_TEXT = 4_000;
export const MOST_PHOTOS = 8;
const LONGEST_PLACE = 200;
/** A report made by one tap can be taken back so long. */
export const UNDO_MS = 4_000;

/** The large buttons, and what each may mean on the wire. */
export const BUTTONS = {
  waterlogging: ["waterlogging"],
  blocked_drain: ["blocked_drain"],
  obstruction: ["obstruction"],
  road: ["manhole", "road_damage"],
  traffic: ["traffic_safety"],
  other: ["other", "sanitation", "opinion"],
} as const satisfies Record<string, readonly string[]>;
export type Button = keyof typeof BUTTONS;
export type Category = (typeof BUTTONS)[Button][number];

/** Typical, least and most in cm: as data/text/measures.toml has them for the same words. */
export const DEPTHS = {
  ankle: { cm: 10, low: 5, high: 15 },
  sill: { cm: 30, low: 20, high: 35 },
  knee: { cm: 45, low: 40, high: 50 },
} as const;
export type Depth = keyof typeof DEPTHS;

export interface Taken {
  blob: Blob;
  url: string;
  id: string | null;
  exif: wire.Uploaded["exif"];
  state: "here" | "sending" | "there" | "refused";
  why: string;
  fault: PhotoFault | null;
  doubts: PhotoDoubt[];
}

/** Set by hand; what is not there is as the words say. */
interface Own {
  button?: Button | null;
  category?: Category;
  depth_cm?: number | null;
  passability?: Passability | null;
  gone?: boolean;
  now?: boolean;
}

export type Lacks = "category" | "position" | "positions";

const buttonOf = (category: string | null): Button | null => (Object.keys(BUTTONS) as Button[]).find((name) => (BUTTONS[name] as readonly string[]).includes(category ?? "")) ?? null;

/** 128 random bits; also where the page came without https. */
const newKey = (): string => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");

class Draft {
  text = $state("");
  understood = $state.raw<Understood | null>(null);
  /** Which matter of the text it is. */
  index = $state(0);
  reading = $state<"no" | "yes" | "failed">("no");
  own = $state.raw<Own>({});
  pin = $state.raw<Candidate | null>(null);
  photos = $state.raw<Taken[]>([]);
  /** Photos of the last choice that were too many. */
  leftOut = $state(0);
  /** What was missing when it should have been sent. */
  lacks = $state<Lacks | null>(null);

  #key = newKey();
  #tapped: Promise<boolean> | null = null;
  #asked: AbortController | null = null;
  #soon: ReturnType<typeof setTimeout> | undefined;

  readonly matter = $derived(this.understood?.matters[this.index] ?? null);
  readonly button = $derived(this.own.button !== undefined ? this.own.button : buttonOf(this.matter?.category ?? null));
  readonly category = $derived.by((): Category | null => {
    const means: readonly Category[] = this.button ? BUTTONS[this.button] : [];
    const said = [this.own.category, this.matter?.category].find((category) => means.includes(category as Category));
    if (said) return said as Category;
    // What is neither of several is other; of a manhole and a road nobody can know.
    return this.button === "road" ? null : (means[0] ?? null);
  });
  /** It is not there, or not any more. */
  readonly gone = $derived(this.own.gone ?? Boolean(this.matter?.dry ?? this.matter?.resolved));
  readonly hasDepth = $derived(!this.gone && (this.button === "waterlogging" || this.button === "blocked_drain"));
  readonly depthCm = $derived.by((): number | null => {
    if (!this.hasDepth) return null;
    if (this.own.depth_cm !== undefined) return this.own.depth_cm;
    const cm = this.matter?.depth_cm ?? null;
    return cm === null ? null : Math.round(cm);
  });
  readonly depth = $derived((Object.keys(DEPTHS) as Depth[]).find((name) => DEPTHS[name].cm === this.depthCm) ?? null);
  readonly passability = $derived(this.own.passability !== undefined ? this.own.passability : (this.matter?.passability ?? null));
  /** When it was seen, if the words say it; milliseconds. */
  readonly seenMs = $derived(this.own.now || !this.matter?.observed_at ? null : Date.parse(this.matter.observed_at));
  readonly meant = $derived(this.understood?.places.find(({ id }) => id === this.matter?.place_id) ?? null);
  readonly questions = $derived((this.understood?.questions ?? []).filter(({ matter }) => matter === this.index));
  /** Places of one name that the words may mean. */
  readonly choices = $derived.by((): PlaceMeant[] => {
    const offered = this.questions.flatMap(({ choices }) => choices ?? []);
    return offered.flatMap(({ place_id }) => this.understood?.places.find(({ id }) => id === place_id) ?? []);
  });
  readonly candidates = $derived.by((): Candidate[] => {
    const text: Candidate[] = this.meant ? [{ source: "text", lon: this.meant.lon, lat: this.meant.lat, place_id: this.meant.id, name: this.meant.name }] : [];
    const known = [this.pin, device.candidate].filter((one) => one !== null);
    return this.photos.reduce((all, { exif }) => withExif(all, exif), [...known, ...text]);
  });
  readonly first = $derived(ranked(this.candidates)[0] ?? null);
  readonly disagree = $derived(disagreeing(this.candidates));
  /** A photo that the service has not seen yet may know where it was taken. */
  readonly photoMayKnow = $derived(this.photos.some(({ state }) => state === "here" || state === "sending"));
  readonly empty = $derived(this.text.trim() === "" && this.photos.length === 0 && Object.keys(this.own).length === 0);

  set(change: Own): void {
    this.own = { ...this.own, ...change };
    this.lacks = null;
  }

  write(text: string): void {
    this.text = text;
    clearTimeout(this.#soon);
    this.#asked?.abort();
    if (text.trim() === "") {
      this.understood = null;
      this.index = 0;
      this.reading = "no";
    } else this.#soon = setTimeout(() => void this.#read(), READ_MS);
  }

  async #read(): Promise<void> {
    const mine = (this.#asked = new AbortController());
    this.reading = "yes";
    const outcome = await wire.understand(this.text, mine.signal);
    if (mine.signal.aborted) return;
    this.reading = outcome.is === "done" ? "no" : "failed";
    this.understood = outcome.is === "done" ? outcome.value : null;
    this.index = Math.min(this.index, Math.max(0, (this.understood?.matters.length ?? 0) - 1));
  }

  /** The words are read once they can be. */
  again(): void {
    if (this.reading === "failed") void this.#read();
  }

  add(files: Iterable<File>): void {
    const all = [...files];
    const room = MOST_PHOTOS - this.photos.length;
    this.leftOut = Math.max(0, all.length - room);
    for (const blob of all.slice(0, room)) {
      const taken: Taken = { blob, url: URL.createObjectURL(blob), id: null, exif: null, state: "here", why: "", fault: null, doubts: [] };
      this.photos = [...this.photos, taken];
      void this.#upload(taken);
    }
  }

  remove(taken: { url: string }): void {
    URL.revokeObjectURL(taken.url);
    this.photos = this.photos.filter(({ url }) => url !== taken.url);
    this.leftOut = 0;
  }

  /** Sent ahead: where it was taken is known while the report is made. Whatever fails is tried again with the report. */
  async #upload(taken: Taken): Promise<void> {
    if (!navigator.onLine) return;
    const change = (to: Partial<Taken>) => (this.photos = this.photos.map((one) => (one.url === taken.url ? { ...one, ...to } : one)));
    change({ state: "sending" });
    const outcome = await wire.photo(taken.blob, null);
    if (outcome.is === "done") change({ state: "there", id: outcome.value.id, exif: outcome.value.exif, doubts: outcome.value.doubts ?? [] });
    else change(outcome.is === "refused" ? { state: "refused", why: outcome.problem.detail, fault: wire.fault(outcome.status, outcome.problem) } : { state: "here" });
  }

  /** What has to be answered before it can be sent. */
  missing(): Lacks | null {
    if (this.category === null) return "category";
    if (this.disagree.length > 0) return "positions";
    // Its position may still come from a photo: then it is asked after it was looked for.
    return this.first || this.photoMayKnow ? null : "position";
  }

  /** Hands it over to be sent; what is missing is asked instead. */
  async send(): Promise<boolean> {
    this.lacks = this.missing();
    if (this.lacks) return false;
    const entry = this.#entry(this.#content(this.category ?? "other"), this.candidates, this.seenMs ?? Date.now());
    this.#next();
    await outbox.add(entry);
    return true;
  }

  /** Passed here, and it was dry: one tap, where the device knows well enough where it is. A second one says the same. */
  dry(): Promise<boolean> {
    if (outbox.waiting.some(({ content, due_ms, tries }) => content.dry && tries === 0 && due_ms > Date.now())) return Promise.resolve(true);
    return (this.#tapped ??= this.#dry().finally(() => (this.#tapped = null)));
  }

  async #dry(): Promise<boolean> {
    const at = await device.now();
    if (!at || (at.accuracy_m ?? 0) > ROUGH_M || (this.pin && distanceM(at, this.pin) > AGREE_M)) {
      this.set({ button: "waterlogging", gone: true });
      if (!this.pin) this.lacks = "position";
      return false;
    }
    const content: Content = { category: "waterlogging", dry: true, text: "", place: "", depth_cm: null, passability: null };
    await outbox.add({ ...this.#entry(content, [at], Date.now()), key: newKey(), photos: [], due_ms: Date.now() + UNDO_MS });
    return true;
  }

  #content(category: string): Content {
    const place = (this.pin?.name ?? this.meant?.name ?? this.matter?.place_text ?? "").slice(0, LONGEST_PLACE);
    return { category, dry: this.gone, text: this.text.trim(), place, depth_cm: this.depthCm, passability: this.passability };
  }

  #entry(content: Content, candidates: Candidate[], noted_ms: number): Entry {
    const photos = this.photos.map(({ blob, id }) => ({ blob, id }));
    return { key: this.#key, content, candidates, photos, noted_ms, due_ms: 0, tries: 0, body: null, asks: null, sent_ms: null, follow: null };
  }

  /** A new one; of a text with several matters, the next of them. */
  #next(): void {
    this.#key = newKey();
    const more = this.index + 1 < (this.understood?.matters.length ?? 0);
    if (more) this.index += 1;
    else this.write("");
    for (const { url } of this.photos) URL.revokeObjectURL(url);
    [this.photos, this.own, this.lacks, this.leftOut] = [[], {}, null, 0];
    if (!more) this.pin = null;
  }
}

export const draft = new Draft();
