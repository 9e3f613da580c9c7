// A desk with five thousand open cases.

import assert from "node:assert/strict";
import { test } from "node:test";
import { until } from "./city.js";
import { ago, deskCity } from "./desk_city.js";

const MANY = 5_000;
const MOST_DRAWN = 60;

const spread = Array.from({ length: MANY }, (_, i) => [`c${i}`, "obstruction", -74 + (i % 100) * 0.005, 40 + Math.floor(i / 100) * 0.005, ago(1 + (i % 700))]);
const { desk } = await deskCity(spread);

test("five thousand open cases are listed whole, and only those in sight are drawn while one goes through them", async () => {
  const { page, wrong, close } = await desk();
  const drawn = () => page.$$eval(".row", (all) => all.length);
  await until(async () => /^5,000 cases$/.test(await page.$eval(".count", (count) => count.innerText)), "all are counted");
  assert.ok((await drawn()) < MOST_DRAWN);
  const frames = await page.evaluate(async (rows) => {
    const box = document.querySelector(".rows");
    const times = [];
    let last = performance.now();
    for (let i = 1; i <= 60; i += 1) {
      box.scrollTop = (i / 60) * box.scrollHeight;
      await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
      times.push(performance.now() - last);
      last = performance.now();
    }
    return { times, last: document.querySelector(`.row[aria-posinset="${rows}"]`) !== null };
  }, MANY);
  const sorted = frames.times.toSorted((a, b) => a - b);
  console.log(`5,000 cases: a frame while scrolling takes ${sorted[30].toFixed(1)} ms (median), ${sorted.at(-1).toFixed(1)} ms (largest)`);
  assert.ok(frames.last, "the last of them is reached");
  assert.ok((await drawn()) < MOST_DRAWN);
  await page.$eval(".rows", (box) => (box.scrollTop = 0));
  for (let i = 0; i < 30; i += 1) await page.keyboard.press("j");
  await page.waitForSelector('.row.chosen[aria-posinset="30"]');
  assert.deepEqual(wrong, []);
  await close();
});
