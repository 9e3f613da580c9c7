// What planners who saw the page for the first time stumbled over.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { City, PHONE, ROOT, WIDE, drawn, listed, parameter, places, says, settled, text, until, visit } from "./city.js";
import { chromium, city, read, visited } from "./demo.js";

/** A laptop of the cheapest kind. */
const SMALL = { width: 1_366, height: 768 };
const ID = "waterlogging:8c2a1077128d1ff";
const WORST = `hotspot=${ID}`;

const hotspots = async () => (await city.get("/api/v1/hotspots?category=waterlogging&limit=10000")).features;

/** Where the map looks, as a link that is copied says it: its zoom, and where a position is on screen. */
const looks = async (page) => {
  await page.evaluate(() => (navigator.clipboard.writeText = async (link) => void (window.copied = link)));
  await page.click(".menu summary");
  await page.$$eval(".menu > div button", (buttons) => buttons.find((button) => /Copy link/.test(button.textContent)).click());
  const [lon, lat, zoom] = new URL(await page.evaluate(() => window.copied)).searchParams.get("at").split(",").map(Number);
  // That it is copied is told above the map, which would be smaller by it.
  for (let told; (told = await page.$(".notices button")); ) await told.evaluate((button) => button.click());
  const world = ([x, y]) => [((x + 180) / 360) * 512 * 2 ** zoom, (0.5 - Math.log(Math.tan(Math.PI / 4 + (y * Math.PI) / 360)) / (2 * Math.PI)) * 512 * 2 ** zoom];
  const { x, y, width, height } = await (await page.$(".map canvas")).boundingBox();
  const [from, middle] = [world([lon, lat]), [x + width / 2, y + height / 2]];
  return { zoom, on: (position) => world(position).map((at, i) => at - from[i] + middle[i]) };
};

/** What nothing covers of the map, on screen. */
const free = (page) =>
  page.evaluate(() => {
    const of = (selector) => document.querySelector(selector)?.getBoundingClientRect();
    const { left, top, right } = of(".map");
    return { left, top, right: of(".side")?.left ?? right, bottom: of(".legend").top };
  });

/** The whole city, as its outlines have it, is in the free part of the map, and fills it from side to side or from top to
 * bottom but for a margin. */
const cityFits = async (page, least = 0.8) => {
  const { on } = await looks(page);
  const box = await free(page);
  const corners = (await city.get("/base.geojson")).features.flatMap(({ geometry }) => geometry.coordinates.flat(geometry.type === "Polygon" ? 1 : 2)).map(on);
  const [xs, ys] = [0, 1].map((i) => corners.map((corner) => corner[i]));
  const most = (all, of) => all.reduce((a, b) => of(a, b));
  const [west, east, north, south] = [most(xs, Math.min), most(xs, Math.max), most(ys, Math.min), most(ys, Math.max)];
  assert.ok(west >= box.left && east <= box.right && north >= box.top && south <= box.bottom, JSON.stringify({ west, east, north, south, box }));
  const part = Math.max((east - west) / (box.right - box.left), (south - north) / (box.bottom - box.top));
  assert.ok(part > least, `${part} of the room`);
};

test("a criterion says who asks for what and how firmly that is known, in whole sentences", async () => {
  const { page, wrong, close } = await read(`/?criterion=malaysia_nadma&${WORST}&lang=en`);
  await says(page, ".judged", /National Disaster Management Agency of Malaysia \(NADMA\): more than 3 floods in 4 years\. Known from a named newspaper; the official text was not seen\.$/);
  await says(page, ".sheet .by-criterion", /Source: National Disaster[^.]+\. Known from a named newspaper; the official text was not seen\. The agency speaks of districts; here single hotspots are judged by it\./);
  await page.click(".bar .language");
  await says(page, ".judged", /4 years。据具名媒体报道，未见官方原文。$/);
  // Of every criterion: what is known of its source is said once, in a sentence of its own.
  for (const { source, firmness } of await city.get("/api/v1/criteria")) {
    assert.doesNotMatch(source, /named press|secondary copy/i);
    assert.ok(["official", "named_press", "secondary_copy", "own_text"].includes(firmness));
  }
  assert.deepEqual(wrong, []);
  await close();
});

test("what is past is never called live, whether a day was chosen or nothing was reported for long; a report of now makes it live", async () => {
  for (const size of [WIDE, PHONE]) {
    const { page, wrong, close } = await read("/?lang=en", { size });
    await listed(page);
    await says(page, ".bar .now", /^not live$/);
    assert.match(await page.$eval(".bar .now", (said) => said.title), /^The newest report is of 30 Jun 2024/);
    await page.click(".bar .language");
    await says(page, ".bar .now", /^非实时$/);
    assert.ok(await page.$eval(".bar .now", (said) => said.checkVisibility() && said.getBoundingClientRect().right <= innerWidth), "it is in sight");
    assert.deepEqual(wrong, []);
    await close();
  }
  const then = await read("/?as_of=2024-03-01T05:00:00Z&lang=en");
  await listed(then.page);
  await says(then.page, ".bar .now", /^not live$/);
  await says(then.page, ".notices .pinned", /^As of 1 Mar 2024, 00:00, not live\./);
  await then.page.click(".bar .language");
  await says(then.page, ".notices .pinned", /^截至 2024年3月1日 00:00，非实时。/);
  await then.close();
  const now = await City.of([["a", "waterlogging", 110.33, 20.03, "2024-01-01T00:00:00Z"]], [], { clock: null });
  try {
    const { page, close } = await visit(chromium, `${now.url}/?lang=en`, { map: false });
    await says(page, ".bar .now", /^not live$/);
    await now.report(110.33, 20.03, new Date(Date.now() - 60_000).toISOString());
    await says(page, ".bar .now", /^live$/);
    await close();
  } finally {
    await now.remove();
  }
});

