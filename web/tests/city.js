// The real program on a city of its own, and a browser to look at it.

import { spawn, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import puppeteer from "puppeteer-core";
import { fresh } from "./fresh.js";

export const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const PROGRAM = process.env.WATERLOG_BIN ?? join(ROOT, "target/debug/waterlog");
const CLOCK = "2024-07-01T03:20:00Z";
export const BUILT = join(ROOT, "web/dist");
export const SCREENSHOTS = join(ROOT, "target/screenshots");
/** The demo's city is in this zone; the page shows the reader's. */
const ZONE = "America/New_York";
export const WIDE = { width: 1440, height: 900 };
export const PHONE = { width: 390, height: 844, isMobile: true, hasTouch: true, deviceScaleFactor: 1 };
/** Of everybody who has an account in a test. */
export const PASSWORD = "seven pumps on the pier";
/** A shared machine draws slowly. */
export const LONGEST_MS = 120_000;

/** A service on a folder of its own. */
export class City {
  #process;
  #listen = null;
  #fresh = null;
  #port = 0;
  #more = [];
  #clock = CLOCK;

  constructor(data) {
    this.data = data;
  }

  /** The demo's half year in New York. */
  static async demo() {
    const city = new City(mkdtempSync(join(tmpdir(), "waterlog-web-")));
    cpSync(prepared(), city.data, { recursive: true });
    city.#more = ["--base", join(ROOT, "data/nyc-2024/base.geojson")];
    await city.start();
    return city;
  }

  /** The synthetic town, which has areas and units; it takes whoever asks at his word. */
  static async town() {
    const city = new City(mkdtempSync(join(tmpdir(), "waterlog-web-")));
    run(["--data", city.data, "demo", "--no-serve", "--city", "town"]);
    city.#more = ["--trust-actors"];
    city.#clock = "2026-06-01T00:00:00+08:00";
    await city.start();
    return city;
  }

  /** Of reports and places, as rows of import files; a city that `trusts` takes whoever asks at his word; `people`: what
   * `waterlog user add` is told of each; `clock`: when its clock begins, null: now; `base`: the outlines under its map. */
  static async of(reports, places = [], { trusts = false, people = [], clock = CLOCK, base = null } = {}) {
    const city = new City(mkdtempSync(join(tmpdir(), "waterlog-web-")));
    city.#clock = clock;
    if (trusts) city.#more = ["--trust-actors"];
    if (base) {
      const path = join(city.data, "base.geojson");
      writeFileSync(path, JSON.stringify(base));
      city.#more.push("--base", path);
    }
    const files = mkdtempSync(join(tmpdir(), "waterlog-files-"));
    const table = (name, columns, rows) => {
      const path = join(files, name);
      writeFileSync(path, [columns, ...rows].map((row) => row.map((cell) => `"${String(cell).replaceAll('"', '""')}"`).join(",")).join("\n"));
      return path;
    };
    const file = table("reports.csv", ["id", "category", "lon", "lat", "observed_at"], reports);
    const named = places.length > 0 ? ["--places", table("places.csv", ["id", "lon", "lat", "name"], places)] : [];
    if (reports.length + places.length > 0) run(["--data", city.data, "import", ...named, ...(reports.length > 0 ? [file] : [])]);
    rmSync(files, { recursive: true });
    for (const one of people) city.user(["add", ...one], `${PASSWORD}\n`);
    await city.start();
    return city;
  }

  /** Runs `waterlog user`, beside the service. */
  user(args, typed = "") {
    run(["--data", this.data, "user", ...args], typed);
  }

  /** Takes in more reports of the past, between two starts; with a flag, what it names. */
  async import(columns, rows, flag) {
    await this.stop();
    const path = join(this.data, "more.csv");
    writeFileSync(path, [columns, ...rows].map((row) => row.join(",")).join("\n"));
    run(["--data", this.data, "import", ...(flag ? [flag] : []), path]);
    await this.start();
  }

  /** Takes in files of the past between two starts: what each flag names, by the file's name and what it holds. */
  async fill(files) {
    await this.stop();
    const args = Object.entries(files).flatMap(([flag, [name, written]]) => {
      const path = join(this.data, name);
      writeFileSync(path, written);
      return [flag, path];
    });
    run(["--data", this.data, "import", ...args]);
    await this.start();
  }

  async start() {
    // Started again it is found where it was.
    if (this.#listen) this.url = await this.#serve(this.#listen);
    while (!this.#listen) {
      const listen = `127.0.0.1:${aPort()}`;
      this.url = await this.#serve(listen).catch((error) => {
        if (!/listens there already/.test(error.message)) throw error;
      });
      if (this.url) this.#listen = listen;
    }
    if (process.env.WATERLOG_FRESH) {
      this.#fresh = await fresh(BUILT, this.url, this.#port);
      this.#port = this.#fresh.port;
      this.url = `http://127.0.0.1:${this.#port}`;
    }
    await until(async () => (await fetch(`${this.url}/readyz`)).ok, "the service is ready").catch(async (error) => {
      // A process left behind would keep the tests from ending.
      await this.stop();
      throw error;
    });
  }

  #serve(listen) {
    this.#process = spawn(PROGRAM, ["--data", this.data, "serve", ...(this.#clock ? ["--clock", this.#clock] : []), "--listen", listen, ...this.#more], { stdio: ["ignore", "ignore", "pipe"] });
    return new Promise((found, failed) => {
      let said = "";
      this.#process.stderr.on("data", (text) => {
        said += text;
        const listens = said.match(/waterlog listens on (http:\S+)\n/);
        if (listens) found(listens[1]);
      });
      this.#process.on("exit", () => failed(new Error(said)));
    });
  }

  async stop() {
    await this.#fresh?.close();
    const ended = new Promise((done) => this.#process.once("exit", done));
    this.#process.kill("SIGKILL");
    await ended;
  }

  async remove() {
    await this.stop();
    rmSync(this.data, { recursive: true, force: true });
  }

  async report(lon, lat, observed_at, category = "waterlogging", more = {}) {
    return this.post("/api/v1/reports", { category, lon, lat, observed_at, ...more });
  }

  /** Takes a step in the name of somebody. */
  async take(incident, step, fields = {}, unit = "grid_7") {
    return this.post(`/api/v1/incidents/${incident}/transitions`, { step, ...fields }, { "actor-role": "grid_worker", "actor-unit": unit });
  }

  async post(path, body, headers = {}) {
    const answer = await this.send(path, { method: "POST", headers: { "content-type": "application/json", ...headers }, body: JSON.stringify(body) });
    if (answer.status !== 201) throw new Error(await answer.text());
    return answer.json();
  }

  /** As `fetch`; who is told to come back does so when he is told to, as every client of the service. */
  async send(path, init) {
    for (const end = Date.now() + LONGEST_MS; ; ) {
      const answer = await fetch(this.url + path, init);
      if (answer.status !== 503 || Date.now() > end) return answer;
      await new Promise((later) => setTimeout(later, 1000 * Number(answer.headers.get("retry-after") ?? 1)));
    }
  }

  async get(path) {
    return (await fetch(this.url + path)).json();
  }
}

