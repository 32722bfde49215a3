"""What an inserted layer adds to the score: brute force, explicit matrices, gradient, surrogate."""

from typing import NamedTuple

import numpy as np
import pytest
from compare import assert_close, complex_step
from hypothesis import assume, given
from hypothesis import strategies as st
from strategies import assume_condition, invertible, left_over, seeds, spd

from sennpy.expansion.eta import delta_eta_dense, projected_score
from sennpy.expansion.grow import deepen
from sennpy.expansion.insertion import (
    inserted_layer_delta_eta,
    inserted_layer_surrogate,
    insertion_score,
)
from sennpy.expansion.layer_score import delta_eta, delta_eta_bound, delta_eta_supremum, layer_score
from sennpy.nn.activations import Rational
from sennpy.nn.mlp import MLP


class Insertion(NamedTuple):
    """A layer (a_c, W, g, G), weights W_q with their shift, and a generator."""

    a_c: np.ndarray
    weights: np.ndarray
    W: np.ndarray
    g: np.ndarray
    G: np.ndarray
    rng: np.random.Generator

    @property
    def exact(self):
        return inserted_layer_delta_eta(*self[:5])

    @property
    def g_r(self):
        return left_over(self.a_c, self.g)

    @property
    def supremum(self):
        return delta_eta_supremum(self.g_r, self.G)


@st.composite
def insertions(draw, outputs=(1, 4)):
    """A layer of 1 to 3 inputs, and a square layer for it whose new directions are independent."""
    n, n_out = draw(st.integers(1, 3)), draw(st.integers(*outputs))
    N = 3 * n + n_out + draw(st.integers(6, 15))
    rng = np.random.default_rng(draw(seeds))
    X = rng.standard_normal((N, n))
    a_c = np.hstack([X, np.ones((N, 1))])
    weights = np.vstack([invertible(n, rng), rng.standard_normal((1, n))])
    W, G = rng.standard_normal((n + 1, n_out)), spd(n_out, rng)
    g = rng.standard_normal((N, n_out)) + np.sin(a_c @ rng.standard_normal((n + 1, n_out)))
    assume_independent(a_c, new_directions(a_c, weights, W))
    assume_condition(a_c, weights[:-1], below=30)
    return Insertion(a_c, weights, W, g, G, rng)


def assume_independent(a_c, directions):
    """Draw again unless directions (N, n_out, k) are well apart from each other and from a_c."""
    flat = directions.reshape(-1, directions.shape[-1])
    rest = left_over(np.kron(a_c, np.eye(directions.shape[1])), flat) / np.linalg.norm(flat, axis=0)
    assume(np.linalg.svd(rest, compute_uv=False)[-1] > 0.02)


def new_directions(a_c, weights, W):
    """(N, n_out, 2 n): how v of every unit, then c of every unit, move the pre-activations."""
    u, z = np.linalg.solve(weights[:-1], W[:-1]), a_c @ weights
    phi = np.hstack([2 * z / (1 + z**2), 1 / (1 + z**2)])
    return phi[:, None, :] * np.vstack([u, u]).T


def explicit(a_c, weights, W, g, G):
    """(E5) with F of Kronecker form written out: F_cc = A (x) G, F_cp = E[a phi] (x) G u, ..."""
    N, n = len(a_c), weights.shape[1]
    u, z = np.linalg.solve(weights[:-1], W[:-1]), a_c @ weights
    phi, both = np.hstack([2 * z / (1 + z**2), 1 / (1 + z**2)]), np.vstack([u, u])
    A, C, A_cp = a_c.T @ a_c / N, a_c.T @ g / N, a_c.T @ phi / N
    F_cc = np.kron(A, G)
    F_cp = np.column_stack([np.kron(A_cp[:, i], G @ both[i]) for i in range(2 * n)])
    F_pp = (phi.T @ phi / N) * (both @ G @ both.T)
    g_p = ((phi.T @ g / N) * both).sum(axis=1)
    return np.block([[F_cc, F_cp], [F_cp.T, F_pp]]), np.append(C.ravel(), g_p)


def explained(a_c, directions, g, G):
    """The increase as a projection, through QR and Cholesky: (1/N) ||P L^{-1} g||^2, G = L L^T."""
    L, N = np.linalg.cholesky(G), len(g)
    rest = left_over(
        np.kron(a_c, np.eye(len(G))), np.einsum("op,nok->npk", L, directions).reshape(g.size, -1)
    )
    Q, white = np.linalg.qr(rest)[0], np.linalg.solve(L, g.T).T
    return ((Q.T @ white.ravel()) ** 2).sum() / N


def network(case):
    """A single linear layer with the weights of the case, and its inputs."""
    return MLP((case.W,)), case.a_c[:, :-1]


# --- Brute force ---------------------------------------------------------------------------------


