"""What the released code does otherwise, formula by formula, and that nothing else does it."""

from dataclasses import fields, replace

import numpy as np
import places
import pytest
from compare import assert_close
from hypothesis import given
from hypothesis import strategies as st
from runs import changed
from strategies import seeds

from sennpy import (
    SENN,
    Damping,
    Rational,
    Settings,
    SquaredError,
    Tanh,
    delta_eta,
    delta_eta_bound,
    layer_score,
    mala,
    natural_gradient,
    residual_gradient,
)
from sennpy.expansion.mala import State
from sennpy.growth import released
from sennpy.growth.objectives import NeuronObjective
from sennpy.growth.released import (
    RawInputs,
    ReleasedAscent,
    ReleasedSearch,
    ReleasedSubsetSearch,
    released_state,
    released_step,
)
from sennpy.nn.mlp import MLP

SMALL = ReleasedSearch(chains=6, bursts=4, burst_length=3)
SIZES = (2, 3, 2)


def place(kind="neuron", where=0, activation=Rational(), seed=0, N=30):
    """Statistics as the released code gathers them."""
    rng = np.random.default_rng(seed)
    net, X = MLP.random(SIZES, activation, rng), rng.standard_normal((N, 2))
    t = rng.standard_normal((N, 2))
    return places.at(net, X, t, kind, where, SMALL)


def quadratic(s):
    """A score with a slope that differs between coordinates, and its gradient."""
    a = np.arange(1, s.shape[1] + 1)
    return (a * np.sin(s)).sum(axis=1), a * np.cos(s)


# --- The kernel (E17) ----------------------------------------------------------------------------


@given(
    seed=seeds, dim=st.integers(1, 3), step_size=st.floats(0.01, 1), temperature=st.floats(0.2, 5)
)
def test_a_step_is_that_of_e17(seed, dim, step_size, temperature):
    """Chain by chain and coordinate by coordinate, with the noise given."""
    rng = np.random.default_rng(seed)
    s, xi = rng.standard_normal((2, 8, dim))
    log_u = np.log(rng.random(8))
    state, acceptance = released_step(
        quadratic, released_state(quadratic, s), step_size, temperature, xi, log_u
    )
    for n in range(8):

        def half_slope(x):
            return [0.5 * (i + 1) * np.cos(x[i]) for i in range(dim)]

        def energy(x):
            return sum(x[i] ** 2 - (i + 1) * np.sin(x[i]) for i in range(dim))

        def delta(x, g):
            noise = np.sqrt(2 * step_size) * xi[n]  # noqa: B023
            return [-step_size * (g[i] / temperature + x[i]) + noise[i] for i in range(dim)]

        half = s[n] + 0.5 * np.array(delta(s[n], half_slope(s[n])))
        proposal = s[n] + np.array(delta(half, half_slope(half)))
        g_mean = 0.5 * (np.array(half_slope(s[n])) + half_slope(proposal))
        expected_change = -(g_mean @ delta(s[n], g_mean))
        change = energy(s[n]) - energy(proposal)
        probability = min(1.0, np.exp((change - expected_change) / temperature))
        assert acceptance[n] == pytest.approx(probability, rel=1e-10, abs=1e-300)
        moved = proposal if np.exp(log_u[n]) < probability else s[n]
        assert_close(state.position[n], moved)
        assert state.log_density[n] == pytest.approx(-energy(moved), rel=1e-12, abs=1e-12)
        assert_close(state.gradient[n], half_slope(moved))


def test_without_a_score_its_variance_is_a_third_where_the_textbook_has_one():
    """20,000 chains, step size 0.05: 1/3 and 1, each within 4 standard errors (0.013, 0.04).

    The proposal alone is stationary at N(0, 1) up to O(r^2); accepting by exp(-s^2) on top of it
    gives exp(-3 s^2 / 2).
    """
    chains, error = 20_000, (2 / 20_000) ** 0.5
    rng = np.random.default_rng(0)
    start = rng.standard_normal((chains, 1))

    def nothing(s):
        return np.zeros(len(s)), np.zeros_like(s)

    state = released_state(nothing, start)
    for _ in range(150):
        state, _ = released_step(
            nothing, state, 0.05, 1.0, rng.standard_normal((chains, 1)), np.log(rng.random(chains))
        )
    textbook = mala(lambda s: -(s**2).sum(axis=1) / 2, lambda s: -s, 0 * start, 0.05, 150, rng)
    assert abs(state.position.var() - 1 / 3) < 4 * error / 3
    assert abs(textbook.positions[-1].var() - 1) < 4 * error


