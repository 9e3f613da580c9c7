// What should not be, but is: the page says so and goes on.

import assert from "node:assert/strict";
import { test } from "node:test";
import { City, PHONE, drawn, keepFiles, lastFile, listed, parameter, places, says, text, until, visit } from "./city.js";
import { chromium, read, visited } from "./demo.js";

const WEEKS = ["2024-06-10T12:00:00Z", "2024-06-24T12:00:00Z"];
/** Reports that make each position flood twice. */
const twice = (spots) => spots.flatMap(([lon, lat], i) => WEEKS.map((at, k) => [`${i}-${k}`, "waterlogging", lon, lat, at]));

test("a link with nonsense explains itself and shows what it can", async () => {
  const nonsense = "category=unicorns&status=maybe&sort=-luck&at=1,2&as_of=yesterday&datetime=a/b&lang=xx&colour=red&weather=never_storm";
  const { page, wrong, close } = await read(`/?${nonsense}`);
  await listed(page);
  for (const part of ["category=unicorns", "status=maybe", "sort=-luck", "at=1,2", "as_of=yesterday", "datetime=a/b", "lang=xx", "colour"]) {
    await until(async () => (await text(page, ".notices")).includes(part), `${part} is explained`);
  }
  await until(async () => (await places(page))[0] === "Broadway & W 82 St", "what could be read holds");
  assert.deepEqual(wrong, []);
  await close();
});

