"""Scores and solvers where matrices are singular and units are extreme: bounds and invariances.

Inputs may be mixtures of each other, copies, constants or zeros; there may be more units than
samples; columns come in units from 1e-12 to 1e12. Warnings are errors here, so nothing divides by
zero or overflows on the way. Units are powers of two: a score that does not know them keeps its
bytes.
"""

import numpy as np
import pytest
from compare import assert_close
from hard import hard_layers, orthogonal, seeds, spoiled
from hypothesis import given
from hypothesis import strategies as st

from sennpy import (
    MLP,
    Damping,
    Rational,
    ReLU,
    SoftmaxCrossEntropy,
    SquaredError,
    Tanh,
    natural_gradient,
)
from sennpy.curvature.fisher import KINDS, fisher
from sennpy.curvature.kfac import kronecker_factors
from sennpy.curvature.solvers import (
    SingularCurvature,
    conjugate_gradient,
    solve_damped,
    solve_factored,
    solve_kronecker,
)
from sennpy.expansion.coefficients import best_coefficients
from sennpy.expansion.damped import (
    chance_level,
    damped_delta_eta,
    damped_score,
    honest_increase,
)
from sennpy.expansion.eta import delta_eta_dense, natural_expansion_score, projected_score
from sennpy.expansion.insertion import (
    inserted_layer_delta_eta,
    inserted_layer_surrogate,
    opened_delta_eta,
)
from sennpy.expansion.layer_score import (
    delta_eta,
    delta_eta_bound,
    delta_eta_bound_gradient,
    delta_eta_supremum,
    layer_score,
    residual_gradient,
)
from sennpy.expansion.moments import basis, moment
from sennpy.expansion.removal import removal_costs

ROUNDING = 1e-9  # of lambda: dependences here are exact, or there is none
RIDGES = st.sampled_from([0.0, 1e-300, 1e-20, 1e-14, 1e-8, 1e-3, 1.0, 1e6, 1e300])


def scores(a_c, a_p, g, G):
    """eta_l, exact, bound, supremum of a receiving layer."""
    g_r = residual_gradient(a_c, g)
    return np.array([
        layer_score(a_c, g, G), delta_eta(a_c, a_p, g, G), delta_eta_bound(a_p, g_r, G),
        delta_eta_supremum(g_r, G),
    ])  # fmt: skip


# --- Scores of a layer ---------------------------------------------------------------------------


@given(hard_layers())
def test_scores_lie_within_their_bounds(layer):  # (E6), (E8), (E9), Theorem 3.2
    for arrays in (layer[:4], layer.in_units):
        lam = delta_eta_supremum(*arrays[2:])
        eta, exact, bound, supremum = scores(*arrays)
        slack = ROUNDING * lam
        assert 0 <= eta <= lam + slack and 0 <= bound <= exact + slack
        assert exact <= supremum + slack and eta + supremum <= lam + slack
        joint = layer_score(np.hstack(arrays[:2]), *arrays[2:])
        assert abs(joint - eta - exact) <= slack


@given(hard_layers())
def test_units_of_inputs_and_outputs_leave_the_bytes_of_scores(layer):  # (E6), (E8), (E9)
    """g and G move together, as a change of the pre-activations' units moves them."""
    assert (scores(*layer.in_units) == scores(*layer[:4])).all()


@given(hard_layers(), st.integers(-40, 40))
def test_scores_are_of_the_units_of_the_loss(layer, exponent):
    a_c, a_p, g, G, s = *layer[:4], 2.0**exponent
    assert (scores(a_c, a_p, s * g, G) == s**2 * scores(a_c, a_p, g, G)).all()


