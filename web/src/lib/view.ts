// What the page shows, and the address that says so: a link sent to somebody shows the same thing.

import type { Status } from "./types";

/** What the map is about unless a link says otherwise. */
export const FLOODS = "waterlogging";
export const STATUSES: readonly Status[] = ["confirmed", "recurring", "candidate"];
/** How many of the floods of a place were in a weather; together they name a filter, as the service does. */
export const SHARES = ["some", "mostly", "only", "never"] as const;
export const IN_WEATHERS = ["storm", "small_rain", "dry"] as const;
export const WEATHERS: readonly WeatherFilter[] = ["any", ...IN_WEATHERS.flatMap((weather) => SHARES.map((share) => filterOf(share, weather)))];
export const SORTS = ["occasions_rain", "stands", "occasions", "occasions_storm", "occasions_small_rain", "occasions_dry_weather", "occasions_not_found", "last_flooded", "name", "rank", "trend"] as const;
/** The views of this page, what cells show on the view of trends, and what storms are sorted by. */
export const PAGES = ["map", "storms", "trend"] as const;
/** What of the view of trends one comes for other than cells: it then stands first, and has no map. */
export const ABOUTS = ["worse", "chance", "works"] as const;
export const CELLS = ["significance", "risk", "coverage"] as const;
export const ROW_SORTS = ["flooded", "dry", "unknown", "p", "at_least", "name"] as const;
export const LANGUAGES = ["en", "zh"] as const;
export const THEMES = ["auto", "light", "dark"] as const;
/** Settings of the rule that a link may override, as the service names them, with the unit of each; null counts. */
export const RULE = {
  join_radius: "m",
  lapse: "s",
  max_open: "s",
  anchor_radius: "m",
  hotspot_radius: "m",
  spacing: "m",
  occasion_gap: "s",
  candidate_occasions: null,
  min_occasions: null,
  min_evidence: null,
  window: "s",
  dry_gap: "s",
  storm_depth: "mm",
  rain_lead: "s",
  drain_lag: "s",
  small_rain_lag: "s",
  rain_cover: "s",
  gauge_reach: "m",
} as const;
/** Longer texts in a link are no value of anything. */
const LONGEST_VALUE = 200;
const DEEPEST_ZOOM = 22;

export type Setting = keyof typeof RULE;
export type Share = (typeof SHARES)[number];
export type InWeather = (typeof IN_WEATHERS)[number];
export type WeatherFilter = "any" | InWeather | `${Exclude<Share, "some">}_${InWeather}`;
export type Sort = (typeof SORTS)[number];
export type PageName = (typeof PAGES)[number];
export type About = (typeof ABOUTS)[number];
export type CellKind = (typeof CELLS)[number];
export type RowSort = (typeof ROW_SORTS)[number];
/** Orders that begin with the smallest. */
export const UPWARDS: readonly Sort[] = ["name", "rank", "trend"];
export type Language = (typeof LANGUAGES)[number];
export type Theme = (typeof THEMES)[number];

/** One of them is enough unless something else is said. */
export function filterOf(share: Share, weather: InWeather): WeatherFilter {
  return share === "some" ? weather : `${share}_${weather}`;
}

export function ofFilter(filter: Exclude<WeatherFilter, "any">): { share: Share; weather: InWeather } {
  const share = SHARES.find((one) => filter.startsWith(`${one}_`)) ?? "some";
  return { share, weather: (share === "some" ? filter : filter.slice(share.length + 1)) as InWeather };
}

/** What filters nothing, but for the category. */
export const UNFILTERED = { weather: "any", doubtful: false, from: null, to: null } as const;

/** Does the view leave out any spot of its category? */
export function filtered(view: View): boolean {
  return view.weather !== "any" || view.doubtful || view.statuses.length < STATUSES.length || view.from !== null;
}

export interface Camera {
  lon: number;
  lat: number;
  zoom: number;
}