test("at the opening view the first five of the list are named on the map close beside their circles, whatever lies around them, and other five in another order", async () => {
  const { page, wrong, close } = await visited("/?lang=en");
  await listed(page);
  await drawn(page);
  await cityFits(page);
  const { features } = await city.get("/api/v1/hotspots?category=waterlogging&limit=10000");
  for (const order of ["occasions", "occasions_storm"]) {
    await page.select(".sorts select", order);
    const first = await page.$$eval("a[data-row]", (links) => links.slice(0, 5).map((link) => link.dataset.id));
    const { on, zoom } = await looks(page);
    const under = async (x, y) => {
      await page.mouse.move(x, y);
      return page.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(() => done(document.querySelector("tr.hovered a")?.dataset.id ?? null)))));
    };
    const named = async (id) => {
      const { geometry, properties: { occasions } } = features.find((feature) => feature.id === id);
      const [x, y] = on(geometry.coordinates);
      // Close by its circle, as the style draws it, and just out of reach of that: a name further away would be taken for another's.
      const away = 3.1 * (0.8 + (0.2 * Math.min(3, Math.max(0, zoom - 9))) / 3) * Math.sqrt(occasions) + 17;
      for (let turn = 0; turn < 8; turn += 1) if ((await under(x + away * Math.cos((turn * Math.PI) / 4), y + away * Math.sin((turn * Math.PI) / 4))) === id) return true;
      return false;
    };
    await until(async () => {
      for (const id of first) if (!(await named(id))) return false;
      return true;
    }, `${first} are named`, 30_000);
  }
  assert.deepEqual(wrong, []);
  await close();
});

test("where inspectors found nothing at a confirmed spot, the sheet says how both can be", async () => {
  const { occasions_list: all } = await city.get(`/api/v1/hotspots/${ID}`);
  const [evidence, nothing] = [all.filter((one) => one.evidence).length, all.filter((one) => one.not_found).length];
  assert.ok(evidence >= 2 && nothing >= 2);
  const { page, close } = await read(`/?${WORST}&lang=en`);
  await says(page, ".sheet .both-hold", new RegExp(`^It is confirmed by the ${evidence} floods that an inspector saw, a photo shows or two people reported\\. That inspectors came to ${nothing} and found no water does not undo this`));
  await page.click(".bar .language");
  await says(page, ".sheet .both-hold", new RegExp(`^“已确认”的依据是 ${evidence} 次.+另有 ${nothing} 次检查人员到场未见积水，并不推翻这一点`));
  await close();
  const calm = (await hotspots()).find(({ properties: p }) => p.status === "confirmed" && p.occasions_not_found === 0) ?? (await hotspots()).find(({ properties: p }) => p.status !== "confirmed" && p.occasions_not_found > 0);
  const other = await read(`/?hotspot=${calm.id}&lang=en`);
  await other.page.waitForSelector(".sheet .sentence");
  assert.equal(await other.page.$(".sheet .both-hold"), null, "elsewhere there is nothing to explain");
  await other.close();
});

test("spots at which inspectors found nothing half of the time or more are a choice, in list, map, address and another browser", async () => {
  const expected = (await hotspots()).filter(({ properties: p }) => p.occasions_not_found > 0 && 2 * p.occasions_not_found >= p.occasions);
  assert.ok(expected.length > 2 && expected.length < 200, `${expected.length}`);
  const ids = (page) => page.$$eval("a[data-row]", (links) => links.map((link) => link.dataset.id));
  const { page, wrong, close } = await visited("/?lang=en");
  await listed(page);
  await drawn(page);
  await page.click(".choices .more");
  await page.click("button.doubtful");
  await until(async () => (await ids(page)).length === expected.length, "the list follows");
  assert.deepEqual(new Set(await ids(page)), new Set(expected.map(({ id }) => id)));
  await says(page, ".filters .doubt", /^Only spots where inspectors found no water at half or more of the reported floods$/);
  await until(() => parameter(page, "doubtful") === "1", "the address says so");
  const url = page.url();
  assert.deepEqual(wrong, []);
  await close();
  // One that is left out is not on the map either, and comes back with all.
  const out = (await hotspots()).find(({ id }) => !expected.some((one) => one.id === id));
  const near = await visited(`/?doubtful=1&reports=0&lang=en&at=${out.geometry.coordinates.map((degrees) => degrees.toFixed(5))},16`);
  await listed(near.page);
  await drawn(near.page);
  const box = await (await near.page.$(".map canvas")).boundingBox();
  const cursor = async () => {
    for (const by of [2, 0]) await near.page.mouse.move(box.x + box.width / 2 + by, box.y + box.height / 2);
    return near.page.$eval(".map canvas", (canvas) => canvas.style.cursor);
  };
  assert.deepEqual(await settled(async () => [await cursor()]), [""]);
  await near.page.click("button.doubtful");
  await until(async () => (await cursor()) === "pointer", "it is there again");
  await near.close();
  const again = await visit(chromium, url.replace("lang=en", "lang=zh"), { map: false });
  await listed(again.page);
  assert.equal((await places(again.page)).length, expected.length);
  await says(again.page, ".filters .doubt", /^只显示半数或以上次数中检查人员到场未见积水的地点$/);
  await again.page.evaluate(() => dispatchEvent(new Event("beforeprint")));
  await again.page.emulateMediaType("print");
  await says(again.page, ".paper .period", /检查人员到场未见积水的地点/);
  await again.page.emulateMediaType("screen");
  await again.page.evaluate(() => dispatchEvent(new Event("afterprint")));
  await again.page.click(".filters button.plain");
  await until(async () => (await places(again.page)).length === 211, "all are back");
  await until(() => (parameter(again.page, "doubtful") ?? "0") === "0", "the address follows");
  await again.close();
});

