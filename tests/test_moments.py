"""The linear algebra of the scores: which columns of an array count, and which directions."""

import numpy as np
from compare import assert_close
from hypothesis import given
from hypothesis import strategies as st
from strategies import outputs, seeds

from sennpy.expansion.moments import CUTOFF, basis, moment, residual, solve_spd, whitened, whitener

EPS = np.finfo(float).eps

# --- Arrays --------------------------------------------------------------------------------------


def one_by_one(a):
    """The rule column by column: the columns of a that count, by Gram-Schmidt taken three times."""
    axes, counted = np.empty((len(a), 0)), []
    for j in range(a.shape[1]):
        left = a[:, j] / (np.linalg.norm(a[:, j]) or 1)
        for _ in range(3):
            left = left - axes @ (axes.T @ left)
        if np.linalg.norm(left) > CUTOFF:
            axes = np.column_stack([axes, left / np.linalg.norm(left)])
            counted.append(j)
    return counted


@given(seeds, st.integers(1, 12), st.integers(1, 24), st.integers(1, 12))
def test_a_column_counts_if_those_before_it_leave_something_of_it(seed, N, n, rank):
    """Also where there are more columns than samples, zeros, copies, and units of all sizes."""
    rng = np.random.default_rng(seed)
    a = rng.standard_normal((N, min(rank, N))) @ rng.integers(-1, 2, (min(rank, N), n))
    a[:, rng.random(n) < 0.2] = 0
    a = a * 10.0 ** rng.integers(-12, 13, n)
    q, T = whitened(a)
    counted = one_by_one(a)
    assert np.flatnonzero(T.any(axis=1)).tolist() == counted
    assert q.shape == (N, len(counted))
    assert_close(moment(q, q), np.eye(len(counted)), scale=1)
    assert_close(a @ T, q, 1e-9, scale=N)
    left = residual(q, a)
    assert (np.linalg.norm(left, axis=0) <= 1e-11 * np.linalg.norm(a, axis=0)).all()


@given(seeds)
def test_noise_in_a_redundant_column_is_no_direction_for_those_behind_it(seed):
    """Its rounding would else use up a direction, and count as something that others lack."""
    rng = np.random.default_rng(seed)
    x, y = rng.standard_normal((2, 6, 2))
    noisy = x @ rng.standard_normal((2, 5)) + 1e-15 * rng.standard_normal((6, 5))
    a = np.hstack([x, noisy, y, noisy])
    assert np.flatnonzero(whitened(a)[1].any(axis=1)).tolist() == [0, 1, 7, 8]
    assert basis(noisy, after=basis(x)).shape == (6, 0)
    assert basis(np.hstack([noisy, y]), after=basis(x)).shape == (6, 2)


@given(seeds, st.floats(1, 11))
def test_a_small_share_counts_whole(seed, digits):
    """What is left of a column is a direction like any other, down to the cut."""
    rng = np.random.default_rng(seed)
    x, own = rng.standard_normal((2, 20, 1))
    a_p = x / np.linalg.norm(x) + 10**-digits * residual(basis(x), own) / np.linalg.norm(own)
    q = basis(a_p, after=basis(x))
    assert q.shape == (20, 1)
    along = np.abs(moment(q, basis(residual(basis(x), own))))
    assert_close(along, [[1.0]], 100 * EPS * 10**digits)


# --- Moments -------------------------------------------------------------------------------------


@given(outputs(), st.integers(-100, 100))
def test_the_whitener_makes_unit_moments_whatever_the_rank_and_units(case, exponent):
    S = case.F * 10.0**exponent
    T = whitener(S)
    rank = np.linalg.matrix_rank(case.flat, tol=1e-6)
    assert_close(T.T @ S @ T, np.diag(np.arange(len(S)) >= len(S) - rank), 1e-10)
    assert_close(S @ solve_spd(S, S), S, 1e-10)


def test_directions_below_the_cut_count_as_absent():
    def rank(*S, **unit):
        return whitener(*S, **unit).any(axis=0).sum()

    assert rank(np.diag([1.0, 0.0])) == 1
    near, far = (np.array([[1, 1 - gap], [1 - gap, 1]]) for gap in (1e-14, 1e-9))
    assert rank(near) == 1
    assert rank(far) == 2
    assert rank(np.diag([1e-13, 1e-11]), unit=np.ones(2)) == 1


@given(seeds, st.integers(1, 4), st.integers(1, 5))
def test_many_moments_at_once_are_inverted_like_each_alone(seed, n, M):
    rng = np.random.default_rng(seed)
    roots, B = rng.standard_normal((M, n, n)), rng.standard_normal((M, n, 2))
    roots[0] = 0
    S = roots @ roots.transpose(0, 2, 1) * 10.0 ** rng.integers(-9, 9, (M, 1, 1))
    for alone, S_m, B_m in zip(solve_spd(S, B), S, B, strict=True):
        assert_close(alone, solve_spd(S_m, B_m), 1e-10)