@given(hard_layers())
def test_rotations_of_units_and_orders_of_samples_leave_scores(layer):  # (E9)
    a_c, a_p, g, G, _, rng = layer
    lam, before = delta_eta_supremum(g, G), scores(a_c, a_p, g, G)
    Q_c, Q_p, Q = (orthogonal(n, n, rng) for n in (a_c.shape[1], a_p.shape[1], g.shape[1]))
    order = rng.permutation(len(g))
    for moved in [
        (a_c @ Q_c, a_p, g, G), (a_c, a_p @ Q_p, g, G), (a_c[order], a_p[order], g[order], G),
    ]:  # fmt: skip
        assert_close(scores(*moved), before, scale=1, tolerance=ROUNDING * lam)
    g = g @ G  # where G is singular, as it is of a network: in the range of it
    moved, lam = scores(a_c, a_p, g @ Q, Q.T @ G @ Q), delta_eta_supremum(g, G)
    assert_close(moved, scores(a_c, a_p, g, G), scale=1, tolerance=ROUNDING * lam)


@given(hard_layers())
def test_without_a_residual_nothing_is_to_be_had(layer):
    a_c, a_p, _, G, _, rng = layer
    explained = a_c @ rng.standard_normal((a_c.shape[1], len(G)))
    lam = delta_eta_supremum(explained, G)
    eta, exact, bound, supremum = scores(a_c, a_p, explained, G)
    assert max(exact, bound, supremum) <= ROUNDING * lam and abs(eta - lam) <= ROUNDING * lam
    assert not scores(a_c, a_p, 0 * explained, G).any()


@given(hard_layers(), RIDGES)
def test_damped_increases_lie_below_the_exact_one(layer, ridge):  # (E18)
    a_c, a_p, g, G = layer.in_units
    lam, exact = delta_eta_supremum(g, G), delta_eta(a_c, a_p, g, G)
    assert 0 <= damped_delta_eta(a_c, a_p, g, G, ridge) <= exact + ROUNDING * lam
    if ridge <= 1e-14:
        assert_close(damped_delta_eta(a_c, a_p, g, G, ridge), exact, ROUNDING, lam)


@given(hard_layers(), RIDGES)
def test_honest_increases_are_numbers_and_the_damped_one_on_all_samples(layer, ridge):  # (E20)
    a_c, a_p, g, _ = layer.in_units
    u = np.broadcast_to(np.diag(layer.units[2])[:, None], (g.shape[1], *g.shape))
    G, lam = np.diag(layer.units[2] ** 2), float((layer.g**2).sum()) / len(g)
    some = layer.rng.random(len(g)) < 0.6
    some[0] = True
    assert np.isfinite(honest_increase(a_c, a_p, g, u, some, ridge)).all()
    mean = honest_increase(a_c, a_p, g, u, np.ones(len(g), dtype=bool), ridge).mean()
    least, most = damped_delta_eta(a_c, a_p, g, G, ridge), delta_eta(a_c, a_p, g, G)
    assert least - ROUNDING * lam <= mean <= most + ROUNDING * lam


@given(hard_layers())
def test_other_scores_lie_within_their_bounds(layer):  # (E5), (E12), (E16), (E19)
    a_c, a_p, g, G = layer.in_units
    g_r, rng, n = residual_gradient(a_c, g), layer.rng, a_c.shape[1] - 1
    lam = delta_eta_supremum(g, G)
    most = delta_eta_supremum(g_r, G) + ROUNDING * lam
    for given_a_c in (None, a_c):
        k, score = best_coefficients(layer.a_p[:, 0], g_r, G, given_a_c)
        assert 0 <= score <= most and np.linalg.norm(k) == pytest.approx(1)
    if len(g) > 1:
        assert 0 <= chance_level(g_r, G, 1) <= most
    exact, bound = opened_delta_eta(a_c, a_p, rng.standard_normal((a_p.shape[1], len(G))), g, G)
    assert 0 <= bound <= exact + ROUNDING * lam <= most + ROUNDING * lam
    assert np.isfinite(delta_eta_bound_gradient(a_p, g_r, G)).all()
    if n:
        W_q, W = orthogonal(n + 1, n, rng), rng.standard_normal((n + 1, len(G)))
        assert 0 <= inserted_layer_delta_eta(a_c, W_q, W, g, G) <= most
        k = rng.standard_normal((3, n))
        assert 0 <= inserted_layer_surrogate(a_c, W_q, k, g, G) <= most


