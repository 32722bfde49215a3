"""Scores as training damps them, by chance, and on samples that were held out: (E18) to (E21)."""

import numpy as np
import pytest
from compare import assert_close
from hypothesis import given
from hypothesis import strategies as st

from sennpy import (
    MLP,
    SquaredError,
    chance_level,
    damped_delta_eta,
    damped_score,
    deepen,
    delta_eta,
    delta_eta_supremum,
    fisher,
    honest_increase,
    insert,
    layer_score,
    natural_expansion_score,
)
from sennpy.expansion.damped import honest_increases
from sennpy.expansion.moments import moment

seeds = st.integers(0, 2**16)


def arrays(seed, N=60, n_c=3, k=2, n_out=2):
    """a_c with a constant, a_p, g and G of a layer, and directions whose mean square G is."""
    rng = np.random.default_rng(seed)
    a_c = np.hstack([rng.standard_normal((N, n_c)), np.ones((N, 1))])
    a_p = np.tanh(a_c @ rng.standard_normal((n_c + 1, k)) * 2)
    root = np.eye(n_out) + 0.3 * rng.uniform(-1, 1, (n_out, n_out))
    u = np.broadcast_to(root[:, None], (n_out, N, n_out))
    return a_c, a_p, rng.standard_normal((N, n_out)), root.T @ root, u


@given(seeds)
def test_a_damped_step_is_worth_its_score(seed):  # (E18), (E4)
    """eta_D is the most that 2 g^T s - s^T F s - s^T D s can be, at s = (F + D)^{-1} g."""
    rng = np.random.default_rng(seed)
    net, X = MLP.random((2, 3, 1), rng=rng), rng.standard_normal((20, 2))
    F, g = fisher(net, X), rng.standard_normal(net.num_parameters)
    D = rng.uniform(0.1, 2, len(g))

    def worth(s):
        return 2 * g @ s - s @ F @ s - s @ (D * s)

    best = np.linalg.solve(F + np.diag(D), g)
    assert_close(damped_score(F, g, D), worth(best))
    assert all(worth(best + 0.1 * rng.standard_normal(len(g))) < worth(best) for _ in range(5))


def test_damping_goes_from_the_whole_score_to_nothing():
    rng = np.random.default_rng(0)
    J = rng.standard_normal((30, 4))
    F, g = J.T @ J / 30, rng.standard_normal(4)
    scores = [damped_score(F, g, 10.0**e) for e in range(-12, 9)]
    assert_close(scores[0], natural_expansion_score(F, g), 1e-9)
    assert all(np.diff(scores) < 0)
    assert_close(scores[-1] * 1e8, g @ g, 1e-6)


@given(seeds, st.floats(-4, 2))
def test_damped_increases_lie_between_nothing_and_the_undamped(seed, exponent):
    a_c, a_p, g, G, _ = arrays(seed)
    damped = damped_delta_eta(a_c, a_p, g, G, 10.0**exponent)
    assert 0 <= damped <= delta_eta(a_c, a_p, g, G)
    assert_close(damped_delta_eta(a_c, a_p, g, G, 0.0), delta_eta(a_c, a_p, g, G), 1e-9)
    assert damped <= damped_delta_eta(a_c, a_p, g, G, 10.0 ** (exponent - 1))


@given(seeds, st.floats(-4, 2))
def test_a_duplicate_brings_nothing_though_it_halves_the_damping(seed, exponent):
    """Beside itself a neuron has two weights for one direction: plain damping would credit it."""
    a_c, _, g, G, _ = arrays(seed, n_out=1)
    ridge, again = 10.0**exponent, np.hstack([a_c, a_c[:, :1]])
    assert abs(damped_delta_eta(a_c, a_c[:, :1], g, G, ridge)) < 1e-20 * layer_score(a_c, g, G)
    C = again.T @ g[:, 0] / len(g)
    plain = (
        damped_score(moment(a_c, a_c), C[:-1], ridge),
        damped_score(moment(again, again), C, ridge),
    )
    assert plain[1] > plain[0]


