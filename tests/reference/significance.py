"""Gi*, its p and q, and relative risks, by esda, libpysal, statsmodels and scipy: what ours is held against.

Reads a list of cases as JSON from standard input and writes the list of answers. A case has the answers of
/api/v1/analysis/significance and /risk, of which only counts are used, and perhaps the positions of its reports.
"""

import json
import sys
import warnings
from collections import Counter

import h3
import numpy
from esda.getisord import G_Local
from esda.smoothing import Empirical_Bayes
from libpysal.weights import W
from scipy.stats import gamma, norm
from statsmodels.stats.multitest import multipletests

warnings.filterwarnings("ignore")


def significance(said):
    features = said["features"]
    cells = [f["id"] for f in features]
    known = set(cells)
    weights = W({c: [n for n in h3.grid_disk(c, 1) if n in known and n != c] for c in cells}, silence_warnings=True)
    values = numpy.array([f["properties"]["occasions"] for f in features], dtype=float)
    # W sorts its ids; ours come in the order of the cells, which is the same.
    assert list(weights.id_order) == cells
    found = G_Local(values, weights, transform="B", permutations=0, star=True)
    p = 2 * norm.sf(numpy.abs(found.Zs))
    q = multipletests(p, method="fdr_bh")[1]
    return {"z": found.Zs.tolist(), "p": p.tolist(), "q": q.tolist()}


def risk(said):
    rows = [f["properties"] for f in said["features"] if f["properties"]["reports"] > 0]
    observed = numpy.array([r["occasions"] for r in rows], dtype=float)
    reports = numpy.array([r["reports"] for r in rows], dtype=float)
    rate = observed.sum() / reports.sum()
    expected = rate * reports
    variance = ((reports * (observed / reports - rate) ** 2).sum() / reports.sum() - rate / reports.mean()).item()
    smoothed = Empirical_Bayes(observed, reports).r.flatten() / rate
    if variance < 0:  # esda goes on with it; Marshall takes it for none.
        smoothed = numpy.ones(len(rows))
    low = numpy.where(observed > 0, gamma.ppf(0.025, numpy.maximum(observed, 1)), 0.0)
    high = gamma.ppf(0.975, observed + 1)
    return {
        "negative": variance < 0,
        "occasions_per_report": rate,
        "variance": max(variance, 0.0),
        "expected": expected.tolist(),
        "relative_risk": (observed / expected).tolist(),
        "relative_risk_low": (low / expected).tolist(),
        "relative_risk_high": (high / expected).tolist(),
        "relative_risk_smoothed": smoothed.tolist(),
    }


def reports_by_cell(positions, resolution):
    return dict(Counter(h3.latlng_to_cell(lat, lon, resolution) for lon, lat in positions))


def answer(case):
    out = {"significance": significance(case["significance"]), "risk": risk(case["risk"])}
    if "positions" in case:
        out["reports"] = reports_by_cell(case["positions"], case["significance"]["resolution"])
    return out


json.dump([answer(case) for case in json.load(sys.stdin)], sys.stdout)
