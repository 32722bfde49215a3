"""The climb ends at the top that it can reach, and stays where nothing can be climbed."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import lsq_linear
from strategies import seeds

from sennpy.growth.ascent import climb


def hill(seed, n):
    """A concave quadratic -|A w - b|^2 / 2 + 9, and A and b."""
    rng = np.random.default_rng(seed)
    A, b = rng.standard_normal((n + 2, n)), 2 * rng.standard_normal(n + 2)

    def evaluate(w):
        left = b - A @ w
        return 9 - left @ left / 2, A.T @ left

    return evaluate, A, b


@given(seed=seeds, n=st.integers(1, 8), reach=st.sampled_from([0.3, 3.0]))
def test_the_top_of_a_hill_in_a_box_is_found(seed, n, reach):
    evaluate, A, b = hill(seed, n)
    top = lsq_linear(A, b, (-reach, reach), tol=1e-14, method="bvls").x
    start = np.random.default_rng([seed, 1]).standard_normal(n)
    end = climb(evaluate, start, reach, 500, 1e-15)
    assert (np.abs(end) <= reach).all()
    assert evaluate(end)[0] == pytest.approx(evaluate(top)[0], abs=1e-6)


@given(seed=seeds, n=st.integers(1, 8))
def test_a_longer_climb_never_ends_lower(seed, n):
    evaluate, *_ = hill(seed, n)
    start = np.random.default_rng([seed, 1]).standard_normal(n).clip(-2, 2)
    heights = [evaluate(climb(evaluate, start, 2.0, k, 1e-12))[0] for k in (1, 2, 4, 8, 16)]
    assert evaluate(start)[0] <= heights[0] and (np.diff(heights) >= 0).all()


def test_curvature_is_learned():
    """Ascent along the gradient alone would take thousands of steps in so long a valley."""
    scales, counted = np.array([1.0, 1e4]), []

    def evaluate(w):
        counted.append(w)
        return -(scales * w**2).sum() / 2, -scales * w

    assert np.abs(climb(evaluate, np.array([2.0, 1.0]), 3.0, 100, 1e-14)).max() < 1e-5
    assert len(counted) < 150


def test_what_has_no_score_is_not_climbed_into():
    def evaluate(w):
        inside = w[0] < 1
        return (w[0], np.ones(1)) if inside else (np.nan, np.full(1, np.nan))

    end = climb(evaluate, np.zeros(1), 3.0, 100, 1e-12)
    assert 0.9 < end[0] < 1
    assert climb(evaluate, np.array([2.0]), 3.0, 100, 1e-12)[0] == 2.0


def test_a_plain_is_no_hill():
    start = np.array([0.5, -5.0])
    end = climb(lambda w: (1.0, np.zeros(2)), start, 3.0, 10, 1e-12)
    assert end.tolist() == [0.5, -3.0]


def test_one_iteration_is_one_step_along_the_gradient_a_tenth_long():
    """On a slope that is the same everywhere the first step is the whole of what it tries."""
    slope = np.array([3.0, -1.5])
    end = climb(lambda w: (10 + slope @ w, slope), np.zeros(2), 3.0, 1, 1e-12)
    np.testing.assert_allclose(end, [0.1, -0.05], rtol=1e-14)


def test_a_step_that_does_not_gain_is_halved():
    """A ridge at 0.03: steps of 0.1 and 0.05 fall behind it, 0.025 does not."""
    tried = []

    def evaluate(w):
        tried.append(w[0])
        return (w[0], np.ones(1)) if w[0] <= 0.03 else (-1.0, -np.ones(1))

    climb(evaluate, np.zeros(1), 3.0, 1, 1e-12)
    assert tried == [0.0, 0.1, 0.05, 0.025]


def test_a_climb_ends_where_steepest_ascent_gains_less_than_the_tolerance():
    """The top of 1 - w^4 is flat: each step of BFGS leaves two thirds of the way, or so."""
    counts = []
    for tolerance in (0.1, 1e-3, 1e-12):
        tried = []

        def evaluate(w, tried=tried):
            tried.append(w)
            return 1 - w[0] ** 4, -4 * w**3

        climb(evaluate, np.array([0.9]), 3.0, 100, tolerance)
        counts.append(len(tried))
    assert counts[0] < counts[1] < counts[2] < 100


def test_an_entry_at_its_limit_leaves_it_when_the_gradient_turns():
    """Up along the edge w_0 = 1, then back inside: the top lies at (0.2, 2)."""
    A, b = np.array([[1.0, -0.4], [0.0, 1.0]]), np.array([-0.6, 2.0])

    def evaluate(w):
        left = b - A @ w
        return 9 - left @ left / 2, A.T @ left

    top = np.linalg.solve(A, b)
    np.testing.assert_allclose(top, [0.2, 2.0])
    np.testing.assert_allclose(climb(evaluate, np.array([-2.0, -2.0]), 2.0, 200, 1e-15), top, 1e-4)