def test_its_drift_goes_down_the_score_and_the_textbook_up():  # (E11), (E17)
    """A linear score 3 s: the mean displacement from 0 in one step, noise averaged out."""
    xi = np.random.default_rng(0).standard_normal((10_000, 1))
    xi = np.concatenate([xi, -xi])
    linear = lambda s: (3 * s[:, 0], np.full_like(s, 3.0))  # noqa: E731
    state = released_state(linear, np.zeros((20_000, 1)))
    always = np.full(20_000, -np.inf)
    down, _ = released_step(linear, state, 0.01, 1.0, xi, always)
    assert down.position.mean() == pytest.approx(-0.015 * (1 - 0.01 / 2), rel=1e-9)
    up = mala(lambda s: 3 * s[:, 0], lambda s: np.full_like(s, 3.0), state.position, 0.01, 1, 0)
    assert up.positions.mean() > 0.02


def test_a_score_that_is_not_finite_is_rejected():
    def edge(s):
        return np.where(np.abs(s[:, 0]) < 1, 0.0, np.nan), np.zeros_like(s)

    rng, state = np.random.default_rng(0), released_state(edge, np.zeros((50, 1)))
    for _ in range(50):
        xi, log_u = rng.standard_normal((50, 1)), np.log(rng.random(50))
        state, acceptance = released_step(edge, state, 0.5, 1.0, xi, log_u)
        assert np.isfinite(acceptance).all()
    assert (np.abs(state.position) < 1).all()


# --- Statistics (section 9) ----------------------------------------------------------------------


@pytest.mark.parametrize("kind, where", [("neuron", 0), ("layer", 0), ("layer", 1)])
def test_g_is_of_gradients_normalised_per_sample_and_the_bias_is_left_out(kind, where):
    rng = np.random.default_rng(0)
    net, X = MLP.random(SIZES, rng=rng), rng.standard_normal((9, 2))
    t = rng.standard_normal((9, 2))
    t[4] = net(X)[4]  # a sample without a gradient
    stats = places.at(net, X, t, kind, where, SMALL)
    trace = net.forward(X)
    receiver = where + 1 if kind == "neuron" else where
    G = 0
    for n in range(9):
        g_y = net(X)[n] - t[n]
        if np.linalg.norm(g_y) > 0:
            one = net.forward(X[n : n + 1])
            g = net.backward(one, (g_y / np.linalg.norm(g_y))[None])[receiver][0]
            G = G + np.outer(g, g) / 9
    assert_close(stats.G, G)
    assert_close(stats.a_c, trace.inputs[receiver][:, :-1])
    assert_close(stats.inputs, trace.inputs[where])
    assert_close(stats.W, net.weights[receiver][:-1])
    assert_close(stats.g, net.backward(trace, net(X) - t)[receiver])
    assert_close(stats.g_r, residual_gradient(stats.a_c, stats.g))
    assert stats.eta == pytest.approx(layer_score(stats.a_c, stats.g, G), rel=1e-12)


def test_the_third_experiment_leaves_out_what_the_next_step_will_do():  # section 9
    """J n of the damped natural gradient, projected out of g_y before G and the residual."""
    rng = np.random.default_rng(3)
    net, X = MLP.random(SIZES, rng=rng), rng.standard_normal((30, 2))
    t, loss = rng.standard_normal((30, 2)), SquaredError()
    found = places.at(net, X, t, "neuron", 0, ReleasedSubsetSearch())
    n = natural_gradient(net, X, t, loss, damping=Damping(0.1)).direction
    trace = net.forward(X)
    change, g_y = (net.jacobian(trace) @ n).ravel(), (net(X) - t).ravel()
    rest = (g_y - change * (change @ g_y) / (change @ change)).reshape(30, 2)
    plain = places.at(net, X, t, "neuron", 0, SMALL)
    assert_close(found.g, net.backward(trace, rest)[1], 1e-6)
    assert np.abs(found.g - plain.g).max() > 1e-3
    unit = rest / np.linalg.norm(rest, axis=1, keepdims=True)
    g_unit = net.backward(trace, unit)[1]
    assert_close(found.G, g_unit.T @ g_unit / 30, 1e-6)
    assert found.eta == plain.eta


