#!/usr/bin/env python3
"""Writes data/cite/streets.osm.pbf: two made-up streets that cross, as an extract of OpenStreetMap has them.

The format is that of https://wiki.openstreetmap.org/wiki/PBF_Format, its blobs unpacked.
"""
import pathlib

NODES = {1: (110.320, 20.030), 2: (110.330, 20.030), 3: (110.340, 20.031), 4: (110.330, 20.020), 5: (110.331, 20.040)}
WAYS = {10: ('First Made-up Road', [1, 2, 3]), 11: ('Second Made-up Road', [4, 2, 5])}


def varint(n):
    out = bytearray()
    while True:
        out.append(n & 0x7F | (0x80 if n > 0x7F else 0))
        n >>= 7
        if not n:
            return bytes(out)


def zigzag(n):
    return varint(n << 1 if n >= 0 else (-n << 1) - 1)


def field(number, value):
    """a number as a varint, anything else with its length before it"""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    value = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(value)) + value


def deltas(numbers):
    return b''.join(zigzag(b - a) for a, b in zip([0, *numbers], numbers))


def blob(kind, block):
    packed = field(1, block) + field(2, len(block))
    header = field(1, kind) + field(3, len(packed))
    return len(header).to_bytes(4, 'big') + header + packed


def data():
    strings = ['', 'highway', 'residential', 'name', *(name for name, _ in WAYS.values())]
    units = [[round(at[axis] * 1e7) for at in NODES.values()] for axis in (0, 1)]
    dense = field(1, deltas(list(NODES))) + field(8, deltas(units[1])) + field(9, deltas(units[0]))
    ways = b''.join(
        field(3, field(1, way) + field(2, varint(1) + varint(3)) + field(3, varint(2) + varint(strings.index(name)))
              + field(8, deltas(nodes)))
        for way, (name, nodes) in WAYS.items())
    table = b''.join(field(1, text) for text in strings)
    return field(1, table) + field(2, field(2, dense)) + field(2, ways)


if __name__ == '__main__':
    head = field(4, 'OsmSchema-V0.6') + field(4, 'DenseNodes')
    file = pathlib.Path(__file__).parent.parent / 'data/cite/streets.osm.pbf'
    file.write_bytes(blob('OSMHeader', head) + blob('OSMData', data()))
