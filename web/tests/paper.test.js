// What goes on paper.

import assert from "node:assert/strict";
import { test } from "node:test";
import { City, drawn, listed, says, text, until, visit } from "./city.js";
import { chromium, city, read, visited } from "./demo.js";

const MARCH = "datetime=2024-03-01T05:00:00Z/2024-04-01T03:59:59Z";
const DARK = [{ name: "prefers-color-scheme", value: "dark" }];

/** For `before` of a visit: the ground of the map, and the answer about chance, wait until each is let go. */
const held = () => {
  const ask = window.fetch;
  window.letGo = {};
  const waits = ["/base.geojson", "/analysis/chance"].map((path) => [path, new Promise((done) => (window.letGo[path] = done))]);
  window.fetch = async (what, ...more) => {
    for (const [path, go] of waits) if (String(what).includes(path)) await go;
    return ask(what, ...more);
  };
};

const event = (page, name) => page.evaluate((of) => dispatchEvent(new Event(of)), name);

test("print gives an A4 sheet with map, list, source and date: it waits for all of it, and says what is missing when it could not", async () => {
  const { page, wrong, close } = await visited("/?lang=en", { before: held });
  await listed(page);
  await event(page, "beforeprint");
  await page.waitForSelector(".paper .without");
  assert.match(await page.$eval(".paper .without", (said) => said.textContent), /^The map and the number that chance alone would give had not loaded when this was printed: print again\.$/, "by the browser's menu there is no time to wait");
  await event(page, "afterprint");

  await page.evaluate(() => (window.print = () => (window.printed = true)));
  await pressed(page);
  await says(page, ".preparing", /^Preparing the print…\s+Still being loaded: the map and the number that chance/);
  await page.evaluate(() => window.letGo["/base.geojson"]());
  await says(page, ".preparing", /Still being loaded: the number that chance alone would give\./);
  assert.equal(await page.evaluate(() => window.printed), undefined);
  await page.evaluate(() => {
    const now = performance.now.bind(performance);
    performance.now = () => now() + 20_000;
  });
  await until(() => page.evaluate(() => window.printed), "it waits no longer than that");
  assert.equal(await page.$eval(".paper .without", (said) => said.textContent), "The number that chance alone would give had not loaded when this was printed: print again.");
  assert.ok(await page.$(".paper img"), "the map had");
  await event(page, "afterprint");

  await page.evaluate(() => window.letGo["/analysis/chance"]());
  await printed(page);
  assert.equal(await page.$(".preparing"), null);
  assert.equal(await page.$(".paper .without"), null, "nothing is missing");
  await says(page, ".paper .by-chance", /are more than chance/);
  const map = await page.$eval(".paper-map", (all) => ({ ...all.getBoundingClientRect().toJSON(), of: all.dataset.of, natural: all.querySelector("img").naturalWidth, scale: all.querySelector(".scale").innerText, north: all.querySelector(".north").textContent.trim() }));
  assert.deepEqual([map.of, map.scale, map.north], ["city", "10 km", "N"], "what is listed fills the frame");
  assert.ok(map.natural >= 2 * Math.floor(map.width) && map.width > 400 && map.height > 400, `${map.natural} in ${map.width} × ${map.height}`);
  assert.ok((await box(page, ".paper .beside-map .legend")).left > map.right, "with its legend beside it");
  await page.emulateMediaType("screen");
  await event(page, "afterprint");
  assert.deepEqual(wrong, []);

  const pdf = await page.pdf({ format: "A4", preferCSSPageSize: true });
  assert.ok(pdf.length > 50_000, `a PDF of ${pdf.length} bytes holds no map`);
  await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
  await page.emulateMediaType("print");
  const paper = await page.waitForSelector(".paper", { visible: true });
  const said = await paper.evaluate((element) => element.innerText);
  for (const part of [/As of 30 Jun 2024/, /The first 40 of 211, in the order of the list, to keep the print short\. All 211 are in the table: Export, CSV\.[\s\S]+19 Av & 58 St/, /171 more rows/, /, \d\d:\d\d · log position 13,538 · All times: Eastern Time/, /Source: waterlog on the computer that printed this; the view: \/\?position=\d+/]) assert.match(said, part);
  assert.doesNotMatch(said, /127\.0\.0\.1/);
  assert.ok(await page.$eval(".paper img", (image) => image.naturalWidth > 300));
  await close();
});