export interface View {
  page: PageName;
  /** Null: the cells, which then stand first. */
  about: About | null;
  cells: CellKind;
  /** What the matrix of storms is sorted by, and whether the largest come first. */
  rows: RowSort;
  rowsDescending: boolean;
  category: string;
  statuses: Status[];
  weather: WeatherFilter;
  /** Only those at which inspectors found nothing half of the time or more. */
  doubtful: boolean;
  /** The official definition that hotspots are judged by; null: none. */
  criterion: string | null;
  /** null: as usual, which goes with the weather. */
  sort: Sort | null;
  descending: boolean;
  hotspot: string | null;
  incident: string | null;
  /** RFC 3339; null: the live map. */
  asOf: string | null;
  position: number | null;
  /** Time chosen on the timeline, RFC 3339. */
  from: string | null;
  to: string | null;
  /** null: everything in sight. */
  at: Camera | null;
  reports: boolean;
  language: Language;
  theme: Theme;
  /** Settings of the rule other than those in force, passed on as they are. */
  rule: Record<string, string>;
}

/** What of a link was not understood. */
export interface Misread {
  name: string;
  value: string | null;
  instead: "all" | "now" | "whole" | "default";
}

export function usual(language: Language = "en", theme: Theme = "auto"): View {
  return {
    page: "map",
    about: null,
    cells: "significance",
    rows: "flooded",
    rowsDescending: true,
    category: FLOODS,
    statuses: [...STATUSES],
    weather: "any",
    doubtful: false,
    criterion: null,
    sort: null,
    descending: true,
    hotspot: null,
    incident: null,
    asOf: null,
    position: null,
    from: null,
    to: null,
    at: null,
    reports: true,
    language,
    theme,
    rule: {},
  };
}

/** Reads an address; what cannot be read stays as usual and is named. */
export function read(search: string, base: View): { view: View; misread: Misread[] } {
  const view: View = { ...base, rule: {} };
  const misread: Misread[] = [];
  for (const [name, value] of new URLSearchParams(search)) {
    const refused = value.length > LONGEST_VALUE ? "default" : take(view, name, value);
    if (refused === "unknown") misread.push({ name: name.slice(0, 40), value: null, instead: "default" });
    else if (refused) misread.push({ name, value: value.slice(0, 60), instead: refused });
  }
  if (view.from && view.to && view.from > view.to) {
    misread.push({ name: "datetime", value: `${view.from}/${view.to}`, instead: "all" });
    view.from = view.to = null;
  }
  return { view, misread };
}

/** Takes one parameter into the view, or says what is shown instead. */
function take(view: View, name: string, value: string): Misread["instead"] | "unknown" | null {
  const one = <T extends string>(of: readonly T[], set: (value: T) => void): "default" | null => {
    const found = of.find((known) => known === value);
    if (found === undefined) return "default";
    set(found);
    return null;
  };
  switch (name) {
    case "page":
      return one(PAGES, (v) => (view.page = v));
    case "about":
      return one(ABOUTS, (v) => (view.about = v));
    case "cells":
      return one(CELLS, (v) => (view.cells = v));
    case "rows": {
      const known = ROW_SORTS.find((sort) => sort === value.replace(/^-/, ""));
      if (!known) return "default";
      view.rows = known;
      view.rowsDescending = value.startsWith("-");
      return null;
    }
    case "category":
      // Which there are, the service says.
      if (!/^[a-z0-9_]+$/.test(value)) return "default";
      view.category = value;
      return null;
    case "status": {
      const parts = STATUSES.filter((status) => value.split(",").includes(status));
      if (parts.length === 0 || parts.length !== value.split(",").length) return "all";
      view.statuses = parts;
      return null;
    }
    case "weather":
      return one(WEATHERS, (v) => (view.weather = v));
    case "doubtful":
      return one(["0", "1"] as const, (v) => (view.doubtful = v === "1"));
    case "criterion":
      // Which there are, the service says.
      if (!/^\w+$/.test(value)) return "default";
      view.criterion = value;
      return null;
    case "sort": {
      view.descending = value.startsWith("-");
      // As links of before said it.
      const known = SORTS.find((sort) => sort === value.replace(/^-/, "").replace("last_seen", "last_flooded"));
      if (!known) view.descending = true;
      view.sort = known ?? null;
      return known ? null : "default";
    }
    case "hotspot":
      view.hotspot = value || null;
      return null;
    case "incident":
      view.incident = value || null;
      return null;
    case "as_of":
      view.asOf = instant(value);
      return view.asOf ? null : "now";
    case "position":
      if (!/^\d{1,15}$/.test(value)) return "now";
      view.position = Number(value);
      return null;
    case "datetime": {
      const [from, to, more] = value.split("/");
      [view.from, view.to] = [instant(from ?? ""), instant(to ?? "")];
      if (view.from && view.to && more === undefined) return null;
      view.from = view.to = null;
      return "all";
    }
    case "at":
      view.at = camera(value);
      return view.at ? null : "whole";
    case "reports":
      return one(["0", "1"] as const, (v) => (view.reports = v === "1"));
    case "lang":
      return one(LANGUAGES, (v) => (view.language = v));
    case "theme":
      return one(THEMES, (v) => (view.theme = v));
    default: {
      const setting = name.split(".")[0] ?? "";
      if (!Object.hasOwn(RULE, setting)) return "unknown";
      view.rule[name] = value;
      return null;
    }
  }
}

