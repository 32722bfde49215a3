"""A search returns what it says it found, finds it again, and finds enough."""

from dataclasses import dataclass, replace

import numpy as np
import places
import pytest
from compare import assert_close
from strategies import ACTIVATIONS

from sennpy import (
    MalaSearch,
    ProfileSearch,
    RandomSearch,
    deepen,
    delta_eta,
    delta_eta_bound,
    inserted_layer_delta_eta,
)
from sennpy.growth import chains, objectives
from sennpy.growth import compiled as compiled_objectives
from sennpy.growth.named import PROPOSERS, proposer_named
from sennpy.growth.objectives import LayerObjective, NeuronObjective, ProfiledNeuronObjective
from sennpy.growth.search import Search, best_draws
from sennpy.kernels import enabled, twins
from sennpy.nn.mlp import MLP

SMALL = (RandomSearch(30), MalaSearch(6, 8, 5), ProfileSearch(20, 2, 30))
SIZES = (2, 3, 1, 2)
every_search = pytest.mark.parametrize("search", SMALL, ids=lambda s: type(s).__name__)
every_activation = pytest.mark.parametrize("activation", ACTIVATIONS, ids=repr)


def numbers(change):
    """What a change consists of: its own score, and the arrays of its operation."""
    return [
        change.score,
        *(value for value in vars(change.operation).values() if value is not None),
    ]


def assert_same(one, other):
    """Two changes, number by number."""
    for a, b in zip(numbers(one), numbers(other), strict=True):
        assert np.asarray(a).tobytes() == np.asarray(b).tobytes()


def bound(place, change):
    """Delta eta' of a change, by the paper's yardstick."""
    return change.measured(place).bound


# --- Neurons -------------------------------------------------------------------------------------


@every_search
@every_activation
@pytest.mark.parametrize("place, k", [(0, 1), (0, 2), (0, 3), (1, 1), (1, 2)])
def test_scores_of_neurons_are_those_of_the_weights_returned(search, activation, place, k):
    stats = places.statistics("neuron", place, SIZES, activation, seed=2)  # (E8), Theorem 3.2
    change = search.neurons(stats, k, rng=0)
    weights, coefficients = change.operation.weights, change.operation.coefficients
    assert weights.shape == (SIZES[place] + 1, k)
    assert coefficients.shape == (activation.num_coefficients, k)
    a_p = activation(stats.inputs @ weights, coefficients)
    found = change.measured(stats)
    assert found.exact == pytest.approx(delta_eta(stats.a_c, a_p, stats.g, stats.G), rel=1e-12)
    assert found.bound == pytest.approx(delta_eta_bound(a_p, stats.g_r, stats.G), rel=1e-12)
    assert 0 < found.bound <= found.exact * (1 + 1e-12)
    if not isinstance(search, ProfileSearch):
        assert change.score == pytest.approx(found.bound, rel=1e-9)
    elif k == 1:  # A_p + ridge for A_p
        A_p = (a_p**2).mean()
        assert change.score == pytest.approx(found.bound * A_p / (A_p + search.ridge), rel=1e-9)
    assert (change.kind, change.units, change.operation.layer) == ("neuron", k, place)


@pytest.mark.parametrize(
    "activation, k, cases",
    [(ACTIVATIONS[0], 1, 40), (ACTIVATIONS[0], 2, 15), (ACTIVATIONS[0], 3, 5),
     (ACTIVATIONS[1], 1, 40), (ACTIVATIONS[2], 1, 40)],
)  # fmt: skip
def test_profile_finds_at_least_what_random_draws_find(activation, k, cases):  # (E12)
    """With equally many candidates, in many small cases."""
    for seed in range(cases):
        sizes = (1 + seed % 3, 2, 1 + seed % 2)
        stats = places.statistics("neuron", 0, sizes, activation, seed=seed)
        profile = ProfileSearch(40, 2, 15, ridge=0).neurons(stats, k, rng=seed)
        random = RandomSearch(40).neurons(stats, k, rng=seed)
        assert bound(stats, profile) >= bound(stats, random) * (1 - 1e-9)


@every_activation
def test_the_best_random_draw_is_the_highest_of_all(activation):
    stats = places.statistics("neuron", 0, SIZES, activation)
    found = RandomSearch(30).neurons(stats, 2, rng=3)
    objective = NeuronObjective(stats, 2)
    draws = objective.draw(30, np.random.default_rng(3))
    bounds = [
        delta_eta_bound(activation(stats.inputs @ w, q), stats.g_r, stats.G)
        for w, q in map(objective.decode, draws)
    ]
    assert bound(stats, found) == pytest.approx(max(bounds), rel=1e-12)