/** As the browser prints: what it does before, and the look of paper, as wide as an A4 sheet is within its margins. */
async function onPaper(page, width = 688) {
  await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
  await page.emulateMediaType("print");
  await page.waitForSelector(".paper", { visible: true });
  await page.setViewport({ width, height: 1_020 });
}

test("paper shows the map as far as it reaches on screen, however wide that is, with a scale that holds", async () => {
  for (const size of [{ width: 2_200, height: 800 }, { width: 800, height: 1_300 }]) {
    const { page, wrong, close } = await visited("/?lang=en&at=-73.95,40.7,11", { size });
    await listed(page);
    await drawn(page);
    const screen = await page.$eval(".map canvas", ({ clientWidth, clientHeight }) => clientWidth / clientHeight);
    const across_km = await page.$eval(".map canvas", ({ clientWidth }) => (clientWidth * 40_030.2 * Math.cos((40.7 * Math.PI) / 180)) / (512 * 2 ** 11));
    await onPaper(page);
    const [image, scale] = await Promise.all([".paper img", ".paper .scale"].map((of) => page.$eval(of, (element) => ({ ...element.getBoundingClientRect().toJSON(), said: element.innerText, natural: element.naturalWidth / element.naturalHeight }))));
    for (const aspect of [image.natural, image.width / image.height]) assert.ok(Math.abs(aspect / screen - 1) < 0.02, `${aspect} is ${screen}`);
    assert.ok(image.left >= 0 && image.right <= 688 && image.height < 470, "it fits");
    const km = Number(scale.said.match(/^(\d+) km$/)[1]);
    assert.ok(Math.abs(scale.width / image.width / (km / across_km) - 1) < 0.03, `${scale.width} of ${image.width} px are ${km} of ${across_km} km`);
    assert.deepEqual(wrong, []);
    await close();
  }
});

async function pressed(page) {
  await page.keyboard.down("Control");
  await page.keyboard.press("p");
  await page.keyboard.up("Control");
}

/** Prints as by its key: on paper is then what the page had time to draw for it. */
async function printed(page, width) {
  await page.evaluate(() => {
    window.printed = false;
    window.print = () => (window.printed = true);
  });
  await pressed(page);
  await until(() => page.evaluate(() => window.printed), "the browser is told to print");
  await onPaper(page, width);
}

const box = (page, selector) => page.$eval(selector, (element) => element.getBoundingClientRect().toJSON());

