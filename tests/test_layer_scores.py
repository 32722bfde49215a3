"""The K-FAC score of a layer, what new neurons add to it, and the bound on that.

Under a_p -> a_p Q and g, G -> g R, R^T G R with invertible Q and R every score must stay as it is;
under g -> s g with G fixed it must be multiplied by s^2.
"""

import numpy as np
import pytest
from compare import assert_close, complex_step
from hypothesis import given
from hypothesis import strategies as st
from strategies import (
    SMOOTH,
    assume_condition,
    invertible,
    left_over,
    problems,
    receiving_layers,
    widened,
)

from sennpy import SquaredError, View
from sennpy.curvature.fisher import fisher
from sennpy.curvature.kfac import kronecker_factors
from sennpy.expansion.eta import natural_expansion_score
from sennpy.expansion.layer_score import (
    delta_eta,
    delta_eta_bound,
    delta_eta_bound_gradient,
    delta_eta_supremum,
    layer_score,
    residual_gradient,
)

UNITS = st.integers(-12, 12)


def explained(a, g, G):
    """(1/N) ||P_a g G^{-1/2}||^2 through QR and Cholesky, for full column rank."""
    white = np.linalg.solve(np.linalg.cholesky(G), g.T)
    return ((white @ np.linalg.qr(a)[0]) ** 2).sum() / len(a)


def scores(a_c, a_p, g, G):
    """Every score of a receiving layer: eta_l, exact, bound, supremum."""
    g_r = residual_gradient(a_c, g)
    return np.array(
        [
            layer_score(a_c, g, G),
            delta_eta(a_c, a_p, g, G),
            delta_eta_bound(a_p, g_r, G),
            delta_eta_supremum(g_r, G),
        ]
    )


# --- The score of a layer ------------------------------------------------------------------------


@given(receiving_layers())
def test_the_score_is_the_natural_one_of_the_kronecker_product(layer):  # (E6), eq. (3)
    a, g, G, N = layer.a_c, layer.g, layer.G, len(layer.g)
    C = (a.T @ g / N).ravel()  # in the flat order: row by row
    F = np.kron(a.T @ a / N, G)
    assert_close(layer_score(a, g, G), C @ np.linalg.solve(F, C), 1e-11)
    assert_close(layer_score(a, g, G), natural_expansion_score(F, C), 1e-11)
    assert_close(layer_score(a, g, G), explained(a, g, G))


@given(receiving_layers())
def test_the_empirical_score_is_a_sum_of_squared_canonical_correlations(layer):  # (E6)
    Q_a, Q_g = (np.linalg.qr(x)[0] for x in (layer.a_c, layer.g))
    correlations = np.linalg.svd(Q_a.T @ Q_g, compute_uv=False)
    eta = layer_score(layer.a_c, layer.g, layer.g.T @ layer.g / len(layer.g))
    assert_close(eta, (correlations**2).sum(), 1e-11, scale=1)
    assert eta <= min(layer.a_c.shape[1], layer.g.shape[1]) * (1 + 1e-12)


def test_a_diagonal_fisher_rewards_a_duplicated_neuron_and_the_score_does_not():  # (E6)
    rng = np.random.default_rng(0)
    a, g = rng.standard_normal((20, 1)), rng.standard_normal((20, 1))
    G, eta, diagonal = np.eye(1), [], []
    for copies in (1, 2, 3):
        repeated = np.repeat(a, copies, axis=1)
        C, A = repeated.T @ g / 20, repeated.T @ repeated / 20
        eta.append(layer_score(repeated, g, G))
        diagonal.append((C**2 / (np.diag(A)[:, None] * np.diag(G))).sum())
    assert_close(diagonal, eta[0] * np.array([1, 2, 3]))
    assert_close(eta, [eta[0]] * 3)


@given(problems(hidden=(0, 0), max_width=4, samples=(8, 20)))
def test_the_score_of_a_single_layer_network_is_the_whole_score(problem):  # (E6)
    net, X, _ = problem
    g_y, ((_, G, _),) = problem.output_like(), kronecker_factors(net, X)
    assume_condition(problem.trace.inputs[0], below=100)
    eta = natural_expansion_score(fisher(net, X), net.vjp(problem.trace, g_y) / len(X))
    assert_close(layer_score(problem.trace.inputs[0], g_y, G), eta, 1e-11)


# --- The residual gradient -----------------------------------------------------------------------