test("a sheet that is scrolled goes on saying whose it is, and it agrees with the list on when it last flooded", async () => {
  const { page, close } = await read(`/?${WORST}&lang=en`);
  await says(page, ".sheet h2", /^19 Av & 58 St$/);
  // The last report counts no flood here: the list has the last flood, as the sheet's line does, and the sheet says of
  // the report that it is of a neighbouring spot.
  const { properties: p, occasions_list: all } = await city.get(`/api/v1/hotspots/${ID}`);
  assert.ok(Date.parse(p.last_seen) > Date.parse(all.at(-1).end));
  const last = () => page.$eval(`tr:has(a[data-id="${ID}"]) td.last time`, (time) => [time.dateTime, time.innerText]);
  assert.equal(p.last_flooded, all.at(-1).end);
  await says(page, "thead th.last", /^Last\s+flood$/);
  assert.deepEqual(await last(), [p.last_flooded, "4 Apr"]);
  await says(page, ".glance .sentence", /First [^.]+, last 4 Apr\./);
  await says(page, ".sheet .last-beside", /^The last report, of 8 Apr, is from a neighbouring spot and does not count here: i\d+$/);
  await until(async () => (await page.$eval(".sheet .occasions tbody time", (time) => time.dateTime)) === all.at(-1).start, "the last flood comes first");
  // Of a time that is chosen, too.
  const { x, y, width } = await (await page.waitForSelector(".timeline .u-over")).boundingBox();
  await page.mouse.move(x + 1, y + 30);
  await page.mouse.down();
  await page.mouse.move(x + width - 1, y + 34, { steps: 4 });
  await page.mouse.up();
  await page.waitForSelector(".filters .in-time button");
  await until(async () => (await last())[0] === all.at(-1).end, "as the sheet has it");
  await page.click(".filters .in-time button");
  await page.waitForSelector(".sheet .occasions");
  assert.equal(await page.$(".sheet .top .name"), null, "it is said once");
  await page.$eval(".sheet", (sheet) => (sheet.scrollTop = 900));
  await says(page, ".sheet .top .name", /^19 Av & 58 St$/);
  assert.ok(await page.$eval(".sheet .top .name", (name) => name.getBoundingClientRect().top >= name.closest(".sheet").getBoundingClientRect().top), "in sight");
  await page.$eval(".sheet", (sheet) => (sheet.scrollTop = 0));
  await page.waitForSelector(".sheet .top .name", { hidden: true });
  await close();
});

test("of as many floods what is surer comes first, and equals go on sharing a number", async () => {
  const { page, close } = await read("/?lang=en&sort=-stands");
  await listed(page);
  const seen = await page.$$eval("tr:has(a[data-row])", (rows) => rows.map((row) => [row.querySelector("a[data-row]").dataset.id, row.querySelector("td.rank").innerText, parseInt(row.querySelector("td.count").innerText)]));
  const by = new Map((await hotspots()).map(({ id, properties }) => [id, properties]));
  assert.equal(seen.length, by.size);
  const sure = ([id, , n]) => [n, -["confirmed", "recurring", "candidate"].indexOf(by.get(id).status), by.get(id).occasions_evidence];
  for (const [i, one] of seen.slice(1).entries()) {
    const [before, now] = [sure(seen[i]), sure(one)];
    const [k] = [0, 1, 2].filter((at) => before[at] !== now[at]);
    assert.ok(k === undefined || before[k] > now[k], `${seen[i]} before ${one}`);
    assert.equal(seen[i][1] === one[1], before[0] === now[0], `${one}: of as many floods one number`);
  }
  const first = (n) => seen.filter(([, , all]) => all === n).map(([id]) => by.get(id).status);
  assert.equal(first(5)[0], "confirmed");
  assert.ok(first(5).includes("recurring"));
  await close();
});

test("storms beside what is in sight are counted on either side, and a click leads to them", async () => {
  const { storms } = await city.get("/api/v1/analysis/storms?limit=10000");
  const { page, wrong, close } = await read(`/?page=storms&${WORST}&lang=en`);
  await page.waitForSelector(".matrix a[data-row]");
  const later = Number((await says(page, ".outside .later", /^\d+ later storms? ›$/)).match(/\d+/)[0]);
  const seen = () =>
    page.$eval(".matrix", (box) => {
      const { left, right } = box.getBoundingClientRect();
      const from = box.querySelector("th.place").getBoundingClientRect().right;
      return [...box.querySelectorAll(".storm-head")].map((head) => head.getBoundingClientRect()).filter((head) => (head.left + head.right) / 2 > Math.max(left, from) && (head.left + head.right) / 2 < right).length;
    });
  const before = await seen();
  assert.ok(before > 0 && later > 0 && later < storms.length, `${before} in sight, ${later} beside them`);
  assert.equal(await page.$(".outside .earlier"), null);
  let clicks = 0;
  for (; (await page.$(".outside .later")) !== null; clicks += 1) {
    const from = await page.$eval(".matrix", (box) => box.scrollLeft);
    await page.click(".outside .later");
    await until(() => page.$eval(".matrix", (box, was) => box.scrollLeft > was, from), "it scrolls");
    assert.ok(clicks < 20);
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(done))));
  }
  await says(page, ".outside .earlier", /^‹ \d+ earlier storms?$/);
  await page.click(".bar .language");
  await says(page, ".outside .earlier", /^‹ 更早的 \d+ 场$/);
  assert.deepEqual(wrong, []);
  await close();
});

test("no column of the list is cut, in either language, on any screen", async () => {
  const { page, close } = await read("/?lang=en");
  await listed(page);
  for (const turn of ["en", "zh"]) {
    for (const size of [SMALL, WIDE, { width: 1_920, height: 1_080 }, PHONE]) {
      await page.setViewport({ ...size, isMobile: false, hasTouch: false });
      const cut = () => page.$$eval(".table :is(th, td):is(.rank, .count, .last, .sure)", (cells) => cells.filter((cell) => cell.scrollWidth > cell.clientWidth).map((cell) => `${cell.className}: ${cell.innerText}`));
      await until(async () => (await page.$$("tbody td.last")).length > 5, "rows are there");
      assert.deepEqual(await settled(cut), [], `${turn} at ${size.width} px`);
    }
    if (turn === "en") await page.click(".bar .language");
  }
  await close();
});

test("where no works are known it is said what they are and how they are added, in both languages and not on paper", async () => {
  const { page, wrong, close } = await read(`/?${WORST}&lang=en`);
  await says(page, ".sheet .works", /Did the works help\?\s+None are known within reach of this spot\. Works are repairs with a place and a date/);
  await page.click(".sheet .no-works summary");
  await says(page, ".sheet .no-works code", /^waterlog import --works works\.csv --works-zone America\/New_York$/);
  assert.equal((await city.get(await page.$eval(".no-works a", (link) => link.getAttribute("href")))).numberMatched, 0);
  await page.click(".bar .language");
  await says(page, ".sheet .works", /此处尚无整治工程记录。/);
  await page.$eval(".sheet .no-works details", (details) => (details.open = false));
  await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
  await page.emulateMediaType("print");
  assert.equal(await page.$eval(".sheet .no-works code", (code) => code.checkVisibility()), false);
  assert.deepEqual(wrong, []);
  await close();
  const trend = await read("/?page=trend&lang=en");
  await says(trend.page, ".helped", /None loaded yet\. Works are repairs/);
  await trend.close();
});

