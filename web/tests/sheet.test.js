// The planner's answers in the sheet and the list: what the page says is what the service answers.

import assert from "node:assert/strict";
import { test } from "node:test";
import { City, PHONE, WIDE, csv, drawn, keepFiles, keptFiles, listed, parameter, places, says, screenshot, text, until, visit } from "./city.js";
import { chromium, city, read, visited } from "./demo.js";

const ID = "waterlogging:8c2a1077128d1ff";
const WORST = `hotspot=${ID}&lang=en`;

const worst = await city.get(`/api/v1/hotspots/${ID}`);

const number = (n) => n.toLocaleString("en-GB", { maximumFractionDigits: 1 });
const percent = (share) => `${Math.round(100 * share)} %`;
const figure = (n) => n.toLocaleString("en-GB", { maximumSignificantDigits: 4 });
const analysis = (name, query) => city.get(`/api/v1/analysis/${name}?${query}`);
const known = () => city.get("/api/v1/criteria");
/** Cells of a table of the sheet, row by row. */
const cells = (page, selector) => page.$$eval(`${selector} tbody tr`, (rows) => rows.map((row) => [...row.cells].map((cell) => cell.innerText.trim())));

/** Of a storm: all of its rain, and that of its strongest hour. */
const rain = ({ depth_mm, peak_1h_mm_h }) => [depth_mm, peak_1h_mm_h].map((mm) => number(mm));
/** How many times it flooded in this weather with evidence. */
const proven = (weather) => worst.occasions_list.filter((one) => one.evidence && one.weather === weather).length;
const byDepth = (storms, flooded) => storms.filter((storm) => storm.flooded === flooded).sort((a, b) => a.depth_mm - b.depth_mm);

test("five short lines answer what one comes for, in sight without scrolling on every screen, and the picture begins below them", async () => {
  const { properties: p, occasions_list: all, trend_terms: t } = worst;
  const [evidence, nothing, only] = [(o) => o.evidence, (o) => o.not_found && !o.evidence, (o) => !o.not_found && !o.evidence].map((is) => all.filter(is).length);
  const stands = (weather) => p[`occasions_${weather}`] - p[`occasions_${weather}_contradicted`];
  assert.deepEqual([proven("storm"), proven("none")], [1, 2]);
  assert.deepEqual([evidence, nothing, only, p.reporters, t.reason], [3, 9, 5, 0, "observed for less than a year"]);
  const { page, wrong, close } = await read(`/?${WORST}`);
  await says(page, ".glance .did-help", /^None loaded here\. How to add them$/);
  assert.deepEqual(await page.$$eval(".glance dt", (names) => names.map((name) => name.innerText)), ["How sure", "Worse?", "Works", "How much rain", "How often"]);
  await says(page, ".glance .sentence", new RegExp(`^${evidence + only} floods in 6 months: ${stands("storm")} in storms, ${stands("small_rain")} in small rain, ${stands("dry_weather")} in dry weather\\. ${nothing} more were reported, but inspectors found no water\\. First .+, last 4 Apr\\.\\s`));
  // No reporter is known of any: what bears them out is no second person.
  await says(page, ".glance .how-sure", new RegExp(`^Confirmed spot: ${evidence} of ${evidence + only} floods have evidence \\(${evidence} by inspector or photo; ${proven("storm")} in storms, ${proven("none")} in dry weather\\); ${only} only reported; ${nothing} more reported: no water found\\.`));
  await says(page, ".glance .is-worse", /^No trend can be given: observed for less than a year$/);
  // All of one size, each beginning with its answer in bold.
  assert.deepEqual(await page.$$eval(".glance dd", (all) => [...new Set(all.map((one) => getComputedStyle(one).fontSize))].length), 1);
  await page.waitForSelector(".glance .which b");
  assert.ok(await page.$$eval(".glance dd", (all) => all.every((one) => one.innerText.startsWith(one.querySelector("b").innerText))));
  await page.click(".glance .by-luck summary");
  const { rows: [chance] } = await analysis("chance", "category=waterlogging");
  await says(page, ".glance .of-city", new RegExp(`^In the whole city about ${Math.round(chance.expected)} spots would recur by chance, ${chance.found} do\\. Is it real\\?$`));
  await page.click(".glance .by-luck summary");
  for (const size of [WIDE, { width: 1_366, height: 768 }, PHONE]) {
    await page.setViewport({ ...size, isMobile: false, hasTouch: false });
    const { bottom, picture, below } = await page.$eval(".sheet .glance", (lines) => ({ bottom: lines.getBoundingClientRect().bottom, picture: document.querySelector(".sheet .lanes").getBoundingClientRect().top, below: Math.min(innerHeight, lines.closest(".sheet").getBoundingClientRect().bottom) }));
    assert.ok(bottom > 0 && bottom <= picture && picture < below - 30, `${bottom}, ${picture} of ${below} px at ${size.width} px`);
  }
  await page.setViewport(WIDE);
  await page.click(".glance .by-luck summary");
  await page.click(".glance .of-city button");
  await until(() => parameter(page, "about") === "chance", "what it rests on is one step away");
  assert.deepEqual(wrong, []);
  await close();
  // What is not confirmed says what it lacks.
  const { features } = await city.get("/api/v1/hotspots?category=waterlogging&limit=10000");
  for (const [status, says_it] of [["recurring", /^Recurring, not confirmed: \d of \d+ floods? (has|have) evidence.*\. It is confirmed from 2 with evidence on\./], ["candidate", /^Candidate only: \d of [0-2] floods? (has|have) evidence.*\. It recurs from 3 reported floods on\./]]) {
    const one = features.find(({ properties }) => properties.status === status);
    const other = await read(`/?hotspot=${one.id}&lang=en`);
    await says(other.page, ".glance .how-sure", says_it);
    await other.close();
  }
});

