"""Which choices of the quiz hold, computed: notebook 12, what an interval says.

A function a question, `q_NN_i`; it returns one truth a choice, in the order of the page.
"""

from itertools import product

import numpy as np

from sennpy.studies.family import level
from sennpy.studies.statistics import bootstrap, rank_correlation, spearman


def all_agree(seeds):
    """How often so many tosses of a coin fall on one side, by counting."""
    tosses = list(product((0, 1), repeat=seeds))
    return np.mean([len(set(toss)) == 1 for toss in tosses])


def q_12_1():
    assert all_agree(6) < 0.05 and all_agree(5) == 2 / 32
    return [all_agree(5) < 0.05, all_agree(5) > 0.05, all_agree(5) == 0]


def q_12_2():
    rng = np.random.default_rng(0)
    inside, widths = [], []
    for _ in range(20):
        at = bootstrap(rng.standard_normal(100), np.mean, draws=1000)
        new = rng.standard_normal(1000)
        inside.append(np.mean((new > at.low) & (new < at.high)))
        widths.append(at.high - at.low)
    middle_half = np.ptp(np.quantile(rng.standard_normal(100_000), [0.25, 0.75]))
    assert 0.2 < np.mean(widths) / middle_half < 0.35
    share = np.mean(inside)
    return [share < 0.25, share > 0.9, 0.4 < share < 0.6]


def q_12_3():
    rng = np.random.default_rng(0)
    still = np.zeros(48)
    intervals = [
        bootstrap(np.append(still, third + 0.1 * rng.standard_normal(24)))
        for third in (-5.0, 0.0, 5.0)
    ]
    lost_much_and_little_differ = intervals[2] != intervals[1]
    gained_and_not_differ = intervals[0] != intervals[1]
    return [
        lost_much_and_little_differ,
        gained_and_not_differ,
        all(tuple(at) == (0, 0, 0) for at in intervals),
    ]


def q_12_4():
    rng = np.random.default_rng(0)
    losses = np.geomspace(0.01, 1, 50)[:, None]
    scores, gains = np.exp(rng.standard_normal((2, 50, 8))) / losses
    over_all = spearman(scores.ravel(), gains.ravel(), draws=1000)
    within = bootstrap(rank_correlation(scores, gains), np.mean)
    far, still_far = over_all.low > 0.3, within.low > 0.3
    empty = within.low < 0 < within.high
    return [not far and empty, far and empty, far and still_far]


def q_12_5():
    errs = np.random.default_rng(0).random((100_000, 17))
    some = np.mean((errs < 0.05).any(axis=1))
    assert np.isclose(some, 1 - 0.95**17, atol=0.01) and 0.575 < 1 - 0.95**17 < 0.585
    assert np.mean((errs < 1 - level(17)).any(axis=1)) < 0.05
    return [some > 0.5, some < 0.06, some == 1]