# --- The search ----------------------------------------------------------------------------------


class LastOf(np.random.Generator):
    """A generator whose choice is always the last, and which keeps the probabilities."""

    def choice(self, a, p):
        self.p = p
        return a - 1


def ends(monkeypatch, search, stats, kind, rng=0):
    """Run a search; also its last positions, and the step sizes and acceptances of every step."""
    seen = []

    def step(evaluate, state, size, temperature, xi, log_u):
        following, acceptance = released_step(evaluate, state, size, temperature, xi, log_u)
        seen.append((following, np.array(size), acceptance))
        return following, acceptance

    monkeypatch.setattr(released, "released_step", step)
    found = getattr(search, kind)(stats, rng=rng)
    states, sizes, acceptances = zip(*seen, strict=True)
    return found, states[-1].position, np.array(sizes), np.array(acceptances)


@pytest.mark.parametrize("temperature", [1.0, 0.3])
@pytest.mark.parametrize("kind", ["neurons", "layer"])
def test_a_softmax_draws_the_proposal_and_weighs_the_scores(monkeypatch, kind, temperature):
    """G is damped by 0.1 of its mean diagonal meanwhile."""
    stats, rng = place("layer" if kind == "layer" else "neuron"), LastOf(np.random.PCG64(0))
    search = ReleasedSearch(6, 4, 3, temperature=temperature)
    found, position, _, _ = ends(monkeypatch, search, stats, kind, rng)
    k = 2 if kind == "layer" else 1
    G = stats.G + 0.1 * np.trace(stats.G) / len(stats.G) * np.eye(len(stats.G))
    scores = []
    for s in position:
        weights, coefficients = s[: 3 * k].reshape(3, k), s[3 * k :].reshape(3, k)
        a_p = stats.activation(stats.inputs @ weights, coefficients)
        scores.append(delta_eta_bound(a_p, stats.g_r, G))
    share = np.exp(np.array(scores) / (temperature * stats.eta))
    share /= share.sum()
    assert_close(rng.p, share, 1e-9)
    assert kind == "layer" or (found.operation.coefficients == coefficients).all()
    assert_close(found.operation.weights, weights)
    assert found.score == pytest.approx(share @ scores, rel=1e-9)


def test_each_chain_has_a_step_size_of_its_own(monkeypatch):  # section 7
    search = ReleasedSearch(8, 6, 4, step_size=0.3)
    _, _, sizes, acceptances = ends(monkeypatch, search, place(), "neurons")
    burst_sizes = sizes[::4, :, 0]
    assert (burst_sizes[0] == 0.3).all() and (sizes.reshape(6, 4, 8) == burst_sizes[:, None]).all()
    rate = acceptances.reshape(6, 4, 8).mean(axis=1)
    factor = np.where(rate > 0.9, 1.3, np.where(rate < 0.3, 1 / 1.3, 1.0))
    assert_close(burst_sizes[1:], burst_sizes[:-1] * factor[:-1])
    assert len(np.unique(burst_sizes[-1])) > 1


@pytest.mark.parametrize("activation", [Rational(), Tanh()], ids=repr)
@pytest.mark.parametrize("k", [1, 2])
def test_neurons_are_reported_with_the_undamped_g(activation, k):
    stats = place(activation=activation)
    change = SMALL.neurons(stats, k, rng=0)
    weights, coefficients = change.operation.weights, change.operation.coefficients
    assert weights.shape == (3, k) and coefficients.shape == (activation.num_coefficients, k)
    a_p = activation(stats.inputs @ weights, coefficients)
    found = change.measured(stats)
    assert found.exact == pytest.approx(delta_eta(stats.a_c, a_p, stats.g, stats.G), rel=1e-12)
    assert found.bound == pytest.approx(delta_eta_bound(a_p, stats.g_r, stats.G), rel=1e-12)
    assert 0 < found.score != found.exact


