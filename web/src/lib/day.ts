// Days as people write them.

const TWO = (n: number) => String(n).padStart(2, "0");

/** The day of the reader's calendar in which a time falls (ISO 8601). */
export function isoDay(ms: number): string {
  const date = new Date(ms);
  return [date.getFullYear(), TWO(date.getMonth() + 1), TWO(date.getDate())].join("-");
}

/** Midnight of a day written as 2024-06-30, 2024年6月30日 or 30 Jun 2024, with the month as the language calls it; null where
 * it is no day. */
export function readDay(text: string, locale: string): number | null {
  const [, year, month, day] = /^\s*(\d{4})\D+(\d{1,2})\D+(\d{1,2})\D*$/.exec(text) ?? [];
  if (year && month && day) return midnight(Number(year), Number(month), Number(day));
  const [, first, name, last] = /^\s*(\d{1,2})\.?\s*(\p{L}{3,})\.?\s*(\d{4})\s*$/u.exec(text) ?? [];
  if (!first || !name || !last) return null;
  const long = new Intl.DateTimeFormat(locale, { month: "long" });
  const called = Array.from({ length: 12 }, (_, i) => long.format(new Date(2024, i, 15)).toLocaleLowerCase(locale));
  const at = called.findIndex((month) => month.startsWith(name.toLocaleLowerCase(locale).slice(0, 3)));
  return at < 0 ? null : midnight(Number(last), at + 1, Number(first));
}

function midnight(year: number, month: number, day: number): number | null {
  const date = new Date(year, month - 1, day);
  return date.getFullYear() === year && date.getMonth() === month - 1 && date.getDate() === day ? date.getTime() : null;
}
