// What the sheet, the timeline's table and a list without any row hold, loaded when somebody comes near to opening one.

export { default as CourseTable } from "./CourseTable.svelte";
export { default as Empty } from "./Empty.svelte";
export { default as Help } from "./Help.svelte";
export { default as HotspotSheet } from "./HotspotSheet.svelte";
export { default as IncidentSheet } from "./IncidentSheet.svelte";
export { default as NoWorks } from "./NoWorks.svelte";
