// The outlines under the map, where their names go, and what they know of land and water.

import { within } from "../lib/ring";

let known: Promise<GeoJSON.FeatureCollection | null> | null = null;

/** Asked for once by all that need them; what failed is asked for again. */
export function ground(): Promise<GeoJSON.FeatureCollection | null> {
  known ??= asked();
  return known;
}

async function asked(): Promise<GeoJSON.FeatureCollection | null> {
  try {
    const answer = await fetch("/base.geojson");
    if (!answer.ok) throw new Error(answer.statusText);
    const base = (await answer.json()) as GeoJSON.FeatureCollection;
    return base.features.length > 0 ? base : null;
  } catch {
    known = null;
    return null;
  }
}

/** One point for the name of each outline: the middle of its largest part. */
export function names(base: GeoJSON.FeatureCollection): GeoJSON.FeatureCollection {
  const features = base.features.flatMap(({ geometry, properties }): GeoJSON.Feature[] => {
    const name: unknown = properties?.name;
    if (typeof name !== "string") return [];
    const parts = geometry.type === "Polygon" ? [geometry.coordinates] : geometry.type === "MultiPolygon" ? geometry.coordinates : [];
    const middles = parts.flatMap(([ring]) => (ring ? [middle(ring)] : [])).sort((a, b) => b.area - a.area);
    const coordinates = middles[0]?.at ?? (geometry.type === "Point" ? geometry.coordinates : null);
    return coordinates ? [{ type: "Feature", geometry: { type: "Point", coordinates }, properties: { name } }] : [];
  });
  return { type: "FeatureCollection", features };
}

/** Centre of mass and area of a ring, in degrees. */
function middle(ring: GeoJSON.Position[]): { at: GeoJSON.Position; area: number } {
  let [area, x, y] = [0, 0, 0];
  ring.forEach(([x1 = 0, y1 = 0], i) => {
    const [x2 = 0, y2 = 0] = ring[(i + 1) % ring.length] ?? [];
    const cross = x1 * y2 - x2 * y1;
    area += cross / 2;
    x += ((x1 + x2) * cross) / 6;
    y += ((y1 + y2) * cross) / 6;
  });
  return area === 0 ? { at: ring[0] ?? [0, 0], area: 0 } : { at: [x / area, y / area], area: Math.abs(area) };
}

/** What rings enclose, the first without the others, in square degrees. */
export function area(rings: GeoJSON.Position[][]): number {
  return rings.reduce((sum, ring, i) => sum + (i === 0 ? 1 : -1) * middle(ring).area, 0);
}

/** All that outlines enclose, in square degrees. */
export function land(base: GeoJSON.FeatureCollection | null): number {
  const polygons = (base?.features ?? []).flatMap(({ geometry: of }) => (of.type === "Polygon" ? [of.coordinates] : of.type === "MultiPolygon" ? of.coordinates : []));
  return polygons.reduce((sum, rings) => sum + area(rings), 0);
}

type At = [number, number];

/** The outline that holds a position, with its name if it has one; null: none does; undefined: no outlines are known. */
export function outlined(base: GeoJSON.FeatureCollection | null): (at: At) => { name: string | null } | null | undefined {
  const land = (base?.features ?? []).flatMap(({ geometry, properties }) => {
    const polygons = geometry.type === "Polygon" ? [geometry.coordinates] : geometry.type === "MultiPolygon" ? geometry.coordinates : [];
    const name: unknown = properties?.name;
    return polygons.map((rings) => {
      const [lons, lats] = [0, 1].map((i) => rings[0]?.map((corner) => corner[i] ?? 0) ?? []) as [number[], number[]];
      return { name: typeof name === "string" ? name : null, rings, west: Math.min(...lons), east: Math.max(...lons), south: Math.min(...lats), north: Math.max(...lats) };
    });
  });
  if (land.length === 0) return () => undefined;
  return ([lon, lat]) =>
    land.find(({ rings, west, east, south, north }) => lon >= west && lon <= east && lat >= south && lat <= north && rings.reduce((odd, ring) => odd !== within(lon, lat, ring), false)) ?? null;
}

/** Tells which positions lie beside all land that the outlines know: none, where they know none. */
export function waters(base: GeoJSON.FeatureCollection | null): (at: At) => boolean {
  const holds = outlined(base);
  return (at) => holds(at) === null;
}

export function* corners(base: GeoJSON.FeatureCollection | null): Generator<[number, number]> {
  for (const { geometry } of base?.features ?? []) {
    if (geometry.type === "GeometryCollection") continue;
    const stack: unknown[] = [geometry.coordinates];
    while (stack.length > 0) {
      const part = stack.pop() as unknown[];
      if (typeof part[0] === "number") yield [part[0], part[1] as number];
      else stack.push(...part);
    }
  }
}