test("an open sheet is printed on two pages at most: the spot from close by and where in the city it is, each answer, each flood, and then how it was reckoned, and the screen stays where it looked", async () => {
  const { page, wrong, close } = await visited("/?hotspot=waterlogging:8c2a1077128d1ff&lang=en");
  await page.waitForSelector(".sheet .occasions tbody tr");
  await page.$eval(".sheet", (sheet) => (sheet.scrollTop = 900));
  await page.waitForSelector(".sheet .top .name");
  const before = page.url();
  await printed(page);
  assert.equal(await page.$(".without"), null, "it waited for all");
  const maps = await page.$$eval(".paper-map", (all) => all.map((map) => ({ ...map.getBoundingClientRect().toJSON(), of: map.dataset.of, natural: map.querySelector("img").naturalWidth, scale: map.querySelector(".scale").innerText, north: map.querySelector(".north").textContent.trim() })));
  assert.deepEqual(maps.map(({ of, scale, north }) => [of, scale, north]), [["spot", "100 m", "N"], ["city", "10 km", "N"]]);
  for (const { natural, width, left, right } of maps) assert.ok(natural >= 2 * Math.floor(width) && left >= 0 && right <= 688, `${natural} in ${width} from ${left} to ${right}`);
  assert.equal(await page.$$eval("h1, h2", (all) => all.filter((head) => head.checkVisibility() && head.innerText.startsWith("19 Av & 58 St")).length), 1, "its name stands once");
  assert.equal((await text(page, "body")).match(/Spots that count here/g).length, 1);
  // The time that the numbers count stands on the first page, and is the same where the rule is told.
  await says(page, ".paper-hotspot .period", /^Period covered: 1 Jan\s–\s30 Jun 2024 · As of 30 Jun 2024, 23:20 Eastern Time$/);
  await says(page, ".paper-hotspot .fine", /Counts everything last seen between 1 Jan 2024 and 30 Jun 2024\. The window is 3 yr long; nothing is known of the time before\./);
  assert.deepEqual(await page.$$eval(".period", (all) => all.filter((one) => one.checkVisibility()).length), 1, "and nowhere said otherwise");
  const parts = [".period", ".sentence", ".storm-is", ".paper-maps", ".legend", ".answers", ".paper-lanes", ".each", ".fine", ".fine .rule"].map((of) => `.paper-hotspot ${of}`);
  const tops = (await Promise.all([...parts, "article.paper:not(.paper-hotspot) footer"].map((of) => box(page, of)))).map(({ top }) => top);
  assert.deepEqual(tops, [...tops].sort((a, b) => a - b), "the important first");
  await says(page, ".paper-hotspot .answers", /^How often\?\s+34\.2 a year as counted, 95 %[\s\S]+Which rain floods it\?\s+Less than a storm \(5 mm\) was enough for \d floods(, only reported)?\.\s+Threshold unknown\. 29 storms: 2 with a flood, 3 where inspectors found no water, 24 without any report[\s\S]+Least storm with evidence that it flooded: 33\.3 mm[\s\S]+Less rain was only reported to flood it: 16\.5 mm, where inspectors found no water[\s\S]+Reported flooded in 5 of 29 storms[\s\S]+How many are chance\?\s+In the whole city about 54 spots would recur by chance, 84 do[\s\S]+Is it getting worse\?\s+No trend can be given\. Why[\s\S]+Did the works help\?\s+None are known[\s\S]+Which first\?\s+1st of 211 by rate × severity; the rate for it is drawn to the city’s: 19\.6 a year/);
  // The picture from close by has no streets: what lies where is said beside it, and whence all of it comes at the end.
  const around = await says(page, ".paper-hotspot .around", /^Part of it: 19 Av & 55 St \(51 m NE\), 19 Av & 59 St \(96 m S\)\. Next hotspots: \S/);
  const { features } = await city.get("/api/v1/hotspots?category=waterlogging&limit=10000");
  const metres = ([lon, lat], [x, y]) => 111_195 * Math.hypot((lon - x) * Math.cos((y * Math.PI) / 180), lat - y);
  const [own, next] = features.map(({ geometry, properties }) => ({ m: metres(geometry.coordinates, features.find(({ id }) => id === "waterlogging:8c2a1077128d1ff").geometry.coordinates), name: properties.name })).sort((a, b) => a.m - b.m);
  assert.equal(own.m, 0);
  assert.ok(around.includes(`Next hotspots: ${next.name} (${Math.round(next.m).toLocaleString("en-GB")} m `), `${around} has ${next.name}, ${next.m}`);
  await says(page, ".paper-hotspot .sources", /^Data: 35 reports of this spot and its neighbours, rain of gauge city; Period covered: .+2024\. This service states no licence of its data/);
  assert.equal((await page.$$(".paper-hotspot .each li")).length, 17);
  assert.equal((await page.$$(".paper-lanes :is(rect.storm[rx], rect.small, circle)")).length, 17, "and on its timeline");
  await says(page, ".paper-hotspot .sentence", /^Reported flooded 17 times in 6 months: [\s\S]+3 with evidence \(1 in storms, 2 in dry weather\)[\s\S]+Last flood: 4 Apr 2024\. Since then \d+ storms passed without a report of a flood/);
  await says(page, ".paper-hotspot .two-rates", /^It was counted 34\.2 times a year; the rank takes 19\.6 instead\./);
  assert.equal(await page.$(".paper table"), null, "without the list");
  await says(page, "article.paper footer", /hotspot=waterlogging:8c2a1077128d1ff[\s\S]+position=\d+[\s\S]+Printed/);
  const pages = Buffer.from(await page.pdf({ preferCSSPageSize: true })).toString("latin1").match(/\/Type\s*\/Page\b/g).length;
  assert.equal(pages, 2);
  await page.emulateMediaType("screen");
  await event(page, "afterprint");
  await page.waitForSelector(".paper", { hidden: true });
  assert.equal(page.url(), before, "the screen stays where it looked");

  // The same in Chinese.
  await page.setViewport({ width: 1440, height: 900 });
  await page.click(".language");
  await says(page, ".sheet h3", /[\u4e00-\u9fff]/);
  await printed(page);
  await says(page, ".paper-hotspot .answers", /^多常发生？\s+.+34\.2/);
  assert.equal(await page.$eval(".paper-map .north", (north) => north.textContent.trim()), "北");
  await says(page, ".paper-hotspot .two-rates", /^实际统计为每年 34\.2 次；排名采用 19\.6 次/);
  assert.deepEqual(wrong, []);
  await close();
});