@given(insertions())
def test_the_exact_increase_is_that_of_the_deepened_network(case):  # (E2), (E16)
    """A linear layer under the Euclidean metric, where K-FAC is exact and G the identity."""
    net, X = network(case)
    deep = deepen(net, 0, case.weights)
    eta, eta_deep = (projected_score(n.jacobian(n.forward(X)), case.g) for n in (net, deep))
    increase = case._replace(G=np.eye(case.g.shape[1])).exact
    assert_close(increase, eta_deep - eta, 1e-10, scale=(case.g**2).sum() / len(X))


@given(insertions())
def test_the_exact_increase_is_e5_with_the_matrices_written_out(case):  # (E5), (E16)
    F, g = explicit(*case[:5])
    assert_close(case.exact, delta_eta_dense(F, g, case.W.size), 1e-10, scale=case.supremum)
    eta = layer_score(case.a_c, case.g, case.G)
    assert_close(eta + case.exact, g @ np.linalg.solve(F, g), 1e-10)


@given(insertions())
def test_the_exact_increase_is_the_part_of_the_gradient_that_the_new_directions_explain(case):
    directions = new_directions(case.a_c, case.weights, case.W)  # (E16)
    expected = explained(case.a_c, directions, case.g, case.G)
    assert_close(case.exact, expected, 1e-10, scale=case.supremum)


@given(insertions())
def test_only_v_and_c_of_the_new_units_are_new_directions(case):  # (E16)
    net, X = network(case)
    deep, n = deepen(net, 0, case.weights), len(case.W) - 1
    J = deep.jacobian(deep.forward(X))
    slot = (n + 1) * n + np.arange(3) * n  # where v, c and l begin, behind W_q
    l = np.arange(slot[2], slot[2] + n)
    assert_close(J[:, :, l], np.zeros((*case.g.shape, n)), 1e-13, scale=np.abs(J).max())
    new = J[:, :, slot[0] : slot[2]]
    assert_close(new, new_directions(case.a_c, case.weights, case.W), 1e-11)
    reduced = np.concatenate([net.jacobian(net.forward(X)), new], axis=-1)
    flat, flat_reduced = (x.reshape(-1, x.shape[-1]) for x in (J, reduced))
    rank = np.linalg.matrix_rank(flat_reduced, tol=1e-8)
    assert rank == np.linalg.matrix_rank(flat, tol=1e-8)
    assert rank == np.linalg.matrix_rank(np.hstack([flat, flat_reduced]), tol=1e-8)
    assert rank == case.W.size + 2 * n
    without = np.delete(J, np.s_[: slot[0]], axis=-1)
    lam = (case.g**2).sum() / len(X)
    assert_close(projected_score(without, case.g), projected_score(J, case.g), 1e-10, scale=lam)


# --- Its gradient --------------------------------------------------------------------------------


@given(insertions())
def test_the_gradient_is_that_of_a_complex_step(case):  # (E16)
    a_c, weights, W, g, G, _ = case

    def increase(moved):
        F, gradient = explicit(a_c, moved, W, g, G)
        return gradient @ np.linalg.solve(F, gradient)  # eta_c does not move

    score, gradient = insertion_score(a_c, case.g_r, G, W, weights)
    derivative = complex_step(increase, weights).reshape(weights.shape)
    assert_close(gradient, derivative, 1e-9, scale=max(np.abs(derivative).max(), score))
    assert score == pytest.approx(case.exact, rel=1e-10)


# --- Bounds --------------------------------------------------------------------------------------


@given(insertions())
def test_a_layer_adds_no_more_than_its_features_with_free_outgoing_weights(case):  # (E8), (E16)
    z = case.a_c @ case.weights
    features = np.hstack([2 * z / (1 + z**2), 1 / (1 + z**2)])
    parallel = delta_eta(case.a_c, features, case.g, case.G)
    assert 0 <= case.exact <= parallel * (1 + 1e-10) <= case.supremum * (1 + 1e-9)


@given(insertions(outputs=(1, 1)))
def test_with_one_output_a_layer_adds_just_what_its_features_add(case):  # (E8), (E16)
    z = case.a_c @ case.weights
    features = np.hstack([2 * z / (1 + z**2), 1 / (1 + z**2)])
    parallel = delta_eta(case.a_c, features, case.g, case.G)
    assert_close(case.exact, parallel, 1e-10, scale=case.supremum)


@given(insertions())
def test_a_unit_that_nothing_listens_to_adds_nothing(case):  # (E16)
    deaf = case._replace(W=np.vstack([0 * case.W[:-1], case.W[-1:]]))
    assert deaf.exact == 0
    alone = np.vstack([np.diag(np.diag(case.weights)), case.weights[-1:]])
    W = case.W * np.eye(len(case.W))[:, :1]  # u = 0 for all units but the first
    first = new_directions(case.a_c, alone, W)[:, :, [0, len(W) - 1]]
    assume_independent(case.a_c, first)
    expected = explained(case.a_c, first, case.g, case.G)
    assert_close(case._replace(weights=alone, W=W).exact, expected, 1e-10, scale=case.supremum)


# --- What it is blind to, and what not -----------------------------------------------------------


def permuted_samples(case):
    order = case.rng.permutation(len(case.g))
    return case._replace(a_c=case.a_c[order], g=case.g[order])


