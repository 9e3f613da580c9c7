// Figures of the Map in a browser that draws in software: `npm run measure`. Prints, judges nothing.

import { cpus } from "node:os";
import { City, browser, drawn, listed, visit, weight } from "./city.js";
import { frames, quantile } from "./frames.js";

const VISITS = 7;
const REPORTS = 100_000;
const PAN_S = 5;
/** All reports as dots under the hotspots, and single ones with the spots of each hotspot. */
const PAN_ZOOMS = [13.5, 15];

const figures = (values) => `median ${Math.round(quantile(values, 0.5))}, largest ${Math.round(Math.max(...values))}`;

console.log(`${cpus().length} cores, ${cpus()[0].model}; Node ${process.version}`);
console.log(`own JavaScript of the Map, packed: ${weight().map.toFixed(1)} kB (at most 80); with every view ${weight().all.toFixed(1)} kB`);
const chromium = await browser();
console.log(await chromium.version());

async function opened(city) {
  const times = { list: [], map: [] };
  for (let i = 0; i < VISITS; i += 1) {
    const { page, close } = await visit(chromium, `${city.url}/`);
    await listed(page);
    await drawn(page);
    const marks = await page.evaluate(() => Object.fromEntries(performance.getEntriesByType("mark").map((mark) => [mark.name, mark.startTime])));
    times.list.push(marks["waterlog-list-ready"]);
    times.map.push(marks["waterlog-map-drawn"]);
    await close();
  }
  console.log(`list usable after navigation, cold cache, ms: ${figures(times.list)} (at most 1500)`);
  console.log(`map drawn, ms: ${figures(times.map)} (at most 4000)`);
}

async function live(city) {
  const { page, close } = await visit(chromium, `${city.url}/`);
  await listed(page);
  await drawn(page);
  await page.mouse.move(1200, 20);
  const { features } = await city.get("/api/v1/hotspots?category=waterlogging&limit=1");
  const row = `tr:has(a[data-id="${features[0].id}"]) td.count`;
  const seen = [];
  for (let i = 0; i < 5; i += 1) {
    const count = await page.$eval(row, (cell) => cell.firstChild.textContent.trim());
    await city.report(...features[0].geometry.coordinates, `2024-06-${10 + 3 * i}T03:00:00Z`);
    const written = performance.now();
    await page.waitForFunction((row, before) => document.querySelector(row).firstChild.textContent.trim() !== before, { polling: "raf" }, row, count);
    seen.push(performance.now() - written);
  }
  console.log(`a live report on screen after its 201, ms: ${figures(seen)} (at most 1000)`);
  await close();
}

/** Main-thread work between two frames while the map is dragged. */
async function panned(zoom) {
  const rows = Array.from({ length: REPORTS }, (_, i) => {
    const day = 1 + (i % 28);
    const at = (n) => ((Math.imul(i + 1, n) >>> 0) / 2 ** 32) * 0.2;
    return [i, "waterlogging", (110.2 + at(2654435761)).toFixed(6), (19.9 + at(2246822519)).toFixed(6), `2024-0${1 + (i % 6)}-${String(day).padStart(2, "0")}T12:00:00Z`];
  });
  const city = await City.of(rows);
  const { page, close } = await visit(chromium, `${city.url}/?at=110.3,20.0,${zoom}`);
  await listed(page);
  await drawn(page);
  const traced = await frames(page, "pan");
  const box = await (await page.$(".map canvas")).boundingBox();
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 3];
  const end = Date.now() + PAN_S * 1000;
  while (Date.now() < end) {
    await page.mouse.move(x, y);
    await page.mouse.down();
    for (let i = 0; i < 20; i += 1) await page.mouse.move(x + 6 * i, y + 3 * i);
    for (let i = 20; i > -20; i -= 1) await page.mouse.move(x + 6 * i, y + 3 * i);
    await page.mouse.up();
  }
  const work = await traced();
  console.log(`main-thread work per frame while panning ${REPORTS} reports at zoom ${zoom}, ms: p50 ${quantile(work, 0.5).toFixed(1)}, p95 ${quantile(work, 0.95).toFixed(1)} (at most 12), ${work.length} frames in ${PAN_S} s`);
  await close();
  await city.remove();
}

const demo = await City.demo();
try {
  await opened(demo);
  await live(demo);
  for (const zoom of PAN_ZOOMS) await panned(zoom);
} finally {
  await demo.remove();
  await chromium.close();
}
process.exit(0);
