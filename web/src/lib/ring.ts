// What lies inside of what.

/** Does a position lie in a closed ring? (Even-odd rule.) */
export function within(x: number, y: number, ring: GeoJSON.Position[]): boolean {
  let odd = false;
  for (let i = 1; i < ring.length; i += 1) {
    const [[x1 = 0, y1 = 0], [x2 = 0, y2 = 0]] = [ring[i - 1]!, ring[i]!];
    if (y1 > y !== y2 > y && x < ((x2 - x1) * (y - y1)) / (y2 - y1) + x1) odd = !odd;
  }
  return odd;
}

/** The outer ring. */
export function ring(geometry: GeoJSON.Polygon | GeoJSON.MultiPolygon): GeoJSON.Position[] {
  return (geometry.type === "Polygon" ? geometry.coordinates[0] : geometry.coordinates[0]?.[0]) ?? [];
}
