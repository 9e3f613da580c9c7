// What should not be, but is, on the rider's page: pictures that are none, too much of anything, a place that there is twice, a
// position in the sea, a clock that is wrong. The page says so in the reader's language, and what is reported is not lost.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { crc32, deflateSync } from "node:zlib";
import { City, PHONE, browser, says, text, until, visit } from "./city.js";

const CORNER = [110.33, 20.01];
const HERE = { longitude: CORNER[0], latitude: CORNER[1], accuracy: 12 };
const SEA = { longitude: 112, latitude: 18, accuracy: 12 };
const YEARS_MS = 2 * 365 * 86_400_000;
/** The city's own script is not Latin: what is English in it is a fault. */
const ENGLISH = /[A-Za-z]{4,}/;

const places = [["x1", CORNER[0] + 0.01, CORNER[1], "豪苑路与南海大道路口"], ["east", CORNER[0] + 0.02, CORNER[1], "和信广场"], ["west", CORNER[0] - 0.03, CORNER[1], "和信广场"], ["market", CORNER[0] - 0.031, CORNER[1], "老菜市场"]];
const city = await City.of([], places, { trusts: true, clock: null });
const chromium = await browser().catch(async (wrong) => {
  await city.remove();
  throw wrong;
});
const folder = mkdtempSync(join(tmpdir(), "waterlog-pictures-"));
after(async () => {
  await chromium.close();
  await city.remove();
  rmSync(folder, { recursive: true });
});

async function phone({ here = HERE, lang = "en", ...options } = {}) {
  const seen = await visit(chromium, `${city.url}/report?lang=${lang}`, { size: PHONE, map: false, here, ...options });
  await seen.page.waitForSelector(".report .send");
  if (here) await says(seen.page, ".where .at", /This phone|本机定位/);
  return seen;
}

const count = (page, selector) => page.$$eval(selector, (all) => all.length);
const sent = (page, n) => until(async () => (await count(page, ".sent li")) === n, `${n} are sent`);
const reports = async () => (await city.get("/api/v1/reports?limit=1000")).features;
const tap = async (page, selector) => {
  await page.waitForSelector(selector);
  await page.$eval(selector, (element) => element.scrollIntoView({ block: "center" }));
  await page.click(selector);
};
const write = (page, words) =>
  page.$eval(
    "textarea",
    (area, value) => {
      area.value = value;
      area.dispatchEvent(new Event("input", { bubbles: true }));
    },
    words,
  );

function file(name, bytes) {
  const path = join(folder, name);
  writeFileSync(path, typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes);
  return path;
}

