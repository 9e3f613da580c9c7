// A desk with five thousand open cases: it is smooth because it does little, and that is counted here.

import assert from "node:assert/strict";
import { test } from "node:test";
import { until } from "./city.js";
import { deskCity, many, row } from "./desk_city.js";

const MANY = 5_000;
const MOST_DRAWN = 60;
const MOST_NODES = 2_500;
/** All cases together take thirty times as much. */
const MOST_TOLD_BYTES = 20_000;

const { city, desk } = await deskCity(many(MANY));

/** Notes what is said to the map's worker. */
const listen = () => {
  window.said = [];
  const post = Worker.prototype.postMessage;
  Worker.prototype.postMessage = function (message, ...more) {
    try {
      window.said.push(JSON.stringify(message).length);
    } catch {
      // What cannot be written is no list of cases.
    }
    return post.call(this, message, ...more);
  };
};

const settle = (page) => page.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(() => requestAnimationFrame(() => setTimeout(done))))));

/** Which rows are made, and which are touched otherwise than by the clock, while something is done. */
async function worked(page, work) {
  await page.evaluate(() => {
    window.made = [];
    window.touched = new Set();
    window.watch = new MutationObserver((changes) => {
      for (const { type, target, addedNodes } of changes) {
        for (const node of addedNodes) if (node.classList?.contains("row")) window.made.push(node.dataset.case);
        const at = target.closest(".row");
        if (at && (type === "attributes" || addedNodes.length > 0)) window.touched.add(at.dataset.case);
      }
    });
    window.watch.observe(document.querySelector(".rows ol"), { subtree: true, childList: true, attributes: true, attributeFilter: ["style", "data-state", "aria-posinset", "aria-setsize"] });
  });
  await work();
  await settle(page);
  return page.evaluate(() => {
    window.watch.disconnect();
    return { made: window.made, touched: [...window.touched] };
  });
}

test("five thousand open cases are listed whole, and no more than those in sight are ever drawn", async () => {
  const { page, wrong, close } = await desk();
  const drawn = () => page.$$eval(".row", (all) => all.length);
  const nodes = () => page.$$eval("*", (all) => all.length);
  await until(async () => /^5,000 cases$/.test(await page.$eval(".count", (count) => count.innerText)), "all are counted");
  assert.ok((await drawn()) < MOST_DRAWN && (await nodes()) < MOST_NODES);
  // A row further: one comes, and nothing that is there is made anew or touched.
  const further = await worked(page, () => page.$eval(".rows", (box) => (box.scrollTop = 10 * 96)));
  assert.ok(further.made.length >= 10 && further.made.length <= 12, `${further.made}`);
  const one = await worked(page, () => page.$eval(".rows", (box) => (box.scrollTop = 11 * 96)));
  assert.ok(one.made.length <= 2 && one.touched.length <= 2, JSON.stringify(one));
  const last = await page.evaluate(async (rows) => {
    const box = document.querySelector(".rows");
    for (let i = 1; i <= 60; i += 1) {
      box.scrollTop = (i / 60) * box.scrollHeight;
      await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
    }
    return document.querySelector(`.row[aria-posinset="${rows}"]`) !== null;
  }, MANY);
  assert.ok(last, "the last of them is reached");
  assert.ok((await drawn()) < MOST_DRAWN && (await nodes()) < MOST_NODES);
  await page.$eval(".rows", (box) => (box.scrollTop = 0));
  for (let i = 0; i < 30; i += 1) await page.keyboard.press("j");
  await page.waitForSelector('.row.chosen[aria-posinset="30"]');
  assert.deepEqual(wrong, []);
  await close();
});

test("a case that changes touches its own row, if that is in sight, and tells the map of itself alone", async () => {
  const { page, wrong, close } = await desk({ map: true, before: listen });
  await until(async () => (await page.$(".desk-map p")) === null, "the map is drawn");
  const first = await page.$eval('.row[aria-posinset="2"]', (at) => at.dataset.case);
  const { rows } = await (await fetch(`${city.url}/api/v1/queue?limit=5000`, { headers: { "actor-role": "grid_worker" } })).json();
  const far = rows[3_000].id;
  await page.evaluate(() => (window.said = []));
  const unseen = await worked(page, async () => {
    const asked = page.waitForResponse((answer) => answer.url().includes(`ids=${far}`));
    await city.take(far, "found");
    await asked;
  });
  assert.deepEqual(unseen, { made: [], touched: [] });
  // Once it is acknowledged its next limit passes later: it moves down the list, and whoever is below it moves up by one.
  const seen = await worked(page, async () => {
    await city.take(first, "acknowledge");
    await until(async () => (await page.$(`${row(first)}[data-state="reported"]`)) === null, "it has moved");
  });
  assert.ok(seen.made.length <= 2, JSON.stringify(seen));
  const said = await page.evaluate(() => window.said.reduce((sum, length) => sum + length, 0));
  assert.ok(said < MOST_TOLD_BYTES, `${said} bytes were told to the map`);
  assert.deepEqual(wrong, []);
  await close();
});
