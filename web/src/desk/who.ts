// Who works at the desk. Everything that asks in somebody's name asks here; today he says so himself, where the service
// takes him at his word.

import { ROLES, type Role } from "./types";

export interface Who {
  role: Role;
  /** The id of his unit; empty: of none. */
  unit: string;
}

const KEPT = "waterlog.who";
/** As the service takes a unit's id. */
export const UNIT = "[a-z0-9_.\\-]{1,100}";

/** Who was chosen in this tab; null: nobody yet. */
export function chosen(): Who | null {
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? "null") as Partial<Who> | null;
    const role = ROLES.find((known) => known === kept?.role);
    return role ? { role, unit: String(kept?.unit ?? "") } : null;
  } catch {
    return null;
  }
}

export function choose(who: Who | null): void {
  try {
    if (who) sessionStorage.setItem(KEPT, JSON.stringify(who));
    else sessionStorage.removeItem(KEPT);
  } catch {
    // A browser that keeps nothing asks again next time.
  }
}

/** What a request says of who asks. */
export function headers(who: Who): Record<string, string> {
  return { "actor-role": who.role, ...(who.unit ? { "actor-unit": who.unit } : {}) };
}

/** What of the queue is his: a department sees what was sent to it. */
export function unitOf(who: Who): string | undefined {
  return who.role === "department" && who.unit ? who.unit : undefined;
}
