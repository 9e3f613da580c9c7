// Where a report lies: what is known, which of it holds, and whether it has to be asked.

import type { Candidate } from "./types";

/** Further apart, two positions are of two places. */
export const AGREE_M = 200;
/** A device that knows no better comes after everything else. */
export const ROUGH_M = 100;
/** The service takes nothing that is known worse. */
const USELESS_M = 10_000;
const EARTH_M = 6_371_008.8;

/** On a sphere of the mean radius of the Earth (haversine). */
export function distanceM(a: { lon: number; lat: number }, b: { lon: number; lat: number }): number {
  const rad = (degrees: number) => (degrees * Math.PI) / 180;
  const [dLat, dLon] = [rad(b.lat - a.lat), rad(b.lon - a.lon)];
  const h = Math.sin(dLat / 2) ** 2 + Math.cos(rad(a.lat)) * Math.cos(rad(b.lat)) * Math.sin(dLon / 2) ** 2;
  return 2 * EARTH_M * Math.asin(Math.min(1, Math.sqrt(h)));
}

function order({ source, accuracy_m = 0 }: Candidate): number {
  if (source === "device") return accuracy_m <= ROUGH_M ? 1 : 4;
  return { pin: 0, exif: 2, text: 3 }[source];
}

/** Those that can be sent, the one that holds first. */
export function ranked(candidates: readonly Candidate[]): Candidate[] {
  return candidates.filter(({ accuracy_m = 0 }) => accuracy_m <= USELESS_M).sort((a, b) => order(a) - order(b));
}

/** Those among which somebody has to choose; none where a pin says it, or all are about the same. */
export function disagreeing(candidates: readonly Candidate[]): Candidate[] {
  const [first, ...others] = ranked(candidates);
  if (!first || first.source === "pin") return [];
  return others.some((other) => distanceM(first, other) > AGREE_M) ? [first, ...others] : [];
}

/** The fields of a post: one position as it is, several as candidates. */
export function posted(candidates: readonly Candidate[]): Record<string, unknown> {
  const [first, ...others] = ranked(candidates).map(({ name: _, ...candidate }) => ({ ...candidate, ...round(candidate) }));
  if (!first) return {};
  // What nobody has set by hand says so: the service asks back where it cannot be.
  if (others.length > 0 || first.source !== "pin") return { positions: [first, ...others] };
  return { lon: first.lon, lat: first.lat };
}

/** To a centimetre: more digits say nothing. */
function round({ lon, lat }: Candidate): { lon: number; lat: number } {
  return { lon: Number(lon.toFixed(7)), lat: Number(lat.toFixed(7)) };
}
