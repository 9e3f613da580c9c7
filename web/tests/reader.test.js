// What somebody who sees the page for the first time asks, and where it answers.

import assert from "node:assert/strict";
import { test } from "node:test";
import { PHONE, drawn, keepFiles, keptFiles, listed, parameter, places, says, settled, text, until } from "./city.js";
import { city, read, visited } from "./demo.js";

const WORST = "hotspot=waterlogging:8c2a1077128d1ff";
const MARCH = "datetime=2024-03-01T05:00:00Z/2024-04-01T03:59:59Z";

const worst = () => city.get("/api/v1/hotspots/waterlogging:8c2a1077128d1ff");
/** Is what has the focus, or `selector`, in sight in the sheet? */
const inSight = (page, selector) =>
  page.evaluate((of) => {
    const it = of ? document.querySelector(of) : document.activeElement;
    const [sheet, box] = [document.querySelector(".sheet"), it].map((element) => element.getBoundingClientRect());
    return box.top >= sheet.top && box.bottom <= sheet.bottom;
  }, selector);
/** The pointer in the middle of the map: what it looks like there. */
const pointed = async (page, { x, y, width, height }) => {
  for (const by of [2, 0]) await page.mouse.move(x + width / 2 + by, y + height / 2);
  return page.$eval(".map canvas", (canvas) => canvas.style.cursor);
};
const focus = (page) => page.evaluate(() => [document.activeElement.id, document.activeElement.closest("details")?.id].find(Boolean));

test("a line under the summary leads to the spots a hotspot includes and to its rule, by keyboard and in both languages", async () => {
  const { page, wrong, close } = await read(`/?${WORST}&lang=en`);
  await says(page, ".sheet .leads", /^Includes: 19 Av & 59 St \(10\), 19 Av & 55 St \(7\) · Why here\?$/);
  const { sites } = await worst();
  for (const [name, n] of [["19 Av & 59 St", 10], ["19 Av & 55 St", 7]]) assert.equal(Math.max(...sites.filter((site) => site.name === name).map((site) => site.occasions)), n);
  assert.ok(!(await inSight(page, "#members")), "the spots lie far below");
  await page.focus(".to-members");
  await page.keyboard.press("Enter");
  await until(async () => (await focus(page)) === "members" && (await inSight(page)), "the spots are in sight and have the focus");
  await page.focus(".to-why");
  await page.keyboard.press("Enter");
  await until(async () => (await focus(page)) === "why" && (await inSight(page)), "the rule is in sight and has the focus");
  await page.waitForSelector("#why[open] dd", { visible: true });
  assert.equal(new URL(page.url()).hash, "", "the address goes on to say what is shown");
  await page.click(".bar .language");
  await says(page, ".sheet .leads", /^包括：\s?19 Av & 59 St（10）.+为什么在这里？$/);
  assert.deepEqual(wrong, []);
  await close();
});

test("the sheet says of how many floods how sure it is, and the numbers add up to all", async () => {
  const { occasions_list: all } = await worst();
  const count = (is) => all.filter(is).length;
  const sure = [count((o) => o.evidence), count((o) => !o.evidence && o.not_found), count((o) => !o.evidence && !o.not_found)];
  assert.equal(sure.reduce((a, b) => a + b), 17);
  // On paper what is confirmed is told by weather, too: the sentence before it speaks of storms.
  const split = (says) => ["storm", "small_rain", "none"].map((of) => [all.filter((o) => o.evidence && o.weather === of).length, of]).filter(([n]) => n > 0).map(([n, of]) => says[of](n));
  const en = split({ storm: (n) => `${n} in storms`, small_rain: (n) => `${n} in small rain`, none: (n) => `${n} in dry weather` }).join(", ");
  const zh = split({ storm: (n) => `在场次降雨中 ${n} 次`, small_rain: (n) => `在小雨中 ${n} 次`, none: (n) => `在无雨时 ${n} 次` }).join("，");
  assert.ok(en.includes("in storms") && en.includes(","), en);
  const { page, close } = await read(`/?${WORST}&lang=en`);
  await says(page, ".glance .sentence", /^8 floods in 6 months: 2 in storms, 3 in small rain, 3 in dry weather\. 9 more were reported, but inspectors found no water\. /);
  await says(page, ".glance .how-sure", new RegExp(`^Confirmed spot: ${sure[0]} of 8 floods have evidence \\(.+\\); ${sure[2]} only reported; ${sure[1]} more reported: no water found\\.`));
  const paper = async (on) => {
    await page.evaluate((name) => dispatchEvent(new Event(name)), on ? "beforeprint" : "afterprint");
    await page.emulateMediaType(on ? "print" : "screen");
  };
  await paper(true);
  await says(page, ".paper-hotspot .sentence", new RegExp(`Of these 17: ${sure[0]} with evidence \\(${en}\\), which is enough to call it confirmed; ${sure[1]} at which inspectors found nothing; ${sure[2]} unchecked, only reported\\.`));
  await paper(false);
  await page.click(".bar .language");
  await says(page, ".glance .sentence", /^6 个月内积水 8 次：在场次降雨中 2 次，在小雨中 3 次，在无雨时 3 次。另有 9 次上报，检查人员到场未见积水。/);
  await says(page, ".glance .how-sure", new RegExp(`^已确认易涝点：积水 8 次，${sure[0]} 次有证据（.+）；${sure[2]} 仅有上报；另有 ${sure[1]} 次上报：到场未见积水。`));
  await paper(true);
  await says(page, ".paper-hotspot .sentence", new RegExp(`这 17 次中：${sure[0]} 次有证据（${zh}），足以确认；${sure[1]} 次检查人员到场未见；${sure[2]} 次未核实，仅有上报。`));
  await close();
});

