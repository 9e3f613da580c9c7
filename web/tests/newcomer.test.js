// What somebody finds who loads the data of another city: reports that are old, few, or without any rain.

import assert from "node:assert/strict";
import { test } from "node:test";
import { City, WIDE, drawn, listed, parameter, places, says, screenshot, text, until, visit } from "./city.js";
import { chromium, read } from "./demo.js";

const [LON, LAT] = [-71.06, 42.35];
/** Reports of one place at each of these times. */
const at = (times, [lon, lat] = [LON, LAT], category = "waterlogging") => times.map((time, i) => [`${category}-${lon}-${i}`, category, lon, lat, time]);
const OLD = ["2019-03-01T12:00:00Z", "2019-04-10T12:00:00Z", "2019-05-20T15:00:00Z"];

/** Does something with a city of these reports, which is gone afterwards. */
async function withCity(reports, does, more = {}) {
  const city = await City.of(reports, [], more);
  try {
    await does(city);
  } finally {
    await city.remove();
  }
}

test("a list that is empty because all reports are old says so, and leads to the day of the newest, in both languages", async () => {
  await withCity([...at(OLD), ...at(["2024-06-30T12:00:00Z"], [LON + 0.1, LAT])], async (city) => {
    for (const [lang, first, then] of [["en", /^Nothing was reported twice at one place for “.+” in the time that counts: the 3 years up to 30 Jun 2024\.\s+3 reports are older, the newest of 20 May 2019\.\s+Look as of 20 May 2019$/, /^As of 20 May 2019/], ["zh", /统计时段内（截至 2024年6月30日 的 3 年）没有反复发生的地点。\s+另有 3 条上报早于统计时段，最新一条为 2019年5月20日。\s+查看截至 2019年5月20日 的情况$/, /^截至 2019年5月20日/]]) {
      const { page, wrong, close } = await visit(chromium, `${city.url}/?lang=${lang}`, { map: false });
      await says(page, ".panel .state", first);
      await page.click(".panel .back-then");
      await listed(page);
      assert.equal((await places(page)).length, 1);
      assert.equal(await parameter(page, "as_of"), OLD[2]);
      await says(page, ".notices .pinned", then);
      // And back.
      await page.goBack();
      await says(page, ".panel .state", first);
      assert.deepEqual(wrong, []);
      await close();
    }
  });
});

/** Of one place, with the second again and again at another. */
const RECENT = ["2024-03-01T12:00:00Z", "2024-04-10T12:00:00Z", "2024-05-20T12:00:00Z"];

test("where no rain is loaded the list says so once, has no choice of weather and no colours for it, and a sheet one sentence", async () => {
  await withCity(at(RECENT), async (city) => {
    for (const [lang, none, grey, unknown] of [["en", /^No rain is loaded: weather unknown\.$/, /^unknown weather$/, /^Which rain floods it\?\s+Not known: no rain was measured for it\.$/], ["zh", /^未导入雨量：天气不明。$/, /^天气不明$/, /^下多大的雨会积水？\s+不明：此处没有雨量观测。$/]]) {
      const { page, wrong, close } = await visit(chromium, `${city.url}/?lang=${lang}`);
      await listed(page);
      await says(page, ".weather-filter", none);
      assert.equal(await page.$(".weather-filter button"), null);
      await drawn(page);
      await says(page, ".legend .unknown-weather", grey);
      assert.equal(await page.$(".legend linearGradient"), null);
      assert.equal(await page.$(".timeline .keys .rain"), null);
      assert.equal(await page.$eval(".key.foot", (key) => key.querySelector(".storm")), null);
      await page.click("a[data-row]");
      await says(page, ".which-rain", unknown);
      await screenshot(page, `newcomer-no-rain-${lang}`);
      // What a link chose can be left.
      await page.goto(`${city.url}/?lang=${lang}&weather=storm`);
      await page.click(".panel .state button");
      await listed(page);
      await says(page, ".weather-filter", none);
      assert.deepEqual(wrong, []);
      await close();
    }
  });
});

