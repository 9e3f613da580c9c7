import { Tongue } from "../desk/tongue.svelte";
import { en } from "../words/en_report";
import { zh } from "../words/zh_report";

export const tongue = new Tongue({ en, zh });
