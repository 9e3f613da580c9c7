// Answers since which more has been reported, each by what works it out anew. The view says so in one place, and nothing in
// it moves before the reader asks for it.

import { SvelteSet } from "svelte/reactivity";

export const behind = new SvelteSet<() => void>();
