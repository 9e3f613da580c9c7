"""Trend of each row by SciPy and statsmodels: ratio of two Poisson rates, exact conditional p, interval."""

import json
import sys

from rates import read


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