@given(receiving_layers())
def test_the_residual_is_uncorrelated_with_the_inputs(layer):  # Lemma A.6
    size = np.linalg.norm(layer.a_c, axis=0)[:, None] * np.linalg.norm(layer.g, axis=0)
    assert (np.abs(layer.a_c.T @ residual_gradient(layer.a_c, layer.g)) < 1e-12 * size).all()


@given(receiving_layers())
def test_the_residual_is_that_of_least_squares(layer):  # Lemma A.6
    fit = layer.a_c @ np.linalg.lstsq(layer.a_c, layer.g, rcond=None)[0]
    scale = np.abs(layer.g).max()
    assert_close(residual_gradient(layer.a_c, layer.g), layer.g - fit, scale=scale)


@given(receiving_layers())
def test_a_residual_has_no_further_residual(layer):  # Lemma A.6
    once = residual_gradient(layer.a_c, layer.g)
    assert_close(residual_gradient(layer.a_c, once), once, scale=np.abs(layer.g).max())


@given(receiving_layers())
def test_redundant_inputs_leave_the_same_residual(layer):  # Lemma A.6
    mixtures = layer.a_c @ layer.rng.standard_normal((layer.a_c.shape[1], 2))
    redundant = np.hstack([layer.a_c, mixtures])
    assert_close(residual_gradient(redundant, layer.g), layer.g_r, 1e-10, np.abs(layer.g).max())


# --- Exact increase and bound --------------------------------------------------------------------


@given(receiving_layers())
def test_the_exact_increase_is_the_difference_of_two_scores(layer):  # (E8)
    a_c, a_p, g, G, _ = layer
    both = np.hstack([a_c, a_p])
    increase = delta_eta(a_c, a_p, g, G)
    eta_c, eta = layer_score(a_c, g, G), layer_score(both, g, G)
    assert_close(increase, eta - eta_c, 1e-10, scale=eta)
    own = explained(left_over(a_c, a_p), layer.g_r, G)
    assert_close(increase, own, 1e-11, scale=eta)


@given(receiving_layers())
def test_the_bound_is_the_part_of_the_residual_that_the_proposal_explains(layer):  # Theorem 3.2
    _, _, bound, supremum = scores(*layer[:4])
    assert_close(bound, explained(layer.a_p, layer.g_r, layer.G), scale=supremum)


@given(receiving_layers())
def test_the_bound_never_exceeds_the_exact_increase(layer):  # Theorem 3.2
    bound = delta_eta_bound(layer.a_p, layer.g_r, layer.G)
    assert 0 <= bound <= delta_eta(layer.a_c, layer.a_p, layer.g, layer.G) * (1 + 1e-12)


@given(receiving_layers())
def test_the_bound_is_tight_for_proposals_uncorrelated_with_the_inputs(layer):  # (E9)
    a_p = left_over(layer.a_c, layer.a_p)
    _, exact, bound, supremum = scores(layer.a_c, a_p, layer.g, layer.G)
    assert_close(bound, exact, scale=supremum)


@given(receiving_layers(neurons=(1, 1)))
def test_for_one_neuron_the_bound_is_one_minus_r_squared_of_the_exact_increase(layer):  # (E9)
    a_p, fit = layer.a_p, np.linalg.lstsq(layer.a_c, layer.a_p, rcond=None)[0]
    R2 = ((layer.a_c @ fit) ** 2).sum() / (a_p**2).sum()
    exact = delta_eta(layer.a_c, a_p, layer.g, layer.G)
    supremum = delta_eta_supremum(layer.g_r, layer.G)
    assert_close(delta_eta_bound(a_p, layer.g_r, layer.G), (1 - R2) * exact, scale=supremum)


@given(receiving_layers())
def test_no_proposal_exceeds_the_supremum(layer):  # (E9)
    _, exact, bound, supremum = scores(*layer[:4])
    assert_close(supremum, explained(np.eye(len(layer.g)), layer.g_r, layer.G))
    assert max(exact, bound) <= supremum * (1 + 1e-12)


@given(receiving_layers())
def test_the_supremum_is_attained_by_the_residual_itself(layer):  # (E9)
    a_p = layer.g_r @ invertible(layer.g.shape[1], layer.rng)
    assume_condition(a_p, below=30)
    _, exact, bound, supremum = scores(layer.a_c, a_p, layer.g, layer.G)
    assert_close([exact, bound], [supremum, supremum], 1e-11)


@given(receiving_layers(neurons=(2, 4)))
def test_another_neuron_lowers_no_score(layer):  # (E9)
    _, exact, bound, supremum = scores(*layer[:4])
    _, exact_less, bound_less, _ = scores(layer.a_c, layer.a_p[:, 1:], layer.g, layer.G)
    assert exact_less <= exact + 1e-12 * supremum
    assert bound_less <= bound + 1e-12 * supremum


