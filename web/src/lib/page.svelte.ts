// The state of the page: the view, what was loaded for it, and how it is kept up to date.

import { Failure, address, get } from "./api";
import { categories } from "./categories.svelte";
import { byStatus, chosen as fitting, inTime, ofStatus, ordered, usualSort } from "./choose";
import { epoch } from "./epoch.svelte";
import { keep, kept } from "./kept";
import { listen } from "./live";
import type { Without } from "./paper.svelte";
import { anew, every, some } from "./renewed";
import { CLOSE_FROM_ZOOM } from "../map/zooms";
import type { Picture } from "../map/flat";
import type { Changes, Course, Hotspot, HotspotOccasions, OccasionsWithin } from "./types";
import { type Camera, FLOODS, LANGUAGES, type Misread, THEMES, type View, asked, pinned, read, usual, write } from "./view";
import { speech } from "./words.svelte";

/** With more changes at once the list is loaded whole. */
const MOST_SINGLE_LOADS = 20;
/** Changes that come within this are taken together. */
const GATHER_MS = 120;
/** A view under another rule is worked out anew for each load. */
const GATHER_RULE_MS = 5_000;
/** Sheet, timeline and tiles follow the changes this often at most. */
const BUMP_MS = 800;
const ADDRESS_AFTER_MS = 250;

export type Notice = { kind: "misread"; misread: Misread } | { kind: "text"; text: string };

class Page {
  view = $state<View>(usual());
  notices = $state<Notice[]>([]);

  /** The newest of each hotspot. */
  hotspots = $state.raw<Hotspot[]>([]);
  /** Those the list shows: it waits with changes while the pointer is over it. */
  listed = $state.raw<Hotspot[]>([]);
  held = $state(false);
  waiting = $state.raw<Set<string>>(new Set());
  /** Changed a moment ago. */
  fresh = $state.raw<Set<string>>(new Set());

  phase = $state<"loading" | "ready" | "failed">("loading");
  failure = $state<Failure | null>(null);
  /** Up to when something is known; null: nothing was reported yet, or it is not loaded. */
  asOf = $state<string | null>(null);
  position = $state<number | null>(null);
  /** Nothing was reported yet, of whatever category. */
  silent = $derived(this.phase === "ready" && this.asOf === null);
  /** Since when there has been no connection, unix milliseconds. */
  lostSince = $state<number | null>(null);

  /** Floods of each hotspot in the time chosen; null: no time is chosen, or it is not counted yet. */
  within = $state.raw<Within | null>(null);
  /** Rain and occasions of the city, once they are loaded. */
  course = $state.raw<Course | null>(null);
  hovered = $state<string | null>(null);
  /** What a narrow screen shows. */
  tab = $state<"list" | "map">("list");

  /** Where the map looks, and what it can be asked once it is there. */
  camera = $state.raw<Camera | null>(null);
  /** So near that single reports are told apart. */
  close = $derived((this.camera?.zoom ?? 0) >= CLOSE_FROM_ZOOM);
  /** What is being printed is drawn for paper. */
  printing = $state(false);
  /** What is on paper beside the words; null: nothing is printed. `turned`: the picture is of a dark page. */
  printed = $state.raw<{ pictures: Picture[]; turned: boolean; at: number; without: Without } | null>(null);
  /** Address and name of the files that have what a view beside the map shows; null: the list is what is shown. */
  files = $state.raw<{ csv: [string, string]; geojson: [string, string] | null } | null>(null);
  /** What the map shows now. */
  pictures: () => Picture[] = () => [];
  /** What it would show on paper, once that is drawn. */
  paper: () => Promise<Picture[]> = async () => [];
  goto: (camera: Camera) => void = () => {};
  look: (at: [number, number], close: boolean) => void = () => {};

