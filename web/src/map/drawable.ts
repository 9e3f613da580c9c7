// Asked before the map's engine is loaded, which would be of no use without it.

export function drawable(): boolean {
  try {
    return document.createElement("canvas").getContext("webgl2") !== null;
  } catch {
    return false;
  }
}
