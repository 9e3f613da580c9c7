// What a planner asks first is read off the page, not looked for: where it floods most in rain, how often, and how sure that is.

import assert from "node:assert/strict";
import { test } from "node:test";
import { City, PHONE, WIDE, inWeather, listed, parameter, says, until, visit } from "./city.js";
import { chromium, city, read } from "./demo.js";

const hotspots = async () => (await city.get("/api/v1/hotspots?category=waterlogging&limit=10000")).features;
/** What inspectors did not go to and find nothing at, and that in a weather, as the list is sorted by it. */
const stands = ({ properties: p }) => p.occasions_evidence + p.occasions_unchecked;
const standing = (sort) => ({ properties: p }) => p[sort] - p[`${sort}_contradicted`];
const [inStorms, inSmallRain, whenDry] = ["occasions_storm", "occasions_small_rain", "occasions_dry_weather"].map(standing);
const inRain = (one) => inStorms(one) + inSmallRain(one);
/** Most first; of equals what is surer, of these those with fewer in dry weather, then those with more in all. */
const surest = (of) => (a, b) => of(b) - of(a) || rated(a) - rated(b) || b.properties.occasions_evidence - a.properties.occasions_evidence || whenDry(a) - whenDry(b) || stands(b) - stands(a) || b.properties.occasions - a.properties.occasions;
const rated = ({ properties }) => ["confirmed", "recurring", "candidate"].indexOf(properties.status);
const first = (all, of) => [...all].sort(surest(of))[0];
const confirmed = (all) => all.filter(({ properties }) => properties.status === "confirmed");
const quoted = (text) => text.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
/** Others of which the same can be said. */
const others = (all, of, one) => all.filter((other) => [of, rated, whenDry, ({ properties }) => properties.occasions_evidence].every((count) => count(other) === count(one))).length - 1;
/** What a block says of the first spot: its name, how often in what weather, and how sure that is. */
const said = (one, others) => {
  const { properties: p } = one;
  const sure = [...(p.occasions_evidence > 0 ? [`${p.occasions_evidence} with evidence`] : []), ...(p.occasions_unchecked > 0 ? [`${p.occasions_unchecked} only reported`] : []), ...(p.occasions > stands(one) ? [`${p.occasions - stands(one)} no water found`] : [])];
  return [
    `${quoted(p.name)}${others === 0 ? "" : others === 1 ? ", like \\S.*" : `, like ${others} others`}`,
    `${inRain(one)} in rain \\(${inStorms(one)} storms?, ${inSmallRain(one)} small rain\\), ${whenDry(one)} when dry in 6 months`,
    `${p.status === "confirmed" ? "Confirmed" : "Not confirmed"}: ${sure.join(", ")}`,
  ].join("\\s+");
};
const said_sure = (one, others) => `Confirmed: ${quoted(one.properties.name)}${others === 0 ? "" : ", like .+"}:\\s+${inRain(one)} in rain, ${whenDry(one)} when dry, ${one.properties.occasions_evidence} with evidence`;
const said_zh = (one) => {
  const { properties: p } = one;
  return `${quoted(p.name)}\\s+雨中 ${inRain(one)} 次（场次降雨 ${inStorms(one)}，小雨 ${inSmallRain(one)}），无雨 ${whenDry(one)} 次\\s+未确认：${p.occasions_unchecked} 仅有上报，${p.occasions - stands(one)} 到场未见积水`;
};

