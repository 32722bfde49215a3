"""When to add: the two thresholds, and that they end every run of additions."""

import math

import numpy as np
import pytest
from compare import assert_close
from hypothesis import assume, given
from hypothesis import strategies as st
from strategies import left_over, seeds

from sennpy.expansion.decide import (
    decide,
    max_simultaneous_additions,
    max_total_additions,
    relative_score,
)
from sennpy.expansion.eta import natural_expansion_score

positive = st.floats(1e-6, 1e6)
taus = st.floats(1e-2, 10)


# --- The two thresholds --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "delta_eta, passes, missed",
    [
        (3.0, True, ""),  # 1.5 eta > 1, 0.3 lambda > 0.25
        (2.2, False, "0.22 lambda (alpha = 0.25)"),
        (2.0, False, "1 eta (tau = 1) and 0.2 lambda (alpha = 0.25)"),
        (0.0, False, "0 eta (tau = 1) and 0 lambda (alpha = 0.25)"),
    ],
)
def test_a_proposal_passes_iff_it_passes_both_thresholds(delta_eta, passes, missed):  # (E13)
    decision = decide(delta_eta, eta_c=2.0, lam=10.0, tau=1.0, alpha=0.25)
    assert decision == (passes, delta_eta / 2, delta_eta / 10, missed)


def test_missing_tau_alone_is_said():  # (E13)
    assert decide(3.0, 4.0, 10.0, tau=1.0, alpha=0.25).reason == "0.75 eta (tau = 1)"


def test_what_just_equals_a_threshold_does_not_pass():  # (E13)
    """Powers of two, so that the ratios are exact."""
    just_more = np.nextafter(2.0, 3.0)
    assert decide(just_more, 2.0, 8.0, tau=1.0, alpha=0.125).passes
    assert decide(2.0, 2.0, 8.0, 1.0, 0.125).reason == "1 eta (tau = 1)"
    assert decide(2.0, 1.0, 8.0, 1.0, 0.25).reason == "0.25 lambda (alpha = 0.25)"
    assert decide(just_more, 1.0, 8.0, 1.0, 0.25).passes


def test_a_layer_without_score_is_judged_by_alpha_alone():  # (E13)
    assert decide(1.0, 0.0, 10.0, tau=1e9, alpha=0.05) == (True, math.inf, 0.1, "")
    assert not decide(1.0, 0.0, 10.0, tau=0.0, alpha=0.1).passes


def test_nothing_to_gain_never_passes():  # (E13)
    for eta_c, lam in [(0.0, 0.0), (0.0, 1.0), (1.0, 1.0)]:
        decision = decide(0.0, eta_c, lam, tau=0.0, alpha=0.0)
        assert (decision.passes, decision.ratio, decision.share) == (False, 0, 0)
        assert decision.reason == "0 eta (tau = 0) and 0 lambda (alpha = 0)"


@given(positive, positive, positive, taus, st.floats(1e-4, 1), st.integers(-40, 40))
def test_the_units_of_the_loss_do_not_matter(delta_eta, eta_c, lam, tau, alpha, exponent):
    s = 2.0**exponent
    assert decide(s * delta_eta, s * eta_c, s * lam, tau, alpha) == decide(
        delta_eta, eta_c, lam, tau, alpha
    )


@given(positive, positive, positive, taus, st.floats(1e-4, 1), st.floats(0, 1))
def test_the_bound_in_place_of_the_exact_increase_can_only_accept_fewer(
    exact, eta_c, lam, tau, alpha, share
):  # (E13), Theorem 3.2
    bound = decide(share * exact, eta_c, lam, tau, alpha)
    assert not bound.passes or decide(exact, eta_c, lam, tau, alpha).passes


@given(positive, positive)
def test_a_relative_score_is_a_quotient_that_may_be_infinite(score, eta):
    assert relative_score(score, eta) == score / eta
    assert relative_score(score, 0.0) == math.inf
    assert relative_score(0.0, 0.0) == 0


# --- How many at one time ------------------------------------------------------------------------


def additions_until_refused(lam, alpha, tau, eta, gain):
    """Add while (E13) accepts and lambda has room; `gain(least)` says how much above the least."""
    count = 0
    while True:
        increase = gain(max(tau * eta, alpha))
        if eta + increase > lam or not decide(increase, eta, lam, tau, alpha / lam).passes:
            return count
        eta, count = eta + increase, count + 1


def test_the_number_that_the_paper_gives():  # Theorem 3.1
    assert 10 < max_simultaneous_additions(1.0, 1e-3, 1.0) < 11
    assert_close(max_simultaneous_additions(1.0, 2.0**-10, 1.0), 11.0)
    assert_close(max_simultaneous_additions(1.0, 2.0**-10, 1.0, eta_c=2.0**-10), 10.0)
    assert_close(max_simultaneous_additions(1.0, 2.0**-10, 1.0, eta_c=2.0**-11), 11.0)
    assert_close(max_simultaneous_additions(8.0, 1.0, 3.0), 2.5)


@pytest.mark.parametrize("eta_c", [0.0, 0.05, 0.1, 0.5, 1.0])
def test_no_addition_is_made_where_lambda_is_not_above_alpha(eta_c):  # Theorem 3.1
    """N_s = 0 is below 1; the formula alone says -2.32, or 0, which 0 is not below."""
    for lam, alpha in [(0.1, 1.0), (1.0, 1.0), (np.nextafter(1.0, 0), 1.0)]:
        assert max_simultaneous_additions(lam, alpha, 1.0, min(eta_c, lam)) == 1
        assert additions_until_refused(lam, alpha, 1.0, min(eta_c, lam), lambda least: least) == 0


