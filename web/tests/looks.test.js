// Every view: accessible by axe's rules, and photographed for people to judge.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { test } from "node:test";
import { PHONE, WIDE, drawn, listed, screenshot, settled } from "./city.js";
import { visited } from "./demo.js";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const WORST = "hotspot=waterlogging:8c2a1077128d1ff";
/** At 96 dots an inch. */
const A4 = { width: 794, height: 1123 };
const DARK = [{ name: "prefers-color-scheme", value: "dark" }];

/** Views, page by page in the order in which it goes through them by its address, as it does when a reader goes back: to load
 * each anew would take most of the time. `fresh`: this one is loaded anew. */
const PAGES = [
  {
    name: "map",
    views: [
      { name: "list", query: "" },
      { name: "storms", query: "sort=-occasions_storm&weather=only_storm" },
      { name: "month", query: "datetime=2024-03-01T05:00:00Z/2024-04-01T03:59:59Z" },
      { name: "then", query: "as_of=2024-03-01T05:00:00Z" },
      { name: "sheet", query: WORST },
      { name: "incident", query: `${WORST}&incident=i7431` },
      { name: "zh-incident", query: `${WORST}&incident=i7431&lang=zh` },
      { name: "zh", query: `${WORST}&lang=zh` },
      { name: "zh-month", query: "datetime=2024-03-01T05:00:00Z/2024-04-01T03:59:59Z&lang=zh&hotspot=waterlogging:8c2a1077128d1ff" },
      { name: "answers", query: WORST, act: (page) => open(page, ".which-rain details, .other-rules") },
      { name: "zh-answers", query: `${WORST}&lang=zh`, act: (page) => open(page, ".which-rain details, .other-rules") },
      { name: "zh-criterion", query: "criterion=shanghai_underpass&lang=zh&weather=mostly_dry" },
      { name: "empty", query: "category=manhole", stands: ".panel .state" },
      { name: "zh-empty", query: "category=manhole&lang=zh&colour=red", stands: ".panel .state" },
      { name: "dark", query: WORST, media: DARK },
      { name: "zh-dark", query: "lang=zh&theme=dark", media: [] },
      { name: "timeline-table", query: "", act: (page) => page.click(".timeline button.tabled") },
      // It is still open.
      { name: "zh-timeline-table", query: "lang=zh", act: (page) => page.waitForSelector("dialog.course[open]") },
      { name: "help", query: "", fresh: true, act: (page) => page.keyboard.press("?") },
      { name: "zh-help", query: "lang=zh" },
      { name: "close", query: `${WORST}&at=-73.9823,40.6215,16.3`, fresh: true },
      { name: "criterion", query: `${WORST}&criterion=malaysia_nadma&sort=rank&at=-73.95,40.65,11.6`, fresh: true },
    ],
  },
  { name: "map at 200 %", size: { width: 720, height: 450, deviceScaleFactor: 2 }, views: [{ name: "zoom-200", query: WORST }] },
  {
    name: "map on a phone",
    size: PHONE,
    views: [
      { name: "phone", query: "" },
      { name: "phone-sheet", query: WORST },
      { name: "phone-map", query: "lang=zh", act: (page) => page.click(".tabs button:last-child") },
    ],
  },
  {
    name: "storms",
    stands: ".matrix",
    views: [
      { name: "matrix", query: "page=storms" },
      { name: "zh-matrix", query: "page=storms&lang=zh" },
      { name: "matrix-sheet-dark", query: `page=storms&theme=dark&${WORST}` },
    ],
  },
  { name: "storms on a phone", size: PHONE, stands: ".storm-list", views: [{ name: "phone-matrix", query: "page=storms", act: (page) => page.click(".storm-list summary") }, { name: "zh-phone-matrix", query: "page=storms&lang=zh" }] },
  {
    name: "trend",
    stands: ".cells",
    views: [
      { name: "trend", query: "page=trend" },
      { name: "trend-coverage", query: "page=trend&cells=coverage" },
      { name: "zh-trend-coverage", query: "page=trend&cells=coverage&lang=zh" },
      { name: "zh-trend", query: "page=trend&lang=zh" },
      { name: "trend-risk-dark", query: "page=trend&cells=risk&theme=dark" },
    ],
  },
  {
    name: "trend on a phone",
    size: PHONE,
    stands: ".cells",
    views: [
      { name: "phone-trend", query: "page=trend" },
      { name: "phone-trend-map", query: "page=trend&lang=zh", act: (page) => page.click(".tabs button:last-child") },
    ],
  },
];

