"""Labels by scikit-learn's DBSCAN: what ours are held against.

Reads a list of cases as JSON from standard input (points as whole centimetres, eps in the same, min_points) and writes
the list of answers.
"""

import json
import sys

import numpy
from sklearn.cluster import DBSCAN


def labelled(case):
    points = numpy.array(case["points"], dtype=float)
    found = DBSCAN(eps=case["eps_cm"], min_samples=case["min_points"], algorithm="brute").fit(points)
    cores = numpy.zeros(len(points), dtype=bool)
    cores[found.core_sample_indices_] = True
    return {"labels": found.labels_.tolist(), "cores": cores.tolist()}


json.dump([labelled(case) for case in json.load(sys.stdin)], sys.stdout)
