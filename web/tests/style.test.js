// A web map of somebody else's: MapLibre, given the address of the style and nothing more.

import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { LONGEST_MS, ROOT, SCREENSHOTS } from "./city.js";
import { chromium, city } from "./demo.js";

const ENGINE = join(dirname(fileURLToPath(import.meta.url)), "../node_modules/maplibre-gl/dist");
const page = (style) => `<!DOCTYPE html><meta charset="utf-8"><title>A map</title><link rel="icon" href="data:,">
<style>body { margin: 0 } #map { height: 100vh }</style><div id="map"></div><script type="module">
  import { Map, setWorkerUrl } from "/maplibre-gl.mjs";
  setWorkerUrl("/maplibre-gl-worker.mjs");
  window.map = new Map({ container: "map", style: ${JSON.stringify(style)}, center: [-73.94, 40.72], zoom: 10.5,
    canvasContextAttributes: { preserveDrawingBuffer: true } });
</script>`;

// The page of the guide, word for word but for where the service is. What it imports by name is the engine, which keeps the
// map that the page makes.
const GUIDE = join(ROOT, "docs/guides/javascript.md");
const KEEPER = `import { Map as Engine } from "/maplibre-gl.mjs";
export class Map extends Engine { constructor(options) { super(options); window.map = this; } }`;
const guided = (url) => {
  const [, block] = readFileSync(GUIDE, "utf8").match(/```html\n([\s\S]*?)```/);
  assert.ok(block.includes('from "maplibre-gl"') && block.includes("http://localhost:8080/"), block);
  return `<!DOCTYPE html><meta charset="utf-8"><title>A guide</title><link rel="icon" href="data:,">
<script type="importmap">{"imports": {"maplibre-gl": "/keeper.mjs"}}</script>
${block.replaceAll("http://localhost:8080", url)}`;
};

/** Another site, which has a page and the engine, and nothing of ours. */
function site(page) {
  const server = createServer((request, response) => {
    const path = new URL(request.url, "http://site").pathname;
    if (path === "/") return response.setHeader("content-type", "text/html").end(page);
    if (path === "/keeper.mjs") return response.setHeader("content-type", "text/javascript").end(KEEPER);
    return response.setHeader("content-type", "text/javascript").end(readFileSync(join(ENGINE, path)));
  });
  return new Promise((done) => server.listen(0, "127.0.0.1", () => done(server)));
}

async function another(address) {
  const shown = await chromium.newPage();
  shown.setDefaultTimeout(LONGEST_MS);
  await shown.setViewport({ width: 900, height: 700 });
  const wrong = [];
  shown.on("pageerror", (error) => wrong.push(String(error)));
  shown.on("console", (message) => message.type() === "error" && wrong.push(message.text()));
  await shown.goto(address);
  return { shown, wrong };
}

const drawn = (shown, layer, at) => shown.evaluate((layer, at) => new Promise((done) => {
  const { map } = window;
  const count = () => done(map.queryRenderedFeatures({ layers: [layer] }).length);
  map.once("idle", count);
  if (at) map.jumpTo(at);
  else map.triggerRepaint();
}), layer, at);

test("MapLibre draws hotspots and reports on the page of another site by the style alone", async () => {
  const server = await site(page(`${city.url}/ogc/styles/map`));
  const { shown, wrong } = await another(`http://127.0.0.1:${server.address().port}/`);
  await shown.waitForFunction(() => window.map?.isStyleLoaded());
  const hotspots = await drawn(shown, "hotspots");
  assert.ok(hotspots > 20, `${hotspots} hotspots`);
  mkdirSync(SCREENSHOTS, { recursive: true });
  await shown.screenshot({ path: join(SCREENSHOTS, "maplibre-style.png") });
  const reports = await drawn(shown, "reports", { center: [-73.8965, 40.7727], zoom: 14 });
  assert.ok(reports > 3, `${reports} reports`);
  console.log(`clients: MapLibre drew ${hotspots} hotspots, and ${reports} reports nearer`);
  assert.deepEqual(wrong, []);
  await shown.close();
  server.close();
});

test("the map of the JavaScript guide draws hotspots as the guide has it", async () => {
  const server = await site(guided(city.url));
  const { shown, wrong } = await another(`http://127.0.0.1:${server.address().port}/`);
  await shown.waitForFunction(() => window.map?.isStyleLoaded());
  const hotspots = await drawn(shown, "hotspots");
  assert.ok(hotspots > 20, `${hotspots} hotspots`);
  const named = await shown.evaluate(() => window.map.queryRenderedFeatures({ layers: ["hotspots"] })
    .every((feature) => feature.source === "waterlog" && feature.sourceLayer === "hotspots"));
  assert.ok(named);
  assert.deepEqual(wrong, []);
  await shown.close();
  server.close();
});
