// The outline under the map that a spot lies in, a borough or a district: two crossings of one name are told apart by it.

import { page } from "./page.svelte";
import type { Hotspot } from "./types";

class Areas {
  /** Null until the outlines are there. */
  #holds = $state.raw<((at: [number, number]) => { name: string | null } | null | undefined) | null>(null);
  /** Names that several of the list have. */
  #shared = $derived.by(() => {
    const [once, again] = [new Set<string | null>(), new Set<string | null>()];
    for (const { properties: { name } } of page.listed) (once.has(name) ? again : once).add(name);
    return again;
  });

  /** What the list does not wait for. */
  async load(): Promise<void> {
    const { ground, outlined } = await import("../map/ground");
    const base = await ground();
    if (base) this.#holds ??= outlined(base);
  }

  of({ geometry }: Pick<Hotspot, "geometry">): string | null {
    return (geometry && this.#holds?.(geometry.coordinates)?.name) ?? null;
  }

  /** Only where the name alone does not say which it is. */
  apart(hotspot: Hotspot): string | null {
    return this.#shared.has(hotspot.properties.name) ? this.of(hotspot) : null;
  }
}

export const areas = new Areas();
