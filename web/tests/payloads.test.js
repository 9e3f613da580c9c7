// 200 payloads through every field that takes words, on every page that shows them: they stay words.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { City, PASSWORD, browser, drawn, listed, text, until } from "./city.js";
import { NOW, ago } from "./desk_city.js";
import { ALL, FORGETFUL, bare, every, opening, said, sayIt, spot, square, throughout, walk } from "./payloads.js";

assert.equal(new Set(ALL).size, 200);
const DAY_MS = 86_400_000;
const day = (n) => new Date(NOW - n * DAY_MS).toISOString();
const table = (columns, rows) => [columns, ...rows].map((row) => row.map((cell) => `"${String(cell).replaceAll('"', '""')}"`).join(",")).join("\n");

const chromium = await browser(FORGETFUL);
const cities = [];
after(async () => {
  await chromium.close();
  for (const city of cities) await city.remove();
});

/** Every name there is in the city is a payload: of places, areas, units, works and gauges; whoever writes sends one, too. */
const city = await City.of(
  ALL.flatMap((_, i) => [90, 60].map((ago, k) => [`r${i}-${k}`, "waterlogging", ...spot(i), day(ago + i / 400)])),
  ALL.map((payload, i) => [`p${i}`, ...spot(i), payload]),
  { trusts: true },
);
cities.push(city);
await city.fill({
  "--areas": ["areas.geojson", JSON.stringify({ type: "FeatureCollection", features: ALL.map((name, i) => ({ type: "Feature", properties: { id: `a${i}`, level: "grid", name }, geometry: { type: "Polygon", coordinates: square(spot(i)) } })) })],
  "--units": ["units.toml", ALL.map((name, i) => `[[unit]]\nid = "u${i}"\nname = ${JSON.stringify(name)}\nareas = ["a${i}"]\n`).join("\n")],
  "--works": ["works.csv", table(["id", "lon", "lat", "start", "end", "kind", "name", "reference"], ALL.map((payload, i) => [`w${i}`, ...spot(i), day(80), day(70), payload, payload, payload]))],
  "--rain": ["rain.csv", table(["gauge", "lon", "lat", "name", "start", "seconds", "mm"], ALL.map((payload, i) => [payload.slice(0, 100), ...spot(i), payload, day(60 + i / 400), 3600, 12]))],
});
const form = (fields) => city.send("/open311/v2/requests.json", { method: "POST", headers: { "content-type": "application/x-www-form-urlencoded" }, body: new URLSearchParams(fields) });
async function sent(payload, i) {
  // The inbox shows a hundred at once: each message has two.
  if (i % 2 === 0) {
    const message = await city.send("/api/v1/messages", { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ text: `${payload} ${ALL[i + 1]} `, at: ago(3), sender: payload.slice(0, 100) }) });
    assert.equal(message.status, 202, `${payload}: ${await message.clone().text()}`);
  }
  const [lon, lat] = spot(i);
  const filed = await form({ service_code: "obstruction", lat: lat + 0.002, long: lon, description: payload, address_string: payload, first_name: payload, email: "a@example.com" });
  assert.ok(filed.ok, `${payload}: ${await filed.clone().text()}`);
  const own = await city.report(lon, lat, ago(9 + i / 100), "blocked_drain", { text: payload, place: payload });
  await city.take(own.incident_id, "acknowledge", { note: payload });
  await city.take(own.incident_id, "dispatch", { unit: "drainage", note: payload });
  return own;
}
// Those that come at once are kept at once.
const cases = await Promise.all(ALL.map(sent));
assert.equal(new Set(cases.map(({ incident_id: id }) => id)).size, 200);

const opened = opening(chromium, city);

test("names of places on the map, in its list, its search, and on paper", async () => {
  const { page, clean } = await opened("/?lang=en", { map: true });
  await listed(page);
  await drawn(page);
  await every(page, "a[data-row]");
  for (const word of ["script", "img", "iframe", "href", "constructor"]) {
    await page.$eval(".search input", (input) => (input.value = ""));
    await page.type(".search input", word);
    await until(async () => (await said(page, ".search li")).length > 0, `${word} is found`);
  }
  await page.keyboard.press("Escape");
  await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
  await page.emulateMediaType("print");
  await until(async () => (await said(page, ".paper bdi")).length >= 30, "paper has the first of them");
  await clean();
});

test("names of places and works in the sheets of all 200 hotspots", async () => {
  const { page, look, clean } = await opened("/?lang=en");
  await listed(page);
  const { features } = await city.get("/api/v1/hotspots?category=waterlogging&limit=1000");
  const spots = ALL.map((payload) => features.find(({ properties }) => properties.name === payload));
  for (const { id, properties } of spots) {
    await page.evaluate((to) => {
      history.pushState(null, "", `/?lang=en&hotspot=${to}`);
      dispatchEvent(new PopStateEvent("popstate"));
    }, encodeURIComponent(id));
    await page.waitForFunction((name) => document.querySelector(".sheet h2")?.textContent === name, {}, properties.name);
    await sayIt(page, ".sheet .works b", properties.name);
    await look(id);
  }
  await clean();
});