/** A port that no system gives away by itself: while a service is stopped nothing else comes to stand on its own. */
const aPort = () => 20_000 + Math.floor(Math.random() * 12_000);

function run(args, input = "") {
  if (!existsSync(PROGRAM)) throw new Error(`${PROGRAM} is not there: cargo build makes it`);
  const { status, stderr } = spawnSync(PROGRAM, args, { cwd: ROOT, encoding: "utf8", input });
  if (status !== 0) throw new Error(stderr);
}

/** The demo's city as this program makes it, for all files of tests to copy. */
function prepared() {
  const { mtimeMs, size, ino } = statSync(PROGRAM, { throwIfNoEntry: false }) ?? { mtimeMs: 0, size: 0, ino: 0 };
  const made = join(ROOT, `target/web-demo/${Math.floor(mtimeMs)}-${size}-${ino}`);
  if (!existsSync(made)) {
    mkdirSync(dirname(made), { recursive: true });
    const making = mkdtempSync(`${made}-`);
    run(["--data", making, "demo", "--no-serve"]);
    try {
      renameSync(making, made);
    } catch (wrong) {
      // Another file of tests was faster.
      if (!existsSync(made)) throw wrong;
      rmSync(making, { recursive: true });
    }
    for (const other of readdirSync(dirname(made))) if (!made.endsWith(other.split("-").slice(0, 3).join("-"))) rmSync(join(dirname(made), other), { recursive: true, force: true });
  }
  return made;
}