test("one block before all else answers where it floods most in rain, how often in which weather and how sure that is, and it is the first of the list", async () => {
  const all = await hotspots();
  const [most, sure] = [first(all, inRain), first(confirmed(all), inRain)];
  assert.deepEqual([most, sure].map(({ properties }) => properties.name), ["8 Av & W 52 St", "14 Av & 50 St"]);
  const { page, wrong, close } = await read("/?lang=en");
  await listed(page);
  await says(page, ".headline", new RegExp(`^Most floods in rain: ${said(most, others(all, inRain, most))}\\s+${said_sure(sure, others(confirmed(all), inRain, sure))}`));
  assert.equal(await page.$eval('a[data-row="0"]', (link) => link.dataset.id), most.id, "it stands first in the list");
  const told = await page.$eval(".headline", (all) => {
    const seen = all.cloneNode(true);
    seen.querySelectorAll(".unseen").forEach((one) => one.remove());
    return seen.textContent;
  });
  assert.ok(told.replace(/[\d,:&]+/g, " ").trim().split(/\s+/).length <= 34, `${told}: at most 34 words, and figures`);
  const { above, size, of } = await page.evaluate(() => {
    const [told, others] = [document.querySelector(".headline"), [...document.querySelectorAll(".filters > :not(.headline)")]];
    const size = (one) => parseFloat(getComputedStyle(one).fontSize);
    const plain = [...document.querySelectorAll(".told *")].filter((one) => one.checkVisibility());
    return { above: others.every((one) => one.getBoundingClientRect().top >= told.getBoundingClientRect().bottom), size: size(told), of: Math.max(...plain.map(size)) };
  });
  assert.ok(above && size > of, `above all else and larger than what is told below it: ${size} and ${of} px`);
  await page.click(".in-rain a");
  await says(page, ".sheet h2", new RegExp(`^${quoted(most.properties.name)}$`));
  await until(() => parameter(page, "hotspot") === most.id, "the address says so");
  await page.keyboard.press("Escape");
  // Of those that the filters leave.
  await page.click(".statuses button:nth-child(1)");
  const unsure = all.filter(({ properties }) => properties.status !== "confirmed");
  await says(page, ".headline", new RegExp(`^Most floods in rain: ${said(most, others(unsure, inRain, most))}$`));
  assert.deepEqual(wrong, []);
  await close();

  const phone = await read("/?lang=zh", { size: PHONE });
  await listed(phone.page);
  await says(phone.page, ".headline", new RegExp(`^雨中积水最多：${said_zh(most)}`));
  assert.ok(await phone.page.$eval(".headline", (p) => p.scrollWidth <= p.clientWidth), "none of it is cut");
  await phone.close();

  const dry = await City.of([["a", "waterlogging", 110.33, 20.03, "2024-06-10T12:00:00Z"], ["b", "waterlogging", 110.33, 20.03, "2024-06-20T12:00:00Z"]]);
  try {
    const { page, close } = await visit(chromium, `${dry.url}/?lang=en`, { map: false });
    await listed(page);
    // Where no rain is known nothing is said of it, and the list goes by how often it floods.
    await says(page, ".headline", /^Most floods: \S.+\s+2 floods in 10 days\s+Not confirmed: 2 only reported$/);
    assert.deepEqual([await page.$(".table .rain"), await page.$eval("th[aria-sort]", (head) => head.className)], [null, "count"]);
    await says(page, "td.weather .by-weather", /^2\?$/);
    await close();
  } finally {
    await dry.remove();
  }
});

test("who asks for a weather has the list in its order and its worst spot named, unless another order was chosen; nothing wraps", async () => {
  const all = await hotspots();
  const { page, wrong, close } = await read("/?lang=en");
  await listed(page);
  const flat = () => page.$eval(".weather-filter", (bar) => bar.getBoundingClientRect().height);
  const high = await flat();
  assert.ok(high < 40, `one line: ${high} px`);
  for (const [filter, sort, named] of [["storm", "occasions_storm", "in storms"], ["mostly_small_rain", "occasions_small_rain", "in small rain"], ["dry", "occasions_dry_weather", "in dry weather"]]) {
    await inWeather(page, filter);
    const of = standing(sort);
    const reported = ({ properties }) => properties[sort];
    const left = all.filter((one) => (filter.startsWith("mostly") ? 2 * reported(one) > one.properties.occasions : reported(one) > 0));
    const most = first(left, of);
    await until(() => page.$eval('a[data-row="0"]', (link, id) => link.dataset.id === id, most.id), `${filter}: the worst stands first`);
    assert.equal(await page.$eval("th[aria-sort]", (head) => head.className), "weather", "and the column that has it has the arrow");
    assert.equal(await page.$eval(".sorts select", (select) => select.value), sort);
    // Where it is not confirmed the confirmed spot that has most stands below it.
    const sure = most.properties.status === "confirmed" ? null : first(confirmed(left).filter((one) => of(one) > 0), of);
    await says(page, ".headline", new RegExp(`^Most floods ${named}: ${said(most, others(left, of, most))}${sure ? `\\s+${said_sure(sure, others(confirmed(left), of, sure))}` : "$"}`));
    assert.equal(await flat(), high, `${filter}: no choice moves the others`);
  }
  await page.click(".choices > .plain");
  await until(() => parameter(page, "weather") === null, "and back");
  assert.equal(await page.$eval(".sorts select", (select) => select.value), "occasions_rain");
  await page.select(".sorts select", "name");
  await inWeather(page, "storm");
  await until(() => parameter(page, "weather") === "storm", "the address says so");
  assert.equal(parameter(page, "sort"), "name", "an order that was chosen stays");
  assert.deepEqual(wrong, []);
  await close();
});

