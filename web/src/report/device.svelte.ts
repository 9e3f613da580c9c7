// Where the phone is, as it says itself.

import type { Candidate } from "./types";

/** Older, it is of another street. */
const FRESH_MS = 60_000;
/** In the rain nobody waits longer. */
const LONGEST_WAIT_MS = 8_000;

class Device {
  state = $state<"asking" | "found" | "denied" | "none">("asking");
  #at = $state.raw<GeolocationPosition | null>(null);
  #watch: number | null = null;

  readonly candidate = $derived.by((): Candidate | null => {
    if (!this.#at) return null;
    const { longitude: lon, latitude: lat, accuracy } = this.#at.coords;
    return { source: "device", lon, lat, accuracy_m: Math.ceil(accuracy) };
  });

  /** Where it is now; null where it does not know. One that lies still says nothing for long: it is asked. */
  async now(): Promise<Candidate | null> {
    if (!this.#fresh() && this.#watch !== null) {
      this.#at = await new Promise((found) => navigator.geolocation.getCurrentPosition(found, () => found(null), { enableHighAccuracy: true, maximumAge: FRESH_MS, timeout: LONGEST_WAIT_MS }));
    }
    return this.candidate;
  }

  #fresh(): boolean {
    return this.#at !== null && Date.now() - this.#at.timestamp < FRESH_MS;
  }

  /** Looks again when the page comes back into sight: it may be of another street by then. */
  begin(): void {
    this.start();
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden && !this.#fresh() && this.state !== "denied") this.start();
    });
  }

  start(): void {
    // Without https a browser does not offer it.
    if (!navigator.geolocation) {
      this.state = "none";
      return;
    }
    if (this.#watch !== null) navigator.geolocation.clearWatch(this.#watch);
    if (this.state !== "found") this.state = "asking";
    this.#watch = navigator.geolocation.watchPosition(
      (at) => {
        this.#at = at;
        this.state = "found";
      },
      ({ code, PERMISSION_DENIED }) => {
        if (code === PERMISSION_DENIED) this.state = "denied";
        else if (!this.#at) this.state = "none";
      },
      { enableHighAccuracy: true, maximumAge: 10_000, timeout: 20_000 },
    );
  }
}

export const device = new Device();