test("a last report that is no flood there is named in the sheet, which says why, and the list has the last flood", async () => {
  const { page, close } = await read(`/?${WORST}&lang=en`);
  await listed(page);
  await says(page, "tr.selected td.last", /^4 Apr$/);
  await says(page, ".last-beside", /^The last report, of 8 Apr, is from a neighbouring spot and does not count here: i\d+$/);
  await says(page, ".occasions tbody th", /^4 Apr/);
  await says(page, ".sheet", /incidents? at neighbouring spots, not counted above/);
  await page.click(".last-beside button");
  await until(() => parameter(page, "incident"), "the incident opens");
  const incident = await city.get(`/api/v1/incidents/${parameter(page, "incident")}`);
  assert.equal(incident.properties.last_observed_at, (await worst()).properties.last_seen);
  await close();
});

test("a flood as long as its storm says so, and when it was reported", async () => {
  const { page, close } = await read(`/?${WORST}&lang=en`);
  const row = () => page.$$eval(".occasions tbody tr", (rows) => rows.map((tr) => tr.innerText).find((says) => says.includes("i7431")));
  await until(async () => /storm 2\s–\s4 Apr\s+reported 2 Apr, 23:59/.test(await row()), "storm and report have each its time");
  await page.$$eval(".occasions .ids button", (buttons) => buttons.find((button) => button.textContent === "i7431").click());
  await says(page, ".counts-in", /^Counts in the reported flood of 2.+4 Apr 2024.+: one storm counts once, from its first rain to its last$/);
  await close();
});

