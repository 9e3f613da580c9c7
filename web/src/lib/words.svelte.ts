// Words, numbers and times in the reader's language.

import { en, type Words } from "../words/en";
import { zh } from "../words/zh";
import { categories } from "./categories.svelte";
import { Locale } from "./locale.svelte";
import { RULE, type Setting, type WeatherFilter, ofFilter } from "./view";

const HOUR_S = 3_600;
const DAY_S = 86_400;
const MONTH_S = 30.44 * DAY_S;
const YEAR_S = 365.25 * DAY_S;

class Speech extends Locale<Words> {
  #day = $derived(new Intl.DateTimeFormat(this.locale, { day: "numeric", month: "short", year: "numeric" }));
  #shortDay = $derived(new Intl.DateTimeFormat(this.locale, { day: "numeric", month: "short" }));
  #minute = $derived(
    new Intl.DateTimeFormat(this.locale, { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" }),
  );
  #month = $derived(new Intl.DateTimeFormat(this.locale, { month: "short", year: "numeric" }));
  #bareMonth = $derived(new Intl.DateTimeFormat(this.locale, { month: "short" }));

  /** To so many digits that it can be reckoned with. */
  figure(n: number): string {
    return n.toLocaleString(this.locale, { maximumSignificantDigits: 4 });
  }

  day(time: string | number): string {
    return this.#day.format(new Date(time));
  }

  shortDay(time: string | number): string {
    return this.#shortDay.format(new Date(time));
  }

  minute(time: string | number): string {
    return this.#minute.format(new Date(time));
  }

  /** As the reader's zone is called: all times of the page are of it. */
  zone = $derived.by(() => {
    const of = new Intl.DateTimeFormat(this.locale, { timeZoneName: "longGeneric" });
    return of.resolvedOptions().timeZone === "UTC" ? "UTC" : (of.formatToParts(0).find(({ type }) => type === "timeZoneName")?.value ?? of.resolvedOptions().timeZone);
  });

  /** To the minute, with the zone. */
  stamp(time: string | number): string {
    return `${this.minute(time)} ${this.zone}`;
  }

  /** From and to, the second without what it shares with the first. */
  span(from: string, to: string): string {
    const oneDay = this.day(from) === this.day(to);
    return this.range(this.#minute, oneDay ? this.clockOf : this.shortMinuteOf, from, to);
  }

  days(from: string, to: string): string {
    return this.range(this.#day, this.#shortDay, from, to);
  }

  /** From a time up to another that is not of it any more, as midnight is not of the day before. */
  daysBefore(from: string, end: string): string {
    return this.days(from, new Date(Math.max(Date.parse(from), Date.parse(end) - 1)).toISOString());
  }

  /** Without the year, where it is that of `now`. */
  recent(from: string, to: string, now: string): string {
    const year = (time: string) => new Date(time).getFullYear();
    return year(from) === year(now) && year(to) === year(now) ? this.range(this.#shortDay, this.#shortDay, from, to) : this.days(from, to);
  }

  /** To the minute, without the year where it is that of `now`. */
  recentMinute(at: string, now: string): string {
    return new Date(at).getFullYear() === new Date(now).getFullYear() ? this.shortMinute(at) : this.minute(at);
  }

  /** Months of two days, the first without what it shares with the second. */
  months(from: string, to: string): string {
    return this.range(this.#month, this.#bareMonth, from, to);
  }

  /** How long something was observed, in round words. */
  long(s: number): string {
    const { span_days, span_months, span_years } = this.words.sheet;
    if (s >= 2.5 * YEAR_S) return span_years(this.number(s / YEAR_S, 1));
    return s >= 2 * MONTH_S ? span_months(Math.round(s / MONTH_S)) : span_days(Math.max(1, Math.round(s / DAY_S)));
  }

  /** A duration in the largest unit that says it in few digits. */
  duration(s: number): string {
    const { unit } = this.words;
    if (s >= 2 * YEAR_S) return `${this.number(s / YEAR_S, 1)} ${unit.years}`;
    if (s >= 2 * DAY_S) return `${this.number(s / DAY_S, 1)} ${unit.days}`;
    if (s >= HOUR_S) return `${this.number(s / HOUR_S, 1)} ${unit.hours}`;
    if (s >= 120) return `${this.number(s / 60)} ${unit.minutes}`;
    return `${this.number(s)} ${unit.seconds}`;
  }

  metres(m: number): string {
    return `${this.number(m, 1)} ${this.words.unit.m}`;
  }

  filter(filter: WeatherFilter): string {
    const { any, said, shares, weathers } = this.words.filter;
    if (filter === "any") return any;
    const { share, weather } = ofFilter(filter);
    return said(shares[share], weathers[weather]);
  }

  /** What a criterion is failed on, or lacks. */
  wants(on: string[]): string {
    return on.map((what) => this.words.criteria.on[what] ?? what).join(this.words.sheet.join);
  }

  category(name: string): string {
    return categories.called(name, this.language);
  }

  /** The value of a setting of the rule, with its unit. */
  setting(name: Setting, value: number): string {
    const { unit } = this.words;
    switch (RULE[name]) {
      case "s":
        return this.duration(value);
      case "mm":
        return `${this.number(value, 2)} ${unit.mm}`;
      case "m":
        return this.metres(value);
      default:
        return this.number(value);
    }
  }
}

export const speech = new Speech({ en, zh });
