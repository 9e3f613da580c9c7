// What holds of every view of the Map: its four states, bad input, small screens, the keyboard, paper.

import assert from "node:assert/strict";
import { test } from "node:test";
import { City, PHONE, drawn, listed, parameter, says, settled, text, until, visit } from "./city.js";
import { chromium, city, read, visited } from "./demo.js";

const WORST = "hotspot=waterlogging:8c2a1077128d1ff";
const WEEKS = ["2024-06-10T12:00:00Z", "2024-06-24T12:00:00Z"];

/** Each view: its address, where its states are drawn, and what stands there in the end. */
const VIEWS = [
  { name: "list", query: "", panel: ".panel", stands: "a[data-row]" },
  { name: "sheet", query: WORST, panel: ".sheet", stands: ".sheet .sentence" },
  { name: "incident", query: `${WORST}&incident=i7431`, panel: ".sheet", stands: ".sheet .reports li" },
  { name: "storms", query: "page=storms", panel: ".panel", stands: ".matrix a[data-row], .storm-list summary" },
  { name: "significance", query: "page=trend", panel: ".panel", stands: ".cells tbody tr" },
  { name: "risk", query: "page=trend&cells=risk", panel: ".panel", stands: ".cells tbody tr" },
  { name: "coverage", query: "page=trend&cells=coverage", panel: ".panel", stands: ".cells tbody tr" },
];
const BESIDE = VIEWS.slice(3);

/** The page goes to another address as when its reader goes back: to load it anew would take most of the time. */
const goes = (page, query) =>
  page.evaluate((to) => {
    history.pushState(null, "", `/?${to}`);
    dispatchEvent(new PopStateEvent("popstate"));
  }, query);

/** For `before` of a visit: `window.data` says what becomes of a question for data: "held" until it says something else,
 * "cut", "refused", told to come back ("busy"), or answered. */