  #chosen = $derived(fitting(inTime(this.listed, this.within?.by ?? null), this.view));
  counts = $derived(byStatus(this.#chosen));
  floods = $derived(this.view.category === FLOODS);
  /** Of no occasion of any hotspot the weather is known: nothing can be told apart by it. */
  rainless = $derived(this.hotspots.length > 0 && this.hotspots.every(({ properties: p }) => p.occasions_unknown === p.occasions));
  usual = $derived(usualSort(this.view.weather, this.floods && !this.rainless));
  sort = $derived(this.view.sort ?? this.usual);
  shown = $derived(ordered(ofStatus(this.#chosen, this.view.statuses), this.sort, this.view.descending));
  mapped = $derived(ofStatus(fitting(inTime(this.hotspots, this.within?.by ?? null), this.view), this.view.statuses));
  pinned = $derived(pinned(this.view));
  selected = $derived(this.hotspots.find((hotspot) => hotspot.id === this.view.hotspot) ?? null);

  #loading: AbortController | null = null;
  #counting: AbortController | null = null;
  #knowing: Promise<void> = Promise.resolve();
  #holders = new Set<string>();
  #changed = new Set<string>();
  /** The last position that the stream told since the list was asked for. */
  #told: number | null = null;
  #gathering: ReturnType<typeof setTimeout> | undefined;
  #turn: Promise<void> = Promise.resolve();
  #writing: ReturnType<typeof setTimeout> | undefined;
  #bumped: ReturnType<typeof setTimeout> | undefined;
  #again = false;
  #shownAddress = "";

  start(): void {
    this.#readAddress();
    window.addEventListener("popstate", () => {
      const before = this.#key();
      this.#readAddress();
      if (this.#key() !== before) void this.load();
      void this.count();
      this.#know();
    });
    void this.load();
    void this.count();
    this.#know();
    listen({
      change: (changes) => this.#take(changes),
      stands: (position) => {
        this.#told = position;
        if (this.phase === "failed") void this.load();
        else if (this.phase === "ready" && !this.pinned && position !== this.position) {
          this.#later(null);
          this.#bump();
        }
      },
      connected: () => this.#found(),
      lost: () => (this.lostSince ??= Date.now()),
    });
  }

  #readAddress(): void {
    const chinese = navigator.languages.some((l) => l.startsWith("zh")) && !navigator.languages[0]?.startsWith("en");
    const language = chosen("language", LANGUAGES) ?? (chinese ? "zh" : "en");
    const { view, misread } = read(location.search, usual(language, chosen("theme", THEMES) ?? "auto"));
    // As links of before said it.
    if (view.page === "trend" && location.hash === "#works") view.about ??= "works";
    this.view = view;
    this.notices = misread.map((m) => ({ kind: "misread", misread: m }));
    this.#speak();
    this.#shownAddress = location.search;
  }

  /** There is a connection: what was missed without one is loaded. */
  #found(): void {
    if (categories.names.length === 0 && this.phase !== "loading") this.#know();
    if (this.lostSince === null) return;
    this.lostSince = null;
    if (this.phase === "failed") void this.load();
    else if (this.phase === "ready" && !this.pinned) this.#later(null);
    void this.count();
    epoch.now += 1;
  }

  /** Asks what categories there are; one that a link names and nobody knows is explained. */
  #know(): void {
    this.#knowing = categories.load(this.view.rule).then(() => {
      const { category } = this.view;
      const [first] = categories.names;
      if (first === undefined || categories.names.includes(category)) return;
      this.notices.push({ kind: "misread", misread: { name: "category", value: category, instead: "default" } });
      this.change({ category: first, hotspot: null, incident: null });
    });
  }

  #speak(): void {
    speech.language = this.view.language;
    document.documentElement.lang = this.view.language === "zh" ? "zh-Hans" : "en";
    document.documentElement.dataset.theme = this.view.theme;
    document.title = speech.words.title;
  }