@given(hard_layers())
def test_costs_of_removal_are_told_or_the_inputs_are_dependent(layer):  # (E15)
    a_c, _, g, G = layer.in_units
    W = layer.rng.standard_normal((a_c.shape[1], len(G)))
    if basis(a_c).shape[1] < a_c.shape[1]:
        with pytest.raises(ValueError, match="expected none that the others explain"):
            removal_costs(a_c, g, G, W)
    else:
        costs = removal_costs(a_c, g, G, W)
        assert np.isfinite(costs).all() and (costs >= 0).all()


# --- Scores of a network -------------------------------------------------------------------------


@given(hard_layers())
def test_dense_scores_lie_between_0_and_lambda(layer):  # eq. (3), (E5), Lemma A.1, (E18)
    (J, p, _), g_y = layer.units, layer.g[:, 0] * layer.units[2][0]
    J, N = np.hstack([layer.a_c * J, layer.a_p * p]), len(layer.g)
    F, g, lam = J.T @ J / N, J.T @ g_y / N, g_y @ g_y / N
    slack = 1e-6 * lam  # F squares the condition of J
    eta = natural_expansion_score(F, g)
    assert 0 <= eta <= lam + slack and abs(eta - projected_score(J, g_y, N)) <= slack
    n_c = layer.a_c.shape[1]
    assert 0 <= delta_eta_dense(F, g, n_c) <= eta + slack
    damping = 1e-3 * (np.diag(F) + (F.trace() or 1.0) * 1e-12)
    assert 0 <= damped_score(F, g, damping) <= eta + slack


# --- Solvers -------------------------------------------------------------------------------------


@given(hard_layers(), st.integers(-12, 12))
def test_damped_solves_solve_or_say_that_it_is_singular(layer, exponent):
    """Cholesky, factors, and conjugate gradients; the damping from far above F to far below it."""
    a_c, g, G = layer.a_c.astype(float), layer.g.astype(float), layer.G
    A, C, d = moment(a_c, a_c), moment(a_c, g), 10.0**exponent
    for solve, F in [
        (lambda: solve_kronecker(A, G, C, d).ravel(), np.kron(A, G)),
        (lambda: solve_damped(np.kron(A, G), C.ravel(), d), np.kron(A, G)),
        (lambda: conjugate_gradient(lambda v: np.kron(A, G) @ v + d * v, C.ravel(), d, 200, 1e-13)[
            0], np.kron(A, G)),
    ]:  # fmt: skip
        x = solve()
        size = (np.linalg.norm(F) + d) * np.linalg.norm(x) + np.linalg.norm(C)
        assert np.linalg.norm(F @ x + d * x - C.ravel()) <= 1e-11 * size
        assert x @ C.ravel() >= 0  # a way down
    x = solve_factored(A, G, C, d)
    assert np.isfinite(x).all() and (x * C).sum() >= 0


NETS = st.builds(
    lambda sizes, activation, seed: (MLP.random(sizes, activation, seed), seed),
    st.sampled_from([(2, 2), (3, 4, 2), (2, 5, 3, 2)]),
    st.sampled_from([Rational(), Tanh(), ReLU()]), seeds,
)  # fmt: skip


