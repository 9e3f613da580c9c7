// What the sheet and the timeline's table hold, loaded when somebody comes near to opening one.

export { default as CourseTable } from "./CourseTable.svelte";
export { default as Help } from "./Help.svelte";
export { default as HotspotSheet } from "./HotspotSheet.svelte";
export { default as IncidentSheet } from "./IncidentSheet.svelte";
