// The story of a desk, with two browsers at once: whoever works there, and whoever reported.

import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { City, says, screenshot, text, until, visit } from "./city.js";
import { ago, at, choose, deskCity, fill, ids, row, rows, rung, stands } from "./desk_city.js";

/** The storm before was thirty hours ago. */
const BEFORE = 1_800;
const { city, chromium, desk, follow } = await deskCity([["old", "waterlogging", ...at(9), ago(180)]]);
const PICTURE = fileURLToPath(new URL("../public/report/icon-192.png", import.meta.url));
const told = (page) => page.$$eval(".follow li", (all) => all.map((li) => li.dataset.step ?? "received"));

test("a report rings, is acknowledged, dispatched and resolved with a photo; its reporter reads that it drained after 48 min, and sees it; a second storm makes two", async () => {
  const grid = await desk();
  // It was seen dry 48 minutes later.
  const mine = await city.report(...at(0), ago(BEFORE), "waterlogging", { text: "up to the knees" });
  const id = mine.incident_id;
  await grid.page.waitForSelector(row(id));
  await until(async () => (await rung(grid.page)) === 1, "it rings once");
  const phone = await follow(mine);
  await says(phone.page, "h1", /^Received/);
  await choose(grid.page, id);
  await grid.page.keyboard.press("a");
  await stands(grid.page, id, "acknowledged");
  await says(phone.page, "h1", /^We are on it/);
  await grid.page.keyboard.press("d");
  await fill(grid.page, { unit: "drainage" });
  const crew = await desk({ role: "department", unit: "drainage" });
  await choose(crew.page, id);
  await crew.page.keyboard.press("s");
  await stands(crew.page, id, "in_progress");
  await city.report(...at(0, 4), ago(BEFORE - 48), "waterlogging", { dry: true });
  await crew.page.keyboard.press("r");
  await (await crew.page.waitForSelector("form.step .photo-files")).uploadFile(PICTURE);
  await crew.page.waitForSelector(".chosen-photos img");
  await fill(crew.page, { note: "grate was blocked, cleared" });
  await says(phone.page, "h1", /^Drained after 48 min, thank you\.$/);
  await until(async () => (await told(phone.page)).join() === "received,acknowledge,dispatch,start,resolve", "each step once, in order");
  // The photo is for staff, until somebody of the desk has looked at it.
  await grid.page.waitForSelector(".history .photo img");
  await phone.page.reload();
  await says(phone.page, "h1", /^Drained after 48 min/);
  assert.equal(await phone.page.$(".photos"), null);
  assert.equal(await crew.page.$(".show-photos"), null);
  await grid.page.click(".show-photos input");
  await grid.page.waitForSelector(".show-photos input:checked");
  // His page is open: he sees it within seconds, long before it would ask by itself.
  await until(async () => (await phone.page.$eval('[data-step="resolve"] .photos img', (image) => image.naturalWidth)) > 0, "he sees it", 10_000);
  assert.equal(await phone.page.$eval(".photos img", (image) => image.alt), "Photo from the site");
  await screenshot(phone.page, "story-photo");
  await grid.page.focus(".queue");
  await grid.page.keyboard.press("k");
  await until(async () => !(await ids(grid.page)).includes(id), "it waits for nobody any more");
  const again = await city.report(...at(0, 2), ago(1));
  assert.notEqual(again.incident_id, id);
  await grid.page.waitForSelector(row(again.incident_id));
  const planner = await visit(chromium, `${city.url}/?lang=en&hotspot=${encodeURIComponent(again.hotspot_id)}`, { map: false });
  await says(planner.page, ".sheet .sentence", /^2 floods/);
  await says(planner.page, ".sheet", /Time to drain[\s\S]*48 min/i);
  await screenshot(grid.page, "story-desk");
  for (const { wrong, close } of [grid, phone, crew, planner]) {
    assert.deepEqual(wrong, []);
    await close();
  }
});

test("a false alarm is dismissed with its reason, and its reporter reads why", async () => {
  const mine = await city.report(...at(1), ago(4));
  const [{ page, close }, phone] = [await desk(), await follow(mine)];
  await choose(page, mine.incident_id);
  await page.keyboard.press("x");
  await fill(page, { reason: "false_alarm" });
  await says(phone.page, "h1", /^Closed\.$/);
  await says(phone.page, "ol", /Closed: there was nothing/);
  await phone.close();
  await close();
});

