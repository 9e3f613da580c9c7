// Small photos of the rows in sight. Each is fetched once, as whoever is here; the ones looked at longest ago are let go of.

/** More than are ever drawn at once: nothing in sight is let go of. */
const MOST = 200;

export class Thumbnails {
  readonly #fetch: (url: string) => Promise<string>;
  readonly #kept = new Map<string, Promise<string>>();

  /** `fetch`: gives a picture at an address within this page. */
  constructor(fetch: (url: string) => Promise<string>) {
    this.#fetch = fetch;
  }

  /** The address within this page of a photo, small. */
  get(id: string): Promise<string> {
    const known = this.#kept.get(id) ?? this.#fetch(`/api/v1/photos/${id}/thumbnail`);
    // What is asked for is the newest.
    this.#kept.delete(id);
    this.#kept.set(id, known);
    // What failed may be asked for again.
    known.catch(() => this.#kept.get(id) === known && this.#kept.delete(id));
    const [oldest] = this.#kept;
    if (this.#kept.size > MOST && oldest) this.#drop(...oldest);
    return known;
  }

  /** Whoever comes next may not see them. */
  clear(): void {
    for (const [id, url] of this.#kept) this.#drop(id, url);
  }

  #drop(id: string, url: Promise<string>): void {
    this.#kept.delete(id);
    void url.then((address) => URL.revokeObjectURL(address), () => undefined);
  }
}
