// The Map follows what happens, whatever comes late, in another order, or not at all.

import assert from "node:assert/strict";
import { connect, createServer } from "node:net";
import { after, test } from "node:test";
import { City, browser, settled, until, visit } from "./city.js";

const city = await City.demo();
const chromium = await browser().catch(async (wrong) => {
  await city.remove();
  throw wrong;
});
after(async () => {
  await chromium.close();
  await city.remove();
});

/** For `before` of a visit: the service's answers with lists of hotspots wait while `window.held`, each as it was. */
const late = () => {
  const real = window.fetch;
  [window.held, window.lists] = [false, 0];
  window.fetch = async (url, ...more) => {
    const answer = await real(url, ...more);
    if (!/\/api\/v1\/hotspots\?/.test(String(url))) return answer;
    window.lists += 1;
    while (window.held) await new Promise((again) => setTimeout(again, 10));
    return answer;
  };
};

const ids = (page) => page.$$eval("a[data-row]", (all) => all.map((link) => link.dataset.id));
const floods = (page, id) => page.$eval(`a[data-id="${id}"]`, (link) => Number(link.closest("tr").querySelector("td.count").firstChild.textContent.trim())).catch(() => 0);
/** What inspectors leave of those reported. */
const stands = ({ properties: p }) => p.occasions_evidence + p.occasions_unchecked;
const worst = async () => (await city.get("/api/v1/hotspots?category=waterlogging&limit=1")).features[0];

let hour = 3;
/** It floods once more at a spot. */
const flood = ({ geometry }) => city.report(...geometry.coordinates, `2024-06-${String(hour++).padStart(2, "0")}T03:00:00Z`);

test("an answer that comes when another category is shown changes nothing there", async () => {
  // By rank the whole list is asked for again.
  const { page, wrong, close } = await visit(chromium, `${city.url}/?lang=en&sort=rank`, { map: false, before: `(${late})()` });
  await page.waitForSelector("a[data-row]");
  await page.evaluate(() => ([window.held, window.lists] = [true, 0]));
  await flood(await worst());
  await until(() => page.evaluate(() => window.lists === 1), "the list is asked for again");
  await page.select(".bar select.category", "blocked_drain");
  await until(() => page.evaluate(() => window.lists === 2), "and that of the other category");
  await page.evaluate(() => (window.held = false));
  await until(async () => (await ids(page)).length > 0, "it is there");
  const shown = await settled(async () => JSON.stringify(await ids(page)));
  assert.ok(JSON.parse(shown).every((id) => id.startsWith("blocked_drain:")), shown.slice(0, 300));
  assert.deepEqual(wrong, []);
  await close();
});

test("what happens while the list is on its way is in it soon after", async () => {
  const { page, wrong, close } = await visit(chromium, `${city.url}/?lang=en`, { map: false, before: `(${late})(); window.held = true;` });
  await until(() => page.evaluate(() => window.lists >= 1), "the list was answered");
  const spot = await worst();
  await flood(spot);
  const { properties } = await worst();
  // Time for the stream to tell, and for what that asks for.
  await new Promise((later) => setTimeout(later, 1_000));
  await page.evaluate(() => (window.held = false));
  await until(async () => (await floods(page, spot.id)) === stands({ properties }), "the flood is counted");
  assert.deepEqual(wrong, []);
  await close();
});

test("a stream of changes that was forgotten on its way is begun anew", async () => {
  // Between the page and the service: what forgets connections that it does not close.
  const [streams, forgotten] = [new Set(), new Set()];
  const { hostname, port } = new URL(city.url);
  const between = createServer((from) => {
    const to = connect(Number(port), hostname);
    from.on("data", (sent) => {
      if (sent.toString("latin1").includes("/api/v1/live")) streams.add(from);
      to.write(sent);
    });
    to.on("data", (told) => forgotten.has(from) || from.write(told));
    for (const [one, other] of [[from, to], [to, from]]) one.on("close", () => other.destroy()).on("error", () => other.destroy());
  });
  await new Promise((done) => between.listen(0, "127.0.0.1", done));
  const { page, close } = await visit(chromium, `http://127.0.0.1:${between.address().port}/?lang=en`, { map: false });
  await page.waitForSelector("a[data-row]");
  const spot = await worst();
  for (const stream of streams) forgotten.add(stream);
  await flood(spot);
  const { properties } = await worst();
  await until(async () => (await floods(page, spot.id)) === stands({ properties }), "the flood is counted");
  await close();
  between.close();
});
