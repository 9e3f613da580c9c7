// The demo's city and a browser, for all tests of a file: ready when the file is loaded (hooks of two files have no order).

import { after } from "node:test";
import { City, browser, visit } from "./city.js";

export const city = await City.demo();
export const chromium = await browser().catch(async (wrong) => {
  await city.remove();
  throw wrong;
});

after(async () => {
  await chromium.close();
  await city.remove();
});

/** A page of the demo's city, and one without its map. */
export const visited = (path, options) => visit(chromium, city.url + path, options);
export const read = (path, options) => visited(path, { ...options, map: false });
