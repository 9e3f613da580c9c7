// What a planner does on the Map, in a browser, on the demo's city.

import assert from "node:assert/strict";
import { test } from "node:test";
import { City, inWeather as chooseWeather, drawn, keepFiles, keptFiles, lastFile, listed, parameter, places, says, settled, text, until, visit } from "./city.js";
import { chromium, city, read, visited } from "./demo.js";


test("the list names the worst crossing and counts by how sure it is", async () => {
  const { page, wrong, close } = await visited("/");
  await listed(page);
  assert.match(await text(page, ".statuses"), /13\s+confirmed spots\s+71\s+recurring\s+127\s+candidates/);
  // By what inspectors leave of it in rain: they found no water at nine of the seventeen of 19 Av & 58 St.
  assert.deepEqual((await places(page)).slice(0, 3), ["8 Av & W 52 St", "14 Av & 50 St", "19 Av & 58 St"]);
  await drawn(page);
  assert.deepEqual(wrong, []);
  await close();
});

test("the worst spot in storms is one choice away, and its sheet gives every flood with its weather", async () => {
  const { page, wrong, close } = await read("/");
  await listed(page);
  await chooseWeather(page, "storm");
  await until(() => parameter(page, "weather") === "storm", "the address says so");
  assert.deepEqual((await places(page)).slice(0, 2), ["8 Av & W 52 St", "Freeborn St & Hempstead Av"], "the worst in storms comes first");
  assert.equal(parameter(page, "hotspot"), null);
  await page.click('a[data-row="0"]');
  await page.waitForSelector(".sheet .sentence");
  await says(page, ".sheet .glance", /^How sure\s+Recurring, not confirmed: 0 of 15 floods have evidence \(no inspector, photo or second person\); 15 only reported; 1 more reported: no water found\.[\s\S]+How often\s+15 floods in 6 months: 6 in storms, 4 in small rain, 5 in dry weather\. 1 more was reported, but inspectors found no water\. First [^.]+, last 31 May\./);
  await until(async () => (await page.$$(".occasions tbody tr")).length === 16, "a row for each flood");
  assert.match(await text(page, ".occasions tbody"), /storm/);
  await page.click(".occasions .ids button");
  await page.waitForSelector(".sheet .reports li");
  await says(page, ".sheet", /Status\s+(resolved|reported)[\s\S]+Time to close[\s\S]+Reports: \d/);
  assert.deepEqual(wrong, []);
  await close();
});

const ids = (page) => page.$$eval("a[data-row]", (links) => links.map((link) => link.dataset.id).sort());
const inWeather = async (weather, more = "") => {
  const { features } = await city.get(`/api/v1/hotspots?category=waterlogging&limit=10000&weather=${weather}${more}`);
  return features.map(({ id }) => id).sort();
};

test("every choice of weather lists what the service answers to it, in the address, in an export and of a time, too", async () => {
  const { page, wrong, close } = await read("/?lang=en", { before: keepFiles });
  await listed(page);
  const shown = (name) => page.$$eval(`.weather-filter [data-${name}]`, (all, of) => all.map((button) => button.dataset[of]), name);
  const [shares, weathers] = [await shown("share"), await shown("weather")];
  assert.deepEqual([shares[0], shares.length, weathers.length], ["any", 5, 3]);
  for (const weather of weathers.flatMap((one) => shares.slice(1).map((share) => (share === "some" ? one : `${share}_${one}`)))) {
    const expected = await inWeather(weather);
    assert.ok(expected.length > 0 && expected.length < 211, `${weather}: ${expected.length}`);
    await chooseWeather(page, weather);
    await until(async () => JSON.stringify(await ids(page)) === JSON.stringify(expected), weather);
    await until(() => parameter(page, "weather") === weather, "the address says so");
  }
  await chooseWeather(page, "only_storm");
  await page.click(".menu summary");
  await page.$eval(".menu > div button:nth-child(2)", (button) => button.click());
  const { features } = JSON.parse(await lastFile(page));
  assert.deepEqual(features.map(({ id }) => id).sort(), await inWeather("only_storm"));
  assert.deepEqual(wrong, []);
  await close();

  const march = "2024-03-01T05:00:00Z/2024-04-01T03:59:59Z";
  const link = await read(`/?weather=only_storm&datetime=${march}`);
  const { hotspots } = await city.get(`/api/v1/occasions?category=waterlogging&weather=only_storm&datetime=${march}`);
  const then = hotspots.map(({ hotspot_id }) => hotspot_id).sort();
  await until(async () => JSON.stringify(await ids(link.page)) === JSON.stringify(then), "the floods of the time decide");
  await link.close();
});

