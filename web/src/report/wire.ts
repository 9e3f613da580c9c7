// Calls of the service, each with what became of it: done, to be tried again, or refused.

import type { Problem } from "../lib/types";
import type { Candidate, PhotoDoubt, PhotoFault, PlaceFound, Understood } from "./types";
import { address } from "../lib/api";

const LONGEST_TEXT_WAIT_MS = 30_000;
const LONGEST_PHOTO_WAIT_MS = 180_000;
/** Answers that say nothing against the report itself. */
const AGAIN = new Set([408, 425, 429, 500, 502, 503, 504]);
const POSITIONS_DISAGREE = /positions-disagree$/;
const POSITION_FAR = /position-far$/;
const HEIC = /photo-heic$/;

export type Outcome<T> =
  | { is: "done"; value: T }
  /** `waitMs`: as the service has said; null: it said nothing, or was not reached. */
  | { is: "again"; waitMs: number | null; reached: boolean }
  | { is: "refused"; status: number; problem: Refusal };

export interface Refusal extends Partial<Problem> {
  detail: string;
  type?: string;
  candidates?: Candidate[];
}

export interface Uploaded {
  id: string;
  exif: { lon: number | null; lat: number | null } | null;
  doubts: PhotoDoubt[];
}

async function send<T>(path: string, body: BodyInit, headers: Record<string, string>, waitMs: number, signal?: AbortSignal): Promise<Outcome<T>> {
  const limit = AbortSignal.timeout(waitMs);
  let answer: Response;
  try {
    answer = await fetch(path, { method: "POST", body, headers, signal: signal ? AbortSignal.any([signal, limit]) : limit });
    if (answer.ok) return { is: "done", value: (await answer.json()) as T };
  } catch {
    return { is: "again", waitMs: null, reached: false };
  }
  if (AGAIN.has(answer.status)) return { is: "again", waitMs: retryAfterMs(answer), reached: true };
  const problem = ((await answer.json().catch(() => null)) ?? {}) as Partial<Refusal>;
  return { is: "refused", status: answer.status, problem: { ...problem, detail: problem.detail ?? `${answer.status} ${answer.statusText}` } };
}

/** Seconds or a date (RFC 9110, 10.2.3). */
function retryAfterMs(answer: Response): number | null {
  const said = answer.headers.get("retry-after");
  if (said === null) return null;
  const ms = /^\d+$/.test(said) ? Number(said) * 1_000 : Date.parse(said) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, ms) : null;
}

const JSON_KIND = { "content-type": "application/json" };

/** With the reader's offset: "this morning" is his. */
function local(at: Date): string {
  const minutes = -at.getTimezoneOffset();
  const two = (n: number) => String(Math.floor(Math.abs(n))).padStart(2, "0");
  const shifted = new Date(at.getTime() + minutes * 60_000).toISOString().slice(0, 19);
  return `${shifted}${minutes < 0 ? "-" : "+"}${two(minutes / 60)}:${two(minutes % 60)}`;
}

export function understand(text: string, signal?: AbortSignal): Promise<Outcome<Understood>> {
  return send("/api/v1/reports/parse", JSON.stringify({ text, at: local(new Date()) }), JSON_KIND, LONGEST_TEXT_WAIT_MS, signal);
}

/** What the service has to know of whoever has logged in here, and by how much its clock is ahead of this phone's. */
export interface Door {
  csrf: string | null;
  aheadMs: number;
}

/** Null: the service was not reached. */
export async function door(): Promise<Door | null> {
  const asked = fetch("/api/v1/session", { signal: AbortSignal.timeout(LONGEST_TEXT_WAIT_MS) });
  const me = asked.then(async (answer) => (answer.ok ? ((await answer.json()) as { csrf_token: string | null }).csrf_token : null)).catch(() => null);
  const clock = await understand("");
  if (clock.is === "again") return null;
  return { csrf: await me, aheadMs: clock.is === "done" ? Date.parse(clock.value.now) - Date.now() : 0 };
}

const DEVICE = "waterlog.device";
let drawn: string | null = null;

/** Drawn once at random and kept here: by it the service counts how much one phone sends, and knows what it sends twice. */
function device(): string {
  try {
    drawn ??= localStorage.getItem(DEVICE);
    if (drawn === null) localStorage.setItem(DEVICE, (drawn = random()));
  } catch {
    // A browser that keeps nothing is another one each time.
    drawn ??= random();
  }
  return drawn;
}

const random = (): string => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");

const proof = (door: Door | null): Record<string, string> => (door?.csrf ? { "x-csrf-token": door.csrf } : {});

export function report(body: string, key: string, door: Door): Promise<Outcome<{ follow: string }>> {
  return send("/api/v1/reports", body, { ...JSON_KIND, "idempotency-key": key, "device-id": device(), ...proof(door) }, LONGEST_TEXT_WAIT_MS);
}

export function photo(blob: Blob, door: Door | null, signal?: AbortSignal): Promise<Outcome<Uploaded>> {
  return send("/api/v1/photos", blob, { "content-type": blob.type || "application/octet-stream", "device-id": device(), ...proof(door) }, LONGEST_PHOTO_WAIT_MS, signal);
}

export const disagree = (refusal: Refusal): boolean => POSITIONS_DISAGREE.test(refusal.type ?? "");

/** Its position is far from everything that is known there. */
export const far = (refusal: Refusal): boolean => POSITION_FAR.test(refusal.type ?? "");

/** What is wrong with a photo that was refused; null: nothing that there are words for here. */
export function fault(status: number, refusal: Refusal): PhotoFault | null {
  if (status === 415) return HEIC.test(refusal.type ?? "") ? "heic" : "other_file";
  return status === 413 ? "too_large" : status === 422 ? "broken" : null;
}

/** The nearest place of another name: tells two of one name apart; null where there is none, or none can be asked for. */
export async function beside({ lon, lat, name }: { lon: number; lat: number; name: string }): Promise<string | null> {
  const near = await places("", { source: "pin", lon, lat }, AbortSignal.timeout(LONGEST_TEXT_WAIT_MS));
  return near?.find((place) => place.name !== name)?.name ?? null;
}

/** Places of a name, the nearest first; null where they cannot be searched now. */
export async function places(q: string, near: Candidate | null, signal: AbortSignal): Promise<PlaceFound[] | null> {
  try {
    const answer = await fetch(address("/api/v1/places", { q, near: near ? `${near.lon},${near.lat}` : undefined, limit: 8 }), { signal });
    return answer.ok ? ((await answer.json()) as { places: PlaceFound[] }).places : null;
  } catch {
    return null;
  }
}