function instant(text: string): string | null {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/.test(text)) return null;
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? null : rfc3339(ms);
}

/** Whole seconds in UTC, as the service writes them. */
export function rfc3339(ms: number): string {
  return new Date(Math.floor(ms / 1000) * 1000).toISOString().replace(".000Z", "Z");
}

function camera(text: string): Camera | null {
  const parts = text.split(",").map(Number);
  const [lon, lat, zoom] = parts;
  if (parts.length !== 3 || lon === undefined || lat === undefined || zoom === undefined || !parts.every(Number.isFinite)) return null;
  const within = Math.abs(lon) <= 180 && Math.abs(lat) <= 85 && zoom >= 0 && zoom <= DEEPEST_ZOOM;
  return within ? { lon, lat, zoom } : null;
}

/** The query of the address; what is as usual is left out, but for the language, which the reader's browser would choose. */
export function write(view: View): string {
  const base = usual();
  const pairs: [string, string][] = [];
  const say = (name: string, value: string, usualValue?: string) => {
    if (value !== usualValue) pairs.push([name, value]);
  };
  say("page", view.page, base.page);
  if (view.page === "trend" && view.about) say("about", view.about);
  if (view.page === "trend") say("cells", view.cells, base.cells);
  if (view.page === "storms") say("rows", (view.rowsDescending ? "-" : "") + view.rows, "-flooded");
  say("category", view.category, base.category);
  if (view.statuses.length !== STATUSES.length) say("status", view.statuses.join(","));
  say("weather", view.weather, "any");
  say("doubtful", view.doubtful ? "1" : "0", "0");
  if (view.criterion) say("criterion", view.criterion);
  if (view.sort) say("sort", (view.descending ? "-" : "") + view.sort);
  if (view.hotspot) say("hotspot", view.hotspot);
  if (view.incident) say("incident", view.incident);
  if (view.position !== null) say("position", String(view.position));
  if (view.asOf) say("as_of", view.asOf);
  if (view.from && view.to) say("datetime", `${view.from}/${view.to}`);
  if (view.at) say("at", `${view.at.lon.toFixed(5)},${view.at.lat.toFixed(5)},${view.at.zoom.toFixed(2)}`);
  say("reports", view.reports ? "1" : "0", "1");
  say("lang", view.language);
  say("theme", view.theme, "auto");
  for (const [name, value] of Object.entries(view.rule)) say(name, value);
  // Readable: what needs no escape in a query is left as it is (RFC 3986, 3.4).
  return pairs.map(([name, value]) => `${name}=${encodeURIComponent(value).replace(/%(2C|3A|2F)/g, decodeURIComponent)}`).join("&");
}

/** What the service is asked for in every request of this view. */
export function asked(view: View): Record<string, string | number | undefined> {
  return { as_of: view.asOf ?? undefined, position: view.position ?? undefined, ...view.rule };
}

/** Does the view stand still whatever is reported? */
export function pinned(view: View): boolean {
  return view.asOf !== null || view.position !== null;
}
