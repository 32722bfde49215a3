"""What a search climbs: scores that are the public ones, and gradients that are theirs."""

from dataclasses import replace

import numpy as np
import places
import pytest
from compare import assert_close, complex_step
from hypothesis import assume, given
from hypothesis import strategies as st
from strategies import ACTIVATIONS, KINK, invertible, seeds

from sennpy import (
    best_coefficients,
    delta_eta_bound,
    delta_eta_bound_gradient,
    delta_eta_supremum,
    inserted_layer_delta_eta,
    residual_gradient,
)
from sennpy.expansion.moments import whitener
from sennpy.growth.objectives import (
    LayerObjective,
    NeuronObjective,
    ProfiledNeuronObjective,
    StandardInputs,
    bound_and_gradient,
)
from sennpy.nn.activations import Rational, ReLU, Tanh

every_activation = pytest.mark.parametrize("activation", ACTIVATIONS, ids=repr)
OFFSETS = np.array([-3, -2, -1, 1, 2, 3])
FACTORS = np.array([-1, 9, -45, 45, -9, 1]) / 60


def sixth_order(function, x, step=5e-4):
    """Derivatives of function at x (dim,) from six points an entry; the error is O(step^6)."""
    points = x + step * np.kron(np.eye(len(x)), OFFSETS[:, None])
    return function(points).reshape(len(x), 6) @ FACTORS / step


def generator(seed):
    """Other numbers than those that made the place."""
    return np.random.default_rng([seed, 1])


def neuron_place(activation, seed):
    """Statistics in front of a layer with 3 outputs, from 2 inputs."""
    return places.statistics("neuron", 0, (2, 3, 3), activation, seed=seed)


def layer_place(n, seed):
    return places.statistics("layer", 1, (2, n, 3), seed=seed)


def away_from_kinks(stats, weights, margin=KINK):
    """Draw again where a ReLU has no derivative."""
    if isinstance(stats.activation, ReLU):
        assume(np.abs(stats.inputs @ weights).min() > margin)


# --- Neurons -------------------------------------------------------------------------------------


@every_activation
@given(seed=seeds, k=st.integers(1, 3))
def test_scores_of_neurons_are_the_bound_of_what_they_decode_to(activation, seed, k):
    stats = neuron_place(activation, seed)  # Theorem 3.2
    objective = NeuronObjective(stats, k)
    theta = objective.draw(5, generator(seed))
    expected = []
    for one in theta:
        weights, coefficients = objective.decode(one)
        assert weights.shape == (3, k)
        assert coefficients.shape == (activation.num_coefficients, k)
        a_p = activation(stats.inputs @ weights, coefficients)
        expected.append(delta_eta_bound(a_p, stats.g_r, stats.G))
    assert_close(objective.evaluate(theta)[0], expected, 1e-10)


@every_activation
@given(seed=seeds, k=st.integers(1, 3))
def test_gradients_of_neurons_are_those_of_the_bound(activation, seed, k):  # (E10)
    """By complex step through the formula of Theorem 3.2, with a plain inverse."""
    stats = neuron_place(activation, seed)
    objective = NeuronObjective(stats, k)
    theta = objective.draw(1, generator(seed))[0]
    away_from_kinks(stats, objective.decode(theta)[0])
    N, G_inv = len(stats.g_r), np.linalg.inv(stats.G)

    def bound(theta):
        a_p = activation(stats.inputs @ objective.decode(theta)[0], objective.decode(theta)[1])
        D = a_p.T @ stats.g_r / N
        return np.trace(np.linalg.inv(a_p.T @ a_p / N) @ D @ G_inv @ D.T)

    a_p = activation(stats.inputs @ objective.decode(theta)[0], objective.decode(theta)[1])
    assume(np.linalg.cond(a_p) < 1e3)
    score, gradients = objective.evaluate(theta[None])
    assume(score[0] > 1e-6 * delta_eta_supremum(stats.g_r, stats.G))  # else it is all rounding
    expected = complex_step(bound, theta)
    assert_close(gradients[0], expected, 1e-9, scale=max(np.abs(expected).max(), score[0]))


@every_activation
@given(seed=seeds)
def test_profiled_scores_are_those_of_the_best_coefficients(activation, seed):  # (E12)
    stats = neuron_place(activation, seed)
    objective = ProfiledNeuronObjective(stats)
    theta = objective.draw(5, generator(seed))
    scores, _ = objective.evaluate(theta)
    for one, score in zip(theta, scores, strict=True):
        weights, coefficients = objective.decode(one)
        z = stats.inputs @ weights
        assert weights.shape == (3, 1)
        if np.linalg.cond(activation.basis(z)[:, :, 0]) > 100:
            continue  # where one function is nearly the sum of others, digits go
        a_p = activation(z, coefficients)
        assert score == pytest.approx(delta_eta_bound(a_p, stats.g_r, stats.G), rel=1e-10)
        if isinstance(activation, Rational):
            best, expected = best_coefficients(z[:, 0], stats.g_r, stats.G)
            assert score == pytest.approx(expected, rel=1e-10)
            assert_close(abs(coefficients[:, 0] @ best), 1.0, 1e-8)


