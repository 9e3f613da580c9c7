// Every view: accessible by axe's rules, and photographed for people to judge.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { test } from "node:test";
import { PHONE, WIDE, drawn, listed, screenshot, visit } from "./city.js";
import { chromium, city } from "./demo.js";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const WORST = "hotspot=waterlogging:8c2a1077128d1ff";
/** At 96 dots an inch. */
const A4 = { width: 794, height: 1123 };
const DARK = [{ name: "prefers-color-scheme", value: "dark" }];

const VIEWS = [
  { name: "list", query: "" },
  { name: "sheet", query: WORST },
  { name: "incident", query: `${WORST}&incident=i7431` },
  { name: "dark", query: WORST, media: DARK },
  { name: "zh", query: `${WORST}&lang=zh` },
  { name: "zh-dark", query: "lang=zh&theme=dark" },
  { name: "storms", query: "sort=-occasions_storm&weather=storm" },
  { name: "close", query: `${WORST}&at=-73.9823,40.6215,16.3` },
  { name: "month", query: "datetime=2024-03-01T05:00:00Z/2024-04-01T03:59:59Z" },
  { name: "zh-month", query: "datetime=2024-03-01T05:00:00Z/2024-04-01T03:59:59Z&lang=zh&hotspot=waterlogging:8c2a1077128d1ff" },
  { name: "then", query: "as_of=2024-03-01T05:00:00Z" },
  { name: "empty", query: "category=manhole" },
  { name: "zh-empty", query: "category=manhole&lang=zh&colour=red" },
  { name: "phone", query: "", size: PHONE },
  { name: "phone-sheet", query: WORST, size: PHONE },
  { name: "phone-map", query: "lang=zh", size: PHONE, act: (page) => page.click(".tabs button:last-child") },
  { name: "zh-incident", query: `${WORST}&incident=i7431&lang=zh` },
  { name: "zoom-200", query: WORST, size: { width: 720, height: 450, deviceScaleFactor: 2 } },
  { name: "answers", query: WORST, act: (page) => open(page, ".which-rain details, .other-rules") },
  { name: "zh-answers", query: `${WORST}&lang=zh`, act: (page) => open(page, ".which-rain details, .other-rules") },
  { name: "criterion", query: `${WORST}&criterion=malaysia_nadma&sort=rank&at=-73.95,40.65,11.6` },
  { name: "zh-criterion", query: "criterion=shanghai_underpass&lang=zh" },
  { name: "help", query: "", act: (page) => page.keyboard.press("?") },
  { name: "matrix", query: "page=storms", stands: ".matrix" },
  { name: "zh-matrix", query: "page=storms&lang=zh", stands: ".matrix" },
  { name: "matrix-sheet-dark", query: `page=storms&theme=dark&${WORST}`, stands: ".matrix" },
  { name: "phone-matrix", query: "page=storms", size: PHONE, stands: ".matrix" },
  { name: "trend", query: "page=trend", stands: ".cells", maps: true },
  { name: "trend-risk-dark", query: "page=trend&cells=risk&theme=dark", stands: ".cells", maps: true },
  { name: "trend-coverage", query: "page=trend&cells=coverage", stands: ".cells", maps: true },
  { name: "zh-trend", query: "page=trend&lang=zh", stands: ".cells", maps: true },
  { name: "zh-trend-coverage", query: "page=trend&cells=coverage&lang=zh", stands: ".cells", maps: true },
  { name: "phone-trend", query: "page=trend", size: PHONE, stands: ".cells", maps: true },
  { name: "phone-trend-map", query: "page=trend&lang=zh", size: PHONE, stands: ".cells", maps: true, act: (page) => page.click(".tabs button:last-child") },
  { name: "zh-help", query: "lang=zh", act: (page) => page.keyboard.press("?") },
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
    // A source is cited as it is called.
    const cited = [...document.querySelectorAll(".source")].map((source) => source.innerText);
    const said = cited.reduce((all, one) => all.replaceAll(one, ""), [document.body.innerText, ...titles].join(" ")).replaceAll(/waterlog import|waterlog|colour(?=”)/g, "");
    return said.match(/\b[a-z]{4,}\b/g) ?? [];
  });

for (const { name, query, size = WIDE, media, act, stands, maps = !stands } of VIEWS) {
  test(`the view ${name} breaks none of axe's rules`, async () => {
    const { page, wrong, close } = await visit(chromium, `${city.url}/?${query}`, { size, media });
    if (stands) await page.waitForSelector(stands);
    else if (!name.endsWith("empty")) await listed(page);
    if (query.includes("hotspot=")) await page.waitForSelector(".sheet h2");
    if (maps) await drawn(page);
    await act?.(page);
    // The stream of changes stays open.
    await page.waitForNetworkIdle({ idleTime: 400, concurrency: 1 });
    await screenshot(page, name);
    if (query.includes("lang=zh")) assert.deepEqual(await english(page), [], "no English word is left");
    // The page's policy lets no script in but its own: axe comes through the browser's own door.
    const client = await page.createCDPSession();
    await client.send("Runtime.evaluate", { expression: AXE });
    const { violations } = await page.evaluate(() => axe.run(document, { resultTypes: ["violations"] }));
    const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => `${node.target} ${node.any[0]?.message ?? ""}`).join("; ")}`);
    assert.deepEqual(found, []);
    assert.deepEqual(wrong, []);
    await close();
  });
}

test("the printed sheet is photographed", async () => {
  const { page, close } = await visit(chromium, `${city.url}/`);
  await listed(page);
  await drawn(page);
  await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
  await page.emulateMediaType("print");
  await page.waitForSelector(".paper img", { visible: true });
  await page.setViewport(A4);
  await screenshot(page, "print");
  await close();
});
