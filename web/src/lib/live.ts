// Changes of the map as they happen, by server-sent events.

import type { Changes } from "./types";

export interface Listener {
  /** These changed. */
  change(changes: Changes): void;
  /** What is known can not be continued, or never began: load anew unless the position is the same. */
  stands(position: number): void;
  connected(): void;
  lost(): void;
}

/** A stream that the service refused is asked for again after so long. */
const RETRY_MS = 3_000;

/** Listens until told to stop. */
export function listen(to: Listener): () => void {
  let source: EventSource | null = null;
  let retry: ReturnType<typeof setTimeout> | undefined;
  let told = false;

  function open() {
    source = new EventSource("/api/v1/live");
    const position = (event: MessageEvent) => to.stands((JSON.parse(event.data) as { position: number }).position);
    source.addEventListener("open", () => {
      told = false;
      to.connected();
    });
    source.addEventListener("position", position);
    source.addEventListener("reset", position);
    source.addEventListener("change", (event) => to.change(JSON.parse(event.data) as Changes));
    source.addEventListener("error", () => {
      void check();
      // A refused stream stays closed; a lost one comes back by itself.
      if (source?.readyState === EventSource.CLOSED) retry = setTimeout(open, RETRY_MS);
    });
  }

  /** A service without a stream of changes is not a lost connection. */
  async function check() {
    const alive = await fetch("/healthz", { cache: "no-store" }).then((answer) => answer.ok, () => false);
    if (!alive && !told) {
      told = true;
      to.lost();
    } else if (alive && told && source?.readyState === EventSource.CLOSED) {
      told = false;
      to.connected();
    }
  }

  open();
  return () => {
    clearTimeout(retry);
    source?.close();
  };
}