function chromium() {
  if (process.env.CHROMIUM) return process.env.CHROMIUM;
  const folders = (process.env.PATH ?? "").split(delimiter);
  const found = folders.flatMap((folder) => ["chromium", "chromium-browser", "google-chrome"].map((name) => join(folder, name))).find(existsSync);
  if (!found) throw new Error("no Chromium on the PATH: make tools installs it, or CHROMIUM names one");
  return found;
}

/** A browser that draws WebGL in software; `more`: further switches. */
export function browser(more = []) {
  return puppeteer.launch({
    executablePath: chromium(),
    env: { ...process.env, TZ: ZONE },
    // Only the map is drawn by the software that plays the graphics card: pages are drawn faster without it.
    args: ["--headless=new", "--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist", "--disable-gpu-rasterization", "--lang=en-GB", ...more],
  });
}

/** A browser without WebGL: the page then draws no map, which takes most of the time that a page takes here. */
export const noWebgl = () => {
  const get = HTMLCanvasElement.prototype.getContext;
  HTMLCanvasElement.prototype.getContext = function (kind, ...more) {
    return /webgl/.test(kind) ? null : get.call(this, kind, ...more);
  };
};

/** A page with what went wrong on it: errors, refusals by its policy, requests to other hosts. `map: false`: without the
 * map, for what has nothing to do with it; `here`: where the device says that it is, null: it may not say. */
export async function visit(launched, url, { size = WIDE, media = [], map = true, before, here } = {}) {
  // As a stranger: nothing kept, nothing cached.
  const context = await launched.createBrowserContext();
  const page = await context.newPage();
  page.setDefaultTimeout(LONGEST_MS);
  // As a person would: waits for what is to be pressed, chosen from or written into.
  for (const does of ["click", "focus", "select", "type"]) {
    const now = page[does].bind(page);
    page[does] = async (selector, ...more) => {
      await page.waitForSelector(selector);
      return now(selector, ...more);
    };
  }
  // What stood there instead tells why.
  const waits = page.waitForSelector.bind(page);
  page.waitForSelector = (selector, ...more) =>
    waits(selector, ...more).catch(async (wrong) => {
      const stands = await page.evaluate(() => document.body.innerText.replace(/\s+/g, " ").slice(0, 600)).catch(String);
      throw new Error(`${selector} at ${page.url()}: there stands ${stands}`, { cause: wrong });
    });
  await page.setViewport(size);
  if (media.length > 0) await page.emulateMediaFeatures(media);
  const wrong = [];
  const { host } = new URL(url);
  page.on("pageerror", (error) => wrong.push(String(error)));
  page.on("console", (message) => {
    if (message.type() !== "error") return;
    // What the page asks for and can do without says so by its status; a service that is stopped cannot be reached.
    if (/Failed to load resource/.test(message.text())) return;
    wrong.push(message.text());
  });
  page.on("request", (request) => {
    const to = new URL(request.url());
    if (/^http/.test(to.protocol) && to.host !== host) wrong.push(`asks ${to.host}`);
  });
  if (!map) await page.evaluateOnNewDocument(noWebgl);
  if (before) await page.evaluateOnNewDocument(before);
  if (here !== undefined) await context.overridePermissions(new URL(url).origin, here ? ["geolocation"] : []);
  if (here) await page.setGeolocation(here);
  await page.goto(url, { waitUntil: "domcontentloaded" });
  return { page, wrong, close: () => context.close() };
}

export async function until(holds, what, within = LONGEST_MS) {
  const end = Date.now() + within;
  let last;
  while (Date.now() < end) {
    try {
      const value = await holds();
      if (value) return value;
    } catch (error) {
      last = error;
    }
    await new Promise((again) => setTimeout(again, 50));
  }
  throw new Error(`never came true: ${what}${last ? ` (${last.message})` : ""}`);
}

/** Waits for a text that fits, and gives it. */
export const says = (page, selector, fits) =>
  until(async () => {
    const said = await text(page, selector);
    if (!fits.test(said)) throw new Error(`${selector} says ${said}`);
    return said;
  }, `${selector} says ${fits}`);

