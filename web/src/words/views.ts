// The words of the views beside the map, which come with them.

import { speech } from "../lib/words.svelte";
import { views as en } from "./en_views";
import { views as zh } from "./zh_views";

export type ViewWords = typeof en;

/** In the reader's language. */
export const viewWords = (): ViewWords => ({ en, zh })[speech.language];
