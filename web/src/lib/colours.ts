// More storms stand out more against the ground, darker on light and lighter on dark, and are violet on both: green never
// means what violet means elsewhere. Lightness alone tells them apart, for colour-blind people too. On light the colours are
// Viridis (van der Walt and Smith 2015), without the end that is nearest to the ground; on dark the same hues in OKLCH
// (Ottosson 2020), lightness 0.50 to 0.88.

const ON_LIGHT = ["#addc30", "#5ec962", "#28ae80", "#21918c", "#2c728e", "#3b528b", "#472f7d", "#440154"];
const ON_DARK = ["#5e6b04", "#40844a", "#169881", "#23a5b2", "#5caedb", "#94b4f6", "#c8baff", "#f6c3fd"];

/** Share in storms and its colour, from 0 to 1. */
export function ramp(dark: boolean): [number, string][] {
  const colours = dark ? ON_DARK : ON_LIGHT;
  return colours.map((colour, i) => [i / (colours.length - 1), colour]);
}

/** Of hotspots with no known weather. */
export const UNKNOWN = "#8a929b";

/** Radius in pixels of the circle of a hotspot: its area grows with the occasions. */
export const RADIUS_OF_ONE_PX = 3.1;

export function radius(occasions: number): number {
  return RADIUS_OF_ONE_PX * Math.sqrt(Math.min(occasions, 100));
}