test("a spot that a choice of weather leaves out is not on the map, and comes back without it", async () => {
  const only = await inWeather("only_storm");
  const { features } = await city.get("/api/v1/hotspots?category=waterlogging&limit=10000");
  const other = features.find(({ id }) => !only.includes(id));
  const { page, close } = await visited(`/?weather=only_storm&reports=0&lang=en&at=${other.geometry.coordinates.map((degrees) => degrees.toFixed(5))},16`);
  await listed(page);
  await drawn(page);
  const box = await (await page.$(".map canvas")).boundingBox();
  const cursor = async () => {
    for (const by of [2, 0]) await page.mouse.move(box.x + box.width / 2 + by, box.y + box.height / 2);
    return page.$eval(".map canvas", (canvas) => canvas.style.cursor);
  };
  assert.deepEqual(await settled(async () => [await cursor()]), [""]);
  await page.click(".choices > .plain");
  await until(async () => (await cursor()) === "pointer", "it is there again");
  await close();
});

test("a weather that is chosen leaves out the others, and status too", async () => {
  const { page, close } = await read("/?weather=never_storm");
  await listed(page);
  const { features } = await city.get("/api/v1/hotspots?category=waterlogging&limit=10000");
  const dry = features.filter(({ properties: p }) => p.occasions_storm === 0);
  assert.equal((await places(page)).length, dry.length);
  assert.equal((await places(page))[0], "Broadway & W 82 St");
  for (const n of [1, 2]) await page.click(`.statuses button:nth-child(${n})`);
  const candidates = dry.filter(({ properties: p }) => p.status === "candidate");
  await until(async () => (await places(page)).length === candidates.length, "only candidates are left");
  await close();
});

test("a brush over a month keeps the places that flooded in it", async () => {
  const { page, wrong, close } = await read("/");
  await listed(page);
  await page.waitForSelector(".timeline .u-over");
  const datetime = await until(async () => {
    const { x, y, width } = await (await page.$(".timeline .u-over")).boundingBox();
    await page.mouse.move(x + width * 0.4, y + 30);
    await page.mouse.down();
    await page.mouse.move(x + width * 0.5, y + 34, { steps: 6 });
    await page.mouse.up();
    return settled(() => parameter(page, "datetime"));
  }, "the address says when");
  const { hotspots } = await city.get(`/api/v1/occasions?category=waterlogging&datetime=${datetime}`);
  assert.ok(hotspots.length > 20 && hotspots.length < 200);
  await until(async () => (await places(page)).length === hotspots.length, "the list has those that flooded then");
  await page.keyboard.press("Escape");
  await until(async () => (await places(page)).length === 211, "Esc shows the whole time again");
  assert.deepEqual(wrong, []);
  await close();
});

test("a page that nothing happens to asks for rain and incidents once", async () => {
  const { page, close } = await read("/");
  let asked = 0;
  page.on("request", (request) => (asked += Number(/\/api\/v1\/(timeline|storms)/.test(request.url()))));
  await listed(page);
  await page.waitForSelector(".timeline .u-over");
  await until(() => asked === 2, "both are asked for");
  // Longer than two loads lie apart at least.
  await new Promise((done) => setTimeout(done, 7_000));
  assert.equal(asked, 2);
  await close();
});

test("play goes from storm to storm", async () => {
  const { page, close } = await read("/");
  await listed(page);
  await page.waitForSelector(".timeline .u-over");
  await page.waitForSelector(".timeline .play:not([disabled])");
  await page.click(".timeline .play");
  const first = await until(() => parameter(page, "datetime"), "the first storm");
  await says(page, ".timeline .says", /Storm of .+ mm/);
  const second = await until(() => parameter(page, "datetime") !== first && parameter(page, "datetime"), "the next storm");
  assert.ok(second > first);
  await page.click(".timeline .play");
  await close();
});

