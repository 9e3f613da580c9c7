// Language, times and durations of the pages of people at work and in the rain: as short as they can be said.

import { keep, kept } from "../lib/kept";
import { Locale } from "../lib/locale.svelte";
import type { Language } from "../lib/view";

const KEPT = "language";
const [MINUTE_S, HOUR_S, DAY_S] = [60, 3_600, 86_400];

export interface Units {
  min: string;
  h: string;
  d: string;
}

export class Tongue<W extends { unit: Units }> extends Locale<W> {
  constructor(all: Record<Language, W>) {
    super(all);
    const asked = new URLSearchParams(location.search).get("lang") ?? kept(KEPT) ?? navigator.language;
    this.speak(asked.startsWith("zh") ? "zh" : "en");
  }

  speak(language: Language): void {
    this.language = language;
    document.documentElement.lang = language === "zh" ? "zh-Hans" : "en";
    keep(KEPT, language);
  }

  minute(time: string): string {
    return this.shortMinute(time);
  }

  /** A duration to the minute, in two units at most. */
  duration(s: number): string {
    const { unit } = this.words;
    const whole = Math.max(0, Math.round(s / MINUTE_S) * MINUTE_S);
    if (whole < HOUR_S) return `${this.number(whole / MINUTE_S)} ${unit.min}`;
    const [big, small, bigName, smallName] = whole < DAY_S ? [HOUR_S, MINUTE_S, unit.h, unit.min] : [DAY_S, HOUR_S, unit.d, unit.h];
    const rest = Math.floor((whole % big) / small);
    return `${this.number(Math.floor(whole / big))} ${bigName}${rest ? ` ${rest} ${smallName}` : ""}`;
  }
}