/** A PNG of one colour; `declares`: the pixels a side that it says it has. */
function png({ declares = 2, marked = 0, more = [] } = {}) {
  const chunk = (name, data) => {
    const named = Buffer.concat([Buffer.from(name), data]);
    const [size, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
    size.writeUInt32BE(data.length);
    sum.writeUInt32BE(crc32 ? crc32(named) : 0);
    return Buffer.concat([size, named, sum]);
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(declares, 0);
  head.writeUInt32BE(declares, 4);
  head.set([8, 2, 0, 0, 0], 8);
  const pixels = deflateSync(Buffer.concat(Array.from({ length: 2 }, () => Buffer.from([0, marked, 120, 200, marked, 120, 200]))));
  return Buffer.concat([Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), chunk("IHDR", head), ...more.map(([name, data]) => chunk(name, data)), chunk("IDAT", pixels), chunk("IEND", Buffer.alloc(0))]);
}

/** EXIF (TIFF, big-endian) with a latitude of 4294967295 north, as some cameras write it. */
function nowhere() {
  const entry = (tag, type, n, value) => {
    const bytes = Buffer.alloc(12);
    bytes.writeUInt16BE(tag, 0);
    bytes.writeUInt16BE(type, 2);
    bytes.writeUInt32BE(n, 4);
    if (typeof value === "string") bytes.write(value, 8, "latin1");
    else bytes.writeUInt32BE(value, 8);
    return bytes;
  };
  const list = (...entries) => Buffer.concat([Buffer.from([0, entries.length]), ...entries, Buffer.alloc(4)]);
  const head = Buffer.from("MM\0\x2a\0\0\0\x08", "latin1");
  const first = list(entry(0x8825, 4, 1, 8 + 2 + 12 + 4));
  return Buffer.concat([head, first, list(entry(1, 2, 2, "N\0"), entry(2, 4, 1, 0xffffffff), entry(3, 2, 2, "E\0"), entry(4, 4, 1, 110))]);
}

test("a picture that is none, too large or not whole is refused in words of both languages, and its report goes without it", async () => {
  const whole = png();
  const pictures = [
    [file("big.png", png({ declares: 20_000 })), /12 megapixels/, /照片太大/],
    [file("half.png", whole.subarray(0, whole.length / 2)), /breaks off/, /不完整或已损坏/],
    [file("script.jpg", "\xff\xd8\xff<script>alert(1)</script>"), /send it again/, /不完整或已损坏/],
    [file("drawing.svg", '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'), /an SVG drawing, not a photo/, /请发送照片本身/],
    [file("page.png", "<!doctype html><img src=x onerror=alert(1)>"), /a web page, not a picture/, /请发送照片本身/],
    [file("photo.heic", "\0\0\0\x18ftypheic\0\0\0\0mif1heic"), /save or share it as JPEG/, /兼容格式/],
  ];
  for (const [lang, at] of [["en", 1], ["zh", 2]]) {
    const { page, wrong, close } = await phone({ lang });
    let dialogs = 0;
    page.on("dialog", (dialog) => ((dialogs += 1), dialog.dismiss()));
    const input = await page.$(".gallery input");
    for (const picture of pictures) {
      await input.uploadFile(picture[0]);
      const said = await says(page, ".photo ~ .told", picture[at]);
      if (lang === "zh") assert.doesNotMatch(said, ENGLISH, picture[0]);
      await tap(page, ".thumbs button");
      await page.waitForSelector(".thumbs", { hidden: true });
    }
    // Somebody who sends it all the same is asked, and what he reports is not lost.
    const before = (await reports()).length;
    await input.uploadFile(pictures[3][0]);
    await says(page, ".photo ~ .told", pictures[3][at]);
    await tap(page, `[data-button=${lang === "en" ? "waterlogging" : "obstruction"}]`);
    await page.click(".send");
    await says(page, ".waiting li[data-asks=photo]", pictures[3][at]);
    await tap(page, "[data-do=without]");
    await sent(page, 1);
    assert.equal((await reports()).length, before + 1);
    assert.equal(dialogs, 0);
    assert.deepEqual(wrong, []);
    await close();
  }
});

test("of a hundred photos eight are taken and the rest is told, and more text than is taken is told too", async () => {
  const all = Array.from({ length: 100 }, (_, n) => file(`n${n}.png`, png({ marked: n })));
  for (const [lang, many, full] of [["en", /At most 8 photos: 92 left out/, /At most 4,000 characters/], ["zh", /最多 8 张照片，有 92 张未加入/, /最多 4,000 个字/]]) {
    const { page, wrong, close } = await phone({ lang });
    await (await page.$(".gallery input")).uploadFile(...all);
    await says(page, "[data-left-out]", many);
    assert.equal(await count(page, ".thumbs li"), 8);
    await until(async () => (await count(page, ".thumbs li[data-state=there]")) === 8, "eight have gone ahead");
    await tap(page, ".thumbs button");
    await page.waitForSelector("[data-left-out]", { hidden: true });
    assert.equal(await page.$("[data-full]"), null);
    // Pasted: the field takes as much as it may.
    await page.focus("textarea");
    const paste = await page.createCDPSession();
    await paste.send("Input.insertText", { text: "积".repeat(350_000) });
    await says(page, "[data-full]", full);
    assert.equal(await page.$eval("textarea", (area) => area.value.length), 4_000);
    assert.deepEqual(wrong, []);
    await close();
  }
});

test("a photo whose position is nowhere on Earth is kept, and the page says that it does not count", async () => {
  const picture = file("nowhere.png", png({ marked: 7, more: [["eXIf", nowhere()]] }));
  for (const [lang, told] of [["en", /Photo 1: its position cannot be right/], ["zh", /照片 1：其中的位置不可能/]]) {
    const { page, wrong, close } = await phone({ lang });
    await (await page.$(".gallery input")).uploadFile(picture);
    await says(page, "[data-doubt=position]", told);
    assert.match(await text(page, ".where .at"), /This phone|本机定位/, "the phone still knows where it is");
    assert.deepEqual(wrong, []);
    await close();
  }
});

test("of two places of one name the page asks which, and the one that is chosen is the report's", async () => {
  const before = (await reports()).length;
  const { page, wrong, close } = await phone({ here: null, lang: "zh" });
  await write(page, "和信广场积水没过脚踝");
  await says(page, ".where .ask", /有几个同名地点，是哪一个/);
  await page.click(".send");
  await page.waitForSelector("fieldset.where[data-lacks=true]");
  const choices = () => page.$$eval(".where .which button", (all) => all.map((one) => one.textContent));
  await until(async () => (await choices()).join() === "和信广场靠近豪苑路与南海大道路口,和信广场靠近老菜市场", "they can be told apart");
  await tap(page, ".where .which button:nth-child(2)");
  await says(page, ".where .at", /和信广场/);
  await page.click(".send");
  await sent(page, 1);
  const [report, ...others] = (await reports()).slice(before);
  assert.deepEqual([report.geometry.coordinates[0].toFixed(4), others.length], [(CORNER[0] - 0.03).toFixed(4), 0]);
  assert.deepEqual(wrong, []);
  await close();
});

test("a phone in the sea is asked whether it is there: a pin elsewhere or a yes sends it", async () => {
  for (const [lang, told] of [["en", /far from every place known here, perhaps in the sea\. Is it there\?/], ["zh", /可能在海上。确实在这里吗？/]]) {
    const before = (await reports()).length;
    const { page, wrong, close } = await phone({ here: SEA, lang });
    await tap(page, `[data-button=${lang === "en" ? "waterlogging" : "blocked_drain"}]`);
    await page.click(".send");
    await says(page, ".waiting li[data-asks=far] .ask", told);
    assert.equal((await reports()).length, before, "nothing is sent into the sea");
    if (lang === "zh") {
      await page.type(".waiting .place-search input", "豪苑");
      await tap(page, ".waiting .place-search [data-place=x1]");
    } else await tap(page, "[data-do=there]");
    await sent(page, 1);
    const [report] = (await reports()).slice(before);
    assert.equal(report.geometry.coordinates[0].toFixed(4), (lang === "zh" ? CORNER[0] + 0.01 : SEA.longitude).toFixed(4));
    assert.deepEqual(wrong, []);
    await close();
  }
});

test("a phone whose clock is two years wrong reports of now", async () => {
  for (const [sign, button] of [[-1, "traffic"], [1, "other"]]) {
    const before = (await reports()).length;
    const shift = `(() => {
      const now = Date.now.bind(Date);
      const Real = Date;
      Date = class extends Real { constructor(...at) { at.length ? super(...at) : super(now() + ${sign * YEARS_MS}); } static now() { return now() + ${sign * YEARS_MS}; } };
    })()`;
    const { page, wrong, close } = await phone({ before: shift });
    await tap(page, `[data-button=${button}]`);
    await page.click(".send");
    await sent(page, 1);
    const [report] = (await reports()).slice(before);
    const off = Math.abs(Date.parse(report.properties.observed_at) - Date.now());
    assert.ok(off < 60_000, `${off} ms off`);
    assert.deepEqual(wrong, []);
    await close();
  }
});

test("marks of direction, emoji and other scripts in what somebody wrote turn nothing beside it, on the desk and on his own page", async () => {
  const said = "\u202e水🌊 ماء turned\u2067";
  await city.report(CORNER[0] + 0.05, CORNER[1], new Date().toISOString(), "manhole", { text: said, place: "\u202e豪苑路🏠" });
  const answer = await fetch(`${city.url}/api/v1/messages`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ text: `${said} wet`, sender: "\u202e7 rider" }) });
  assert.equal(answer.status, 202);
  const { page, wrong, close } = await visit(chromium, `${city.url}/desk?lang=en`, { map: false });
  await page.waitForSelector(".chooser");
  await page.select(".chooser select", "grid_worker");
  await page.click(".chooser button");
  await page.waitForSelector(".row q");
  await until(() => page.$$eval(".row q", (all, words) => all.some((q) => q.textContent.startsWith(words)), said), "it is read as it was written");
  const contained = (selector) => page.$$eval(selector, (all) => all.map((one) => getComputedStyle(one).unicodeBidi));
  for (const selector of [".row q", ".row .place"]) assert.deepEqual(new Set(await contained(selector)), new Set(["isolate"]), selector);
  await page.click(".row .place");
  await page.waitForSelector(".case h2");
  assert.deepEqual(await contained(".case h2"), ["isolate"]);
  await page.click(".to-inbox");
  await page.waitForSelector("[data-entry] small");
  assert.match(await page.$eval("[data-entry] small", (small) => small.textContent), /\u2068\u202e7 rider\u2069/);
  assert.deepEqual(await contained("[data-entry] .words"), ["isolate"]);
  assert.deepEqual(wrong, []);
  await close();
});