/** What the sheet of a spot says of the smallest storm that flooded it. */
async function smallest(id) {
  const { occasions_list: all } = await city.get(`/api/v1/hotspots/${id}`);
  const { known } = await analysis("trigger", `hotspot=${id}`);
  const stand = new Set(all.filter((one) => one.evidence || !one.not_found).flatMap(({ storm_ids }) => storm_ids));
  const [least] = byDepth(known, true).filter(({ storm }) => stand.has(storm));
  const floods = new Set(all.flatMap(({ storm_ids }) => storm_ids));
  const { features: storms } = await city.get("/api/v1/storms?limit=1000");
  const passed = storms.filter(({ id, properties }) => properties.depth_mm >= least.depth_mm && !floods.has(id)).length;
  return new RegExp(`^Smallest storm with a flood: ${rain(least)[0]} mm; ${passed} at least so large passed without a report\\.$`);
}

test("a spot that floods in storms alone says the smallest that flooded it, and how many as large nobody reported", async () => {
  const { features } = await city.get("/api/v1/hotspots?category=waterlogging&limit=1000");
  const { id } = features.find(({ properties }) => properties.name === "35 Av & 153 St");
  const { page, wrong, close } = await read(`/?hotspot=${id}&lang=en`);
  await says(page, ".glance .which b", await smallest(id));
  assert.deepEqual(wrong, []);
  await close();
});

