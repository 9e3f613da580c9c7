// The desk: a queue by the clock, at the keyboard alone.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { test } from "node:test";
import { City, PASSWORD, PHONE, says, screenshot, text, until, visit } from "./city.js";
import { ago, at, choose, deskCity, fill, ids, row, rows, rung, stands } from "./desk_city.js";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const DARK = [{ name: "prefers-color-scheme", value: "dark" }];
const { city, chromium, desk, follow } = await deskCity([["old", "waterlogging", ...at(9), ago(180)]]);

async function accessible(page, what) {
  const client = await page.createCDPSession();
  await client.send("Runtime.evaluate", { expression: AXE });
  const { violations } = await page.evaluate(() => axe.run(document, { resultTypes: ["violations"] }));
  const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => `${node.target} ${node.any[0]?.message ?? ""}`).join("; ")}`);
  assert.deepEqual(found, [], what);
}

test("who works here says so first, and a new report rings once", async () => {
  const { page, wrong, close } = await desk();
  assert.deepEqual(await ids(page), ["i1"]);
  assert.equal(await rung(page), 0);
  const posted = await city.report(...at(0), ago(5), "waterlogging", { text: "knee-deep", place: "the underpass" });
  await page.waitForSelector(row(posted.incident_id));
  assert.match(await text(page, row(posted.incident_id)), /1 report · \d+ min ago/);
  assert.match(await text(page, row(posted.incident_id)), /knee-deep · the underpass/);
  await says(page, ".badge", /^1 new$/);
  await until(async () => /^\(1\) Desk/.test(await page.title()), "the title says so");
  // A second report of the same rings no more, nor does a service that comes back.
  await city.report(...at(0, 5), ago(4));
  await until(async () => /2 reports/.test(await text(page, row(posted.incident_id))), "the second report is there");
  await city.stop();
  await page.waitForSelector(".lost");
  await city.start();
  await until(async () => (await page.$(".lost")) === null, "the connection is back");
  await until(async () => (await rung(page)) === 1, "it rang once");
  await page.click(".badge");
  await until(async () => /^Desk/.test(await page.title()), "it was seen");
  assert.deepEqual(wrong, []);
  await close();
});

test("a case goes from acknowledged to resolved by keys alone, and each key stands on its button", async () => {
  const { incident_id: id } = await city.report(...at(1), ago(3));
  const { page, wrong, close } = await desk();
  await page.waitForSelector(row(id));
  for (let i = 0; i < 9 && (await page.$(`${row(id)}.chosen`)) === null; i += 1) await page.keyboard.press("j");
  const keys = await page.$$eval(`${row(id)} .steps button`, (all) => all.map((button) => `${button.querySelector("kbd").textContent} ${button.dataset.step}`));
  assert.deepEqual(keys, ["a acknowledge", "x dismiss", "f found", "n not_found"]);
  await page.keyboard.press("a");
  await stands(page, id, "acknowledged");
  await page.keyboard.press("d");
  await page.waitForSelector("form.step .unit:focus");
  await page.keyboard.type("drainage");
  await page.keyboard.press("Enter");
  await stands(page, id, "dispatched");
  await says(page, row(id), /Dispatched · drainage/);
  await page.keyboard.press("s");
  await stands(page, id, "in_progress");
  await page.keyboard.press("r");
  await page.waitForSelector("form.step .note:focus");
  await page.keyboard.type("pumped out");
  await page.keyboard.down("Control");
  await page.keyboard.press("Enter");
  await page.keyboard.up("Control");
  await says(page, ".history", /Resolve[\s\S]+by grid_7[\s\S]+pumped out/);
  await page.keyboard.press("Escape");
  const { history } = await city.get(`/api/v1/incidents/${id}`);
  assert.deepEqual(history.map(({ step }) => step), ["acknowledge", "dispatch", "start", "resolve"]);
  assert.deepEqual(wrong, []);
  await close();
});

test("whoever comes second is told who was faster, with the case as it stands now", async () => {
  const { incident_id: id } = await city.report(...at(2), ago(2));
  // A page that hears of nothing: what it knows is old when the key is pressed.
  const deaf = () => {
    window.EventSource = class extends EventTarget {
      close() {}
    };
  };
  const { page, close } = await desk({ before: deaf });
  await choose(page, id);
  await city.take(id, "acknowledge", {}, "grid_9");
  await page.keyboard.press("a");
  await says(page, ".told", /^grid_9 was faster: Acknowledge, (just now|\d+ min ago)\. This is how it stands now\.$/);
  await stands(page, id, "acknowledged");
  await close();
});

test("overdue cases come first and say how far they were carried, and the figures stand above", async () => {
  const { incident_id: fresh } = await city.report(...at(4), ago(0));
  const { page, close } = await desk();
  await page.waitForSelector(row(fresh));
  const [first, ...others] = await rows(page);
  assert.equal(first.id, "i1");
  assert.match(first.text, /(2 h 5\d|3 h \d+) min overdue[\s\S]*3 limits passed/);
  // Where a machine is slow a clock runs out meanwhile.
  const late = others.filter(({ text }) => /overdue/.test(text)).length;
  assert.ok(others.length > late && others.slice(late).every(({ text }) => /left/.test(text)), "then those that have time left");
  const { open } = await city.get("/api/v1/analysis/service?by=none");
  await until(async () => (await text(page, ".figures .overdue")) === String((await rows(page)).filter(({ text }) => /overdue/.test(text)).length), "all that are overdue are counted");
  await says(page, ".figures", new RegExp(`^open\\s+${open}\\s+overdue\\s+[1-9]\\d*\\s+median time to close today\\s+\\d.+\\s+on time today\\s+\\d+ %$`));
  await close();
});

test("a department sees what was sent to it and nothing else, and may not dismiss", async () => {
  const { incident_id: sent } = await city.report(...at(5), ago(2));
  const { incident_id: other } = await city.report(...at(6), ago(2));
  const { page, close } = await desk({ role: "department", unit: "roads" });
  await says(page, ".queue .state", /Nothing waits/);
  await accessible(page, "empty");
  await city.take(sent, "acknowledge");
  await city.take(other, "acknowledge");
  await city.take(sent, "dispatch", { unit: "roads" });
  await page.waitForSelector(row(sent));
  assert.deepEqual(await ids(page), [sent]);
  await until(async () => (await rung(page)) === 1, "it rang once");
  const steps = await page.$$eval(`${row(sent)} .steps button`, (all) => all.map((button) => button.dataset.step));
  assert.deepEqual(steps, ["start", "resolve", "return", "request_prolong", "request_suspend", "found", "not_found"]);
  await choose(page, sent);
  await page.keyboard.press("b");
  await fill(page, { note: "not a road" });
  await until(async () => (await ids(page)).length === 0, "what was returned is theirs no more");
  await close();
});

test("a department asks for more time, the desk sees that it waits for an answer and grants it", async () => {
  const { incident_id: id } = await city.report(...at(8), ago(2));
  await city.take(id, "acknowledge");
  await city.take(id, "dispatch", { unit: "bridges" });
  const [crew, grid] = [await desk({ role: "department", unit: "bridges" }), await desk()];
  await choose(crew.page, id);
  await crew.page.keyboard.press("t");
  await fill(crew.page, { note: "the pump is on its way" });
  await choose(grid.page, id);
  await says(grid.page, row(id), /Ask for time: not answered yet/);
  const steps = await grid.page.$$eval(`${row(id)} .steps button`, (all) => all.map((button) => button.dataset.step));
  assert.ok(steps.includes("prolong") && steps.includes("refuse"), steps.join());
  await grid.page.keyboard.press("p");
  await fill(grid.page, {});
  await until(async () => !/not answered/.test(await text(crew.page, row(id))), "it is answered");
  for (const { wrong, close } of [crew, grid]) {
    assert.deepEqual(wrong, []);
    await close();
  }
});

test("two cases that may be one stand side by side, and a person merges them", async () => {
  const { incident_id: first } = await city.report(...at(7), ago(9));
  const { incident_id: second } = await city.report(...at(7, 80), ago(8));
  const { page, wrong, close } = await desk();
  await choose(page, second);
  await says(page, `.duplicates tr[data-other="${first}"]`, /^80 m and 1 min away/);
  await screenshot(page, "desk-merge");
  await page.keyboard.press("m");
  await page.waitForSelector(".duplicates .merge:focus");
  await page.keyboard.press("Enter");
  await until(async () => !(await ids(page)).includes(second), "one of them is left");
  await until(async () => /2 reports/.test(await text(page, row(first))), "it has both reports");
  assert.deepEqual(wrong, []);
  await close();
});

test("a report of another case is split off by keys alone, and a reporter's link that went astray is revoked", async () => {
  const mine = await city.report(...at(10), ago(9), "waterlogging", { text: "water at the school gate" });
  const other = await city.report(...at(10, 30), ago(8), "waterlogging", { text: "water in the car park" });
  assert.equal(other.incident_id, mine.incident_id);
  const [{ page, wrong, close }, phone] = [await desk(), await follow(other)];
  await choose(page, mine.incident_id);
  await says(page, ".reports", /water at the school gate[\s\S]*water in the car park/);
  await accessible(page, "reports");
  await screenshot(page, "desk-split");
  await page.keyboard.press("l");
  await page.waitForSelector(`.reports li[data-report="${mine.id}"] .split:focus`);
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  await page.waitForSelector(`.reports li[data-report="${other.id}"] .split:focus`);
  await page.keyboard.press("Enter");
  await until(async () => /1 report/.test(await text(page, row(mine.incident_id))), "one report is left");
  const { incident_id: own } = (await city.get(`/api/v1/reports/${other.id}`)).properties;
  assert.notEqual(own, mine.incident_id);
  await says(page, ".history", /Split/);
  // The only report of a case cannot leave it.
  await until(async () => (await page.$(".reports .split")) === null, "nothing is left to split off");
  await choose(page, own);
  await says(page, ".reports", /water in the car park/);
  await page.click(`.reports li[data-report="${other.id}"] .revoke`);
  await says(page, ".reports", /link revoked/);
  await phone.page.reload();
  await says(phone.page, "h1", /^Nothing is followed by this link\.$/);
  assert.deepEqual(wrong, []);
  await phone.close();
  await close();
});

test("what a reporter shows stands small in its row and beside his case, and large when it is asked for; nobody else sees it", async () => {
  const picture = readFileSync(new URL("../public/report/icon-192.png", import.meta.url));
  const kept = await fetch(`${city.url}/api/v1/photos`, { method: "POST", headers: { "content-type": "image/png" }, body: picture });
  const { id: photo } = await kept.json();
  const posted = await city.report(...at(14), ago(3), "waterlogging", { text: "look", photos: [photo] });
  // What comes late moves nothing: its place is there from the start.
  const late = () => {
    const now = window.fetch;
    window.fetch = async (url, ...more) => {
      if (/thumbnail/.test(url)) await new Promise((go) => (window.letThumbnails = go));
      return now(url, ...more);
    };
  };
  const { page, wrong, close } = await desk({ before: late });
  await page.waitForSelector(`${row(posted.incident_id)} .thumbnail`);
  const boxes = () => page.$eval(row(posted.incident_id), (at) => [at, ...at.querySelectorAll("p, .thumbnail")].map((one) => JSON.stringify(one.getBoundingClientRect())));
  await until(() => page.evaluate(() => window.letThumbnails !== undefined), "it is asked for");
  assert.equal(await page.$(".row img"), null);
  const before = await boxes();
  await page.evaluate(() => window.letThumbnails());
  await until(async () => (await page.$eval(`${row(posted.incident_id)} img`, (image) => image.naturalWidth)) > 0, "it is drawn in the row");
  assert.deepEqual(await boxes(), before);
  assert.equal(await page.$eval(".row img", (image) => image.alt), "Photo 1 of 1");
  await page.evaluate(() => setInterval(() => window.letThumbnails(), 100));
  await choose(page, posted.incident_id);
  await until(async () => /1 photo/.test(await text(page, row(posted.incident_id))), "the row says that there is one");
  const width = (at) => page.$eval(at, (image) => image.naturalWidth).catch(() => 0);
  await until(async () => (await width(".photos .photo img")) > 0, "it is drawn");
  await page.click(".photos .photo");
  await until(async () => (await width(".case .large")) === 192, "it is drawn as it was sent");
  await accessible(page, "photos");
  await screenshot(page, "desk-photo");
  await page.click(".photos .photo");
  await until(async () => (await page.$(".case .large")) === null, "it is closed again");
  for (const at of [photo, `${photo}/thumbnail`]) assert.ok([401, 403].includes((await fetch(`${city.url}/api/v1/photos/${at}`)).status));
  assert.deepEqual(wrong, []);
  await close();
});

test("a case whose text is alike stands among the possible duplicates, with both texts", async () => {
  const words = "the underpass at the station is full of water, no car gets through";
  const one = await city.report(...at(11), ago(9), "waterlogging", { text: words });
  const far = await city.report(...at(12), ago(8), "waterlogging", { text: `Please help: ${words}` });
  const { page, close } = await desk();
  await choose(page, one.incident_id);
  const beside = `.duplicates tr[data-other="${far.incident_id}"]`;
  await says(page, beside, /away[\s\S]*text alike: \d\d %[\s\S]*Please help: the underpass/);
  await says(page, ".duplicates tr.ours", /the underpass at the station/);
  await screenshot(page, "desk-alike");
  await close();
});

test("time to close and to drain is given by area, as fine as one likes", async () => {
  const town = await City.town();
  const { page, wrong, close } = await visit(chromium, `${town.url}/desk?lang=en`, { map: false });
  try {
    await page.waitForSelector(".chooser");
    await page.select(".chooser select", "grid_worker");
    await page.click(".chooser button");
    await page.waitForSelector(".row");
    await page.click(".pages button:last-child");
    await page.click('.service [data-by="area"]');
    await says(page, ".service table", /听雨第一网格[\s\S]*老渡口第一网格/);
    await accessible(page, "service by area");
    await screenshot(page, "desk-service-area");
    await page.select(".service .level", "city");
    await says(page, ".service table", /汀浦市/);
    assert.match(await page.$eval(".service header a", (a) => a.href), /by=area%2Cmonth&level=city&format=csv$/);
    assert.deepEqual(wrong, []);
  } finally {
    await close();
    await town.remove();
  }
});

test("desk and service break none of axe's rules, in both languages, dark, and on a phone; both are photographed", async () => {
  for (const [name, options] of [
    ["desk", { map: true }],
    ["desk-dark", { media: DARK, path: "/desk?lang=zh" }],
    ["desk-phone", { size: PHONE }],
  ]) {
    const { page, wrong, close } = await desk(options);
    await page.waitForSelector(".row");
    if (!options.size) {
      await page.keyboard.press("j");
      await page.keyboard.press("Enter");
      await page.waitForSelector(".case h3");
    }
    if (options.map) await page.waitForSelector(".desk-map canvas");
    await accessible(page, name);
    await until(async () => /\d/.test(await text(page, ".figures .open")), "the figures are there");
    await screenshot(page, name);
    if (name === "desk-dark") assert.match(await text(page, ".figures"), /未结/);
    if (name !== "desk-phone") {
      await page.click(".pages button:last-child");
      await page.waitForSelector(".service tbody tr");
      await accessible(page, `${name}, service`);
      await screenshot(page, `${name}-service`);
    }
    assert.deepEqual(wrong, [], name);
    await close();
  }
});

test("somebody logs in, and when his session is ended under him, what he has written is sent once he is back", async () => {
  const people = [["wang.wei", "--role", "grid_worker", "--name", "王伟", "--unit", "grid_7"], ["li.na", "--role", "reporter"]];
  const known = await City.of([["one", "waterlogging", ...at(0), ago(9)]], [], { people });
  try {
    const { page, wrong, close } = await visit(chromium, `${known.url}/desk?lang=en`, { map: false });
    const logIn = async (login, password = PASSWORD) => {
      await page.waitForSelector(".chooser input.login:focus");
      await page.$eval(".chooser input.login", (input) => (input.value = ""));
      await page.type(".chooser input.login", login);
      await page.type(".chooser input.password", password);
      await page.click(".chooser button.main");
    };
    await logIn("wang.wei", "not his password");
    await says(page, ".chooser .wrong", /^Login or password is wrong\.$/);
    await accessible(page, "login");
    await page.focus(".chooser input.login");
    await logIn("li.na");
    await says(page, ".chooser .wrong", /^This account has no business at the desk\.$/);
    await page.focus(".chooser input.login");
    await logIn("wang.wei");
    await stands(page, "i1", "reported");
    await says(page, ".bar .who", /^王伟 · Grid worker · grid_7$/);
    await choose(page, "i1");
    await page.keyboard.press("a");
    await stands(page, "i1", "acknowledged");
    await page.keyboard.press("r");
    await page.waitForSelector("form.step .note:focus");
    await page.keyboard.type("pumped out");
    known.user(["revoke", "wang.wei"]);
    // Not at a point of the screen: the page may have heard of it already, and lies under the form by then.
    await page.$eval("form.step button.main", (button) => button.click());
    await says(page, ".over .chooser", /Your session has ended\. Log in again/);
    await logIn("wang.wei");
    await until(async () => (await page.$(".over")) === null, "he is back");
    await stands(page, "i1", "acknowledged");
    await page.click("form.step button.main");
    await stands(page, "i1", "resolved");
    await says(page, ".history", /Acknowledge[\s\S]+by 王伟[\s\S]+Resolve[\s\S]+by 王伟[\s\S]+pumped out/);
    await page.reload();
    await page.waitForSelector(".bar .who");
    await page.click(".bar button.link");
    await page.waitForSelector(".chooser input.login");
    assert.equal((await known.get("/api/v1/session")).known, false);
    assert.deepEqual(wrong, []);
    await close();
  } finally {
    await known.remove();
  }
});

test("a repair that whoever checks finds wanting is sent back with what is lacking: its unit has it again, and its reporter reads so once", async () => {
  const { incident_id: id, follow: link } = await city.report(...at(30), ago(5));
  await city.take(id, "acknowledge");
  await city.take(id, "dispatch", { unit: "kerbs" });
  const crew = await desk({ role: "department", unit: "kerbs" });
  await choose(crew.page, id);
  await crew.page.keyboard.press("r");
  await fill(crew.page, { note: "done" });
  // On the desk of whoever looks at ended cases, too, its row may leave what is in sight.
  const isNow = (state) => until(async () => (await city.get(`/api/v1/incidents/${id}`)).properties.state === state, `it is ${state}`);
  await isNow("resolved");
  const check = await desk({ role: "planner", unit: "water_office" });
  await check.page.click(".over-queue input");
  await choose(check.page, id);
  const keys = await check.page.$$eval(`${row(id)} .steps button`, (all) => all.map((button) => `${button.querySelector("kbd").textContent} ${button.dataset.step}`));
  assert.deepEqual(keys, ["v verify", "e rework", "o reopen"]);
  await check.page.keyboard.press("e");
  await check.page.waitForSelector("form.step .note:focus");
  assert.ok(await check.page.$eval("form.step button.main", (button) => button.disabled), "what is lacking has to be said");
  await fill(check.page, { note: "the grating is still blocked" });
  await isNow("in_progress");
  await stands(crew.page, id, "in_progress");
  await says(crew.page, row(id), /In progress · kerbs/);
  await choose(crew.page, id);
  await says(crew.page, ".history", /Send back[\s\S]+by water_office[\s\S]+the grating is still blocked/);
  const phone = await follow({ follow: link });
  await until(async () => (await phone.page.$$eval("[data-step]", (all) => all.map((step) => step.dataset.step))).join() === "acknowledge,dispatch,resolve,rework", "each step once");
  await says(phone.page, ".follow h1", /^We are on it\.$/);
  await says(phone.page, '[data-step="rework"]', /Checked: more has to be done$/);
  await crew.page.keyboard.press("r");
  await fill(crew.page, { note: "now it drains" });
  await isNow("resolved");
  await says(phone.page, ".follow h1", /^Done after/);
  for (const seen of [crew, check, phone]) {
    assert.deepEqual(seen.wrong, []);
    await seen.close();
  }
});

/** Before a page is made: of which cases its map is told. */
const hearMap = () => {
  window.mapped = new Set();
  const post = Worker.prototype.postMessage;
  Worker.prototype.postMessage = function (message, ...more) {
    try {
      for (const [, id] of JSON.stringify(message).matchAll(/"id":"(i\d+)","pressing":/g)) window.mapped.add(id);
    } catch {
      // What cannot be written is no list of cases.
    }
    return post.call(this, message, ...more);
  };
};

test("the map beside the queue shows what is in the list, and of other cases it knows nothing", async () => {
  const [mine, other] = [await city.report(...at(40), ago(2)), await city.report(...at(41), ago(2))].map(({ incident_id: id }) => id);
  await city.take(mine, "acknowledge");
  await city.take(mine, "dispatch", { unit: "pumps" });
  const crew = await desk({ role: "department", unit: "pumps", map: true, before: hearMap });
  const mapped = () => crew.page.evaluate(() => [...window.mapped]);
  await until(async () => (await mapped()).length > 0, "the map is told");
  assert.deepEqual([await mapped(), await ids(crew.page)], [[mine], [mine]]);
  await city.take(other, "acknowledge");
  await city.take(other, "dispatch", { unit: "pumps" });
  await crew.page.waitForSelector(row(other));
  await until(async () => (await mapped()).length > 1, "what comes into the list comes onto the map");
  assert.deepEqual((await mapped()).sort(), [mine, other].sort());
  assert.deepEqual(crew.wrong, []);
  await crew.close();
});
