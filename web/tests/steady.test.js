// Nothing that a reader looks at moves by itself.

import assert from "node:assert/strict";
import { test } from "node:test";
import { PHONE, WIDE, drawn, says, settled, until } from "./city.js";
import { read, visited } from "./demo.js";

/** Up to here nobody notices (Web Vitals). */
const MOST_SHIFT = 0.05;

/** For `before` of a visit: every shift of the layout, also within the half second after a press that the measure forgives, and
 * what moved; the service answers so slowly that each part comes by itself. */
const watched = () => {
  window.shifts = [];
  const named = (node) => (node instanceof Element ? `${node.tagName.toLowerCase()}.${[...node.classList].join(".")}` : String(node?.nodeName));
  new PerformanceObserver((list) => {
    for (const { value, sources } of list.getEntries()) window.shifts.push([value, sources.map(({ node }) => named(node)).join(" ")]);
  }).observe({ type: "layout-shift", buffered: true });
  const ask = window.fetch;
  const late = { "/analysis/trigger": 900, "/analysis/works": 1_300, "/api/v1/incidents": 500, "/analysis/chance": 1_700 };
  window.fetch = async (what, ...more) => {
    const [, ms] = Object.entries(late).find(([path]) => String(what).includes(path)) ?? [];
    if (ms) await new Promise((done) => setTimeout(done, ms));
    return ask(what, ...more);
  };
};

const shifted = async (page) => {
  const all = await page.evaluate(() => window.shifts);
  return { sum: all.reduce((sum, [value]) => sum + value, 0), said: all.map(([value, moved]) => `${value.toFixed(4)}: ${moved}`).join("\n") };
};

for (const [screen, size] of [["a laptop", WIDE], ["a small laptop", { width: 1_366, height: 768 }], ["a phone", PHONE]]) {
  test(`a sheet that is opened on ${screen} stands still while its answers come`, async () => {
    const { page, wrong, close } = await visited("/?lang=en", { size, before: watched });
    await page.waitForSelector("a[data-row]");
    await says(page, ".by-chance", /\d/);
    await page.evaluate(() => (window.shifts.length = 0));
    await page.click('a[data-row="0"]');
    await says(page, ".glance .did-help", /^None loaded/);
    await says(page, ".glance .which", /storms: \d/);
    await settled(() => page.evaluate(() => [window.shifts.length]), 1_000);
    const { sum, said } = await shifted(page);
    console.log(`layout shift of a sheet on ${screen}: ${sum.toFixed(4)}`);
    assert.ok(sum <= MOST_SHIFT, `${sum}\n${said}`);
    assert.deepEqual(wrong, []);
    await close();
  });

  test(`a link to a sheet stands still on ${screen}, from the first frame to the last answer`, async () => {
    const { page, wrong, close } = await visited("/?hotspot=waterlogging:8c2a1077128d1ff&lang=en", { size, before: watched });
    await says(page, ".glance .did-help", /^None loaded/);
    await says(page, ".glance .which", /storms: \d/);
    await page.waitForFunction(() => /^In the whole city about \d+/.test(document.querySelector(".glance .of-city")?.textContent ?? ""));
    if (size !== PHONE) await drawn(page);
    await settled(() => page.evaluate(() => [window.shifts.length]), 1_000);
    const { sum, said } = await shifted(page);
    console.log(`layout shift of a link to a sheet on ${screen}: ${sum.toFixed(4)}`);
    assert.ok(sum <= MOST_SHIFT, `${sum}\n${said}`);
    assert.deepEqual(wrong, []);
    await close();
  });
}

test("a link within a sheet scrolls the sheet alone: the bar stays in sight and nothing stands below the page", async () => {
  const { page, wrong, close } = await read("/?hotspot=waterlogging:8c2a1077128d1ff&lang=en");
  await says(page, ".glance .which", /storms: \d/);
  const scrolled = () =>
    page.$eval(".sheet", (sheet) => {
      const around = [document.scrollingElement, document.body];
      for (let one = sheet.parentElement; one; one = one.parentElement) around.push(one);
      return { page: window.scrollY, around: around.map(({ scrollTop }) => scrollTop), room: document.scrollingElement.scrollHeight - innerHeight, sheet: sheet.scrollTop };
    });
  for (const link of [".to-why", ".to-members"]) {
    await page.$eval(".sheet", (sheet) => (sheet.scrollTop = 0));
    await page.click(link);
    await until(async () => (await scrolled()).sheet > 0, "the sheet follows");
    const after = await scrolled();
    assert.equal(after.page, 0, link);
    assert.deepEqual([...new Set(after.around)], [0], link);
    // Nor can anything else scroll it.
    assert.equal(after.room, 0, link);
  }
  assert.deepEqual(wrong, []);
  await close();
});