test("which rain floods it: sentence, figures with their interval, and a trigger or the reason why there is none", async () => {
  const { in_storms: share, properties: p } = worst;
  const answer = await analysis("trigger", `hotspot=${ID}`);
  const { page, wrong, close } = await read(`/?${WORST}`);
  await says(page, ".which-rain .trigger", /./);
  const { least_evident: evident, least_reported: reported } = answer;
  const [mm, hour] = rain(evident);
  const [less] = rain(reported);
  // After the least storm that was reported to flood it inspectors found nothing: it is no threshold.
  assert.ok(reported.not_found && !reported.evidence && evident.evidence && reported.depth_mm < evident.depth_mm);
  assert.equal(reported.storm, byDepth(answer.known, true)[0].storm);
  const without = p.occasions_small_rain + p.occasions_dry_weather;
  assert.ok(byDepth(answer.known, false).length === 0 && without > 0);
  const all_storms = share.flooded + share.dry + share.unknown;
  // Where less than a storm was enough, the smallest storm says nothing; what became of all storms adds up.
  const lesser = worst.occasions_list.filter((one) => one.weather === "small_rain" && (one.evidence || !one.not_found)).length;
  assert.ok(lesser > 1);
  const plain = new RegExp(`^Less than a storm \\(5 mm\\) was enough for ${lesser} floods(, only reported)?\\. Threshold unknown\\. ${all_storms} storms: ${share.flooded - share.flooded_not_found} with a flood, ${share.flooded_not_found} where inspectors found no water, ${share.unknown} without any report \\(no proof of dry\\)\\.$`);
  // It is the fourth thing that is said, in bold as far as it answers.
  assert.equal(await page.$eval(".sheet .glance", (list) => list.querySelectorAll("dd")[3].className.split(" ")[0]), "which");
  assert.match(await text(page, ".sheet .glance .which b"), /^Less than a storm \(5 mm\) was enough for \d floods(, only reported)?\.$/);
  await says(page, ".sheet .glance .which", plain);
  assert.doesNotMatch(await text(page, ".which-rain"), /Smallest storm/);
  assert.ok(share.flooded_not_found > 0 && share.dry === 0);
  assert.deepEqual(await page.$$eval(".sheet .from-rain", (all) => all.map((one) => one.closest("section")?.className)), ["which-rain"]);
  await says(page, ".sheet .from-rain", new RegExp(`^Least storm with evidence that it flooded: ${mm} mm, ${hour} mm of it in one hour\\. Less rain was only reported to flood it: ${less} mm, where inspectors found no water\\. No storm is known in which it stayed dry, so there is no threshold\\. ${without} of its ${p.occasions} reported floods came in less rain than a storm, or none\\.$`));
  assert.equal(await text(page, ".which-rain .trigger"), answer.trigger_en);
  const all = await text(page, ".which-rain dl");
  for (const said of [`${share.flooded} / ${share.dry} / ${share.unknown}`, share.dry > 0 ? percent(share.p) : "not known: nobody said of any storm", percent(share.at_least)]) {
    assert.ok(all.includes(said), `${all} has ${said}`);
  }
  // A report is no flood where inspectors found nothing: nothing claims so many at least.
  assert.ok(all.includes(`in ${share.flooded_not_found} of the reported inspectors found nothing`) && !/at least/i.test(await text(page, ".which-rain")), all);
  assert.equal((await page.$$(".trigger-chart")).length, answer.rows.length > 0 ? 1 : 0);
  await page.click(".bar .language");
  await until(async () => (await text(page, ".which-rain .trigger")) === answer.trigger_zh, "it is said in Chinese");
  await says(page, ".sheet .glance .which", new RegExp(`^未达场次降雨（5 毫米）的小雨中也有 ${lesser} 次积水(（仅有上报）)?。 ?临界雨量不明。${all_storms} 场降雨：${share.flooded - share.flooded_not_found} 场积水，${share.flooded_not_found} 场检查人员到场未见积水，${share.unknown} 场无人上报（不等于未积水）。$`));
  await says(page, ".sheet .from-rain", new RegExp(`^有证据表明积水的最小一场降雨：总量 ${mm} 毫米，最大一小时 ${hour} 毫米。更小的 ${less} 毫米一场仅有上报，检查人员到场未见积水。.+${p.occasions} 次上报积水中有 ${without} 次在较小的雨中或无雨时。$`));
  assert.deepEqual(wrong, []);
  await close();
});

