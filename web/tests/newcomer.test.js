// What somebody finds who loads the data of another city: reports that are old, few, or without any rain.

import assert from "node:assert/strict";
import { test } from "node:test";
import { City, WIDE, drawn, listed, parameter, places, says, text, until, visit } from "./city.js";
import { chromium } from "./demo.js";

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
    for (const [lang, first, then] of [["en", /^Nothing was reported twice at one place for “.+” in the time that counts: the 3 yr up to 30 Jun 2024\.\s+3 reports are older, the newest of 20 May 2019\.\s+Look as of 20 May 2019$/, /^As of 20 May 2019/], ["zh", /统计时段内（截至 2024年6月30日 的 3 年）没有反复发生的地点。\s+另有 3 条上报早于统计时段，最新一条为 2019年5月20日。\s+查看截至 2019年5月20日 的情况$/, /^截至 2019年5月20日/]]) {
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
