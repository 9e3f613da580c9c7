// English words of what the analyses answer, as far as the list says it.

import { plural } from "./en_plural";

export const answers = {
  csv: "Table (CSV)",
  trend: {
    short: { new: "new", worsening: "worse", improving: "better", dormant: "dormant", steady: "steady", insufficient_history: "none" },
    long: {
      new: "New: none in the first two thirds of the time observed",
      worsening: "Getting worse",
      improving: "Getting better",
      dormant: "Dormant: none in the last third of the time observed",
      steady: "Steady: no change that chance would not explain",
      insufficient_history: "No trend can be given",
    },
    why_none: { short: "<1 yr", few: "too few", none: "no basis" },
    why_none_long: { short: "no trend: observed for less than a year", few: "no trend: fewer than 5 occasions", none: "no trend: too little to count against" },
    none_yet: {
      short: (long: string, _: string) => `Too early to say: ${long} of data, it takes a year.`,
      few: (_: string, few: string) => `Too early to say: it takes a year of data and ${few} occasions, with storms or reports all along.`,
    },
    ask: "Is it getting worse?",
    some: (all: string, worse: string, better: string) => `Of ${all} spots ${worse} are new or worse, ${better} better or dormant.`,
  },
  works: {
    title: "Did the works help?",
    none_loaded: "None loaded yet.",
    told: (n: number, better: number, same: number, worse: number, open: number, why: string) =>
      `Of ${n} ${plural(n, "spot", "spots")} with works: ${[[better, "better"], [same, "no change"], [worse, "worse"], [open, `not yet to be told${why && ` (${why})`}`]].filter(([k]) => k).map((part) => part.join(" ")).join(", ")}.`,
    since: (day: string) => `from ${day}; nobody said when they ended`,
  },
  criteria: {
    label: "Whose criterion",
    none: "spots by the rule above",
    means: "Whose definition of a flooding spot the list goes by: the rule stated above, or a city’s official one. Then each spot says whether it meets it.",
    disabled: (name: string) => `${name} (not confirmed by a city)`,
    title: (name: string) => `By the criterion ${name}`,
    column: "By the criterion",
    verdict: { meets: "meets it", fails: "fails", cannot_be_judged: "cannot be judged" },
    because: { meets: (_: string) => "", fails: (on: string) => ` on ${on}`, cannot_be_judged: (of: string) => `: ${of} missing` },
    count: { meets: (n: number) => plural(n, "meets it", "meet it"), fails: (n: number) => plural(n, "fails", "fail"), cannot_be_judged: (_: number) => "cannot be judged" },
    on: {
      occasions: "occasions",
      depth: "depth",
      duration: "duration",
      impassable: "how long nobody could pass",
      area: "area",
      length: "length",
      claims: "insurance claims",
      underpass: "whether it is an underpass",
      road_category: "the category of the road",
      years: "years of observation",
    } as Record<string, string>,
    firmness: {
      official: "Taken from the official text.",
      named_press: "Known from a named newspaper; the official text was not seen.",
      secondary_copy: "Known from a second-hand copy; the official text was not seen.",
      own_text: "Taken from the city’s own text.",
    } as Record<string, string>,
    failed: "The hotspots could not be judged just now.",
  },
};

export type Answers = typeof answers;
