import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vite";

/** Beside every file its packed self, so that the service packs nothing while somebody waits. */
let folder;
const packed = {
  name: "packed",
  configResolved(config) {
    folder = config.build.outDir;
  },
  closeBundle() {
    for (const name of readdirSync(folder, { recursive: true })) {
      const file = join(folder, name);
      if (statSync(file).isFile() && !name.endsWith(".gz") && !existsSync(`${file}.gz`)) writeFileSync(`${file}.gz`, gzipSync(readFileSync(file), { level: 9 }));
    }
  },
};

/** What the heads of all pages have in common. */
const HEAD = readFileSync(new URL("head.html", import.meta.url), "utf8").trim();
const head = {
  name: "head",
  transformIndexHtml: { order: "pre", handler: (html) => html.replace("<!-- head.html -->", HEAD) },
};

const service = process.env.WATERLOG_URL ?? "http://127.0.0.1:8080";
const proxy = Object.fromEntries(["/api", "/tiles", "/layers", "/base.geojson", "/healthz"].map((path) => [path, service]));

/** The mode that builds the other pages: apart from the Map, which would grow by what only these need. */
const OTHERS = "others";

export default defineConfig(({ mode }) => ({
  plugins: [head, svelte(), packed],
  // Nothing is written into the page itself: its policy allows no inline script, and images only as files.
  build: {
    target: "es2023",
    emptyOutDir: mode !== OTHERS,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1200,
    // What is not our own, in files of its own: it changes seldom, and the weight of ours is seen.
    rolldownOptions: {
      ...(mode === OTHERS && { input: ["desk.html", "follow.html"] }),
      output: {
        // Libraries keep their names: the pages share them.
        ...(mode === OTHERS && { chunkFileNames: ({ name }) => `assets/${/^(maplibre-gl|uplot)$/.test(name) ? "" : "desk-"}[name]-[hash].js` }),
        codeSplitting: {
          groups: ["maplibre-gl", "uplot"].map((name) => ({ name, test: new RegExp(`node_modules/${name}/`) })),
        },
      },
    },
  },
  worker: { format: "es" },
  // `npm run dev` shows changes at once, with the data of a running service.
  server: { proxy },
}));
