// A tiny writer of OSM's PBF files: straight streets that meet nowhere.
// https://wiki.openstreetmap.org/wiki/PBF_Format

const varint = (n) => {
  const out = [];
  for (let rest = BigInt(n); ; rest >>= 7n) {
    if (rest < 0x80n) return [...out, Number(rest)];
    out.push(Number(rest & 0x7fn) | 0x80);
  }
};
const number = (field, n) => [...varint(field << 3), ...varint(n)];
const bytes = (field, value) => {
  const all = typeof value === "string" ? [...Buffer.from(value)] : value;
  return [...varint((field << 3) | 2), ...varint(all.length), ...all];
};
/** Signed, each as the difference from the one before. */
const deltas = (all) => all.flatMap((n, i) => ((d) => varint(d < 0 ? -2 * d - 1 : 2 * d))(n - (all[i - 1] ?? 0)));
/** With its header and the length of that; not packed. */
const blob = (kind, data) => {
  const body = bytes(1, data);
  const header = [...bytes(1, kind), ...number(3, body.length)];
  return [0, 0, header.length >> 8, header.length & 255, ...header, ...body];
};

/** `streets`: a name, and longitude and latitude of both ends. */
export function osmFile(streets) {
  const e7 = (degrees) => Math.round(degrees * 1e7);
  const ends = streets.flatMap(({ ends }) => ends);
  const texts = ["", "highway", "residential", "name", ...streets.map(({ name }) => name)].flatMap((text) => bytes(1, text));
  const column = (i) => deltas(ends.map((end) => e7(end[i])));
  const dense = [...bytes(1, deltas(ends.map((_, i) => i + 1))), ...bytes(8, column(1)), ...bytes(9, column(0)), ...bytes(10, ends.map(() => 0))];
  const ways = streets.flatMap((_, i) => bytes(3, [...number(1, i + 1), ...bytes(2, [...varint(1), ...varint(3)]), ...bytes(3, [...varint(2), ...varint(4 + i)]), ...bytes(8, deltas([2 * i + 1, 2 * i + 2]))]));
  const head = [...bytes(4, "OsmSchema-V0.6"), ...bytes(4, "DenseNodes")];
  return Buffer.from([...blob("OSMHeader", head), ...blob("OSMData", [...bytes(1, texts), ...bytes(2, bytes(2, dense)), ...bytes(2, ways)])]);
}
