#!/usr/bin/env python3
"""Makes data/town: a synthetic town, the same one every time. Needs nothing but Python; run it from the repository.

The town lies in the open sea, so that nobody takes it for a real one. Its streets, areas, units, rain and reports are
invented; everything that is drawn comes from one seeded generator.
"""

import csv
import json
import math
import random
from datetime import datetime, timedelta, timezone
from pathlib import Path

FOLDER = Path("data/town")
SEED = 20_260_601
ZONE = timezone(timedelta(hours=8))
START, END = datetime(2024, 6, 1, tzinfo=ZONE), datetime(2026, 6, 1, tzinfo=ZONE)
# South-west corner; metres east and north of it are turned into degrees around it.
LON, LAT = 112.5, 20.5
M_PER_DEGREE = 6_371_008.8 * math.pi / 180

WIDTH, HEIGHT = 6_000.0, 4_000.0
STREETS_ACROSS = ["听雨路", "锦鲤路", "竹影街", "望潮大道", "云溪路"]  # from south to north
STREETS_UP = ["青石路", "白鹭路", "木棉街", "海棠路", "梧桐大道", "芦花路", "银杏街"]  # from west to east
DISTRICTS = [("west", "澄浦区"), ("east", "望潮区")]
SUB_DISTRICTS = [("west_south", "老渡口街道"), ("west_north", "云溪街道"), ("east_south", "听雨街道"), ("east_north", "银杏街道")]
# How often a crossing floods in a storm (per 100), by its place among the streets: two underpasses, and low corners.
PRONE = {(2, 1): 62, (4, 3): 48, (1, 2): 34, (5, 1): 26, (3, 2): 22, (6, 3): 15, (0, 3): 12}

draw = random.Random(SEED).random


def between(low, high):
    return low + (high - low) * draw()


def pick(items):
    return items[int(draw() * len(items))]


def degrees(east_m, north_m):
    lon = LON + east_m / (M_PER_DEGREE * math.cos(math.radians(LAT)))
    return round(lon, 6), round(LAT + north_m / M_PER_DEGREE, 6)


def nodes():
    """Corners of the grids: seven from west to east by three from south to north, shared by neighbours."""
    corners = {}
    for column in range(7):
        for row in range(3):
            inside = 0 < column < 6 or 0 < row < 2
            off = 120 if inside else 0
            east = WIDTH * column / 6 + between(-off, off) * (0 < column < 6)
            north = HEIGHT * row / 2 + between(-off, off) * (0 < row < 2)
            corners[column, row] = degrees(east, north)
    return corners


def ring(corners, west, south, east, north):
    """Around the grids from one node to another, through every node on the way, so that no border is drawn twice."""
    steps = [(c, south) for c in range(west, east)] + [(east, r) for r in range(south, north)]
    steps += [(c, north) for c in range(east, west, -1)] + [(west, r) for r in range(north, south, -1)]
    return [list(corners[step]) for step in [*steps, steps[0]]]


