// Of which numbers English has a word of its own.

export const plural = (n: number, one: string, many: string) => (n === 1 ? one : many);

/** Floods are what the map is about: those at which inspectors did not find nothing, or there is evidence all the same. Of other
 * matters it counts occasions. */
export const flood = (floods: boolean, n: number) => (floods ? plural(n, "flood", "floods") : plural(n, "occasion", "occasions"));

/** All that were reported, whatever inspectors found. */
export const what = (floods: boolean, n: number) => (floods ? plural(n, "reported flood", "reported floods") : plural(n, "occasion", "occasions"));
