// Main-thread work between two frames of a desk with five thousand open cases and its map, while one scrolls and while
// cases change: `npm run measure:desk-frames`. Prints, judges nothing.

import { cpus } from "node:os";
import { City, browser, until, visit } from "./city.js";
import { ago, many } from "./desk_city.js";
import { frames, quantile } from "./frames.js";

const [CASES, SCROLL_S, EVENTS, EVERY_MS, LIMIT_MS] = [5_000, 5, 50, 100, 16];

const city = await City.of(many(CASES), [], { trusts: true });
const chromium = await browser();

function print(what, work) {
  const ms = (q) => quantile(work, q).toFixed(1);
  console.log(`${what}: main-thread work per frame, ms: p50 ${ms(0.5)}, p95 ${ms(0.95)}, largest ${ms(1)} (p95 at most ${LIMIT_MS}), ${work.length} frames`);
}

try {
  console.log(`${cpus().length} cores, ${cpus()[0].model}; ${await chromium.version()}; ${CASES} open cases`);
  const { page, close } = await visit(chromium, `${city.url}/desk?lang=en`);
  await page.waitForSelector(".chooser");
  await page.type(".chooser input", "grid_7");
  await page.click(".chooser button");
  await page.waitForSelector(".desk-map canvas");
  await until(async () => (await page.$(".desk-map p")) === null, "the map is drawn");
  // A frame is asked for all the time, so that every bit of work falls into one.
  await page.evaluate(() => {
    const again = () => requestAnimationFrame(again);
    again();
  });
  await new Promise((done) => setTimeout(done, 2_000));
  const list = await (await page.$(".rows")).boundingBox();
  await page.mouse.move(list.x + 200, list.y + 200);
  for (const [what, px] of [["scrolling, a row a wheel step", 100], ["scrolling fast, a screen a wheel step", 800]]) {
    const traced = await frames(page, `desk-scroll-${px}`);
    for (const end = Date.now() + SCROLL_S * 1_000; Date.now() < end; ) {
      await page.mouse.wheel({ deltaY: px });
      await new Promise((done) => setTimeout(done, 30));
    }
    print(what, await traced());
  }
  await page.$eval(".rows", (box) => (box.scrollTop = 0));
  const traced = await frames(page, "desk-live");
  for (let i = 0; i < EVENTS; i += 1) {
    await city.take(`i${1 + i * 90}`, i % 2 ? "found" : "not_found");
    await new Promise((done) => setTimeout(done, EVERY_MS));
  }
  print(`${EVENTS} cases that change, one each ${EVERY_MS} ms`, await traced());
  await close();
} finally {
  await city.remove();
  await chromium.close();
}
process.exit(0);
