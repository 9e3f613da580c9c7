import { mount } from "svelte";
import "../look/base.css";
import "../look/follow.css";
import { categories } from "../lib/categories.svelte";
import Follow from "./Follow.svelte";

void categories.load({});
mount(Follow, { target: document.getElementById("app")! });
