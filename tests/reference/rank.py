"""Rank of each row: shrunk rates by esda, their intervals by SciPy, the rest by hand."""

import json
import sys

import numpy
from esda.smoothing import Empirical_Bayes
from scipy.stats import gamma


def ranked(asked):
    occasions = numpy.array(asked["occasions"], dtype=float)
    years = numpy.full(len(occasions), asked["years"])
    mean, variance = occasions.mean(), occasions.var()
    # esda takes a variance below that of chance for what it is; the cities here scatter more.
    assert variance > mean
    alpha, beta = mean**2 / (variance - mean), mean / (variance - mean) * asked["years"]
    shrunk = {int(o): float(r) for o, r in zip(occasions, Empirical_Bayes(occasions, years).r.ravel())}

    def terms(row):
        severity = 1 + (row["incidents_impassable"] + row["incidents_deep"]) / row["incidents"]
        shape, rate = alpha + row["occasions"], beta + asked["years"]
        low, high = gamma.ppf([0.025, 0.975], shape, scale=1 / rate)
        return {
            "alpha": alpha,
            "beta": beta,
            "shrunk_per_year": shrunk[row["occasions"]],
            "shrunk_per_year_low": low,
            "shrunk_per_year_high": high,
            "severity": severity,
            "rank_score": shrunk[row["occasions"]] * severity,
        }

    rows = [terms(row) for row in asked["rows"]]
    for row in rows:
        scores = [other["rank_score"] for other in rows]
        row["rank"] = 1 + sum(score > row["rank_score"] * (1 + 1e-12) for score in scores)
        row["ties"] = sum(abs(score / row["rank_score"] - 1) < 1e-12 for score in scores) - 1
    return rows


print(json.dumps([ranked(city) for city in json.load(sys.stdin)]))
