#!/usr/bin/env python3
"""Answers many worlds with one start of the referee.

usage: referee_driver.py REFEREE.py
A line in: the referee's arguments as a JSON list. A line out: its answer as JSON, or {"refused": why}.

The referee knows one rainfall series. Where the rain has a column `gauge` (and `lon`, `lat`), this adds what it lacks: each
incident takes the rain of the nearest gauge that has an interval in force, at most `gauge_reach` metres away; of equally
near ones the smaller id; beyond that no rain is known. Of several gauges it also tells `storms_by_gauge`, and the gauge
of each incident (`city`: none).
"""
import contextlib, csv, importlib.util, io, json, sys

spec = importlib.util.spec_from_file_location("referee", sys.argv[1])
referee = importlib.util.module_from_spec(spec)
spec.loader.exec_module(referee)
GAUGE_REACH = 25_000.0
ORIGINAL = {name: getattr(referee, name) for name in ("storms_of", "weather_of", "incidents_of")}


class At(int):
    """A time that knows whose it is."""


class Incident(referee.Incident):
    def first(self):
        at = At(super().first())
        at.incident = self
        return at


def answer(arguments):
    sys.argv[1:], out = arguments, io.StringIO()
    with contextlib.redirect_stdout(out):
        referee.main()
    return json.loads(out.getvalue())


def gauges_of(arguments):
    """→ {id: (xyz, intervals)} where the rain is by gauge, else nothing"""
    path = arguments[arguments.index("--rain") + 1] if "--rain" in arguments else None
    rows = list(csv.DictReader(open(path, newline="", encoding="utf-8-sig"))) if path else []
    if not rows or "gauge" not in rows[0]:
        return {}
    gauges = {}
    for r in rows:
        um = referee.half_up(float(r["mm"]) * 1000) if r["mm"] else None
        at = referee.xyz(referee.e7(r["lon"], r["lat"]))
        gauges.setdefault(r["gauge"], (at, []))[1].append((referee.seconds(r["start"]), int(r["seconds"]), um))
    return gauges


def by_gauge(arguments, gauges):
    reach = [float(x.split("=")[1]) for x in arguments if x.startswith("gauge_reach=")] or [GAUGE_REACH]
    rain_at = arguments.index("--rain")
    plain = [x for i, x in enumerate(arguments) if i not in (rain_at, rain_at + 1) and not x.startswith("gauge_reach=")]
    series, found = {}, []

    def storms_of(_, s):
        every = []
        for name, (at, intervals) in sorted(gauges.items()):
            rain = [r for r in sorted(intervals) if r[0] + r[1] <= s["as_of"]]
            storms = ORIGINAL["storms_of"](rain, s)
            series[name] = at, rain, storms, len(every)
            every += storms
        return every

    def nearest(c):
        near = sorted((referee.d2(c.anchor, at), name) for name, (at, rain, *_) in series.items() if rain)
        return near[0][1] if near and near[0][0] <= referee.cm2(reach[-1]) else None

    def weather_of(t, storms, rain, s):
        name = nearest(t.incident)
        if name is None:
            return None, "unknown"
        _, rain, storms, before = series[name]
        i, weather = ORIGINAL["weather_of"](int(t), storms, rain, s)
        return None if i is None else before + i, weather

    def incidents_of(events, s):
        found.extend(ORIGINAL["incidents_of"](events, s))
        return found

    plain_incident, referee.Incident = referee.Incident, Incident
    referee.storms_of, referee.weather_of, referee.incidents_of = storms_of, weather_of, incidents_of
    try:
        told = answer(plain)
    finally:
        referee.Incident = plain_incident
        for name, original in ORIGINAL.items():
            setattr(referee, name, original)
    if len(gauges) > 1:
        told["storms"] = []
        told["storms_by_gauge"] = {name: storms for name, (_, _, storms, _) in series.items()}
        for incident, c in zip(told["incidents"], found):
            incident["gauge"] = nearest(c) or "city"
    return told


for line in sys.stdin:
    arguments = json.loads(line)
    try:
        gauges = gauges_of(arguments)
        told = by_gauge(arguments, gauges) if gauges else answer(arguments)
    except SystemExit as e:
        told = {"refused": str(e)}
    except Exception as e:  # a value it could not read: on its own command line this ends in a traceback
        told = {"refused": f"{type(e).__name__}: {e}"}
    print(json.dumps(told, separators=(",", ":")), flush=True)