@given(seeds, st.floats(1e-4, 2), taus, st.floats(0, 1), st.booleans())
def test_no_sequence_of_accepted_additions_is_longer_than_the_bound(
    seed, share, tau, eta_share, fresh
):  # Theorem 3.1
    """With lambda fixed and eta <= lambda; smaller by 1 where eta_c >= alpha at the start."""
    rng = np.random.default_rng(seed)
    lam = 10.0 ** rng.uniform(-6, 6)
    alpha, eta = share * lam, 0.0 if fresh else eta_share * lam
    assume(fresh or abs(eta / alpha - 1) > 1e-9)
    count = additions_until_refused(lam, alpha, tau, eta, lambda least: least * rng.uniform(1, 1.5))
    assert count < max_simultaneous_additions(lam, alpha, tau, eta)


@given(st.floats(1e-6, 0.5), st.floats(1, 10), st.booleans())
def test_the_bound_is_reached_by_the_smallest_additions_that_pass(share, tau, fresh):
    """For tau >= 1 only: below it, alpha asks for more than tau does."""  # Theorem 3.1
    eta = 0.0 if fresh else share
    bound = max_simultaneous_additions(1.0, share, tau, eta)
    assume(abs(bound - round(bound)) > 1e-6)
    count = additions_until_refused(1.0, share, tau, eta, lambda least: least * (1 + 1e-12))
    assert count == math.floor(bound)


@given(st.floats(1e-4, 1.5), taus, st.floats(0, 1))
def test_the_most_additions_are_below_the_bound_and_where_tau_rules_within_one_of_it(
    share, tau, eta
):  # Theorem 3.1
    """The greediest adversary adds the least that passes, so nothing can be added more often."""
    bound = max_simultaneous_additions(1.0, share, tau, eta)
    count = additions_until_refused(1.0, share, tau, eta, lambda least: least * (1 + 1e-12))
    assert count < bound
    if tau >= 1 and (eta == 0 or share <= eta <= share * (1 + 1e-9)):
        assert bound <= count + 1 + 1e-6


@given(positive, st.floats(1e-6, 1), taus, st.floats(0, 1), st.integers(-40, 40))
def test_scaling_lambda_and_alpha_together_changes_no_bound(lam, share, tau, eta, exponent):
    s = 2.0**exponent
    assume(abs(eta - share) > 1e-9)
    assert_close(
        max_simultaneous_additions(s * lam, s * share * lam, tau, s * eta * lam),
        max_simultaneous_additions(lam, share * lam, tau, eta * lam),
        1e-11,
        scale=1 + 100 / tau,
    )


# --- How many over a training --------------------------------------------------------------------


@given(seeds, st.floats(1e-4, 0.3))
def test_over_a_training_the_additions_stay_below_their_bound(seed, share):  # (E14), (E4)
    """Least squares, where H = F: a network of some of the columns, trained for a while between
    additions that must raise the score by more than alpha."""
    rng = np.random.default_rng(seed)
    columns, t = rng.standard_normal((40, 12)), rng.standard_normal(40)
    t += columns @ rng.standard_normal(12)
    used, theta, additions = [0], np.zeros(12), 0

    def reachable(some):
        return (left_over(columns[:, some], t[:, None]) ** 2).sum() / 80

    def score(some):
        J = columns[:, some]
        return natural_expansion_score(J.T @ J / 40, J.T @ (columns @ theta - t) / 40)

    start = reachable(used)
    alpha = share * start
    for candidate in rng.permutation(np.arange(1, 12)):
        step = np.linalg.lstsq(columns[:, used], columns @ theta - t, rcond=None)[0]
        theta[used] -= rng.uniform(0, 1.2) * step
        increase, before = score([*used, candidate]) - score(used), reachable(used)
        assert_close(before - reachable([*used, candidate]), increase / 2, 1e-10, scale=start)
        if decide(max(increase, 0), score(used), 1.0, tau=0.0, alpha=alpha).passes:
            used.append(candidate)
            additions += 1
    bound = max_total_additions(start, reachable(range(12)), alpha)
    assert additions < bound or additions == bound == 0


def test_the_bound_over_a_training_counts_halves_of_alpha():  # (E14)
    assert max_total_additions(5.0, 2.0, 0.5) == 12
    assert max_total_additions(2.0, 2.0, 0.5) == 0


# --- What is refused -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "function, arguments, message",
    [
        (decide, (-1.0, 1.0, 1.0, 1.0, 0.1), r"delta_eta is -1.0, expected a number at least 0"),
        (decide, (1.0, -1.0, 1.0, 1.0, 0.1), r"eta_c is -1.0, expected a number at least 0"),
        (decide, (math.nan, 1.0, 1.0, 1.0, 0.1), r"delta_eta is nan"),
        (decide, (1.0, 1.0, 1.0, -1.0, 0.1), r"tau is -1.0, expected a number at least 0"),
        (decide, (1.0, 1.0, 1.0, 1.0, -0.1), r"alpha is -0.1, expected a number at least 0"),
        (max_simultaneous_additions, (0.0, 0.1, 1.0), r"lam is 0.0, expected a number above 0"),
        (max_simultaneous_additions, (1.0, 0.0, 1.0), r"alpha is 0.0, expected a number above 0"),
        (max_simultaneous_additions, (1.0, 0.1, 0.0), r"tau is 0.0, expected a number above 0"),
        (max_total_additions, (1.0, 2.0, 0.1), r"least_loss is 2.0, expected at most reachable_"),
        (max_total_additions, (2.0, 1.0, 0.0), r"alpha is 0.0, expected a number above 0"),
    ],
)
def test_bad_input_is_refused_in_words_that_help(function, arguments, message):
    with pytest.raises(ValueError, match=message):
        function(*arguments)