test("a permalink shows the same picture in another browser, and another day", async () => {
  const { page, close } = await visited("/?lang=en");
  await listed(page);
  await drawn(page);
  await page.select(".sorts select", "occasions_storm");
  await page.click('a[data-row="2"]');
  await page.waitForSelector(".sheet .sentence");
  const box = await (await page.$(".map canvas")).boundingBox();
  await page.mouse.move(box.x + 200, box.y + 300);
  await page.mouse.wheel({ deltaY: -300 });
  await until(() => parameter(page, "at"), "the address says where the map looks");
  const picture = async (of) => [await text(of, ".sheet .sentence"), await places(of), new URL(of.url()).search];
  const seen = await settled(() => picture(page));
  await close();

  const other = await visited(seen[2]);
  await listed(other.page);
  await drawn(other.page);
  await other.page.waitForSelector(".sheet .sentence");
  assert.deepEqual(await settled(() => picture(other.page)), seen);
  await other.close();
});

test("a link holds everything that can be chosen, and a fresh browser shows and says the same", async () => {
  const { position } = await city.get("/api/v1/hotspots?limit=1");
  const all = {
    status: "confirmed,recurring", weather: "some", doubtful: "1", criterion: "malaysia_nadma", sort: "-occasions_not_found", hotspot: "waterlogging:8c2a1077128d1ff", incident: "i7431",
    position: String(position), as_of: "2024-06-20T05:00:00Z", datetime: "2024-01-01T05:00:00Z/2024-06-01T03:59:59Z", at: "-73.98000,40.62000,13.50", reports: "0", lang: "zh", theme: "dark", min_evidence: "1",
  };
  all.weather = "storm";
  const query = Object.entries(all).map(([name, value]) => `${name}=${value}`).join("&");
  const seen = [];
  for (const address of [query, null]) {
    const { page, wrong, close } = await visited(`/?${address ?? seen[0].address}`);
    await listed(page);
    await drawn(page);
    await page.waitForSelector(".sheet .reports li");
    await until(async () => (await page.$$(".judged .counted")).length > 0, "it is judged");
    // Both are worked out after the list stands.
    await says(page, ".by-chance", /\d/);
    await says(page, ".works-yet .did", /./);
    assert.deepEqual(await page.$$eval(".notices > p:not(.pinned)", (said) => said.map((one) => one.innerText)), [], "all of it is understood");
    // Whatever changes writes the whole address anew.
    await page.click(".sheet .back");
    await page.waitForSelector(".sheet .sentence");
    await page.click(".sheet .occasions .ids button");
    await page.waitForSelector(".sheet .reports li");
    await until(() => parameter(page, "incident") !== null, "the address is written");
    const { search } = new URL(page.url());
    const chosen = new URLSearchParams(search);
    for (const [name, value] of Object.entries(all)) if (name !== "incident") assert.equal(chosen.get(name), value, name);
    assert.equal([...chosen].length, Object.keys(all).length, search);
    const [rows, filters, language, theme] = [await places(page), await text(page, ".filters"), await page.$eval("html", (html) => html.lang), await page.$eval("html", (html) => html.dataset.theme)];
    assert.deepEqual([language, theme], ["zh-Hans", "dark"]);
    assert.ok(rows.length > 2 && rows.length < 84, `${rows.length}`);
    seen.push({ address: search.slice(1), rows, filters });
    assert.deepEqual(wrong, []);
    await close();
  }
  assert.deepEqual(seen[1], seen[0]);
});

test("a link that is copied shows in a fresh browser what was on screen, when more has been reported since", async () => {
  const live = await City.demo();
  try {
    const { page, close } = await visit(chromium, `${live.url}/?lang=en`, { map: false });
    await listed(page);
    await page.evaluate(() => (navigator.clipboard.writeText = async (link) => void (window.copied = link)));
    await page.click(".menu summary");
    await page.$$eval(".menu > div button", (buttons) => buttons.find((button) => /Copy link/.test(button.textContent)).click());
    const link = await page.evaluate(() => window.copied);
    const row = (of) => of.$eval('tr:has(a[data-id="waterlogging:8c2a1077128d1ff"])', (tr) => tr.innerText.replace(/\s+/g, " "));
    const before = await row(page);
    const { features } = await live.get("/api/v1/hotspots?category=waterlogging&limit=1");
    await live.report(...features[0].geometry.coordinates, "2024-07-01T03:00:00Z");
    await until(async () => (await row(page)) !== before, "there is more by now");
    await close();
    const later = await visit(chromium, link, { map: false });
    await listed(later.page);
    assert.equal(await row(later.page), before);
    await says(later.page, ".bar .now", /^not live$/);
    await later.close();
  } finally {
    await live.remove();
  }
});

