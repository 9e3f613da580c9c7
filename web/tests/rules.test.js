// The rule in force, and how many hotspots chance alone would give: said where it is asked.

import assert from "node:assert/strict";
import { test } from "node:test";
import { PHONE, inWeather, listed, says, until } from "./city.js";
import { city, read, visited } from "./demo.js";

const RULES = [
  { query: "", says: /Counted: reported floods within 50 m, ≥ 12 h apart, Jan\s–\sJun 2024 \(6 months of data\) · recurring: ≥ 3; confirmed: ≥ 2 of these with evidence · storm: ≥ 5 mm of rain, over after 6 h dry$/ },
  { query: "&hotspot_radius=80&occasion_gap=86400&storm_depth=7.5&dry_gap=10800&min_occasions=4&min_evidence=1", says: null },
];

test("the rule in force stands over the list and the matrix, and that of a link in its place", async () => {
  for (const { query, says: words } of RULES) {
    const { categories, rain } = await city.get(`/api/v1/categories?${query.slice(1)}`);
    const { parameters: p } = categories.find(({ category }) => category === "waterlogging");
    const { page, close } = await read(`/?lang=en${query}`);
    await listed(page);
    const hours = (s) => (s >= 2 * 86_400 ? `${s / 86_400} d` : `${s / 3_600} h`);
    const parts = [`within ${p.hotspot_radius} m, ≥ ${hours(p.occasion_gap)} apart`, `recurring: ≥ ${p.min_occasions}; confirmed: ≥ ${p.min_evidence} `, `storm: ≥ ${rain.storm_depth} mm of rain, over after ${hours(rain.dry_gap)} dry`];
    assert.equal(await page.$eval(".filters .rule", (said) => said.checkVisibility()), false, "who does not ask is not told");
    await page.click(".filters .how");
    const rule = await says(page, ".filters .rule", /Counted/);
    for (const part of parts) assert.ok(rule.includes(part), `${rule} has ${part}`);
    if (words) assert.match(rule, words);
    await page.click(".pages button:nth-child(2)");
    await says(page, ".note .storm-rule", new RegExp(parts[2], "i"));
    await close();
  }
  const { page, close } = await read("/?lang=zh", { size: PHONE });
  await listed(page);
  await page.click(".filters .how");
  await says(page, ".filters .rule", /50 米内、间隔 ≥ 12 小时、2024年1月[^、]+6月（数据 6 个月）的上报积水次数.+场次降雨：雨量 ≥ 5 毫米，无雨 6 小时后结束$/s);
  await close();
});

/** Counts what the page asks of chance, and how much of it ended without an answer. */
const watched = (page) => {
  const chance = { asked: 0, cancelled: 0 };
  const is = (request) => request.url().includes("/analysis/chance");
  page.on("request", (request) => (chance.asked += Number(is(request))));
  page.on("requestfailed", (request) => (chance.cancelled += Number(is(request))));
  return chance;
};

test("how many are chance stands under the counts, is asked for once, and leads to what it rests on", async () => {
  const { rows: [row] } = await city.get("/api/v1/analysis/chance");
  const { page, wrong, close } = await read("/?lang=en");
  const chance = watched(page);
  await says(page, ".filters .by-chance", new RegExp(`^About ${Math.round(row.found - row.expected)} of ${row.found} that recur \\(13 \\+ 71\\) are more than chance: inspect first\\. Is it real\\?$`));
  assert.ok(parseFloat(await page.$eval(".filters .by-chance", (line) => getComputedStyle(line).fontSize)) >= 15, "large enough to be read");
  assert.equal(row.found, 13 + 71);
  await page.click('a[data-row="0"]');
  await page.waitForSelector(".sheet .by-luck");
  await page.click(".sheet .by-luck summary");
  await says(page, ".sheet .of-city", new RegExp(`^In the whole city about ${Math.round(row.expected)} spots would recur by chance, ${row.found} do\\. Is it real\\?$`));
  await page.keyboard.press("Escape");
  await page.select(".sorts select", "last_flooded");
  await inWeather(page, "dry");
  // It goes by no filter, and says so where one is on.
  await says(page, ".filters .by-chance", new RegExp(`^Whole city: About ${Math.round(row.found - row.expected)} of ${row.found} that recur \\(13 \\+ 71\\) are more than chance\\. Is it real\\?$`));
  await page.click(".by-chance button");
  await says(page, ".chance", /The same floods dealt out 99 times at random/);
  await page.click(".pages button:first-child");
  await says(page, ".filters .by-chance", /are more than chance/);
  assert.ok(chance.asked <= 1, `asked ${chance.asked} times`);
  assert.deepEqual(wrong, []);
  await close();
});

test("who leaves before it is known how many are chance calls the work off", async () => {
  const { page, close } = await read("/?lang=en");
  const chance = watched(page);
  await page.setRequestInterception(true);
  // The answer never comes.
  page.on("request", (request) => !request.url().includes("/analysis/chance") && request.continue());
  await says(page, ".filters .by-chance", /How many are chance\? Worked out in a moment\./);
  await until(() => chance.asked === 1, "it is asked for when the page is idle");
  await page.click(".pages button:nth-child(2)");
  await until(() => chance.cancelled === 1, "it is called off");
  await close();
});

test("categories and thresholds are those of the service, whatever rule a link asks for", async () => {
  const { categories } = await city.get("/api/v1/categories");
  const { page, close } = await visited("/?lang=en&min_occasions=5&min_evidence=1");
  await listed(page);
  const options = () => page.$$eval("select.category option", (all) => all.map((option) => [option.value, option.textContent]));
  const expected = categories.filter(({ alone }) => !alone).map(({ category, en }) => [category, en]);
  await until(async () => JSON.stringify(await options()) === JSON.stringify(expected), "the categories are there");
  await page.keyboard.press("?");
  await says(page, "dialog[open]", /confirmed spot: at least 5 reported floods, 1 or more of them with evidence\s+recurring: at least 5 reported floods\s+candidate: 2 to 4 reported floods/);
  await close();
});
