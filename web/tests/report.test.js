// The rider's page on a phone: from words and photo to the desk and the planner's map, with the network cut and restored.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, test } from "node:test";
import { City, PHONE, browser, says, screenshot, settled, text, until, visit } from "./city.js";
import { count, kept, phone as onPhone, sent, tap, waiting } from "./phone.js";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const DARK = [{ name: "prefers-color-scheme", value: "dark" }];
/** Where the phone is in each test; 0.01 degree is a kilometre. */
const CORNER = [110.33, 20.01];
const at = (n) => ({ longitude: CORNER[0] + n * 0.01, latitude: CORNER[1], accuracy: 12 });
/** One pixel. */

// A phone speaks of now, so the service's clock is the machine's.
const city = await City.of([], [["x1", CORNER[0] + 0.05, CORNER[1], "豪苑路与南海大道路口"]], { trusts: true, clock: null });
const chromium = await browser().catch(async (wrong) => {
  await city.remove();
  throw wrong;
});
after(async () => {
  await chromium.close();
  await city.remove();
});

const phone = ({ here = at(0), ...options } = {}) => onPhone(chromium, city, { here, ...options });

const type = (page, words) => page.type(".report textarea", words);
const pressed = (page, selector) => page.waitForSelector(`${selector}[aria-pressed="true"]`);
const reports = async () => (await city.get("/api/v1/reports?limit=1000")).features;

