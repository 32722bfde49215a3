"""Several verdicts at once: intervals so wide that all of them hold together, or no verdict."""

from math import ceil, log2, sqrt

import numpy as np

from .statistics import DRAWS, Interval, interval_of
from .verdict import DOES_NOT, HOLDS, OPEN, Verdict

ERROR = 0.05  # of all verdicts of a table together


def level(number):
    """Of each of so many intervals, that all of them hold with 1 - ERROR (Bonferroni); a float."""
    return 1 - ERROR / number


def least(number):
    """So many groups at least decide: all of n have one sign by chance with 2^(1 - n)."""
    return ceil(1 + log2(number / ERROR))


def nested(groups, number=1, draws=DRAWS):
    """Mean of the groups' means, its interval by drawing groups anew, and values within each.

    Parameters
    ----------
    groups : list of lists of float
        Of tasks their seeds, or of trainings one value each.
    number : int
        Of verdicts that share the error of 5 %.
    draws : int

    Returns
    -------
    Interval
        Infinite of one group. Percentiles, stretched about the estimate as Student's t of n - 1
        degrees is beside the normal, by sqrt(n / (n - 1)) t / z: of few groups they are too narrow.
    """
    from scipy.stats import norm, t

    n, rng = len(groups), np.random.default_rng(0)
    estimate = float(np.mean([np.mean(group) for group in groups]))
    if n == 1:
        return Interval(estimate, -np.inf, np.inf)
    chosen, means = rng.integers(n, size=(draws, n)), np.empty((draws, n))
    for i, group in enumerate(groups):
        here = chosen == i
        within = rng.integers(len(group), size=(int(here.sum()), len(group)))
        means[here] = np.asarray(group, dtype=float)[within].mean(axis=1)
    _, low, high = interval_of(estimate, means.mean(axis=1), level(number))
    tail = (1 - level(number)) / 2
    wider = sqrt(n / (n - 1)) * float(t.isf(tail, n - 1) / norm.isf(tail))
    return Interval(estimate, estimate - wider * (estimate - low),
                    estimate + wider * (high - estimate))  # fmt: skip


def decided(claim, text, groups, number, below=False):
    """A `Verdict` on "the mean is above 0" (or below), one of so many of a table.

    Parameters
    ----------
    claim, text : str
    groups : list of lists of float
        As `nested`; of fewer than `least(number)` the word is "not decided".
    number : int
    below : bool

    Returns
    -------
    Verdict
    """
    found = nested(groups, number)
    seeds = sum(map(len, groups))
    above, under = found.low > 0, found.high < 0
    holds, fails = (under, above) if below else (above, under)
    word = HOLDS if holds else DOES_NOT if fails else OPEN
    word = OPEN if len(groups) < least(number) else word
    return Verdict(claim, text, found.estimate, *ends(found), word, seeds)


def described(name, groups):
    """The mean of the groups' means and its own 95 % interval, as a table's line takes them."""
    if not groups:
        return dict.fromkeys((name, f"{name} low", f"{name} high"))
    found = nested(groups)
    low, high = ends(found)
    return {name: found.estimate, f"{name} low": low, f"{name} high": high}


def ends(interval):
    """(low, high) as JSON takes them: None for infinite."""
    return [end if np.isfinite(end) else None for end in interval[1:]]
