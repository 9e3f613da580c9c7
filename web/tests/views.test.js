// The views beside the map, storms and trend, in a browser, on the demo's city: what they show is what the service answers.

import assert from "node:assert/strict";
import { test } from "node:test";
import { City, PHONE, WIDE, csv, drawn, listed, parameter, says, settled, text, until, visit } from "./city.js";
import { chromium, city, read, visited } from "./demo.js";

const matrix = (page) => page.waitForSelector(".matrix a[data-row]");
const names = (page) => page.$$eval(".matrix a[data-row]", (links) => links.map((link) => link.textContent.trim()));
const number = (n) => n.toLocaleString("en-GB", { maximumFractionDigits: 1 });
/** What the cells of a row show: where there is evidence, that; else their letters. */
const marks = ({ cells, evidence }) => [...cells].map((letter, i) => (evidence[i] === "E" ? "E" : letter));

test("the matrix shows every hotspot and storm as the service answers, cell by cell", async () => {
  const { page, wrong, close } = await read("/?page=storms&lang=en");
  await matrix(page);
  const { storms, rows } = await city.get("/api/v1/analysis/storms?limit=10000");
  assert.ok(storms.length >= 5 && rows.length === 211, `${storms.length} storms, ${rows.length} hotspots`);
  assert.match(await text(page, ".about"), new RegExp(`${storms.length} storms, ${rows.length} hotspots`));
  const seen = await page.$$eval(".matrix tbody tr:not([aria-hidden])", (lines) =>
    lines.map((line) => ({ name: line.querySelector("a").textContent.trim(), cells: [...line.querySelectorAll("td.mark")].map((cell) => cell.classList[1]).join(""), flooded: Number(line.querySelector("td.n b").textContent), nothing: line.querySelector("td.n small")?.textContent.trim() ?? "" })),
  );
  assert.equal(seen.length, rows.length);
  const byTime = storms.map((storm, at) => ({ storm, at })).sort((a, b) => a.storm.start.localeCompare(b.storm.start));
  const expected = rows.map((row) => ({ name: row.name, cells: byTime.map(({ at }) => marks(row)[at - row.first_storm] ?? "").join(""), flooded: row.flooded, nothing: row.flooded_not_found > 0 ? `∅ ${row.flooded_not_found}` : "" }));
  expected.sort((a, b) => b.flooded - a.flooded);
  assert.deepEqual(seen, expected);
  const cells = rows.flatMap(marks).join("");
  const count = (letter) => number(cells.split(letter).length - 1);
  await says(page, ".marks", new RegExp(`^●flooded, with evidence ${count("E")}\\s+◐only reported flooded ${count("F")}\\s+∅reported flooded, but inspectors found no water ${count("N")}\\s+○seen dry ${count("D")}\\s+·unknown: .+ ${count("U")}$`));
  assert.ok(["E", "F", "N"].every((mark) => cells.includes(mark)));
  const heads = await page.$$eval(".matrix [data-storm]", (links) => links.map((link) => link.dataset.storm));
  assert.deepEqual(heads, byTime.map(({ storm }) => storm.id));
  // The file has the rows of the page: each with its cells and how many storms flooded it.
  const [head, ...lines] = await csv(page, ".about a.button");
  const cell = (line, name) => line[head.split(",").indexOf(name)];
  const kept = lines.map((line) => line.match(/("([^"]|"")*"|[^,]*)(,|$)/g).map((one) => one.replace(/,$/, "").replace(/^"|"$/g, "").replaceAll('""', '"')));
  const byName = (a, b) => b.flooded - a.flooded || a.name.localeCompare(b.name) || a.cells.localeCompare(b.cells);
  assert.deepEqual(
    kept.map((line) => ({ name: cell(line, "name"), cells: marks({ cells: cell(line, "cells"), evidence: cell(line, "evidence") }).join(""), flooded: Number(cell(line, "flooded")) })).sort(byName),
    seen.map(({ name, cells, flooded }) => ({ name, cells, flooded })).sort(byName),
  );
  assert.deepEqual(wrong, []);
  await close();
});

test("a row's head has its share with interval and the least, and each cell says in words what it is", async () => {
  const { page, close } = await read("/?page=storms&lang=en");
  await matrix(page);
  const { rows } = await city.get("/api/v1/analysis/storms?limit=10000");
  const row = rows.toSorted((a, b) => b.flooded - a.flooded).find(({ p }) => p !== null);
  const line = await page.$$eval(
    ".matrix tbody tr:not([aria-hidden])",
    (lines, name) => {
      const line = lines.find((line) => line.querySelector("a").textContent.trim() === name);
      return { title: line.querySelector("a").title, p: line.querySelector("td.p")?.innerText, of_all: line.querySelector("td.of_all").innerText, words: [...line.querySelectorAll("td.mark")].map((cell) => cell.textContent.replace(/[●◐○∅·]/g, "")) };
    },
    row.name,
  );
  const percent = (share) => `${number(Math.round(100 * share))} %`;
  // Nobody saw any spot dry, so every storm that is known flooded it: a share would tell nothing, which is said once.
  assert.ok(rows.every(({ dry }) => dry === 0));
  assert.equal(line.p, undefined);
  await says(page, ".note.lacks", /^Nobody reported at any hotspot that it was dry in a storm\. So it is known in how many storms each was reported flooded, but not in how many it stayed dry; reports of “dry” would tell\.$/);
  assert.equal(line.of_all, percent(row.at_least));
  const said = { E: "flooded, with evidence", F: "only reported flooded", N: "reported flooded, but inspectors found no water", D: "seen dry", U: "unknown" };
  assert.deepEqual(line.words, marks(row).map((mark) => said[mark]));
  // What was reported is no flood where inspectors found nothing, and the marks are explained on every screen.
  const [all, nothing] = [row.flooded + row.dry + row.unknown, row.flooded_not_found];
  assert.ok(nothing > 0);
  assert.equal(line.title, `${row.name}. Reported flooded in ${row.flooded} of ${all} storms, in ${nothing} of these inspectors found nothing`);
  assert.doesNotMatch(await text(page, ".panel"), /at least/i);
  for (const size of [WIDE, { width: 800, height: 700 }, PHONE]) {
    await page.setViewport({ ...size, isMobile: false, hasTouch: false });
    assert.deepEqual(await page.$$eval(".about .marks li", (all) => all.filter((one) => one.checkVisibility() && one.getBoundingClientRect().right <= innerWidth).map((one) => one.innerText.trim().slice(0, 1))), ["●", "◐", "∅", "○", "·"], `${size.width} px`);
  }
  await close();
});

test("the matrix is sorted by what its head is asked for, and the address says so", async () => {
  const { page, close } = await read("/?page=storms&lang=en");
  await matrix(page);
  await page.click(".matrix th.of_all button");
  await until(() => parameter(page, "rows") === "-at_least", "the address is written");
  const shares = await page.$$eval(".matrix td.of_all", (cells) => cells.map((cell) => parseFloat(cell.textContent)));
  assert.deepEqual(shares, shares.toSorted((a, b) => b - a));
  assert.equal(await page.$eval(".matrix th.of_all", (head) => head.getAttribute("aria-sort")), "descending");
  await page.click(".matrix th.place button");
  await until(async () => (await page.$eval(".matrix th.place", (head) => head.getAttribute("aria-sort"))) === "ascending", "by name");
  const sorted = await names(page);
  assert.deepEqual(sorted, sorted.toSorted(new Intl.Collator("en-GB", { numeric: true }).compare));
  await close();
});

test("a hotspot opens its sheet over the matrix, a storm opens the map in its time", async () => {
  const { page, wrong, close } = await read("/?page=storms&lang=en");
  await matrix(page);
  const [first] = await names(page);
  await page.click('.matrix a[data-row="0"]');
  await page.waitForSelector(".sheet .sentence");
  assert.equal(await text(page, ".sheet h2"), first);
  assert.ok(await page.$(".matrix"), "the matrix stays");
  await page.keyboard.press("Escape");
  await until(async () => !(await page.$(".sheet")), "Esc closes the sheet");

  const { storms } = await city.get("/api/v1/analysis/storms?limit=10000");
  const worst = storms.toSorted((a, b) => b.flooded - a.flooded)[0];
  await page.$eval(`[data-storm="${worst.id}"]`, (link) => link.click());
  await listed(page);
  const [from, to] = (await until(() => parameter(page, "datetime"), "the address says when")).split("/");
  assert.equal(parameter(page, "page"), null);
  assert.ok(Date.parse(from) <= Date.parse(worst.start) && Date.parse(to) >= Date.parse(worst.end));
  await says(page, ".timeline .says", /Storm of .+ mm/);
  await page.goBack();
  await matrix(page);
  assert.deepEqual(wrong, []);
  await close();
});

test("keys move among the hotspots of the matrix and open one", async () => {
  const { page, close } = await read("/?page=storms&lang=en");
  await matrix(page);
  const all = await names(page);
  const focused = () => page.evaluate(() => document.activeElement?.textContent?.trim());
  await page.keyboard.press("ArrowDown");
  await until(async () => (await focused()) === all[0], "the first has the focus");
  await page.keyboard.press("End");
  await until(async () => (await focused()) === all.at(-1), "the last has the focus");
  await page.keyboard.press("Enter");
  await page.waitForSelector(".sheet .sentence");
  await close();
});

test("a matrix of 2,000 hotspots and 200 storms draws only what is looked at", async () => {
  const { page, wrong, close } = await read("/?lang=en");
  await listed(page);
  const letters = "FUDNU";
  const storms = Array.from({ length: 200 }, (_, n) => ({ id: `s${n}`, gauge: "city", start: new Date(Date.UTC(2020, 0, 1 + 9 * n)).toISOString(), end: new Date(Date.UTC(2020, 0, 2 + 9 * n)).toISOString(), depth_mm: n, peak_1h_mm_h: 5, reports: 1, flooded: 1, dry: 1, unknown: 1 }));
  const row = (n) => ({ hotspot_id: `waterlogging:${n}`, name: `Place ${n}`, status: "recurring", flooded: 2_000 - n, flooded_not_found: 0, dry: 1, unknown: 1, p: 0.5, low: 0.1, high: 0.9, at_least: 0.2, sentence_en: "", sentence_zh: "", first_storm: 0, cells: Array.from({ length: 200 }, (_, k) => letters[(n + k) % 5]).join(""), evidence: ".".repeat(200) });
  const answer = JSON.stringify({ as_of: "2024-06-30T00:00:00Z", position: 1, storms, missing: [], number_matched: 2_000, rows: Array.from({ length: 2_000 }, (_, n) => row(n)) });
  await page.setRequestInterception(true);
  page.on("request", (request) => (request.url().includes("/analysis/storms") ? request.respond({ contentType: "application/json", body: answer }) : request.continue()));
  await page.click(".pages button:nth-child(2)");
  await matrix(page);
  const drawnCells = () => page.$$eval(".matrix td.mark", (cells) => cells.length);
  assert.ok((await drawnCells()) < 2_500, `${await drawnCells()} cells`);
  assert.equal(await page.$eval(".matrix table", (table) => [table.ariaRowCount, table.ariaColCount].join(" ")), "2001 206");
  await page.$eval(".matrix", (box) => box.scrollTo(box.scrollWidth, box.scrollHeight));
  const last = await until(() => page.$('[aria-rowindex="2001"] td.mark[aria-colindex="206"]'), "the last cell of the last row is drawn");
  assert.equal(await last.evaluate((cell) => cell.classList[1]), letters[(1_999 + 199) % 5]);
  assert.ok((await drawnCells()) < 2_500);
  // Beside the names no column is missing, however far it is scrolled.
  await page.$eval(".matrix", (box) => box.scrollTo(3_000, 3_000));
  await until(
    () =>
      page.$eval(".matrix", (box) => {
        const place = box.querySelector("thead th.place").getBoundingClientRect();
        const at = document.elementFromPoint(place.right + 20, place.bottom + 60);
        return at.matches("td.mark[aria-colindex]") && at.className.length > "mark ".length;
      }),
    "the first column in sight is drawn",
  );
  assert.deepEqual(wrong, []);
  await close();
});

test("storms in a row in which nothing flooded are one column that opens and folds again", async () => {
  const { page, wrong, close } = await read("/?lang=en");
  await listed(page);
  const flooded = [1, 0, 0, 0, 2, 0, 1, 0, 0];
  const storms = flooded.map((n, k) => ({ id: `s${k}`, gauge: "city", start: new Date(Date.UTC(2020, 0, 1 + 9 * k)).toISOString(), end: new Date(Date.UTC(2020, 0, 2 + 9 * k)).toISOString(), depth_mm: 9, peak_1h_mm_h: 5, reports: 1, flooded: n, dry: 1, unknown: 1 }));
  const row = (n, cells) => ({ hotspot_id: `waterlogging:${n}`, name: `Place ${n}`, status: "recurring", flooded: 3 - n, flooded_not_found: 0, dry: 1, unknown: 1, p: 0.5, low: 0.1, high: 0.9, at_least: 0.2, sentence_en: "", sentence_zh: "", first_storm: 0, cells, evidence: "........." });
  const answer = JSON.stringify({ as_of: "2024-06-30T00:00:00Z", position: 1, storms, missing: [], number_matched: 2, rows: [row(0, "FDUUFDFUU"), row(1, "UUDUFUUDU")] });
  await page.setRequestInterception(true);
  page.on("request", (request) => (request.url().includes("/analysis/storms") ? request.respond({ contentType: "application/json", body: answer }) : request.continue()));
  await page.click(".pages button:nth-child(2)");
  await matrix(page);
  const heads = () => page.$$eval(".matrix .storm-head", (all) => all.map((head) => head.querySelector("[data-storm]")?.dataset.storm ?? head.innerText.replace(/\s+/g, " ").trim()));
  const marks = () => page.$$eval(".matrix tbody tr:first-child > td:nth-child(n + 7)", (cells) => cells.map((cell) => cell.className.replace("mark ", "")));
  // One alone is no run.
  assert.deepEqual(await heads(), ["s0", "3 storms: nothing ▸", "s4", "s5", "s6", "2 storms: nothing ▸"]);
  assert.deepEqual(await marks(), ["F", "fold", "F", "D", "F", "fold"]);
  assert.match(await page.$eval(".matrix .fold button", (button) => button.ariaLabel), /^3 storms of .+ Jan 2020 in which nothing flooded$/);
  await page.focus(".matrix .fold button");
  await page.keyboard.press("Enter");
  await until(async () => (await heads()).join() === ["s0", "3 storms: nothing ◂", "s1", "s2", "s3", "s4", "s5", "s6", "2 storms: nothing ▸"].join(), "they are there");
  assert.deepEqual((await marks()).slice(0, 6), ["F", "fold", "D", "U", "U", "F"]);
  assert.equal(await page.$eval(".matrix .fold button", (button) => button.ariaExpanded), "true");
  // Here somebody saw it dry: there is a share, with its interval.
  assert.equal((await text(page, ".matrix td.p")).replace(/\s+/g, " "), "50 % 10–90 %");
  await page.click(".matrix .fold button");
  await until(async () => (await heads()).length === 6, "and folded again");
  assert.deepEqual(wrong, []);
  await close();
});

test("without rain the view of storms says what is missing", async () => {
  const spot = (n) => [`r${n}`, "waterlogging", "110.35", "20.02", `2024-06-0${n}T08:00:00Z`];
  const dry = await City.of([1, 4, 7].map(spot));
  try {
    const { page, close } = await visit(chromium, `${dry.url}/?page=storms&lang=en`);
    await says(page, ".panel .state", /No storm is known[\s\S]+no rainfall has been loaded[\s\S]+waterlog import --rain/);
    await close();
  } finally {
    await dry.remove();
  }
});

test("cells show what the service answers: significance, risk, coverage", async () => {
  const { page, wrong, close } = await visited("/?page=trend&lang=en");
  await drawn(page);
  const count = (features, holds) => number(features.filter(({ properties }) => holds(properties)).length);
  await page.waitForSelector(".cells tbody tr");
  const significance = await city.get("/api/v1/analysis/significance");
  const all = number(significance.features.length);
  await says(page, ".of-cells .says", new RegExp(`^${number(significance.hot)} of ${all} cells flood more often than the city as a whole, ${number(significance.cold)} less often`));
  const strongest = significance.features.filter(({ properties: p }) => p.class === "hot").toSorted((a, b) => b.properties.z - a.properties.z)[0];
  if (strongest) assert.equal(await page.$eval(".cells [data-cell]", (button) => button.dataset.cell), strongest.id);

  await page.select(".chooser select", "risk");
  await until(() => parameter(page, "cells") === "risk", "the address says what");
  const risk = await city.get("/api/v1/analysis/risk");
  const more = count(risk.features, (p) => p.relative_risk_low > 1);
  const fewer = count(risk.features, (p) => p.relative_risk_high !== null && p.relative_risk_high < 1);
  await says(page, ".of-cells .says", new RegExp(`^Of ${number(risk.features.length)} cells ${more} flood more, ${fewer} less than`));

  await page.select(".chooser select", "coverage");
  const coverage = await city.get("/layers/coverage.geojson");
  const reports = coverage.features.reduce((sum, { properties }) => sum + properties.reports, 0);
  await says(page, ".of-cells .says", new RegExp(`^${number(reports)} reports of any kind came from ${number(coverage.features.length)} of about [\\d,]+ cells`));
  await says(page, ".legend.steps", /100 or more[\s\S]+blank: nobody reported anything/);
  const most = Math.max(...coverage.features.map(({ properties }) => properties.reports));
  assert.equal(await page.$eval(".cells tbody td.n", (cell) => cell.textContent.trim()), number(most));
  assert.deepEqual(wrong, []);
  await close();
});

/** Metres from one side of a hexagon to the other: between the middles of sides that face each other. */
const across = ({ coordinates: [ring] }) => {
  const [lat] = ring.map(([, lat]) => lat);
  const middle = (i) => [0, 1].map((k) => (ring[i % 6][k] + ring[(i + 1) % 6][k]) / 2);
  const metres = [0, 1, 2].map((i) => {
    const [a, b] = [middle(i), middle(i + 3)];
    return Math.hypot((a[0] - b[0]) * Math.cos((lat * Math.PI) / 180), a[1] - b[1]) * 111_195;
  });
  return metres.reduce((sum, one) => sum + one, 0) / 3;
};

test("each kind of cells is a table to take along, with as many rows as the map has cells", async () => {
  const { page, close } = await visited("/?page=trend&lang=en", { map: false });
  for (const kind of ["significance", "risk", "coverage"]) {
    await page.select(".chooser select", kind);
    const href = await until(() => page.$$eval(".table-head a[download]", (links, kind) => links.find((link) => link.download === `waterlog-${kind}.csv`)?.href, kind), `the link of ${kind}`);
    const answer = await fetch(href);
    assert.match(answer.headers.get("content-type"), /^text\/csv/);
    const rows = (await answer.text()).trim().split(/\r?\n/).slice(1);
    const { features } = await city.get(kind === "coverage" ? "/layers/coverage.geojson" : `/api/v1/analysis/${kind}`);
    assert.equal(rows.length, features.length, kind);
  }
  await close();
});

test("a row of cells says that it is a cell, how wide it is, and counts what the service counts in it", async () => {
  const answers = { significance: "/api/v1/analysis/significance?category=waterlogging", coverage: "/layers/coverage.geojson" };
  for (const [kind, path] of Object.entries(answers)) {
    const { features } = await city.get(path);
    const { page, close } = await read(`/?page=trend&cells=${kind}&lang=en`);
    await page.waitForSelector(".cells tbody tr");
    const told = Number((await says(page, ".legend.steps", /A cell is a hexagon about [\d,]+ m across/)).match(/about ([\d,]+) m/)[1].replace(",", ""));
    assert.ok(Math.abs(told / across(features[0].geometry) - 1) < 0.06, `${told} m: ${across(features[0].geometry)}`);
    await says(page, ".note", kind === "coverage" ? /one cell.+reports of any kind in the cell, not floods/ : /one cell.+reported floods are those of the whole cell, so the number differs from the hotspot’s/);
    const counts = new Map(features.map(({ id, properties }) => [id, number(kind === "coverage" ? properties.reports : properties.occasions)]));
    const rows = await page.$$eval(".cells tbody tr", (all) => all.map((row) => [row.querySelector("[data-cell]").dataset.cell, row.querySelector("td.n").textContent.trim(), row.querySelector("th").textContent.trim()]));
    for (const [id, n, name] of rows) {
      assert.equal(n, counts.get(id), name);
      assert.match(name, /^around |^-?\d+\.\d{4}, -?\d+\.\d{4}$/);
    }
    assert.ok(rows.some(([, , name]) => name.startsWith("around ")));
    await close();
  }
});

test("a row of the table finds its cell on the map, and the address says what is shown", async () => {
  const { page, close } = await visited("/?page=trend&cells=coverage&lang=en");
  await drawn(page);
  await page.waitForSelector(".cells [data-cell]");
  await page.click(".cells [data-cell]");
  await page.waitForSelector(".cells tr.selected");
  assert.equal(await page.$eval(".chooser select", (select) => select.value), "coverage");
  await close();
});

/** Is a position on none of the ground's land? By the even-odd rule. */
const onWater = (ground, [x, y]) =>
  !ground.features.flatMap(({ geometry: { type, coordinates } }) => (type === "Polygon" ? [coordinates] : coordinates)).some((rings) => {
    const crossed = rings.flatMap((ring) => ring.slice(1).map((b, i) => [ring[i], b])).filter(([[x1, y1], [x2, y2]]) => y1 > y !== y2 > y && x < ((x2 - x1) * (y - y1)) / (y2 - y1) + x1);
    return crossed.length % 2 === 1;
  });

test("cells whose middle lies on water are drawn palely, and the legend says of how many", async () => {
  const [ground, { features }] = [await city.get("/base.geojson"), await city.get("/layers/coverage.geojson")];
  const middle = ({ geometry: { coordinates: [ring] } }) => [0, 1].map((i) => ring.slice(1).reduce((sum, corner) => sum + corner[i], 0) / (ring.length - 1));
  const wet = features.filter((cell) => onWater(ground, middle(cell))).length;
  assert.ok(wet > 5 && wet < features.length / 10, `${wet} of ${features.length}`);
  const { page, wrong, close } = await visited("/?page=trend&cells=coverage&lang=en");
  await drawn(page);
  await says(page, ".legend .wet", new RegExp(`^fainter: ${wet} cells, their middles on water$`));
  // As pale as it is, it has its colour beside it, as every other class.
  assert.equal(await page.$eval(".legend .wet path", (swatch) => swatch.getAttribute("fill-opacity")), "0.3");
  assert.deepEqual(wrong, []);
  await close();
});

/** What the service calls silent, in its order. */
const silent = async (query = "") => {
  const { features: cells, by_chance } = await city.get(`/api/v1/analysis/silence?category=waterlogging${query}`);
  const lacks = ({ properties: p }) => p.expected - p.reports;
  return { cells: cells.sort((a, b) => Number(a.properties.reports > 0) - Number(b.properties.reports > 0) || lacks(b) - lacks(a)), by_chance };
};

test("where a flood would go unreported is the first answer, the areas without any report first, then those that lack most, each named with its borough, and found on the map and in a table", async () => {
  const { cells, by_chance } = await silent();
  assert.ok(cells.length > 50 && cells.every(({ properties: { land } }) => land >= 0.5), `${cells.length}`);
  const none = cells.filter(({ properties }) => properties.reports === 0).length;
  const { page, wrong, close } = await visited("/?page=trend&cells=coverage&lang=en");
  await drawn(page);
  await says(page, ".unreported .says", new RegExp(`^${none} areas without any report, ${cells.length - none} more with far fewer than around: a flood there may go unreported\\. First .+; .+\\. Chance alone would give about ${Math.round(by_chance)} of all these\\.$`));
  const rows = await page.$$eval(".silence tbody tr", (all) => all.map((row) => [row.querySelector("[data-cell]").dataset.cell, ...[...row.querySelectorAll("td.n")].map((cell) => cell.textContent)]));
  assert.deepEqual(rows, cells.map(({ id, properties: p }, i) => [id, number(i + 1), number(p.reports), number(p.expected), number(p.occasions_around)]));
  assert.ok(none > 0 && rows.slice(0, none).every(([, , reports]) => reports === "0"), "those that have none at all come first");
  assert.ok(await page.evaluate(() => document.querySelector(".trend .says").closest(".unreported") !== null), "it is what is said first");
  const named = await page.$$eval(".silence [data-cell]", (buttons) => buttons.map((button) => button.textContent));
  assert.ok(named.every((name) => /^((Queens|Brooklyn|Bronx|Manhattan|Staten Island): )?[\d,]+ m ((N|S)?(E|W)?) of \S/.test(name)), named.join("; "));
  // And says where it lies, as one writes it into a map.
  const { lon, lat, near_direction: side } = cells[0].properties;
  assert.equal(await page.$eval(".silence [data-cell]", (button) => button.title), `${lat.toFixed(4)}, ${lon.toFixed(4)}`);
  assert.ok(named[0].includes(` m ${side} of `), named[0]);
  // The middle of a shore may lie off it.
  assert.ok(named.filter((name) => name.includes(": ")).length > 0.9 * named.length, named.join("; "));
  assert.equal(await page.evaluate(() => document.querySelector(".silence").compareDocumentPosition(document.querySelector(".cells")) & Node.DOCUMENT_POSITION_FOLLOWING), 4, "before those that report");
  // What says nothing of any cell has no column: the demo's reports are none dry, and name no person.
  assert.deepEqual(await page.$$eval(".cells thead th", (heads) => heads.map((head) => head.textContent.replace(/\s/g, " "))), ["Cell", "Reports ▾", "Last"]);
  assert.deepEqual(await page.$$eval(".cells thead th", (heads) => heads.map((head) => head.ariaSort)), [null, "descending", null], "by what it is in order is seen, and heard");
  const most = await page.$$eval(".cells tbody td:nth-of-type(1)", (all) => all.map((one) => Number(one.textContent)));
  assert.deepEqual(most, most.toSorted((a, b) => b - a));
  await says(page, ".unreported .quiet", /Those without any report come first, then those that lack most.+whether anybody lives there, the data does not say\. Areas mostly in water are left out\./);
  // Of how many cells: as many as cover what the outlines enclose.
  const degrees = (ring) => Math.abs(ring.reduce((sum, [x, y], i) => sum + (x * ring[(i + 1) % ring.length][1] - ring[(i + 1) % ring.length][0] * y) / 2, 0));
  const { features: outlines } = await city.get("/base.geojson");
  const enclosed = outlines.flatMap(({ geometry: { type, coordinates } }) => (type === "Polygon" ? [coordinates] : coordinates)).reduce((sum, [outer, ...holes]) => sum + degrees(outer) - holes.reduce((all, hole) => all + degrees(hole), 0), 0);
  const { features: covered } = await city.get("/layers/coverage.geojson");
  const total = enclosed / (covered.reduce((sum, { geometry: { coordinates } }) => sum + degrees(coordinates[0]), 0) / covered.length);
  const said = (await says(page, ".of-cells .says", /came from [\d,]+ of about [\d,]+ cells\./)).match(/from ([\d,]+) of about ([\d,]+)/).slice(1).map((one) => Number(one.replaceAll(",", "")));
  assert.equal(said[0], covered.length);
  assert.ok(total > 2 * covered.length && Math.abs(said[1] / total - 1) < 0.05, `${said[1]} of ${total}`);
  assert.equal((await csv(page, ".unreported a[download]")).length, cells.length + 1);
  const wide = Number((await says(page, ".legend.steps", /outlined, larger \(about [\d,]+ m across\), so that there are enough reports to compare: far fewer than around it/)).match(/larger \(about ([\d,]+) m/)[1].replace(",", ""));
  assert.ok(Math.abs(wide / across(cells[0].geometry) - 1) < 0.06, `outlined: ${wide} m`);
  // By keyboard: the row is chosen, and the map looks there: a click in its middle chooses the same.
  await page.focus(".silence [data-cell]");
  await page.keyboard.press("Enter");
  await page.waitForSelector(`.silence tr.selected [data-cell="${cells[0].id}"]`);
  // A click on a map that is still on its way would stop it.
  await until(() => page.$eval(".maplibregl-ctrl-scale", (scale) => /^500\sm$/.test(scale.textContent.trim())), "it comes closer");
  await settled(() => page.$eval(".maplibregl-ctrl-scale", (scale) => scale.style.width));
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => !document.querySelector(".silence tr.selected"));
  const { x, y, width, height } = await (await page.$(".map canvas")).boundingBox();
  await page.mouse.click(x + width / 2, y + height / 2);
  await page.waitForSelector(`.silence tr.selected [data-cell="${cells[0].id}"]`);
  await page.click(".bar .language");
  await says(page, ".unreported .says", new RegExp(`^${none} 个区域没有任何上报，另有 ${cells.length - none} 个上报远少于四周：积了水也可能无人知道。首先是：.+；.+。若全凭偶然，约有 ${Math.round(by_chance)} 个区域如此。$`));
  await says(page, ".silence tr.selected", /^\d+\s+Queens，\S.+[东南西北]侧 \d+ 米/);
  assert.deepEqual(wrong, []);
  await close();
});

test("in a time chosen silence is of that time, and where too little was reported it says so in both languages", async () => {
  const datetime = "2024-02-10T05:00:00Z/2024-02-11T04:59:59Z";
  const { cells } = await silent(`&datetime=${datetime}`);
  const { page, close } = await read(`/?page=trend&cells=coverage&lang=en&datetime=${datetime}`);
  await says(page, ".unreported .lacks", /^No cell has 4 neighbours that reported anything: there is nothing to compare with\.$/);
  assert.deepEqual([cells.length, (await page.$$(".silence tbody tr, .unreported .says")).length], [0, 0]);
  await page.click(".bar .language");
  await says(page, ".unreported .lacks", /^相邻而有上报的地点太少，无从比较。$/);
  await close();
});

test("in the time of a storm coverage counts its reports only", async () => {
  const datetime = "2024-03-01T05:00:00Z/2024-04-01T03:59:59Z";
  const { page, close } = await read(`/?page=trend&cells=coverage&lang=en&datetime=${datetime}`);
  const { features } = await city.get(`/layers/coverage.geojson?datetime=${datetime}`);
  const reports = features.reduce((sum, { properties }) => sum + properties.reports, 0);
  await says(page, ".of-cells .says", new RegExp(`^${number(reports)} reports`));
  await says(page, ".chosen-time", /^Only .+Mar 2024/);
  await close();
});

test("how many are chance is worked out where one looks for it, waits visibly, can be called off, and gives the service's numbers", async () => {
  const { page, wrong, close } = await read("/?page=storms&lang=en");
  await page.waitForSelector(".matrix");
  // Its answer is held back until the wait was seen.
  let held = null;
  await page.setRequestInterception(true);
  page.on("request", (request) => (request.url().includes("/analysis/chance") ? (held = request) : request.continue()));
  await page.click(".pages button:nth-child(3)");
  await says(page, ".chance .says", /^84 recurring hotspots found/);
  await page.waitForSelector(".chance progress");
  await page.click(".chance .wait button");
  await page.waitForSelector(".chance .ask");
  held = null;
  await page.click(".chance .ask");
  await page.waitForSelector(".chance progress");
  await until(() => held, "it is asked for");
  await held.continue();
  await page.waitForSelector(".chance .says + .quiet, .chance .lacks");
  const { rows: [row], relocations } = await city.get("/api/v1/analysis/chance");
  assert.equal(row.found, 84);
  const expected = row.expected.toLocaleString("en-GB", { maximumFractionDigits: row.expected < 10 ? 1 : 0 });
  const said = await text(page, ".chance");
  assert.match(said, new RegExp(`Chance alone would give about ${expected} \\(95 of 100 times ${row.expected_low} to ${row.expected_high}\\)`));
  assert.match(said, new RegExp(`dealt out ${relocations} times at random over the [\\d,]+ places that report anything\\. p = [\\d.]+: so seldom did chance give as many as were found\\. Seed \\d+: `));
  const [head, ...lines] = await csv(page, ".chance a");
  assert.equal(lines.length, 1);
  const line = Object.fromEntries(head.split(",").map((name, i) => [name, lines[0].split(",")[i]]));
  assert.ok(said.includes(`${line.found} recurring hotspots found`) && said.includes(`95 of 100 times ${line.expected_low} to ${line.expected_high}`), `${said}: ${lines[0]}`);
  assert.deepEqual(wrong, []);
  await close();
});

test("classes of trend are counted, or it is said why there are none", async () => {
  const { page, close } = await read("/?page=trend&lang=en");
  // What z and q are stands under the heads that say no more.
  await says(page, ".table-head + .note", /z: by how many standard deviations a cell .+ q: how likely chance alone would give that.+ up to 0\.05 the cell is singled out\.$/);
  const { rows } = await city.get("/api/v1/analysis/trend");
  const of = (trend) => rows.filter((row) => row.trend === trend).length;
  await says(page, ".worse", /\S/);
  // The city in one figure, at the head of the view: all together, for each storm of either part of the time.
  const sum = (of) => rows.reduce((sum, row) => sum + row[of], 0);
  const [{ exposure, exposure_before: storms_before, exposure_lately: storms_lately }] = rows;
  assert.ok(exposure === "storms" && rows.every((row) => row.exposure_before === storms_before && row.exposure_lately === storms_lately));
  const rate = (n, storms) => (n / storms).toLocaleString("en-GB", { maximumFractionDigits: 1 });
  await says(page, ".worse .city", new RegExp(`^So far: all ${rows.length} spots together, ${rate(sum("occasions_before"), storms_before)} reported floods per storm before 1 May 2024, ${rate(sum("occasions_lately"), storms_lately)} since \\(${storms_before} and ${storms_lately} storms\\)\\. Within one year the seasons alone may do as much\\.$`));
  // It stands first where it is asked for, with no map of another question; else what the map shows does.
  assert.ok(await page.evaluate(() => document.querySelector(".of-cells").getBoundingClientRect().bottom <= document.querySelector(".worse").getBoundingClientRect().top + 1), "below what the map shows");
  const asked = await read("/?page=trend&about=worse&lang=en");
  await says(asked.page, ".worse .city", /per storm before 1 May 2024/);
  assert.ok(await asked.page.evaluate(() => document.querySelector(".worse").getBoundingClientRect().bottom <= document.querySelector(".chooser").getBoundingClientRect().top + 1), "it stands first");
  assert.equal(await asked.page.$(".of-cells"), null);
  await asked.close();
  if (of("insufficient_history") === rows.length) {
    await says(page, ".worse", new RegExp(`^Is it getting worse\\?\\s+Too early to say, at all ${rows.length} spots: observed for less than a year\\.\\s+So far: `));
  } else {
    for (const trend of ["new", "worsening", "improving"]) await says(page, `[data-trend=${trend}]`, new RegExp(`^${of(trend)}`));
  }
  const [head, ...lines] = await csv(page, ".worse a[download]");
  assert.equal(lines.length, rows.length);
  assert.ok(lines.every((line) => line.startsWith("waterlogging:")) && head.split(",")[0] === "hotspot_id", head);
  assert.equal(lines.filter((line) => line.includes(",insufficient_history,")).length, of("insufficient_history"));
  await close();
});
