// 200 payloads through every field that takes words, on every page that shows them: they stay words.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { City, PASSWORD, browser, drawn, listed, text, until, visit } from "./city.js";
import { NOW, ago } from "./desk_city.js";
import { brought, dialogs, hearPolicy, payloads } from "./payloads.js";

/** A label takes no control character, and at most 100 of others. */
const ALL = payloads().map((payload) => payload.replaceAll("\t", " "));
assert.equal(new Set(ALL).size, 200);
const DAY_MS = 86_400_000;
/** 0.01 degree is a kilometre. */
const spot = (i) => [-74 + (i % 20) * 0.01, 40.6 + Math.floor(i / 20) * 0.01];
const day = (n) => new Date(NOW - n * DAY_MS).toISOString();
const table = (columns, rows) => [columns, ...rows].map((row) => row.map((cell) => `"${String(cell).replaceAll('"', '""')}"`).join(",")).join("\n");

const chromium = await browser();
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
const square = ([lon, lat]) => [[[lon - 0.004, lat - 0.004], [lon + 0.004, lat - 0.004], [lon + 0.004, lat + 0.004], [lon - 0.004, lat + 0.004], [lon - 0.004, lat - 0.004]]];
await city.fill({
  "--areas": ["areas.geojson", JSON.stringify({ type: "FeatureCollection", features: ALL.map((name, i) => ({ type: "Feature", properties: { id: `a${i}`, level: "grid", name }, geometry: { type: "Polygon", coordinates: square(spot(i)) } })) })],
  "--units": ["units.toml", ALL.map((name, i) => `[[unit]]\nid = "u${i}"\nname = ${JSON.stringify(name)}\nareas = ["a${i}"]\n`).join("\n")],
  "--works": ["works.csv", table(["id", "lon", "lat", "start", "end", "kind", "name", "reference"], ALL.map((payload, i) => [`w${i}`, ...spot(i), day(80), day(70), payload, payload, payload]))],
  "--rain": ["rain.csv", table(["gauge", "lon", "lat", "name", "start", "seconds", "mm"], ALL.map((payload, i) => [payload.slice(0, 100), ...spot(i), payload, day(60 + i / 400), 3600, 12]))],
});
const form = (fields) => fetch(`${city.url}/open311/v2/requests.json`, { method: "POST", headers: { "content-type": "application/x-www-form-urlencoded" }, body: new URLSearchParams(fields) });
async function sent(payload, i) {
  // The inbox shows a hundred at once: each message has two.
  if (i % 2 === 0) {
    const message = await fetch(`${city.url}/api/v1/messages`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ text: `${payload} ${ALL[i + 1]} `, at: ago(3), sender: payload.slice(0, 100) }) });
    assert.equal(message.status, 202, `${payload}: ${await message.clone().text()}`);
  }
  const [lon, lat] = spot(i);
  const filed = await form({ service_code: "obstruction", lat: lat + 0.002, long: lon, description: payload, address_string: payload, first_name: payload, email: "a@example.com" });
  assert.ok(filed.ok, `${payload}: ${await filed.clone().text()}`);
  return city.report(lon, lat - 0.002, ago(9 + i / 100), "blocked_drain", { text: payload, place: payload });
}
// Those that come at once are kept at once.
const [followed] = await Promise.all(ALL.map(sent));

/** A page with all that would tell of a script that runs. */
async function opened(path, { of = city, ...options } = {}) {
  const seen = await visit(chromium, of.url + path, { map: false, before: hearPolicy, ...options });
  const asked = dialogs(seen.page);
  return {
    ...seen,
    async clean() {
      await seen.page.evaluate(() => new Promise((done) => setTimeout(done, 100)));
      assert.deepEqual([asked, await brought(seen.page), seen.wrong], [[], [], []], path);
      await seen.close();
    },
  };
}

const bare = (said) => said.replace(/\s+/g, "");
/** Which payloads the elements say, as they are. */
async function said(page, selector) {
  const all = (await page.$$eval(selector, (elements) => elements.map((element) => element.textContent))).map(bare);
  return ALL.filter((payload) => all.some((one) => one.includes(bare(payload))));
}
const every = async (page, selector, what = selector) => until(async () => (await said(page, selector)).length === ALL.length, `${what} says every payload`, 30_000);

