// Keeps the files of the Report page in the phone, so that it opens without a network. The build writes in which files
// these are, and a name that changes with any of them: what is kept always fits together.

const VERSION = "__VERSION__";
const FILES = __FILES__;
const OURS = "waterlog-report-";
const PAGE = "/report";

self.addEventListener("install", (event) => {
  // Past the browser's own cache: a page and scripts of two builds would not fit.
  const fresh = FILES.map((file) => new Request(file, { cache: "reload" }));
  event.waitUntil(caches.open(OURS + VERSION).then((cache) => cache.addAll(fresh)));
});

// Begun once no page of the build before is open: what that one still loads stays there until then.
self.addEventListener("activate", (event) => {
  const old = (name) => name.startsWith(OURS) && name !== OURS + VERSION;
  event.waitUntil(caches.keys().then((names) => Promise.all(names.filter(old).map((name) => caches.delete(name)))));
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== self.location.origin || !FILES.includes(pathname)) return;
  // The language may stand behind the page's address.
  const kept = caches.open(OURS + VERSION).then((cache) => cache.match(pathname === PAGE ? PAGE : request));
  event.respondWith(kept.then((answer) => answer ?? fetch(request)));
});