test("a hotspot with a trigger has its curve with interval and storms, as a chart, a table and a file", async () => {
  const own = await City.demo();
  // Nobody says in the demo that it was dry there: here somebody does, in the weaker storms.
  const { features: storms } = await own.get("/api/v1/storms?limit=100");
  const [lon, lat] = worst.geometry.coordinates;
  const weaker = storms.filter(({ properties: p }) => p.peak_1h_mm_h !== null && p.peak_1h_mm_h < 6);
  await own.import(["id", "category", "lon", "lat", "observed_at", "dry"], weaker.map(({ properties }, i) => [`dry-${i}`, "waterlogging", lon, lat, properties.start, "true"]));
  const answer = await own.get(`/api/v1/analysis/trigger?hotspot=${ID}`);
  assert.ok(answer.rows.length > 0, answer.trigger_en);
  const { page, wrong, close } = await visit(chromium, `${own.url}/?${WORST}`);
  await page.waitForSelector(".trigger-chart");
  assert.equal(await text(page, ".which-rain .trigger"), answer.trigger_en);
  const { even_odds_mm_h: even, even_odds_low_mm_h: low, even_odds_high_mm_h: high } = answer.trigger;
  const [mm, hour] = rain(byDepth(answer.known, false).at(-1));
  const expected = even === null ? `Most rain it stayed dry in: ${mm} mm, ${hour} mm of it in one hour\\.` : `From about ${number(even)} mm in an hour on.* it floods as often as not \\(95 %: ${number(low)} to ${number(high)} mm\\)`;
  await says(page, ".sheet .from-rain", new RegExp(expected));
  const peaks = (flooded) => answer.known.filter((storm) => storm.flooded === flooded).map((storm) => storm.peak_1h_mm_h);
  const [least, most] = [Math.min(...peaks(true)), Math.max(...peaks(false))];
  const plain = least > most ? `^Reported flooded in every known storm from ${number(least)} mm in an hour on, in none up to ${number(most)} mm\\.` : even === null ? "Too few storms are known" : `^Floods in about half of storms with ${number(even)} mm in an hour \\(95 %: ${number(low)} to ${number(high)}\\)\\. Never reported flooded below ${number(least)} mm in an hour\\. Least storm with evidence: ${rain(answer.least_evident).join(" mm, ")} mm of it in an hour\\.$`;
  await says(page, ".sheet .glance .which", new RegExp(plain));
  const marks = await page.$eval(".trigger-chart > svg", (svg) => [".wet", ".no", ".band", ".line"].map((of) => svg.querySelectorAll(of).length));
  const flooded = answer.known.filter((storm) => storm.flooded).length;
  assert.deepEqual(marks, [flooded, answer.known.length - flooded, 1, 1]);
  // With evidence a full mark, half of one without: by shape, and the key says which is which.
  assert.ok(answer.evident.length > 0 && answer.evident.length < flooded, `${answer.evident}`);
  const evident = answer.known.map(({ storm }) => answer.evident.includes(storm));
  assert.deepEqual(await page.$$eval(".trigger-chart .wet", (all) => all.map((mark) => mark.querySelector("circle").matches(".full"))), evident.filter((_, i) => answer.known[i].flooded));
  await says(page, ".trigger-chart figcaption", /flooded, with evidence\s+only reported flooded\s+dry storm/);
  assert.equal(await page.$eval(".trigger-chart .line", (line) => line.getAttribute("points").split(" ").length), answer.rows.length);
  await page.$eval(".known summary", (summary) => summary.click());
  assert.deepEqual((await cells(page, ".known")).map((row) => row.at(-1)), answer.known.map(({ flooded }, i) => (evident[i] ? "flooded, with evidence" : flooded ? "only reported flooded" : "dry storm")));
  await page.$eval(".curve summary", (summary) => summary.click());
  const [first, ...rest] = await cells(page, ".curve");
  const row = answer.rows[0];
  assert.deepEqual(first.slice(1), [percent(row.p), `${percent(row.low)} – ${percent(row.high)}`]);
  assert.equal(rest.at(-1)[1], percent(answer.rows.at(-1).p));
  assert.equal((await csv(page, ".curve a")).filter((line) => /^\d/.test(line)).length, answer.rows.length);
  await page.$eval(".which-rain", (section) => (document.querySelector(".sheet").scrollTop = section.offsetTop - 48));
  await screenshot(page, "trigger");
  assert.deepEqual(wrong, []);
  await close();
  await own.remove();
});

test("is it worse: where there is no trend, why, and what it would take; the figures stand folded, as not to be relied on", async () => {
  const { trend_terms: t } = worst;
  assert.equal(t.trend, "insufficient_history");
  const { page, close } = await read(`/?${WORST}`);
  await says(page, ".worse", /No trend can be given\s+Why: observed for less than a year\./);
  assert.equal(await text(page, ".worse .takes"), "A trend takes a year of observation and 5 occasions, storms or reports in both parts of it. So far: 6 months and 17 occasions.");
  const seen = await text(page, ".worse");
  for (const hidden of ["for each storm", "times as often", "Last third"]) assert.ok(!seen.includes(hidden), `${hidden} is not seen beside it`);
  await page.click(".worse .unsure summary");
  await says(page, ".worse .unsure", /^Figures so far, not to be relied on\s+First two thirds/);
  const rows = await cells(page, ".worse");
  assert.deepEqual(rows[0].slice(1, 3), [String(t.occasions_before), String(t.occasions_lately)]);
  // Each with what it counts; beside "no trend" no ratio and no probability.
  assert.equal(t.exposure, "storms");
  const rate = (n, storms) => (n / storms).toLocaleString("en-GB", { maximumFractionDigits: 2 });
  assert.deepEqual(rows.slice(1), [["Storms", figure(t.exposure_before), figure(t.exposure_lately)], ["Reported floods, in any weather, for each storm", rate(t.occasions_before, t.exposure_before), rate(t.occasions_lately, t.exposure_lately)]]);
  assert.doesNotMatch(await text(page, ".worse .unsure"), /times as often|chance|\bp\b/);
  assert.equal((await csv(page, ".worse a")).filter((line) => line.includes("waterlogging:")).length, 211);
  await close();
});

