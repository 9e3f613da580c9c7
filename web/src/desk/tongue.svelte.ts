// Language, times and durations of the pages of people at work and in the rain: as short as they can be said.

import type { Language } from "../lib/view";

const LOCALES: Record<Language, string> = { en: "en-GB", zh: "zh-CN" };
const KEPT = "waterlog.language";
const [MINUTE_S, HOUR_S, DAY_S] = [60, 3_600, 86_400];

export interface Units {
  min: string;
  h: string;
  d: string;
}

export class Tongue<W extends { unit: Units }> {
  language = $state<Language>("en");
  readonly #all: Record<Language, W>;
  #locale = $derived(LOCALES[this.language]);
  #clock = $derived(new Intl.DateTimeFormat(this.#locale, { hour: "2-digit", minute: "2-digit" }));
  #minute = $derived(new Intl.DateTimeFormat(this.#locale, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" }));

  constructor(all: Record<Language, W>) {
    this.#all = all;
    const asked = new URLSearchParams(location.search).get("lang") ?? kept() ?? navigator.language;
    this.speak(asked.startsWith("zh") ? "zh" : "en");
  }

  get words(): W {
    return this.#all[this.language];
  }

  speak(language: Language): void {
    this.language = language;
    document.documentElement.lang = language === "zh" ? "zh-Hans" : "en";
    try {
      localStorage.setItem(KEPT, language);
    } catch {
      // A browser that keeps nothing is asked again.
    }
  }

  number(n: number, digits = 0): string {
    return n.toLocaleString(this.#locale, { maximumFractionDigits: digits });
  }

  percent(share: number): string {
    return `${this.number(100 * share)} %`;
  }

  clock(time: string): string {
    return this.#clock.format(new Date(time));
  }

  minute(time: string): string {
    return this.#minute.format(new Date(time));
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

function kept(): string | null {
  try {
    return localStorage.getItem(KEPT);
  } catch {
    return null;
  }
}
