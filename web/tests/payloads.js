// Ways to bring a script into a page, and what tells that one came in.

/** Ways to bring a script into a page, each in several dresses. */
export function payloads() {
  const ways = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<body onload=alert(1)>",
    "<iframe src=javascript:alert(1)></iframe>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<a href=javascript:alert(1)>x</a>",
    "<input autofocus onfocus=alert(1)>",
    "<details open ontoggle=alert(1)>",
    "<video><source onerror=alert(1)></video>",
    "<math><mtext></mtext><script>alert(1)</script></math>",
    "<object data=javascript:alert(1)></object>",
    "<embed src=javascript:alert(1)>",
    "<form action=javascript:alert(1)><button>x</button></form>",
    "<style>@import 'javascript:alert(1)'</style>",
    "<link rel=stylesheet href=javascript:alert(1)>",
    "<meta http-equiv=refresh content='0;url=javascript:alert(1)'>",
    "<base href=javascript:alert(1)//>",
    "<template><script>alert(1)</script></template>",
    "{@html '<img src=x onerror=alert(1)>'}",
    "${alert(1)}",
    "{{constructor.constructor('alert(1)')()}}",
    "javascript:alert(1)",
    "<audio src=x onerror=alert(1)>",
  ];
  const dresses = [(p) => p, (p) => `"'>${p}`, (p) => `--></title></textarea></style>${p}`, (p) => `]]>${p}<!--`, (p) => p.toUpperCase(), (p) => `\u202e${p}`, (p) => `${p}\\`, (p) => p.replaceAll("<", "<\t").replaceAll("alert", "al\\u0065rt")];
  return ways.flatMap((way) => dresses.map((dress) => dress(way)));
}

/** For `before` of a visit: what the page's policy had to refuse is kept. */
export const hearPolicy = () => {
  window.refused = [];
  addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) => window.refused.push(`${violatedDirective} ${blockedURI}`));
};

/** Counts what opens over a page; none is left open, for the page would wait. */
export function dialogs(page) {
  const opened = [];
  page.on("dialog", (dialog) => {
    opened.push(dialog.message());
    void dialog.dismiss();
  });
  return opened;
}

/** What only a payload could have brought in. */
export const brought = (page) =>
  page.evaluate(() => {
    const odd = "iframe, object, embed, base, math, video, audio, form[action^=javascript], a[href^=javascript], [onerror], [onload], [onfocus], [ontoggle], meta[http-equiv=refresh], script:not([src])";
    return [...window.refused, ...[...document.querySelectorAll(odd)].map((element) => element.outerHTML.slice(0, 80))];
  });