test("two cases are merged, and both reporters see each step once", async () => {
  const [a, b] = [await city.report(...at(2), ago(9)), await city.report(...at(2, 80), ago(8))];
  const { page, close } = await desk();
  for (const { incident_id } of [a, b]) await city.take(incident_id, "acknowledge");
  // A desk that has not heard of it yet would be told that somebody was faster.
  for (const { incident_id } of [a, b]) await stands(page, incident_id, "acknowledged");
  await choose(page, b.incident_id);
  await page.waitForSelector(".duplicates .merge");
  await page.keyboard.press("m");
  await page.waitForSelector(".duplicates .merge:focus");
  await page.keyboard.press("Enter");
  await page.waitForSelector(`${row(a.incident_id)}.chosen`);
  await page.keyboard.press("r");
  await fill(page, { note: "done" });
  for (const mine of [a, b]) {
    const phone = await follow(mine);
    await until(async () => (await told(phone.page)).join() === "received,acknowledge,merge,resolve", "each step once");
    assert.match(await text(phone.page, ".about"), /One other has reported it/);
    await phone.close();
  }
  await close();
});

test("furniture that its reporter moved himself is gone for the desk and for him", async () => {
  const mine = await city.report(...at(3), ago(30), "obstruction", { text: "a sofa on the pavement" });
  const [{ page, close }, phone] = [await desk(), await follow(mine)];
  await city.take(mine.incident_id, "acknowledge");
  await city.report(...at(3), ago(10), "obstruction", { dry: true, text: "I carried it home" });
  await until(async () => /seen dry after 20 min/.test(await text(page, row(mine.incident_id))), "the desk sees it");
  await says(phone.page, "h1", /^Gone after 20 min, thank you\.$/);
  await choose(page, mine.incident_id);
  await page.keyboard.press("r");
  await fill(page, { note: "its reporter took it away" });
  await until(async () => (await told(phone.page)).at(-1) === "resolve", "it is closed");
  await phone.close();
  await close();
});

test("a case that nobody touched for three hours stands first and says how far it was carried", async () => {
  const { page, close } = await desk();
  const [first] = await ids(page);
  assert.equal(first, "i1");
  assert.match(await text(page, row("i1")), /(2 h 5\d|3 h \d+) min overdue[\s\S]*3 limits passed/);
  await until(async () => (await text(page, ".figures .overdue")) === String((await rows(page)).filter(({ text }) => /overdue/.test(text)).length), "all that are overdue are counted");
  await close();
});

test("an opinion is answered on the desk and never mapped", async () => {
  const mine = await city.report(...at(4), ago(3), "opinion", { text: "more trees, please" });
  assert.equal(mine.incident_id, null);
  const [{ page, close }, phone] = [await desk(), await follow(mine)];
  const id = await until(() => page.$$eval(".row", (all) => all.find((row) => /more trees/.test(row.innerText))?.dataset.case), "it is in the queue");
  await choose(page, id);
  await page.keyboard.press("a");
  await stands(page, id, "acknowledged");
  await page.keyboard.press("r");
  await fill(page, { note: "200 will be planted in March" });
  await says(phone.page, "h1", /^Answered\.$/);
  await says(phone.page, "blockquote", /200 will be planted/);
  const { features } = await city.get("/api/v1/incidents?limit=1000");
  assert.ok(!features.some((feature) => feature.id === id));
  await phone.close();
  await close();
});

test("what is late at a unit stands in the queue of the unit that supervises it, with its clock; what is fresh does not", async () => {
  const town = await City.town();
  try {
    const { page, wrong, close } = await visit(chromium, `${town.url}/desk?lang=en`, { map: false });
    await page.waitForSelector(".chooser");
    await page.select(".chooser select", "department");
    await page.type(".chooser input", "centre");
    await page.click(".chooser button");
    await page.waitForSelector(".row");
    for (const { text } of await rows(page)) assert.match(text, /overdue[\s\S]*carried to /);
    const { rows: all } = await (await fetch(`${town.url}/api/v1/queue`, { headers: { "actor-role": "grid_worker" } })).json();
    const late = all.find(({ carried_to }) => carried_to === "centre");
    const { features } = await town.get("/api/v1/incidents?limit=1");
    const [lon, lat] = features[0].geometry.coordinates;
    const fresh = await town.report(lon, lat + 0.002, "2026-06-01T00:00:00+08:00");
    const seen = async () => (await (await fetch(`${town.url}/api/v1/queue`, { headers: { "actor-role": "department", "actor-unit": "centre" } })).json()).rows.map(({ id }) => id);
    assert.ok((await seen()).includes(late.id) && !(await seen()).includes(fresh.incident_id));
    assert.deepEqual(wrong, []);
    await close();
  } finally {
    await town.remove();
  }
});