test("works at a hotspot have what was before and after, and the service's sentence in both languages", async () => {
  const { page, close } = await visited(`/?${WORST}`);
  await says(page, ".sheet .works", /None are known within reach of this spot\./);
  await page.evaluate(() => [...document.querySelectorAll(".pages button")].at(-1).click());
  await says(page, ".helped", /None loaded yet\./);
  await close();
  const own = await City.demo();
  const [lon, lat] = worst.geometry.coordinates;
  await own.import(["id", "lon", "lat", "start", "end", "kind"], [["pump-7", lon, lat, "2024-03-25T00:00:00Z", "2024-03-28T00:00:00Z", "new_pump"], ["plan-8", lon, lat, "2024-09-01T00:00:00Z", "", ""]], "--works");
  const { rows } = await own.get(`/api/v1/analysis/works?hotspot=${ID}`);
  assert.deepEqual(rows.map((row) => [row.works_id, row.reason !== "not_begun"]), [["plan-8", false], ["pump-7", true]]);
  const there = await visit(chromium, `${own.url}/?${WORST}`);
  await says(there.page, ".sheet .works", /pump-7, new_pump/);
  const sentences = () => there.page.$$eval(".works .sentence", (all) => all.map((one) => one.textContent));
  assert.deepEqual(await sentences(), rows.map((row) => row.sentence_en));
  const numbers = (await cells(there.page, ".works")).filter(([of]) => of === "Occasions").map((row) => row.slice(1));
  assert.deepEqual(numbers, rows.map((row) => [row.occasions_before, row.occasions_meanwhile, row.occasions_after].map(String)));
  assert.equal((await csv(there.page, ".works a")).length, 1 + rows.length);
  await there.page.click(".bar .language");
  await until(async () => JSON.stringify(await sentences()) === JSON.stringify(rows.map((row) => row.sentence_zh)), "it is said in Chinese");
  assert.deepEqual(there.wrong, []);
  await there.close();
  // And over the list in one line: how many helped, and what is missing where nobody can tell.
  const list = await visit(chromium, `${own.url}/?lang=en`, { map: false });
  await listed(list.page);
  const near = (await own.get("/api/v1/analysis/works?category=waterlogging")).rows.filter((row) => row.hotspot_id !== null);
  assert.ok(near.every((row) => row.verdict === "not_judged"));
  await says(list.page, ".told .did", new RegExp(`^Of ${near.length} spots with works: ${near.length} not yet to be told \\(.*The works have not begun.*\\)\\.$`));
  await list.close();
  const all = await visit(chromium, `${own.url}/?page=trend&lang=en`, { map: false });
  await all.page.waitForSelector(".helped li");
  assert.deepEqual(await all.page.$$eval(".helped li small", (said) => said.map((one) => one.textContent)), (await own.get("/api/v1/analysis/works?category=waterlogging")).rows.map((row) => row.sentence_en));
  assert.equal((await csv(all.page, ".helped a")).length, 1 + rows.length);
  await all.page.click(".helped li button");
  await says(all.page, ".sheet .works", /pump-7/);
  assert.deepEqual(all.wrong, []);
  await all.close();
  await own.remove();
});

test("which first: the rank among all, and every term, from which it can be reckoned by hand", async () => {
  const { rank_terms: t } = worst;
  const { page, close } = await read(`/?${WORST}`);
  await listed(page);
  const end = { one: "st", two: "nd", few: "rd", other: "th" }[new Intl.PluralRules("en-GB", { type: "ordinal" }).select(t.rank)];
  await says(page, ".which-first .standing", new RegExp(`^${t.rank}${end} of 211$`));
  const [n, years, alpha, beta, rate, i, c, d, severity, score] = (await cells(page, ".which-first")).map((row) => Number(row.at(-1).replaceAll(",", "")));
  const near = (a, b) => assert.ok(Math.abs(a / b - 1) < 2e-3, `${a} is ${b}`);
  near((alpha + n) / (beta + years), rate);
  near(1 + c / i + d / i, severity);
  near(rate * severity, score);
  near(score, t.rank_score);
  // Two rates by the year stand on the sheet: it says how they differ.
  await says(page, ".two-rates", new RegExp(`^It was counted ${number(worst.properties.occasions_per_year)} times a year; the rank takes ${number(t.shrunk_per_year)} instead\\. Little data may be luck`));
  assert.deepEqual([n, i, c, d], [t.occasions, t.incidents, t.incidents_impassable, t.incidents_deep]);
  assert.equal((await csv(page, ".which-first a")).filter((line) => line.includes("waterlogging:")).length, 211);
  await close();
});

