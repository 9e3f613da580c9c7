// What a reader has to load before the list stands.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { BUILT, weight } from "./city.js";

const MOST_KB = 80;

test("our own scripts weigh at most 80 kB packed, and the page itself loads no map", () => {
  const kb = weight();
  console.log(`own JavaScript: ${kb.toFixed(1)} kB packed`);
  assert.ok(kb > 10 && kb <= MOST_KB, `${kb} kB`);
  assert.doesNotMatch(readFileSync(join(BUILT, "index.html"), "utf8"), /maplibre|uplot|modulepreload/);
});
