"""Before and after works: occasions and storms counted by hand, tests by SciPy and statsmodels, and what follows a chosen
spot without works by SciPy's negative binomial."""

import datetime
import json
import sys

import numpy
from rates import read
from scipy.stats import binom, nbinom

DAY = 86_400
YEAR = 365.25 * DAY


def seconds(text):
    return None if text is None else int(datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp())


def compared(city):
    # A flood is reported six hours after its storm began, storms are a day and a half apart: each is an occasion.
    floods = [[t - 6 * 3600 for t in times] for times in city["reported"]]
    number = numpy.array([len(times) for times in floods], dtype=float)
    mean, variance = number.mean(), number.var()
    assert variance > mean
    alpha, beta = mean**2 / (variance - mean), mean / (variance - mean) * city["years"]

    def split(times, start, end):
        inside = lambda t: start <= t and (end is None or t < end)
        before = sum(t < start for t in times)
        during = sum(inside(t) for t in times)
        return before, during, len(times) - before - during

    def row(asked):
        start, end = (None if t is None else t - city["start"] for t in map(seconds, (asked["start"], asked["end"])))
        spot = asked["hotspot_id"].rsplit(":p", 1)[1] if asked["hotspot_id"] else asked["works_id"].removeprefix("w")
        before, during, after = split(floods[int(spot)], start, end)
        storms_before, _, storms_after = split(city["storms"], start, end)
        said = {"occasions_before": before, "occasions_meanwhile": during, "occasions_after": after}
        lasts = city["lasts"]
        lacks = {
            "not_begun": start > lasts,
            "end_unknown": end is None,
            "not_ended": end is not None and end > lasts,
            "short_after": end is not None and lasts - end < 90 * DAY,
            "few_occasions": before + after < 5,
        }
        lack = next((name for name, so in lacks.items() if so), None)
        alone = dict.fromkeys(["ratio", "ratio_low", "ratio_high", "p", "after_without_works", "p_so_few"])
        first = other = None
        if lack not in ("not_begun", "end_unknown", "not_ended") and before + after:
            first = read(before, after, storms_before, storms_after)
            other = read(before, after, asked["other_exposure_before"], asked["other_exposure_after"])
            alone |= first | {"exposure_before": storms_before, "exposure_after": storms_after, "other_p": other["p"]}
            if asked["hotspot_id"]:
                years = start / YEAR
                shape, rate, later = alpha + before, beta + years, years * storms_after / storms_before
                alone["after_without_works"] = shape / rate * later
                alone["p_so_few"] = nbinom.cdf(after, shape, rate / (rate + later))
        verdict = "not_judged"
        if lack is None:
            sides = {r["ratio"] is None or r["ratio"] > 1 for r in (first, other)}
            small = [r["p"] < 0.1 for r in (first, other)]
            chance = alone["p_so_few"]
            if all(small) and sides == {True}:
                verdict = "more"
            elif all(small) and sides == {False} and chance is not None and chance >= 0.05:
                verdict, lack = "no_clear_change", "regression"
            elif all(small) and sides == {False}:
                verdict = "fewer"
            else:
                verdict, lack = "no_clear_change", "reporting" if small[0] else None
        needed = None
        if verdict not in ("fewer", "more") and before + after >= 5:
            tells = lambda m: binom.cdf(after, before + after, m / (m + storms_before)) < 0.05
            needed = next((m for m in range(storms_after, 20 * storms_before + 1) if tells(m)), None)
        return {"verdict": verdict, "reason": lack, **said, **alone, "storms_needed": needed}

    return [row(asked) for asked in city["rows"]]


print(json.dumps([compared(city) for city in json.load(sys.stdin)]))