@every_activation
@given(seed=seeds)
def test_profiled_scores_are_the_highest_over_all_coefficients(activation, seed):  # (E12)
    stats = neuron_place(activation, seed)
    profiled, free = ProfiledNeuronObjective(stats), NeuronObjective(stats)
    rng = generator(seed)
    w = profiled.draw(1, rng)
    q = rng.standard_normal((200, activation.num_coefficients))
    scores, _ = free.evaluate(np.hstack([np.repeat(w, 200, axis=0), q]))
    assert scores.max() <= profiled.evaluate(w)[0][0] * (1 + 1e-10)


@every_activation
@given(seed=seeds)
def test_gradients_of_profiled_scores_follow_the_envelope(activation, seed):  # (E10), (E12)
    stats = neuron_place(activation, seed)
    objective = ProfiledNeuronObjective(stats)
    theta = objective.draw(1, generator(seed))[0]
    away_from_kinks(stats, objective.decode(theta)[0], margin=0.05)
    if isinstance(activation, Rational):  # two equal eigenvalues have no derivative
        z = stats.inputs @ objective.decode(theta)[0]
        phi = activation.basis(z)[:, :, 0]
        B = np.linalg.solve(np.linalg.cholesky(phi @ phi.T), phi @ stats.g_r @ whitener(stats.G))
        s = np.linalg.svd(B, compute_uv=False)
        assume(s[1] < 0.9 * s[0] and np.linalg.cond(phi) < 100)
    score, gradients = objective.evaluate(theta[None])
    assume(score[0] > 1e-6 * delta_eta_supremum(stats.g_r, stats.G))  # else it is all rounding
    expected = sixth_order(lambda points: objective.evaluate(points)[0], theta)
    assert_close(gradients[0], expected, 1e-5, scale=max(np.abs(expected).max(), score[0]))


@given(seed=seeds, k=st.integers(1, 3))
def test_the_batched_bound_and_its_gradient_equal_the_public_ones(seed, k):  # Theorem 3.2, (E10)
    rng = generator(seed)
    a, g_r = rng.standard_normal((12, 4, k)), rng.standard_normal((12, 2))
    G = np.cov(rng.standard_normal((2, 9)))
    bounds, gradients = bound_and_gradient(a, g_r @ whitener(G))
    for c in range(4):
        assert bounds[c] == pytest.approx(delta_eta_bound(a[:, c], g_r, G), rel=1e-10)
        assert_close(gradients[:, c], delta_eta_bound_gradient(a[:, c], g_r, G), 1e-10)


def test_a_duplicated_or_dead_neuron_adds_nothing_to_the_bound():
    rng = np.random.default_rng(0)
    a, r = rng.standard_normal((12, 1, 1)), rng.standard_normal((12, 2))
    alone, _ = bound_and_gradient(a, r)
    for other in (a, -3 * a, 0 * a):
        both, gradient = bound_and_gradient(np.concatenate([a, other], axis=2), r)
        assert_close(both, alone, 1e-10)
        assert np.isfinite(gradient).all()


# --- Layers --------------------------------------------------------------------------------------


@given(seed=seeds, n=st.integers(1, 3))
def test_scores_of_layers_are_the_exact_increase_of_what_they_decode_to(seed, n):  # (E16)
    stats = layer_place(n, seed)
    objective = LayerObjective(stats)
    theta = objective.draw(3, generator(seed))
    expected = []
    for one in theta:
        weights, coefficients = objective.decode(one)
        assert weights.shape == (n + 1, n) and coefficients is None
        expected.append(inserted_layer_delta_eta(stats.a_c, weights, stats.W, stats.g, stats.G))
    assert_close(objective.evaluate(theta)[0], expected, 1e-10)


@given(seed=seeds, n=st.integers(1, 3))
def test_gradients_of_layers_are_those_of_the_exact_increase(seed, n):  # (E16)
    stats = layer_place(n, seed)
    objective = LayerObjective(stats)
    theta = objective.draw(1, generator(seed))[0]
    score, gradients = objective.evaluate(theta[None])
    expected = sixth_order(lambda points: objective.evaluate(points)[0], theta)
    assume(np.abs(expected).max() < 100 * score[0])  # steeper, the six points are too far apart
    assert_close(gradients[0], expected, 1e-5, scale=max(np.abs(expected).max(), score[0]))