test("the spot is printed with its streets where the service knows them, dark enough for paper", async () => {
  // As the service gives them where an extract of OpenStreetMap was imported: the demo's city has none.
  const [lon, lat] = (await city.get("/api/v1/hotspots/waterlogging:8c2a1077128d1ff")).geometry.coordinates;
  const streets = (at) => {
    const real = window.fetch;
    const line = { type: "LineString", coordinates: [[at[0] - 0.02, at[1] + 0.0006], [at[0] + 0.02, at[1] + 0.0006]] };
    window.fetch = (url, ...more) => {
      if (!String(url).startsWith("/api/v1/streets")) return real(url, ...more);
      return Promise.resolve(Response.json({ type: "FeatureCollection", numberMatched: 1, features: [{ type: "Feature", id: "w1", geometry: line, properties: { name: "Main Street" } }] }));
    };
  };
  const { page, wrong, close } = await visited("/?hotspot=waterlogging:8c2a1077128d1ff&lang=en", { before: `(${streets})(${JSON.stringify([lon, lat])})` });
  await page.waitForSelector(".sheet .occasions tbody tr");
  await printed(page);
  assert.equal(await page.$(".without"), null, "it waited for all");
  // Of a line across the street and its names: the darkest of the ground there is.
  const grey = await page.$eval('.paper-map[data-of="spot"] img', (image) => {
    const { naturalWidth: width, naturalHeight: height } = image;
    const canvas = Object.assign(document.createElement("canvas"), { width, height });
    const pen = canvas.getContext("2d");
    pen.drawImage(image, 0, 0);
    const { data } = pen.getImageData(0, 0, width, height);
    const row = (y) => Array.from({ length: width }, (_, x) => data[4 * (y * width + x)]).toSorted((a, b) => a - b)[width >> 1];
    return Math.min(...Array.from({ length: height }, (_, y) => row(y)));
  });
  assert.ok(grey < 200, `its street is as dark as ${grey} of 255`);
  assert.deepEqual(wrong, []);
  await close();
});

