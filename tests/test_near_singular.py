"""Scores where inputs are nearly collinear, against 60-digit arithmetic: one rule for all of them.

Four tanh units on one input are smooth functions of it, and a linear map of them comes close to
almost any other. An increase is small there, and made of directions that are a small share of
their columns: rounding is divided by that share, and by no more.
"""

from typing import NamedTuple

import mpmath
import numpy as np
import pytest
from compare import assert_close

from sennpy.expansion.coefficients import best_coefficients
from sennpy.expansion.insertion import opened_delta_eta
from sennpy.expansion.layer_score import (
    delta_eta,
    delta_eta_bound,
    layer_score,
    residual_gradient,
)
from sennpy.expansion.moments import CUTOFF, moment
from sennpy.expansion.removal import removal_costs
from sennpy.nn.activations import Rational, Tanh

mpmath.mp.dps = 60
EPS = np.finfo(float).eps


class Case(NamedTuple):
    """A layer behind four tanh units on one input, and a neuron proposed for it."""

    a_c: np.ndarray
    a_p: np.ndarray
    g: np.ndarray
    G: np.ndarray


def tanh_layer(seed):
    """The case of a seed; its neuron is tanh or rational."""
    rng, size = np.random.default_rng(seed), 1.0 if seed % 4 < 2 else 0.3
    X = np.column_stack([rng.standard_normal(50), np.ones(50)])
    activation, k = (Tanh(), None) if seed % 2 else (Rational(), rng.standard_normal((3, 1)))
    a_c = np.hstack([np.tanh(X @ rng.standard_normal((2, 4)) * size), np.ones((50, 1))])
    g, root = rng.standard_normal((50, 2)), rng.standard_normal((2, 2))
    return Case(a_c, activation(X @ rng.standard_normal((2, 1)), k), g, root @ root.T + np.eye(2))


def in_digits(case):
    """eta_l of a_c, Delta eta and Delta eta' in 60 digits, and each column's share that is new."""
    N, n_c = case.a_c.shape
    L = mpmath.cholesky(mpmath.matrix(case.G.tolist()))
    white = mpmath.matrix(case.g.tolist()) * mpmath.inverse(L).T
    columns = [list(map(mpmath.mpf, column)) for column in np.hstack([case.a_c, case.a_p]).T]
    targets = [[white[i, o] for i in range(N)] for o in range(2)]
    axes, explained, shares = [], [], []
    for column in columns:
        left = less(column, axes)
        shares.append(float(mpmath.norm(left) / mpmath.norm(column)))
        axes.append([x / mpmath.norm(left) for x in left])
        explained.append(sum(mpmath.fdot(axes[-1], t) ** 2 for t in targets) / N)
    p, g_r = columns[-1], [less(t, axes[:n_c]) for t in targets]
    bound = sum(mpmath.fdot(p, r) ** 2 for r in g_r) / mpmath.fdot(p, p) / N
    return float(sum(explained[:n_c])), float(explained[-1]), float(bound), np.array(shares)


def less(column, axes):
    """A column without its parts along orthonormal axes."""
    for axis in axes:
        part = mpmath.fdot(axis, column)
        column = [x - part * y for x, y in zip(column, axis, strict=True)]
    return column


@pytest.mark.parametrize("seed", range(24))
def test_scores_of_nearly_collinear_inputs_are_those_of_60_digits(seed):  # (E6) to (E9)
    case = tanh_layer(seed)
    eta_c, increase, bound, shares = in_digits(case)
    a_c, a_p, g, G = case
    lam, tolerance = np.trace(np.linalg.solve(G, moment(g, g))), 100 * EPS / shares.min()
    assert shares.min() > 1e3 * CUTOFF
    assert_close(layer_score(a_c, g, G), eta_c, tolerance, scale=lam)
    assert_close(delta_eta(a_c, a_p, g, G), increase, tolerance, scale=lam)
    assert_close(delta_eta_bound(a_p, residual_gradient(a_c, g), G), bound, tolerance, scale=lam)
    after = layer_score(np.hstack([a_c, a_p]), g, G)
    assert_close(delta_eta(a_c, a_p, g, G), after - layer_score(a_c, g, G), tolerance, scale=lam)


@pytest.mark.parametrize("seed", range(12))
def test_other_scores_follow_the_same_rule(seed):  # (E12), (E15), (E5)
    (a_c, a_p, g, G), X = tanh_layer(seed), np.random.default_rng(seed).standard_normal(50)
    *_, shares = in_digits(tanh_layer(seed))
    lam, tolerance = np.trace(np.linalg.solve(G, moment(g, g))), 1e3 * EPS / shares.min()
    costs = removal_costs(a_c, g, G, np.zeros((5, 2)))
    alone = [delta_eta(np.delete(a_c, j, axis=1), a_c[:, [j]], g, G) for j in range(5)]
    assert_close(costs, alone, tolerance, scale=lam)
    k, score = best_coefficients(X, residual_gradient(a_c, g), G, a_c)
    best = Rational()(X[:, None], k[:, None])
    *_, own = in_digits(Case(a_c, best, g, G))
    assert_close(delta_eta(a_c, best, g, G), score, 1e3 * EPS / min(own[-1], *shares), scale=lam)
    free = opened_delta_eta(a_c, np.repeat(a_p, 2, axis=1), np.eye(2), g, G)
    expected = delta_eta(a_c, a_p, g, G), delta_eta_bound(a_p, residual_gradient(a_c, g), G)
    assert_close(free, expected, tolerance, scale=lam)
