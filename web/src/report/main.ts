import { mount } from "svelte";
import "../look/base.css";
import "../look/pin.css";
import "../look/report.css";
import "../look/report_parts.css";
import { kept } from "../lib/kept";
import { device } from "./device.svelte";
import { outbox } from "./outbox.svelte";
import ReportPage from "./ReportPage.svelte";

document.documentElement.dataset.theme = kept("theme") ?? "auto";
device.begin();
void outbox.start();
mount(ReportPage, { target: document.getElementById("app")! });
// Without https there is none, and the page works while there is a network.
void navigator.serviceWorker?.register("/report/worker.js", { scope: "/report", updateViaCache: "none" }).catch(() => {});
