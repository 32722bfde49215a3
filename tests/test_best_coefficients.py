"""The rational coefficients that score best at given pre-activations: a generalised eigenvector."""

import numpy as np
import pytest
from compare import assert_close
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.linalg import eigh
from strategies import assume_condition, left_over, receiving_layers

from sennpy.expansion.coefficients import best_coefficients, top_coefficients
from sennpy.expansion.layer_score import delta_eta, delta_eta_bound
from sennpy.expansion.moments import whitener
from sennpy.nn.activations import Rational


def basis(z):
    """phi(z) = (2z/(1+z^2), 1/(1+z^2), z) as columns, in the order (v, c, l)."""
    return np.column_stack([2 * z / (1 + z**2), 1 / (1 + z**2), z])


@st.composite
def profiled(draw):
    """A receiving layer, pre-activations z (N,) of one neuron, and a_c or None as last argument.

    With a_c the exact increase is meant, without it the bound.
    """
    layer = draw(receiving_layers(neurons=(1, 1)))
    z = layer.a_p[:, 0]
    assume(len(z) >= layer.a_c.shape[1] + 6)
    assume_condition(np.hstack([layer.a_c, basis(z)]), below=300)
    return layer, z, draw(st.sampled_from([None, layer.a_c]))


def score_of(layer, a_c, z, k):
    """The score, bound or exact, of the neuron that has coefficients k (3,)."""
    a_p = Rational()(z[:, None], np.reshape(k, (3, 1)))
    if a_c is None:
        return delta_eta_bound(a_p, layer.g_r, layer.G)
    return delta_eta(a_c, a_p, layer.g, layer.G)


@given(profiled())
def test_the_best_coefficients_have_the_score_that_is_told(case):  # (E12)
    layer, z, a_c = case
    k, score = best_coefficients(z, layer.g_r, layer.G, a_c)
    assert_close(score_of(layer, a_c, z, k), score, 1e-10)
    assert np.linalg.norm(k) == pytest.approx(1, rel=1e-14)


@given(profiled())
def test_no_other_coefficients_score_more(case):  # (E12)
    layer, z, a_c = case
    best, score = best_coefficients(z, layer.g_r, layer.G, a_c)
    far, near = layer.rng.standard_normal((2, 10, 3))
    for k in [*far, *(best + 1e-3 * near)]:
        assert score_of(layer, a_c, z, k) <= score * (1 + 1e-10)


@given(profiled())
def test_the_best_coefficients_are_the_top_generalised_eigenvector(case):  # (E12)
    layer, z, a_c = case
    phi = basis(z) if a_c is None else left_over(a_c, basis(z))
    B, M = phi.T @ layer.g_r / len(z), phi.T @ phi / len(z)
    values, vectors = eigh(B @ np.linalg.solve(layer.G, B.T), M)
    k, score = best_coefficients(z, layer.g_r, layer.G, a_c)
    assert_close(score, values[-1], 1e-10)
    assume(values[1] < 0.9 * values[2])
    top = vectors[:, -1] / np.linalg.norm(vectors[:, -1])
    assert_close(np.sign(k @ top) * k, top, 1e-7)


@given(profiled(), st.integers(2, 5))
def test_many_neurons_at_once_have_the_coefficients_of_each_alone(case, M):  # (E12)
    layer, z, _ = case
    Z = z[:, None] * layer.rng.uniform(0.3, 3, M)
    assume_condition(*(basis(column) for column in Z.T), below=300)
    phi = np.stack([basis(column).T for column in Z.T], axis=-1)
    coefficients, scores = top_coefficients(phi, layer.g_r @ whitener(layer.G))
    for i, column in enumerate(Z.T):
        _, score = best_coefficients(column, layer.g_r, layer.G)
        assert_close(scores[i], score, 1e-10)
        assert_close(score_of(layer, None, column, coefficients[:, i]), score, 1e-10)


@given(profiled(), st.integers(-9, 9), st.integers(-9, 9))
def test_the_units_of_the_gradient_do_not_matter(case, g, G):  # (E12)
    layer, z, a_c = case
    _, score = best_coefficients(z, layer.g_r, layer.G, a_c)
    scaled, scaled_score = best_coefficients(z, 10.0**g * layer.g_r, 10.0**G * layer.G, a_c)
    assert_close(scaled_score, 10.0 ** (2 * g - G) * score, 1e-10)
    assert_close(score_of(layer, a_c, z, scaled), score, 1e-10)


@given(receiving_layers())
def test_a_constant_neuron_has_nothing_to_bring_and_is_made_the_identity(layer):  # (E12)
    k, score = best_coefficients(np.full(len(layer.g), 0.7), layer.g_r, layer.G, layer.a_c)
    assert score == 0
    assert k.tolist() == [0, 0, 1]


def test_pre_activations_of_the_wrong_shape_are_refused():
    with pytest.raises(ValueError, match=r"z has shape \(4, 1\), expected \(N,\)"):
        best_coefficients(np.ones((4, 1)), np.ones((4, 3)), np.eye(3))
