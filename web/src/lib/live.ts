// Changes of the map as they happen, by server-sent events.

import type { Changes } from "./types";

export interface Listener {
  /** These changed. */
  change(changes: Changes): void;
  /** What is known can not be continued, or never began: load anew unless the position is the same. */
  stands(position: number): void;
  /** Photos of this incident are shown to its reporters, or no longer. */
  shown?(incident: string): void;
  connected(): void;
  lost(): void;
}

/** A stream that the service refused is asked for again after so long. */
const RETRY_MS = 3_000;
/** A connection that is cut tells nobody: after so long without a word, longer than the service is ever quiet, it is asked
 * whether it is there. */
const SILENCE_MS = 20_000;
const LONGEST_CHECK_MS = 5_000;

/** Listens until told to stop. */
export function listen(to: Listener): () => void {
  let source: EventSource | null = null;
  let retry: ReturnType<typeof setTimeout> | undefined;
  let silence: ReturnType<typeof setTimeout> | undefined;

  function open() {
    clearTimeout(retry);
    source?.close();
    source = new EventSource("/api/v1/live");
    const heard = (tell: (event: MessageEvent) => void) => (event: MessageEvent) => {
      wait();
      tell(event);
    };
    const position = heard((event) => to.stands((JSON.parse(event.data) as { position: number }).position));
    source.addEventListener("open", () => {
      wait();
      to.connected();
    });
    source.addEventListener("position", position);
    source.addEventListener("reset", position);
    source.addEventListener("quiet", heard(() => {}));
    source.addEventListener("change", heard((event) => to.change(JSON.parse(event.data) as Changes)));
    source.addEventListener("shown", heard((event) => to.shown?.((JSON.parse(event.data) as { incident_id: string }).incident_id)));
    source.addEventListener("error", () => {
      void check();
      // A refused stream stays closed; a lost one comes back by itself.
      if (source?.readyState === EventSource.CLOSED) retry = setTimeout(open, RETRY_MS);
    });
  }

  function wait() {
    clearTimeout(silence);
    silence = setTimeout(() => void check(true), SILENCE_MS);
  }

  async function check(silent = false) {
    wait();
    const signal = AbortSignal.timeout(LONGEST_CHECK_MS);
    const alive = await fetch("/healthz", { cache: "no-store", signal }).then((answer) => answer.ok, () => false);
    if (!alive) to.lost();
    // The service is there, and its stream says nothing: somewhere between, that was forgotten.
    else if (silent && source?.readyState === EventSource.OPEN) open();
    // A service without a stream of changes is not a lost connection; one that is being opened says so itself.
    else if (source?.readyState !== EventSource.CONNECTING) to.connected();
  }

  const offline = () => void check();
  // The browser waits longer and longer before it tries again; a network that is back is tried at once.
  const online = () => open();
  window.addEventListener("offline", offline);
  window.addEventListener("online", online);
  open();
  wait();
  return () => {
    window.removeEventListener("offline", offline);
    window.removeEventListener("online", online);
    clearTimeout(retry);
    clearTimeout(silence);
    source?.close();
  };
}
