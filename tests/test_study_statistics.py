"""Intervals and tests of ranks, against scipy and against what is known."""

import numpy as np
import pytest
from scipy import stats

from sennpy.studies.statistics import bootstrap, paired_bootstrap, ranks, spearman
from sennpy.studies.verdict import Verdict, judged

RNG = np.random.default_rng(5)
SAMPLE = RNG.standard_normal(30)


@pytest.mark.parametrize("statistic", [np.mean, np.median])
def test_a_bootstrap_interval_is_scipys(statistic):
    found = bootstrap(SAMPLE, statistic, draws=20_000)
    theirs = stats.bootstrap(
        (SAMPLE,), statistic, method="percentile", n_resamples=20_000, rng=1
    ).confidence_interval
    assert found.estimate == statistic(SAMPLE)
    assert found.low == pytest.approx(theirs.low, abs=0.03)
    assert found.high == pytest.approx(theirs.high, abs=0.03)


def test_the_interval_of_a_mean_is_that_of_the_normal_law():
    found = bootstrap(SAMPLE, np.mean)
    half = 1.96 * SAMPLE.std() / np.sqrt(len(SAMPLE))
    assert found.high - found.low == pytest.approx(2 * half, rel=0.05)


def test_pairs_take_out_what_they_share():
    seeds = 100 * RNG.standard_normal(30)
    a, b = seeds + 1 + 0.1 * SAMPLE, seeds
    found = paired_bootstrap(a, b, np.mean)
    assert found == bootstrap(a - b, np.mean) and 0.9 < found.low < found.high < 1.1
    with pytest.raises(ValueError, match="pairs"):
        paired_bootstrap(a, b[:-1])


def test_equal_draws_give_equal_intervals_and_others_do_not():
    assert bootstrap(SAMPLE, rng=3) == bootstrap(SAMPLE, rng=np.random.default_rng(3))
    assert bootstrap(SAMPLE, np.mean, rng=3) != bootstrap(SAMPLE, np.mean, rng=4)


def test_a_higher_level_is_wider_and_one_value_says_nothing():
    narrow, wide = (bootstrap(SAMPLE, np.mean, level=level) for level in (0.5, 0.99))
    assert wide.low < narrow.low < narrow.high < wide.high
    assert bootstrap([2.0]) == (2.0, -np.inf, np.inf)


@pytest.mark.parametrize("bad", [[], [1.0, np.nan], [1.0, np.inf], [[1.0, 2.0]]])
def test_what_is_no_sample_is_refused(bad):
    with pytest.raises(ValueError, match="finite numbers"):
        bootstrap(bad)


def test_the_rank_correlation_is_scipys_ties_too():
    a, b = np.round(SAMPLE, 1), np.round(SAMPLE + RNG.standard_normal(30), 1)
    found = spearman(a, b)
    assert found.estimate == pytest.approx(stats.spearmanr(a, b).statistic, abs=1e-12)
    assert found.low < found.estimate < found.high
    theirs = stats.bootstrap(
        (a, b), lambda *pair: stats.spearmanr(*pair).statistic, paired=True, vectorized=False,
        method="percentile", n_resamples=800, rng=1,
    ).confidence_interval  # fmt: skip
    assert (found.low, found.high) == pytest.approx((theirs.low, theirs.high), abs=0.06)


def test_a_rank_correlation_knows_the_order_alone():
    x = np.arange(12.0)
    assert spearman(x, np.exp(x)) == pytest.approx((1, 1, 1))
    assert spearman(x, -(x**3)).estimate == pytest.approx(-1)
    assert np.isnan(spearman(x, np.ones(12))).all()
    with pytest.raises(ValueError, match="n > 1"):
        spearman([1.0], [1.0])


def test_friedman_is_scipys_and_nemenyi_is_that_of_the_tables():
    values = RNG.standard_normal((10, 4)) + np.array([0.0, 0.5, 1.0, 2.0])
    found = ranks(values)
    by_hand = np.mean([stats.rankdata(row) for row in values], axis=0)
    assert found.mean == pytest.approx(by_hand)
    assert found.p == pytest.approx(stats.friedmanchisquare(*values.T).pvalue)
    # Critical difference of Nemenyi's test for k = 4 at 5 %: 2.569 sqrt(k (k + 1) / (6 n)).
    critical = 2.569 * np.sqrt(4 * 5 / (6 * 10))
    apart = np.abs(found.mean[:, None] - found.mean)
    off = ~np.eye(4, dtype=bool)
    assert ((found.posthoc < 0.05) == (apart > critical))[off].all()
    assert (found.posthoc < 0.05).any() and (found.posthoc[off] > 0.05).any()
    assert (np.diag(found.posthoc) == 1).all()


def test_ranks_of_what_is_alike_say_so():
    found = ranks(np.ones((5, 3)))
    assert found.p == 1 and (found.mean == 2).all() and found.posthoc.min() > 0.99
    with pytest.raises(ValueError, match="k > 2"):
        ranks(np.ones((5, 2)))


@pytest.mark.parametrize(
    "low, high, word",
    [(2.0, 3.0, "holds"), (1.0, 1.9, "does not"), (1.0, 2.0, "not decided")],
)
def test_a_verdict_lies_where_its_interval_does(low, high, word):
    assert judged("a", "b", (1.9 if low < 1.95 else 2.5, low, high), 2.0, 9).verdict == word


def test_two_seeds_decide_nothing():
    words = [judged("a", "b", (2.5, 2.4, 2.6), 2.0, seeds).verdict for seeds in (2, 3)]
    assert words == ["not decided", "holds"]


def test_a_verdict_that_is_none_is_refused():
    with pytest.raises(ValueError, match="expected one of holds"):
        Verdict("a", "b", 1.0, 0.0, 2.0, "perhaps", 3)
    with pytest.raises(ValueError, match="outside of its interval"):
        Verdict("a", "b", 3.0, 0.0, 2.0, "holds", 3)
    assert Verdict("a", "b", None, None, None, "not decided", 0).as_dict()["low"] is None
