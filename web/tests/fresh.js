// Before a service, its pages as they lie in web/dist: while one works on the pages a change is tested without building the
// program anew. Everything else, and every header, is the program's.

import { existsSync, readFileSync } from "node:fs";
import { createServer, request } from "node:http";
import { join } from "node:path";

const TYPES = { html: "text/html; charset=utf-8", js: "text/javascript; charset=utf-8", css: "text/css; charset=utf-8", svg: "image/svg+xml" };

/** The built file that stands for a path; null: the program's answer holds. */
function built(folder, path) {
  const page = path === "/" ? "index.html" : path === "/report" ? "report.html" : /^\/(desk|follow)(\/|$)/.test(path) ? `${path.split("/")[1]}.html` : /^\/(assets|report)\//.test(path) ? path.slice(1) : null;
  return page && existsSync(join(folder, page)) ? join(folder, page) : null;
}

/** Listens on `port` (0: any) for the service at `url`. */
export async function fresh(folder, url, port = 0) {
  const { hostname, port: behind } = new URL(url);
  const server = createServer((asked, answer) => {
    const file = asked.method === "GET" ? built(folder, asked.url.split("?")[0]) : null;
    const on = request({ hostname, port: behind, method: asked.method, path: file && asked.url.startsWith("/assets/") ? "/" : asked.url, headers: asked.headers }, (told) => {
      if (!file) return answer.writeHead(told.statusCode, told.headers) && told.pipe(answer);
      told.resume();
      const { "content-length": _, "content-encoding": packed, etag, ...headers } = told.headers;
      answer.writeHead(200, { ...headers, "content-type": TYPES[file.split(".").at(-1)] ?? "application/octet-stream" }).end(readFileSync(file));
    });
    on.on("error", () => answer.destroy());
    answer.on("close", () => on.destroy());
    asked.pipe(on);
  });
  await new Promise((done) => server.listen(port, "127.0.0.1", done));
  return {
    port: server.address().port,
    close: () => {
      server.closeAllConnections();
      return new Promise((done) => server.close(done));
    },
  };
}
