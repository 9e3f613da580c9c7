// The words of the sheets, which come with them.

import { speech } from "../lib/words.svelte";
import { sheets as en } from "./en_sheets";
import { sheets as zh } from "./zh_sheets";

export type SheetWords = typeof en;

/** In the reader's language. */
export const sheetWords = (): SheetWords => ({ en, zh })[speech.language];
