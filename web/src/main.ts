import { mount } from "svelte";
import App from "./App.svelte";
import "./look/base.css";
import "./look/bar.css";
import "./look/list.css";
import "./look/map.css";
import "./look/sheet.css";
import "./look/analysis.css";
import "./look/timeline.css";
import "./look/narrow.css";
import "./look/print.css";
import "./look/paper_hotspot.css";
import { page } from "./lib/page.svelte";

page.start();
mount(App, { target: document.getElementById("app")! });