def test_singular_values_of_a_layer_are_clipped_at_a_thousandth_of_their_mean(monkeypatch):
    stats = place("layer", 1)
    coefficients = np.random.default_rng(0).standard_normal((3, 3))
    U, _, Vt = np.linalg.svd(np.random.default_rng(1).standard_normal((3, 3)))
    W_q = np.vstack([U * [5.0, 0.9999, 1e-9] @ Vt, [[0.1, 0.2, 0.3]]])
    monkeypatch.setattr(ReleasedSearch, "sample", lambda *_: (W_q, coefficients, 0.7))
    found = SMALL.layer(stats, rng=0)
    weights = found.operation.weights
    assert_close(np.linalg.svd(weights[:-1], compute_uv=False), [5.0, 0.9999, 2e-3], 1e-7)
    assert_close(weights, W_q, 1e-3)
    assert_close(weights[-1], W_q[-1], 0)
    assert found.score == 0.7


def test_the_prior_is_on_the_weights_themselves():
    inputs = np.hstack([3 + np.arange(6.0).reshape(3, 2), np.ones((3, 1))])
    raw = RawInputs(inputs)
    assert_close(raw.x, inputs)
    assert_close(raw.to_weights, np.eye(3))
    objective = NeuronObjective(place(), 2, RawInputs)
    theta = np.arange(12.0)
    assert_close(objective.decode(theta)[0], theta[:6].reshape(3, 2))


def test_equal_seeds_find_equal_proposals():
    for kind in ("neurons", "layer"):
        stats = place("layer" if kind == "layer" else "neuron")
        one, same, other = (getattr(SMALL, kind)(stats, rng=seed) for seed in (1, 1, 2))
        assert (
            one.operation.weights.tobytes()
            == same.operation.weights.tobytes()
            != other.operation.weights.tobytes()
        )
        assert one.score == same.score


def test_a_training_grows_with_it():
    rng = np.random.default_rng(0)
    X = rng.standard_normal((40, 1))
    settings = changed(
        Settings.by_thresholds(),
        epochs=8,
        cooldown=2,
        proposer=SMALL,
        alpha=0.001,
        tau=0.05,
        layer_cost=1.0,
    )
    net, history = SENN(SquaredError(), settings).fit(
        MLP.random((1, 1, 1), rng=0), X, np.sin(3 * X)
    )
    assert history.additions
    assert net.num_parameters > 7
    assert settings.as_dict()["proposer"]["class"] == "ReleasedSearch"


EVERY = [
    (search, field.name)
    for search in (SMALL, ReleasedSubsetSearch(6, 4, 3), ReleasedAscent(2, 3, 4))
    for field in fields(search)
]
every = pytest.mark.parametrize(
    "search, name", EVERY, ids=[f"{type(search).__name__}-{name}" for search, name in EVERY]
)


@every
def test_every_setting_of_a_search_has_a_say_in_what_it_finds(search, name):
    other = replace(search, **{name: 2 * getattr(search, name)})
    found, another = (s.neurons(place(), 1, rng=0) for s in (search, other))
    assert (found.score, *found.operation.weights.flat) != (
        another.score,
        *another.operation.weights.flat,
    )


@every
def test_bad_settings_are_refused_in_words_that_help(search, name):
    with pytest.raises(ValueError, match=f"{name} is 0, expected"):
        replace(search, **{name: 0})


def test_the_ascent_climbs_and_takes_the_best_end_of_all_rounds():
    stats, still = place(), ReleasedAscent(rounds=2, chains=3, steps=1, step_size=1e-12)
    objective = NeuronObjective(released.damped(stats), 1, RawInputs)
    starts = np.random.default_rng(4).standard_normal((6, objective.dim))
    best = objective.evaluate(starts)[0].max()
    assert still.neurons(stats, rng=4).score == pytest.approx(best, rel=1e-9)
    assert replace(still, steps=50, step_size=0.1).neurons(stats, rng=4).score > 1.1 * best


def test_a_state_of_the_released_kernel_holds_minus_its_energy():  # (E17)
    s = np.array([[1.0, 2.0]])
    state = released_state(quadratic, s)
    assert isinstance(state, State)
    assert_close(state.log_density, [np.sin(1) + 2 * np.sin(2) - 5])
    assert_close(state.gradient, [[np.cos(1) / 2, np.cos(2)]])


