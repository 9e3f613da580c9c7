// What is on screen, as a file.

import type { Judgement } from "./criteria.svelte";
import type { Course, Hotspot, HotspotDetail } from "./types";
import { rfc3339 } from "./view";

const COLUMNS = [
  "category",
  "name",
  "status",
  "occasions",
  "occasions_storm",
  "occasions_small_rain",
  "occasions_dry_weather",
  "occasions_unknown",
  "occasions_not_found",
  "occasions_storm_contradicted",
  "occasions_small_rain_contradicted",
  "occasions_dry_weather_contradicted",
  "occasions_unknown_contradicted",
  "occasions_evidence",
  "occasions_unchecked",
  "occasions_per_year",
  "occasions_per_year_low",
  "occasions_per_year_high",
  "incidents",
  "reports",
  "reporters",
  "first_seen",
  "last_seen",
  "last_flooded",
  "depth_cm_median",
  "depth_cm_max",
  "impassable_share",
  "time_to_close_s_median",
  "time_to_drain_s_median",
  "trend",
  "rank",
  "rank_score",
  "width_m",
] as const;

/** What is counted in the time chosen, if one is; all other columns are of the whole window. */
const IN_TIME = COLUMNS.filter((name) => name.startsWith("occasions") && !name.startsWith("occasions_per_year"));

function inTime({ all, properties }: Hotspot): Record<string, Cell> {
  return all ? Object.fromEntries(IN_TIME.map((name) => [`${name}_in_time`, properties[name]])) : {};
}

/** By a criterion: its id, and what each hotspot is by it. */
export interface Judged {
  criterion: string;
  by: Map<string, Judgement>;
}

function verdict(id: string, judged: Judged | null): Record<string, string | null> {
  const row = judged?.by.get(id);
  return judged ? { criterion: judged.criterion, verdict: row?.verdict ?? null, verdict_on: row?.on.join(" ") ?? null } : {};
}

type Cell = string | number | null | undefined;

/** A table (RFC 4180) that a spreadsheet opens as text: no cell is a formula. */
export function table(columns: readonly string[], rows: Cell[][]): string {
  // Spreadsheets take a file for UTF-8 when it begins with this mark.
  return `\uFEFF${[columns, ...rows].map((row) => row.map(cell).join(",")).join("\r\n")}\r\n`;
}

export function csv(hotspots: Hotspot[], judged: Judged | null): string {
  const timed = hotspots.some(({ all }) => all);
  const rows = hotspots.map((hotspot) => {
    const { id, geometry, properties, all } = hotspot;
    const whole = COLUMNS.map((column) => (all ?? properties)[column]);
    return [id, geometry?.coordinates[0], geometry?.coordinates[1], ...whole, ...Object.values(inTime(hotspot)), ...Object.values(verdict(id, judged))];
  });
  const columns = ["id", "lon", "lat", ...COLUMNS, ...(timed ? IN_TIME.map((name) => `${name}_in_time`) : []), ...Object.keys(verdict("", judged))];
  return table(columns, rows);
}

function cell(value: Cell): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "number") return String(value);
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** Rain, incidents and occasions, one row for each step of time; beside them the water levels of a station, if there is one. */
export function courseTable({ start, step_s, rain_mm, incidents, occasions, level }: Course): string {
  const rows = rain_mm.map((mm, i) => [rfc3339(Date.parse(start) + i * step_s * 1000), step_s, mm, incidents[i], occasions[i], ...(level ? [level.station, level.level_m_mean[i], level.level_m_max[i]] : [])]);
  return table(["start", "seconds", "rain_mm", "incidents", "occasions", ...(level ? ["station", "level_m_mean", "level_m_max"] : [])], rows);
}

/** Every flood of a hotspot. */
export function occasionsTable({ id, occasions_list }: HotspotDetail): string {
  const rows = occasions_list.map(({ start, end, weather, evidence, not_found, incident_ids }) => [id, start, end, weather, String(evidence), String(not_found), incident_ids.join(" ")]);
  return table(["hotspot_id", "start", "end", "weather", "evidence", "not_found", "incident_ids"], rows);
}

export function geojson(hotspots: Hotspot[], judged: Judged | null, about: { as_of: string; position: number; link: string; datetime?: string }): string {
  const features = hotspots.map((hotspot) => {
    const { type, id, geometry, properties, all } = hotspot;
    return { type, id, geometry, properties: { ...(all ?? properties), ...inTime(hotspot), ...verdict(id, judged) } };
  });
  return JSON.stringify({ type: "FeatureCollection", ...about, features }, null, 1);
}

export function save(name: string, type: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  // The browser has begun to read it by then.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
