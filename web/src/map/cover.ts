// What lies over the map, as squares that keep names away: none is cut by a sheet, the legend or an edge.

import type { Map as Engine } from "maplibre-gl";

/** In pixels from the map's upper left corner. */
export interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** A name that crosses an edge reaches so far at most. */
const BEYOND_PX = 90;

export function cover(engine: Engine, over: Box[]): GeoJSON.FeatureCollection {
  const { clientWidth: width, clientHeight: height } = engine.getContainer();
  const edges: Box[] = [
    { left: -BEYOND_PX, top: 0, right: 0, bottom: height },
    { left: width, top: 0, right: width + BEYOND_PX, bottom: height },
  ];
  return { type: "FeatureCollection", features: [...over, ...edges].flatMap((box) => squares(box).map(feature)) };

  function feature({ x, y, side }: Square): GeoJSON.Feature {
    const { lng, lat } = engine.unproject([x, y]);
    return { type: "Feature", geometry: { type: "Point", coordinates: [lng, lat] }, properties: { side } };
  }
}

interface Square {
  x: number;
  y: number;
  side: number;
}

/** Squares as wide as the box is at its narrowest, as many as fill it; the last ones may overlap. */
function squares({ left, top, right, bottom }: Box): Square[] {
  const [width, height] = [right - left, bottom - top];
  const side = Math.min(width, height);
  if (side <= 0) return [];
  const steps = (length: number) => Array.from({ length: Math.ceil(length / side) }, (_, i) => Math.min(i * side, length - side) + side / 2);
  return steps(width).flatMap((x) => steps(height).map((y) => ({ x: left + x, y: top + y, side })));
}