def ascended(stats, search, rng, count):
    """The best end of each round by the book: a step along the unit gradient, shorter each time."""
    objective = NeuronObjective(released.damped(stats), count, RawInputs)
    best = []
    for _ in range(search.rounds):
        theta = rng.standard_normal((search.chains, objective.dim))
        for i in range(search.steps):
            _, gradient = objective.evaluate(theta)
            length = search.step_size * (search.steps - i) / search.steps
            theta = theta + length * gradient / np.linalg.norm(gradient, axis=1, keepdims=True)
        scores, _ = objective.evaluate(theta)
        best.append((scores.max(), theta[scores.argmax()]))
    return objective, best


@pytest.mark.parametrize("k", [1, 2])
def test_the_steps_of_the_ascent_shrink_and_the_best_of_all_rounds_counts(k):
    """Over seeds the best end lies in the first round, between and in the last."""
    search, found_in = ReleasedAscent(rounds=3, chains=3, steps=7, step_size=0.3), set()
    for seed in range(12):
        stats = place(seed=seed)
        objective, best = ascended(stats, search, np.random.default_rng(seed), k)
        chosen = max(range(3), key=lambda i: best[i][0])
        found_in.add(chosen)
        found = search.neurons(stats, k, rng=seed)
        score, theta = best[chosen]
        assert found.score == pytest.approx(score, rel=1e-9)
        weights, coefficients = objective.decode(theta)
        assert_close(found.operation.weights, weights, 1e-7)
        assert_close(found.operation.coefficients, coefficients, 1e-7)
    assert found_in == {0, 1, 2}


def test_the_ascent_stays_where_there_is_no_gradient():
    stats = replace(place(), g_r=np.zeros((30, 2)))
    search = ReleasedAscent(rounds=1, chains=2, steps=3)
    found = search.neurons(stats, 1, rng=5)
    start = np.random.default_rng(5).standard_normal((2, 6))[0]
    assert_close(found.operation.weights[:, 0], start[:3])
    assert found.score == 0


@pytest.mark.parametrize("kind, where", [("neuron", 0), ("layer", 0), ("layer", 1)])
def test_the_residual_of_the_third_experiment_is_that_of_the_receiving_layer(kind, where):
    rng = np.random.default_rng(3)
    net, X = MLP.random(SIZES, rng=rng), rng.standard_normal((30, 2))
    t = rng.standard_normal((30, 2))
    found = places.at(net, X, t, kind, where, ReleasedSubsetSearch())
    n = natural_gradient(net, X, t, SquaredError(), damping=Damping(0.1)).direction
    trace = net.forward(X)
    change, g_y = net.jacobian(trace) @ n, net(X) - t
    rest = g_y - change * ((change * g_y).sum() / (change**2).sum())
    receiver = where + 1 if kind == "neuron" else where
    assert_close(found.g, net.backward(trace, rest)[receiver], 1e-6)
    assert_close(found.g_r, residual_gradient(found.a_c, found.g))
    assert_close(found.a_c, trace.inputs[receiver][:, :-1])


def test_where_the_step_changes_nothing_all_of_the_gradient_is_left():
    net, X = MLP.random(SIZES, rng=0), np.random.default_rng(0).standard_normal((12, 2))
    found = places.at(net, X, net(X), "neuron", 0, ReleasedSubsetSearch())
    assert_close(found.g, np.zeros((12, 2)), 1e-12, scale=1.0)
    assert np.isfinite(found.G).all()


def test_scores_of_the_subsets_are_in_units_of_the_loss_not_of_eta(monkeypatch):
    stats, rng = place(), LastOf(np.random.PCG64(0))
    assert abs(stats.eta - 1) > 0.1
    search = ReleasedSubsetSearch(6, 4, 3, temperature=0.3)
    found, position, _, _ = ends(monkeypatch, search, stats, "neurons", rng)
    scores = NeuronObjective(released.damped(stats), 1, RawInputs).evaluate(position)[0]
    share = np.exp(scores / 0.3) / np.exp(scores / 0.3).sum()
    assert_close(rng.p, share, 1e-9)
    assert found.score == pytest.approx(share @ scores, rel=1e-9)


def test_another_released_search_gives_a_sample():
    with pytest.raises(NotImplementedError):
        released.Released().neurons(place(), 1, rng=0)
    (layer,) = SMALL.changes(place("layer", 1), np.random.default_rng(0))
    (neuron,) = SMALL.changes(place(), np.random.default_rng(0))
    assert (layer.kind, layer.units, neuron.kind, neuron.units) == ("layer", 3, "neuron", 1)
