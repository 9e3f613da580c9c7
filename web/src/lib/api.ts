// Calls of the service. Every failure becomes a Failure that says what can be done.

import type { Collection, Feature, Problem } from "./types";

export class Failure extends Error {
  constructor(
    /** 0: the service could not be reached. */
    readonly status: number,
    message: string,
    /** The query parameter that was wrong. */
    readonly field?: string,
  ) {
    super(message);
  }
}

/** The service packs and answers a large city within seconds; beyond, something hangs. */
const LONGEST_WAIT_MS = 60_000;
/** A service that has too much to do says when to come back: so often that is done before anybody is told. */
const TIMES_BACK = 5;
const LONGEST_BACK_S = 10;
const LARGEST_PAGE = 10_000;

export type Query = Record<string, string | number | undefined>;

export function address(path: string, query: Query = {}): string {
  const pairs = Object.entries(query).filter(([, value]) => value !== undefined && value !== "");
  const search = new URLSearchParams(pairs.map(([name, value]) => [name, String(value)])).toString();
  return search ? `${path}?${search}` : path;
}

export async function get<T>(url: string, signal?: AbortSignal): Promise<T> {
  const limit = AbortSignal.timeout(LONGEST_WAIT_MS);
  const either = signal ? AbortSignal.any([signal, limit]) : limit;
  let answer: Response;
  try {
    answer = await fetch(url, { signal: either });
    for (let back = 0; answer.status === 503 && back < TIMES_BACK; back += 1) {
      const after = Number(answer.headers.get("retry-after"));
      if (!(after > 0 && after <= LONGEST_BACK_S)) break;
      // Those who were told so together do not come back together.
      await new Promise((again) => setTimeout(again, after * (1 + Math.random()) * 1_000));
      answer = await fetch(url, { signal: either });
    }
  } catch (cause) {
    if (signal?.aborted) throw cause;
    throw new Failure(0, String(cause));
  }
  if (answer.ok) return (await answer.json()) as T;
  const problem = (await answer.json().catch(() => null)) as Problem | null;
  throw new Failure(answer.status, problem?.detail ?? answer.statusText, problem?.field);
}

/** All pages of a list, up to `most` features. */
export async function all<P>(path: string, query: Query, most: number, signal?: AbortSignal): Promise<Collection<P>> {
  const limit = Math.min(most, LARGEST_PAGE);
  const first = await get<Collection<P>>(address(path, { ...query, limit }), signal);
  let page = first;
  const features: Feature<P>[] = first.features;
  while (features.length < most) {
    const next = page.links.find((link) => link.rel === "next");
    if (!next) break;
    page = await get<Collection<P>>(next.href, signal);
    features.push(...page.features);
  }
  return { ...first, features };
}
