// What all pages say in one of their languages: words, numbers and times.

import type { Language } from "./view";

const LOCALES: Record<Language, string> = { en: "en-GB", zh: "zh-CN" };

export class Locale<W> {
  language = $state<Language>("en");
  readonly #all: Record<Language, W>;
  words = $derived.by(() => this.#all[this.language]);
  /** As browsers name it. */
  locale = $derived(LOCALES[this.language]);
  // To make a formatter takes longer than to draw a row.
  #whole = $derived(new Intl.NumberFormat(this.locale, { maximumFractionDigits: 0 }));
  #fraction = $derived((digits: number) => new Intl.NumberFormat(this.locale, { maximumFractionDigits: digits }));
  protected clockOf = $derived(new Intl.DateTimeFormat(this.locale, { hour: "2-digit", minute: "2-digit" }));
  protected shortMinuteOf = $derived(new Intl.DateTimeFormat(this.locale, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" }));

  constructor(all: Record<Language, W>) {
    this.#all = all;
  }

  number(n: number, digits = 0): string {
    return (digits === 0 ? this.#whole : this.#fraction(digits)).format(n);
  }

  percent(share: number): string {
    return `${this.number(100 * share)} %`;
  }

  clock(time: string | number): string {
    return this.clockOf.format(new Date(time));
  }

  /** To the minute, without the year. */
  shortMinute(time: string | number): string {
    return this.shortMinuteOf.format(new Date(time));
  }

  /** A range of what these write, the second as `brief` writes it. */
  protected range(of: Intl.DateTimeFormat, brief: Intl.DateTimeFormat, from: string, to: string): string {
    const [a, b] = [new Date(from), new Date(to)];
    if (of.format(a) === of.format(b)) return of.format(a);
    if (this.language !== "zh") return of.formatRange(a, b);
    // A Chinese range would be of numbers and slashes alone, unlike every other date: it is put together.
    return `${of.format(a)}至${(a.getFullYear() === b.getFullYear() ? brief : of).format(b)}`;
  }
}
