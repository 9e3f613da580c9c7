// What a person does on the Report page, and what is seen there then.

import { PHONE, says, until, visit } from "./city.js";

/** The page on a phone; without `here` it may not know where it is. */
export async function phone(chromium, city, { here, lang = "en", map = false, ...options }) {
  const seen = await visit(chromium, `${city.url}/report?lang=${lang}`, { size: PHONE, map, here, ...options });
  await seen.page.waitForSelector(".report .send");
  if (here) await says(seen.page, ".where .at", /This phone|本机定位/);
  return seen;
}

export const count = (page, selector) => page.$$eval(selector, (all) => all.length);
export const sent = (page, n) => until(async () => (await count(page, ".sent li")) === n, `${n} are sent`);
export const waiting = (page, n) => until(async () => (await count(page, ".waiting li")) === n, `${n} wait`);
/** Its worker has kept the page's files. */
export const kept = (page) => page.evaluate(() => navigator.serviceWorker.ready.then(({ active }) => new Promise((done) => (active.state === "activated" ? done() : active.addEventListener("statechange", () => active.state === "activated" && done())))));

/** Scrolls to what may lie under the bar at the foot, and taps it. */
export async function tap(page, selector) {
  await page.waitForSelector(selector);
  await page.$eval(selector, (element) => element.scrollIntoView({ block: "center" }));
  await page.click(selector);
}
