// A new case rings once: a short tone, a badge, the title of the page. What has rung is remembered, whatever happens to the
// connection.

const TONE = { hz: 880, seconds: 0.35, volume: 0.15 };
const KEPT = "waterlog.mute";

class Ring {
  muted = $state(kept());
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
    try {
      localStorage.setItem(KEPT, String(muted));
    } catch {
      // A browser that keeps nothing rings again next time.
    }
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

function kept(): boolean {
  try {
    return localStorage.getItem(KEPT) === "true";
  } catch {
    return false;
  }
}

export const ring = new Ring();
