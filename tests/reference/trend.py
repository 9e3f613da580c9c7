"""Trend of each row by SciPy and statsmodels: ratio of two Poisson rates, exact conditional p, interval."""

import json
import sys

from scipy.stats import binomtest
from statsmodels.stats.rates import test_poisson_2indep


def read(before, lately, exposure_before, exposure_lately):
    n = before + lately
    share = exposure_lately / (exposure_before + exposure_lately)
    exact = binomtest(lately, n, share)
    low, high = exact.proportion_ci(0.95, "exact")
    per = exposure_before / exposure_lately
    odds = lambda p: p / (1 - p) * per if p < 1 else None
    again = test_poisson_2indep(lately, exposure_lately, before, exposure_before, method="exact-cond").pvalue
    assert abs(again - exact.pvalue) < 1e-9, (again, exact.pvalue)
    ratio = lately / exposure_lately / (before / exposure_before) if before else None
    return {"ratio": ratio, "ratio_low": odds(low), "ratio_high": odds(high), "p": exact.pvalue}


def trend(row):
    counts = row["occasions_before"], row["occasions_lately"]
    first = read(*counts, row["exposure_before"], row["exposure_lately"])
    other = read(*counts, row["other_exposure_before"], row["other_exposure_lately"])
    ratio = lambda r: float("inf") if r["ratio"] is None else r["ratio"]
    if sum(counts) < 5:
        said = "insufficient_history"
    elif first["p"] < 0.1 and other["p"] < 0.1 and ratio(first) > 1 and ratio(other) > 1:
        said = "worsening" if counts[0] else "new"
    elif first["p"] < 0.1 and other["p"] < 0.1 and ratio(first) < 1 and ratio(other) < 1:
        said = "improving" if counts[1] else "dormant"
    else:
        said = "steady"
    return {"trend": said, **first, "other_ratio": other["ratio"], "other_p": other["p"]}


print(json.dumps([[trend(row) for row in city["rows"]] for city in json.load(sys.stdin)]))
