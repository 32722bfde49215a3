"""What an inserted layer adds to the score: brute force, explicit matrices, gradient, surrogate."""

from typing import NamedTuple

import numpy as np
import pytest
from compare import assert_close, complex_step
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.linalg import eigh
from strategies import assume_condition, invertible, left_over, receiving_layers, seeds, spd

from sennpy.expansion.eta import delta_eta_dense, projected_score
from sennpy.expansion.grow import deepen
from sennpy.expansion.insertion import (
    inserted_layer_delta_eta,
    inserted_layer_surrogate,
    insertion_score,
    opened_delta_eta,
)
from sennpy.expansion.layer_score import (
    delta_eta,
    delta_eta_bound,
    delta_eta_supremum,
    layer_score,
    residual_gradient,
)
from sennpy.expansion.moments import basis, moment, whitener
from sennpy.nn.activations import Activation, Rational, Tanh
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


# --- Other activations ---------------------------------------------------------------------------


class Waves(Activation):
    """sigma(z) = v sin(z) + c cos(z) + l z: the identity at (0, 0, 1), whose l weights imitate."""

    num_coefficients = 3

    def basis(self, z):
        return np.stack([np.sin(z), np.cos(z), z])

    def basis_slope(self, z):
        return np.stack([np.cos(z), -np.sin(z), np.ones_like(z)])

    def __call__(self, z, k):
        return (k[:, None, :] * self.basis(z)).sum(axis=0)

    def slope(self, z, k):
        return (k[:, None, :] * self.basis_slope(z)).sum(axis=0)

    def coefficient_slopes(self, z, k):
        return self.basis(z)

    def identity_coefficients(self, n):
        return np.array([0.0, 0.0, 1.0])[:, None] * np.ones(n)

    def identity_directions(self, z):
        return self.basis(z)[:2], self.basis_slope(z)[:2]


class Linear(Activation):
    """sigma(z) = z, which can do nothing but be the identity."""

    def __call__(self, z, k):
        return z

    def slope(self, z, k):
        return np.ones_like(z)

    def identity_coefficients(self, n):
        return np.zeros((0, n))

    def identity_directions(self, z):
        return np.zeros((0, *z.shape)), np.zeros((0, *z.shape))


@given(insertions())
def test_the_activation_tells_what_is_new(case):  # (E2), (E16)
    """Brute force: F of the deepened linear layer, with an activation of one's own."""
    net, X = network(case)
    net = MLP(net.weights, net.coefficients, Waves())
    deep = deepen(net, 0, case.weights)
    assert_close(deep(X), net(X), 1e-10, scale=np.abs(net(X)).max() + 1)
    eta, eta_deep = (projected_score(n.jacobian(n.forward(X)), case.g) for n in (net, deep))
    exact = inserted_layer_delta_eta(*case[:4], np.eye(case.g.shape[1]), Waves())
    lam = (case.g**2).sum() / len(X)
    assume_independent(case.a_c, waves_of(case))
    assert_close(exact, eta_deep - eta, 1e-9, scale=lam)
    assert abs(exact - case._replace(G=np.eye(case.g.shape[1])).exact) > 1e-9 * lam


def waves_of(case):
    """(N, n_out, 2 n): the new directions of a layer of `Waves`."""
    u, z = np.linalg.solve(case.weights[:-1], case.W[:-1]), case.a_c @ case.weights
    return np.hstack([np.sin(z), np.cos(z)])[:, None, :] * np.vstack([u, u]).T


@given(insertions())
def test_the_climb_follows_the_activation(case):  # (E16)
    a_c, weights, W, g, G, _ = case
    assume_independent(a_c, waves_of(case))
    q, L, N = np.linalg.qr(a_c)[0], np.linalg.cholesky(G), len(a_c)

    def increase(moved):
        directions = waves_of(case._replace(weights=moved))
        left = directions - np.einsum("na,ma,mok->nok", q, q, directions)
        left = np.einsum("op,nok->npk", L, left).reshape(g.size, -1)
        r = left.T @ np.linalg.solve(L, g.T).T.ravel() / N
        return r @ np.linalg.solve(left.T @ left / N, r)

    score, gradient = insertion_score(a_c, basis(a_c), case.g_r, G, W, weights, Waves())
    assert_close(score, increase(weights), 1e-9, scale=case.supremum)
    derivative = complex_step(increase, weights).reshape(weights.shape)
    assert_close(gradient, derivative, 1e-8, scale=max(np.abs(derivative).max(), score))


@given(insertions())
def test_a_layer_without_new_directions_adds_nothing(case):  # (E16)
    a_c, weights, W, g, G, _ = case
    assert inserted_layer_delta_eta(a_c, weights, W, g, G, Linear()) == 0
    score, gradient = insertion_score(a_c, basis(a_c), case.g_r, G, W, weights, Linear())
    assert score == 0 and gradient.shape == weights.shape and not gradient.any()


def test_an_activation_that_cannot_be_the_identity_is_refused():  # (E2), (E16)
    a_c, W, g = np.random.default_rng(0).standard_normal((3, 6, 3))
    with pytest.raises(ValueError, match=r"Tanh does not give `identity_directions`"):
        inserted_layer_delta_eta(a_c, np.eye(3)[:, :2], W[:3], g, np.eye(3), Tanh())


