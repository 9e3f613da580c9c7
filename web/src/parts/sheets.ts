// What the sheet holds, loaded when somebody comes near to opening one.

export { default as HotspotSheet } from "./HotspotSheet.svelte";
export { default as IncidentSheet } from "./IncidentSheet.svelte";
