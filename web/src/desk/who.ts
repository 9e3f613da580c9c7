// Who works at the desk. Everything that asks in somebody's name asks here: somebody who has logged in, or, where the
// service takes everybody at his word, whom he says he is.

import { Failure, get } from "../lib/api";
import { ROLES, type Role } from "./types";

export interface Who {
  role: Role;
  /** The id of his unit; empty: of none. */
  unit: string;
  /** As others know him; null: he is taken at his word. */
  name: string | null;
  /** Goes with whatever changes something in his session's name; null: he has none. */
  csrf: string | null;
}

/** What the service knows of whoever asks. Names as on the wire. */
interface Me {
  name: string | null;
  role: string | null;
  unit: string | null;
  csrf_token: string | null;
  trusts_actors: boolean;
}

const SESSION = "/api/v1/session";
const KEPT = "waterlog.who";
/** As the service takes a unit's id. */
export const UNIT = "[a-z0-9_.\\-]{1,100}";

/** Who has a session here, else who was chosen in this tab; and whether he may be chosen. */
export async function recognise(): Promise<{ who: Who | null; trusts: boolean }> {
  const me = await get<Me>(SESSION);
  return { who: of(me) ?? (me.trusts_actors ? chosen() : null), trusts: me.trusts_actors };
}

/** Logs in; a role that has no business at the desk is nobody here. */
export async function logIn(login: string, password: string): Promise<Who | null> {
  let answer: Response;
  try {
    answer = await fetch(SESSION, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ login, password }) });
  } catch (cause) {
    throw new Failure(0, String(cause));
  }
  if (answer.ok) return of((await answer.json()) as Me);
  throw new Failure(answer.status, answer.headers.get("retry-after") ?? "");
}

/** Ends the session; where that cannot be said to the service, it ends by itself later. */
export async function logOut(who: Who): Promise<void> {
  await fetch(SESSION, { method: "DELETE", headers: headers(who) }).catch(() => undefined);
}

function of(me: Me): Who | null {
  const role = ROLES.find((known) => known === me.role);
  return role && me.csrf_token ? { role, unit: me.unit ?? "", name: me.name, csrf: me.csrf_token } : null;
}

function chosen(): Who | null {
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? "null") as Partial<Who> | null;
    const role = ROLES.find((known) => known === kept?.role);
    return role ? { role, unit: String(kept?.unit ?? ""), name: null, csrf: null } : null;
  } catch {
    return null;
  }
}

/** Keeps in this tab who is taken at his word; of a session the browser keeps the cookie. */
export function choose(who: Who | null): void {
  try {
    if (who && !who.csrf) sessionStorage.setItem(KEPT, JSON.stringify(who));
    else sessionStorage.removeItem(KEPT);
  } catch {
    // A browser that keeps nothing asks again next time.
  }
}

/** What a request says of who asks. */
export function headers(who: Who): Record<string, string> {
  if (who.csrf) return { "x-csrf-token": who.csrf };
  return { "actor-role": who.role, ...(who.unit ? { "actor-unit": who.unit } : {}) };
}

/** What of the queue is his: a department sees what was sent to it. */
export function unitOf(who: Who): string | undefined {
  return who.role === "department" && who.unit ? who.unit : undefined;
}