def areas():
    corners = nodes()
    boxes = [("town", "city", None, "汀浦市（虚构）", (0, 0, 6, 2))]
    for n, (district, name) in enumerate(DISTRICTS):
        boxes.append((district, "district", "town", name, (3 * n, 0, 3 * n + 3, 2)))
    for n, (sub, name) in enumerate(SUB_DISTRICTS):
        west, south = 3 * (n // 2), n % 2
        boxes.append((sub, "sub_district", DISTRICTS[n // 2][0], name, (west, south, west + 3, south + 1)))
        for k in range(3):
            box = (west + k, south, west + k + 1, south + 1)
            boxes.append((f"{sub}_{k + 1}", "grid", sub, f"{name[:-2]}第{'一二三'[k]}网格", box))
    features = []
    for id, level, parent, name, box in boxes:
        properties = {"id": id, "level": level, "name": name} | ({"parent": parent} if parent else {})
        geometry = {"type": "Polygon", "coordinates": [ring(corners, *box)]}
        features.append({"type": "Feature", "properties": properties, "geometry": geometry})
    lines = ",\n".join(json.dumps(feature, ensure_ascii=False) for feature in features)
    (FOLDER / "areas.geojson").write_text(f'{{"type": "FeatureCollection", "features": [\n{lines}\n]}}\n')


def units():
    out = ["# Synthetic: the units of an invented town. Made by tools/town.py.\n"]

    def unit(id, name, areas, more):
        listed = ", ".join(f'"{area}"' for area in areas)
        where = f"areas = [{listed}]\n" if areas else ""
        out.append(f'[[unit]]\nid = "{id}"\nname = "{name}"\n{where}{more}')

    unit("centre", "市防汛指挥中心", [], "# No areas: the whole town, where nobody nearer is responsible.\n")
    both = [district for district, _ in DISTRICTS]
    unit("drainage", "排水所", both, 'categories = ["blocked_drain", "manhole"]\nparent = "centre"\n')
    unit(
        "roads",
        "道路养护队",
        both,
        'categories = ["road_damage"]\ndays = "working_days"\ndeputy = "centre"\nparent = "centre"\n',
    )
    for district, name in DISTRICTS:
        unit(f"{district}_desk", f"{name}值班室", [district], 'parent = "centre"\n')
    for n, (sub, name) in enumerate(SUB_DISTRICTS):
        desk = f"{DISTRICTS[n // 2][0]}_desk"
        more = f'categories = ["waterlogging", "traffic_safety"]\nhours = [["07:00", "22:00"]]\ndeputy = "{desk}"\n'
        unit(f"{sub}_team", f"{name}排涝队", [sub], f'{more}parent = "{desk}"\n')
        for k in range(3):
            more = 'categories = ["obstruction", "sanitation", "other"]\ndays = "working_days"\n'
            more += f'deputy = "{desk}"\nparent = "{sub}_team"\n'
            unit(f"{sub}_{k + 1}_worker", f"{name[:-2]}第{'一二三'[k]}网格员", [f"{sub}_{k + 1}"], more)
    (FOLDER / "units.toml").write_text("\n".join(out))


def crossing(column, row):
    east, north = 400 + 860 * column, 400 + 800 * row
    return degrees(east, north), f"{STREETS_UP[column]}与{STREETS_ACROSS[row]}路口"


def places():
    with open(FOLDER / "places.csv", "w", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(["id", "lon", "lat", "name"])
        for column in range(7):
            for row in range(5):
                (lon, lat), name = crossing(column, row)
                out.writerow([f"x{column}{row}", lon, lat, name])


def storms():
    """Start, millimetres of each hour: four a month from May to September, one in other months."""
    found, day = [], START
    while day < END:
        if draw() < (4 / 30 if 5 <= day.month <= 9 else 1 / 30):
            hours, total = 2 + int(draw() * 6), between(8, 95)
            shape = [draw() + 0.1 for _ in range(hours)]
            depths = [round(total * part / sum(shape), 1) for part in shape]
            found.append((day + timedelta(hours=int(between(6, 17))), depths))
            day += timedelta(days=1)
        day += timedelta(days=1)
    # The last evening, so that what is still open fell in a storm.
    return [storm for storm in found if storm[0] < END - timedelta(days=1)] + [(END - timedelta(hours=5), [11.0, 18.5, 7.5])]


def rain(found):
    fallen = {start + timedelta(hours=n): mm for start, depths in found for n, mm in enumerate(depths)}
    with open(FOLDER / "rain.csv", "w", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(["start", "seconds", "mm"])
        hour = START
        for wet in [*sorted(fallen), END]:
            # One interval for all dry hours before it.
            if hour < wet:
                out.writerow([int(hour.timestamp()), int((wet - hour).total_seconds()), "0.0"])
            if wet < END:
                out.writerow([int(wet.timestamp()), 3_600, fallen[wet]])
                hour = wet + timedelta(hours=1)


WORDS = {
    "waterlogging": ["积水较深，请绕行", "路口积水，小车难行", "雨后积水未退", "积水没过路沿"],
    "blocked_drain": ["雨水口堵塞", "雨水箅子被落叶堵住", "排水口有淤泥"],
    "manhole": ["井盖松动", "井盖缺失，有围挡"],
    "road_damage": ["路面坑洼", "路面塌陷"],
    "obstruction": ["树枝倒在路上", "占道堆物"],
    "traffic_safety": ["信号灯不亮", "护栏损坏"],
    "sanitation": ["垃圾满溢", "路面有落叶淤泥"],
}
OTHERS = [category for category in WORDS if category != "waterlogging"]
COLUMNS = ["id", "category", "lon", "lat", "observed_at", "received_at", "acknowledged_at", "closed_at", "outcome"]
COLUMNS += ["text", "place", "depth_cm", "passability", "dry", "photo", "person"]


def report(rows, category, spot, name, at, **more):
    lon, lat = spot[0] + between(-8e-5, 8e-5), spot[1] + between(-8e-5, 8e-5)
    received = at + timedelta(minutes=int(between(0, 4)))
    acknowledged = received + timedelta(minutes=int(between(2, 40)))
    closed = acknowledged + timedelta(minutes=int(between(30, 1_600 if category != "waterlogging" else 260)))
    rows.append(
        {
            "category": category,
            "lon": round(lon, 6),
            "lat": round(lat, 6),
            "observed_at": at,
            "received_at": received,
            "acknowledged_at": acknowledged if draw() < 0.9 else "",
            "closed_at": closed if draw() < 0.85 else "",
            "outcome": "not_found" if draw() < 0.08 else "found",
            "text": pick(WORDS[category]),
            "place": name,
            "person": 1 + int(draw() * 160),
        }
        | more
    )


def flood(rows, spot, name, start, mm):
    """One to four people see it while it lasts."""
    depth = 5 + int(min(60, mm * between(0.2, 0.8)))
    passability = "slow" if depth < 20 else "impassable_small" if depth < 40 else "impassable"
    for _ in range(1 + int(draw() * 4)):
        at = start + timedelta(minutes=int(between(20, 200)))
        photo = "true" if draw() < 0.4 else ""
        report(rows, "waterlogging", spot, name, at, depth_cm=depth, passability=passability, photo=photo)


def reports(found):
    rows = []
    for start, depths in found:
        mm = sum(depths)
        for (column, row), percent in PRONE.items():
            spot, name = crossing(column, row)
            if draw() * 100 < percent * min(1.3, mm / 45):
                flood(rows, spot, name, start, mm)
            elif draw() < 0.12:
                at = start + timedelta(minutes=int(between(30, 200)))
                dry = {"dry": "true", "acknowledged_at": "", "closed_at": "", "outcome": "", "text": "路过，无积水"}
                report(rows, "waterlogging", spot, name, at, **dry)
        if draw() < 0.3:
            spot, name = crossing(int(draw() * 7), int(draw() * 5))
            flood(rows, spot, name, start, mm)
    day = START
    while day < END:
        if draw() < 0.34:
            spot, name = crossing(int(draw() * 7), int(draw() * 5))
            at = day + timedelta(minutes=int(between(6 * 60, 22 * 60)))
            report(rows, pick(OTHERS), spot, name, at)
        day += timedelta(days=1)
    # The last hours are still open, at every stage.
    for minutes, (column, row) in [(190, (2, 1)), (95, (4, 3)), (50, (5, 1)), (20, (1, 2)), (8, (3, 2))]:
        spot, name = crossing(column, row)
        at = END - timedelta(minutes=minutes)
        opened = {"closed_at": "", "depth_cm": 20 + column, "passability": "slow"}
        opened |= {"acknowledged_at": at + timedelta(minutes=9)} if minutes > 60 else {"acknowledged_at": ""}
        report(rows, "waterlogging", spot, name, at, **opened)
    rows = sorted((row for row in rows if row["observed_at"] < END), key=lambda row: row["observed_at"])
    with open(FOLDER / "reports.csv", "w", newline="") as file:
        out = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        out.writeheader()
        for n, row in enumerate(rows, 1):
            late = [name for name in ("acknowledged_at", "closed_at") if row[name] and row[name] >= END]
            row |= {"id": f"t{n:04}"} | dict.fromkeys(late, "")
            row["outcome"] = row["outcome"] if row["closed_at"] else ""
            out.writerow({k: v.isoformat() if isinstance(v, datetime) else v for k, v in row.items()})


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    areas()
    units()
    places()
    found = storms()
    rain(found)
    reports(found)