/** Scrolls a list of which only what is in sight is drawn, until each of the elements has said every payload. */
async function throughout(page, box, selectors) {
  const read = Object.fromEntries(selectors.map((selector) => [selector, new Set()]));
  const lack = () => selectors.filter((selector) => read[selector].size < ALL.length);
  // A machine that is busy draws later than it is read.
  for (let pass = 0; pass < 4 && lack().length > 0; pass += 1) {
    const most = await page.$eval(box, (element) => element.scrollHeight);
    for (let top = 0; top < most && lack().length > 0; top += 400) {
      await page.$eval(box, (element, to) => (element.scrollTop = to), top);
      await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(() => requestAnimationFrame(() => setTimeout(done))))));
      for (const selector of lack()) for (const one of await said(page, selector)) read[selector].add(one);
    }
  }
  assert.deepEqual(lack(), [], box);
}

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

test("names of places and works in the sheets of hotspots", async () => {
  const { page, clean } = await opened("/?lang=en");
  await listed(page);
  const { features } = await city.get("/api/v1/hotspots?category=waterlogging&limit=1000");
  // Each way in, in a dress of its own.
  for (const { id, properties } of ALL.flatMap((payload, i) => (i % 8 === Math.floor(i / 8) % 8 ? features.filter(({ properties }) => properties.name === payload) : []))) {
    await page.evaluate((to) => {
      history.pushState(null, "", `/?lang=en&hotspot=${to}`);
      dispatchEvent(new PopStateEvent("popstate"));
    }, encodeURIComponent(id));
    await page.waitForFunction((name) => document.querySelector(".sheet h2")?.textContent === name, {}, properties.name);
    await until(async () => (await said(page, ".sheet .works b")).length > 0, "its works are named");
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
  const { page, clean } = await opened("/desk?lang=en");
  await page.waitForSelector(".chooser");
  await page.select(".chooser select", "grid_worker");
  await page.click(".chooser button");
  await page.waitForSelector(".row");
  await throughout(page, ".rows", [".row q", ".row .place"]);
  await page.click(".to-inbox");
  await page.waitForSelector("[data-entry]");
  await every(page, "[data-entry] .words", "the inbox");
  await page.keyboard.press("j");
  await page.waitForSelector(".inbox .entry");
  await page.$$eval(".pages button", (buttons) => buttons.at(-1).click());
  await page.waitForSelector("[data-by=area]");
  await page.click("[data-by=area]");
  await every(page, ".service th", "the table by area");
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
  const own = await opened(`${followed.follow}?lang=en`);
  await own.page.waitForSelector(".follow h1");
  await own.clean();
});

for (const layer of ["places", "hotspots", "works", "areas", "incidents", "reports", "storms"]) {
  test(`the pages of the layer ${layer}`, async () => {
    const list = await opened(`/ogc/collections/${layer}/items?f=html&limit=1000`);
    if (["places", "hotspots", "works", "areas"].includes(layer)) await every(list.page, "body", layer);
    await list.clean();
    const { features } = await city.get(`/ogc/collections/${layer}/items?f=json&limit=1`);
    for (const path of [`/ogc/collections/${layer}?f=html`, `/ogc/collections/${layer}/queryables?f=html`, `/ogc/collections/${layer}/items/${encodeURIComponent(features[0].id)}?f=html`]) {
      const one = await opened(path);
      await one.clean();
    }
  });
}

test("names of accounts in the history of a case", async () => {
  const ways = 25;
  const people = Array.from({ length: ways }, (_, i) => [`a${i}`, "--role", "grid_worker", "--name", `a${i}`, "--unit", "grid_7"]);
  const known = await City.of([["one", "waterlogging", ...spot(0), ago(9)]], [], { people: [...people, ["admin", "--role", "administrator", "--name", "admin"]] });
  cities.push(known);
  const session = async (login) => {
    const answer = await fetch(`${known.url}/api/v1/session`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ login, password: PASSWORD }) });
    assert.equal(answer.status, 201, await answer.clone().text());
    return { cookie: answer.headers.get("set-cookie").split(";")[0], "x-csrf-token": (await answer.json()).csrf_token, "content-type": "application/json" };
  };
  for (let i = 0; i < ways; i += 1) {
    const taken = await fetch(`${known.url}/api/v1/incidents/i1/transitions`, { method: "POST", headers: await session(`a${i}`), body: JSON.stringify({ step: i % 2 ? "found" : "not_found" }) });
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
      const changed = await fetch(`${known.url}/api/v1/users/a${i}`, { method: "PATCH", headers: admin, body: JSON.stringify({ name }) });
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