test("where nobody reports is one step from the opening view, on a laptop, a phone and its map, by keyboard and in both languages", async () => {
  const to = "page=trend&cells=coverage";
  for (const [size, map, lang] of [[WIDE, false, "en"], [PHONE, false, "zh"], [PHONE, true, "en"]]) {
    const { page, wrong, close } = await visited(`/?lang=${lang}&${WORST}`, { size, map });
    await listed(page);
    await page.click(".sheet .close");
    if (map) await page.click(".tabs button:last-child");
    const link = map ? ".legend .silent a" : ".told .silent a";
    await says(page, link, lang === "en" ? /^where nobody reports$/ : /^无人上报的地方$/);
    const { top, bottom, right, shown, href } = await page.$eval(link, (a) => ({ ...a.getBoundingClientRect().toJSON(), shown: a.checkVisibility({ visibilityProperty: true }), href: a.getAttribute("href") }));
    assert.ok(shown && top >= 0 && bottom <= size.height && right <= size.width, `in sight without scrolling: ${top} to ${bottom}`);
    assert.ok(href.startsWith(`/?${to}`) && href.includes(`lang=${lang}`) && !href.includes("hotspot="), `a new window finds it, too: ${href}`);
    await page.focus(link);
    await page.keyboard.press("Enter");
    // Who looks at the map goes on looking at a map.
    if (map) await says(page, ".legend.steps", /^Reports of any kind in a cell[\s\S]+blank: nobody reported anything/);
    else await says(page, ".of-cells h2", lang === "en" ? /^Where would we know if it flooded\?$/ : /^哪里积了水我们会知道？$/);
    if (!map) await says(page, ".of-cells .says", lang === "en" ? /^[\d,]+ reports of any kind came from [\d,]+ of about [\d,]+00 cells\. From everywhere else nobody reported anything/ : /其余地方无人上报/);
    assert.deepEqual(["page", "cells"].map((name) => parameter(page, name)), ["trend", "coverage"]);
    if (!map) {
      // The names of the areas have the room, on a phone, too.
      await page.waitForSelector(".silence tbody button");
      const lines = await page.$$eval(".silence tbody button", (names) => names.map((name) => Math.round(name.getBoundingClientRect().height / parseFloat(getComputedStyle(name).lineHeight))));
      assert.ok(Math.max(...lines) <= 3 && lines.filter((n) => n <= 2).length > lines.length / 2, `${lines}`);
    }
    await page.goBack();
    await page.waitForSelector(map ? ".legend" : ".told .silent a");
    assert.deepEqual(wrong, []);
    await close();
  }
  const { page, close } = await read("/?lang=en");
  await listed(page);
  await says(page, ".told .silent", /^Not on the map: dry, or where nobody reports\.$/);
  await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
  await page.emulateMediaType("print");
  await says(page, ".paper .silent", /^Not on the map: dry, or where nobody reports\.$/);
  await close();
});

test("did the works help is one step from the opening view, by keyboard, in a new window and in both languages", async () => {
  for (const [size, lang, asked] of [[WIDE, "en", /^Did the works help\?$/], [PHONE, "zh", /^整治是否见效？$/]]) {
    const { page, wrong, close } = await read(`/?lang=${lang}&cells=coverage`, { size });
    await listed(page);
    await says(page, ".told .to-works", asked);
    const { href, top, right } = await page.$eval(".told .to-works", (link) => ({ href: link.getAttribute("href"), ...link.getBoundingClientRect().toJSON() }));
    assert.ok(top > 0 && top < size.height && right <= size.width, "in sight");
    await page.focus(".told .to-works");
    await page.keyboard.press("Enter");
    await says(page, ".helped .no-works", lang === "en" ? /^None loaded yet\. Works are repairs/ : /^尚未导入整治工程。/);
    await until(() => page.evaluate(() => document.activeElement.matches(".helped h2")), "it has the focus");
    const [above, gap] = await page.evaluate(() => [document.querySelector(".helped").getBoundingClientRect().bottom < document.querySelector(".chooser").getBoundingClientRect().top + 1, document.querySelector(".no-works details").getBoundingClientRect().top - document.querySelector(".no-works p").getBoundingClientRect().bottom]);
    assert.ok(above, "it stands first");
    assert.ok(gap >= 6, `how they are added stands apart from what they are: ${gap} px`);
    // Who comes to the view later finds it where it belongs.
    await page.click(".pages button:first-child");
    await listed(page);
    await page.click(".pages button:nth-child(3)");
    await page.waitForSelector(".helped");
    assert.equal(await page.$(".helped ~ .chooser"), null);
    await page.goto(new URL(href, city.url).href);
    await page.waitForSelector(".helped ~ .chooser");
    assert.deepEqual(wrong, []);
    await close();
  }
});

test("the opening view has ten rows uncut on a laptop, seven on a small one and eight on a phone, and explains its marks and choices without being pointed at", async () => {
  for (const [size, lang, rows] of [[WIDE, "en", 10], [WIDE, "zh", 10], [SMALL, "en", 7], [SMALL, "zh", 7], [PHONE, "en", 8], [PHONE, "zh", 8]]) {
    const { page, close } = await read(`/?lang=${lang}`, { size });
    await listed(page);
    await page.waitForFunction(() => /\d/.test(document.querySelector(".by-chance")?.textContent ?? ""));
    const { shown, cut } = await page.evaluate(() => {
      const { bottom } = document.querySelector(".table").getBoundingClientRect();
      const whole = [...document.querySelectorAll(".table tbody tr:not([aria-hidden])")].filter((row) => row.getBoundingClientRect().bottom <= bottom + 0.5);
      return { shown: whole.length, cut: [...document.querySelectorAll("button.doubtful, .told .silent")].filter((one) => one.scrollWidth > one.clientWidth + 1).length };
    });
    assert.ok(shown >= rows, `${shown} rows at ${size.width} px in ${lang}`);
    // Every choice has its label on every screen, and where there is room it is said why there is no trend.
    for (const label of [".weather-filter .lead", ".sorts-lead", ...(size === PHONE ? [".panel .marks"] : [".told .no-trend", ".told .did"]), ".choices .more"]) assert.ok(await page.$eval(label, (one) => one.checkVisibility() && one.getBoundingClientRect().right <= innerWidth && one.innerText !== ""), `${label} at ${size.width} px`);
    assert.equal(await page.$eval("button.doubtful", (button) => button.checkVisibility()), false);
    await page.click(".choices .more");
    await says(page, ".judges span", lang === "en" ? /^Whose criterion$/ : /^采用谁的标准$/);
    assert.ok(await page.$eval(".choices", (choices) => [...choices.querySelectorAll("button, select")].every((one) => one.checkVisibility() && one.scrollWidth <= one.clientWidth + 1 && one.getBoundingClientRect().right <= innerWidth)), "what is opened is whole");
    assert.equal(cut, 0);
    await says(page, "button.doubtful", lang === "en" ? /^no water at half or more$/ : /^半数以上未见积水$/);
    assert.equal(await page.$eval(".criterion", (select) => select.selectedOptions[0].text), lang === "en" ? "spots by the rule above" : "按上方规则");
    assert.match(await page.$eval(".criterion", (select) => select.title), lang === "en" ? /^Whose definition of a flooding spot/ : /谁的易涝点定义/);
    // Every mark of a row stands in the key with what it means.
    const marks = (within) => page.$$eval(`${within} svg.looked`, (all) => [...new Set(all.map((mark) => mark.innerHTML.replace(/<!--.*?-->/g, "").trim()))].sort());
    assert.deepEqual(await marks(".table"), await marks(".panel .key"));
    assert.equal((await marks(".panel .key")).length, 3);
    await close();
  }
});