test("the bar of a day of the past is not wider than the screen, and the way back stands once", async () => {
  for (const [width, lang] of [[1280, "en"], [1280, "zh"], [1440, "en"], [1440, "zh"]]) {
    const { page, wrong, close } = await read(`/?lang=${lang}&as_of=2024-03-01T05:00:00Z`, { size: { ...WIDE, width } });
    await listed(page);
    const { right, wide } = await page.evaluate(() => ({ right: document.querySelector(".bar .help").getBoundingClientRect().right, wide: document.querySelector(".bar").scrollWidth }));
    assert.ok(right <= width && wide <= width, `${lang} at ${width} px: ${right}, ${wide}`);
    const back = await page.$$eval("button", (all) => all.filter((one) => /^(Back to the present|回到现在)$/.test(one.innerText.trim())).length);
    assert.equal(back, 1);
    assert.deepEqual(wrong, []);
    await close();
  }
});

/** Where each text of a chart begins, in pixels of the chart. */
const keepTexts = () => {
  window.texts = [];
  const draw = CanvasRenderingContext2D.prototype.fillText;
  CanvasRenderingContext2D.prototype.fillText = function (text, x, ...more) {
    const { e } = this.getTransform();
    window.texts.push([text, e + x - (this.textAlign === "right" ? this.measureText(text).width : 0)]);
    return draw.call(this, text, x, ...more);
  };
};

test("the names of a sheet's lanes are whole, and floods of unknown weather are a thin line, few or many", async () => {
  const many = Array.from({ length: 59 }, (_, i) => new Date(Date.UTC(2024, 0, 1 + 2 * i, 12)).toISOString());
  await withCity([...at(many), ...at(many.slice(0, 45), [LON + 0.1, LAT])], async (city) => {
    const { page, wrong, close } = await visit(chromium, `${city.url}/?lang=en`, { map: false, before: keepTexts });
    await listed(page);
    const drawnAs = await page.$$eval(".table .floods", (all) => all.map((one) => [...one.querySelectorAll(".unknown")].map((mark) => mark.getAttribute("height"))));
    assert.deepEqual(drawnAs.map((heights) => [...new Set(heights)]), [["1.4"], ["1.4"]]);
    assert.deepEqual(drawnAs.map(({ length }) => length), [1, 45]);
    await page.click("a[data-row]");
    const left = await until(() => page.evaluate(() => window.texts.find(([text]) => text === "unknown weather 59")?.[1]), "the lane has its name");
    assert.ok(left >= 0, `it begins at ${left}`);
    assert.deepEqual(wrong, []);
    await close();
  });
});

/** So many hours of rain from a time on, as rows of an import. */
const rain = (from, hours, mm = 4) => Array.from({ length: hours }, (_, i) => [new Date(Date.parse(from) + i * 3_600_000).toISOString(), 3_600, mm]);

test("the end of the last flood is called the last flood, not the last report, in list and sheet, and the time line says which day counts", async () => {
  await withCity([...at(["2024-03-01T21:00:00Z", "2024-04-10T21:00:00Z"]), ...at(["2024-05-01T12:00:00Z"], [LON + 0.1, LAT])], async (city) => {
    // The storm goes on for a day after the last report.
    await city.import(["start", "seconds", "mm"], [...rain("2024-03-01T20:00:00Z", 3), ...rain("2024-04-10T20:00:00Z", 14)], "--rain");
    for (const [lang, head, sheet, day, count] of [["en", /Last flood$/, /^Last flood: 10\s*–\s*11 Apr 2024\./, /^11 Apr$/, /Reported floods by first day, UTC$/], ["zh", /最近一次积水$/, /^最近一次积水：2024年4月10日至4月11日。/, /^4月11日$/, /上报积水次数（按首日，UTC）$/]]) {
      const { page, wrong, close } = await visit(chromium, `${city.url}/?lang=${lang}`, { map: false });
      await listed(page);
      await says(page, ".table thead", head);
      await says(page, ".table td.last", day);
      await says(page, ".timeline .keys", count);
      assert.match(await page.$eval(".timeline .keys .count", ({ title }) => title), lang === "en" ? /^Reported floods, all spots$/ : /各点合计/);
      assert.ok((await page.$$eval(".sorts option", (all) => all.map((one) => one.innerText.trim()))).includes(lang === "en" ? "last flood" : "最近一次积水"));
      await page.click("a[data-row]");
      await says(page, ".sheet .lastly", sheet);
      assert.doesNotMatch(await page.evaluate(() => document.querySelector(".table").innerText), /Last report|最近上报/);
      assert.deepEqual(wrong, []);
      await close();
    }
  });
});