test("storms, their gauges, cells and works", async () => {
  const storms = await opened("/?page=storms&lang=en");
  await storms.page.waitForSelector(".matrix a[data-row]");
  await throughout(storms.page, ".matrix", [".matrix a[data-row]"]);
  await storms.clean();
  const trend = await opened("/?page=trend&lang=en");
  await trend.page.waitForSelector(".helped li");
  await every(trend.page, ".helped bdi");
  await trend.clean();
});

test("a link whose every value is one", async () => {
  const { page, clean } = await opened("/?lang=en");
  await listed(page);
  for (let i = 0; i < ALL.length; i += 4) {
    const four = ALL.slice(i, i + 4);
    await page.evaluate(
      ([category, weather, sort, other]) => {
        history.pushState(null, "", `/?lang=en&category=${category}&weather=${weather}&sort=${sort}&${other}=${other}`);
        dispatchEvent(new PopStateEvent("popstate"));
      },
      four.map(encodeURIComponent),
    );
    await until(async () => {
      const notices = bare(await text(page, ".notices"));
      return four.every((payload) => notices.includes(bare(payload).slice(0, 30)));
    }, `it is told of ${four}`);
  }
  await clean();
});

test("the desk: what was sent by Open311 and by the page, what waits in the inbox, and times by area", async () => {
  const { page, look, clean } = await opened("/desk?lang=en");
  await page.waitForSelector(".chooser");
  await page.select(".chooser select", "grid_worker");
  await page.click(".chooser button");
  await page.waitForSelector(".row");
  await throughout(page, ".rows", [".row q", ".row .place"]);
  await page.click(".to-inbox");
  await page.waitForSelector("[data-entry]");
  await every(page, "[data-entry] .words", "the inbox");
  const entries = await page.$$eval("[data-entry]", (all) => all.length);
  assert.equal(entries, ALL.length / 2);
  const read = new Set();
  for (let i = 0; i < entries; i += 1) {
    await page.keyboard.press("j");
    const words = await until(async () => {
      const [chosen, opened] = await page.evaluate(() => [document.querySelector("[data-entry].chosen .words"), document.querySelector(".inbox .entry blockquote")].map((element) => element?.textContent));
      return chosen && chosen === opened && !read.has(chosen) && chosen;
    }, "the next entry is open");
    read.add(words);
    await look(`entry ${i}`);
  }
  assert.ok(ALL.every((payload) => [...read].some((words) => bare(words).includes(bare(payload)))));
  await page.$$eval(".pages button", (buttons) => buttons.at(-1).click());
  await page.waitForSelector("[data-by=area]");
  await page.click("[data-by=area]");
  await every(page, ".service th", "the table by area");
  await clean();
});

test("each of 200 cases on the desk: its place, its report, and what was said with its steps", async () => {
  const { page, look, clean } = await opened("/desk?lang=en");
  await page.waitForSelector(".chooser");
  await page.select(".chooser select", "department");
  await page.type(".chooser input", "drainage");
  await page.click(".chooser button");
  await page.waitForSelector(".row");
  const payload = new Map(cases.map(({ incident_id: id }, i) => [id, ALL[i]]));
  const waiting = new Set(payload.keys());
  for (let tops = 0; waiting.size > 0 && tops < 5; ) {
    const id = (await page.$$eval(".row", (all) => all.map((row) => row.dataset.case))).find((id) => waiting.has(id));
    if (id === undefined) {
      // The rest lies below, or the clock has moved it up.
      const atEnd = await page.$eval(".rows", (box) => {
        const end = box.scrollTop + box.clientHeight >= box.scrollHeight;
        box.scrollTop = end ? 0 : box.scrollTop + 400;
        return end;
      });
      tops += Number(atEnd);
      await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(done))));
      continue;
    }
    await page.evaluate((one) => document.querySelector(`.row[data-case="${one}"] .place`).click(), id);
    for (const where of [`.row[data-case="${id}"].chosen .place`, `.row[data-case="${id}"] q`, ".case h2", ".case .history q", ".case .reports q"]) await sayIt(page, where, payload.get(id));
    await look(id);
    waiting.delete(id);
  }
  assert.equal(waiting.size, 0);
  await clean();
});

test("the rider's page: what he writes, and the page by which he follows it", async () => {
  const { page, clean } = await opened("/report?lang=en");
  await page.waitForSelector(".report .send");
  for (let i = 0; i < ALL.length; i += 8) {
    const read = page.waitForResponse((answer) => /\/parse/.test(answer.url()));
    await page.$eval(".report textarea", (area, words) => {
      area.value = words;
      area.dispatchEvent(new Event("input", { bubbles: true }));
    }, `flooded, knee-deep ${ALL.slice(i, i + 8).join(" ")}`);
    await read;
  }
  await clean();
});

