// What the service publishes, as far as this page reads it. Names as on the wire.

import type { RankTerms, Share, TrendTerms } from "./answers";

export type Status = "confirmed" | "recurring" | "candidate";
export type Weather = "storm" | "small_rain" | "none" | "unknown";
export type Trend = "new" | "worsening" | "improving" | "dormant" | "steady" | "insufficient_history";

export interface Feature<P> {
  type: "Feature";
  id: string;
  geometry: { type: "Point"; coordinates: [number, number] } | null;
  properties: P;
  links?: { href: string; rel: string }[];
}

export interface Collection<P> {
  type: "FeatureCollection";
  numberMatched: number;
  numberReturned: number;
  as_of: string;
  position: number;
  links: { href: string; rel: string }[];
  features: Feature<P>[];
}

export interface HotspotProperties {
  category: string;
  name: string | null;
  status: Status;
  occasions: number;
  occasions_storm: number;
  occasions_small_rain: number;
  occasions_dry_weather: number;
  occasions_unknown: number;
  occasions_not_found: number;
  /** Of each weather those without evidence at which inspectors found nothing. */
  occasions_storm_contradicted: number;
  occasions_small_rain_contradicted: number;
  occasions_dry_weather_contradicted: number;
  occasions_unknown_contradicted: number;
  occasions_evidence: number;
  occasions_unchecked: number;
  occasions_per_year: number | null;
  occasions_per_year_low: number | null;
  occasions_per_year_high: number | null;
  incidents: number;
  reports: number;
  reporters: number;
  first_seen: string;
  last_seen: string;
  /** The end of its last occasion; `last_seen` may be of a spot beside it. */
  last_flooded: string;
  depth_cm_median: number | null;
  depth_cm_max: number | null;
  impassable_share: number | null;
  time_to_close_s_median: number | null;
  time_to_drain_s_median: number | null;
  trend: Trend;
  /** Null while less than 90 days were observed. */
  rank: number | null;
  rank_score: number | null;
  width_m: number | null;
}

export interface Hotspot extends Feature<HotspotProperties> {
  /** Where a time is chosen, and `properties` count the occasions in it: the properties as they are. */
  all?: HotspotProperties;
}

/** The occasions of one hotspot in a time. */
export interface HotspotOccasions {
  hotspot_id: string;
  occasions: number;
  occasions_storm: number;
  occasions_small_rain: number;
  occasions_dry_weather: number;
  occasions_unknown: number;
  occasions_not_found: number;
  /** Of each weather those without evidence at which inspectors found nothing. */
  occasions_storm_contradicted: number;
  occasions_small_rain_contradicted: number;
  occasions_dry_weather_contradicted: number;
  occasions_unknown_contradicted: number;
  occasions_evidence: number;
  occasions_unchecked: number;
  start: string;
  end: string;
}

export interface OccasionsWithin {
  hotspots: HotspotOccasions[];
  as_of: string;
  position: number;
}

export interface Occasion {
  start: string;
  end: string;
  weather: Weather;
  evidence: boolean;
  not_found: boolean;
  incident_ids: string[];
  storm_ids: string[];
}

export interface HotspotDetail extends Hotspot {
  sites: { id: string; name: string | null; coordinates: [number, number]; occasions: number }[];
  occasions_list: Occasion[];
  trend_terms: TrendTerms;
  rank_terms: RankTerms;
  in_storms: Share;
  /** Since its last occasion; null where no rain is measured. */
  storms_since: { storms: number; dry: number; unknown: number } | null;
  /** Whose rain counts here. */
  gauge: string | null;
  window: { start: string; end: string };
  parameters: Record<string, number>;
  as_of: string;
  position: number;
}

export interface IncidentProperties {
  category: string;
  place: string | null;
  status: string;
  first_observed_at: string;
  last_observed_at: string;
  resolved_at: string | null;
  time_to_close_s: number | null;
  time_to_drain_s: number | null;
  reports: number;
  reporters: number;
  evidence: boolean;
  depth_cm_max: number | null;
  passability: string | null;
  weather: Weather;
  hotspot_id: string | null;
}

export interface ReportProperties {
  observed_at: string;
  depth_cm: number | null;
  passability: string | null;
  dry: boolean;
  channel: string | null;
}

export interface IncidentDetail extends Feature<IncidentProperties> {
  acknowledged: boolean;
  found: boolean;
  not_found: boolean;
  reports_list: Feature<ReportProperties>[];
}

export interface StormProperties {
  gauge: string;
  start: string;
  end: string;
  depth_mm: number;
  peak_1h_mm_h: number | null;
  incidents: number;
  hotspots: number;
}

/** Rain, incidents and occasions of hotspots in equal steps; null where rain was not measured. */
export interface Course {
  as_of: string;
  position: number;
  step_s: number;
  start: string;
  rain_mm: (number | null)[];
  incidents: number[];
  /** By their begin, as the list counts them. */
  occasions: number[];
  /** Where a station was asked for. */
  level?: StationLevels;
}

/** Water levels by step, in metres above the station's datum; null where none was read. */
export interface StationLevels {
  station: string;
  name: string | null;
  datum: string | null;
  level_m_mean: (number | null)[];
  level_m_max: (number | null)[];
}

export interface Changes {
  position: number;
  as_of: string;
  changed: { layer: string; ids: string[] | null; count: number | null }[];
}

/** A problem document (RFC 9457). */
export interface Problem {
  status: number;
  title: string;
  detail: string;
  field?: string;
}