def test_mala_improves_on_its_starts():  # (E11)
    stats = places.statistics("neuron", 0, SIZES)
    objective = NeuronObjective(stats)
    starts = best_draws(objective, np.random.default_rng(0), 12, 6)
    found = SMALL[1].neurons(stats, rng=0)
    assert bound(stats, found) > 1.05 * objective.evaluate(starts)[0].max()


def test_refining_climbs_to_a_maximum_or_to_the_edge_of_its_reach():  # (E12)
    inside = 0
    for seed in range(8):
        stats = places.statistics("neuron", 0, (2, 3, 2), seed=seed)
        objective = ProfiledNeuronObjective(stats)
        starts = best_draws(objective, np.random.default_rng(seed), 40, 1)
        search = ProfileSearch(40, 1, 300, reach=4.0, tolerance=1e-12)
        _, (theta,) = search.trails(objective, stats, np.random.default_rng(seed))
        (score,), (gradient,) = objective.evaluate(theta[None])
        assert score > 1.05 * objective.evaluate(starts)[0][0]
        assert (np.abs(theta) <= 4).all()
        if (np.abs(theta) < 4).all():
            inside += 1
            assert np.abs(gradient).max() < 1e-4 * score
    assert 3 <= inside < 8


def test_refining_loses_no_start_that_lies_beyond_its_reach():
    for seed in range(8):
        stats = places.statistics("neuron", 0, SIZES, seed=seed)
        objective = ProfiledNeuronObjective(stats)
        starts = best_draws(objective, np.random.default_rng(seed), 40, 1)
        found = ProfileSearch(40, 1, 3, reach=0.1, ridge=0).neurons(stats, rng=seed)
        assert bound(stats, found) >= objective.evaluate(starts)[0][0] * (1 - 1e-9)


def test_a_ridge_keeps_activations_from_cancelling():
    """Without it the best of some places has weights near 0, and coefficients that cancel."""
    small, large = [], []
    for seed in range(12):
        stats = places.statistics("neuron", 0, (1, 2, 1), seed=seed)
        for ridge, sizes in ((0, small), (1e-3, large)):
            found = ProfileSearch(100, 3, ridge=ridge).neurons(stats, rng=seed)
            a_p = stats.activation(
                stats.inputs @ found.operation.weights, found.operation.coefficients
            )
            sizes.append(np.sqrt((a_p**2).mean()))
    assert min(small) < 1e-4 and min(large) > 1e-2


def test_each_further_neuron_is_searched_given_those_before_it():
    """Two neurons are one, and then one in the network that receives the first."""
    stats, search = places.statistics("neuron", 0, SIZES), SMALL[2]
    rng = np.random.default_rng(0)
    first = search.neurons(stats, 1, rng)
    a_p = stats.activation(stats.inputs @ first.operation.weights, first.operation.coefficients)
    second = search.neurons(stats.receiving(a_p), 1, rng)
    both = search.neurons(stats, 2, 0)
    one, two, three = (change.operation for change in (first, second, both))
    assert_close(three.weights, np.hstack([one.weights, two.weights]))
    assert_close(three.coefficients, np.hstack([one.coefficients, two.coefficients]))
    gains = first.measured(stats).exact + second.measured(stats.receiving(a_p)).exact
    assert both.measured(stats).exact == pytest.approx(gains, rel=1e-10)
    assert both.score == first.score + second.score


# --- Layers --------------------------------------------------------------------------------------


@every_search
@pytest.mark.parametrize("place", range(len(SIZES) - 1))
def test_scores_of_layers_are_those_of_the_weights_returned(search, place):  # (E16)
    net = MLP.random(SIZES, rng=1)
    stats = places.statistics("layer", place, SIZES, seed=1)
    change = search.layer(stats, rng=0)
    weights, n = change.operation.weights, SIZES[place]
    assert weights.shape == (n + 1, n)
    found = change.measured(stats)
    recomputed = inserted_layer_delta_eta(stats.a_c, weights, stats.W, stats.g, stats.G)
    close = 1e-9 if enabled() else 3e-9  # the twins came 1.4e-9 apart once
    assert found.exact == pytest.approx(recomputed, rel=close)
    assert found.score == pytest.approx(found.exact, rel=close)
    assert 0 < found.bound <= found.exact * (1 + 1e-12)
    assert (change.kind, change.units, change.operation.position) == ("layer", n, place)
    assert deepen(net, place, weights).sizes == (*SIZES[: place + 1], *SIZES[place:])


@every_search
def test_layers_found_are_well_conditioned(search):
    for seed in range(8):
        stats = places.statistics("layer", 1, SIZES, seed=seed)
        assert np.linalg.cond(search.layer(stats, rng=seed).operation.weights[:-1]) < 30