test("what 200 riders have sent, on their page, and each on the page by which he follows it", async () => {
  const { page, look, clean } = await opened("/report?lang=en");
  await page.waitForSelector(".report .send");
  // As many as are followed at once, as the page itself keeps them.
  for (let i = 0; i < ALL.length; i += 10) {
    await page.evaluate(async (ten) => {
      const asked = (request) => new Promise((done, failed) => Object.assign(request, { onsuccess: () => done(request.result), onerror: () => failed(request.error) }));
      const store = (await asked(indexedDB.open("waterlog-report", 1))).transaction("entries", "readwrite").objectStore("entries");
      await asked(store.clear());
      const content = (words) => ({ category: "blocked_drain", dry: false, text: words, place: words, depth_cm: null, passability: null });
      const now = Date.now();
      for (const [n, { words, follow }] of ten.entries()) await asked(store.put({ key: words, content: content(words), candidates: [], photos: [], noted_ms: now + n, due_ms: 0, tries: 0, body: null, asks: null, sent_ms: now, follow }));
    }, cases.slice(i, i + 10).map(({ follow }, n) => ({ words: ALL[i + n], follow })));
    await page.reload();
    for (const payload of ALL.slice(i, i + 10)) await sayIt(page, "[data-sent] .small", payload);
    await look(`those from ${i}`);
  }
  await clean();
  await walk(opened, cases.map(({ follow }, i) => ({ path: `${follow}?lang=en`, selector: ".follow .about", payload: ALL[i] })));
});

for (const layer of ["places", "hotspots", "works", "areas", "incidents", "reports", "storms"]) {
  test(`the pages of the layer ${layer}, its list and each of its features`, async () => {
    const named = ["places", "hotspots", "works", "areas"].includes(layer);
    const list = await opened(`/ogc/collections/${layer}/items?f=html&limit=1000`);
    if (named) await every(list.page, "body", layer);
    await list.clean();
    const { features } = await city.get(`/ogc/collections/${layer}/items?f=json&limit=1000`);
    const address = ({ id }) => `/ogc/collections/${layer}/items/${encodeURIComponent(id)}?f=html`;
    const own = layer === "incidents" ? cases.map(({ incident_id: id }, i) => ({ path: address({ id }), payload: ALL[i] })) : [];
    const ofName = (payload) => features.find(({ properties }) => bare(properties.name) === bare(payload));
    const all = named ? ALL.map((payload) => ({ path: address(ofName(payload)), payload })) : own.length > 0 ? own : features.slice(0, ALL.length).map((feature) => ({ path: address(feature) }));
    assert.equal(new Set(all.map(({ path }) => path)).size, 200);
    await walk(opened, [...["", "/queryables"].map((more) => ({ path: `/ogc/collections/${layer}${more}?f=html` })), ...all]);
  });
}

test("names of accounts in the history of a case", async () => {
  const ways = 25;
  const people = Array.from({ length: ways }, (_, i) => [`a${i}`, "--role", "grid_worker", "--name", `a${i}`, "--unit", "grid_7"]);
  const known = await City.of([["one", "waterlogging", ...spot(0), ago(9)]], [], { people: [...people, ["admin", "--role", "administrator", "--name", "admin"]] });
  cities.push(known);
  const session = async (login) => {
    const answer = await known.send("/api/v1/session", { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ login, password: PASSWORD }) });
    assert.equal(answer.status, 201, await answer.clone().text());
    return { cookie: answer.headers.get("set-cookie").split(";")[0], "x-csrf-token": (await answer.json()).csrf_token, "content-type": "application/json" };
  };
  for (let i = 0; i < ways; i += 1) {
    const taken = await known.send("/api/v1/incidents/i1/transitions", { method: "POST", headers: await session(`a${i}`), body: JSON.stringify({ step: i % 2 ? "found" : "not_found" }) });
    assert.equal(taken.status, 201, await taken.text());
  }
  const admin = await session("admin");
  const { page, clean } = await opened("/desk?lang=en", { of: known });
  await page.waitForSelector(".chooser input.login");
  await page.type(".chooser input.login", "a0");
  await page.type(".chooser input.password", PASSWORD);
  await page.click(".chooser button.main");
  await page.waitForSelector(".row");
  for (let dress = 0; dress < ALL.length / ways; dress += 1) {
    const names = ALL.filter((_, i) => i % 8 === dress);
    for (const [i, name] of names.entries()) {
      const changed = await known.send(`/api/v1/users/a${i}`, { method: "PATCH", headers: admin, body: JSON.stringify({ name }) });
      assert.ok(changed.ok, `${name}: ${await changed.text()}`);
    }
    await page.reload();
    await page.waitForSelector(".row");
    await page.click(".row .place");
    await until(async () => {
      const history = bare((await page.$$eval(".history li", (all) => all.map((li) => li.textContent))).join(" "));
      return names.every((name) => history.includes(bare(name)));
    }, "each stands in the history", 20_000);
    assert.ok(bare(await text(page, ".bar .who")).includes(bare(names[0])));
  }
  await clean();
});
