// Ways to bring a script into a page, and what tells that one came in.

import assert from "node:assert/strict";
import { until, visit } from "./city.js";

/** Ways to bring a script into a page, each in several dresses. */
export function payloads() {
  const ways = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<body onload=alert(1)>",
    "<iframe src=javascript:alert(1)></iframe>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<a href=javascript:alert(1)>x</a>",
    "<input autofocus onfocus=alert(1)>",
    "<details open ontoggle=alert(1)>",
    "<video><source onerror=alert(1)></video>",
    "<math><mtext></mtext><script>alert(1)</script></math>",
    "<object data=javascript:alert(1)></object>",
    "<embed src=javascript:alert(1)>",
    "<form action=javascript:alert(1)><button>x</button></form>",
    "<style>@import 'javascript:alert(1)'</style>",
    "<link rel=stylesheet href=javascript:alert(1)>",
    "<meta http-equiv=refresh content='0;url=javascript:alert(1)'>",
    "<base href=javascript:alert(1)//>",
    "<template><script>alert(1)</script></template>",
    "{@html '<img src=x onerror=alert(1)>'}",
    "${alert(1)}",
    "{{constructor.constructor('alert(1)')()}}",
    "javascript:alert(1)",
    "<audio src=x onerror=alert(1)>",
  ];
  const dresses = [(p) => p, (p) => `"'>${p}`, (p) => `--></title></textarea></style>${p}`, (p) => `]]>${p}<!--`, (p) => p.toUpperCase(), (p) => `\u202e${p}`, (p) => `${p}\\`, (p) => p.replaceAll("<", "<\t").replaceAll("alert", "al\\u0065rt")];
  return ways.flatMap((way) => dresses.map((dress) => dress(way)));
}

/** For `before` of a visit: what the page's policy had to refuse is kept. */
export const hearPolicy = () => {
  window.refused = [];
  addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) => window.refused.push(`${violatedDirective} ${blockedURI}`));
};

/** Counts what opens over a page; none is left open, for the page would wait. */
export function dialogs(page) {
  const opened = [];
  page.on("dialog", (dialog) => {
    opened.push(dialog.message());
    void dialog.dismiss();
  });
  return opened;
}

/** What only a payload could have brought in. */
export const brought = (page) =>
  page.evaluate(() => {
    const odd = "iframe, object, embed, base, math, video, audio, form[action^=javascript], a[href^=javascript], [onerror], [onload], [onfocus], [ontoggle], meta[http-equiv=refresh], script:not([src])";
    return [...window.refused, ...[...document.querySelectorAll(odd)].map((element) => element.outerHTML.slice(0, 80))];
  });

/** A label takes no control character, and at most 100 of others. */
export const ALL = payloads().map((payload) => payload.replaceAll("\t", " "));

/** For a browser that goes through many pages: each that it would keep to go back to holds one of its few connections. */
export const FORGETFUL = ["--disable-back-forward-cache"];

/** Each has a spot of its own; 0.01 degree is a kilometre. */
export const spot = (i) => [-74 + (i % 20) * 0.01, 40.6 + Math.floor(i / 20) * 0.01];

/** The outline of its spot, closed. */
export const square = ([lon, lat]) => [[[lon - 0.004, lat - 0.004], [lon + 0.004, lat - 0.004], [lon + 0.004, lat + 0.004], [lon - 0.004, lat + 0.004], [lon - 0.004, lat - 0.004]]];

/** Spaces may fall together. */
export const bare = (said) => said.replace(/\s+/g, "");

/** Which payloads the elements say, as they are. */
export async function said(page, selector) {
  const all = (await page.$$eval(selector, (elements) => elements.map((element) => element.textContent))).map(bare);
  return ALL.filter((payload) => all.some((one) => one.includes(bare(payload))));
}

export const every = async (page, selector, what = selector) => until(async () => (await said(page, selector)).length === ALL.length, `${what} says every payload`, 30_000);

/** Waits until an element says this payload. Asked from here: pages that stand behind others count no frames. */
export const sayIt = (page, selector, payload) =>
  until(() => page.evaluate((where, words) => [...document.querySelectorAll(where)].some((element) => element.textContent.replace(/\s+/g, "").includes(words)), selector, bare(payload)), `${selector} says ${payload}`);

/** Scrolls a list of which only what is in sight is drawn, until each of the elements has said every payload. */
export async function throughout(page, box, selectors) {
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

/** Opens pages of a city with all that would tell of a script that runs. */
export const opening = (chromium, city) =>
  async function opened(path, { of = city, ...options } = {}) {
    const seen = await visit(chromium, of.url + path, { map: false, before: hearPolicy, ...options });
    const asked = dialogs(seen.page);
    const look = async (what) => assert.deepEqual([asked, await brought(seen.page), seen.wrong], [[], [], []], what);
    return {
      ...seen,
      origin: of.url,
      look,
      async clean() {
        await seen.page.evaluate(() => new Promise((done) => setTimeout(done, 100)));
        await look(path);
        await seen.close();
      },
    };
  };

/** Goes from address to address on the same few pages; `reads` is what each has to show: a selector and a payload. */
export async function walk(opened, addresses, tabs = 3) {
  const waiting = [...addresses];
  const one = async () => {
    const tab = await opened(waiting[0].path);
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const answer = await tab.page.goto(tab.origin + next.path, { waitUntil: "domcontentloaded" });
      assert.ok([200, 304].includes(answer.status()), `${next.path}: ${answer.status()}`);
      if (next.payload) await sayIt(tab.page, next.selector ?? "body", next.payload);
      await tab.look(next.path);
    }
    await tab.clean();
  };
  await Promise.all(Array.from({ length: tabs }, one));
}