# --- Directions of any kind ----------------------------------------------------------------------


@given(receiving_layers())
def test_neurons_with_free_outgoing_weights_open_a_direction_an_output(layer):  # (E8), Theorem 3.2
    a_c, a_p, g, G, rng = layer
    n_out = g.shape[1]
    free = np.tile(invertible(n_out, rng), (a_p.shape[1], 1))
    opened = opened_delta_eta(a_c, np.repeat(a_p, n_out, axis=1), free, g, G)
    expected = delta_eta(a_c, a_p, g, G), delta_eta_bound(a_p, residual_gradient(a_c, g), G)
    assert_close(opened, expected, 1e-11, scale=delta_eta_supremum(layer.g_r, G))


@given(receiving_layers())
def test_opened_directions_are_those_of_e5_with_the_matrices_written_out(layer):  # (E5)
    a_c, features, g, G, rng = layer
    o, N = rng.standard_normal((features.shape[1], g.shape[1])), len(g)
    F_cp = np.column_stack(
        [np.kron(a_c.T @ f / N, G @ w) for f, w in zip(features.T, o, strict=True)]
    )
    F_pp = moment(features, features) * (o @ G @ o.T)
    F = np.block([[np.kron(moment(a_c, a_c), G), F_cp], [F_cp.T, F_pp]])
    g_p = (moment(features, g) * o).sum(axis=1)
    exact, bound = opened_delta_eta(a_c, features, o, g, G)
    supremum = delta_eta_supremum(layer.g_r, G)
    dense = delta_eta_dense(F, np.append(moment(a_c, g).ravel(), g_p), F_cp.shape[0])
    assert_close(exact, dense, 1e-10, scale=supremum)
    r = (moment(features, layer.g_r) * o).sum(axis=1)
    assert_close(bound, r @ np.linalg.solve(F_pp, r), 1e-10, scale=supremum)
    assert 0 <= bound <= exact + 1e-12 * supremum


@given(receiving_layers(neurons=(2, 4)))
def test_a_neuron_without_incoming_weights_opens_its_inputs_times_its_outgoing_weights(layer):
    """Natural GradMax: o^T M_r^T Sb^+ M_r o / (o^T G o), and its dual, a linear neuron."""  # (E5)
    a_c, b, g, G, rng = layer
    M_r, white = moment(b, layer.g_r), whitener(G)
    half = np.linalg.solve(np.linalg.cholesky(moment(left_over(a_c, b), b)), M_r)
    o, supremum = rng.standard_normal(g.shape[1]), delta_eta_supremum(layer.g_r, G)
    exact, _ = opened_delta_eta(a_c, b, np.tile(o, (b.shape[1], 1)), g, G)
    assert_close(exact, ((half @ o) ** 2).sum() / (o @ G @ o), 1e-10, scale=supremum)
    _, s, Vt = np.linalg.svd(half @ white)
    best, _ = opened_delta_eta(a_c, b, np.tile(white @ Vt[0], (b.shape[1], 1)), g, G)
    Sb = moment(left_over(a_c, b), b)
    w = eigh(M_r @ white @ white.T @ M_r.T, Sb)[1][:, -1:]
    assert_close(best, s[0] ** 2, 1e-10, scale=supremum)
    assert_close(delta_eta(a_c, b @ w, g, G), best, 1e-10, scale=supremum)


@given(receiving_layers())
def test_directions_that_nothing_listens_to_or_that_repeat_others_add_nothing(layer):  # (E5)
    a_c, features, g, G, rng = layer
    k, n_out = features.shape[1], g.shape[1]
    o = rng.standard_normal((k, n_out))
    more, outgoing = (
        np.hstack([features, 2 * features, a_c, features]),
        np.vstack([o, -3 * o, rng.standard_normal((a_c.shape[1], n_out)), 0 * o]),
    )
    exact, _ = opened_delta_eta(a_c, features, o, g, G)
    scale = delta_eta_supremum(layer.g_r, G)
    assert_close(opened_delta_eta(a_c, more, outgoing, g, G)[0], exact, 1e-11, scale)
    assert opened_delta_eta(a_c, a_c, np.ones((a_c.shape[1], n_out)), g, G)[0] == 0


# --- Its gradient --------------------------------------------------------------------------------


@given(insertions())
def test_the_gradient_is_that_of_a_complex_step(case):  # (E16)
    a_c, weights, W, g, G, _ = case

    def increase(moved):
        F, gradient = explicit(a_c, moved, W, g, G)
        return gradient @ np.linalg.solve(F, gradient)  # eta_c does not move

    score, gradient = insertion_score(a_c, basis(a_c), case.g_r, G, W, weights)
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
    thrice = np.array([[0.1, 0.7], [0.3, 2.1], [0.0, 0.0]])  # a solver sees 1e-17, and goes on
    with pytest.raises(np.linalg.LinAlgError, match=r"Singular W_q: .* has rank 1, expected 2"):
        inserted_layer_delta_eta(a_c, thrice, W, g, np.eye(1))