def permuted_units(case):
    return case._replace(weights=case.weights[:, case.rng.permutation(case.weights.shape[1])])


def flipped_units(case):
    return case._replace(weights=case.weights * case.rng.choice([-1, 1], case.weights.shape[1]))


def affine_inputs(case):
    """The same pre-activations from other coordinates of the inputs."""
    n = len(case.W) - 1
    shift = case.rng.standard_normal((1, n))
    T = np.block([[invertible(n, case.rng), np.zeros((n, 1))], [shift, 1]])
    weights, W = np.linalg.solve(T, case.weights), np.linalg.solve(T, case.W)
    return case._replace(a_c=case.a_c @ T, weights=weights, W=W)


def recombined_outputs(case):
    """Other coordinates of the layer's outputs; gradients transform the other way."""
    R = invertible(case.g.shape[1], case.rng)
    return case._replace(W=case.W @ np.linalg.inv(R).T, g=case.g @ R, G=R.T @ case.G @ R)


def louder_outputs(case):
    """The weights of all units together have a size that (v, c) can make up for."""
    return case._replace(W=1e-6 * case.W)


def other_bias(case):
    return case._replace(W=np.vstack([case.W[:-1], 7 + 0 * case.W[-1:]]))


def other_shift_of_the_gradient(case):
    """What the current inputs explain of g is not new."""
    return case._replace(g=case.g + case.a_c @ case.rng.standard_normal(case.W.shape))


@pytest.mark.parametrize(
    "change",
    [
        permuted_samples,
        permuted_units,
        flipped_units,
        affine_inputs,
        recombined_outputs,
        louder_outputs,
        other_bias,
        other_shift_of_the_gradient,
    ],
    ids=lambda change: change.__name__,
)
@given(case=insertions())
def test_the_exact_increase_is_the_same_with(change, case):  # (E16)
    assert_close(change(case).exact, case.exact, 1e-9, scale=case.supremum)


@given(insertions(), st.integers(-9, 9), st.integers(-9, 9))
def test_the_exact_increase_scales_with_the_gradient_and_the_metric(case, s, t):  # (E16)
    scaled = case._replace(g=10.0**s * case.g, G=10.0**t * case.G)
    assert_close(scaled.exact, 10.0 ** (2 * s - t) * case.exact, 1e-10)


@given(insertions())
def test_the_scale_of_a_unit_matters(case):  # (E16)
    """It stretches the features; for neurons and their linear maps scale would not count."""
    stretched = case._replace(weights=3 * case.weights)
    assert abs(stretched.exact - case.exact) > 1e-6 * case.supremum


# --- The surrogate -------------------------------------------------------------------------------


@given(insertions())
def test_the_surrogate_is_the_bound_of_the_features_as_neurons(case):  # Theorem 3.2, (E16)
    k = case.rng.standard_normal((3, len(case.W) - 1))
    features = Rational()(case.a_c @ case.weights, k / np.sqrt((k**2).sum(axis=0)))
    surrogate = inserted_layer_surrogate(case.a_c, case.weights, k, case.g, case.G)
    assert_close(surrogate, delta_eta_bound(features, case.g_r, case.G), 1e-10, case.supremum)
    exact = delta_eta(case.a_c, features, case.g, case.G)
    assert 0 <= surrogate <= exact * (1 + 1e-10)


@given(insertions())
def test_the_surrogate_of_an_identity_layer_is_zero_and_its_exact_increase_is_not(case):  # (E16)
    identity = Rational().identity_coefficients(len(case.W) - 1)
    surrogate = inserted_layer_surrogate(case.a_c, case.weights, identity, case.g, case.G)
    assert surrogate < 1e-20 * case.supremum
    assert case.exact > 1e-6 * case.supremum


# --- What is refused -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "place, value, message",
    [
        (1, np.ones((3, 3)), r"weights has shape \(3, 3\), expected \(3, 2\): square, with the"),
        (2, np.ones((4, 1)), r"W has shape \(4, 1\), expected \(n\+1, n_out\) with n\+1 = 3"),
        (3, np.ones((4, 1)), r"g has shape \(4, 1\), expected \(N, n_out\) with N = 5"),
        (4, np.eye(2), r"G has shape \(2, 2\), expected \(n_out, n_out\) with n_out = 1"),
    ],
)
def test_bad_input_is_refused_in_words_that_help(place, value, message):
    arguments = [np.ones((5, 3)), np.eye(3)[:, :2], np.ones((3, 1)), np.ones((5, 1)), np.eye(1)]
    arguments[place] = value
    with pytest.raises(ValueError, match=message):
        inserted_layer_delta_eta(*arguments)


def test_a_singular_layer_cannot_be_inserted():  # (E2)
    with pytest.raises(np.linalg.LinAlgError, match="Singular"):
        a_c, W, g = np.ones((5, 3)), np.ones((3, 1)), np.ones((5, 1))
        inserted_layer_delta_eta(a_c, np.zeros((3, 2)), W, g, np.eye(1))
