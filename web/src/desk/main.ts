import { mount } from "svelte";
import "../look/base.css";
import "../look/pin.css";
import "../look/desk.css";
import "../look/desk_case.css";
import "../look/desk_inbox.css";
import "../look/desk_service.css";
import { categories } from "../lib/categories.svelte";
import { kept } from "../lib/kept";
import DeskPage from "./DeskPage.svelte";
import { desk } from "./desk.svelte";

document.documentElement.dataset.theme = kept("theme") ?? "auto";
void categories.load({});
desk.start();
mount(DeskPage, { target: document.getElementById("app")! });
