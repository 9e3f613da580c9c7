// Water levels of a river or of the tide beside the rain.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, test } from "node:test";
import { City, browser, keepFiles, lastFile, listed, says, screenshot, text, until, visit } from "./city.js";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const HOUR_MS = 3_600_000;
const chromium = await browser();
after(() => chromium.close());

const canvasHas = (page, [r, g, b]) =>
  page.$eval(
    ".timeline canvas",
    (canvas, [r, g, b]) => {
      const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
      let found = 0;
      for (let i = 0; i < data.length; i += 4) found += Number(Math.abs(data[i] - r) + Math.abs(data[i + 1] - g) + Math.abs(data[i + 2] - b) < 12);
      return found;
    },
    [r, g, b],
  );
const LINE = [0x0b, 0x7a, 0x55];

test("the levels of a station stand beside the rain as a line with its own unit, in the table and in the file; without a station there is nothing", async (t) => {
  const city = await City.demo();
  t.after(() => city.remove());
  const without = await visit(chromium, `${city.url}/?lang=en`, { map: false });
  await without.page.waitForSelector(".timeline .u-over");
  assert.equal(await without.page.$(".timeline .level"), null);
  assert.equal(await canvasHas(without.page, LINE), 0);
  await without.close();

  // Two tides a day at the Battery, higher in spring tide; twelve days in April were not read.
  const from = Date.parse("2024-01-01T05:00:00Z");
  const level = (hour) => 0.7 * Math.sin((2 * Math.PI * hour) / 12.42) * (1 + 0.25 * Math.cos((2 * Math.PI * hour) / (24 * 14.77)));
  const read = (hour) => hour < 24 * 100 || hour > 24 * 112;
  const station = (id, name, lift) =>
    Array.from({ length: 24 * 181 }, (_, hour) => [id, name, "NAVD88", -74.014, 40.7, new Date(from + hour * HOUR_MS).toISOString(), (level(hour) + lift).toFixed(3)]).filter((_, hour) => read(hour));
  await city.import(["station", "name", "datum", "lon", "lat", "at", "level_m"], [...station("battery", "The Battery", 0), ...station("kings", "Kings Point", 1)], "--level");
  const { level: known } = await city.get("/api/v1/timeline?category=waterlogging&step=day&level=battery");
  const { page, wrong, close } = await visit(chromium, `${city.url}/?lang=en`, { map: false, before: keepFiles });
  await listed(page);
  await says(page, ".timeline .keys .level", /^Highest water level of the day, m above NAVD88: The Battery$/);
  await until(async () => (await canvasHas(page, LINE)) > 200, "the line is drawn");
  await page.evaluate(AXE);
  const broken = async () => (await page.evaluate(() => axe.run(document.querySelector(".timeline"), { resultTypes: ["violations"] }))).violations.map(({ id, nodes }) => `${id}: ${nodes[0].html}`);
  assert.deepEqual(await broken(), []);
  await screenshot(page, "levels");

  await page.focus(".timeline button.tabled");
  await page.keyboard.press("Enter");
  await page.waitForSelector("dialog.course[open]");
  const heads = await page.$$eval("dialog.course th[scope=col]", (all) => all.map((one) => one.innerText));
  assert.equal(heads.at(-1), "Highest water level of the day, m above NAVD88: The Battery");
  const rows = await page.$$eval("dialog.course tbody tr", (all) => all.map((row) => row.cells[3].innerText));
  const highest = Math.max(...known.level_m_max).toLocaleString("en-GB", { maximumFractionDigits: 2 });
  assert.equal(rows.toSorted().at(-1), highest);
  assert.ok(rows.every((one) => /^\d(\.\d+)?$/.test(one)), rows.join());
  await screenshot(page, "levels-table");
  await page.click("dialog.course .file");
  const lines = (await lastFile(page)).trim().split(/\r?\n/);
  assert.equal(lines[0].replace(/^\ufeff/, ""), "start,seconds,rain_mm,incidents,occasions,station,level_m_mean,level_m_max");
  assert.ok(lines[11].endsWith(`,battery,${known.level_m_mean[10]},${known.level_m_max[10]}`), lines[11]);
  const unread = known.level_m_max.indexOf(null, 20);
  assert.ok(unread > 90 && lines[unread + 1].endsWith(",battery,,"), lines[unread + 1]);
  await page.keyboard.press("Escape");

  await page.select(".timeline select[aria-label='Water level at']", "kings");
  await says(page, ".timeline .keys .level", /: Kings Point$/);
  await page.click(".bar .language");
  await until(async () => (await text(page, ".timeline .keys .level")) === "日最高水位，米（NAVD88 基准）：Kings Point", "it is said in Chinese");
  assert.deepEqual(await broken(), []);
  await screenshot(page, "levels-zh");
  assert.equal((await city.get("/api/v1/gauges")).features[0].properties.doubts[0].code, "inches");
  assert.equal(await page.$(".timeline .doubt"), null, "inches that were converted are no fault");
  assert.deepEqual(wrong, []);
  await close();
});
