// The map's search asks the service, which forgives a slip and knows initials; the keyboard is enough.

import assert from "node:assert/strict";
import { test } from "node:test";
import { text, until, visit } from "./city.js";
import { ago, at, deskCity } from "./desk_city.js";

const { city, chromium } = await deskCity([["old", "waterlogging", ...at(9), ago(180)]], [["x1", ...at(3), "Hempstead Av & Freeborn St"], ["x2", ...at(4), "豪苑路与南海大道路口"]]);

test("a place is found with a slip of the pen or by its initials, and Enter leads the map there", async () => {
  const asked = [];
  const { page, wrong, close } = await visit(chromium, `${city.url}/?lang=en`, { map: false });
  page.on("request", (request) => request.url().includes("/api/v1/places") && asked.push(new URL(request.url()).search));
  await page.waitForSelector(".search input");
  await page.keyboard.press("/");
  await page.waitForSelector(".search input:focus");
  await page.keyboard.type("hempsteed");
  await until(async () => /Hempstead Av & Freeborn St/.test(await text(page, ".search li[aria-selected=true]")), "a slip is forgiven");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Escape");
  await page.keyboard.press("/");
  await page.keyboard.type("hyl");
  await until(async () => /豪苑路/.test(await text(page, ".search li[aria-selected=true]")), "initials of pinyin are enough");
  await page.keyboard.press("Enter");
  await until(async () => (await page.$(".search li[aria-selected=true]")) === null, "it is chosen");
  await page.keyboard.press("/");
  await page.keyboard.type("nowhere at all");
  await until(async () => /nowhere at all/.test(await text(page, ".search li")), "nothing is said to be nothing");
  assert.ok(asked.length > 0 && asked.every((query) => query.startsWith("?q=")), `${asked}`);
  assert.deepEqual(wrong, []);
  await close();
});
