// Of which numbers English has a word of its own.

export const plural = (n: number, one: string, many: string) => (n === 1 ? one : many);

/** Floods are what the map is about, and those counted were reported, with evidence or not; of other matters it counts
 * occasions. */
export const what = (floods: boolean, n: number) => (floods ? plural(n, "reported flood", "reported floods") : plural(n, "occasion", "occasions"));