/** Opens what is folded in the sheet, and looks there. */
const open = async (page, selector) => {
  await page.waitForSelector(".which-rain .trigger");
  await page.$$eval(selector, (all) => all.forEach((details) => (details.open = true)));
  await page.waitForSelector(".other-rules tbody tr");
  await page.$eval(".which-rain", (section) => (document.querySelector(".sheet").scrollTop = section.offsetTop - 48));
};

/** Words of small letters: names of places begin with a capital, and what is typed into a terminal is as it is. */
const english = (page) =>
  page.evaluate(() => {
    const titles = [...document.querySelectorAll("[title], [aria-label], [placeholder]")].flatMap((of) => ["title", "aria-label", "placeholder"].map((name) => of.getAttribute(name)));
    // A source is cited as it is called, and a command is typed as it is.
    const cited = [...document.querySelectorAll(".source, .no-works code")].map((source) => source.innerText);
    const said = cited.reduce((all, one) => all.replaceAll(one, ""), [document.body.innerText, ...titles].join(" ")).replaceAll(/waterlog import|waterlog|colour(?=”)/g, "");
    return said.match(/\b[a-z]{4,}\b/g) ?? [];
  });

/** A page on a view, loaded anew. */
const loaded = async ({ query }, { size = WIDE, name }) => {
  const seen = await visited(`/?${query}`, { size });
  if (!name.startsWith("storms")) await drawn(seen.page);
  // The page's policy lets no script in but its own: axe comes through the browser's own door.
  const client = await seen.page.createCDPSession();
  await client.send("Runtime.evaluate", { expression: AXE });
  return seen;
};

const goes = (page, query) =>
  page.evaluate((to) => {
    history.pushState(null, "", `/?${to}`);
    dispatchEvent(new PopStateEvent("popstate"));
  }, query);

for (const group of PAGES) {
  test(`views of the ${group.name}`, async (all) => {
    let seen = null;
    for (const view of group.views) {
      await all.test(`the view ${view.name} breaks none of axe's rules`, async () => {
        if (seen && !view.fresh) await goes(seen.page, view.query);
        else {
          await seen?.close();
          seen = await loaded(view, group);
        }
        const { page, wrong } = seen;
        if (view.media) await page.emulateMediaFeatures(view.media);
        await page.waitForSelector(view.stands ?? group.stands ?? "a[data-row]");
        if (view.query.includes("hotspot=")) await page.waitForSelector(".sheet h2");
        await view.act?.(page);
        // The stream of changes stays open.
        await page.waitForNetworkIdle({ idleTime: 400, concurrency: 1 });
        // A map that turns dark is drawn anew.
        if (view.name.includes("dark")) await settled(() => page.screenshot({ encoding: "base64" }));
        await screenshot(page, view.name);
        if (view.query.includes("lang=zh")) assert.deepEqual(await english(page), [], "no English word is left");
        const { violations } = await page.evaluate(() => axe.run(document, { resultTypes: ["violations"] }));
        const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => `${node.target} ${node.any[0]?.message ?? ""}`).join("; ")}`);
        assert.deepEqual(found, []);
        assert.deepEqual(wrong.splice(0), []);
      });
    }
    await seen?.close();
  });
}

test("the printed sheet is photographed", async () => {
  const { page, close } = await visited("/");
  await listed(page);
  await drawn(page);
  await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
  await page.emulateMediaType("print");
  await page.waitForSelector(".paper img", { visible: true });
  await page.setViewport(A4);
  await screenshot(page, "print");
  await close();
});
