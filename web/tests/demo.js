// The demo's city and a browser, for all tests of a file.

import { after, before } from "node:test";
import { City, browser, visit } from "./city.js";

export let city;
export let chromium;

before(async () => {
  city = await City.demo();
  chromium = await browser();
});
after(async () => {
  await chromium?.close();
  await city?.remove();
});

/** A page of the demo's city. */
export const visited = (path, options) => visit(chromium, city.url + path, options);