test("the ground under the map is the service's own: its outlines with their names, and from close by its streets", async () => {
  // As the service gives them where an extract of OpenStreetMap was imported: the demo's city has none.
  const mainStreet = () => {
    const real = window.fetch;
    const type = "FeatureCollection";
    const features = [{ type: "Feature", id: "w1", geometry: { type: "LineString", coordinates: [[-73.99, 40.6225], [-73.97, 40.6225]] }, properties: { name: "Main Street" } }];
    window.asked = [];
    window.fetch = (url, ...more) => {
      if (!String(url).startsWith("/api/v1/streets")) return real(url, ...more);
      window.asked.push(String(url));
      return Promise.resolve(Response.json({ type, numberMatched: 1, features }));
    };
  };
  const ground = async (query, before) => {
    const { page, wrong, close } = await visited(`/?lang=en&reports=0&${query}`, { before });
    // It may have come by now: the list asks for it, too.
    const base = () => page.evaluate(() => performance.getEntriesByType("resource").filter(({ name }) => new URL(name).pathname === "/base.geojson").map((one) => one.responseStatus));
    await until(async () => (await base()).length > 0, "the outlines are asked for");
    await listed(page);
    await drawn(page);
    assert.deepEqual(await base(), [200], "once");
    const { x, y, width, height } = await (await page.$(".map canvas")).boundingBox();
    // Its middle, over which nothing lies.
    const clip = { x: x + width / 2 - 150, y: y + height / 2 - 100, width: 300, height: 200 };
    const seen = await settled(() => page.screenshot({ clip, encoding: "base64" }));
    const asked = await page.evaluate(() => window.asked);
    assert.deepEqual(wrong, []);
    await close();
    return { seen, asked };
  };
  const names = (await city.get("/base.geojson")).features.map(({ properties }) => properties.name);
  for (const borough of ["Bronx", "Brooklyn", "Manhattan", "Queens", "Staten Island"]) assert.ok(names.includes(borough), borough);
  // Land without a flood, the harbour, and the land with a street through it.
  const land = "at=-73.98000,40.62250,16.50";
  const [bare, water, streets] = [await ground(land), await ground("at=-74.06000,40.64000,16.50"), await ground(land, mainStreet)];
  assert.notEqual(bare.seen, water.seen, "land is told from water");
  assert.notEqual(streets.seen, bare.seen, "the street is drawn");
  assert.ok(streets.asked.some((url) => url.includes("bbox=")), `${streets.asked}`);
  const again = await ground(land);
  assert.equal(again.seen, bare.seen, "without it the ground is as before");
});

test("a link that says where the map looks is obeyed, whatever is open", async () => {
  const at = "-73.90000,40.80000,12.00";
  const { page, close } = await visited(`/?hotspot=waterlogging:8c2a1077128d1ff&at=${at}&lang=en`);
  await page.waitForSelector(".sheet .sentence");
  await drawn(page);
  // The map rests; whatever changes now writes the address anew.
  await page.select(".sorts select", "last_flooded");
  await until(() => parameter(page, "sort") === "-last_flooded", "the address is written");
  assert.equal(parameter(page, "at"), at);
  await close();
});