test("how it ranks at other rules is asked for when it is opened", async () => {
  const { page, wrong, close } = await read(`/?${WORST}`);
  let asked = 0;
  page.on("request", (request) => (asked += Number(request.url().includes("/analysis/sensitivity"))));
  await page.waitForSelector(".other-rules summary");
  await page.waitForNetworkIdle({ idleTime: 300, concurrency: 1 });
  assert.equal(asked, 0);
  await page.$eval(".other-rules summary", (summary) => summary.click());
  await page.waitForSelector(".other-rules tbody tr");
  const { rows } = await analysis("sensitivity", `hotspot=${ID}`);
  const said = await cells(page, ".other-rules");
  assert.equal(said.length, rows.length);
  assert.ok(rows.length > 5 && said[0][0] === "as in force");
  rows.forEach((row, i) => {
    if (row.hotspot_id === null) assert.equal(said[i][2], "in no hotspot");
    else assert.deepEqual([said[i][2].replace("*", ""), said[i][3]], [String(row.occasions), row.rank === null ? "no rank" : `${row.rank} of ${row.hotspots}`]);
  });
  assert.equal(asked, 1);
  // The file has the table of the page, row by row.
  const [head, ...lines] = (await csv(page, ".other-rules a")).map((line) => line.split(","));
  assert.equal(lines.length, said.length);
  const column = (line, name) => line[head.indexOf(name)];
  lines.forEach((line, i) => {
    if (column(line, "hotspot_id") === "") assert.equal(said[i][2], "in no hotspot");
    else assert.deepEqual([said[i][2].replace("*", ""), said[i][3]], [column(line, "occasions"), column(line, "rank") === "" ? "no rank" : `${column(line, "rank")} of ${column(line, "hotspots")}`]);
  });
  assert.deepEqual(wrong, []);
  await close();
});

test("where no spot has a trend the list says so once, and names have the room; where some have, there is a column", async () => {
  const { page, close } = await read("/?lang=en");
  await listed(page);
  await says(page, ".filters .no-trend", /^Too early to say: 6 months of data, it takes a year\.$/);
  assert.equal(await page.$("td.trend, th.trend"), null);
  assert.ok((await page.$eval("tbody .place", (cell) => cell.clientWidth)) >= 230);
  assert.ok(!(await page.$$eval(".sorts option", (all) => all.map(({ value }) => value))).includes("trend"));
  await close();
  // Twice a month for two years at one crossing, ever less at another.
  const days = Array.from({ length: 48 }, (_, i) => new Date(Date.UTC(2022, 6, 5 + 15 * i, 12)).toISOString());
  const rows = (name, lon, on) => days.filter((_, i) => on(i)).map((at, i) => [`${name}${i}`, "waterlogging", lon, 20.03, at]);
  const own = await City.of([...rows("a", 110.33, () => true), ...rows("b", 110.36, (i) => i < 20 || i % 9 === 0)]);
  try {
    const there = await visit(chromium, `${own.url}/?lang=en`, { map: false });
    await listed(there.page);
    const { features } = await own.get("/api/v1/hotspots?category=waterlogging");
    assert.ok(features.every(({ properties }) => properties.trend !== "insufficient_history"));
    assert.equal((await there.page.$$("td.trend .heading")).length, features.length);
    assert.equal(await there.page.$(".no-trend"), null);
    await there.page.click('a[data-row="0"]');
    await says(there.page, ".worse", /Reported floods\s+\d+\s+\d+\s+Reports of any kind, whole city\s+\d+\s+\d+\s+Reported floods per 1,000 reports[\s\S]+Lately [\d.]+ times as often as before; by chance alone so large a change comes in [\d.]+ % of cases\./);
    await there.close();
  } finally {
    await own.remove();
  }
});

