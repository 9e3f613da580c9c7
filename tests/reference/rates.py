"""Two Poisson rates compared, by SciPy and statsmodels."""

from scipy.stats import binomtest
from statsmodels.stats.rates import test_poisson_2indep


def read(before, after, exposure_before, exposure_after):
    """Ratio of the rates, its exact interval, and the exact conditional p of no change."""
    n = before + after
    share = exposure_after / (exposure_before + exposure_after)
    exact = binomtest(after, n, share)
    low, high = exact.proportion_ci(0.95, "exact")
    per = exposure_before / exposure_after
    odds = lambda p: p / (1 - p) * per if p < 1 else None
    again = test_poisson_2indep(after, exposure_after, before, exposure_before, method="exact-cond").pvalue
    assert abs(again - exact.pvalue) < 1e-9, (again, exact.pvalue)
    ratio = after / exposure_after / (before / exposure_before) if before else None
    return {"ratio": ratio, "ratio_low": odds(low), "ratio_high": odds(high), "p": exact.pvalue}