test("cells are printed with their map, what its colours mean before the table, and one sentence on the rows left out", async () => {
  const { page, wrong, close } = await visited("/?page=trend&lang=en", { media: DARK });
  await page.waitForSelector(".cells tbody tr");
  await drawn(page);
  await printed(page);
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "it is cut");
  assert.ok(await page.$eval(".paper img", (image) => image.naturalWidth > 300));
  assert.ok((await lightness(page)) > 190, "paper is light");
  await page.waitForSelector(".map .legend li", { visible: true });
  const [image, legend, table] = await Promise.all([".paper img", ".map .legend", ".cells table"].map((of) => box(page, of)));
  assert.ok(image.bottom <= legend.top && legend.bottom <= table.top, `${image.bottom}, ${legend.top} to ${legend.bottom}, ${table.top}`);
  const rows = await page.$$eval(".cells tbody tr", (all) => all.filter((row) => row.checkVisibility()).length);
  const said = await page.evaluate(() => [...document.querySelectorAll(".trend .note")].filter((note) => note.checkVisibility()).map((note) => note.innerText).join(" "));
  assert.match(said, new RegExp(`${275 - rows} more cells not printed`));
  assert.doesNotMatch(said, /first/);
  await says(page, "body", /As of 30 Jun 2024/);
  await says(page, "footer", /page=trend[\s\S]+Printed/);
  assert.deepEqual(wrong, []);
  await close();
});

/** A day's rain and a flood in it, so many days apart. */
const storm = (i) => new Date(Date.UTC(2023, 5, 1 + 4 * i, 2)).toISOString();

test("of more storms than paper is wide the latest are printed, side by side in parts, and it says how many are left out", async () => {
  const [storms, spots] = [70, [110.3, 110.32]];
  const rows = Array.from({ length: storms }, (_, i) => spots.map((lon, k) => [`${i}-${k}`, "waterlogging", lon, 20.03, storm(i)])).flat();
  const city = await City.of([...rows, ...[1, 9].map((day) => [`dry-${day}`, "waterlogging", 110.4, 20.03, `2024-05-${day + 10}T22:00:00Z`])]);
  try {
    await city.import(["start", "seconds", "mm"], Array.from({ length: storms }, (_, i) => [storm(i), 3600, 20]), "--rain");
    const { page, wrong, close } = await visit(chromium, `${city.url}/?page=storms&lang=en`);
    await page.waitForSelector(".matrix a");
    await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
    await page.emulateMediaType("print");
    // Lying paper is wider.
    await page.setViewport({ width: 1_047, height: 690 });
    await says(page, ".paper-matrix .note", /of 70 storms the latest 60 of which something is known, of 3 hotspots the first 2,.+The CSV export has all\./);
    const tables = await page.$$eval(".paper-matrix table", (all) => all.map((table) => ({ right: table.getBoundingClientRect().right, storms: table.querySelectorAll(".storm").length, rows: table.querySelectorAll("tbody tr").length, flooded: table.querySelectorAll("td.F").length, cut: [...table.querySelectorAll(".storm span")].some((head) => head.getBoundingClientRect().right > table.getBoundingClientRect().right + 1), says: table.caption.innerText })));
    assert.deepEqual(tables.map(({ storms, rows, flooded }) => [storms, rows, flooded]), [[30, 2, 60], [30, 2, 60]]);
    for (const { right, cut, says } of tables) {
      assert.ok(right <= 1_047 && !cut, `it ends at ${right}`);
      assert.match(says, /Storms of .+ \([12] of 2\)/);
    }
    assert.match(tables[1].says, /2024/);
    assert.ok(!(await page.$eval(".matrix", (matrix) => matrix.checkVisibility())), "what is on screen is not printed");
    await says(page, "footer", /page=storms[\s\S]+Printed/);
    assert.deepEqual(wrong, []);
    await close();
  } finally {
    await city.remove();
  }
});

