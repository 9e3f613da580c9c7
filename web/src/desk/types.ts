// What the service says to the desk. Names as on the wire.

import type { Feature, Problem, ReportProperties } from "../lib/types";

export const STEPS = ["acknowledge", "dispatch", "start", "resolve", "verify", "rework", "dismiss", "return", "prolong", "suspend", "reopen", "found", "not_found", "merge", "split", "request_prolong", "request_suspend", "refuse"] as const;
export type Step = (typeof STEPS)[number];
export const STATES = ["reported", "reopened", "acknowledged", "returned", "suspended", "dispatched", "in_progress", "resolved", "verified", "dismissed"] as const;
export type State = (typeof STATES)[number];
export const ROLES = ["grid_worker", "department", "planner", "administrator"] as const;
export type Role = (typeof ROLES)[number];
export const REASONS = ["false_alarm", "duplicate", "not_ours", "abuse"] as const;
export type Reason = (typeof REASONS)[number];
export const AREA_LEVELS = ["city", "district", "sub_district", "grid"] as const;
export type AreaLevel = (typeof AREA_LEVELS)[number];
export type Field = "unit" | "until" | "reason" | "other_incident_id" | "report_id" | "note";

/** One case of the queue. */
export interface Case {
  id: string;
  category: string;
  place: string | null;
  coordinates: [number, number];
  state: State;
  version: string;
  deadline: string | null;
  escalation: number;
  /** The unit it was carried to, because it is late. */
  carried_to: string | null;
  unit: string | null;
  suggested_unit: string | null;
  /** What is asked for and not answered yet. */
  asked: Step | null;
  /** Until when. */
  asked_until: string | null;
  reports: number;
  reporters: number;
  first_observed_at: string;
  last_observed_at: string;
  depth_cm_max: number | null;
  passability: string | null;
  time_to_drain_s: number | null;
  said: string[];
  /** What its reporters show, those of the newest report first. */
  photos: { id: string; report_id: string }[];
  /** Those that came with other reports as well. */
  same_photos: { photo: string; reports: { report_id: string; incident_id: string | null }[] }[];
}

export interface StepRule {
  step: Step;
  from: State[];
  to: State | null;
  roles: string[];
  needs: Field[];
  takes: Field[];
  /** Possible only where something is asked for. */
  answers: boolean;
}

export interface Queue {
  now: string;
  rows: Case[];
  /** Where there are more: what the next request gives as `after`. */
  next: string | null;
  /** When the next case comes by the clock alone. */
  carried_next_at: string | null;
  workflow: StepRule[];
}

export interface StepTaken {
  seq: number;
  at: string;
  step: Step;
  from: State;
  to: State;
  role: string | null;
  by_unit: string | null;
  /** As others know him, where he has an account; only for those who may read it. */
  by_name?: string | null;
  unit: string | null;
  until: string | null;
  reason: Reason | null;
  note?: string | null;
  /** What was shown with it: ids of photos; only for those who may see them. */
  photos?: string[];
  /** Its reporters see them. */
  photos_told?: boolean;
}

/** What is not published of a report, for those who may read it. */
export interface PrivateReport {
  id: string;
  text: string | null;
  place: string | null;
  link_revoked: boolean;
}

/** A case with its reports, in order of observation. */
export interface Detail {
  geometry: { coordinates: [number, number] } | null;
  reports_list: Feature<ReportProperties>[];
  reports_private?: PrivateReport[];
}

/** How a case stands; a step that was refused comes back with it. */
export interface Standing {
  incident_id: string;
  state: State;
  version: string;
  last_step: StepTaken | null;
}

export type Refusal = Problem & Partial<Standing>;

export interface Service {
  open: number;
  overdue: number;
  closed_today: number;
  time_to_close_s_median_today: number | null;
  on_time_today: number | null;
  rows: ServiceRow[];
}

export interface ServiceRow {
  category: string | null;
  area_id: string | null;
  area_name: string | null;
  month: string | null;
  n: number;
  open: number;
  overdue: number;
  closed: number;
  dismissed: number;
  on_time: number | null;
  time_to_close_s_median: number | null;
  time_to_close_s_p90: number | null;
  drained: number;
  time_to_drain_s_median: number | null;
  time_to_drain_s_p90: number | null;
}
