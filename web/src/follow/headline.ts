// What became of a report, in one sentence.

import type { Reason, State, Step } from "../desk/types";
import type { FollowWords } from "../words/en_follow";

/** As the service tells whoever has the link. Names as on the wire. */
export interface Followed {
  category: string;
  dry: boolean;
  received_at: string;
  incident_id: string | null;
  place: string | null;
  state: State | null;
  reports: number;
  steps: { seq: number; at: string; step: Step; reason: Reason | null; photos: string[] }[];
  time_to_close_s: number | null;
  time_to_drain_s: number | null;
  answer: string | null;
}

/** Of what was sent and is no report, or not yet. */
export interface NoReportYet {
  received_at: string;
  state: "waiting" | "dismissed";
  reason: Reason | null;
}

export const isReport = (told: Followed | NoReportYet): told is Followed => "category" in told;

export function headline({ dry, state, category, time_to_drain_s: drain, time_to_close_s: close, answer }: Followed, words: FollowWords, duration: (s: number) => string): string {
  if (dry) return words.dry;
  // Somebody saw it gone: that is what whoever waits wants to know, whatever the papers say.
  if (state !== "dismissed" && drain !== null) return (category === "waterlogging" ? words.drained : words.gone)(duration(drain));
  if (state === "dismissed") return answer ? words.answered : words.dismissed;
  if (state === "resolved" || state === "verified") return answer !== null || category === "opinion" ? words.answered : words.done(duration(close ?? 0));
  if (state === "suspended") return words.suspended;
  return state === "reported" ? words.waiting : words.under_way;
}

/** Does a change concern what is followed? */
export function concerns(report: Followed | null, changed: readonly { layer: string; ids: string[] | null }[]): boolean {
  // What is not known yet may have been told as it was before.
  if (!report) return true;
  const { incident_id: incident } = report;
  // An opinion is on no layer.
  if (changed.length === 0) return incident === null;
  const incidents = changed.find(({ layer }) => layer === "incidents");
  return incidents !== undefined && (incidents.ids === null || (incident != null && incidents.ids.includes(incident)));
}