test("days are written as the page writes all dates, and are typed, stepped through and taken from the calendar", async () => {
  const { page, wrong, close } = await read("/?lang=en");
  await listed(page);
  await page.waitForSelector(".timeline .u-over");
  const days = () => page.$$eval(".day .written", (all) => all.map(({ value }) => value));
  await until(async () => JSON.stringify(await days()) === JSON.stringify(["30 Jun 2024", "1 Jan 2024", "30 Jun 2024"]), "in English");
  assert.deepEqual(await page.$$eval(".day [type=date]", (all) => all.map((one) => [one.clientHeight, one.tabIndex])), [0, 0, 0].map(() => [0, -1]), "the browser's own way is not seen");
  const write = async (text) => {
    await page.click(".as_of .written", { clickCount: 3 });
    if (text) await page.keyboard.type(text);
    else await page.keyboard.press("Backspace");
    await page.keyboard.press("Enter");
  };
  for (const [text, day, end] of [["2024-03-01", "1 Mar 2024", "2024-03-02T04:59:59Z"], ["9 mar 2024", "9 Mar 2024", "2024-03-10T04:59:59Z"]]) {
    await write(text);
    await until(async () => (await days())[0] === day && parameter(page, "as_of") === end, text);
  }
  // The clocks go forward on the tenth.
  await page.keyboard.press("ArrowUp");
  await until(async () => (await days())[0] === "10 Mar 2024" && parameter(page, "as_of") === "2024-03-11T03:59:59Z", "a day on");
  await page.keyboard.press("ArrowDown");
  await until(async () => (await days())[0] === "9 Mar 2024" && parameter(page, "as_of") === "2024-03-10T04:59:59Z", "and back");
  await write("30 Feb 2024");
  await page.waitForSelector(".as_of [aria-invalid=true]");
  assert.equal(parameter(page, "as_of"), "2024-03-10T04:59:59Z");
  await write("");
  await until(async () => parameter(page, "as_of") === null && (await days())[0] === "30 Jun 2024", "no day is now");
  await page.$eval(".timeline .days [type=date]", (calendar) => {
    calendar.value = "2024-05-01";
    calendar.dispatchEvent(new Event("change", { bubbles: true }));
  });
  await until(() => parameter(page, "datetime")?.startsWith("2024-05-01T04:00:00Z/"), "the calendar is obeyed");
  await page.click(".bar .language");
  await until(async () => (await days())[1] === "2024年5月1日", "in Chinese");
  await says(page, ".timeline .says", /^2024年5月1日至6月30日$/);
  assert.deepEqual(wrong, []);
  await close();
});

test("as of an earlier day there is less, and the way back to now", async () => {
  const { page, close } = await read("/?as_of=2024-03-01T05:00:00Z");
  await listed(page);
  const { features } = await city.get("/api/v1/hotspots?category=waterlogging&limit=10000&as_of=2024-03-01T05:00:00Z");
  assert.equal((await places(page)).length, features.length);
  assert.ok(features.length < 211);
  await says(page, ".notices", /^As of 1 Mar 2024, 00:00, not live\./);
  await page.click(".notices .pinned button");
  await until(async () => (await places(page)).length === 211, "the present");
  await until(() => parameter(page, "as_of") === null, "the address, too");
  await close();
});

test("a live report appears within a second, and the list waits while the pointer is over it", async () => {
  const live = await City.demo();
  try {
    assert.equal((await fetch(`${live.url}/healthz`)).status, 200);
    const { page, wrong, close } = await visit(chromium, `${live.url}/?sort=-occasions`);
    await listed(page);
    await drawn(page);
    const { features } = await live.get("/api/v1/hotspots?category=waterlogging&limit=2");
    const [lon, lat] = features[0].geometry.coordinates;
    const count = () => page.$eval('a[data-row="0"]', (link) => link.closest("tr").querySelector("td.count").firstChild.textContent.trim());
    await until(async () => (await count()) === "8", "the worst has 8");
    await page.mouse.move(1200, 20);
    await live.report(lon, lat, "2024-07-01T03:00:00Z");
    const written = Date.now();
    await until(async () => (await count()) === "9", "the flood is counted");
    console.log(`live: a report was on screen ${Date.now() - written} ms after its 201`);

    // Over the list nothing moves; a note says that something waits.
    await page.hover('a[data-row="3"]');
    const [second] = features.slice(1);
    for (const day of [29, 27, 25]) await live.report(...second.geometry.coordinates, `2024-06-${day}T03:00:00Z`);
    await page.waitForSelector(".pill");
    assert.equal((await places(page))[0], "19 Av & 58 St");
    await page.click(".pill");
    await until(async () => (await places(page))[0] === "8 Av & W 52 St", "what waited is shown");
    assert.deepEqual(wrong, []);
    await close();
  } finally {
    await live.remove();
  }
});

test("the language changes everywhere, and the page says which it is", async () => {
  const { page, wrong, close } = await read("/?hotspot=waterlogging:8c2a1077128d1ff");
  await page.waitForSelector(".sheet .sentence");
  await page.click(".bar .language");
  await until(async () => (await text(page, ".sheet .sentence")).startsWith("6 个月内积水 8 次"), "the sheet is Chinese");
  assert.equal(await page.$eval("html", (html) => html.lang), "zh-Hans");
  assert.equal(parameter(page, "lang") ?? "zh", "zh");
  // What loads above it moves it about.
  await page.$eval("#why summary", (summary) => summary.click());
  await page.waitForSelector("#why[open] dd", { visible: true });
  const seen = await page.$eval(".screen", (screen) => screen.innerText);
  const latin = seen.match(/\b[a-z]{4,}\b/g)?.filter((word) => !["waterlog"].includes(word)) ?? [];
  assert.deepEqual(latin, [], "no English word is left");
  assert.deepEqual(wrong, []);
  await close();
});

