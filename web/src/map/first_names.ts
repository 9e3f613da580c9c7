// Where the names of the first of the list stand: each close beside its circle, on the side where it hides the least, or
// nowhere: further away it would be read as another's.

import type { Map as Engine } from "maplibre-gl";
import { stands as counted } from "../lib/choose";
import { RADIUS_OF_ONE_PX } from "../lib/colours";
import type { Hotspot } from "../lib/types";

export const NAME_PX = 12;
/** From the circle, and from the ring of one that is confirmed. */
export const NAME_GAP_PX = 7;
export const WIDEST_NAME_EM = 12;
/** As the engine has them: the part of the name that is nearest to the circle. With x and y towards which it lies. */
const SIDES = { left: [1, 0], right: [-1, 0], top: [0, 1], bottom: [0, -1], "top-left": [0.7, 0.7], "bottom-left": [0.7, -0.7], "top-right": [-0.7, 0.7], "bottom-right": [-0.7, -0.7] } as const;
const LINE_PX = 1.2 * NAME_PX;
/** A name so near to another circle would be read as that one's. */
const NEAR_PX = 6;
/** As a part of the name: one on another cannot be read, one on a circle can, badly. */
const [ON_NAME, ON_CIRCLE, NEAR_CIRCLE] = [50, 5, 1];
/** With more of it on others a name is left out. */
const MOST_ON_NAME = 0.1;

export type Side = keyof typeof SIDES;

interface Rectangle {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** How much larger circles are at a zoom: as the style has it. */
const grown = (zoom: number) => (zoom < 12 ? 0.8 + (0.2 * Math.max(0, zoom - 9)) / 3 : 1 + (0.7 * Math.min(4, zoom - 12)) / 4);
const shared = (a: Rectangle, b: Rectangle) => Math.max(0, Math.min(a.right, b.right) - Math.max(a.left, b.left)) * Math.max(0, Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top));

const pen = document.createElement("canvas").getContext("2d");

/** The sides of the names of `first`, one after the other, without those that find no place; `over`: what lies over the map. */
export function stands(engine: Engine, first: Hotspot[], all: Hotspot[], over: Rectangle[]): Map<string, Side> {
  const factor = RADIUS_OF_ONE_PX * grown(engine.getZoom());
  const { clientWidth: width, clientHeight: height } = engine.getContainer();
  const bounds = engine.getBounds();
  const circles = all.flatMap(({ id, geometry, properties }): (Rectangle & { id: string; r: number })[] => {
    if (!geometry || !bounds.contains(geometry.coordinates)) return [];
    const { x, y } = engine.project(geometry.coordinates);
    const r = factor * Math.sqrt(Math.min(Math.max(counted(properties), 1), 100));
    return [{ id, r, left: x - r, top: y - r, right: x + r, bottom: y + r }];
  });
  const placed: Rectangle[] = [];
  const chosen = new Map<string, Side>();
  if (pen) pen.font = `${NAME_PX}px system-ui, sans-serif`;
  for (const { id, properties } of first) {
    const circle = circles.find((one) => one.id === id);
    if (!circle) continue;
    const long = pen?.measureText(`${properties.name ?? ""}  ${counted(properties)}`).width ?? 0;
    const lines = Math.ceil(long / (WIDEST_NAME_EM * NAME_PX));
    const [w, h] = [long / Math.max(1, lines) + (lines > 1 ? 2 * NAME_PX : 0), Math.max(1, lines) * LINE_PX];
    const [x, y] = [circle.left + circle.r, circle.top + circle.r];
    const others = circles.filter((one) => one !== circle);
    const near = others.map(({ left, top, right, bottom }) => ({ left: left - NEAR_PX, top: top - NEAR_PX, right: right + NEAR_PX, bottom: bottom + NEAR_PX }));
    const away = circle.r + NAME_GAP_PX;
    let best: { side: Side; at: Rectangle; cost: number } | null = null;
    for (const [side, [dx, dy]] of Object.entries(SIDES) as [Side, readonly [number, number]][]) {
      const left = x + dx * away - (dx > 0 ? 0 : dx < 0 ? w : w / 2);
      const top = y + dy * away - (dy > 0 ? 0 : dy < 0 ? h : h / 2);
      const at = { left, top, right: left + w, bottom: top + h };
      const outside = left < 0 || top < 0 || at.right > width || at.bottom > height || over.some((box) => shared(at, box) > 0);
      const on = (those: Rectangle[]) => those.reduce((sum, one) => sum + shared(at, one), 0) / (w * h);
      if (outside || on(placed) > MOST_ON_NAME) continue;
      const cost = ON_NAME * on(placed) + ON_CIRCLE * on(others) + NEAR_CIRCLE * on(near);
      if (best === null || cost < best.cost) best = { side, at, cost };
    }
    if (!best) continue;
    chosen.set(id, best.side);
    placed.push(best.at);
  }
  return chosen;
}
