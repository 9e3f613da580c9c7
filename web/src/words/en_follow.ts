// The reporter's page in English: plain words.

import type { Reason, Step } from "../desk/types";

export const en = {
  title: "Your report",
  language: "中文",
  unit: { min: "min", h: "h", d: "d" },
  loading: "Loading",
  received: "Received",
  waiting: "Received, thank you. Somebody will look at it.",
  under_way: "We are on it.",
  suspended: "It needs larger works: that takes longer.",
  drained: (time: string) => `Drained after ${time}, thank you.`,
  gone: (time: string) => `Gone after ${time}, thank you.`,
  done: (time: string) => `Done after ${time}, thank you.`,
  dismissed: "Closed.",
  answered: "Answered.",
  dry: "Thank you: it helps to know where it stays dry, too.",
  others: (n: number) => (n === 2 ? "One other has reported it, too." : `${n - 1} others have reported it, too.`),
  steps: {
    acknowledge: "Seen by the city",
    dispatch: "Somebody was sent",
    start: "Work has begun",
    resolve: "Done",
    verify: "Checked",
    dismiss: "Closed",
    return: "Passed on to another unit",
    prolong: "More time was granted",
    suspend: "Waits for larger works",
    reopen: "Opened again",
    found: "Found on site",
    not_found: "Nothing was found on site",
    merge: "Joined with another report of the same",
    split: "Looked at by itself",
    request_prolong: "More time was asked for",
    request_suspend: "Larger works were asked for",
    refuse: "That was not granted",
  } satisfies Record<Step, string>,
  reasons: { false_alarm: "there was nothing", duplicate: "it was reported before", not_ours: "it is not the city's", abuse: "it is no report" } satisfies Record<Reason, string>,
  nothing: "Nothing is followed by this link.",
  nothing_todo: "Check that it is whole, or the report was withdrawn.",
  failed: "This cannot be shown now.",
  retry: "Try again",
  lost: (time: string) => `No connection since ${time}.`,
  keep: "This page follows by itself. Whoever has its address sees it.",
};

export type FollowWords = typeof en;