@given(
    NETS, st.integers(1, 9), st.sampled_from(["plain", "twice", "constant", "zero", "nothing"]),
    st.integers(-12, 12), st.sampled_from(["float32", "float64"]), st.sampled_from(KINDS),
)  # fmt: skip
def test_natural_steps_are_ways_down_whatever_the_inputs(drawn, N, how, exponent, dtype, kind):
    """In units in which a step can be told: float32 holds 1e38, and F is of the inputs' square."""
    net, seed = drawn
    rng = np.random.default_rng(seed)
    X = spoiled(rng.standard_normal((N, net.sizes[0])), how, rng)
    scale = 10.0 ** (exponent if dtype == "float64" else exponent / 4)
    X, net = (X * scale).astype(dtype), net.astype(dtype)
    for loss, t in [
        (SquaredError(), rng.standard_normal((N, 2)).astype(dtype)),
        (SoftmaxCrossEntropy(), rng.integers(2, size=N)),
    ]:
        F = fisher(net, X, kind, loss, t, rng=0)
        assert np.isfinite(F).all() and (np.diag(F) >= 0).all()
        for factor in kronecker_factors(net, X, kind, loss, t, rng=0):
            assert np.isfinite(factor.A).all() and np.isfinite(factor.G).all()
        for solver in ("dense", "cg", "pcg", "kfac"):
            try:
                step = natural_gradient(
                    net, X, t, loss, solver, kind, Damping(0.1, "relative"), rng=0
                )
            except SingularCurvature:
                assert not F.any() or dtype == "float32"  # nothing to be relative to, or underflow
                continue
            assert np.isfinite(step.direction).all() and step.direction.dtype == dtype
            g, n = step.gradient.astype(float), step.direction.astype(float)
            assert g @ n >= -1e-4 * np.linalg.norm(g) * np.linalg.norm(n)


# --- The smallest cases that were found ----------------------------------------------------------


def test_a_direction_made_long_does_not_reach_into_the_inputs():  # (E9), (E16)
    """Features that are nearly dependent fill what the inputs leave; that was exceeded by 10%."""
    rng = np.random.default_rng(0)
    x = np.hstack([rng.standard_normal((11, 5)), np.ones((11, 1))])
    q = basis(x)
    smooth = np.vander(np.linspace(-1, 1, 11), 12) @ rng.standard_normal((12, 12))
    near = smooth[:, :1] + 1e-5 * smooth
    axes = basis(near, after=q)
    assert axes.shape[1] <= 5
    assert np.abs(moment(axes, q)).max() < 1e-14
    assert_close(moment(axes, axes), np.eye(axes.shape[1]), 1e-13)


def test_a_residual_in_float32_fills_no_more_than_its_space():  # (E9)
    """1e-9 of a column is left beside the others: its rounding lay along the inputs, by 1e-7."""
    rng = np.random.default_rng(5)
    a_c, g = rng.standard_normal((6, 1)), rng.standard_normal((6, 2))
    a_p = rng.standard_normal((6, 5))
    a_p[:, 4] = a_p[:, 3] + 1e-9 * a_p[:, 4]
    exact, supremum = delta_eta(a_c, a_p, g, np.eye(2)), scores(a_c, a_p, g, np.eye(2))[3]
    assert abs(exact - supremum) < 1e-14 * supremum


@pytest.mark.parametrize("ridge", [1e-300, 1e-30, 1e-16])
def test_a_small_ridge_makes_no_score_of_a_copy(ridge):  # (E18), (E20)
    """It was a LinAlgError, or half of lambda."""
    rng = np.random.default_rng(0)
    a_c, g = rng.standard_normal((9, 3)), rng.standard_normal((9, 2))
    copies = a_c[:, [0, 0]] + a_c[:, [1, 1]]
    assert damped_delta_eta(a_c, copies, g, np.eye(2), ridge) == 0
    u = np.broadcast_to(np.eye(2)[:, None], (2, 9, 2))
    assert not honest_increase(a_c, copies, g, u, np.arange(9) < 6, ridge).any()


def test_a_layer_that_is_given_nothing_does_not_move_by_factored_damping_either():
    """Its A is 0, as that of a layer without a listener has G = 0: it was called singular."""
    C, something, nothing = np.zeros((1, 2)), np.eye(2), np.zeros((1, 1))
    assert not solve_factored(nothing, something, C, 0.1).any()


def test_the_supremum_of_a_nearly_singular_metric_is_that_of_the_scores():  # (E9)
    """Its two factors were of 1e12, and cancelled."""
    rng = np.random.default_rng(0)
    R = rng.standard_normal((40, 2))
    R[:, 1] = R[:, 0] + 3e-6 * R[:, 1]
    G, g = R.T @ R / 40, R[:20] * 1e3
    everything = np.eye(20)
    assert_close(layer_score(everything, g, G), delta_eta_supremum(g, G), 1e-13)
