// What the Report page keeps and says. Names as on the wire.

export const PASSABILITY = ["clear", "slow", "impassable_small", "impassable"] as const;
export type Passability = (typeof PASSABILITY)[number];

/** Where a position is known from. */
export type Source = "pin" | "device" | "exif" | "text";

export interface Candidate {
  source: Source;
  lon: number;
  lat: number;
  accuracy_m?: number;
  place_id?: string;
  /** As people call it; for the page alone. */
  name?: string;
}

/** What of a report does not depend on where it lies and which photos come with it. */
export interface Content {
  category: string;
  dry: boolean;
  text: string;
  place: string;
  depth_cm: number | null;
  passability: Passability | null;
}

export interface Photo {
  blob: Blob;
  /** As the service calls it, once it has it. */
  id: string | null;
}

/** Why a photo was not taken, where the page has words of its own for it. */
export type PhotoFault = "heic" | "other_file" | "too_large" | "broken";
/** What the service doubts of a photo. */
export type PhotoDoubt = "position" | "clock" | "far";

/** What only the person can decide. */
export type Asks =
  | { about: "photo"; index: number; why: string; fault?: PhotoFault | null }
  | { about: "positions" }
  /** It lies far from everything that is known there. */
  | { about: "far" }
  | { about: "position" }
  | { about: "refused"; why: string };

/** A report in this phone, until it was sent and some days longer. */
export interface Entry {
  /** Made once: however often it is sent, it is one report. */
  key: string;
  content: Content;
  candidates: Candidate[];
  photos: Photo[];
  /** When it was seen, by the clock of the phone. */
  noted_ms: number;
  /** Not sent before; grows with each try that failed. */
  due_ms: number;
  tries: number;
  /** So often its photos were sent once more, for the service had them no longer. */
  resent?: number;
  /** As it was sent first: a try that was not answered may have been taken. */
  body: string | null;
  asks: Asks | null;
  sent_ms: number | null;
  follow: string | null;
}

/** What the service understood of a text. */
export interface Matter {
  category: string | null;
  place_text: string | null;
  place_id: string | null;
  depth_cm: number | null;
  depth_cm_low: number | null;
  depth_cm_high: number | null;
  passability: Passability | null;
  dry: boolean | null;
  resolved: boolean | null;
  observed_at: string | null;
  words: Partial<Record<string, string>>;
}

export interface Question {
  matter: number;
  field: string;
  zh: string;
  en: string;
  choices?: { place_id: string; name: string }[];
}

export interface PlaceMeant {
  id: string;
  name: string;
  lon: number;
  lat: number;
}

export interface Understood {
  matters: Matter[];
  questions: Question[];
  places: PlaceMeant[];
  now: string;
}

/** A place that a search has found. */
export interface PlaceFound extends PlaceMeant {
  kind: string;
  matched: string;
  distance_m?: number;
}
