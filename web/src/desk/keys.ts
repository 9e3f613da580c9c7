// One key for each step.

import type { Case, Step, StepRule } from "./types";
import type { Who } from "./who";

export const KEY: Record<Step, string> = {
  acknowledge: "a",
  dispatch: "d",
  start: "s",
  resolve: "r",
  verify: "v",
  rework: "e",
  dismiss: "x",
  return: "b",
  prolong: "p",
  suspend: "u",
  reopen: "o",
  found: "f",
  not_found: "n",
  merge: "m",
  split: "l",
  request_prolong: "t",
  request_suspend: "w",
  refuse: "g",
};

/** These are taken beside the case, where there is something to look at first. */
const BESIDE: Step[] = ["merge", "split"];
/** These speak for themselves: they are taken at once. */
const AT_ONCE: Step[] = ["acknowledge", "start", "verify", "found", "not_found"];

/** Who may grant it need not ask. */
const ASKING: Step[] = ["request_prolong", "request_suspend"];

/** What may follow, for who asks. */
export function nextSteps(of: Case, rules: StepRule[], who: Who): StepRule[] {
  return rules.filter(
    ({ step, from, roles, answers }) => from.includes(of.state) && roles.includes(who.role) && !BESIDE.includes(step) && (!answers || of.asked !== null) && !(ASKING.includes(step) && who.role === "administrator"),
  );
}

/** May he take this step, which is taken beside the case? */
export function may(taken: "merge" | "split", of: Case, rules: StepRule[], who: Who): boolean {
  return rules.some(({ step, from, roles }) => step === taken && from.includes(of.state) && roles.includes(who.role));
}

/** Is it he who decides what reporters see, and who may follow? */
export const decides = (who: Who): boolean => who.role === "grid_worker" || who.role === "administrator";

export const atOnce = (step: Step): boolean => AT_ONCE.includes(step);
