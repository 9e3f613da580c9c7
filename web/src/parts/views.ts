// The views beside the map, loaded when one of them is asked for.

export { default as storms } from "./StormsView.svelte";
export { default as trend } from "./TrendView.svelte";