@pytest.mark.parametrize("search", [RandomSearch(1), MalaSearch(1, 1, 1), ProfileSearch(1, 1, 3)])
def test_one_draw_is_enough_for_a_layer(search):
    stats = places.statistics("layer", 1, SIZES)
    for seed in range(20):
        assert search.layer(stats, rng=seed).score > 0


# --- The target of the chains --------------------------------------------------------------------


def capture(monkeypatch, search, stats, kind="neurons"):
    """Run a MalaSearch on the twins; return its log-density and, a step, (size, state, info)."""
    seen, steps = {}, []
    true_start, true_step = chains.initial_state, objectives.step

    def initial_state(evaluate, start):
        seen["evaluate"], seen["start"] = evaluate, start
        return true_start(evaluate, start)

    def step(evaluate, state, size, xi, log_u):
        following, info = true_step(evaluate, state, size, xi, log_u)
        steps.append((size, following, info))
        return following, info

    monkeypatch.setattr(chains, "initial_state", initial_state)
    monkeypatch.setattr(objectives, "step", step)
    with twins():
        found = getattr(search, kind)(stats, rng=0)
    return seen, steps, found


@pytest.mark.parametrize(
    "kind, objective", [("neurons", NeuronObjective), ("layer", LayerObjective)]
)
@pytest.mark.parametrize("temperature", [1.0, 0.25])
def test_the_chains_target_score_over_temperature_and_eta_with_a_normal_prior(
    monkeypatch, kind, objective, temperature
):  # (E11)
    stats = places.statistics("neuron" if kind == "neurons" else "layer", 0, SIZES)
    search = MalaSearch(4, 2, 2, temperature=temperature)
    seen, _, _ = capture(monkeypatch, search, stats, kind)
    theta = seen["start"]
    scores, gradients = objective(stats).evaluate(theta)
    values, slopes = seen["evaluate"](theta)
    assert_close(values, scores / (temperature * stats.eta) - (theta**2).sum(axis=1) / 2)
    assert_close(slopes, gradients / (temperature * stats.eta) - theta)


def test_chains_start_from_the_better_half_of_the_draws(monkeypatch):  # section 7
    stats = places.statistics("neuron", 0, SIZES)
    seen, _, _ = capture(monkeypatch, MalaSearch(7, 1, 1), stats)
    objective = NeuronObjective(stats)
    draws = objective.draw(14, np.random.default_rng(0))
    order = np.argsort(-objective.evaluate(draws)[0])
    assert_close(seen["start"], draws[order[:7]])


def test_the_best_state_visited_is_what_is_returned(monkeypatch):
    stats = places.statistics("neuron", 0, SIZES)
    seen, steps, found = capture(monkeypatch, SMALL[1], stats)
    visited = np.concatenate([seen["start"], *(state.position for _, state, _ in steps)])
    assert len(steps) == 8 * 5
    best = NeuronObjective(stats).evaluate(visited)[0].max()
    assert bound(stats, found) == pytest.approx(best, rel=1e-10)


def test_the_step_size_changes_after_a_burst_far_from_six_tenths(monkeypatch):  # section 7
    """Given acceptances of 7 (stays), 8 (grows), 2, 2 (shrinks twice) and 4 in 8."""
    accepted, sizes = iter([7, 8, 2, 2, 4]), []

    def burst(self, chains, unit, step_size, xi, log_u):
        assert xi.shape == (2, self.dim, 4) and log_u.shape == (2, 4)
        sizes.append(step_size)
        return chains, next(accepted)

    monkeypatch.setattr(compiled_objectives.CompiledNeuronObjective, "burst", burst)
    monkeypatch.setattr(NeuronObjective, "burst", burst)
    MalaSearch(4, 5, 2, step_size=0.3).neurons(places.statistics("neuron", 0, SIZES), rng=0)
    assert_close(sizes, [0.3, 0.3, 0.39, 0.3, 0.3 / 1.3])


# --- Every search --------------------------------------------------------------------------------


@every_search
@pytest.mark.parametrize("kind", ["neurons", "layer"])
def test_equal_seeds_find_equal_proposals_and_other_seeds_do_not(search, kind):
    stats = places.statistics("layer" if kind == "layer" else "neuron", 1, SIZES)
    find = getattr(search, kind)
    assert_same(find(stats, rng=4), find(stats, rng=np.random.default_rng(4)))
    assert find(stats, rng=4).score != find(stats, rng=5).score


@every_search
def test_nothing_that_a_search_is_given_changes(search):
    stats = places.statistics("neuron", 0, SIZES)
    fields = ("inputs", "a_c", "g", "g_r", "G", "W")
    before = {name: getattr(stats, name).copy() for name in fields}
    search.neurons(stats, 2, rng=0)
    search.layer(places.statistics("layer", 0, SIZES), rng=0)
    assert all((getattr(stats, name) == before[name]).all() for name in fields)