/** Mean lightness of the map on paper, from 0 to 255. */
const lightness = (page) =>
  page.$eval(".paper img", async (image) => {
    await image.decode();
    const canvas = Object.assign(document.createElement("canvas"), { width: 60, height: 60 });
    const context = canvas.getContext("2d");
    context.filter = getComputedStyle(image).filter;
    context.drawImage(image, 0, 0, 60, 60);
    const { data } = context.getImageData(0, 0, 60, 60);
    return data.reduce((sum, value, i) => (i % 4 < 3 ? sum + value : sum), 0) / (60 * 60 * 3);
  });

test("paper is light whatever the screen is, with the key of the marks and the time covered", async () => {
  for (const how of ["by key", "by the browser's menu"]) {
    const { page, wrong, close } = await visited("/?lang=en", { media: DARK });
    await listed(page);
    await drawn(page);
    if (how === "by key") await printed(page);
    else await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
    await page.waitForSelector(".paper img");
    await page.emulateMediaType("print");
    await page.waitForSelector(".paper", { visible: true });
    await until(async () => (await lightness(page)) > 190, `the map is light ${how}`);
    const colours = await page.evaluate(() => [getComputedStyle(document.documentElement).colorScheme, getComputedStyle(document.body).backgroundColor, getComputedStyle(document.querySelector(".paper .proof")).color]);
    assert.deepEqual(colours, ["light", "rgb(255, 255, 255)", "rgb(20, 105, 60)"], how);
    await says(page, ".paper .period", /^Period covered: 1 Jan\s–\s30 Jun 2024 · As of 30 Jun 2024, 23:20/);
    await says(page, ".paper .key", /^Marks\s+storm ≥ 5 mm\s+small rain\s+dry weather\s+confirmed spot: ≥ 2\s+\(inspector, photo or two people\)\s+with evidence\s+only reported\s+inspectors found no water$/);
    assert.equal((await page.$$(".paper .key svg.glyph")).length, 3, "as they are drawn");
    assert.deepEqual(wrong, []);
    await close();
  }
});

test("paper has the line about chance, the rule, and the verdicts by the criterion chosen with what is missing", async () => {
  const { rows: [row] } = await city.get("/api/v1/analysis/chance");
  const judged = await city.get("/api/v1/analysis/criteria?criterion=malaysia_nadma&category=waterlogging");
  const { page, wrong, close } = await read("/?criterion=malaysia_nadma&lang=en");
  await listed(page);
  await says(page, ".judged", /meet it/);
  await says(page, ".filters .by-chance", /are more than chance/);
  await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
  await page.emulateMediaType("print");
  await says(page, ".paper .by-chance", new RegExp(`^About ${Math.round(row.found - row.expected)} of ${row.found} that recur \\(13 \\+ 71\\) are more than chance`));
  await says(page, ".paper .rule", /^Counted: reported floods within 50 m, .+ recurring: ≥ 3; confirmed: ≥ 2 of these with evidence/);
  await says(page, ".paper .judgement", new RegExp(`^By the criterion Malaysia NADMA: flood-prone: ✓\\s${judged.meet} meet it.+${judged.cannot_be_judged} cannot be judged: years of observation missing · National Disaster Management Agency of Malaysia .+official text was not seen`, "s"));
  const verdicts = new Set(judged.rows.map(({ verdict }) => (verdict === "meets" ? "✓ meets it" : "? cannot be judged: years of observation missing")));
  const said = await page.$$eval(".paper tbody tr td:nth-last-child(2)", (all) => all.map((cell) => cell.innerText.trim()));
  assert.deepEqual(new Set(said), verdicts);
  assert.deepEqual(wrong, []);
  await close();
});

test("paper says which time its numbers count", async () => {
  const { page, close } = await visited(`/?${MARCH}&lang=en`);
  await page.waitForSelector(".filters .in-time");
  await drawn(page);
  await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
  await page.emulateMediaType("print");
  await says(page, ".paper .period", /^Period covered: 1\s–\s31 Mar 2024/);
  await says(page, ".paper tbody", /19 Av & 58 St\s+2\s+3 of 8\s/);
  assert.match(await text(page, ".paper footer"), /datetime=2024-03-01/);
  await close();
});