/** A pixel of what is on screen. */
const pixel = (page, [x, y]) => page.screenshot({ clip: { x: Math.round(x), y: Math.round(y), width: 1, height: 1 }, encoding: "base64" });

test("a question without cells of its own has the map of all spots, in one grey", async () => {
  const { page, wrong, close } = await visited("/?page=trend&about=worse&lang=en");
  await says(page, ".legend.steps", /^All spots, in grey/);
  await drawn(page);
  await settled(async () => (await looks(page)).zoom);
  const all = await hotspots();
  let colours = [];
  // The spots come by themselves, and the map looks at them then.
  await until(async () => {
    const { on } = await looks(page);
    const spots = all.map(({ geometry }) => on(geometry.coordinates));
    // Those that stand alone, on the ground of the city: a little beside each there is no mark.
    const alone = spots.filter(([x, y], i) => spots.every(([x2, y2], k) => i === k || Math.hypot(x - x2, y - y2) > 40)).slice(0, 8);
    colours = [];
    for (const [x, y] of alone) colours.push([await pixel(page, [x, y]), await pixel(page, [x + 12, y + 12])]);
    return alone.length >= 5 && colours.filter(([mark, beside]) => mark !== beside).length >= alone.length - 2;
  }, "each is marked");
  assert.ok(new Set(colours.map(([mark]) => mark)).size <= 3, "all alike");
  assert.deepEqual(wrong, []);
  await close();
});