test("the list comes in the order of floods in rain, beside all floods, and equals share a number; another order is one click away, and its link says so", async () => {
  const all = await hotspots();
  const by = new Map(all.map((hotspot) => [hotspot.id, hotspot]));
  const { page, wrong, close } = await read("/?lang=en");
  await listed(page);
  const rows = (page) => page.$$eval("tr:has(a[data-row])", (rows) => rows.map((row) => [row.querySelector("a[data-row]").dataset.id, ...["td.rank", "td.rain", "td.count"].map((of) => parseInt(row.querySelector(of).innerText))]));
  const usual = await rows(page);
  const inOrder = (seen, of) => {
    const expected = [...all].sort(surest(of));
    assert.equal(seen.length, expected.length);
    for (const [i, [id, number, rain, count]] of seen.entries()) {
      assert.equal(surest(of)(by.get(id), expected[i]), 0, `${id} in place ${i}`);
      assert.deepEqual([rain, count], [inRain(by.get(id)), stands(by.get(id))]);
      if (i > 0) assert.equal(seen[i - 1][1] === number, of(by.get(seen[i - 1][0])) === of(by.get(id)), `${id}: of as many one number`);
    }
  };
  inOrder(usual, inRain);
  assert.equal(await page.$eval("th[aria-sort]", (head) => head.className), "rain");
  assert.equal(await page.$eval(".sorts select", (select) => select.selectedOptions[0].text), "in rain");
  await page.click("th.count button");
  await until(() => parameter(page, "sort") === "-stands", "the address says so");
  assert.equal(await page.$eval("th[aria-sort]", (head) => head.className), "count");
  inOrder(await rows(page), stands);
  const url = page.url();
  await page.click("th.rain button");
  await until(() => parameter(page, "sort") === null, "the usual order is not said");
  assert.deepEqual(await rows(page), usual);
  // What was reported in all has its number where the list is sorted by it.
  await page.select(".sorts select", "occasions");
  await until(() => parameter(page, "sort") === "-occasions", "the address says so");
  await says(page, "tbody td.count", /^8\s+17 reported$/);
  assert.deepEqual(wrong, []);
  await close();
  const again = await visit(chromium, url, { map: false });
  await listed(again.page);
  inOrder(await rows(again.page), stands);
  await again.close();
});

test("in each row the floods of each weather stand as figures under their marks, on a laptop and a phone", async () => {
  const by = new Map((await hotspots()).map(({ id, properties }) => [id, properties]));
  for (const size of [WIDE, PHONE]) {
    const { page, close } = await read("/?lang=en", { size });
    await listed(page);
    const rows = await page.$$eval("tr:has(a[data-row])", (rows) =>
      rows.map((row) => {
        const [marks, figures, cell] = [".floods", ".by-weather", "td.weather"].map((of) => row.querySelector(of));
        const [above, below, around] = [marks, figures, cell].map((of) => of.getBoundingClientRect());
        return { id: row.querySelector("a[data-row]").dataset.id, figures: figures.innerText, whole: above.bottom <= below.top + 1 && below.bottom <= around.bottom && figures.scrollWidth <= cell.clientWidth };
      }),
    );
    assert.equal(rows.length, by.size);
    for (const { id, figures, whole } of rows) {
      const one = { properties: by.get(id) };
      const [all, unknown] = [stands(one), standing("occasions_unknown")(one)];
      assert.equal(figures, all > 0 && unknown === all ? `${all}?` : [inStorms(one), inSmallRain(one), whenDry(one), ...(unknown > 0 ? [`${unknown}?`] : [])].join(" · "), id);
      assert.ok(whole, `${id} at ${size.width} px`);
    }
    await close();
  }
});

