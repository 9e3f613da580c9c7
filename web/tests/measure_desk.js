// From a report that was accepted to its row on 200 desks that are open at once: `npm run measure:desk`. Each desk follows
// the changes and asks for the cases they name, as the page does. Prints, judges nothing.

import { cpus } from "node:os";
import { City } from "./city.js";
import { ago } from "./desk_city.js";

const [DESKS, REPORTS, EVERY_MS, GATHER_MS, LIMIT_MS] = [200, 40, 250, 100, 1_000];
const WHO = { "actor-role": "grid_worker", "actor-unit": "grid_7" };

const city = await City.of([], [], { trusts: true });
const accepted = new Map();
const seen = [];
const stop = new AbortController();

async function desk() {
  const answer = await fetch(`${city.url}/api/v1/live`, { signal: stop.signal });
  const known = new Set();
  let [waiting, text] = [[], ""];
  const load = async () => {
    const ids = waiting.splice(0);
    const { rows } = await (await fetch(`${city.url}/api/v1/queue?ids=${ids.join(",")}`, { headers: WHO })).json();
    for (const { id } of rows) if (!known.has(id)) known.add(id), seen.push({ id, at: performance.now() });
  };
  const read = async () => {
    for await (const part of answer.body.pipeThrough(new TextDecoderStream())) {
      const lines = (text + part).split("\n");
      text = lines.pop();
      for (const line of lines.filter((line) => line.startsWith("data: "))) {
        const ids = JSON.parse(line.slice(6)).changed?.find(({ layer }) => layer === "incidents")?.ids ?? [];
        if (ids.length > 0 && waiting.length === 0) setTimeout(() => void load(), GATHER_MS);
        waiting.push(...ids);
      }
    }
  };
  return read().catch(() => undefined);
}

try {
  const desks = Array.from({ length: DESKS }, desk);
  await new Promise((done) => setTimeout(done, 2_000));
  for (let i = 0; i < REPORTS; i += 1) {
    const { incident_id } = await city.report(-73.9 + i * 0.01, 40.7, ago(1), "waterlogging", { text: "knee-deep" });
    accepted.set(incident_id, performance.now());
    await new Promise((done) => setTimeout(done, EVERY_MS));
  }
  await new Promise((done) => setTimeout(done, 3_000));
  stop.abort();
  await Promise.all(desks);
  const waits = seen.map(({ id, at }) => Math.max(0, at - accepted.get(id))).sort((a, b) => a - b);
  const quantile = (q) => Math.round(waits[Math.min(waits.length - 1, Math.floor(q * waits.length))]);
  console.log(`${cpus().length} cores, ${cpus()[0].model}; Node ${process.version}; ${DESKS} desks in one process, ${REPORTS} reports`);
  console.log(`on ${waits.length} of ${DESKS * REPORTS} desks; accepted to row, ms: median ${quantile(0.5)}, p99 ${quantile(0.99)}, largest ${quantile(1)} (p99 at most ${LIMIT_MS})`);
} finally {
  await city.remove();
}