/** What is read, once it has stayed the same for a while. */
export async function settled(read, forMs = 600) {
  let [last, since] = [undefined, Date.now()];
  return until(async () => {
    const now = JSON.stringify(await read());
    if (now !== last) [last, since] = [now, Date.now()];
    return Date.now() - since >= forMs && JSON.parse(last);
  }, "it settles");
}

const marked = (page, name) => page.waitForFunction((mark) => performance.getEntriesByName(mark).length > 0, {}, name);
export const listed = async (page) => {
  await page.waitForSelector("a[data-row]");
  await marked(page, "waterlog-list-whole");
  // Drawn a frame later.
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(done))));
};
export const drawn = (page) => marked(page, "waterlog-map-drawn");

/** Names of the places listed, in order, as far as they are drawn. */
export const places = (page) => page.$$eval("a[data-row]", (links) => links.map((link) => link.textContent.trim()));
export const text = (page, selector) => page.$eval(selector, (element) => element.innerText.trim());
/** Of a link to a file: its lines, as the service gives them. */
export const csv = async (page, selector) => {
  const answer = await fetch(new URL(await page.$eval(selector, (link) => link.href)));
  if (answer.status !== 200 || !answer.headers.get("content-type").startsWith("text/csv")) throw new Error(`${selector}: ${answer.status}, ${answer.headers.get("content-type")}`);
  return (await answer.text()).trim().split(/\r?\n/);
};
export const parameter = (page, name) => new URL(page.url()).searchParams.get(name);

/** Chooses a filter of weather, as the service names it. */
export async function inWeather(page, filter) {
  const share = ["mostly", "only", "never"].find((one) => filter.startsWith(`${one}_`)) ?? "some";
  await page.click(`[data-share=${filter === "any" ? "any" : share}]`);
  if (filter !== "any") await page.click(`[data-weather=${share === "some" ? filter : filter.slice(share.length + 1)}]`);
}

export async function screenshot(page, name) {
  mkdirSync(SCREENSHOTS, { recursive: true });
  await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`) });
}

/** What a view of its own, or a sheet, adds when it is opened; the Map does without. */
const OPENED = /^(views|cells|sheets|lanes)-/;

/** What only the other pages load. */
const ELSEWHERE = /^(desk|follow|report)-/;

/** Our own scripts, packed, in kB: those of the Map, and all with the views that come when they are opened. */
export function weight() {
  const own = readdirSync(join(BUILT, "assets")).filter((name) => name.endsWith(".js.gz") && !/^(maplibre-gl|uplot)/.test(name) && !ELSEWHERE.test(name));
  const kb = (names) => names.reduce((sum, name) => sum + statSync(join(BUILT, "assets", name)).size, 0) / 1000;
  return { map: kb(own.filter((name) => !OPENED.test(name))), all: kb(own), opened: own.filter((name) => OPENED.test(name)) };
}

/** The scripts that the Report page loads as it opens: those that its file names. */
export function reportScripts() {
  const page = readFileSync(join(BUILT, "report.html"), "utf8");
  return [...page.matchAll(/"\/(assets\/[^"]+\.js)"/g)].map(([, path]) => path);
}

/** Their weight, packed, and that of what comes when it is wanted without the map's engine; kB. */
export function reportWeight() {
  const kb = (paths) => paths.reduce((sum, path) => sum + statSync(join(BUILT, `${path}.gz`)).size, 0) / 1000;
  const first = reportScripts();
  const [all, waiting] = [new Set(first), [...first]];
  for (let path = waiting.pop(); path; path = waiting.pop()) {
    for (const [name] of readFileSync(join(BUILT, path), "utf8").matchAll(/[\w.-]+-[\w-]{8}\.js/g)) {
      const found = `assets/${name}`;
      if (/^(maplibre-gl|uplot)/.test(name) || all.has(found) || !existsSync(join(BUILT, found))) continue;
      all.add(found);
      waiting.push(found);
    }
  }
  return { first: kb(first), all: kb([...all]) };
}

/** For `before` of a visit: what the page saves as files is kept, too. */
export const keepFiles = () => {
  window.saved = [];
  const make = URL.createObjectURL;
  URL.createObjectURL = (blob) => {
    window.saved.push(blob.text());
    return make.call(URL, blob);
  };
};

/** The texts of all files saved so far, in order. */
export const keptFiles = (page) => page.evaluate(() => Promise.all(window.saved));

export const lastFile = async (page) => (await keptFiles(page)).at(-1);
