// What waits in a phone to be sent: never lost, never sent after it was taken back, and none in the way of another.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { City, PHONE, browser, until } from "./city.js";
import { kept, phone as onPhone, sent, tap, waiting } from "./phone.js";

const CORNER = [110.33, 20.01];
const PHOTO = new URL("../public/report/icon-192.png", import.meta.url).pathname;
const at = (n) => ({ longitude: CORNER[0] + n * 0.01, latitude: CORNER[1], accuracy: 12 });

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

const reports = async () => (await city.get("/api/v1/reports?limit=1000")).features;

/** A page that has its files, without a network. */
async function offline(n) {
  const seen = await onPhone(chromium, city, { here: at(n) });
  await kept(seen.page);
  await seen.page.setOfflineMode(true);
  return seen;
}

/** Reports what a button says, with a photo or without. */
async function report(page, button, photo = false) {
  if (photo) {
    await (await page.$(".camera input")).uploadFile(PHOTO);
    await page.waitForSelector(".thumbs li[data-state]");
  }
  await page.click(`[data-button=${button}]`);
  await page.click(".send");
}

/** Answers requests to a path as `answer` says; where that gives nothing, they go on. */
async function intercept(page, path, answer) {
  await page.setRequestInterception(true);
  page.on("request", (request) => {
    const ours = request.method() === "POST" && request.url().endsWith(path) ? answer(request) : null;
    if (ours === null) return request.continue();
    return ours && request.respond(ours);
  });
}

const problem = (status, more = {}) => ({ status, contentType: "application/problem+json", body: JSON.stringify({ status, title: "?", detail: "?", ...more }) });

test("a report is seen to wait once the phone's disk has it, however slow that is", async () => {
  const { page, wrong, close } = await offline(1);
  // A transaction is over when nothing more is asked of it.
  await page.evaluate((slowMs) => {
    const put = IDBObjectStore.prototype.put;
    IDBObjectStore.prototype.put = function (...given) {
      const end = Date.now() + slowMs;
      const more = () => Date.now() < end && (this.count().onsuccess = more);
      const request = put.apply(this, given);
      more();
      return request;
    };
  }, 1_500);
  await page.click("[data-button=waterlogging]");
  await page.click(".send");
  await waiting(page, 1);
  await page.reload({ waitUntil: "domcontentloaded" });
  await waiting(page, 1);
  await tap(page, ".waiting .discard");
  await waiting(page, 0);
  assert.deepEqual(wrong, []);
  await close();
});

test("the phone's disk is opened again when the browser has closed it, and what it did not take is kept when it does", async () => {
  const { page, wrong, close } = await offline(2);
  await page.evaluate(() => {
    const [transaction, put] = [IDBDatabase.prototype.transaction, IDBObjectStore.prototype.put];
    let closed;
    IDBDatabase.prototype.transaction = function (...given) {
      closed ??= this;
      if (this === closed) throw new DOMException("closed", "InvalidStateError");
      return transaction.apply(this, given);
    };
    let full = true;
    IDBObjectStore.prototype.put = function (...given) {
      if (full) throw new DOMException("full", "QuotaExceededError");
      return put.apply(this, given);
    };
    window.addEventListener("emptied", () => (full = false));
  });
  await report(page, "waterlogging");
  await waiting(page, 1);
  await page.waitForSelector(".strip[role=alert]");
  await page.evaluate(() => {
    window.dispatchEvent(new Event("emptied"));
    window.dispatchEvent(new Event("online"));
  });
  await until(async () => (await page.$(".strip[role=alert]")) === null, "it is kept");
  await page.reload({ waitUntil: "domcontentloaded" });
  await waiting(page, 1);
  await tap(page, ".waiting .discard");
  await waiting(page, 0);
  assert.deepEqual(wrong, []);
  await close();
});

test("what is discarded while its photo goes up is never reported", async () => {
  // The first time the page takes the photo, the second time it sends the report.
  for (const uploads of [1, 2]) {
    const before = (await reports()).length;
    const { page, close } = await onPhone(chromium, city, { here: at(2 + uploads) });
    const held = [];
    await intercept(page, "/api/v1/photos", (request) => held.push(request) && undefined);
    await report(page, "waterlogging", true);
    await until(() => held.length >= uploads, "a photo goes up");
    await waiting(page, 1);
    await tap(page, ".waiting .discard");
    await waiting(page, 0);
    await Promise.all(held.splice(0).map((request) => request.continue().catch(() => {})));
    // One after it goes, so it is over with the first.
    await report(page, "obstruction");
    await sent(page, 1);
    const now = (await reports()).slice(before);
    assert.deepEqual(now.map(({ properties }) => properties.category), ["obstruction"]);
    await close();
  }
});

test("what is discarded in one tab is not sent by another that knows it", async () => {
  const before = (await reports()).length;
  const { page, close } = await offline(5);
  await report(page, "waterlogging");
  await waiting(page, 1);
  const other = await page.browserContext().newPage();
  await other.setViewport(PHONE);
  await other.setOfflineMode(true);
  await other.goto(page.url(), { waitUntil: "domcontentloaded" });
  await waiting(other, 1);
  await page.bringToFront();
  await tap(page, ".waiting .discard");
  await waiting(page, 0);
  await other.bringToFront();
  await other.setOfflineMode(false);
  await waiting(other, 0);
  await page.bringToFront();
  await report(page, "obstruction");
  await page.setOfflineMode(false);
  await until(async () => (await reports()).length > before, "the next one is there");
  const now = (await reports()).slice(before);
  assert.deepEqual(now.map(({ properties }) => properties.category), ["obstruction"]);
  await close();
});

test("a report that cannot get through is not in the way of those behind it", async () => {
  const { page, close } = await offline(6);
  await report(page, "waterlogging", true);
  await waiting(page, 1);
  await report(page, "obstruction");
  await waiting(page, 2);
  await intercept(page, "/api/v1/photos", () => problem(500));
  await page.setOfflineMode(false);
  await sent(page, 1);
  await waiting(page, 1);
  await close();
});

test("photos that the service no longer has are sent again, however often the network was away", async () => {
  const before = (await reports()).length;
  const { page, close } = await offline(7);
  await report(page, "waterlogging", true);
  await waiting(page, 1);
  for (let tries = 0; tries < 3; tries += 1) {
    await until(async () => page.$eval(".waiting .now", (button) => !button.disabled).catch(() => true), "it was tried");
    await page.evaluate(() => window.dispatchEvent(new Event("online")));
  }
  let [refused, photos] = [0, 0];
  await page.setRequestInterception(true);
  page.on("request", (request) => {
    if (request.method() === "POST" && request.url().endsWith("/api/v1/photos")) photos += 1;
    if (request.method() !== "POST" || !request.url().endsWith("/api/v1/reports") || refused > 0) return request.continue();
    refused += 1;
    return request.respond(problem(422, { field: "photos[0]" }));
  });
  await page.setOfflineMode(false);
  await sent(page, 1);
  assert.deepEqual([refused, photos, (await reports()).length], [1, 2, before + 1]);
  await close();
});