async function accessible(page, what) {
  const client = await page.createCDPSession();
  await client.send("Runtime.evaluate", { expression: AXE });
  const { violations } = await page.evaluate(() => axe.run(document, { resultTypes: ["violations"] }));
  assert.deepEqual(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target, any }) => `${target} ${any[0]?.message ?? ""}`).join("; ")}`), [], what);
}

test("words become a report: guessed, changed by hand, sent, in the desk's queue, on the planner's map, and followed on the same page", async () => {
  const { page, wrong, close } = await phone({ here: at(0) });
  await type(page, "flooded, knee-deep, small cars turn round");
  await pressed(page, "[data-button=waterlogging]");
  await pressed(page, "[data-depth=knee]");
  assert.match(await text(page, "[data-depth=knee]"), /40–50 cm/);
  await tap(page, "[data-depth=sill]");
  await pressed(page, "[data-depth=sill]");
  assert.equal(await page.$eval("[data-depth=knee]", (button) => button.ariaPressed), "false");
  await tap(page, "[data-passability=impassable]");
  await screenshot(page, "report-390");
  await page.click(".send");
  await sent(page, 1);
  await says(page, ".sent .headline", /^Received, thank you/);
  const { rows } = await (await fetch(`${city.url}/api/v1/queue`, { headers: { "actor-role": "grid_worker" } })).json();
  const mine = rows.find(({ coordinates }) => Math.abs(coordinates[0] - CORNER[0]) < 1e-6);
  const [report] = await reports();
  assert.deepEqual([mine.category, report.properties.depth_cm, report.properties.passability, report.properties.accuracy_m, report.properties.channel], ["waterlogging", 30, "impassable", 12, "app"]);
  const desk = await visit(chromium, `${city.url}/desk?lang=en`, { map: false });
  await desk.page.waitForSelector(".chooser");
  await desk.page.select(".chooser select", "grid_worker");
  await desk.page.click(".chooser button");
  await says(desk.page, `.row[data-case="${mine.id}"]`, /flooded, knee-deep, small cars turn round/);
  await city.take(mine.id, "acknowledge");
  await says(page, ".sent .headline", /^We are on it\.$/);
  // Once more on another day makes a hotspot of the planner's; here the case itself is looked at.
  const planner = await visit(chromium, `${city.url}/?lang=en&incident=${mine.id}`, { map: false });
  await says(planner.page, ".sheet", /30 cm/);
  await tap(page, ".sent a");
  await says(page, ".follow h1", /^We are on it\.$/);
  assert.deepEqual([...wrong, ...desk.wrong, ...planner.wrong], []);
  for (const one of [desk, planner]) await one.close();
  await close();
});

test("each of the six buttons is guessed from words, in both languages", async () => {
  const said = {
    waterlogging: ["water is knee-deep here", "这里积水没过膝盖"],
    blocked_drain: ["the storm drain is blocked", "下水道堵了"],
    obstruction: ["a sofa is blocking the lane", "旧家具占道"],
    road: ["there is a pothole in the road", "路面塌陷了"],
    traffic: ["the traffic light is out", "红绿灯不亮了"],
    other: ["rubbish is piled up at the corner", "路边垃圾成堆"],
  };
  for (const [n, lang] of ["en", "zh"].entries()) {
    const { page, wrong, close } = await phone({ lang });
    for (const [button, words] of Object.entries(said)) {
      await page.$eval("textarea", (area, value) => {
        area.value = value;
        area.dispatchEvent(new Event("input", { bubbles: true }));
      }, words[n]);
      await until(async () => (await page.$$eval("[data-button][aria-pressed=true]", (all) => all.map((one) => one.dataset.button))).join() === button, `“${words[n]}” is ${button}`, 20_000);
    }
    assert.deepEqual(wrong, []);
    await close();
  }
});

test("the browser takes the page for an app that can be installed", async () => {
  const { page, wrong, close } = await phone();
  await kept(page);
  const client = await page.createCDPSession();
  const { errors, data } = await client.send("Page.getAppManifest");
  assert.deepEqual([errors, JSON.parse(data).display], [[], "standalone"]);
  const { installabilityErrors } = await client.send("Page.getInstallabilityErrors");
  // Each test's page is a stranger's: in a private window nothing is ever installed.
  assert.deepEqual(installabilityErrors.map(({ errorId }) => errorId).filter((id) => id !== "in-incognito"), []);
  assert.deepEqual(wrong, []);
  await close();
});

test("without a network the page opens, keeps what is reported through a reload, and sends it once when the network is back", async () => {
  const before = (await reports()).length;
  const { page, wrong, close } = await phone({ here: at(1) });
  await kept(page);
  await page.setOfflineMode(true);
  await page.reload({ waitUntil: "domcontentloaded" });
  await says(page, ".strip", /^No network/);
  await says(page, ".where .at", /This phone/);
  await type(page, "knee-deep at the bridge");
  await says(page, ".report > [role=status].small", /are not read now/);
  await page.click(".send");
  await page.waitForSelector("fieldset.what[data-lacks=true]");
  await page.click("[data-button=waterlogging]");
  await page.click(".send");
  await waiting(page, 1);
  await page.click("[data-button=obstruction]");
  await page.click(".send");
  await waiting(page, 2);
  await accessible(page, "offline");
  await screenshot(page, "report-offline-390");
  await page.reload({ waitUntil: "domcontentloaded" });
  await waiting(page, 2);
  assert.equal((await reports()).length, before);
  await page.setOfflineMode(false);
  await sent(page, 2);
  await waiting(page, 0);
  assert.equal((await reports()).length, before + 2);
  assert.deepEqual(wrong, []);
  await close();
});

test("a report whose answer was lost is sent again and is one report", async () => {
  const before = (await reports()).length;
  const { page, close } = await phone({ here: at(2) });
  await page.setRequestInterception(true);
  let tries = 0;
  page.on("request", async (request) => {
    if (request.method() !== "POST" || !request.url().endsWith("/api/v1/reports")) return request.continue();
    tries += 1;
    if (tries > 1) return request.continue();
    // The service has it, but the phone never hears of it.
    const { headers } = { headers: request.headers() };
    const answer = await fetch(request.url(), { method: "POST", body: request.postData(), headers: { "content-type": headers["content-type"], "idempotency-key": headers["idempotency-key"] } });
    assert.equal(answer.status, 201);
    await request.abort();
  });
  await page.click("[data-button=blocked_drain]");
  await page.click(".send");
  await sent(page, 1);
  assert.deepEqual([tries, (await reports()).length], [2, before + 1]);
  await close();
});

test("six reports in a minute are not lost where the service asks to wait", async () => {
  const before = (await reports()).length;
  const { page, close } = await phone({ here: at(3) });
  await page.setRequestInterception(true);
  let busy = 3;
  page.on("request", (request) => {
    const posts = request.method() === "POST" && request.url().endsWith("/api/v1/reports");
    if (!posts || (busy -= 1) < 0) return request.continue();
    return request.respond({ status: busy === 1 ? 503 : 429, headers: { "retry-after": "1", "content-type": "application/problem+json" }, body: JSON.stringify({ title: "Too Many Requests", status: 429, detail: "wait" }) });
  });
  for (const button of ["waterlogging", "blocked_drain", "obstruction", "traffic", "other"]) {
    await page.click(`[data-button=${button}]`);
    await page.click(".send");
  }
  await page.click("[data-button=road]");
  await says(page, ".what .ask", /^Which of these\?$/);
  await tap(page, "[data-kind=manhole]");
  await page.click(".send");
  await sent(page, 6);
  const own = (await reports()).slice(before).map(({ properties }) => properties.category);
  assert.deepEqual(own.sort(), ["blocked_drain", "manhole", "obstruction", "other", "traffic_safety", "waterlogging"]);
  await close();
});

test("passed here and dry is one tap, and can be taken back", async () => {
  const before = (await reports()).length;
  const { page, close } = await phone({ here: at(4) });
  // A wet finger taps twice.
  await page.click(".dry-here", { count: 2 });
  await page.waitForSelector(".waiting .undo");
  assert.equal(await count(page, ".waiting li"), 1);
  await tap(page, ".waiting .undo");
  await waiting(page, 0);
  await page.click(".dry-here");
  await sent(page, 1);
  await says(page, ".sent .headline", /stays dry/);
  const [report, ...others] = (await reports()).slice(before);
  assert.deepEqual([report.properties.dry, report.geometry.coordinates[0].toFixed(4), others.length], [true, at(4).longitude.toFixed(4), 0]);
  await close();
});

test("a phone that does not know where it is asks, and a pin on the map says it", async () => {
  // Where nothing else is known, the map opens where something was reported last.
  await city.report(CORNER[0] + 0.05, CORNER[1], new Date().toISOString());
  const before = (await reports()).length;
  const { page, wrong, close } = await phone({ here: null, map: true });
  await says(page, ".where .at", /put a pin on the map/);
  await page.click("[data-button=waterlogging]");
  await page.click(".send");
  await page.waitForSelector("fieldset.where[data-lacks=true]");
  await tap(page, "[data-way=map]");
  await page.waitForSelector(".pin-map .main");
  await accessible(page, "map");
  await page.evaluate(() => document.querySelector(".pin-map").scrollIntoView({ block: "center" }));
  await screenshot(page, "report-map-390");
  await says(page, ".pin-map .main", /^It is here$/);
  await page.focus(".pin-map canvas");
  for (let away = 0; away < 2; away += 1) await page.keyboard.press("-");
  await says(page, ".pin-map .main:disabled", /^Move closer first$/);
  for (let nearer = 0; nearer < 2; nearer += 1) await page.keyboard.press("=");
  await says(page, ".pin-map .main:enabled", /^It is here$/);
  await page.keyboard.press("ArrowRight");
  await settled(() => page.$eval(".pin-map canvas", (canvas) => canvas.toDataURL().length));
  await tap(page, ".pin-map .main");
  await says(page, ".where .at", /^Pin on the map/);
  await page.click(".send");
  await sent(page, 1);
  assert.equal((await reports()).length, before + 1);
  assert.deepEqual(wrong, []);
  await close();
});

test("positions that are far apart are asked about before anything is sent", async () => {
  const before = (await reports()).length;
  const { page, wrong, close } = await phone({ here: at(0), lang: "zh" });
  await type(page, "豪苑路与南海大道路口积水");
  await says(page, ".where .ask", /相距很远/);
  await page.click(".send");
  await page.waitForSelector("fieldset.where[data-lacks=true]");
  await accessible(page, "far apart");
  await screenshot(page, "report-which-390");
  assert.match(await text(page, ".which [data-source=device]"), /本机定位/);
  await tap(page, ".which [data-source=text]");
  await says(page, ".where .at", /豪苑路与南海大道路口/);
  assert.equal(await page.$(".where .ask"), null);
  // It takes the positions that do not hold, too.
  await page.click(".send");
  await sent(page, 1);
  const [report] = (await reports()).slice(before);
  assert.equal(report.geometry.coordinates[0].toFixed(4), (CORNER[0] + 0.05).toFixed(4));
  assert.deepEqual(wrong, []);
  await close();
});

test("a place that is searched for is a pin", async () => {
  const { page, wrong, close } = await phone({ here: null, lang: "zh" });
  await tap(page, "[data-way=search]");
  await page.type(".place-search input", "豪苑");
  await page.waitForSelector(".place-search [data-place=x1]");
  await tap(page, ".place-search [data-place=x1]");
  await says(page, ".where .at", /豪苑路与南海大道路口/);
  await page.click("[data-button=blocked_drain]");
  await page.click(".send");
  await sent(page, 1);
  assert.deepEqual(wrong, []);
  await close();
});

test("words with several matters are sent one by one, what they leave open stays empty, and the desk may be in Chinese", async () => {
  const before = (await reports()).length;
  const { page, wrong, close } = await phone({ here: at(6), lang: "zh" });
  await type(page, "水退了");
  await page.waitForSelector(".gone input:checked");
  await says(page, ".send", /没有了/);
  assert.equal(await page.$(".depth"), null);
  await page.$eval("textarea", (area) => {
    area.value = "井盖不见了";
    area.dispatchEvent(new Event("input", { bubbles: true }));
  });
  await pressed(page, "[data-button=road]");
  await pressed(page, "[data-kind=manhole]");
  assert.equal(await page.$(".passability [aria-pressed=true]"), null);
  const english = await page.evaluate(() => {
    const said = [document.body.innerText, ...[...document.querySelectorAll("[aria-label], [placeholder], [title], img[alt]")].flatMap((of) => ["aria-label", "placeholder", "title", "alt"].map((name) => of.getAttribute(name)))].join(" ");
    return said.replaceAll(/waterlog|English/g, "").match(/[A-Za-z]{3,}/g) ?? [];
  });
  assert.deepEqual(english, []);
  await screenshot(page, "report-zh-390");
  await page.click(".send");
  await sent(page, 1);
  assert.equal((await reports()).length, before + 1);
  await page.click(".language");
  await says(page, ".send", /^Send$/);
  assert.doesNotMatch(await page.evaluate(() => document.body.innerText.replace("中文", "").replace(/井盖不见了/g, "")), /\p{Script=Han}/u);
  assert.deepEqual(wrong, []);
  await close();
});

test("the page breaks none of axe's rules, light and dark, with everything on it", async () => {
  for (const [name, options] of [["report-light-390", {}], ["report-dark-390", { media: DARK, lang: "zh" }]]) {
    const { page, wrong, close } = await phone({ here: { ...at(7), accuracy: 800 }, ...options });
    await page.click("[data-button=waterlogging]");
    await type(page, options.lang === "zh" ? "积水没过膝盖，小车无法通行" : "ankle-deep, slow traffic, a sofa blocking the road");
    await page.waitForSelector(".guess, .depth [aria-pressed=true]");
    await tap(page, "[data-way=search]");
    await page.type(".place-search input", "豪");
    await page.waitForSelector(".place-search [role=status], .place-search .which");
    await accessible(page, name);
    await screenshot(page, name);
    await page.$eval(".where", (where) => where.scrollIntoView({ block: "center" }));
    await screenshot(page, `${name}-below`);
    assert.deepEqual(wrong, [], name);
    await close();
  }
});

test("a photo that the service does not take is told, and the report goes without it only if the person says so", async () => {
  const before = (await reports()).length;
  const { page, close } = await phone({ here: at(8) });
  const input = await page.$(".camera input");
  await page.setRequestInterception(true);
  page.on("request", (request) => {
    if (!request.url().endsWith("/api/v1/photos")) return request.continue();
    return request.respond({ status: 415, contentType: "application/problem+json", body: JSON.stringify({ status: 415, title: "Unsupported Media Type", detail: "HEIC is not read: choose JPEG in the camera's settings" }) });
  });
  const file = new URL("../public/report/icon-192.png", import.meta.url).pathname;
  await input.uploadFile(file);
  await says(page, ".told", /HEIC is not read/);
  await page.click("[data-button=waterlogging]");
  await page.click(".send");
  await page.waitForSelector(".waiting li[data-asks=photo]");
  await accessible(page, "a photo that was refused");
  await screenshot(page, "report-photo-refused-390");
  assert.equal((await reports()).length, before);
  await tap(page, "[data-do=without]");
  await sent(page, 1);
  assert.equal((await reports()).length, before + 1);
  await close();
});

test("a photo taken without a network goes with its report when it is back, onto the desk of another browser and onto the planner's open map", async () => {
  const before = (await reports()).length;
  // The planner and the desk look on from the beginning, in browsers of their own; it flooded here before.
  await city.report(at(9).longitude, at(9).latitude, new Date(Date.now() - 20 * 86_400_000).toISOString());
  const planner = await visit(chromium, `${city.url}/?lang=en`, { map: false });
  const desk = await visit(chromium, `${city.url}/desk?lang=en`, { map: false });
  await desk.page.waitForSelector(".chooser");
  await desk.page.select(".chooser select", "grid_worker");
  await desk.page.click(".chooser button");
  await desk.page.waitForSelector(".queue");
  const { page, wrong, close } = await phone({ here: at(9) });
  await kept(page);
  await page.setOfflineMode(true);
  const input = await page.$(".camera input");
  await input.uploadFile(new URL("../public/report/icon-192.png", import.meta.url).pathname);
  await page.waitForSelector(".thumbs li[data-state=here]");
  await page.click("[data-button=waterlogging]");
  await page.click(".send");
  await waiting(page, 1);
  await page.reload({ waitUntil: "domcontentloaded" });
  await says(page, ".waiting", /1 photo/);
  assert.equal((await reports()).length, before + 1);
  assert.equal(await planner.page.$("a[data-row]"), null, "once is no hotspot");
  await page.setOfflineMode(false);
  await sent(page, 1);
  const all = await reports();
  assert.equal(all.length, before + 2);
  const { incident_id: incident, hotspot_id: hotspot } = all.find(({ geometry, properties }) => Math.abs(geometry.coordinates[0] - at(9).longitude) < 1e-6 && properties.channel === "app").properties;
  // The photo stands in the desk's row, and with the case it is opened.
  const row = `.row[data-case="${incident}"]`;
  await until(async () => (await desk.page.$eval(`${row} img`, (image) => image.naturalWidth)) > 0, "the desk sees the photo");
  await desk.page.click(`${row} .place`);
  await until(async () => (await desk.page.$$eval(".case img", (images) => images.filter((image) => image.naturalWidth > 0).length)) > 0, "and beside the case");
  await planner.page.waitForSelector(`a[data-id="${hotspot}"]`);
  await planner.page.click(`a[data-id="${hotspot}"]`);
  await says(planner.page, ".sheet .glance", /^How sure\s+\S.+ 1 of 2 floods has evidence[\s\S]+How often\s+2 floods/);
  assert.deepEqual([...wrong, ...desk.wrong, ...planner.wrong], []);
  for (const one of [desk, planner]) await one.close();
  await close();
});