test("keys move, open, close, search and help", async () => {
  const { page, close } = await read("/");
  await listed(page);
  const focused = () => page.evaluate(() => document.activeElement?.textContent?.trim());
  await page.keyboard.press("ArrowDown");
  await until(async () => (await focused()) === "8 Av & W 52 St", "the first row has the focus");
  await page.keyboard.press("ArrowDown");
  await until(async () => (await focused()) === "14 Av & 50 St", "the second row has the focus");
  await page.keyboard.press("Enter");
  await page.waitForSelector(".sheet .sentence");
  await page.keyboard.press("Escape");
  await until(async () => !(await page.$(".sheet")), "Esc closes the sheet");
  await until(async () => (await focused()) === "14 Av & 50 St", "the row has the focus again");
  await page.keyboard.press("?");
  await page.waitForSelector("dialog[open]");
  await page.keyboard.press("Escape");
  await until(async () => !(await page.$("dialog[open]")), "Esc closes the help");
  await page.keyboard.press("/");
  await page.keyboard.type("hempstead av free");
  await page.waitForSelector(".search li[aria-selected=true]");
  await page.keyboard.press("Enter");
  await until(async () => /Freeborn St & Hempstead Av/.test(await text(page, ".sheet h2")), "the place is found");
  await close();
});

test("what is on screen is exported, and no cell of the table is a formula", async () => {
  const { page, close } = await read("/?status=confirmed&sort=-occasions_storm", { before: keepFiles });
  await listed(page);
  await page.click(".menu summary");
  for (const n of [1, 2]) await page.$eval(`.menu > div button:nth-child(${n})`, (button) => button.click());
  const [table, geojson] = await keptFiles(page);
  const names = await places(page);
  assert.equal(names.length, 13);
  const rows = table.trim().split("\r\n");
  assert.equal(rows.length, 14);
  assert.match(rows[0], /id,lon,lat,category,name,status,occasions,/);
  assert.ok(rows.slice(1).every((row, i) => row.includes(names[i])));
  const collection = JSON.parse(geojson);
  assert.deepEqual(collection.features.map(({ properties }) => properties.name), names);
  assert.equal(collection.position, (await city.get("/api/v1/hotspots?limit=1")).position);
  await close();
});

test("what the list opens comes into sight beside its sheet", async () => {
  const { features } = await city.get("/api/v1/hotspots?category=waterlogging&limit=12");
  const east = features.toSorted((a, b) => b.geometry.coordinates[0] - a.geometry.coordinates[0])[0];
  const { page, close } = await visited("/?lang=en");
  await listed(page);
  await drawn(page);
  await page.click(`a[data-id="${east.id}"]`);
  await page.waitForSelector(".sheet .sentence");
  const inSight = () =>
    page.evaluate(async ([lon]) => {
      // Paper says where the map looks.
      dispatchEvent(new Event("beforeprint"));
      await new Promise(requestAnimationFrame);
      const [, middle, zoom] = document.querySelector(".paper footer").textContent.match(/at=(-?[\d.]+),-?[\d.]+,([\d.]+)/).map(Number);
      dispatchEvent(new Event("afterprint"));
      const [map, sheet] = [".map .canvas", ".sheet"].map((of) => document.querySelector(of).getBoundingClientRect());
      const x = (map.left + map.right) / 2 + ((lon - middle) * 512 * 2 ** zoom) / 360;
      return x > map.left && x < sheet.left;
    }, east.geometry.coordinates);
  await until(inSight, "it lies between the list and the sheet");
  await close();
});

test("a map's dot opens its sheet, and the list marks it", async () => {
  const { page, close } = await visited("/?at=-73.98408,40.62203,16&reports=0");
  await listed(page);
  await drawn(page);
  const box = await (await page.$(".map canvas")).boundingBox();
  await until(async () => {
    for (const by of [3, 0]) await page.mouse.move(box.x + box.width / 2 + by, box.y + box.height / 2);
    return page.$("tr.hovered");
  }, "the row lights up");
  await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
  await page.waitForSelector(".sheet .sentence");
  await says(page, ".sheet h2", /^19 Av & 58 St$/);
  await page.waitForSelector("tr.selected");
  await close();
});