test("a rule that the service refuses falls back to the present", async () => {
  const { page, close } = await read(`/?spacing=-5&as_of=2024-03-01T00:00:00Z`);
  await listed(page);
  await says(page, ".notices", /could not take this view \(spacing/);
  await until(async () => (await places(page)).length === 211, "all are listed");
  await close();
});

test("the id of a member leads to its hotspot, and an id of nothing to a sentence", async () => {
  const member = await read(`/?hotspot=waterlogging:8c2a107712d61ff`);
  await member.page.waitForSelector(".sheet .sentence");
  await says(member.page, ".sheet h2", /^19 Av & 58 St$/);
  await says(member.page, ".notices", /counts as part of 19 Av & 58 St/);
  await until(() => parameter(member.page, "hotspot") === "waterlogging:8c2a1077128d1ff", "the address follows");
  await member.close();
  const gone = await read(`/?hotspot=waterlogging:8c2a10000000000`);
  await gone.page.waitForSelector(".sheet .state");
  await says(gone.page, ".sheet", /no hotspot here in this view/);
  await gone.close();
});

test("a category without reports says what to do", async () => {
  const { page, wrong, close } = await visited(`/?category=manhole`);
  await page.waitForSelector(".panel .state");
  await says(page, ".panel .state", /Nothing recurs here yet for “Manhole”/);
  await drawn(page);
  assert.deepEqual(wrong, []);
  await close();
});

test("where nothing was ever reported the page says so and how to begin, of no day, in both languages", async () => {
  const city = await City.of([]);
  try {
    for (const [lang, says_it] of [["en", /^Nothing has been reported yet\.\s+Report what you see, or load reports of the past with waterlog import reports\.csv\.\s+Report$/], ["zh", /^尚无任何上报。\s+可上报所见积水，或用 waterlog import reports\.csv 导入以往的上报。\s+上报$/]]) {
      const { page, wrong, close } = await visit(chromium, `${city.url}/?lang=${lang}`, { map: false });
      await says(page, ".panel .state", says_it);
      for (const view of ["storms", "trend"]) {
        await says(page, ".bar", /waterlog/);
        assert.doesNotMatch(await page.evaluate(() => document.body.innerText + [...document.querySelectorAll("input")].map(({ value }) => value).join(" ")), /19(69|70)/, view);
        await page.click(`.bar .pages button:nth-child(${view === "storms" ? 2 : 3})`);
        await page.waitForSelector(view === "storms" ? ".about" : ".trend .says");
      }
      assert.doesNotMatch(await page.evaluate(() => document.body.innerText), /19(69|70)|As of|截至/);
      assert.deepEqual(wrong, []);
      await close();
    }
    const { page, close } = await visit(chromium, `${city.url}/?lang=en`, { map: false });
    await says(page, ".panel .state", /^Nothing has been reported yet/);
    await city.report(110.33, 20.03, WEEKS[0]);
    await says(page, ".panel .state", /^Nothing recurs here yet/);
    await says(page, ".bar .as_of", /^As of/);
    await close();
  } finally {
    await city.remove();
  }
});

test("a city with one report is empty, then shows its first spot", async () => {
  const city = await City.of([["1", "waterlogging", 110.33, 20.03, WEEKS[0]]]);
  try {
    const { page, wrong, close } = await visit(chromium, `${city.url}/`);
    await page.waitForSelector(".panel .state");
    await drawn(page);
    await city.report(110.33, 20.03, WEEKS[1]);
    await listed(page);
    await until(async () => (await places(page)).length === 1, "it is listed");
    assert.deepEqual(wrong, []);
    await close();
  } finally {
    await city.remove();
  }
});

test("names are text, however long, from right to left, or like a tag or a formula", async () => {
  const names = ["<script>window.hurt=1</script><img src=x onerror=window.hurt=1>", "路".repeat(200), "شارع الملك فهد عند التقاطع الكبير", '=HYPERLINK("http://x")'];
  const spots = names.map((_, i) => [110.3 + i / 50, 20.03]);
  const city = await City.of(twice(spots), names.map((name, i) => [`p${i}`, ...spots[i], name]));
  try {
    const { page, wrong, close } = await visit(chromium, `${city.url}/`, { before: keepFiles });
    await listed(page);
    await drawn(page);
    assert.deepEqual(new Set(await places(page)), new Set(names));
    const clipped = await page.$$eval("a[data-row]", (links) => links.every((link) => link.getBoundingClientRect().right <= link.closest("th").getBoundingClientRect().right + 1));
    assert.ok(clipped, "a long name stays in its column");
    for (let row = 0; row < names.length; row += 1) {
      await page.click(`a[data-row="${row}"]`);
      const name = (await places(page))[row];
      await until(async () => (await text(page, ".sheet h2")) === name, "the sheet has the name");
    }
    const wide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
    assert.ok(!wide, "nothing makes the page scroll sideways");
    await page.click(".menu summary");
    await page.$eval(".menu > div button", (button) => button.click());
    const table = await lastFile(page);
    assert.match(table, /"'=HYPERLINK\(""http:\/\/x""\)"/);
    assert.equal(await page.evaluate(() => window.hurt), undefined);
    assert.deepEqual(wrong, []);
    await close();
  } finally {
    await city.remove();
  }
});

test("10,000 hotspots are listed, scrolled and sorted", async () => {
  const side = 100;
  const spots = Array.from({ length: side * side }, (_, i) => [(110 + (i % side) / 300).toFixed(5), (20 + Math.floor(i / side) / 300).toFixed(5)]);
  const city = await City.of(twice(spots));
  try {
    const { page, wrong, close } = await visit(chromium, `${city.url}/`);
    await listed(page);
    await says(page, ".statuses", /10,000\s+candidates/);
    assert.ok((await places(page)).length < 100, "only what is looked at is drawn");
    await page.click('a[data-row="0"]');
    await page.keyboard.press("End");
    await until(() => page.$('a[data-row="9999"]'), "the last row is reached");
    await page.keyboard.press("Home");
    const first = () => page.$eval('a[data-row="0"]', (link) => link.dataset.id);
    const ids = (await city.get("/api/v1/hotspots?category=waterlogging&limit=10000&sort=last_seen")).features.map(({ id }) => id).sort();
    await until(async () => (await first()) === ids[0], "all alike, they are in order of id");
    // One floods again: the last of them all comes first.
    const [lon, lat] = (await city.get(`/api/v1/hotspots/${ids.at(-1)}`)).geometry.coordinates;
    await page.mouse.move(1200, 20);
    await page.$eval('a[data-row="0"]', (link) => link.blur());
    await city.report(lon, lat, "2024-06-28T12:00:00Z");
    await until(async () => (await first()) === ids.at(-1), "the list is in order of floods");
    await page.click("th.count button");
    await until(async () => (await first()) === ids[0], "and in the other order");
    await drawn(page);
    assert.deepEqual(wrong, []);
    await close();
  } finally {
    await city.remove();
  }
});

test("without WebGL the list works, and a sentence stands for the map", async () => {
  const { page, wrong, close } = await read("/");
  await listed(page);
  await page.waitForSelector(".map .over:not(.wait)");
  await says(page, ".map", /offers no WebGL/);
  await page.click('a[data-row="0"]');
  await page.waitForSelector(".sheet .sentence");
  assert.deepEqual(wrong, []);
  await close();
});

test("a service that stops and starts again under an open page is missed and found", async () => {
  const city = await City.demo();
  try {
    const { page, close } = await visit(chromium, `${city.url}/?sort=-occasions`, { map: false });
    await listed(page);
    await city.stop();
    await page.waitForSelector(".notices .lost");
    await says(page, ".notices", /No connection since .+ keeps trying/);
    assert.equal((await places(page))[0], "19 Av & 58 St", "what was shown stays");
    await city.start();
    await until(async () => !(await page.$(".notices .lost")), "it is found again");
    const { features } = await city.get("/api/v1/hotspots?category=waterlogging&limit=1");
    await page.mouse.move(1200, 20);
    await city.report(...features[0].geometry.coordinates, "2024-07-01T03:00:00Z");
    await until(async () => (await text(page, "tbody td.count")).startsWith("9"), "and what is reported then appears");
    await close();
  } finally {
    await city.remove();
  }
});

test("a network that is cut is missed with the time, what was shown stays, and it is found again by itself", async () => {
  const { page, close } = await visited(`/?datetime=2024-03-01T05:00:00Z/2024-04-01T03:59:59Z`);
  await listed(page);
  await drawn(page);
  await page.waitForSelector(".filters .in-time");
  const before = await places(page);
  const clock = () => page.evaluate(() => new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" }).format(new Date()));
  const cut = await clock();
  await page.setOfflineMode(true);
  const said = await says(page, ".notices", /No connection since \d\d:\d\d\. Shown is how things stood on 30 Jun 2024, 23:20; this page keeps trying\./);
  const since = said.match(/since (\d\d:\d\d)/)[1];
  assert.ok([cut, await clock()].includes(since), `${since} is when it was cut: ${cut}`);
  assert.deepEqual(await places(page), before, "what was shown stays");
  // What is asked for meanwhile says that it cannot be had, and then has it.
  await page.click('a[data-row="0"]');
  await says(page, ".sheet", /cannot be reached/);
  await page.setOfflineMode(false);
  await until(async () => !(await page.$(".notices .lost")), "it is found again");
  await page.waitForSelector(".sheet .sentence");
  await close();
});

test("until the list is there its place is held, and says so", async () => {
  const { page, wrong, close } = await read(`/`, {
    before: () => {
      const real = window.fetch;
      const held = new Promise((go) => (window.go = go));
      window.fetch = async (url, ...more) => {
        if (String(url).includes("/api/v1/hotspots")) await held;
        return real(url, ...more);
      };
    },
  });
  await page.waitForSelector(".panel .skeleton[role=status][aria-label]", { visible: true });
  assert.equal(await page.$("a[data-row]"), null);
  await page.evaluate(() => window.go());
  await listed(page);
  assert.equal(await page.$(".panel .skeleton"), null);
  assert.deepEqual(wrong, []);
  await close();
});

test("at 200 % on a laptop everything is reached, and nothing is wider than the screen", async () => {
  const { page, wrong, close } = await visited(`/?lang=en`, { size: { width: 720, height: 450, deviceScaleFactor: 2 } });
  await listed(page);
  await drawn(page);
  const fits = () => page.evaluate(() => document.documentElement.scrollWidth <= innerWidth);
  assert.ok(await fits());
  await page.click('a[data-row="1"]');
  await page.waitForSelector(".sheet .sentence");
  assert.ok(await fits());
  await page.click(".sheet .close");
  await page.click(".choices .more");
  for (const control of [".bar .language", ".bar .help", ".search input", ".menu summary", ".silent a", "button.doubtful", ".criterion", ".tabs button:last-child"]) {
    assert.ok(await page.$eval(control, (one) => {
      one.scrollIntoView({ block: "center" });
      const { left, top, right, bottom } = one.getBoundingClientRect();
      const at = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
      return left >= 0 && right <= innerWidth && (one === at || one.contains(at));
    }), `${control} can be pressed`);
  }
  await page.click(".tabs button:last-child");
  await until(() => page.$eval(".map canvas", (canvas) => canvas.checkVisibility({ visibilityProperty: true })), "the map is seen");
  assert.ok(await fits());
  assert.deepEqual(wrong, []);
  await close();
});

test("an error has its cause and a way to try again", async () => {
  const { page, close } = await read(`/`, {
    before: () => {
      const real = window.fetch;
      window.fetch = (url, ...more) => (window.mended || !String(url).includes("/api/v1/hotspots") ? real(url, ...more) : Promise.reject(new TypeError("cut")));
    },
  });
  await page.waitForSelector(".panel .state");
  await says(page, ".panel .state", /could not be loaded[\s\S]+cannot be reached/);
  await page.evaluate(() => (window.mended = true));
  // In one step: what is found may be drawn anew before it is pressed.
  await page.$eval(".panel .state button", (button) => button.click());
  await listed(page);
  await close();
});

test("on a phone list, map and sheet take turns, and nothing is wider than the screen", async () => {
  const { page, wrong, close } = await visited(`/`, { size: PHONE });
  await listed(page);
  await drawn(page);
  const fits = () => page.evaluate(() => document.documentElement.scrollWidth <= innerWidth);
  assert.ok(await fits());
  await page.tap('a[data-row="0"]');
  await page.waitForSelector(".sheet .sentence");
  assert.ok(await fits());
  await page.tap(".sheet .close");
  await page.tap(".tabs button:last-child");
  await until(() => page.$eval(".map canvas", (canvas) => canvas.checkVisibility({ visibilityProperty: true })), "the map is seen");
  assert.ok(await fits());
  assert.deepEqual(wrong, []);
  await close();
});