  /** What decides which hotspots there are. */
  #key(): string {
    return address(this.view.category, asked(this.view));
  }

  /** Changes the view, the address, and loads what that needs. `step`: going back comes here again. */
  change(change: Partial<View>, step = false): void {
    const before = this.#key();
    Object.assign(this.view, change);
    // The usual order goes with the weather.
    if (change.sort && this.view.descending && change.sort === this.usual) this.view.sort = null;
    if (change.language || change.theme) {
      keep("language", this.view.language);
      keep("theme", this.view.theme);
      this.#speak();
    }
    clearTimeout(this.#writing);
    if (step) this.#writeAddress(true);
    else this.#writing = setTimeout(() => this.#writeAddress(false), ADDRESS_AFTER_MS);
    if (this.#key() !== before) void this.load();
    if (this.#key() !== before || "from" in change || "to" in change) void this.count();
  }

  #writeAddress(step: boolean): void {
    const search = `?${write(this.view)}`;
    if (search === this.#shownAddress) return;
    this.#shownAddress = search;
    if (step) history.pushState(null, "", search);
    else history.replaceState(null, "", search);
  }

  open(hotspot: string | null): void {
    this.change({ hotspot, incident: null }, true);
  }

  say(text: string): void {
    this.notices.push({ kind: "text", text });
  }

  /** A link that shows exactly this, whatever is reported later. */
  permalink(): string {
    const { asOf, position } = this;
    const at = this.view.at ?? this.camera;
    const view = { ...$state.snapshot(this.view), asOf, at, position: this.view.position ?? position };
    return `${location.origin}/?${write(view)}`;
  }

  async load(): Promise<void> {
    this.#loading?.abort();
    const loading = (this.#loading = new AbortController());
    this.#told = null;
    const category = this.view.category;
    if (this.hotspots[0] && this.hotspots[0].properties.category !== category) {
      this.hotspots = this.listed = [];
      this.phase = "loading";
    }
    if (this.phase === "failed") this.phase = "loading";
    try {
      const list = await every(this.view, loading.signal);
      this.hotspots = list.features;
      this.#stand(list.as_of, list.position);
      this.release();
      this.failure = null;
      this.phase = "ready";
      epoch.now += 1;
      // It may have left before what changed meanwhile.
      if (this.#told !== null && this.#told !== list.position && !this.pinned) this.#later(null);
    } catch (cause) {
      if (loading.signal.aborted) return;
      await this.#fail(cause instanceof Failure ? cause : new Failure(0, String(cause)), category);
    }
  }

  async #fail(failure: Failure, category: string): Promise<void> {
    if (failure.field === "category") {
      await this.#knowing;
      if (this.view.category !== category) return;
    }
    const special = this.pinned || Object.keys(this.view.rule).length > 0;
    if (failure.status === 400 && special) {
      this.say(speech.words.notice.refused(failure.message.slice(0, 200)));
      this.change({ asOf: null, position: null, rule: {} });
      return;
    }
    this.failure = failure;
    // What was shown stays, and the line about the connection says how old it is.
    if (this.hotspots.length === 0) this.phase = "failed";
    else this.lostSince ??= Date.now();
  }

  /** Tells those who show more than hotspots, at once and then not too often. */
  #bump(): void {
    if (this.#bumped !== undefined) {
      this.#again = true;
      return;
    }
    epoch.now += 1;
    this.#again = false;
    const before = this.position;
    this.#bumped = setTimeout(() => {
      this.#bumped = undefined;
      if (this.#again || this.position !== before) this.#bump();
    }, BUMP_MS);
  }

  #stand(asOf: string, position: number): void {
    this.lostSince = null;
    // Where nothing was ever reported the service says the epoch.
    this.asOf = Date.parse(asOf) > 0 ? asOf : null;
    this.position = position;
  }

  /** The list takes what waits. */
  release(): void {
    this.listed = this.hotspots;
    this.waiting = new Set();
  }

  /** The list waits while the pointer is over it or the keyboard moves in it. */
  hold(by: "pointer" | "keyboard", holds: boolean): void {
    if (holds) this.#holders.add(by);
    else this.#holders.delete(by);
    this.held = this.#holders.size > 0;
    if (!this.held && this.waiting.size > 0) this.release();
  }

  #take(changes: Changes): void {
    this.lostSince = null;
    this.#told = changes.position;
    if (this.pinned) return;
    const hotspots = changes.changed.find((change) => change.layer === "hotspots");
    if (hotspots) this.#later(hotspots.ids);
    else this.#stand(changes.as_of, changes.position);
    this.#bump();
  }

  /** Loads these anew soon; null: all. */
  #later(ids: string[] | null): void {
    for (const id of ids ?? ["*"]) this.#changed.add(id);
    const ruled = Object.keys(this.view.rule).length > 0;
    this.#gathering ??= setTimeout(() => (this.#turn = this.#turn.then(() => this.#refresh())), ruled ? GATHER_RULE_MS : GATHER_MS);
  }

  /** One after the other: an earlier answer that came later would undo a change. */
  async #refresh(): Promise<void> {
    this.#gathering = undefined;
    const prefix = `${this.view.category}:`;
    const ids = [...this.#changed].filter((id) => id === "*" || id.startsWith(prefix));
    this.#changed.clear();
    if (ids.length === 0) return;
    const key = this.#key();
    try {
      // A change of one moves the ranks of others.
      const whole = this.sort === "rank" || ids.includes("*") || ids.length > MOST_SINGLE_LOADS || Object.keys(this.view.rule).length > 0;
      const { found, stand } = whole ? await anew(this.view, this.hotspots) : await some(ids, [this.asOf ?? "", this.position ?? 0]);
      // What belongs to another view by now was loaded for that one.
      if (key !== this.#key()) return;
      this.#stand(...stand);
      this.#merge(found);
    } catch {
      for (const id of ids) this.#changed.add(id);
      this.lostSince ??= Date.now();
    }
    void this.count();
  }

  #merge(found: Map<string, Hotspot | null>): void {
    const known = new Map(this.hotspots.map((hotspot) => [hotspot.id, hotspot]));
    const changed = new Set<string>();
    let moved = false;
    for (const [id, hotspot] of found) {
      const same = look(known.get(id)) === look(hotspot);
      if (same && known.get(id)?.properties.rank === hotspot?.properties.rank) continue;
      if (same) moved = true;
      else changed.add(id);
      if (hotspot) known.set(id, hotspot);
      else known.delete(id);
    }
    if (changed.size === 0 && !moved) return;
    this.hotspots = [...known.values()];
    this.fresh = changed;
    if (this.held) this.waiting = new Set([...this.waiting, ...changed]);
    else this.release();
  }

  /** Counts the floods of each hotspot in the time chosen. */
  async count(): Promise<void> {
    this.#counting?.abort();
    const { category, from, to } = this.view;
    if (!from || !to) {
      this.within = null;
      return;
    }
    const counting = (this.#counting = new AbortController());
    try {
      const query = { category, datetime: `${from}/${to}`, ...asked(this.view) };
      const { hotspots } = await get<OccasionsWithin>(address("/api/v1/occasions", query), counting.signal);
      this.within = { from, to, by: new Map(hotspots.map((counted) => [counted.hotspot_id, counted])) };
    } catch (cause) {
      if (!counting.signal.aborted && cause instanceof Failure && cause.status === 0) this.lostSince ??= Date.now();
    }
  }
}

interface Within {
  from: string;
  to: string;
  by: Map<string, HotspotOccasions>;
}

/** Everything of a hotspot that is its own; rates move with every second, and ranks with every other hotspot. */
function look(hotspot: Hotspot | null | undefined): string {
  if (!hotspot) return "";
  const { occasions_per_year, occasions_per_year_low, occasions_per_year_high, rank, rank_score, ...seen } = hotspot.properties;
  return JSON.stringify([seen, hotspot.geometry]);
}

function chosen<T extends string>(name: string, of: readonly T[]): T | null {
  const before = kept(name);
  return of.find((known) => known === before) ?? null;
}

export const page = new Page();
