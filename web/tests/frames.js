// Main-thread work between two frames of a page, from a trace of the browser.

import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./city.js";

export const quantile = (values, q) => [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(q * values.length))];

/** Begins to trace; what it gives ends that, and gives the milliseconds of each frame. The trace stays in target/. */
export async function frames(page, name) {
  mkdirSync(join(ROOT, "target"), { recursive: true });
  const path = join(ROOT, `target/${name}.json`);
  await page.tracing.start({ path, categories: ["toplevel", "devtools.timeline", "disabled-by-default-devtools.timeline"] });
  return async () => {
    await page.tracing.stop();
    const { traceEvents } = JSON.parse(readFileSync(path, "utf8"));
    const main = traceEvents.find((event) => event.name === "thread_name" && event.args.name === "CrRendererMain" && traceEvents.some((e) => e.pid === event.pid && e.name === "FireAnimationFrame"));
    const ours = traceEvents.filter((event) => event.pid === main.pid && event.tid === main.tid);
    const begun = ours.filter((event) => event.name === "FireAnimationFrame").map((event) => event.ts).sort((a, b) => a - b);
    const work = new Array(begun.length).fill(0);
    // Time on the processor: what others do on the machine is not the page's work.
    for (const task of ours.filter((event) => event.name === "RunTask" && event.dur)) {
      const after = begun.findIndex((ts) => ts > task.ts + task.dur);
      if (after > 0) work[after] += (task.tdur ?? task.dur) / 1000;
    }
    return work;
  };
}