test("on a sheet's timeline each flood is full with evidence, half where it was only reported and struck where nothing was found", async () => {
  const id = "waterlogging:8c2a1077128d1ff";
  const { occasions_list: all } = await city.get(`/api/v1/hotspots/${id}`);
  const [evident, nothing] = [all.filter(({ evidence }) => evidence).length, all.filter(({ evidence, not_found }) => !evidence && not_found).length];
  assert.ok(evident > 0 && nothing > 0 && evident + nothing < all.length, `${evident} and ${nothing} of ${all.length}`);
  const { page, wrong, close } = await read(`/?hotspot=${id}&lang=en`, {
    before: () => {
      window.arcs = [];
      const { arc, clearRect } = CanvasRenderingContext2D.prototype;
      CanvasRenderingContext2D.prototype.clearRect = function (...box) {
        window.arcs = window.arcs.filter(({ canvas }) => canvas !== this.canvas);
        return clearRect.apply(this, box);
      };
      CanvasRenderingContext2D.prototype.arc = function (...circle) {
        if (this.canvas.closest(".lanes")) window.arcs.push({ canvas: this.canvas, circle });
        return arc.apply(this, circle);
      };
    },
  });
  // A ring for each, and what fills it: all of it or half. When the rain comes it is drawn anew, on another canvas.
  const drawn = () =>
    page.evaluate(() => {
      const now = window.arcs.filter(({ canvas }) => canvas.isConnected).map(({ circle }) => circle);
      return ["2.00", "2.50", "1.50"].map((to) => new Set(now.filter((circle) => (circle[4] / Math.PI).toFixed(2) === to).map(([x, y]) => `${x} ${y}`)).size);
    });
  await until(async () => (await drawn()).join() === [all.length, evident, all.length - evident - nothing].join(), `${all.length}, ${evident} of them full`);
  // Those that lie close are drawn apart: no half circle is filled by another's.
  const rings = await page.evaluate(() => [...new Set(window.arcs.filter(({ canvas }) => canvas.isConnected).map(({ circle: [x, y] }) => `${x} ${y}`))].map((at) => at.split(" ").map(Number)));
  for (const [i, [x, y]] of rings.entries()) for (const [other_x, other_y] of rings.slice(i + 1)) assert.ok(Math.hypot(x - other_x, y - other_y) > 8.4, `${x},${y} and ${other_x},${other_y}`);
  await says(page, ".lane-key", /^with evidence\s+only reported\s+no water found$/);
  assert.deepEqual(wrong, []);
  await close();
});

test("a sheet says whether its own neighbourhood has more than chance explains, and asks for that once it stands", async () => {
  const inside = ([x, y], ring) => ring.reduce((odd, [x2, y2], i) => (i > 0 && ring[i - 1][1] > y !== y2 > y && x < ((x2 - ring[i - 1][0]) * (y - ring[i - 1][1])) / (y2 - ring[i - 1][1]) + ring[i - 1][0] ? !odd : odd), false);
  const { features: cells } = await city.get("/api/v1/analysis/significance?category=waterlogging");
  const of = ({ geometry }) => cells.find((cell) => inside(geometry.coordinates, cell.geometry.coordinates[0])).properties;
  const all = await hotspots();
  const number = (q) => (q < 0.001 ? "< 0.001" : `= ${q.toLocaleString("en-GB", { maximumFractionDigits: 3 })}`);
  const said = {
    hot: [(q) => `More reported floods around it than chance explains (q ${q}; above 0.05 it could be chance).`, (q) => `周边的上报积水多于偶然（q ${q}；高于 0.05 则可能是偶然）。`],
    not_significant: [(q) => `So many reported floods around it could be chance (q ${q}; up to 0.05 it would not).`, (q) => `周边有这么多上报积水，可能是偶然（q ${q}；不超过 0.05 才不是）。`],
  };
  for (const found of ["hot", "not_significant"]) {
    const spot = all.find((one) => of(one).class === found);
    assert.ok(spot, `the demo has a spot that is ${found}`);
    const { page, wrong, close } = await read(`/?hotspot=${spot.id}&lang=en`);
    const q = number(of(spot).q);
    // The statistic is folded: beside "confirmed" it would be read as its contrary.
    await page.waitForSelector(".glance .by-luck");
    assert.equal(await page.$eval(".glance .around", (one) => one.checkVisibility()), false);
    await page.click(".glance .by-luck summary");
    for (const [i, language] of ["en", "zh"].entries()) {
      await says(page, ".glance .around", new RegExp(`^${quoted(said[found][i](q))}$`));
      assert.match(await page.$eval(".glance .around", (one) => one.title), language === "en" ? /^q: how likely chance alone/ : /^q：.+全凭偶然/);
      if (language === "en") await page.click(".bar .language");
    }
    const [asked, stood] = await page.evaluate(() => {
      const of = (part) => performance.getEntriesByType("resource").filter(({ name }) => name.includes(part));
      return [of("/analysis/significance").map(({ startTime }) => startTime), of("/analysis/trigger")[0].responseEnd];
    });
    assert.ok(asked.length === 1 && asked[0] > stood, `asked for at ${asked}, after ${stood}`);
    assert.deepEqual(wrong, []);
    await close();
  }
});