const gate = () => {
  const real = window.fetch;
  window.data = "answered";
  window.asked = [];
  const tick = () => new Promise((again) => setTimeout(again, 10));
  window.fetch = async (url, ...more) => {
    if (!/\/api\/v1\/(?!live|categories|criteria|places)|\/layers\//.test(String(url))) return real(url, ...more);
    window.asked.push(new URL(url, location).pathname);
    while (window.data === "held") await tick();
    if (window.data === "cut") throw new TypeError("cut");
    if (window.data === "refused") return Response.json({ title: "Service Unavailable", status: 500, detail: "the disk is full" }, { status: 500 });
    if (window.data === "busy") return Response.json({ title: "Service Unavailable", status: 503, detail: "too much at once" }, { status: 503, headers: { "retry-after": "1" } });
    return real(url, ...more);
  };
};
const data = (page, now) => page.evaluate((now) => (window.data = now), now);

test("every view holds the place of what is on its way, says so in the next frame, and then is what it is", async () => {
  const { page, wrong, close } = await read("/?lang=en", { before: `(${gate})(); window.data = "held";` });
  for (const { name, query, panel, stands } of VIEWS) {
    await data(page, "held");
    if (query) await goes(page, `${query}&lang=en`);
    const waits = `${panel} .skeleton[role=status][aria-label]`;
    if (query) assert.ok(await page.evaluate((of) => new Promise((done) => requestAnimationFrame(() => setTimeout(() => done(document.querySelector(of)?.checkVisibility() ?? false)))), waits), `${name} says that it is loading`);
    else {
      await page.waitForSelector(waits, { visible: true });
      await page.waitForSelector(".timeline .skeleton[role=status]", { visible: true });
    }
    assert.equal(await page.$(stands), null, name);
    // What the list knows stands there already.
    if (name === "sheet") assert.equal(await text(page, ".sheet .awaited"), "19 Av & 58 St");
    await data(page, "answered");
    await page.waitForSelector(stands);
    await until(async () => !(await page.$(waits)), `${name} has come`);
    // The next begins from nothing.
    if (panel === ".sheet") await goes(page, "lang=en");
    if (panel === ".sheet") await page.waitForSelector(".sheet", { hidden: true });
  }
  await until(async () => !(await page.$(".skeleton")), "nothing waits any more");
  assert.deepEqual(wrong, []);
  await close();
});

test("every view says what went wrong, with its cause, and tries again when asked to", async () => {
  const { page, wrong, close } = await read("/?lang=en", { before: `(${gate})(); window.data = "cut";` });
  for (const { name, query, panel, stands } of VIEWS) {
    for (const [now, cause] of [["cut", /The service cannot be reached\./], ["refused", /the disk is full/]]) {
      await data(page, now);
      if (query) await goes(page, `${query}&lang=en`);
      else if (now === "refused") await page.click(".panel .state[role=alert] button");
      await says(page, `${panel} [role=alert]`, cause);
      if (now === "refused") {
        await data(page, "answered");
        // Parts that stand beside each other have each its own way.
        for (let more = await page.$(`${panel} [role=alert] button`); more; more = await page.$(`${panel} [role=alert] button`)) await more.evaluate((button) => button.click());
        await page.waitForSelector(stands);
        await until(async () => !(await page.$(`${panel} [role=alert]`)), `${name} is whole`);
      } else if (query) await goes(page, "lang=en");
    }
    if (query) await goes(page, "lang=en");
    await page.waitForSelector("a[data-row]");
  }
  assert.deepEqual(wrong, []);
  await close();
});

test("what cannot be had is asked for once, and not again before the service is found again", async () => {
  const { page, wrong, close } = await read("/?lang=en", { before: `(${gate})();` });
  await page.waitForSelector("a[data-row]");
  for (const { name, query, panel } of BESIDE) {
    await data(page, "cut");
    await page.evaluate(() => (window.asked = []));
    await goes(page, `${query}&lang=en`);
    await says(page, `${panel} [role=alert]`, /The service cannot be reached\./);
    const asked = await settled(() => page.evaluate(() => window.asked));
    assert.ok(asked.length > 0, name);
    assert.deepEqual(asked.toSorted(), [...new Set(asked)].toSorted(), name);
    await data(page, "answered");
    await goes(page, "lang=en");
    await page.waitForSelector("a[data-row]");
  }
  assert.deepEqual(wrong, []);
  await close();
});

test("a service that has too much to do is asked again when it said, and an answer that was lost comes, and nobody has to press anything", async () => {
  const { page, wrong, close } = await read("/?lang=en", { before: `(${gate})();` });
  await page.waitForSelector("a[data-row]");
  const { query, stands } = BESIDE[1];
  await data(page, "busy");
  await page.evaluate(() => (window.asked = []));
  await goes(page, `${query}&lang=en`);
  const often = () => page.evaluate(() => window.asked.filter((path) => path.endsWith("/significance")).length);
  await until(async () => (await often()) >= 2, "it comes back");
  assert.equal(await page.$(".panel [role=alert]"), null, "nobody is told yet");
  await data(page, "answered");
  await page.waitForSelector(stands);
  await goes(page, "lang=en");
  await data(page, "cut");
  await goes(page, `${query}&lang=en`);
  await says(page, ".of-cells [role=alert]", /The service cannot be reached\./);
  assert.equal(await page.$(".notices .lost"), null, "the connection is there");
  await data(page, "answered");
  await page.waitForSelector(stands);
  assert.deepEqual(wrong, []);
  await close();
});

test("on every view a network that is cut is missed with the time, what was shown stays, and what could not be had comes by itself", async () => {
  const { page, close } = await read("/?page=storms&lang=en");
  await page.waitForSelector(".matrix a[data-row]");
  for (const { name, query, panel, stands } of [...BESIDE, VIEWS[1], VIEWS[2]]) {
    if (panel === ".sheet") await goes(page, "lang=en");
    else await goes(page, `${query}&lang=en`);
    const before = panel === ".sheet" ? "a[data-row]" : stands;
    await page.waitForSelector(before);
    const seen = await text(page, before);
    await page.setOfflineMode(true);
    await says(page, ".notices .lost", /^No connection since \d\d:\d\d\. Shown is how things stood on 30 Jun 2024, 23:20; this page keeps trying\.$/);
    assert.equal(await text(page, before), seen, `${name}: what was shown stays`);
    // What is asked for now.
    await goes(page, panel === ".sheet" ? `${query}&lang=en` : `${query}&lang=en&min_evidence=1`);
    await says(page, `${panel} [role=alert]`, /cannot be reached/);
    await page.setOfflineMode(false);
    await until(async () => !(await page.$(".notices .lost")), `${name}: it is found again`);
    await page.waitForSelector(stands);
    await until(async () => !(await page.$(`${panel} [role=alert]`)), `${name} is whole again`);
  }
  // Who searches without a network is not told that there is no such place.
  await page.setOfflineMode(true);
  await page.waitForSelector(".notices .lost");
  await page.click(".search input");
  await page.keyboard.type("zzzz");
  await says(page, ".search li", /cannot be reached/);
  await close();
});

test("under an open view the service starts again and much is reported: the view finds it, moves nothing, and is worked out anew when asked to", async () => {
  const live = await City.demo();
  try {
    const { page, close } = await visit(chromium, `${live.url}/?page=storms&lang=en`, { map: false });
    await page.waitForSelector(".matrix a[data-row]");
    await live.stop();
    await page.waitForSelector(".notices .lost");
    assert.ok((await page.$$(".matrix a[data-row]")).length > 10, "what was shown stays");
    await live.start();
    await until(async () => !(await page.$(".notices .lost")), "it is found again");
    const [lon, lat] = (await live.get("/api/v1/hotspots?category=waterlogging&limit=1")).features[0].geometry.coordinates;
    for (const [i, { name, query, stands }] of [BESIDE[0], BESIDE[1], BESIDE[3]].entries()) {
      await goes(page, `${query}&lang=en`);
      await page.waitForSelector(stands);
      // Not by the network: a stream that was cut by the stop may count as under way for good.
      // What chance alone gives is worked out in seconds, and is longer than the line that says so.
      await until(async () => !(await page.$(".panel :is(.skeleton, .wait)")), "all of it is there");
      await page.hover(stands);
      const where = () => page.$$eval(".panel h2, .panel thead, .panel tbody tr:not([aria-hidden])", (all) => all.slice(0, 40).map((one) => [one.textContent.slice(0, 30), one.getBoundingClientRect().top]));
      const before = await settled(where);
      assert.equal(await page.$(".panel .pill"), null);
      const { position } = await live.report(lon, lat, `2024-07-01T0${i + 1}:00:00Z`).then(() => live.get("/api/v1/hotspots?limit=1"));
      await says(page, ".panel .pill", /^More has been reported since\. Work it out anew$/);
      assert.deepEqual(await where(), before, `${name}: nothing moves under the pointer`);
      const asked = page.waitForResponse((answer) => /\/analysis\/storms|\/analysis\/significance|\/layers\/coverage/.test(answer.url()));
      await page.click(".panel .pill");
      assert.ok((await (await asked).json()).position >= position, name);
      await until(async () => !(await page.$(".panel .pill")), `${name} is up to date`);
    }
    await close();
  } finally {
    await live.remove();
  }
});

/** What a program writes where it knows nothing. */
const LEAKS = /\b(NaN|undefined|null|Infinity|\[object)\b/;

test("every view of a city with no report, with one, or of a category without any says so, and what to do", async () => {
  const none = await City.of([]);
  const one = await City.of([["1", "waterlogging", 110.33, 20.03, WEEKS[0]]]);
  const says_nothing = { storms: /No hotspot|No storm|[Nn]othing|no rainfall/, significance: /No cell|[Nn]o |too few/, risk: /No cell|[Nn]o |too few/, coverage: /No cell|[Nn]obody|[Nn]o |reports? of any kind/ };
  try {
    for (const [at, more] of [[none.url, ""], [one.url, ""], [city.url, "&category=manhole"]]) {
      const { page, wrong, close } = await visit(chromium, `${at}/?lang=en${more}`, { map: false });
      await says(page, ".panel .state", at === none.url ? /Nothing has been reported yet/ : /Nothing recurs here yet/);
      for (const { name, query } of BESIDE) {
        await goes(page, `${query}&lang=en${more}`);
        await page.waitForNetworkIdle({ idleTime: 300, concurrency: 1 });
        await until(async () => !(await page.$(".panel .skeleton")), name);
        const said = await says(page, ".panel", says_nothing[name]);
        assert.doesNotMatch(said, LEAKS, name);
        assert.equal(await page.$(".panel [role=alert]"), null, name);
      }
      for (const query of [WORST, "incident=i7431"]) {
        await goes(page, `${query}&lang=en${more}`);
        if (at !== city.url) await says(page, ".sheet .state", /no hotspot here in this view|not here|no incident/);
      }
      assert.deepEqual(wrong, []);
      await close();
    }
  } finally {
    await none.remove();
    await one.remove();
  }
});

test("names that are long, from right to left, or like a tag are text on every view, in the search, on a phone and on paper", async () => {
  const names = ["<script>window.hurt=1</script><img src=x onerror=window.hurt=1>", "路".repeat(200), "W".repeat(200), "شارع الملك فهد عند التقاطع الكبير"];
  const spots = names.map((_, i) => [110.3 + i / 50, 20.03]);
  const own = await City.of(spots.flatMap(([lon, lat], i) => WEEKS.map((at, k) => [`${i}-${k}`, "waterlogging", lon, lat, at])), names.map((name, i) => [`p${i}`, ...spots[i], name]));
  try {
    await own.import(["start", "seconds", "mm"], WEEKS.map((at) => [new Date(Date.parse(at) - 3_600_000).toISOString(), 3_600, 30]), "--rain");
    for (const size of [undefined, PHONE]) {
      const { page, wrong, close } = await visit(chromium, `${own.url}/?lang=en`, { map: false, size });
      const fits = async (name) => assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${name} is no wider than the screen`);
      await listed(page);
      for (const { name, query } of BESIDE) {
        await goes(page, `${query}&lang=en`);
        await page.waitForNetworkIdle({ idleTime: 300, concurrency: 1 });
        await until(async () => !(await page.$(".panel .skeleton")), name);
        if (name === "storms" && size) await page.$$eval(".storm-list summary", (all) => all.forEach((one) => one.click()));
        if (name === "storms") await until(async () => JSON.stringify([...new Set(await page.$$eval(".matrix a[data-row], .storm-list li a", (links) => links.map((link) => link.textContent.trim())))].sort()) === JSON.stringify([...names].sort()), "each name is there");
        if (name === "coverage") {
          const cells = (await page.$$eval(".cells [data-cell]", (all) => all.map((one) => one.textContent.trim()))).join("\n");
          for (const one of names) assert.ok(cells.includes(one), `${one} is named`);
        }
        await fits(name);
      }
      await goes(page, "lang=en");
      await listed(page);
      for (const [typed, name] of [["<script", names[0]], ["路路", names[1]], ["WWW", names[2]], ["الملك", names[3]]]) {
        await page.click(".search input");
        await page.$eval(".search input", (input) => (input.value = ""));
        await page.keyboard.type(typed);
        await until(async () => (await text(page, ".search li[aria-selected=true] span")) === name, `${typed} is found`);
        await fits("search");
        await page.keyboard.press("Enter");
        await until(async () => (await text(page, ".sheet h2")) === name, "its sheet is open");
        await page.waitForSelector(".sheet .occasions tbody tr");
        await page.$eval(".sheet", (sheet) => (sheet.scrollTop = sheet.scrollHeight));
        await page.waitForSelector(".sheet .top .name");
        assert.ok(await page.$eval(".sheet", (sheet) => sheet.scrollWidth <= sheet.clientWidth + 1), "nor the sheet");
        await page.keyboard.press("Escape");
        await page.waitForSelector(".sheet", { hidden: true });
      }
      await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
      await page.emulateMediaType("print");
      // As wide as an A4 sheet is within its margins.
      await page.setViewport({ ...size, width: 688, height: 1_020 });
      await page.waitForSelector(".paper tbody bdi");
      assert.deepEqual(new Set(await page.$$eval(".paper tbody bdi", (all) => all.map((one) => one.textContent))), new Set(names));
      await fits("the list on paper");
      assert.equal(await page.evaluate(() => window.hurt), undefined);
      assert.deepEqual(wrong, []);
      await close();
    }
  } finally {
    await own.remove();
  }
});

const NONSENSE = {
  page: "moon", about: "everything", cells: "unicorns", rows: "-luck", category: "Uni corns", status: "maybe", weather: "never_snow", doubtful: "perhaps", criterion: "<b>", sort: "-luck", as_of: "yesterday", position: "-1",
  datetime: "a/b", at: "NaN,1,2", reports: "many", lang: "xx", theme: "pink", colour: "red", "__proto__": "1", "hotspot_radius[]": "3",
};

test("nonsense in each parameter of a link is named one by one, and what is usual is shown", async () => {
  const { page, wrong, close } = await read("/?lang=en");
  await listed(page);
  const usual = await page.$$eval("a[data-row]", (links) => links.length);
  const notices = () => page.$$eval(".notices > p", (all) => all.map((one) => one.innerText));
  const asUsual = async (name) => {
    await until(async () => (await page.$$eval("a[data-row]", (links) => links.length)) === usual, `${name}: all are listed`);
    assert.doesNotMatch(await text(page, "main"), LEAKS, name);
  };
  const explained = async (names, what) => {
    for (const name of names) await until(async () => (await notices()).some((said) => said.includes(` ${name}=`) || said.includes(`“${name}”`)), `${name} is explained: ${what}`);
    assert.ok((await notices()).every((said) => said.length < 300), "in a sentence");
    await asUsual(what);
  };
  for (const [name, value] of Object.entries(NONSENSE)) {
    await goes(page, `${name}=${encodeURIComponent(value)}${name === "lang" ? "" : "&lang=en"}`);
    await explained([name], value);
  }
  for (const value of ["", "9".repeat(5_000), "<img src=x onerror=window.hurt=1>"]) {
    const names = Object.keys(NONSENSE);
    await goes(page, names.map((name) => `${name}=${encodeURIComponent(value)}`).join("&"));
    await explained(names, value.slice(0, 40));
  }
  // What only the service can judge.
  for (const [i, name] of ["join_radius", "lapse", "max_open", "anchor_radius", "hotspot_radius", "spacing", "occasion_gap", "candidate_occasions", "min_occasions", "min_evidence", "window", "dry_gap", "storm_depth", "rain_lead", "drain_lag", "small_rain_lag", "rain_cover", "gauge_reach"].entries()) {
    const value = ["-1", "much"][i % 2];
    await goes(page, `${name}=${value}&lang=en`);
    await until(async () => (await notices()).some((said) => /could not take this view/.test(said) && said.includes(name)), `${name}=${value} is explained`);
    await asUsual(`${name}=${value}`);
    await until(() => parameter(page, name) === null, "the address drops it");
  }
  await goes(page, "position=999999999999999&lang=en");
  await until(async () => (await notices()).some((said) => /could not take this view/.test(said)), "a position that never was is explained");
  await asUsual("position");
  // What names nothing: a sentence, and the list beside it.
  for (const query of ["hotspot=nonsense", "hotspot=..%2F..%2Fetc", "hotspot=waterlogging:", "incident=nonsense", "incident=%3Cb%3E", `${WORST}&incident=i999999999`, `hotspot=${"x".repeat(199)}`]) {
    await goes(page, `${query}&lang=en`);
    await says(page, ".sheet .state", /not|no hotspot here in this view/);
    await asUsual(query);
  }
  assert.equal(await page.evaluate(() => window.hurt), undefined);
  assert.deepEqual(wrong, []);
  await close();
});

test("on a phone and at 200 % every view fits, and what it offers can be pressed", async () => {
  for (const size of [PHONE, { width: 720, height: 450, deviceScaleFactor: 2 }]) {
    const { page, wrong, close } = await read("/?lang=en", { size });
    await listed(page);
    for (const { name, query, stands } of VIEWS) {
      await goes(page, `${query}&lang=en`);
      await page.waitForSelector(stands);
      await until(async () => !(await page.$(".panel .skeleton")), name);
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${name} at ${size.width} px`);
      const beyond = await page.evaluate(() => {
        const seen = (one) => one.checkVisibility({ visibilityProperty: true, opacityProperty: true }) && one.getBoundingClientRect().width > 0;
        const covered = document.querySelector(".sheet") ? ".sheet" : ".screen";
        return [...document.querySelectorAll(`${covered} :is(button, select, summary, input, a[href])`)].filter(seen).filter((one) => {
          if (one.closest(".skip, .matrix, .timeline .chart") || one.closest("details:not([open])")?.matches(".menu") === (one.tagName !== "SUMMARY")) return false;
          one.scrollIntoView({ block: "center", inline: "nearest" });
          const { left, right, top, bottom } = one.getBoundingClientRect();
          const at = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
          return left < -1 || right > innerWidth + 1 || !(at && (one.contains(at) || at.contains(one)));
        }).map((one) => `${one.tagName} ${one.className} ${one.textContent.trim().slice(0, 30)}`);
      });
      assert.deepEqual(beyond, [], `${name} at ${size.width} px`);
    }
    assert.deepEqual(wrong, []);
    await close();
  }
});

test("by the Tab key alone everything that can be pressed on every view is reached once, in sight and marked, and the way out again", async () => {
  const { page, wrong, close } = await visited("/?lang=en");
  await listed(page);
  await drawn(page);
  for (const { name, query, stands } of VIEWS) {
    // Another table of the same.
    if (name === "risk") continue;
    await goes(page, `${query}&lang=en`);
    await page.waitForSelector(stands);
    await page.waitForNetworkIdle({ idleTime: 400, concurrency: 1 });
    if (query.includes("page=trend")) await page.waitForSelector(".chance .says, .unreported .says");
    await page.evaluate(() => {
      document.activeElement?.blur();
      getSelection().removeAllRanges();
      window.reached = [];
      // What an enter of the focus finds.
      if (!window.watched) document.addEventListener("focusin", ({ target }) => {
        const { left, right, top, bottom } = target.getBoundingClientRect();
        const marked = (one) => getComputedStyle(one).outlineStyle !== "none" && parseFloat(getComputedStyle(one).outlineWidth) >= 1;
        window.reached.push({ target, right: right > 0 && left < innerWidth && bottom > 0 && top < innerHeight && (marked(target) || marked(target.parentElement)) });
      });
      window.watched = true;
      document.querySelector(".skip").focus();
    });
    const lost = () => page.evaluate(() => document.activeElement === document.body || window.reached.length > 1 && document.activeElement.matches(".skip"));
    for (let pressed = 0; ; pressed += 10) {
      assert.ok(pressed < 700, `${name}: there is a way out`);
      for (let i = 0; i < 10; i += 1) await page.keyboard.press("Tab");
      if (await lost() || await page.evaluate(() => new Set(window.reached.map(({ target }) => target)).size < window.reached.length)) break;
    }
    const { never, hidden } = await page.evaluate(() => {
      const says = (one) => `${one.tagName} ${one.className} ${(one.ariaLabel ?? one.textContent).trim().slice(0, 40)}`;
      // Ways to the storms beside come and go as one gets there.
      const all = [...document.querySelectorAll("button, select, summary, input, textarea, a[href], [tabindex='0']")].filter((one) => one.checkVisibility({ visibilityProperty: true }) && one.tabIndex >= 0 && !one.disabled && !one.closest("[inert]") && !one.matches(".outside button"));
      const found = new Set(window.reached.map(({ target }) => target));
      return { never: all.filter((one) => !found.has(one)).map(says), hidden: window.reached.filter(({ right }) => !right).map(({ target }) => says(target)) };
    });
    assert.deepEqual(never, [], name);
    assert.deepEqual([...new Set(hidden)], [], `${name}: the focus is seen`);
  }
  assert.deepEqual(wrong, []);
  await close();
});

/** Width and height of each page of a PDF, in millimetres. */
const pages = (pdf) => [...Buffer.from(pdf).toString("latin1").matchAll(/\/MediaBox\s*\[([\d.\s]+)\]/g)].map(([, box]) => box.trim().split(/\s+/).slice(2).map((points) => Math.round((Number(points) / 72) * 25.4)));

/** So many sheets each view takes in the demo's city: the line of its source stands on none alone. */
const SHEETS = { list: 2, sheet: 2, incident: 1, storms: 3, significance: 2, risk: 3, coverage: 3 };

test("every view prints on A4, with its source and date, on no more sheets than it has to say, and nothing that is pressed", async () => {
  const { page, wrong, close } = await visited("/?lang=en");
  await listed(page);
  await drawn(page);
  for (const { name, query, stands } of VIEWS) {
    await goes(page, `${query}&lang=en`);
    await page.waitForSelector(stands);
    await page.waitForNetworkIdle({ idleTime: 400, concurrency: 1 });
    const pdf = await page.pdf({ preferCSSPageSize: true });
    const sizes = pages(pdf);
    assert.ok(sizes.length >= 1 && sizes.length <= SHEETS[name], `${name}: ${sizes.length} pages`);
    for (const [width, height] of sizes) assert.deepEqual([width, height].toSorted((a, b) => a - b), [210, 297], name);
    await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
    await page.emulateMediaType("print");
    await says(page, "body", /As of 30 Jun 2024, 23:20/);
    await until(() => page.$$eval("footer", (all) => all.some((one) => one.checkVisibility() && /position=\d+[\s\S]+Printed/.test(one.innerText))), `${name}: source and date`);
    const pressed = await page.$$eval(":is(button, summary, select, input)", (all) => all.filter((one) => one.checkVisibility() && !one.matches("button.link, .ids button, .beside button")).map((one) => one.textContent));
    assert.deepEqual(pressed, [], name);
    await page.evaluate(() => dispatchEvent(new Event("afterprint")));
    // Of paper and screen neither is forced upon the next.
    await page.emulateMediaType(null);
  }
  assert.deepEqual(wrong, []);
  await close();
});

test("what a view beside the map exports is what it shows", async () => {
  const { page, close } = await read("/?page=storms&lang=en");
  for (const [query, kinds] of [["page=storms", ["csv"]], ["page=trend", ["csv", "geojson"]], ["page=trend&cells=coverage", ["csv", "geojson"]]]) {
    await goes(page, `${query}&lang=en`);
    await page.waitForSelector(query === "page=storms" ? ".matrix a[data-row]" : ".cells tbody tr");
    await until(async () => (await page.$$eval(".menu:first-of-type > div a", (links) => links.map((link) => link.download.split(".").at(-1)).join())) === kinds.join(), `${query}: its files`);
    const [hrefs, own] = [await page.$$eval(".menu:first-of-type > div a", (links) => links.map((link) => link.href)), await page.$$eval(".about a[download], .table-head a[download]", (links) => links[0].href)];
    assert.equal(hrefs[0], own, "the table that stands beside what it has");
    if (kinds.length > 1) {
      const { features } = await (await fetch(hrefs[1])).json();
      assert.equal(features.length, (await (await fetch(hrefs[0])).text()).trim().split(/\r?\n/).length - 1);
      assert.ok(features.length > 100 && features[0].geometry.type === "Polygon");
    }
  }
  await page.click(".pages button:first-child");
  await page.waitForSelector(".menu:first-of-type > div button:nth-child(2)");
  await until(async () => (await page.$$(".menu > div a")).length === 0, "the list has its own again");
  await close();
});
