// The inbox of the desk: a message that does not say where becomes a report by keys alone, another is dismissed.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { test } from "node:test";
import { PHONE, says, screenshot, until } from "./city.js";
import { ago, at, deskCity, row } from "./desk_city.js";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const { city, chromium, desk, follow } = await deskCity([["old", "waterlogging", ...at(9), ago(180)]], [["corner", ...at(3), "Corner Street"]]);

async function accessible(page, what) {
  const client = await page.createCDPSession();
  await client.send("Runtime.evaluate", { expression: AXE });
  const { violations } = await page.evaluate(() => axe.run(document, { resultTypes: ["violations"] }));
  assert.deepEqual(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target)}`), [], what);
}

async function send(text, more = {}) {
  const answer = await fetch(`${city.url}/api/v1/messages`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ text, at: ago(3), ...more }) });
  assert.equal(answer.status, 202, text);
  return (await answer.json()).inbox;
}

const entry = (id) => `[data-entry="${id}"]`;

test("a message without a place is understood, put on the map and released by keys alone, and its sender's link stays", async () => {
  const waits = await send("The street is flooded, knee-deep", { sender: "rider 7" });
  const seen = await follow(waits);
  await says(seen.page, "h1", /Received, thank you/);
  const { page, wrong, close } = await desk();
  await says(page, ".to-inbox", /^Inbox 1$/);
  await page.click(".to-inbox");
  await page.waitForSelector(entry(waits.id));
  await accessible(page, "the list");
  await page.keyboard.press("j");
  await says(page, ".inbox .entry", /Understood[\s\S]+What[\s\S]+flooded[\s\S]+To be asked back[\s\S]+Where is it/);
  await says(page, ".inbox .at", /Lies nowhere yet/);
  assert.equal(await page.$eval(".inbox select.category", (select) => select.value), "waterlogging");
  assert.equal(await page.$eval(".inbox button.main", (button) => button.disabled), true);
  await accessible(page, "an entry");
  await screenshot(page, "desk-inbox");
  await page.keyboard.press("Enter");
  await page.waitForSelector(".inbox input[type=search]:focus");
  await page.keyboard.type("Corner");
  await page.waitForSelector(".inbox .which button");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.waitForSelector(".inbox button.main:focus");
  await page.keyboard.press("Enter");
  await says(page, ".inbox .told", /It is a report now/);
  await page.waitForSelector(entry(waits.id), { hidden: true });
  const told = await city.get(`/api/v1/reports/${waits.id}`);
  assert.deepEqual(told.geometry.coordinates.map((degrees) => Number(degrees.toFixed(4))), at(3).map((degrees) => Number(degrees.toFixed(4))));
  await page.click(".pages button");
  await page.waitForSelector(row(told.properties.incident_id));
  await until(async () => /We|Received/.test(await seen.page.$eval("h1", (h1) => h1.textContent)), "the link still leads to it");
  assert.deepEqual(wrong, []);
  await seen.close();
  await close();
});

test("what is no report is dismissed with a reason that its sender reads, in Chinese too", async () => {
  const waits = await send("请问罚款在哪里交？");
  const { page, wrong, close } = await desk({ path: "/desk?lang=zh" });
  await page.click(".to-inbox");
  await page.waitForSelector(entry(waits.id));
  await page.click(`${entry(waits.id)} button`);
  await page.waitForSelector(`${entry(waits.id)}.chosen`);
  await page.keyboard.press("x");
  await page.waitForSelector(".inbox .why select:focus");
  await page.select(".inbox .why select", "not_ours");
  await page.click(".inbox .why button.main");
  await says(page, ".inbox .told", /已关闭/);
  await accessible(page, "nothing waits");
  const seen = await follow(waits);
  await says(seen.page, "ol", /Closed: it is not the city's/);
  assert.deepEqual(wrong, []);
  await seen.close();
  await close();
});

test("a department has no inbox, and a narrow screen shows it in one column", async () => {
  await send("wet");
  const other = await desk({ role: "department", unit: "roads" });
  assert.equal(await other.page.$(".to-inbox"), null);
  await other.close();
  const { page, close } = await desk({ size: PHONE });
  await page.click(".to-inbox");
  await page.waitForSelector("[data-entry]");
  await page.click("[data-entry] button");
  await page.waitForSelector(".inbox blockquote");
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  assert.ok(wide <= 390, `${wide}`);
  await screenshot(page, "desk-inbox-narrow");
  await close();
});