test("on a phone the storms are a list: each with its rain and how many spots it flooded, which lead to them and to the map", async () => {
  const { storms, rows } = await city.get("/api/v1/analysis/storms?limit=10000");
  const latest = storms.filter(({ flooded }) => flooded > 0).sort((a, b) => b.start.localeCompare(a.start));
  const { page, wrong, close } = await read("/?page=storms&lang=en", { size: PHONE });
  await page.waitForSelector(".storm-list summary");
  assert.equal(await page.$(".matrix"), null);
  const seen = await page.$$eval(".storm-list summary", (all) => all.map((one) => one.innerText.replace(/\s+/g, " ")));
  assert.equal(seen.length, latest.length);
  const number = (n) => n.toLocaleString("en-GB", { maximumFractionDigits: 1 });
  for (const [i, { depth_mm, peak_1h_mm_h, flooded }] of latest.entries()) {
    for (const part of [`${number(depth_mm)} mm`, `at most ${number(peak_1h_mm_h)} mm in an hour`, `${flooded} ${flooded === 1 ? "spot" : "spots"} reported flooded`]) assert.ok(seen[i].includes(part), `${seen[i]} has ${part}`);
  }
  if (latest.length < storms.length) await says(page, ".storm-list > p", new RegExp(`^${storms.length - latest.length} storms of .+ in which nothing flooded$`));
  // Opened, it names them, those with evidence first.
  const at = storms.indexOf(latest[0]);
  const there = rows.filter((row) => "FN".includes(row.cells[at - row.first_storm] ?? "U"));
  await page.click(".storm-list summary");
  await page.waitForSelector(".storm-list li a");
  const named = await page.$$eval(".storm-list li", (all) => all.map((one) => [one.querySelector("a").textContent, one.querySelector(".mark").classList[1]]));
  assert.deepEqual(named.map(([name]) => name).sort(), there.map(({ name }) => name).sort());
  assert.deepEqual(named.map(([, mark]) => mark), named.map(([, mark]) => mark).sort((a, b) => "EFN".indexOf(a) - "EFN".indexOf(b)));
  await page.click(".storm-list li a");
  await says(page, ".sheet h2", new RegExp(`^${quoted(named[0][0])}$`));
  await page.click(".sheet .close");
  await page.click(".storm-list details p a");
  await until(() => parameter(page, "datetime"), "the map is of its time");
  await says(page, ".filters .in-time b", /^Only /);
  assert.deepEqual(wrong, []);
  await close();
});

test("the heads of the storms do not touch, in either language", async () => {
  for (const [lang, day] of [["en", /^\d+ [A-Z][a-z]+$/], ["zh", /^\d+\/\d+$/]]) {
    const { page, close } = await read(`/?page=storms&lang=${lang}`);
    await page.waitForSelector(".matrix [data-storm]");
    const heads = await page.$$eval(".matrix [data-storm] [aria-hidden]", (all) =>
      all.map((head) => {
        const range = document.createRange();
        range.selectNode(head.firstChild);
        return { says: head.firstChild.textContent, free: head.closest("th").clientWidth - range.getBoundingClientRect().width };
      }),
    );
    assert.ok(heads.length > 5);
    for (const { says, free } of heads) assert.ok(day.test(says) && free >= 4, `${says}: ${free} px are free`);
    await close();
  }
});
