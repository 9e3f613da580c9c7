// What a reader has to load before the list stands.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { BUILT, reportScripts, reportWeight, weight } from "./city.js";

const MOST_KB = 80;

test("the Map's own scripts weigh at most 80 kB packed, the page itself loads no map, and sheets and other views come when they are opened", () => {
  const { map, all, opened } = weight();
  console.log(`own JavaScript, packed: ${map.toFixed(1)} kB for the Map, ${all.toFixed(1)} kB with every view`);
  assert.ok(map > 10 && map <= MOST_KB, `${map} kB`);
  assert.equal(opened.length, 4, `${opened}`);
  const page = readFileSync(join(BUILT, "index.html"), "utf8");
  assert.doesNotMatch(page, /maplibre|uplot|views-|cells-|sheets-|lanes-/);
  const entry = readFileSync(join(BUILT, "assets", page.match(/assets\/(index-[^"]+\.js)/)[1]), "utf8");
  assert.doesNotMatch(entry, /^import[^;]*(views|cells|sheets|lanes)-|from ?["'`]\.\/(views|cells|sheets|lanes)-/m);
});

test("the Report page's own scripts weigh at most 80 kB packed, and it opens without a map", () => {
  const { first, all } = reportWeight();
  console.log(`own JavaScript, packed: ${first.toFixed(1)} kB for the Report page, ${all.toFixed(1)} kB with its map, without the map's engine`);
  assert.ok(first > 10 && all > first && all <= MOST_KB, `${first} and ${all} kB`);
  assert.ok(reportScripts().every((path) => !/maplibre|uplot|pin_map/.test(path)), `${reportScripts()}`);
});