test("the list is put in order by rank, and equals share a number", async () => {
  const { page, wrong, close } = await read("/?lang=en");
  await listed(page);
  const { features } = await city.get("/api/v1/hotspots?category=waterlogging&limit=300");
  const ranks = features.map(({ properties }) => properties.rank).sort((a, b) => a - b);
  await page.select(".sorts select", "rank");
  const rankOf = new Map(features.map(({ id, properties }) => [id, properties.rank]));
  const listedRanks = async () => (await page.$$eval("a[data-row]", (links) => links.map((link) => link.dataset.id))).map((id) => rankOf.get(id));
  await until(async () => JSON.stringify(await listedRanks()) === JSON.stringify(ranks), "they stand by rank");
  await until(() => parameter(page, "sort") === "rank", "the address says so");
  // Equals share a number, in the order by rank as the service ranks them, and in that by floods.
  const numbers = () => page.$$eval("tbody td.rank", (cells) => cells.map((cell) => Number(cell.innerText)));
  assert.ok(new Set(ranks).size < ranks.length);
  assert.deepEqual(await numbers(), ranks);
  await page.select(".sorts select", "occasions");
  const floods = features.map(({ properties }) => properties.occasions).sort((a, b) => b - a);
  const shared = floods.map((n) => floods.indexOf(n) + 1);
  await until(async () => JSON.stringify(await numbers()) === JSON.stringify(shared), "they stand by floods");
  assert.equal(await page.$eval("thead .rank", (head) => head.title), "Number in this order; equals share one");
  assert.deepEqual(wrong, []);
  await close();
});

test("by a chosen criterion list, map and sheet say who meets it, who fails on what, and who cannot be judged for want of what", async () => {
  const [criterion] = (await known()).filter(({ id }) => id === "malaysia_nadma");
  assert.ok(!criterion.disabled);
  const answer = await analysis("criteria", `category=waterlogging&criterion=${criterion.id}`);
  const { page, wrong, close } = await visited("/?lang=en");
  await listed(page);
  await until(async () => (await page.$$(".criterion option")).length > 5, "the criteria are offered");
  await page.select(".criterion", criterion.id);
  await says(page, ".judged", new RegExp(`${answer.meet} meet it.+${answer.fail} fail.+${answer.cannot_be_judged} cannot be judged`, "s"));
  assert.ok((await text(page, ".judged .source")).includes(criterion.source));
  const signs = await page.$$eval("a[data-row]", (links) => Object.fromEntries(links.map((link) => [link.dataset.id, link.parentElement.querySelector(".verdict")?.className.split(" ")[1]])));
  assert.equal(answer.rows.length, 211);
  assert.ok(answer.meet > 0 && answer.cannot_be_judged > 0);
  for (const row of answer.rows) assert.equal(signs[row.hotspot_id], row.verdict, row.hotspot_id);
  await until(() => parameter(page, "criterion") === criterion.id, "the address has it");
  await drawn(page);
  // What the signs mean stands beside them, and what is missing where nothing can be judged.
  await says(page, ".legend .verdicts", /^✓\s*meets it\s+\?\s*cannot be judged: years of observation missing$/);
  await says(page, ".judged", /cannot be judged: years of observation missing/);
  await close();
  for (const id of [criterion.id, "shanghai_underpass"]) {
    const { rows } = await analysis("criteria", `category=waterlogging&criterion=${id}`);
    const row = rows.find(({ hotspot_id }) => hotspot_id === ID);
    const sheet = await read(`/?${WORST}&criterion=${id}`);
    await says(sheet.page, ".by-criterion", { meets: /Meets it\./, cannot_be_judged: /Cannot be judged for want of depth, whether it is an underpass\./ }[row.verdict]);
    await says(sheet.page, ".by-criterion", new RegExp(`Here ${row.meeting} of ${row.occasions} occasions meet it, ${row.possible} at most`));
    assert.equal((await csv(sheet.page, ".by-criterion a")).filter((line) => line.includes("waterlogging:")).length, 211);
    assert.deepEqual(sheet.wrong, []);
    await sheet.close();
  }
  assert.deepEqual(wrong, []);
});

