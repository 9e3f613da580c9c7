// A city whose desk takes whoever works there at his word, and people at work in browsers of their own.

import { after } from "node:test";
import { City, browser, until, visit } from "./city.js";

/** The clock of the tests' services, in seconds ago. */
export const NOW = Date.parse("2024-07-01T03:20:00Z");
export const ago = (minutes) => new Date(NOW - minutes * 60_000).toISOString();
/** A crossing of its own for each test; 0.01 degree is a kilometre. */
export const CORNER = [-73.9, 40.7];
export const at = (n, metres = 0) => [CORNER[0] + n * 0.01, CORNER[1] + metres / 111_195];

/** So many open cases, 400 m and more apart, as rows of an import file. */
export const many = (n) => Array.from({ length: n }, (_, i) => [`c${i}`, "obstruction", -74 + (i % 100) * 0.005, 40 + Math.floor(i / 100) * 0.005, ago(1 + (i % 700))]);

export async function deskCity(reports = [], places = []) {
  const city = await City.of(reports, places, { trusts: true });
  const chromium = await browser().catch(async (wrong) => {
    await city.remove();
    throw wrong;
  });
  after(async () => {
    await chromium.close();
    await city.remove();
  });

  /** The desk, with somebody at it. */
  async function desk({ role = "grid_worker", unit = "grid_7", path = "/desk?lang=en", ...options } = {}) {
    const seen = await visit(chromium, city.url + path, { map: false, ...options });
    await seen.page.waitForSelector(".chooser");
    await seen.page.select(".chooser select", role);
    await seen.page.type(".chooser input", unit);
    await seen.page.click(".chooser button");
    await seen.page.waitForSelector(".row, .queue .state");
    return seen;
  }

  const follow = (posted, options) => visit(chromium, `${city.url}${posted.follow}?lang=en`, { map: false, ...options });
  return { city, chromium, desk, follow };
}

export const rows = (page) => page.$$eval(".row", (all) => all.map((row) => ({ id: row.dataset.case, state: row.dataset.state, text: row.innerText, top: row.getBoundingClientRect().top })).sort((a, b) => a.top - b.top));
export const ids = async (page) => (await rows(page)).map(({ id }) => id);
export const row = (id) => `.row[data-case="${id}"]`;
export const stands = (page, id, state) => page.waitForSelector(`${row(id)}[data-state="${state}"]`);
export const rung = (page) => page.$eval("[data-rung]", (status) => Number(status.dataset.rung));

/** Chooses a case, as by a click on its place. */
export async function choose(page, id) {
  // Of a long list only what is in sight is drawn.
  const drawn = (selector) => {
    const box = document.querySelector(".rows");
    if (document.querySelector(selector) || !box) return box !== null;
    const end = box.scrollTop + box.clientHeight >= box.scrollHeight;
    box.scrollTop = end ? 0 : box.scrollTop + 400;
    return false;
  };
  await until(() => page.evaluate(drawn, row(id)), `${id} is listed`);
  await page.click(`${row(id)} .place`);
  await page.waitForSelector(`${row(id)}.chosen`);
}

/** Fills the form that a key has opened, and sends it. */
export async function fill(page, fields) {
  await page.waitForSelector("form.step");
  for (const [name, value] of Object.entries(fields)) {
    const field = `form.step .${name}`;
    if (name === "reason") await page.select(field, value);
    else await page.type(field, value);
  }
  // By the keyboard, once it can be pressed: the list may move when an event comes, and a pointer would miss it.
  await page.waitForSelector("form.step button.main:not([disabled])");
  await page.focus("form.step button.main");
  await page.keyboard.press("Enter");
  await until(async () => (await page.$("form.step")) === null, "the step was taken");
}
