// What goes on paper.

import assert from "node:assert/strict";
import { test } from "node:test";
import { drawn, listed, says, text, until } from "./city.js";
import { city, read, visited } from "./demo.js";

const MARCH = "datetime=2024-03-01T05:00:00Z/2024-04-01T03:59:59Z";
const DARK = [{ name: "prefers-color-scheme", value: "dark" }];

test("print gives an A4 sheet with map, list, source and date", async () => {
  const { page, close } = await visited("/");
  await listed(page);
  await drawn(page);
  const pdf = await page.pdf({ format: "A4", preferCSSPageSize: true });
  assert.ok(pdf.length > 50_000, `a PDF of ${pdf.length} bytes holds no map`);
  await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
  await page.emulateMediaType("print");
  const paper = await page.waitForSelector(".paper", { visible: true });
  const says = await paper.evaluate((element) => element.innerText);
  for (const part of [/As of 30 Jun 2024/, /19 Av & 58 St/, /position=\d+/, /171 more rows/]) assert.match(says, part);
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

test("an open sheet is printed before its map, and storms and cells with source, date and nothing cut", async () => {
  const sheet = await visited("/?hotspot=waterlogging:8c2a1077128d1ff&lang=en");
  await sheet.page.waitForSelector(".sheet .occasions tbody tr");
  await drawn(sheet.page);
  await onPaper(sheet.page);
  const whole = await sheet.page.$eval(".sheet", (element) => element.scrollHeight <= element.clientHeight + 2 && element.getBoundingClientRect().bottom <= document.querySelector(".paper img").getBoundingClientRect().top);
  assert.ok(whole, "all of it is there, above the map");
  assert.ok(!(await sheet.page.$eval(".paper table", (table) => table.checkVisibility())), "without the list");
  await says(sheet.page, ".paper footer", /position=\d+[\s\S]+Printed/);
  await sheet.close();

  // Lying paper is wider.
  for (const [query, width, stands] of [["page=storms", 1_047, ".matrix a"], ["page=trend", 688, ".cells tbody tr"]]) {
    const { page, close } = await visited(`/?${query}&lang=en`);
    await page.waitForSelector(stands);
    if (query === "page=trend") await drawn(page);
    await onPaper(page, width);
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${query} is cut`);
    await says(page, "body", /As of 30 Jun 2024/);
    await says(page, ".paper footer", /page=(storms|trend)[\s\S]+Printed/);
    if (query === "page=trend") {
      assert.ok(await page.$eval(".paper img", (image) => image.naturalWidth > 300));
      await page.waitForSelector(".map .legend li", { visible: true });
    }
    await close();
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
    const { page, wrong, close } = await visited("/?lang=en", {
      media: DARK,
      before: () => (window.print = () => (window.printed = true)),
    });
    await listed(page);
    await drawn(page);
    if (how === "by key") {
      await page.keyboard.down("Control");
      await page.keyboard.press("p");
      await page.keyboard.up("Control");
      await until(() => page.evaluate(() => window.printed), "the browser is told to print");
    } else await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
    await page.waitForSelector(".paper img");
    await page.emulateMediaType("print");
    await page.waitForSelector(".paper", { visible: true });
    await until(async () => (await lightness(page)) > 190, `the map is light ${how}`);
    const colours = await page.evaluate(() => [getComputedStyle(document.documentElement).colorScheme, getComputedStyle(document.body).backgroundColor, getComputedStyle(document.querySelector(".paper .proof")).color]);
    assert.deepEqual(colours, ["light", "rgb(255, 255, 255)", "rgb(20, 105, 60)"], how);
    await says(page, ".paper .period", /^Period covered: 1 Jan\s–\s30 Jun 2024 · As of 30 Jun 2024, 23:20/);
    await says(page, ".paper .key", /^Marks\s+storm\s+small rain\s+dry weather\s+confirmed: ≥ 2 floods with evidence\s+no water at n of N: inspectors went to n of its N floods and found none$/);
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
  await says(page, ".filters .by-chance", /by chance alone about/);
  await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
  await page.emulateMediaType("print");
  await says(page, ".paper .by-chance", new RegExp(`^${row.found} spots recur; by chance alone about ${Math.round(row.expected)} would`));
  await says(page, ".paper .rule", /^Counted: floods within 50 m, .+ recurring: ≥ 3; confirmed: ≥ 2 of these with evidence/);
  await says(page, ".paper .judgement", new RegExp(`^By the criterion Malaysia NADMA: flood-prone: ✓\\s${judged.meet} meet it.+${judged.cannot_be_judged} cannot be judged: years of observation missing · Named press`, "s"));
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
  await says(page, ".paper tbody tr:nth-child(3)", /19 Av & 58 St[\s\S]+4 of 17/);
  assert.match(await text(page, ".paper footer"), /datetime=2024-03-01/);
  await close();
});