test("a table of what is on screen has the verdict of the criterion chosen", async () => {
  const { rows } = await analysis("criteria", "category=waterlogging&criterion=malaysia_nadma");
  const { page, close } = await visited("/?criterion=malaysia_nadma&lang=en", { before: keepFiles });
  await says(page, ".judged", /meet it/);
  await page.click(".menu summary");
  for (const n of [1, 2]) await page.$eval(`.menu > div button:nth-child(${n})`, (button) => button.click());
  const [table, geojson] = await keptFiles(page);
  const [head, ...lines] = table.trim().split("\r\n");
  assert.ok(head.endsWith(",criterion,verdict,verdict_on"), head);
  const own = new Map(rows.map((row) => [row.hotspot_id, row]));
  assert.equal(lines.length, rows.length);
  for (const line of lines) {
    const row = own.get(/waterlogging:[^,"]+/.exec(line)[0]);
    assert.ok(line.endsWith(`,malaysia_nadma,${row.verdict},${row.on.join(" ")}`), line);
  }
  for (const { id, properties } of JSON.parse(geojson).features) assert.equal(properties.verdict, own.get(id).verdict, id);
  await close();
});

test("a criterion that nobody knows, or that no city has confirmed, is explained and left", async () => {
  const disabled = (await known()).find((criterion) => criterion.disabled);
  for (const [id, shown] of [["atlantis", "atlantis"], [disabled.id, disabled.id], ["<b>", "<b>"]]) {
    const { page, wrong, close } = await read(`/?lang=en&criterion=${encodeURIComponent(id)}`);
    await listed(page);
    await until(async () => (await text(page, ".notices")).includes(`criterion=${shown}, which is not known here`), "it is explained");
    // What is no id at all stays in the address, as everything that cannot be read.
    if (id !== "<b>") await until(() => parameter(page, "criterion") === null, "the address drops it");
    assert.equal((await page.$$(".place .verdict")).length, 0);
    assert.equal((await places(page)).length, 211);
    assert.deepEqual(wrong, []);
    await close();
  }
});

test("where inspectors contradict the last flood or the smallest storm, the sheet gives the last and the smallest that they do not", async () => {
  const { features } = await city.get("/api/v1/hotspots?category=waterlogging&limit=10000");
  const { id } = features.find(({ properties }) => properties.name === "Freeborn St & Hempstead Av");
  const { occasions_list: all } = await city.get(`/api/v1/hotspots/${id}`);
  const stands = all.filter((one) => one.evidence || !one.not_found);
  assert.ok(stands.at(-1) !== all.at(-1) && stands.every(({ evidence }) => !evidence));
  const { known, least_reported: reported, least_evident } = await analysis("trigger", `hotspot=${id}`);
  assert.ok(reported.not_found && least_evident === null);
  const storms = new Set(stands.flatMap(({ storm_ids }) => storm_ids));
  const [least] = byDepth(known, true).filter(({ storm }) => storms.has(storm));
  assert.ok(least.depth_mm > reported.depth_mm);
  const [mm, hour] = rain(least);
  const { page, wrong, close } = await read(`/?hotspot=${id}&lang=en`);
  const lesser = stands.filter((one) => one.weather === "small_rain").length;
  if (lesser > 0) await says(page, ".glance .which b", new RegExp(`^Less than a storm \\(5 mm\\) was enough for ${lesser} floods?(, only reported)?\\.$`));
  else await says(page, ".glance .which b", await smallest(id));
  await says(page, ".sheet .from-rain", new RegExp(`^No storm has evidence that it flooded, there are only reports\\. The smallest of these storms: ${mm} mm, ${hour} mm of it in one hour\\. `));
  await says(page, ".glance .sentence", /First .+, last 22 Jun, where inspectors found no water; last flood before: 23 Mar\./);
  // Both are seen without scrolling.
  assert.ok(await page.$eval(".glance .which b", (says) => says.getBoundingClientRect().bottom < document.querySelector(".sheet").getBoundingClientRect().bottom));
  await page.click(".bar .language");
  await says(page, ".glance .which b", new RegExp(lesser > 0 ? `^未达场次降雨（5 毫米）的小雨中也有 ${lesser} 次积水(（仅有上报）)?。$` : `^积水的最小一场：${mm} 毫米；不小于它而无人上报的有 \\d+ 场。$`));
  await says(page, ".glance .sentence", /最近一次 6月22日，检查人员到场未见积水；此前最近一次：3月23日。/);
  assert.deepEqual(wrong, []);
  await close();
});
