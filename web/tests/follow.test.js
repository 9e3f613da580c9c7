// The reporter's page: what became of a report, behind its link.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { test } from "node:test";
import { PHONE, says, screenshot, text, until, visit } from "./city.js";
import { ago, at, choose, deskCity, row } from "./desk_city.js";
import { payloads } from "./payloads.js";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const { city, chromium, desk, follow } = await deskCity();

const told = (page) => page.$$eval(".follow li", (all) => all.map((li) => li.dataset.step ?? "received"));

test("the page follows its case by itself, in plain words and both languages, and breaks none of axe's rules", async () => {
  const mine = await city.report(...at(0), ago(50));
  const { page, wrong, close } = await follow(mine, { size: PHONE });
  await says(page, ".follow h1", /^Received, thank you\./);
  await city.take(mine.incident_id, "acknowledge");
  await says(page, ".follow h1", /^We are on it\.$/);
  await city.report(...at(0, 3), ago(2), "waterlogging", { dry: true });
  await says(page, ".follow h1", /^Drained after 48 min, thank you\.$/);
  await city.take(mine.incident_id, "resolve", { note: "a word for colleagues" });
  await until(async () => (await told(page)).join() === "received,acknowledge,resolve", "each step stands once");
  const client = await page.createCDPSession();
  await client.send("Runtime.evaluate", { expression: AXE });
  const { violations } = await page.evaluate(() => axe.run(document, { resultTypes: ["violations"] }));
  assert.deepEqual(violations.map(({ id }) => id), []);
  await screenshot(page, "follow-phone");
  await page.click(".language");
  await says(page, ".follow h1", /^48 分钟后积水已退，谢谢您。$/);
  assert.doesNotMatch(await text(page, ".follow"), /colleagues|grid/);
  assert.deepEqual(wrong, []);
  await close();
});

test("no other page and no search engine learns the address, and a wrong one opens nothing", async () => {
  const mine = await city.report(...at(1), ago(5));
  const page = await fetch(city.url + mine.follow);
  assert.deepEqual([page.headers.get("referrer-policy"), page.headers.get("x-robots-tag")], ["no-referrer", "noindex"]);
  const wrongLink = mine.follow.replace(/.$/, (last) => (last === "0" ? "1" : "0"));
  const seen = await visit(chromium, `${city.url}${wrongLink}?lang=en`, { map: false });
  await says(seen.page, ".follow h1", /^Nothing is followed by this link\.$/);
  await seen.close();
});

test("200 payloads in text, place, note and answer stay text on the desk and on the reporter's page: no dialog opens", async () => {
  const all = payloads();
  assert.equal(all.length, 200);
  let last;
  for (const [i, payload] of all.entries()) {
    last = await city.report(-73 + i * 0.01, 41, ago(3), "waterlogging", { text: payload, place: payload.slice(0, 190) });
  }
  for (const [i, payload] of all.entries()) await city.take(last.incident_id, i % 2 ? "found" : "not_found", { note: payload });
  const opinion = await city.report(...at(2), ago(3), "opinion", { text: all[0] });
  const { page, wrong, close } = await desk();
  let dialogs = 0;
  page.on("dialog", (dialog) => {
    dialogs += 1;
    void dialog.dismiss();
  });
  await page.waitForSelector(".row q");
  const read = new Set();
  for (let top = 0; top < 210 * 96; top += 600) {
    await page.$eval(".rows", (box, to) => (box.scrollTop = to), top);
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(done))));
    for (const said of await page.$$eval(".row q", (all) => all.map((q) => q.textContent))) read.add(said);
  }
  const shown = all.filter((payload) => [...read].some((said) => said.includes(payload.slice(0, 60).trim()))).length;
  assert.equal(shown, 200, "each was drawn as the text that it is");
  await page.$eval(".rows", (box) => (box.scrollTop = box.scrollHeight));
  const { rows } = await (await fetch(`${city.url}/api/v1/queue`, { headers: { "actor-role": "grid_worker" } })).json();
  const own = rows.find(({ category }) => category === "opinion").id;
  await choose(page, own);
  // Where the list was before may still be drawn: it is looked for once what is in sight now is.
  for (let top = 0, found = false; !found && top < 210 * 96; top += 600) {
    await page.$eval(".rows", (box, to) => (box.scrollTop = to), top);
    await until(() => page.$$eval(".row", (all) => all.some((row) => Math.abs(row.getBoundingClientRect().top - row.closest(".rows").getBoundingClientRect().top) < 96)), "the list is drawn");
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(() => requestAnimationFrame(() => setTimeout(done))))));
    found = (await page.$(row(last.incident_id))) !== null;
  }
  await choose(page, last.incident_id);
  await until(async () => (await page.$$eval(".history q", (notes) => notes.length)) === 200, "every note is there");
  assert.equal(await page.$$eval(".desk script, .desk iframe, .desk img, .desk object, .desk embed", (found) => found.length), 0);
  await city.take(own, "acknowledge");
  await city.take(own, "resolve", { note: all.slice(0, 40).join(" ").slice(0, 3_900) });
  const reporter = await follow(opinion);
  reporter.page.on("dialog", (dialog) => {
    dialogs += 1;
    void dialog.dismiss();
  });
  await says(reporter.page, ".follow blockquote", /<script>alert\(1\)/);
  await new Promise((done) => setTimeout(done, 300));
  assert.equal(dialogs, 0);
  assert.deepEqual([...wrong, ...reporter.wrong], []);
  await reporter.close();
  await close();
});