/** Luminance of what is on screen at a point (WCAG 2.2), read in a page that no policy keeps from reading images. */
const luminance = async (page, [x, y]) => {
  const shot = await page.screenshot({ clip: { x: Math.round(x), y: Math.round(y), width: 1, height: 1 }, encoding: "base64" });
  const reader = await chromium.newPage();
  const rgb = await reader.evaluate(async (png) => {
    const image = new Image();
    image.src = `data:image/png;base64,${png}`;
    await image.decode();
    const pen = document.createElement("canvas").getContext("2d");
    pen.drawImage(image, 0, 0);
    return [...pen.getImageData(0, 0, 1, 1).data].slice(0, 3);
  }, shot);
  await reader.close();
  const [r, g, b] = rgb.map((of) => of / 255).map((of) => (of <= 0.04045 ? of / 12.92 : ((of + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};

/** For `before` of a visit: in which frames before the map is drawn it says so, in which it does not, and in which that reaches
 * under a sheet. */
const watchWait = () => {
  window.waits = { said: 0, bare: 0, under: 0 };
  const look = () => {
    requestAnimationFrame(look);
    if (!document.querySelector("section.map") || performance.getEntriesByName("waterlog-map-drawn").length > 0) return;
    const says = document.querySelector(".map .wait span")?.getBoundingClientRect();
    const sheet = document.querySelector(".side")?.getBoundingClientRect();
    window.waits[says ? "said" : "bare"] += 1;
    if (says && sheet && says.right > sheet.left) window.waits.under += 1;
  };
  requestAnimationFrame(look);
};

test("a link to a hotspot leads to it, beside its sheet, the legend and on a small laptop, too; from there all of the city is a click away", async () => {
  const { page, close } = await visited(`/?lang=en&theme=dark&${WORST}`, { size: SMALL, before: watchWait });
  await page.waitForSelector(".sheet .sentence");
  await drawn(page);
  // Until then it said that it was on its way, in all frames, beside the sheet.
  const { said, bare, under } = await page.evaluate(() => window.waits);
  assert.ok(said > 0);
  assert.deepEqual([bare, under], [0, 0]);
  assert.equal(await page.$(".map .wait"), null);
  const edges = () => page.evaluate(() => ({ sheet: document.querySelector(".sheet").getBoundingClientRect().left, legend: document.querySelector(".legend").getBoundingClientRect().right, parts: Math.max(...[...document.querySelectorAll(".legend *")].map((part) => part.getBoundingClientRect().right)) }));
  const { sheet, legend, parts } = await settled(edges);
  assert.ok(parts <= legend && legend < sheet, `${parts} in ${legend}, the sheet from ${sheet}`);
  const { zoom, on } = await looks(page);
  const [[x, y], box] = [on((await city.get(`/api/v1/hotspots/${ID}`)).geometry.coordinates), await free(page)];
  assert.ok(zoom >= 14.5, `${zoom}`);
  assert.ok(x > box.left + 60 && x < box.right - 60 && y > box.top + 60 && y < box.bottom - 60, JSON.stringify({ x, y, box }));
  assert.equal(parameter(page, "at"), null, "the address goes on saying nothing of the map");
  await page.click(".sheet .close");
  await page.click(".map .buttons button:last-child");
  // It is on its way until the scale rests.
  await settled(() => page.$eval(".maplibregl-ctrl-scale", (scale) => scale.getBoundingClientRect().width));
  // From close by the legend has more to explain, and room is left for that.
  await cityFits(page, 0.7);
  // In the dark land is told from water, and the legend says which end is more: it is the other one than in the light.
  const seen = await looks(page);
  const [land, water] = [await luminance(page, seen.on([-73.98, 40.6225])), await luminance(page, seen.on([-74.06, 40.64]))];
  assert.ok((land + 0.05) / (water + 0.05) > 1.3, `${land} and ${water}`);
  const scale = () => page.$eval(".legend", (legend) => [legend.querySelector("text:nth-of-type(2)").textContent, ...["first", "last"].map((end) => legend.querySelector(`stop:${end}-child`).getAttribute("stop-color"))]);
  assert.deepEqual(await scale(), ["brighter: more", "#5e6b04", "#f6c3fd"]);
  await page.click(".menu:last-of-type summary");
  await page.click(".menu:last-of-type button:nth-child(2)");
  await until(async () => JSON.stringify(await scale()) === JSON.stringify(["darker: more", "#addc30", "#440154"]), "in the light");
  await close();
});

test("the scale of the map is closed on all sides", async () => {
  const { page, close } = await visited("/?lang=en");
  await drawn(page);
  assert.deepEqual(await page.$eval(".maplibregl-ctrl-scale", (scale) => ["Top", "Right", "Bottom", "Left"].map((side) => getComputedStyle(scale)[`border${side}Style`] + getComputedStyle(scale)[`border${side}Width`])), Array(4).fill("solid2px"));
  await close();
});

/** Half a year of rain at two gauges, a storm of four hours every four days; the floods lie at it, or hours after it. */
const DAY_MS = 86_400_000;
const rained = Array.from({ length: 40 }, (_, k) => Date.UTC(2024, 0, 3) + k * 4 * DAY_MS + (k % 5) * 3_600_000);
const at = (ms) => new Date(ms).toISOString();

test("a doubt about the rain is one sentence beside the rain: in the timeline, the storms and the sheets of its gauge, and nowhere else", async () => {
  const [north, south] = [[110.3, 20.6], [110.3, 20.0]];
  const floods = rained.flatMap((start, k) => [[`n${k}`, "waterlogging", ...north, at(start + 9.5 * 3_600_000)], [`s${k}`, "waterlogging", ...south, at(start + 1.5 * 3_600_000)]]);
  const rain = [];
  for (const [id, [lon, lat], name] of [["g1", north, "North"], ["g2", south, "South"]]) {
    for (let hour = Date.UTC(2024, 0, 1); hour < Date.UTC(2024, 6, 1); hour += 3_600_000) {
      const into = rained.map((start) => (hour - start) / 3_600_000).find((h) => h >= 0 && h < 4);
      rain.push([id, lon, lat, name, at(hour), 3600, into === undefined ? 0 : [2, 9, 3, 1][into]].join(","));
    }
  }
  const two = await City.of(floods, [["pn", ...north, "Upper bridge"], ["ps", ...south, "Lower bridge"]]);
  try {
    await two.fill({ "--rain": ["rain.csv", ["gauge,lon,lat,name,start,seconds,mm", ...rain].join("\n")] });
    const gauges = (await two.get("/api/v1/gauges")).features;
    assert.deepEqual(gauges.map(({ properties }) => properties.doubts.map(({ code }) => code)), [["shifted"], []]);
    const { page, wrong, close } = await visit(chromium, `${two.url}/?lang=en&hotspot=waterlogging:pn`, { map: false });
    const says_en = /^⚠ The rain of gauge North may be wrong: its clock seems hours off, for the floods come too early or too late for it\.$/;
    await says(page, ".timeline .doubt", says_en);
    await says(page, ".sheet .which-rain .doubt", says_en);
    assert.match(await page.$eval(".timeline .doubt", (doubt) => doubt.title), /^the floods follow its storms better if its rain fell about \d+ h later/);
    await page.click(".bar .language");
    await says(page, ".timeline .doubt", /^⚠ 雨量站 North 的雨量可能有误：时间可能差了几小时，积水总是早于或晚于降雨。$/);
    assert.equal(await page.$eval(".timeline .doubt", (doubt) => doubt.title), "", "the service's own text is English");
    await page.click(".bar .language");
    await page.click('a[data-id="waterlogging:ps"]');
    await says(page, ".sheet h2", /^Lower bridge$/);
    await page.waitForSelector(".sheet .trigger");
    assert.equal(await page.$(".sheet .doubt"), null, "of its own gauge nothing is doubted");
    await page.click(".pages button:nth-child(2)");
    await says(page, ".panel > .doubt", says_en);
    // The gauges are asked for once.
    const asked = await page.evaluate(() => performance.getEntriesByType("resource").filter(({ name }) => name.includes("/api/v1/gauges")).length);
    assert.equal(asked, 1);
    assert.deepEqual(wrong, []);
    await close();
  } finally {
    await two.remove();
  }
  const none = await City.of([["a", "waterlogging", 110.33, 20.03, "2024-06-10T12:00:00Z"], ["b", "waterlogging", 110.33, 20.03, "2024-06-20T12:00:00Z"]]);
  try {
    const { page, close } = await visit(chromium, `${none.url}/?lang=en`, { map: false });
    await listed(page);
    await page.waitForNetworkIdle({ idleTime: 400, concurrency: 1 });
    assert.equal(await page.$(".doubt"), null);
    await close();
  } finally {
    await none.remove();
  }
});

test("every doubt that a page tells of has its words in both languages", async () => {
  const sources = ["quality.rs", "rain_clock.rs", "layer/gauges.rs"].map((path) => readFileSync(join(ROOT, "src/hazard", path), "utf8")).join("");
  const codes = [...sources.matchAll(/code: "(\w+)"/g)].map(([, code]) => code);
  assert.ok(codes.length >= 9 && codes.includes("inches"), `${codes}`);
  // Of inches that may have been converted no page tells.
  codes.splice(codes.indexOf("inches"), 1);
  for (const language of ["en", "zh"]) {
    const words = readFileSync(join(ROOT, `web/src/words/${language}.ts`), "utf8").match(/\n {2}doubt: \{[\s\S]+?\n {2}\}/)[0];
    assert.deepEqual(codes.filter((code) => !words.includes(`${code}: "`)), [], language);
  }
});

test("spots of one name are told apart by where they lie: in the list, on the sheet and on paper", async () => {
  const square = (name, west) => ({ type: "Feature", properties: { name }, geometry: { type: "Polygon", coordinates: [[[west, 20], [west + 0.05, 20], [west + 0.05, 20.1], [west, 20.1], [west, 20]]] } });
  const spots = [["Main St", 110.32], ["Main St", 110.37], ["Ferry Rd", 110.38]];
  const reports = spots.flatMap(([, lon], i) => [5, 15, 25].slice(0, 3 - (i % 2)).map((day) => [`${i}-${day}`, "waterlogging", lon, 20.03, `2024-06-${String(day).padStart(2, "0")}T12:00:00Z`]));
  const own = await City.of(reports, spots.map(([name, lon], i) => [`p${i}`, lon, 20.03, name]), { base: { type: "FeatureCollection", features: [square("West Side", 110.3), square("East Side", 110.35)] } });
  try {
    const { page, wrong, close } = await visit(chromium, `${own.url}/?lang=en`, { map: false });
    await listed(page);
    const said = () => page.$$eval(".table tbody tr:not([aria-hidden])", (rows) => rows.map((row) => [row.querySelector("a").innerText, row.querySelector(".area")?.innerText ?? null].join(", ")).sort());
    await until(async () => (await said()).join("; ") === "Ferry Rd, ; Main St, East Side; Main St, West Side", "where a name repeats, and nowhere else");
    const { features } = await own.get("/api/v1/hotspots?category=waterlogging");
    const east = features.find(({ properties, geometry }) => properties.name === "Main St" && geometry.coordinates[0] > 110.35);
    await page.click(`a[data-id="${east.id}"]`);
    await says(page, ".sheet .area", /^East Side$/);
    await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
    await page.emulateMediaType("print");
    await says(page, ".paper-hotspot h1", /^Main St, East Side$/);
    await page.evaluate(() => dispatchEvent(new Event("afterprint")));
    await page.emulateMediaType("screen");
    await page.click(".sheet .close");
    await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
    await page.emulateMediaType("print");
    const printed = await page.$$eval(".paper tbody th", (names) => names.map((name) => name.innerText.trim()).sort());
    assert.deepEqual(printed, ["Ferry Rd", "Main St East Side", "Main St West Side"]);
    assert.deepEqual(wrong, []);
    await close();
  } finally {
    await own.remove();
  }
});

test("spots of one hotspot that are called the same say on which side of its peak they lie, on the sheet and on paper", async () => {
  const { sites, geometry } = await city.get(`/api/v1/hotspots/${ID}`);
  const again = sites.filter(({ id, name }) => !ID.endsWith(id) && sites.filter((other) => other.name === name).length > 1);
  assert.ok(again.length >= 4, "as the demo has them");
  const [lon, lat] = geometry.coordinates;
  const off = ({ coordinates: [x, y] }) => {
    const [dx, dy] = [(x - lon) * Math.cos((lat * Math.PI) / 180), y - lat].map((degrees) => degrees * 111_195);
    return `${Math.round(Math.hypot(dx, dy))} m ${dy > 0 ? "N" : "S"}${dx > 0 ? "E" : "W"}`;
  };
  // A side of eight: as far as that, it is so of the four between.
  const fits = (said, site) => said.split(" ")[0] === off(site).split(" ")[0] && [...said.split(" ")[2]].every((side) => off(site).split(" ")[2].includes(side));
  const { page, close } = await read(`/?${WORST}&lang=en`);
  await page.waitForSelector(".sheet .members .off");
  const rows = await page.$$eval(".sheet .members li:has(.off)", (all) => all.map((row) => [row.querySelector("span").title, row.querySelector(".off").innerText]));
  assert.equal(rows.length, again.length);
  for (const [id, said] of rows) {
    assert.match(said, /^\d+ m (N|NE|E|SE|S|SW|W|NW) of the peak$/);
    assert.ok(fits(said, again.find((site) => site.id === id)), `${said}: ${off(again.find((site) => site.id === id))}`);
  }
  await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
  await page.emulateMediaType("print");
  const paper = await says(page, ".paper-hotspot .fine", /Spots that count here/);
  for (const [, said] of rows) assert.ok(paper.includes(`(${said})`), `${paper} has ${said}`);
  await close();
});

test("the sheet says when it last flooded, how many storms passed since, and from how much rain on it is a storm", async () => {
  const [quiet] = (await hotspots()).filter(({ properties: p }) => p.status !== "candidate").sort((a, b) => a.properties.last_seen.localeCompare(b.properties.last_seen));
  for (const id of [ID, quiet.id]) {
    const { occasions_list: all, storms_since: since, parameters } = await city.get(`/api/v1/hotspots/${id}`);
    const last = all.at(-1);
    const day = (time) => new Date(time).toLocaleDateString("en-GB", { day: "numeric", month: "short", year: "numeric", timeZone: "America/New_York" });
    const { page, close } = await read(`/?hotspot=${id}&lang=en`);
    const line = (await says(page, ".sheet .lastly", /^Last flood: \S/)).replace(/\s/g, " ");
    assert.ok(line.includes(day(last.end)), `${line} has ${day(last.end)}`);
    assert.equal(line.includes("where inspectors found no water"), last.not_found && !last.evidence, line);
    const storms = since.storms === 0 ? "No storm since then." : `Since then ${since.storms} ${since.storms === 1 ? "storm" : "storms"} passed without a report of a flood, `;
    assert.ok(line.includes(storms), `${line} has ${storms}`);
    if (since.storms > since.dry && since.dry > 0) assert.ok(line.endsWith(`${since.dry} of them with somebody there to see.`), line);
    await says(page, ".sheet .storm-is", new RegExp(`^storm: ≥ ${parameters.storm_depth} mm of rain, over after ${parameters.dry_gap / 3_600} h dry$`, "i"));
    await page.waitForSelector(".sheet .from-rain");
    // Before the first answer that counts storms by it.
    assert.ok(await page.evaluate(() => document.querySelector(".sheet .storm-is").getBoundingClientRect().bottom <= document.querySelector(".sheet .from-rain").getBoundingClientRect().top + 1));
    await close();
  }
});

test("the zone of all times is named in the head of every view and on paper, and is the same", async () => {
  for (const [view, lang, zone] of [["map", "en", "Eastern Time"], ["storms", "en", "Eastern Time"], ["trend", "zh", "北美东部时间"]]) {
    const { page, close } = await read(`/?page=${view}&lang=${lang}`, { size: view === "map" ? PHONE : WIDE });
    await says(page, ".bar .zone", new RegExp(`^${zone}$`));
    const { left, right } = await page.$eval(".bar .zone", (said) => said.getBoundingClientRect().toJSON());
    assert.ok(left >= 0 && right <= (view === "map" ? PHONE.width : WIDE.width), `${left} to ${right}`);
    if (view === "map") await listed(page);
    await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
    await page.emulateMediaType("print");
    await says(page, ".paper footer", new RegExp(lang === "en" ? `All times: ${zone}$` : `所有时间均为${zone}$`));
    if (view === "map") await says(page, ".paper .period", new RegExp(`As of 30 Jun 2024, 23:20 ${zone}`));
    await close();
  }
});

test("is it real, and did the works help, have each an address of their own", async () => {
  const { page, wrong, close } = await read("/?lang=en");
  await listed(page);
  await page.click(".filters .by-chance button");
  await until(() => page.evaluate(() => document.activeElement.matches(".chance h2")), "what was asked has the focus");
  const chance = page.url();
  await page.click(".pages button:first-child");
  await listed(page);
  await page.click(".told .to-works");
  await until(() => page.evaluate(() => document.activeElement.matches(".helped h2")), "the other, too");
  const works = page.url();
  // Whether it gets worse in the city stands first where its question leads.
  await page.click(".pages button:first-child");
  await listed(page);
  await says(page, ".told .to-trend", /^Is it getting worse\?$/);
  await page.click(".told .to-trend");
  await says(page, ".trend .scroll > :first-child h2", /^Is it getting worse\?$/);
  assert.deepEqual(["page", "about"].map((name) => parameter(page, name)), ["trend", "worse"]);
  // What has no map shows none of another question; one that has stands first beside it.
  await says(page, ".legend.steps", /^All spots, in grey: this question colours none\.$/);
  assert.equal(await page.$(".of-cells"), null);
  await page.select(".chooser select", "risk");
  await says(page, ".chooser + .of-cells h2", /^Does it flood more here than/);
  await says(page, ".legend.steps .title", /\S/);
  assert.deepEqual(["about", "cells"].map((name) => parameter(page, name)), [null, "risk"]);
  await page.click(".pages button:nth-child(3)");
  await until(() => parameter(page, "about") === null, "who chooses the view comes for all of it");
  assert.deepEqual([chance, works].map((url) => new URL(url).searchParams.get("about")), ["chance", "works"]);
  for (const [url, first, second] of [[chance, ".chance", ".helped"], [works, ".helped", ".chance"], [`${city.url}/?page=trend&lang=en#works`, ".helped", ".chance"]]) {
    const there = await visit(chromium, url, { map: false });
    await there.page.waitForSelector(`${first} ~ .chooser`);
    assert.equal((await there.page.$$(first)).length, 1, "once");
    await there.page.waitForSelector(`.chooser ~ ${second}`);
    assert.deepEqual(there.wrong, []);
    await there.close();
  }
  assert.deepEqual(wrong, []);
  await close();
});

test("on a small laptop the legend of the cells covers none of them, with the outlines that come later, too", async () => {
  const { page, close } = await visited("/?page=trend&cells=coverage&lang=en", { size: SMALL });
  await says(page, ".legend.steps", /A cell is a hexagon about [\d,]+ m across\.[\s\S]+outlined, larger \(about [\d,]+ m across\)/);
  await drawn(page);
  await settled(async () => (await looks(page)).zoom);
  const { on } = await looks(page);
  const { top, right } = await page.$eval(".legend.steps", (legend) => legend.getBoundingClientRect().toJSON());
  const { features } = await city.get("/layers/coverage.geojson");
  const under = features.filter(({ geometry }) => geometry.coordinates.flat(geometry.type === "Polygon" ? 1 : 2).map(on).some(([x, y]) => x < right && y > top));
  assert.deepEqual(under.map(({ id }) => id), []);
  await close();
});

test("on a phone the list begins under the answers, which are all there in 12 px or more, with eight rows in sight, and a way to the map looks like one", async () => {
  for (const lang of ["en", "zh"]) {
    const { page, close } = await read(`/?lang=${lang}`, { size: PHONE });
    await listed(page);
    await page.waitForFunction(() => /\d/.test(document.querySelector(".by-chance")?.textContent ?? ""));
    const top = await page.$eval(".table tbody tr", (row) => row.getBoundingClientRect().top);
    assert.ok(top < 460, `${top} px in ${lang}`);
    const small = await page.$$eval(".headline *, .told *, td.sure *", (all) => all.filter((one) => one.checkVisibility() && one.childNodes.length > 0 && parseFloat(getComputedStyle(one).fontSize) < 12).map((one) => one.className));
    assert.deepEqual(small, [], `in ${lang}`);
    for (const of of [".told .did", ".told .no-trend"]) assert.ok(await page.$eval(of, (one) => one.checkVisibility() && one.innerText !== ""), `${of} in ${lang}`);
    // Each question that a larger screen answers above the list is one step away, large enough for a finger's tip (WCAG 2.2, 2.5.8).
    for (const of of [".by-chance button", ".silent a", ".to-works", ".to-trend", ".how"]) {
      const { left, right, height, shown } = await page.$eval(`.told ${of}`, (one) => ({ ...one.getBoundingClientRect().toJSON(), shown: one.checkVisibility() }));
      assert.ok(shown && left >= 0 && right <= PHONE.width && height >= 20, `${of} in ${lang}: ${height} px`);
    }
    // What tells how sure it is is in sight; what the other marks mean is folded, and opens.
    await says(page, ".panel .marks", lang === "en" ? /^with evidence\s+only reported\s+inspectors found no water/ : /^有证据\s+仅有上报\s+检查人员到场未见积水/);
    assert.deepEqual(await page.$$eval(".panel .key", (keys) => keys.map((key) => key.checkVisibility())), [false, false]);
    await page.click(".panel .marks");
    await says(page, ".panel .key.foot", lang === "en" ? /small rain[\s\S]+confirmed spot: ≥ 2/ : /小雨[\s\S]+已确认易涝点：≥ 2 次/);
    await page.click(".panel .marks");
    await page.click('a[data-row="0"]');
    await page.waitForSelector(".sheet header button");
    const [button, accent] = await page.evaluate(() => [getComputedStyle(document.querySelector(".sheet header button")).color, getComputedStyle(document.querySelector(".sheet .leads a")).color]);
    assert.equal(button, accent, "as what can be followed");
    await close();
  }
});