# --- Redundant proposals -------------------------------------------------------------------------


@given(receiving_layers())
def test_a_neuron_that_the_inputs_span_scores_nothing(layer):  # (E9)
    copy = layer.a_c[:, :1]
    mixture = layer.a_c @ layer.rng.standard_normal((layer.a_c.shape[1], 3))
    for a_p in (copy, 1e6 * copy, mixture, 0 * copy):
        _, exact, bound, supremum = scores(layer.a_c, a_p, layer.g, layer.G)
        assert exact == 0
        assert bound < 1e-24 * supremum + 1e-300


@given(receiving_layers(neurons=(1, 1)), st.sampled_from([1.0, 1e-2, 1e-4]))
def test_a_neuron_almost_spanned_brings_what_its_own_part_brings(layer, size):  # (E8), (E9)
    own = left_over(layer.a_c, layer.a_p)
    own /= np.linalg.norm(own)
    spanned = layer.a_c[:, -1:] / np.linalg.norm(layer.a_c[:, -1:])
    _, exact, bound, _ = scores(layer.a_c, spanned + size * own, layer.g, layer.G)
    expected, supremum = explained(own, layer.g_r, layer.G), delta_eta_supremum(layer.g_r, layer.G)
    assert_close(exact, expected, 1e-13 / size, scale=supremum)
    assert_close(bound, expected * size**2 / (1 + size**2), 1e-13 * size, scale=supremum)


@given(receiving_layers(), st.floats(0, 16))
def test_rounding_never_turns_redundancy_into_a_score(layer, digits):  # Theorem 3.2, (E9)
    a_p = layer.a_c[:, :1] + 10**-digits * layer.rng.standard_normal((len(layer.g), 1))
    _, exact, bound, supremum = scores(layer.a_c, a_p, layer.g, layer.G)
    assert 0 <= bound <= exact + 1e-12 * supremum
    assert exact <= supremum * (1 + 1e-12)


# --- What the scores are blind to ----------------------------------------------------------------


@given(receiving_layers())
def test_recombining_the_neurons_changes_nothing(layer):  # (E9)
    Q = invertible(layer.a_p.shape[1], layer.rng)
    assert_close(scores(layer.a_c, layer.a_p @ Q, layer.g, layer.G), scores(*layer[:4]), 1e-10)


@given(receiving_layers())
def test_recombining_the_current_inputs_changes_nothing(layer):  # (E6), (E8)
    Q = invertible(layer.a_c.shape[1], layer.rng)
    assert_close(scores(layer.a_c @ Q, layer.a_p, layer.g, layer.G), scores(*layer[:4]), 1e-10)


@given(receiving_layers())
def test_recombining_the_receiving_outputs_changes_nothing(layer):  # (E6), (E8)
    R = invertible(layer.g.shape[1], layer.rng)
    changed = scores(layer.a_c, layer.a_p, layer.g @ R, R.T @ layer.G @ R)
    assert_close(changed, scores(*layer[:4]), 1e-10)


@given(receiving_layers())
def test_the_order_of_the_samples_does_not_matter(layer):
    order = layer.rng.permutation(len(layer.g))
    a_c, a_p, g = (x[order] for x in layer[:3])
    assert_close(scores(a_c, a_p, g, layer.G), scores(*layer[:4]), 1e-11)


@given(receiving_layers())
def test_samples_taken_twice_count_once(layer):
    a_c, a_p, g = (np.vstack([x, x]) for x in layer[:3])
    assert_close(scores(a_c, a_p, g, layer.G), scores(*layer[:4]), 1e-11)


@given(receiving_layers(), UNITS, UNITS, UNITS, UNITS)
def test_units_change_the_scores_by_their_square_over_that_of_the_metric(layer, c, p, s, t):
    """Cut-offs that are not relative would see them."""
    u_c, u_p, u_g, u_G = (10.0**e for e in (c, p, s, t))
    changed = scores(u_c * layer.a_c, u_p * layer.a_p, u_g * layer.g, u_G * layer.G)
    assert_close(changed, u_g**2 / u_G * scores(*layer[:4]), 1e-10)


# --- Its gradient --------------------------------------------------------------------------------