@every_search
@pytest.mark.parametrize("scale", [2.0**-30, 2.0**20])
def test_the_units_of_the_gradients_change_no_proposal(search, scale):
    """g, G and hence every score scaled: the same weights, to the bit for powers of two."""
    for kind in ("neurons", "layer"):
        stats = places.statistics("layer" if kind == "layer" else "neuron", 1, SIZES)
        scaled = replace(stats, g=scale * stats.g, g_r=scale * stats.g_r, eta=scale**2 * stats.eta)
        one, other = getattr(search, kind)(stats, rng=0), getattr(search, kind)(scaled, rng=0)
        assert_close(other.operation.weights, one.operation.weights, 1e-6)
        assert other.score == pytest.approx(scale**2 * one.score, rel=1e-6)


def test_a_proposer_is_known_by_its_name_or_is_itself():
    assert {name: type(proposer_named(name)) for name in PROPOSERS} == {
        "random": RandomSearch, "mala": MalaSearch, "profile": ProfileSearch,
    }  # fmt: skip
    assert proposer_named(SMALL[1]) is SMALL[1]
    with pytest.raises(ValueError, match=r"proposer is 'gradmax', expected one of 'random', 'mala"):
        proposer_named("gradmax")


@every_search
@pytest.mark.parametrize("kind", ["neuron", "layer"])
def test_a_search_proposes_one_change_of_the_kind_of_the_place(search, kind):
    place = places.statistics(kind, 1, SIZES)
    (change,) = search.changes(place, np.random.default_rng(4))
    assert_same(change, (search.neurons if kind == "neuron" else search.layer)(place, rng=4))
    assert change.kind == kind


@every_search
def test_the_trail_tells_where_a_search_started_and_ended(search):
    place = places.statistics("neuron", 0, SIZES)
    change = search.neurons(place, rng=0)
    starts, ends = (change.trail.weights(part) for part in change.trail[1:])
    assert starts.shape == ends.shape and starts.shape[1] == 3
    distance = np.abs(np.vstack([starts, ends]) - change.operation.weights[:, 0]).sum(axis=1)
    assert distance.min() < 1e-12


@pytest.mark.parametrize("search", [MalaSearch(5, 4, 4), ProfileSearch(9, 3, 40)])
def test_what_a_search_ends_at_is_no_worse_than_what_it_started_from(search):
    place = places.statistics("neuron", 0, SIZES)
    trail = search.neurons(place, rng=0).trail
    profile = isinstance(search, ProfileSearch)
    objective = ProfiledNeuronObjective(place, search.ridge) if profile else NeuronObjective(place)
    starts, ends = (objective.evaluate(theta)[0] for theta in trail[1:])
    assert (ends >= starts).all() and ends.max() > 1.01 * starts.max()


def test_another_search_is_one_method():
    """The first draw, whatever its score."""

    @dataclass(frozen=True)
    class First(Search):
        def trails(self, objective, place, rng):
            first = objective.draw(1, rng)
            return first, first

    place = places.statistics("neuron", 0, SIZES)
    assert First().neurons(place, rng=0).score > 0
    assert First().layer(places.statistics("layer", 0, SIZES), rng=0).score > 0
    with pytest.raises(NotImplementedError):
        Search().neurons(place, rng=0)


def test_draws_without_a_score_come_last():
    class Half:
        dim = 1

        def draw(self, count, rng):
            return np.arange(float(count))[:, None]

        def evaluate(self, theta):
            scores = np.array([np.nan, 1.0, np.inf, 3.0, np.nan, 2.0])
            return scores[theta[:, 0].astype(int)], theta

    assert best_draws(Half(), None, 6, 5)[:, 0].tolist() == [3, 5, 1, 0, 2]


@pytest.mark.parametrize(
    "make, message",
    [
        (lambda: RandomSearch(0), "proposals is 0"),
        (lambda: MalaSearch(chains=0), "chains is 0"),
        (lambda: MalaSearch(bursts=0), "bursts is 0"),
        (lambda: MalaSearch(burst_length=0), "burst_length is 0"),
        (lambda: MalaSearch(temperature=0.0), "temperature is 0.0"),
        (lambda: MalaSearch(step_size=-1), "step_size is -1"),
        (lambda: ProfileSearch(candidates=0), "candidates is 0"),
        (lambda: ProfileSearch(refined=0), "refined is 0"),
        (lambda: ProfileSearch(reach=0), "reach is 0"),
        (lambda: ProfileSearch(tolerance=0), "tolerance is 0"),
        (lambda: ProfileSearch(ridge=-1), "ridge is -1"),
        (lambda: RandomSearch().neurons(places.statistics("neuron", 0, SIZES), 0), "k is 0"),
    ],
)
def test_bad_input_is_refused_in_words_that_help(make, message):
    with pytest.raises(ValueError, match=message):
        make()
