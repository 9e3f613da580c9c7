"""Firth's penalised logistic regression and Wilson's interval, independently: a list of cases in, answers out.

The penalised likelihood is maximised as it is written down, its gradient by the derivative of the determinant (no hat
matrix), and brought to zero by scipy; profiles by a bracketing root. Wilson's interval is statsmodels'.
"""

import json
import os
import sys

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
from scipy.optimize import brentq, minimize, root
from scipy.special import expit
from scipy.stats import chi2
from statsmodels.stats.proportion import proportion_confint

CHI2 = chi2.ppf(0.95, 1)


def information(x, b):
    p = expit(x @ b)
    return p, (x.T * (p * (1 - p))) @ x


def likelihood(x, y, b):
    eta = x @ b
    sign, log_det = np.linalg.slogdet(information(x, b)[1])
    return float(y @ eta - np.logaddexp(0, eta).sum() + 0.5 * log_det) if sign > 0 else -np.inf


def gradient(x, y, b):
    p, info = information(x, b)
    slope = p * (1 - p) * (1 - 2 * p)
    try:
        inverse = np.linalg.inv(info)
    except np.linalg.LinAlgError:
        return np.full(x.shape[1], np.nan)
    trace = [np.trace(inverse @ ((x.T * (slope * x[:, r])) @ x)) for r in range(x.shape[1])]
    return x.T @ (y - p) + 0.5 * np.array(trace)


def places(x, start, held, value):
    """Starts with even odds at each case and between each two: where it is steep, each can have a maximum of its own."""
    if held:
        slopes = start.copy()
        slopes[0] = 0
        slopes = slopes * (value / start[held]) if start[held] else slopes
    else:
        slopes = np.concatenate(([0.0], start[1:]))
    rest = np.sort(np.unique(x @ slopes))
    out = []
    for middle in np.concatenate((rest, (rest[1:] + rest[:-1]) / 2)):
        b = slopes.copy()
        if held:
            b[0] = -middle
        elif middle:
            b *= -value / middle
        out.append(b)
    return out


def maximise(x, y, start, held=None, value=0.0):
    """Where the penalised likelihood is largest, with one coefficient held."""
    free = [c for c in range(x.shape[1]) if c != held]

    def whole(part):
        b = np.empty(x.shape[1])
        b[free] = part
        if held is not None:
            b[held] = value
        return b

    if not free:
        return whole([])
    loss = lambda part: -likelihood(x, y, whole(part))
    down = lambda part: -gradient(x, y, whole(part))[free]
    starts = [start]
    if held is not None:
        starts += [start * 0.5**n for n in range(1, 12)] + places(x, start, held, value)
        if start[held]:
            starts.append(start * value / start[held])
    starts = sorted((b[free] for b in starts), key=loss)[:4]
    return whole(min((climb(loss, down, part) for part in starts), key=loss))


def climb(loss, down, start):
    # A root of the gradient that is no lower than the start; else a search downhill first.
    best = root(down, start, method="hybr", options={"xtol": 1e-15}).x
    if not (np.abs(down(best)).max() < 1e-8 and loss(best) <= loss(start) + 1e-9):
        limits = {"xatol": 1e-11, "fatol": 1e-14, "maxiter": 5000}
        found = minimize(loss, start, method="Nelder-Mead", options=limits).x
        found = min(found, minimize(loss, found, jac=down, method="BFGS", options={"gtol": 1e-12}).x, key=loss)
        roots = (root(down, found, method=method).x for method in ("hybr", "lm"))
        # A root that is higher is another's: then what the search found stands, as near as it came.
        best = min((b for b in (found, *roots) if np.isfinite(b).all()), key=lambda b: (round(loss(b), 10), np.abs(down(b)).max()))
    return best


def profile(x, y, top, b, c):
    """What holding a coefficient at a value costs, beyond what chance would; each search begins where the last ended."""
    last = [b]

    def cost(value):
        last[0] = maximise(x, y, last[0], c, value)
        return 2 * (top - likelihood(x, y, last[0])) - CHI2

    return cost


def bound(cost, inside, step):
    step /= 2
    outside = inside + step
    while cost(outside) < 0:
        step *= 1.5
        outside += step
        if abs(step) > 1e9:
            return None
    return brentq(cost, inside, outside, xtol=1e-14, rtol=1e-14, maxiter=500)


def answer(case):
    x, y = np.array(case["x"], float), np.array(case["y"], float)
    # Counted in units of its spread, from its mean, so that the search is on an even ground; brought back after.
    mean, spread = x.mean(0), x.std(0)
    mean[0], spread[0] = 0.0, 1.0
    z = (x - mean) / spread
    b = maximise(z, y, np.zeros(z.shape[1]))
    top = likelihood(z, y, b)
    errors = np.sqrt(np.diag(np.linalg.inv(information(z, b)[1])))

    def interval(z, b, c):
        return [bound(profile(z, y, top, b, c), b[c], away * errors[c]) for away in (-1, 1)]

    def at(point):
        moved, origin = z.copy(), (np.array(point, float) - mean) / spread
        moved[:, 1:] -= origin[1:]
        there = maximise(moved, y, np.concatenate(([b[0] + b[1:] @ origin[1:]], b[1:])))
        return there, interval(moved, there, 0)

    zero = np.zeros(x.shape[1])
    intercept, ends = at(zero)
    coefficients = [[intercept[0], *ends]]
    for c in range(1, x.shape[1]):
        coefficients.append([v / spread[c] for v in (b[c], *interval(z, b, c))])
    middle = np.median(x, axis=0)
    curve = []
    for value in case["at"]:
        point = middle.copy()
        point[1] = value
        there, ends = at(point)
        curve.append([float(expit(v)) for v in (there[0], *ends)])
    even = even_odds(z, y, b, top, errors, mean, spread, middle) if coefficients[1][1] > 0 else None
    return {"coefficients": coefficients, "curve": curve, "even_odds": even}


def even_odds(z, y, b, top, errors, mean, spread, middle):
    origin = (middle - mean) / spread
    even = -(b[0] + b[2:] @ origin[2:]) / b[1]

    def cost_from(last):
        def cost(value):
            moved, point = z.copy(), origin.copy()
            point[1] = value
            moved[:, 1:] -= point[1:]
            last[0] = maximise(moved, y, last[0], 0, 0.0)
            return 2 * (top - likelihood(moved, y, last[0])) - CHI2

        return cost

    none = -mean[1] / spread[1]
    low = none if cost_from([b])(none) <= 0 else bound(cost_from([b]), even, -errors[0] / b[1])
    high = bound(cost_from([b]), even, errors[0] / b[1])
    return [max(0.0, v * spread[1] + mean[1]) for v in (even, low, high)]


def share(case):
    return list(proportion_confint(case["count"], case["n"], method="wilson"))


json.dump([share(case) if "count" in case else answer(case) for case in json.load(sys.stdin)], sys.stdout)
