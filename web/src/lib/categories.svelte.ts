// What the service tells apart, and the rule it counts each by.

import { type Query, address, get } from "./api";
import type { Language } from "./view";

interface Row {
  category: string;
  en: string;
  zh: string;
  /** Never on the map. */
  alone: boolean;
  parameters: Record<string, number>;
}

class Categories {
  #rows = $state.raw<Row[]>([]);
  /** The rule for rain; null while the service has not said. */
  rain = $state.raw<Record<string, number> | null>(null);
  /** Those that can recur, by their names on the wire; empty while the service has not said. */
  names = $derived(this.#rows.filter((row) => !row.alone).map((row) => row.category));

  /** Asks the service; what was known stays where it does not answer. */
  async load(view: Query): Promise<void> {
    try {
      const told = await get<{ categories: Row[]; rain: Record<string, number> }>(address("/api/v1/categories", view));
      this.#rows = told.categories;
      this.rain = told.rain;
    } catch {
      // A list without these names is still a list.
    }
  }

  called(name: string, language: Language): string {
    const row = this.#rows.find(({ category }) => category === name);
    // As it is on the wire, but readable.
    return row?.[language] ?? (name.charAt(0).toUpperCase() + name.slice(1)).replaceAll("_", " ");
  }

  /** The rule of a category; null while the service has not said. */
  rule(name: string): Record<string, number> | null {
    return this.#rows.find(({ category }) => category === name)?.parameters ?? null;
  }
}

export const categories = new Categories();