def spectrum(n, kappa):
    """Singular values s, 1, ..., 1 with ||s|| ||1/s|| = kappa, at least n (Frobenius)."""
    q = (kappa**2 - (n - 1) ** 2 - 1) / (n - 1) / 2 if n > 1 else 1.0  # (s^2 + s^-2) / 2
    s = (q + (q * q - 1) ** 0.5) ** 0.5
    return np.append(s, np.ones(n - 1))


@given(seed=seeds, n=st.integers(1, 4))
def test_only_layers_that_are_nearly_singular_have_no_score(seed, n):
    objective = LayerObjective(layer_place(n, seed))
    rng = generator(seed)
    U, _, Vt = np.linalg.svd(rng.standard_normal((n, n)))
    condition = [s * n for s in (1, 9.9, 10.1)] if n > 1 else [1, 1, 1]
    square = [U * spectrum(n, kappa) @ Vt for kappa in condition]
    theta = np.stack([np.vstack([W, np.ones((1, n))]).ravel() for W in square])
    scores, gradients = objective.evaluate(theta)
    has_score = [True, True, n == 1]  # a number is never ill-conditioned
    assert (np.isfinite(scores) == has_score).all()
    assert (np.isfinite(gradients).all(axis=1) == has_score).all()
    assert np.isnan(objective.evaluate(np.zeros((1, theta.shape[1])))[0]).all()


@given(seed=seeds, n=st.integers(1, 4))
def test_starts_of_layers_are_as_large_as_the_prior_and_orthogonal(seed, n):
    theta = LayerObjective(layer_place(n, 0)).draw(4, generator(seed))
    for one in theta.reshape(4, n + 1, n):
        assert_close(one[:-1].T @ one[:-1], n * np.eye(n))


# --- Standard inputs -----------------------------------------------------------------------------


def raw_inputs(rng, N=20, n=3):
    mixed = rng.standard_normal((N, n)) @ invertible(n, rng) + 5 * rng.standard_normal(n)
    return np.hstack([mixed, np.ones((N, 1))])


@given(seeds, st.integers(1, 3))
def test_decoded_weights_give_the_same_preactivations(seed, k):
    rng = generator(seed)
    inputs = raw_inputs(rng)
    standard, theta = StandardInputs(inputs), rng.standard_normal((4, k))
    assert_close(inputs @ (standard.to_weights @ theta), standard.x @ theta, 1e-11)


@given(seeds)
def test_standard_inputs_are_centred_and_of_total_variance_one(seed):
    x = StandardInputs(raw_inputs(generator(seed))).x
    assert_close(x[:, :-1].mean(axis=0), np.zeros(3), 1e-12, scale=1)
    assert x[:, :-1].var(axis=0).sum() == pytest.approx(1, rel=1e-12)
    assert_close(x[:, -1], np.ones(20), 1e-12)


@pytest.mark.parametrize("constant", [0.0, 0.1, -7e8])
def test_constant_inputs_are_not_scaled_by_their_rounding(constant):
    inputs = np.hstack([np.full((20, 2), constant), np.ones((20, 1))])
    assert_close(np.diag(StandardInputs(inputs).to_weights), [0.5**0.5, 0.5**0.5, 1])


@every_activation
@given(seed=seeds, scale=st.floats(1e-3, 1e3), shift=st.floats(-10, 10))
def test_scores_do_not_depend_on_shift_and_scale_of_the_inputs(activation, seed, scale, shift):
    """Nor does the proposal as a function: the weights follow the units of the inputs."""
    stats = neuron_place(activation, seed)
    moved = stats.inputs.copy()
    moved[:, :-1] = scale * (moved[:, :-1] + shift)
    other = replace(stats, inputs=moved)
    theta = NeuronObjective(stats, 2).draw(5, generator(seed))
    for kind, dim in [(lambda s: NeuronObjective(s, 2), None), (ProfiledNeuronObjective, 3)]:
        here, there = kind(stats).evaluate(theta[:, :dim]), kind(other).evaluate(theta[:, :dim])
        assert_close(there[0], here[0], 1e-8)
        assert_close(there[1], here[1], 1e-6, scale=np.abs(here[1]).max() + here[0].max())


@given(seeds)
def test_the_residual_in_the_statistics_is_lemma_a6(seed):
    stats = neuron_place(Tanh(), seed)
    assert_close(stats.g_r, residual_gradient(stats.a_c, stats.g))