@given(seeds, st.floats(1e-3, 1e3), st.floats(1e-3, 1e3))
def test_damped_increases_know_no_units_of_the_activations(seed, scale, other):
    a_c, a_p, g, G, _ = arrays(seed)
    scaled = damped_delta_eta(a_c * other, a_p * [scale, 1], g, G, 0.1)
    assert_close(scaled, damped_delta_eta(a_c, a_p, g, G, 0.1), 1e-9)


def test_increases_one_after_another_stay_below_lambda():  # Theorem 3.1 for (E18)
    """What neurons bring in a row is no more than the undamped score can grow, hence lambda."""
    for seed in range(20):
        a, a_p, g, _, _ = arrays(seed, k=6, n_out=1)
        start, increases, G = layer_score(a, g, np.eye(1)), [], np.eye(1)
        for j in range(a_p.shape[1]):
            increases.append(damped_delta_eta(a, a_p[:, [j]], g, G, 0.1))
            a = np.hstack([a, a_p[:, [j]]])
        assert start + sum(increases) <= layer_score(a, g, G) <= (g**2).mean() * (1 + 1e-9)


# --- Chance (E19) --------------------------------------------------------------------------------


def test_fixed_directions_gain_on_noise_what_is_told():
    """1,000 orders of the residuals; the standard error of their mean is a few per cent."""
    rng = np.random.default_rng(1)
    _, a_p, g, G, _ = arrays(1, N=40)
    a_p, g_r = a_p - a_p.mean(axis=0), g - g.mean(axis=0)
    one = np.ones((40, 1))
    gains = [delta_eta(one, a_p, rng.permutation(g_r), G) for _ in range(1000)]
    mean, error = np.mean(gains), np.std(gains) / 1000**0.5
    assert abs(mean - chance_level(g_r, G, 2)) < 4 * error
    assert_close(chance_level(g_r, G, 2), 2 / 39 * delta_eta_supremum(g_r, G))


# --- The honest look (E20) -----------------------------------------------------------------------


def test_the_first_k_neurons_get_the_step_that_they_get_alone():
    """Neurons overlap, so that the step of two is not the beginning of that of three."""
    a_c, a_p, g, _, u = arrays(0, k=3)
    a_p[:, 2] += a_p[:, 0] - a_p[:, 1]
    fitted = np.arange(len(g)) % 5 > 0
    found = honest_increases(a_c, a_p, g, u, fitted, 0.01, [1, 2, 3])
    for k, gains in enumerate(found, start=1):
        assert_close(gains, honest_increase(a_c, a_p[:, :k], g, u, fitted, 0.01), 1e-10)


@given(seeds)
def test_in_the_sample_the_honest_increase_is_the_exact_one(seed):
    a_c, a_p, g, G, u = arrays(seed)
    q = honest_increase(a_c, a_p, g, u, np.ones(len(g), bool), 0.0)
    assert_close(q.mean(), delta_eta(a_c, a_p, g, G), 1e-8)


@given(seeds, st.floats(-4, 2))
def test_in_the_sample_it_lies_between_the_damped_and_the_exact_increase(seed, exponent):
    """With length 1: q = 2 Tr[S^T D] - Tr[S^T Sigma S], and the damped increase is Tr[S^T D]."""
    a_c, a_p, g, G, u = arrays(seed)
    ridge, everywhere = 10.0**exponent, np.ones(len(g), bool)
    damped, exact = damped_delta_eta(a_c, a_p, g, G, ridge), delta_eta(a_c, a_p, g, G)
    mean = honest_increase(a_c, a_p, g, u, everywhere, ridge).mean()
    assert damped * (1 - 1e-9) <= mean <= min(exact, 2 * damped) * (1 + 1e-9)


