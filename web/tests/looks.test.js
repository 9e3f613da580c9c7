// Every view: accessible by axe's rules, and photographed for people to judge.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { City, PHONE, WIDE, browser, drawn, listed, screenshot, visit } from "./city.js";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const WORST = "hotspot=waterlogging:8c2a1077128d1ff";
/** At 96 dots an inch. */
const A4 = { width: 794, height: 1123 };
const DARK = [{ name: "prefers-color-scheme", value: "dark" }];

let city;
let chromium;
before(async () => {
  city = await City.demo();
  chromium = await browser();
});
after(async () => {
  await chromium?.close();
  await city?.remove();
});

const VIEWS = [
  { name: "list", query: "" },
  { name: "sheet", query: WORST },
  { name: "incident", query: `${WORST}&incident=i7431` },
  { name: "dark", query: WORST, media: DARK },
  { name: "zh", query: `${WORST}&lang=zh` },
  { name: "zh-dark", query: "lang=zh&theme=dark" },
  { name: "storms", query: "sort=-occasions_storm&weather=storm" },
  { name: "close", query: `${WORST}&at=-73.985,40.6215,15` },
  { name: "month", query: "datetime=2024-03-01T05:00:00Z/2024-04-01T03:59:59Z" },
  { name: "then", query: "as_of=2024-03-01T05:00:00Z" },
  { name: "empty", query: "category=manhole" },
  { name: "phone", query: "", size: PHONE },
  { name: "phone-sheet", query: WORST, size: PHONE },
  { name: "phone-map", query: "lang=zh", size: PHONE, act: (page) => page.click(".tabs button:last-child") },
  { name: "zoom-200", query: WORST, size: { width: 720, height: 450, deviceScaleFactor: 2 } },
  { name: "help", query: "", act: (page) => page.keyboard.press("?") },
];

for (const { name, query, size = WIDE, media, act } of VIEWS) {
  test(`the view ${name} breaks none of axe's rules`, async () => {
    const { page, wrong, close } = await visit(chromium, `${city.url}/?${query}`, { size, media });
    if (name !== "empty") await listed(page);
    if (query.includes("hotspot=")) await page.waitForSelector(".sheet h2");
    await drawn(page);
    await act?.(page);
    await page.evaluate(() => new Promise((done) => setTimeout(done, 400)));
    await screenshot(page, name);
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