test("one report alone is where the map looks, and the views beside it say what is missing in whole sentences", async () => {
  await withCity(at(["2024-06-01T12:00:00Z"]), async (city) => {
    const { page, wrong, close } = await visit(chromium, `${city.url}/?lang=en`);
    await drawn(page);
    const scale = await text(page, ".maplibregl-ctrl-scale");
    assert.match(scale, /^\d+\sm$/, "streets are told apart");
    await screenshot(page, "newcomer-one");
    await page.click(".pages button:nth-child(3)");
    await says(page, ".trend .lacks", /Reports come from 7 cells with what lies around; at least 30 are needed to compare\./);
    await says(page, ".worse .says", /^Nothing recurs yet, so nothing can get worse or better\.$/);
    const said = await page.evaluate(() => document.body.innerText);
    assert.doesNotMatch(said, /finer resolution|\b1 (occasions|incidents|spots)\b|all 0|\b0 spots/);
    assert.match(said, /1 occasion in all/);
    await page.click(".language");
    await says(page, ".trend .lacks", /有上报的网格连同四周只有 7 个/);
    assert.deepEqual(wrong, []);
    await close();
  });
  await withCity([], async (city) => {
    for (const [lang, none] of [["en", /Nothing is loaded yet: neither reports nor rain\./], ["zh", /尚未导入任何数据：没有上报，也没有雨量。/]]) {
      const { page, wrong, close } = await visit(chromium, `${city.url}/?lang=${lang}&page=storms`, { map: false });
      const said = await says(page, ".panel .state", none);
      assert.doesNotMatch(said, /recurred|反复发生|易涝点/);
      assert.deepEqual(wrong, []);
      await close();
    }
  });
});

test("works end on their last day, a rate that is drawn to nothing is said to be its own, and what is no id is said to be none", async () => {
  await withCity(at(["2023-12-01T12:00:00Z", ...RECENT, "2024-06-20T12:00:00Z"]), async (city) => {
    // Their end is the midnight after it, in the zone of whoever reads.
    await city.import(["id", "lon", "lat", "start", "end", "kind", "name"], [["w1", LON, LAT, "2024-03-20T04:00:00Z", "2024-03-22T04:00:00Z", "drain cleaned", "Pier drain"]], "--works");
    for (const [lang, time, own, none] of [["en", /^20\s*–\s*21 Mar 2024$/, /Every spot that is known has flooded, so what chance does cannot be told: each keeps its own rate\./, /^This link names no hotspot: what stands in it is not the id of any\./], ["zh", /^2024年3月20日至3月21日$/, /各点保留自己的频率/, /^链接中的编号不是任何易涝点的编号/]]) {
      const { page, wrong, close } = await visit(chromium, `${city.url}/?lang=${lang}`, { map: false });
      await page.click("a[data-row]");
      await says(page, ".sheet section.works p .quiet", time);
      await says(page, ".sheet .which-first", own);
      await page.goto(`${city.url}/?lang=${lang}&page=trend&about=works`);
      await says(page, ".helped li .quiet", time);
      await page.goto(`${city.url}/?lang=${lang}&hotspot=waterlogging:zzz`);
      await says(page, ".sheet .state", none);
      await page.goto(`${city.url}/?lang=${lang}&hotspot=waterlogging:8c2a10000000000`);
      await says(page, ".sheet .state", lang === "en" ? /^There is no hotspot here in this view/ : /^在此视图中这里没有易涝点/);
      assert.deepEqual(wrong, []);
      await close();
    }
  });
});

test("that areas mostly in water are left out is said only where outlines tell what is land", async () => {
  const { page, wrong, close } = await read(`/?lang=en&page=trend&cells=coverage`);
  await says(page, ".unreported .quiet", /Areas mostly in water are left out\./);
  // As of a city without outlines.
  await page.setRequestInterception(true);
  page.on("request", async (request) => {
    if (!/analysis\/silence\?(?!.*format=csv)/.test(request.url())) return request.continue();
    const answer = await (await fetch(request.url())).json();
    for (const { properties } of answer.features) properties.land = null;
    await request.respond({ contentType: "application/json", body: JSON.stringify(answer) });
  });
  await page.reload();
  const note = await says(page, ".unreported .quiet", /the data does not say\./);
  assert.doesNotMatch(note, /mostly in water/);
  assert.deepEqual(wrong, []);
  await close();
});
