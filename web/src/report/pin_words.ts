// What is said around a pin and a search for a place, on whichever page.

export interface PinWords {
  search: string;
  search_none: string;
  search_failed: string;
  metres_away: (m: string) => string;
  beside: (name: string) => string;
  map_about: string;
  map_here: string;
  map_closer: string;
  map_loading: string;
  map_none: string;
  locate: string;
}