test("every scale has its numbers and its unit", async () => {
  const { page, close } = await visited(`/?${WORST}&lang=en`, {
    before: () => {
      window.written = new Set();
      const write = CanvasRenderingContext2D.prototype.fillText;
      CanvasRenderingContext2D.prototype.fillText = function (text, ...at) {
        window.written.add(`${this.canvas.closest(".timeline, .lanes")?.className} ${text}`);
        return write.call(this, text, ...at);
      };
    },
  });
  const { rain_mm, occasions } = await city.get("/api/v1/timeline?category=waterlogging&step=day");
  assert.ok(Math.max(...rain_mm) > 80 && Math.max(...rain_mm) <= 100 && Math.max(...occasions) > 40 && Math.max(...occasions) <= 50);
  for (const label of ["timeline 0", "timeline 100 mm", "timeline 50", "lanes 0", "lanes 100 mm", "lanes storm 2", "lanes small rain 3", "lanes dry weather 3"]) {
    await until(() => page.evaluate((said) => window.written.has(said), label), `the scale says ${label}`);
  }
  await says(page, ".timeline .keys", /Rain, mm per day\s+Reported floods by first day, UTC/);
  // Lines of one kind: of the days, and none of either scale, which would be read as of both.
  const lines = await page.$eval(".timeline canvas", (canvas) => {
    const { width, height, data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    const inked = (x, y) => data[4 * (y * width + x) + 3] > 0;
    const share = (n, is) => Array.from({ length: n }, (_, i) => i).filter(is).length / n;
    return { days: share(width, (x) => share(height, (y) => inked(x, y)) > 0.6) * width, scales: share(height, (y) => share(width, (x) => inked(x, y)) > 0.7) * height };
  });
  assert.ok(lines.days >= 5 && lines.scales === 0, JSON.stringify(lines));
  await close();
});

test("while a time is chosen numbers, order and map are of that time, and all of them stand beside", async () => {
  const { hotspots } = await city.get(`/api/v1/occasions?category=waterlogging&${MARCH}`);
  const inRain = (one) => ["storm", "small_rain"].reduce((sum, of) => sum + one[`occasions_${of}`] - one[`occasions_${of}_contradicted`], 0);
  const counts = hotspots.map(inRain).sort((a, b) => b - a);
  const { page, wrong, close } = await visited(`/?${MARCH}&lang=en`);
  const numbers = () => page.$$eval("td.rain", (cells) => cells.map((cell) => Number(cell.innerText)));
  await until(async () => JSON.stringify(await numbers()) === JSON.stringify(counts), "the numbers are those of March, the largest first");
  await says(page, ".filters .in-time", /^Only 1\s–\s31 Mar 2024/);
  assert.equal((await places(page))[0], "Freeborn St & Hempstead Av");
  const row = await page.$$eval("tbody tr", (rows) => rows.map((tr) => tr.innerText).find((says) => says.includes("19 Av & 58 St")));
  assert.match(row, /\b3\s+of 8\b/);
  await drawn(page);
  await page.click('a[data-row="0"]');
  await says(page, ".sheet .in-time", /^In 1\s–\s31 Mar 2024: 4 of 10\.$/);
  await page.click(".filters .in-time button");
  await until(async () => (await numbers())[0] === 10, "the whole time counts again");
  assert.deepEqual(wrong, []);
  await close();
});

test("a spot that did not flood in the time chosen is not on the map, and comes back with the whole time", async () => {
  const { hotspots } = await city.get(`/api/v1/occasions?category=waterlogging&${MARCH}`);
  const { features } = await city.get("/api/v1/hotspots?category=waterlogging&limit=10000");
  const dry = features.find(({ id }) => !hotspots.some(({ hotspot_id }) => hotspot_id === id));
  const at = dry.geometry.coordinates.map((degrees) => degrees.toFixed(5));
  const { page, close } = await visited(`/?${MARCH}&at=${at},16&reports=0&lang=en`);
  await page.waitForSelector(".filters .in-time");
  await drawn(page);
  const box = await (await page.$(".map canvas")).boundingBox();
  assert.equal(await pointed(page, box), "", "there is nothing to point at");
  await page.click(".filters .in-time button");
  await until(async () => (await pointed(page, box)) === "pointer", "it is there again");
  await close();
});

test("from close by the spots of a hotspot and single reports are on the map, and the legend says which is which", async () => {
  const { sites, geometry } = await worst();
  const metres = ([lon, lat]) => Math.hypot((lon - geometry.coordinates[0]) * 84_000, (lat - geometry.coordinates[1]) * 111_195);
  const far = sites.filter(({ coordinates }) => metres(coordinates) > 50)[0];
  const { page, wrong, close } = await visited(`/?at=${far.coordinates.map((degrees) => degrees.toFixed(5))},18&reports=0&lang=en`);
  await listed(page);
  await drawn(page);
  await says(page, ".legend", /Neighbouring spot: shares reported floods with its hotspot[\s\S]+Single reports; a number: several at one spot/);
  const box = await (await page.$(".map canvas")).boundingBox();
  await until(async () => (await pointed(page, box)) === "pointer", "the spot is there");
  await says(page, ".map .tip", new RegExp(`^${far.name}: ${far.occasions} reported floods?\\s+Shares reported floods with 19 Av & 58 St: the two do not add up\\.$`));
  await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
  await says(page, ".sheet h2", /^19 Av & 58 St$/);
  assert.deepEqual(wrong, []);
  await close();
  const reports = await visited(`/?at=-73.98408,40.62203,17`);
  await drawn(reports.page);
  assert.ok(await reports.page.$eval(".legend input", (box) => box.checked), "reports are shown unless one asks otherwise");
  await reports.close();
});

test("the scale of the map is covered by nothing", async () => {
  for (const size of [undefined, PHONE]) {
    const { page, close } = await visited(`/?${WORST}&lang=en`, { size });
    await page.waitForSelector(".sheet .sentence");
    await drawn(page);
    if (size) await page.tap(".tabs button:last-child");
    await until(
      () =>
        page.$eval(".maplibregl-ctrl-scale", (scale) => {
          const box = scale.getBoundingClientRect();
          const corners = [[box.left + 1, box.top + 1], [box.right - 1, box.top + 1], [box.left + 1, box.bottom - 1], [box.right - 1, box.bottom - 1]];
          return box.width > 10 && corners.every(([x, y]) => document.elementFromPoint(x, y)?.closest(".canvas"));
        }),
      "all of it is seen",
    );
    await close();
  }
});

test("a name that is too long for a line takes another, and none of the demo's is cut", async () => {
  for (const size of [undefined, PHONE]) {
    const { page, close } = await read("/?lang=en", { size });
    await listed(page);
    const cut = () => page.$$eval("a[data-row]", (links) => links.filter((link) => link.scrollHeight > link.clientHeight + 1).map((link) => link.textContent));
    await until(async () => (await cut()).length === 0, "no name is cut").catch(async () => assert.deepEqual(await cut(), []));
    const rows = await page.$$eval("tbody tr:not([aria-hidden])", (all) => [...new Set(all.map((tr) => Math.round(tr.getBoundingClientRect().height)))]);
    assert.equal(rows.length, 1, `rows are of one height, not ${rows}`);
    await close();
  }
});

test("a phone has the column headings, the last date and the help", async () => {
  const { page, close } = await read("/?lang=en", { size: PHONE });
  await listed(page);
  await says(page, ".table thead", /#\s+Place\s+In rain\W+How sure\s+Weather\s+Last flood/);
  const wide = await page.$$eval("thead th", (heads) => heads.filter((head) => head.scrollWidth > head.clientWidth + 1).map((head) => head.textContent));
  assert.deepEqual(wide, [], "no heading is cut");
  await page.waitForSelector("td.last time", { visible: true });
  await page.tap(".bar .help");
  await page.waitForSelector("dialog[open]");
  await says(page, "dialog[open]", /a flood in a storm/);
  await close();
});

test("every choice of weather is in sight, also on a phone, and says what is chosen", async () => {
  for (const size of [undefined, PHONE]) {
    const { page, close } = await read("/?weather=never_storm&lang=en", { size });
    await listed(page);
    const all = await page.$$eval(".weather-filter button", (buttons) => buttons.filter((button) => button.checkVisibility() && button.getBoundingClientRect().right <= innerWidth).map((button) => button.innerText));
    assert.deepEqual(all, ["any", "storms", "small rain", "dry weather", "ever", "mostly", "only", "never"]);
    assert.deepEqual(await page.$$eval(".weather-filter [aria-pressed=true]", (buttons) => buttons.map((button) => button.innerText)), ["storms", "never"]);
    await close();
  }
  // Each choice has its name.
  const { page, close } = await read("/?weather=only_storm&lang=zh");
  await listed(page);
  assert.equal((await page.$$eval(".weather-filter [aria-pressed=true]", (buttons) => buttons.map((button) => button.innerText))).join(""), "场次降雨时全部");
  await close();
});

test("each row says of all its floods whether there is evidence, nothing was found, or nobody looked, in words and in both languages", async () => {
  const { features } = await city.get("/api/v1/hotspots?category=waterlogging&limit=10000");
  // Of the demo's floods none has evidence although nothing was found: the three add up.
  for (const { properties: p } of features) assert.equal(p.occasions_evidence + p.occasions_not_found + p.occasions_unchecked, p.occasions);
  const expected = features.map(({ id, properties: p }) => [id, `${p.occasions_evidence} with evidence, ${p.occasions_unchecked} only reported, ${p.occasions_not_found} no water found ${p.status === "confirmed" ? "confirmed spot" : p.status}`]);
  const { page, close } = await read("/?lang=en");
  await listed(page);
  const said = () => page.$$eval("tbody tr:not([aria-hidden])", (rows) => rows.map((row) => [row.querySelector("a[data-row]").dataset.id, row.querySelector("td.sure").innerText.replace(/\s+/g, " ").replaceAll(" ,", ",").trim()]));
  assert.deepEqual(new Map(await said()), new Map(expected));
  assert.equal(new Map(await said()).get("waterlogging:8c2a1077128d1ff"), "3 with evidence, 5 only reported, 9 no water found confirmed spot");
  assert.ok((await said()).every(([, sure]) => sure !== ""), "no row is blank");
  const cut = (of) => of.$$eval("td.sure > *", (parts) => parts.filter((part) => part.scrollWidth > part.clientWidth).map((part) => part.innerText));
  assert.deepEqual(await cut(page), [], "nothing is cut");
  for (const lang of ["en", "zh"]) {
    const phone = await read(`/?lang=${lang}`, { size: PHONE });
    await listed(phone.page);
    assert.deepEqual(await cut(phone.page), [], "nor on a phone");
    await phone.close();
  }
  assert.match(await page.$eval('tr:has(a[data-id="waterlogging:8c2a1077128d1ff"]) td.sure .made', (said) => said.title), /^Of 17 reported floods: 3 seen by an inspector.+; 5 only reported: nobody went to look.+; 9 at which inspectors found nothing: they may have come too late\.$/);
  assert.match(await text(page, ".table thead th.sure"), /^How sure$/);
  // It stands beside the number that it takes apart, and above both the word of each mark.
  assert.deepEqual(await page.$$eval(".table tbody tr:first-child > *", (cells) => cells.slice(2, 5).map((cell) => cell.className)), ["rain", "count", "sure"]);
  await says(page, ".panel .key.head", /^with evidence\s+only reported\s+inspectors found no water$/);
  await says(page, ".panel .key.foot", /confirmed spot: ≥ 2\s+\(inspector, photo or two people\)$/);
  // The sign of a criterion is no other's.
  const tick = () => page.evaluate(() => document.body.innerText.includes("✓"));
  assert.equal(await tick(), false);
  await until(async () => (await page.$$(".criterion option")).length > 5, "the criteria are offered");
  await page.select(".criterion", "malaysia_nadma");
  await until(tick, "what meets a criterion has a sign");
  await page.click('a[data-row="0"]');
  await page.waitForSelector(".occasions tbody tr");
  assert.doesNotMatch(await text(page, ".occasions"), /✓/);
  await close();
});

/** Where a link's map looks so that a hotspot is so many pixels right of its middle and below it. */
const seenAt = ([lon, lat], [right, down], zoom) => {
  const px = 512 * 2 ** zoom;
  return `${(lon - (360 * right) / px).toFixed(5)},${(lat + ((360 * down) / px) * Math.cos((lat * Math.PI) / 180)).toFixed(5)},${zoom}`;
};

test("the legend hides nothing that is chosen, wherever the map looks and whatever it explains", async () => {
  const { geometry } = await worst();
  const zoom = 13;
  const open = async (at) => {
    const seen = await visited(`/?${WORST}&criterion=malaysia_nadma&reports=0&lang=en&at=${at}`);
    await seen.page.waitForSelector(".sheet .sentence");
    await drawn(seen.page);
    await seen.page.waitForSelector(".legend .verdict");
    return seen;
  };
  const boxes = (page) => page.evaluate(() => [".map .canvas", ".legend"].map((of) => document.querySelector(of).getBoundingClientRect().toJSON()));
  const first = await open(seenAt(geometry.coordinates, [0, 0], zoom));
  const [map, legend] = await settled(() => boxes(first.page));
  assert.ok(legend.bottom > map.bottom - 20, "usually it stands below");
  await first.close();

  // In the middle of where it stood.
  const [x, y] = [(legend.left + legend.right) / 2, (legend.top + legend.bottom) / 2];
  const { page, close } = await open(seenAt(geometry.coordinates, [x - (map.left + map.right) / 2, y - (map.top + map.bottom) / 2], zoom));
  await page.waitForSelector(".legend.up");
  const [, moved] = await settled(() => boxes(page));
  assert.ok(moved.top > map.top && moved.bottom < legend.top, "it hangs above");
  const free = await page.evaluate((x, y) => document.elementFromPoint(x, y)?.closest(".canvas") !== null, x, y);
  assert.ok(free, "what is chosen is seen");
  const pointer = () => page.$eval(".map canvas", (canvas) => canvas.style.cursor);
  await until(async () => {
    for (const by of [2, 0]) await page.mouse.move(x + by, y);
    return (await pointer()) === "pointer";
  }, "there it is");
  await close();
});

test("a table of a chosen time has its counts and all of them", async () => {
  const { page, close } = await read(`/?${MARCH}&lang=en`, { before: keepFiles });
  await page.waitForSelector(".filters .in-time");
  await page.click(".menu summary");
  for (const n of [1, 2]) await page.$eval(`.menu > div button:nth-child(${n})`, (button) => button.click());
  const [table, geojson] = await keptFiles(page);
  const [head, ...rows] = table.trim().split("\r\n").map((row) => row.split(","));
  const row = rows.find((cells) => cells.includes("19 Av & 58 St"));
  const columns = { occasions: 17, occasions_in_time: 4, occasions_storm_in_time: 2, occasions_evidence: 3, occasions_not_found: 9, occasions_unchecked: 5, occasions_evidence_in_time: 1, occasions_not_found_in_time: 1, occasions_unchecked_in_time: 2 };
  assert.deepEqual(Object.fromEntries(Object.keys(columns).map((name) => [name, Number(row[head.indexOf(name)])])), columns);
  const { datetime, features } = JSON.parse(geojson);
  assert.equal(`datetime=${datetime}`, MARCH);
  const { properties } = features.find(({ id }) => id === "waterlogging:8c2a1077128d1ff");
  for (const [name, n] of Object.entries(columns)) assert.equal(properties[name], n, name);
  // The row counts the time, and what is confirmed by all floods is not said to be so by these.
  assert.equal(await page.$eval('tr:has(a[data-id="waterlogging:8c2a1077128d1ff"]) td.sure', (sure) => sure.innerText.replace(/\s+/g, " ").replaceAll(" ,", ",").trim()), "1 with evidence, 2 only reported, 1 no water found");
  await close();
});

/** Rows of a saved table, by its columns. */
const table = (file) => {
  const [head, ...rows] = file.replace("\uFEFF", "").trim().split("\r\n").map((row) => row.split(","));
  return rows.map((row) => Object.fromEntries(row.map((cell, i) => [head[i], cell])));
};

test("the timeline is a table, too: month by month to read, day by day as a file", async () => {
  const { page, wrong, close } = await read("/?lang=en", { before: keepFiles });
  await listed(page);
  const { start, rain_mm, incidents, occasions } = await city.get("/api/v1/timeline?category=waterlogging&step=day");
  const sum = (all) => all.reduce((sum, n) => sum + (n ?? 0), 0);
  await page.click(".timeline button.tabled");
  await page.waitForSelector("dialog.course[open] tbody tr");
  const months = await page.$$eval("dialog.course tbody tr", (rows) => rows.map((row) => [...row.cells].map((cell) => cell.textContent)));
  assert.deepEqual(months.map(([month]) => month).slice(-6), ["Jan 2024", "Feb 2024", "Mar 2024", "Apr 2024", "May 2024", "Jun 2024"]);
  const figure = (text) => Number(text.replaceAll(",", "")) || 0;
  assert.equal(sum(months.map(([, , n]) => figure(n))), sum(occasions));
  const listed_floods = (await city.get("/api/v1/occasions?category=waterlogging")).hotspots.map((hotspot) => hotspot.occasions);
  assert.equal(sum(occasions), sum(listed_floods), "as the list counts them");
  assert.ok(Math.abs(sum(months.map(([, mm]) => figure(mm))) - sum(rain_mm)) < 0.05 * months.length + 0.001, "to a tenth in each month");
  await page.click("dialog.course .file");
  const rows = table((await keptFiles(page)).at(-1));
  assert.deepEqual(rows.map((row) => [Number(row.incidents), Number(row.occasions)]), incidents.map((n, i) => [n, occasions[i]]));
  assert.deepEqual(rows.map(({ rain_mm }) => (rain_mm === "" ? null : Number(rain_mm))), rain_mm);
  assert.equal(Date.parse(rows[0].start), Date.parse(start));
  await page.keyboard.press("Escape");
  await page.waitForSelector("dialog.course", { hidden: true });
  assert.equal(parameter(page, "datetime"), null, "nothing else was closed");
  assert.deepEqual(wrong, []);
  await close();
});

test("every flood of a hotspot is saved as a table", async () => {
  const { page, wrong, close } = await read(`/?${WORST}&lang=en`, { before: keepFiles });
  await page.waitForSelector(".sheet .occasions tbody tr");
  await page.click(".sheet .occasions + .file");
  const { id, occasions_list } = await worst();
  const rows = table((await keptFiles(page)).at(-1));
  assert.deepEqual(rows, occasions_list.map(({ start, end, weather, evidence, not_found, incident_ids }) => ({ hotspot_id: id, start, end, weather, evidence: String(evidence), not_found: String(not_found), incident_ids: incident_ids.join(" ") })));
  assert.equal(rows.length, 17);
  assert.deepEqual(wrong, []);
  await close();
});
