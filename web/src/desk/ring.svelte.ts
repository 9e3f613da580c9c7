// A new case rings once: a short tone, a badge, the title of the page. What has rung is remembered, whatever happens to the
// connection.

import { keep, kept } from "../lib/kept";

const TONE = { hz: 880, seconds: 0.35, volume: 0.15 };
const KEPT = "mute";

class Ring {
  muted = $state(kept(KEPT) === "true");
  /** Cases that came since somebody has looked. */
  fresh = $state.raw<Set<string>>(new Set());
  /** How often it has rung. */
  rung = $state(0);
  readonly #known = new Set<string>();
  #audio: AudioContext | null = null;

  /** These were there before: they ring no more. */
  know(ids: Iterable<string>): void {
    for (const id of ids) this.#known.add(id);
  }

  /** Rings for those that it does not know yet, once for all of them. */
  hear(ids: string[]): void {
    const fresh = ids.filter((id) => !this.#known.has(id));
    if (fresh.length === 0) return;
    this.know(fresh);
    this.fresh = new Set([...this.fresh, ...fresh]);
    this.rung += 1;
    if (!this.muted) void this.#sound();
  }

  seen(id?: string): void {
    this.fresh = id === undefined ? new Set() : new Set([...this.fresh].filter((other) => other !== id));
  }

  mute(muted: boolean): void {
    this.muted = muted;
    keep(KEPT, String(muted));
    if (!muted) void this.#sound();
  }

  async #sound(): Promise<void> {
    try {
      const audio = (this.#audio ??= new AudioContext());
      // Before the first touch of the page a browser may refuse; the badge is there all the same.
      if (audio.state === "suspended") await audio.resume();
      const [tone, volume] = [audio.createOscillator(), audio.createGain()];
      tone.frequency.value = TONE.hz;
      volume.gain.setValueAtTime(TONE.volume, audio.currentTime);
      volume.gain.exponentialRampToValueAtTime(0.001, audio.currentTime + TONE.seconds);
      tone.connect(volume).connect(audio.destination);
      tone.start();
      tone.stop(audio.currentTime + TONE.seconds);
    } catch {
      this.#audio = null;
    }
  }
}

export const ring = new Ring();
