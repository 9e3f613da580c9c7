// 200 payloads as names of what lies under everything else: of the streets of a file of OpenStreetMap, and of the outlines
// that the service is started with. They stay words, in lists and sheets, and drawn on the map.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { City, browser, drawn, listed, until } from "./city.js";
import { NOW, ago } from "./desk_city.js";
import { osmFile } from "./osm_file.js";
import { ALL, FORGETFUL, bare, every, opening, sayIt, spot, square, throughout, walk } from "./payloads.js";

const day = (n) => new Date(NOW - n * 86_400_000).toISOString();
const outlines = { type: "FeatureCollection", features: ALL.map((name, i) => ({ type: "Feature", properties: { name }, geometry: { type: "Polygon", coordinates: square(spot(i)) } })) };

const chromium = await browser(FORGETFUL);
// No place has a name here: each spot is called by the street that passes 11 m north of it.
const city = await City.of(ALL.flatMap((_, i) => [90, 60].map((ago, k) => [`r${i}-${k}`, "waterlogging", ...spot(i), day(ago + i / 400)])), [], { trusts: true, base: outlines });
/** With outlines and nothing else. */
const empty = await City.of([], [], { trusts: true, base: outlines });
after(async () => {
  await chromium.close();
  for (const one of [city, empty]) await one.remove();
});
await city.fill({ "--places": ["streets.osm.pbf", osmFile(ALL.map((name, i) => ({ name, ends: [-0.001, 0.001].map((east) => [spot(i)[0] + east, spot(i)[1] + 0.0001]) })))] });
const cases = await Promise.all(ALL.map((text, i) => city.report(...spot(i), ago(9 + i / 100), "blocked_drain", { text })));
const opened = opening(chromium, city);

/** Before a page is made: which letters the engine of the map draws, of whichever name; nothing else draws out of sight. */
const hearLetters = () => {
  window.letters = new Set();
  const fill = OffscreenCanvasRenderingContext2D.prototype.fillText;
  OffscreenCanvasRenderingContext2D.prototype.fillText = function (text, ...more) {
    for (const letter of text) window.letters.add(letter);
    return fill.call(this, text, ...more);
  };
};
/** What turns the direction of writing is drawn as nothing. */
const LETTERS = [...new Set(ALL.flatMap((name) => [...bare(name)]))].filter((letter) => letter !== "\u202e");
async function hearing(of, path) {
  const seen = await opened(path, { of, map: true });
  await seen.page.evaluateOnNewDocument(hearLetters);
  await seen.page.reload({ waitUntil: "domcontentloaded" });
  return seen;
}
const drawsAll = (page, what) =>
  until(async () => {
    const lacks = await page.evaluate((wanted) => wanted.filter((letter) => !window.letters.has(letter)), LETTERS);
    if (lacks.length > 0) throw new Error(`without ${lacks.join(" ")}`);
    return true;
  }, `every letter of the names is drawn ${what}`);

test("names of streets in the list of the map, on the map itself, and in sheets of spots", async () => {
  const map = await opened("/?lang=en", { map: true });
  await listed(map.page);
  await drawn(map.page);
  await every(map.page, "a[data-row]");
  await map.clean();
  const { features } = await city.get("/api/v1/hotspots?category=waterlogging&limit=1000");
  const near = await opened("/?lang=en");
  await listed(near.page);
  const ids = ALL.map((payload) => features.find(({ properties }) => bare(properties.name) === bare(payload)).id);
  assert.equal(new Set(ids).size, 200);
  // Each way in, in a dress of its own: the sheet has the name from where it has a place's, of which all are opened.
  for (const [i, id] of [...ids.entries()].filter(([i]) => i % 8 === Math.floor(i / 8) % 8)) {
    await near.page.evaluate((to) => {
      history.pushState(null, "", `/?lang=en&hotspot=${to}`);
      dispatchEvent(new PopStateEvent("popstate"));
    }, encodeURIComponent(id));
    await sayIt(near.page, ".sheet h2", ALL[i]);
    await near.look(id);
  }
  await near.clean();
});

test("streets seen from close by bear their names on the map", async () => {
  const { features } = await city.get("/api/v1/streets?limit=1000");
  assert.deepEqual(features.map(({ properties }) => bare(properties.name)).sort(), ALL.map(bare).sort());
  // From so near that the names of outlines are gone, and none recurs at this spot to be named.
  const { page, clean } = await hearing(city, `/?lang=en&category=manhole&at=${spot(0).join()},16`);
  await until(() => page.evaluate((wanted) => wanted.every((letter) => window.letters.has(letter)), [...new Set(bare(ALL[0]))]), "its letters are drawn");
  await clean();
});

test("names of streets on the desk, on the rider's page that follows, and on the pages of the streets themselves", async () => {
  const { page, clean } = await opened("/desk?lang=en");
  await page.waitForSelector(".chooser");
  await page.select(".chooser select", "grid_worker");
  await page.click(".chooser button");
  await page.waitForSelector(".row");
  await throughout(page, ".rows", [".row .place"]);
  await clean();
  await walk(opened, cases.map(({ follow }, i) => ({ path: `${follow}?lang=en`, selector: ".follow .about", payload: ALL[i] })));
  const list = await opened("/ogc/collections/streets/items?f=html&limit=1000");
  await every(list.page, "body", "streets");
  await list.clean();
  const { features } = await city.get("/ogc/collections/streets/items?f=json&limit=1000");
  await walk(opened, features.map(({ id, properties }) => ({ path: `/ogc/collections/streets/items/${encodeURIComponent(id)}?f=html`, payload: properties.name })));
});

test("names of outlines are sent as they are, and drawn letter by letter under the maps of every page", async () => {
  const sent = await (await fetch(`${empty.url}/base.geojson`)).json();
  assert.deepEqual(sent.features.map(({ properties }) => properties.name), ALL);
  const map = await hearing(empty, "/?lang=en");
  await drawsAll(map.page, "on the Map");
  await map.clean();
  const desk = await hearing(empty, "/desk?lang=en");
  await desk.page.select(".chooser select", "grid_worker");
  await desk.page.click(".chooser button");
  await drawsAll(desk.page, "on the Desk");
  await desk.clean();
  const report = await hearing(empty, "/report?lang=en");
  await report.page.click('[data-way="map"]');
  await drawsAll(report.page, "on the rider's map");
  await report.clean();
});