@given(receiving_layers())
def test_the_gradient_of_the_bound_is_that_of_a_complex_step(layer):  # (E10)
    g_r, G, N = layer.g_r, layer.G, len(layer.g)

    def bound(a_p):
        D = a_p.T @ g_r / N
        return np.trace(np.linalg.inv(a_p.T @ a_p / N) @ D @ np.linalg.inv(G) @ D.T)

    derivative = complex_step(bound, layer.a_p).reshape(layer.a_p.shape)
    assert_close(delta_eta_bound_gradient(layer.a_p, g_r, G), derivative, 1e-10)


@given(receiving_layers())
def test_the_gradient_sees_no_recombination_of_the_neurons(layer):  # (E9), (E10)
    gradient = delta_eta_bound_gradient(layer.a_p, layer.g_r, layer.G)
    size = np.linalg.norm(layer.a_p) * np.linalg.norm(gradient)
    assert (np.abs(layer.a_p.T @ gradient) < 1e-12 * size).all()


# --- On real networks ----------------------------------------------------------------------------


@given(widened(hidden=(1, 1), max_width=3))
def test_proposed_neurons_add_to_the_statistics_what_widening_adds(case):  # (E1), (E8)
    net, X, rng, grown, _ = case
    g_y = rng.standard_normal(net(X).shape)
    before, after = (
        View.of(n, X, n(X) - g_y, SquaredError()).place("neuron", 0) for n in (net, grown)
    )
    a_p, n_out = grown.forward(X).inputs[1][:, net.sizes[1] : -1], g_y.shape[1]
    assume_condition(after.a_c, a_p, below=100)
    proposed, scale = before.receiving(a_p), delta_eta_supremum(g_y, np.eye(n_out))
    eta = before.eta + delta_eta(before.a_c, a_p, g_y, np.eye(n_out))
    assert_close([proposed.eta, after.eta], [eta, eta], 1e-10, scale)
    assert_close(proposed.g_r, after.g_r, 1e-10, scale=np.abs(g_y).max())
    assert_close(proposed.W, np.vstack([net.weights[1], np.zeros((a_p.shape[1], n_out))]), 0)
    assert_close(proposed.a_c @ proposed.W, net(X), 1e-13, scale=np.abs(proposed.a_c).max())
    assert_close(proposed.inputs, after.inputs, 0)


@given(problems(hidden=(2, 3), max_width=4, samples=(8, 20), activations=SMOOTH))
def test_the_statistics_are_those_of_the_place_named(problem):  # (E6), Lemma A.6
    net, X, _ = problem
    trace, factors = problem.trace, kronecker_factors(net, X)
    view = View.of(net, X, net(X) - problem.output_like(), SquaredError())
    for kind, source in [("neuron", 0), ("layer", 0), ("layer", 1), ("layer", len(factors) - 1)]:
        receiver, stats = source + (kind == "neuron"), view.place(kind, source)
        g = net.backward(trace, view.g_y)[receiver]
        assert (stats.kind, stats.index, stats.view) == (kind, source, view)
        if kind == "neuron":
            assert_close(stats.W_in, net.weights[source], 0)
            assert_close(stats.coefficients, net.coefficients[source], 0)
        assert_close(stats.A, factors[receiver].A)
        assert stats.supremum == delta_eta_supremum(stats.g_r, stats.G)
        assert_close(stats.inputs, trace.inputs[source], 0)
        assert_close(stats.a_c, trace.inputs[receiver], 0)
        assert_close(stats.g, g, 0)
        assert_close(stats.g_r, residual_gradient(trace.inputs[receiver], g), 0)
        assert_close(stats.G, factors[receiver].G)
        assert_close(stats.W, net.weights[receiver], 0)
        assert stats.eta == layer_score(stats.a_c, g, stats.G)


# --- What is refused -----------------------------------------------------------------------------

A, P, G = np.ones((4, 2)), np.ones((4, 1)), np.eye(3)


@pytest.mark.parametrize(
    "score, arguments, message",
    [
        (layer_score, (A, np.ones((5, 3)), G), r"g has shape \(5, 3\), expected .* with N = 4"),
        (layer_score, (A, np.ones((4, 2)), G), r"G has shape \(3, 3\), expected \(n_out, n_out\)"),
        (delta_eta, (A, P[:, 0], np.ones((4, 3)), G), r"a_p has shape \(4,\), expected \(N, k\)"),
        (delta_eta_bound, (P * np.inf, np.ones((4, 3)), G), r"a_p must be finite, but holds inf"),
        (residual_gradient, (A, np.ones(4)), r"g has shape \(4,\), expected \(N, n_out\)"),
    ],
)  # fmt: skip
def test_bad_input_is_refused_in_words_that_help(score, arguments, message):
    with pytest.raises(ValueError, match=message):
        score(*arguments)
