// The storms of the view, once the timeline has them.

import type { Storm } from "./course";

class Rained {
  storms = $state.raw<Storm[]>([]);
}

export const rained = new Rained();
