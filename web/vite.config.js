import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vite";

/** Writes into the worker of the Report page which files that page is made of, and a name that changes with any of them. */
const kept = {
  name: "kept",
  closeBundle() {
    const page = join(folder, "report.html");
    if (!existsSync(page)) return;
    const html = readFileSync(page, "utf8");
    const named = [...new Set(html.match(/\/(assets|report)\/[^"]+/g))].sort();
    const hash = createHash("sha256").update(html);
    // The names of the others hold their hashes.
    for (const file of named.filter((name) => name.startsWith("/report/"))) hash.update(readFileSync(join(folder, file)));
    const worker = readFileSync("src/report/worker.js", "utf8").replace("__VERSION__", hash.digest("hex").slice(0, 16)).replace("__FILES__", JSON.stringify(["/report", ...named]));
    writeFileSync(join(folder, "report/worker.js"), worker);
  },
};

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
  plugins: [head, svelte(), kept, packed],
  // Nothing is written into the page itself: its policy allows no inline script, and images only as files.
  build: {
    target: "es2023",
    emptyOutDir: mode !== OTHERS,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1200,
    // What is not our own, in files of its own: it changes seldom, and the weight of ours is seen.
    rolldownOptions: {
      ...(mode === OTHERS && { input: ["desk.html", "follow.html", "report.html"] }),
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
