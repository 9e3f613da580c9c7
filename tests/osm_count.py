"""Reads an OSM PBF file by itself and prints, as JSON, what plain counting finds: how many named drivable ways there
are, and each node where two or more names meet, as [longitude, latitude, [names]] in degrees."""
import collections, json, struct, sys, zlib

DRIVABLE = "motorway trunk primary secondary tertiary unclassified residential living_street road".split()


def varint(b, i):
    n = shift = 0
    while True:
        n |= (b[i] & 127) << shift
        shift, i = shift + 7, i + 1
        if b[i - 1] < 128:
            return n, i


def fields(b):
    i = 0
    while i < len(b):
        key, i = varint(b, i)
        if key & 7 == 2:
            length, i = varint(b, i)
            value, i = b[i : i + length], i + length
        else:
            assert key & 7 == 0
            value, i = varint(b, i)
        yield key >> 3, value


def packed(b):
    i = 0
    while i < len(b):
        n, i = varint(b, i)
        yield n


def deltas(b):
    total = 0
    for n in packed(b):
        total += (n >> 1) ^ -(n & 1)
        yield total


def blocks(file):
    while length := file.read(4):
        header = dict(fields(file.read(struct.unpack(">I", length)[0])))
        blob = dict(fields(file.read(header[3])))
        if header[1] == b"OSMData":
            yield list(fields(blob[1] if 1 in blob else zlib.decompress(blob[3])))


where, names, ways = {}, collections.defaultdict(set), 0
for block in blocks(open(sys.argv[1], "rb")):
    texts = [text.decode() for field, table in block if field == 1 for _, text in fields(table)]
    for group in (value for field, value in block if field == 2):
        for kind, value in fields(group):
            row = dict(fields(value)) if kind in (2, 3) else {}
            if kind == 2:
                columns = zip(deltas(row[1]), deltas(row[9]), deltas(row[8]))
                where.update((node, (lon / 1e7, lat / 1e7)) for node, lon, lat in columns)
            if kind == 3:
                tags = {texts[k]: texts[v] for k, v in zip(packed(row.get(2, b"")), packed(row.get(3, b"")))}
                drivable = tags.get("highway", "").removesuffix("_link") in DRIVABLE and tags.get("area") != "yes"
                name = " ".join(tags.get("name", "").split())
                if drivable and name:
                    ways += 1
                    for node in deltas(row[8]):
                        names[node].add(name)
met = [[*where[node], sorted(all)] for node, all in names.items() if len(all) > 1 and node in where]
print(json.dumps({"ways": ways, "met": met}))
