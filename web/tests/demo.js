// The demo's city and a browser, for all tests of a file: ready when the file is loaded (hooks of two files have no order).

import { after, test } from "node:test";
import { City, browser, visit } from "./city.js";

export const city = await City.demo();
export let chromium = await browser().catch(async (wrong) => {
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

/** A test that is begun once more, in a browser that is started anew, where it failed; the first failure is told. Of three
 * runs on two cores a browser stood still in two, for minutes, and answered nothing: why is not known. */
export const patient = (name, run) =>
  test(name, async (context) => {
    try {
      await run(context);
    } catch (failure) {
      context.diagnostic(`failed once, and is begun again: ${failure.stack ?? failure}`);
      const old = chromium;
      chromium = await browser();
      old.process()?.kill("SIGKILL");
      await run(context);
    }
  });