@given(seeds, st.sampled_from([0.01, 1.0]))
def test_a_copy_of_a_neuron_brings_nothing_to_any_sample(seed, ridge):
    a_c, _, g, G, u = arrays(seed)
    fitted = np.arange(len(g)) % 3 > 0
    q = honest_increase(a_c, a_c[:, :1], g, u, fitted, ridge)
    assert np.abs(q).max() < 1e-20 * delta_eta_supremum(g, G)
    almost = a_c[:, :1] + 1e-3 * np.sin(5 * a_c[:, :1])
    q = honest_increase(a_c, almost, g, u, fitted, ridge)
    assert np.abs(q.mean()) < 1e-3 * delta_eta_supremum(g, G)


@given(seeds, st.sampled_from([0.0, 0.01, 1.0]))
def test_held_out_samples_change_nothing_of_the_step(seed, ridge):
    """What is on other samples moves their own q alone."""
    a_c, a_p, g, _, u = arrays(seed)
    fitted = np.arange(len(g)) < 40
    q = honest_increase(a_c, a_p, g, u, fitted, ridge)
    other = g.copy()
    other[~fitted] *= -3
    again = honest_increase(a_c, a_p, other, u, fitted, ridge)
    assert np.array_equal(q[fitted], again[fitted]) and not np.allclose(q[~fitted], again[~fitted])


@given(seeds)
def test_it_is_twice_the_drop_of_a_linear_network_s_loss(seed):
    """Squared error, neurons that feed the outputs: the model is the loss, sample by sample."""
    rng, loss = np.random.default_rng(seed), SquaredError()
    a_c, a_p, _, _, _ = arrays(seed, n_out=1)
    t = np.sin(3 * a_c[:, :1]) + 0.1 * rng.standard_normal((len(a_c), 1))
    fitted = rng.random(len(a_c)) < 0.6

    def fit(a):
        return a @ np.linalg.lstsq(a[fitted], t[fitted], rcond=None)[0]

    without, beside = fit(a_c), fit(np.hstack([a_c, a_p]))
    u = np.ones((1, len(a_c), 1))
    q = honest_increase(a_c, a_p, loss.gradient(0 * t, t), u, fitted, 0.0)
    drops = [
        2 * (loss.value(without[[n]], t[[n]]) - loss.value(beside[[n]], t[[n]]))
        for n in range(len(t))
    ]
    assert_close(q, drops, 1e-8)


def test_on_noise_held_out_samples_lose_what_others_gain():
    inside, outside = [], []
    for seed in range(200):
        a_c, a_p, g, _, u = arrays(seed)
        fitted = np.arange(len(g)) % 2 == 0
        q = honest_increase(a_c, a_p, g, u, fitted, 0.01)
        inside.append(q[fitted].mean())
        outside.append(q[~fitted].mean())
    for gains, sign in ((inside, 1), (outside, -1)):
        assert sign * np.mean(gains) > 4 * np.std(gains) / 200**0.5


# --- A narrow layer (E21) ------------------------------------------------------------------------


@pytest.mark.parametrize("sizes", [(5, 2), (2, 5), (3, 3), (4, 1, 3)])
def test_a_narrow_layer_keeps_the_function_to_the_last_digits(sizes):
    net, X = MLP.random(sizes, rng=0), np.random.default_rng(1).standard_normal((20, sizes[0]))
    for position in range(len(sizes) - 1):
        deeper = insert(net, position)
        between = min(sizes[position : position + 2])
        assert deeper.sizes == (*sizes[: position + 1], between, *sizes[position + 1 :])
        assert_close(deeper(X), net(X), 1e-13)


def test_it_takes_fewer_units_than_a_square_one():
    net = MLP.random((64, 10), rng=0)
    square = deepen(net, 0, np.eye(65, 64))
    assert insert(net, 0).sizes == (64, 10, 10) and square.sizes == (64, 64, 10)
    assert insert(net, 0).num_parameters == 65 * 10 + 3 * 10 + 11 * 10
