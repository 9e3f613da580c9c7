// Viridis (van der Walt and Smith 2015), told apart by colour-blind people too. More storms stand out more against the
// ground: darker on light, lighter on dark.

const VIRIDIS = ["#440154", "#472f7d", "#3b528b", "#2c728e", "#21918c", "#28ae80", "#5ec962", "#addc30", "#fde725"];

/** Share in storms and its colour, from 0 to 1. */
export function ramp(dark: boolean): [number, string][] {
  // The ends nearest to the ground would not be seen on it.
  const colours = dark ? VIRIDIS.slice(2) : VIRIDIS.slice(0, 8).reverse();
  return colours.map((colour, i) => [i / (colours.length - 1), colour]);
}

/** Of hotspots with no known weather. */
export const UNKNOWN = "#8a929b";

/** Radius in pixels of the circle of a hotspot: its area grows with the occasions. */
export const RADIUS_OF_ONE_PX = 3.1;

export function radius(occasions: number): number {
  return RADIUS_OF_ONE_PX * Math.sqrt(Math.min(occasions, 100));
}
