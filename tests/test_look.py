"""A look: every place is considered with its own statistics, and the record adds up."""

import json
from dataclasses import replace

import numpy as np
import pytest
from compare import assert_close
from hypothesis import given
from hypothesis import strategies as st
from runs import changed
from strategies import random_targets, seeds

from sennpy import (
    MLP,
    Change,
    Deepen,
    History,
    ProfileSearch,
    Proposer,
    RandomSearch,
    Rational,
    ReLU,
    Schedule,
    Settings,
    SoftmaxCrossEntropy,
    SquaredError,
    Tanh,
    Thresholds,
    Widen,
    deepen,
    fisher,
    inserted_layer_delta_eta,
    kronecker_factors,
    natural_expansion_score,
    widen,
)
from sennpy.growth import look as look_module
from sennpy.growth.look import Limits, look
from sennpy.growth.named import proposer_named
from sennpy.growth.place import View
from sennpy.growth.record import Candidate, LookRecord
from sennpy.training.history import AdditionRecord, EpochRecord

SEARCH = RandomSearch(20)
LOOSE = changed(Settings.by_thresholds(), tau=0.0, alpha=0.0, proposer=SEARCH)
kinds_of_metric = pytest.mark.parametrize("metric", ["euclidean", "true", "empirical"])
every_loss = pytest.mark.parametrize("loss", [SquaredError(), SoftmaxCrossEntropy()], ids=repr)


def problem(seed=0, sizes=(2, 3, 2, 2), loss=SquaredError(), activation=Rational(), N=25):
    rng = np.random.default_rng(seed)
    net, X = MLP.random(sizes, activation, rng), rng.standard_normal((N, sizes[0]))
    return net, X, random_targets(loss, N, sizes[-1], rng)


def look_at(net, X, t, loss=SquaredError(), settings=LOOSE, layers=True, made=()):
    """The record of a look, and the network with what it chose, or None."""
    metric, rng = settings.optimiser.metric, np.random.default_rng(1)
    view = View.of(net, X, t, loss, metric, rng, 7, made)
    proposer = proposer_named(settings.proposer)
    record, change = look(view, proposer, settings.acceptance, settings.limits, rng, layers)
    return record, None if change is None else change(net)


def gradient(net, X, t, loss):
    trace = net.forward(X)
    return net.vjp(trace, loss.gradient(trace.outputs, t)) / len(X)


def layer_eta(net, l, X, t, loss, metric):
    """eta_l from the network's public K-FAC factors and gradient (E6)."""
    A, G, _ = kronecker_factors(net, X, metric, loss, t)[l]
    C = net.split(gradient(net, X, t, loss))[0][l]
    return np.trace(np.linalg.pinv(A) @ C @ np.linalg.pinv(G) @ C.T)


def dense_eta(net, X, t, loss, metric):
    F = fisher(net, X, metric, loss, t)
    return natural_expansion_score(F, gradient(net, X, t, loss))


# --- What a look measures ------------------------------------------------------------------------


@kinds_of_metric
@every_loss
def test_scores_of_neurons_are_differences_between_networks(metric, loss):  # (E8), eq. (3)
    """The receiving layer's eta, and the dense one, with and without the neuron."""
    net, X, t = problem(loss=loss)
    record, _ = look_at(net, X, t, loss, changed(LOOSE, metric=metric))
    assert [(c.kind, c.place) for c in record.candidates[:2]] == [("neuron", 0), ("neuron", 1)]
    for c in record.candidates[:2]:
        wider = widen(net, c.place, c.change.operation.weights, c.change.operation.coefficients)
        here = layer_eta(net, c.place + 1, X, t, loss, metric)
        there = layer_eta(wider, c.place + 1, X, t, loss, metric)
        assert c.eta_layer == pytest.approx(here, rel=1e-8)
        assert c.exact == pytest.approx(there - here, rel=1e-7)
        gain = dense_eta(wider, X, t, loss, metric) - dense_eta(net, X, t, loss, metric)
        assert c.dense >= 0
        assert c.dense == pytest.approx(gain, abs=1e-5 * record.lam)
        assert c.score == c.exact


@kinds_of_metric
@every_loss
def test_scores_of_layers_are_those_at_the_layer_behind_them(metric, loss):  # (E16), eq. (3)
    net, X, t = problem(loss=loss)
    record, _ = look_at(net, X, t, loss, changed(LOOSE, metric=metric))
    trace = net.forward(X)
    g = net.backward(trace, loss.gradient(trace.outputs, t))
    factors = kronecker_factors(net, X, metric, loss, t)
    layers = record.candidates[2:]
    assert [(c.kind, c.place) for c in layers] == [("layer", 0), ("layer", 1), ("layer", 2)]
    for c in layers:
        l, W_q = c.place, c.change.operation.weights
        exact = inserted_layer_delta_eta(trace.inputs[l], W_q, net.weights[l], g[l], factors[l].G)
        assert c.exact == pytest.approx(exact, rel=1e-9)
        assert c.eta_layer == pytest.approx(layer_eta(net, l, X, t, loss, metric), rel=1e-8)
        deeper = deepen(net, l, W_q)
        gain = dense_eta(deeper, X, t, loss, metric) - dense_eta(net, X, t, loss, metric)
        assert c.dense == pytest.approx(gain, abs=1e-5 * record.lam)
        n, cost = net.sizes[l], LOOSE.acceptance.layer_cost
        assert c.score == pytest.approx(min(c.exact, c.dense) / n / cost, rel=1e-12)


@every_loss
def test_lambda_and_eta_in_the_record_are_those_of_the_network(loss):  # section 1, eq. (3)
    net, X, t = problem(loss=loss)
    record, _ = look_at(net, X, t, loss)
    assert record.lam == pytest.approx((loss.gradient(net(X), t) ** 2).sum() / len(X), rel=1e-12)
    assert record.eta == pytest.approx(dense_eta(net, X, t, loss, "euclidean"), rel=1e-9)
    assert 0 < record.eta <= record.lam * (1 + 1e-12)
    assert (record.epoch, record.tau, record.alpha) == (7, 0.0, 0.0)


@given(
    seeds, st.sampled_from([0.0, 0.1, 1.0]), st.sampled_from([0.0, 0.02]),
    st.sampled_from([SquaredError(), SoftmaxCrossEntropy()]), st.booleans(),
)  # fmt: skip
def test_every_record_adds_up(seed, tau, alpha, loss, layers):  # (E9), (E13), Theorem 3.2
    settings = changed(
        Settings.by_thresholds(), tau=tau, alpha=alpha, proposer=RandomSearch(5), layer_cost=2.0
    )
    net, X, t = problem(seed, (2, 2, 2), loss)
    record, network = look_at(net, X, t, loss, settings, layers)
    assert len(record.candidates) == (3 if layers else 1)
    scored = [c for c in record.candidates if c.score is not None]
    for c in record.candidates:
        most = c.supremum  # of a layer: no more than the dense score can gain, for each unit
        if c.kind == "layer":
            most = min(most, record.lam - record.eta) / 2 / settings.acceptance.layer_cost
        could_pass = most > tau * c.eta_layer and most > alpha * record.lam
        assert (c.score is not None) == could_pass  # nothing is searched where nothing could pass
        assert could_pass or c.reason.startswith("even the supremum is too low")
    for c in scored:
        assert 0 <= c.exact <= c.supremum * (1 + 1e-9)
        assert 0 <= c.bound <= c.exact * (1 + 1e-9)
        assert c.own == pytest.approx(c.bound if c.kind == "neuron" else c.exact, rel=1e-8)
        assert c.preserves == "exactly"
        assert c.ratio == pytest.approx(c.score / c.eta_layer, rel=1e-12)
        assert c.share == pytest.approx(c.score / record.lam, rel=1e-12)
        assert (c.reason == "") == c.chosen
        assert not c.chosen or (c.ratio > tau and c.share > alpha)
        assert 0 <= c.dense <= record.lam
        assert str(c)
    passing = [c for c in scored if c.ratio > tau and c.share > alpha]
    chosen = [c for c in record.candidates if c.chosen]
    assert chosen == ([max(passing, key=lambda c: c.score)] if passing else [])
    assert (network is None) == (not chosen)
    for c in passing:
        assert c.chosen or c.reason == "another passes with a higher score"


def test_the_chosen_proposal_is_the_one_that_is_made():
    for seed in range(6):
        net, X, t = problem(seed)
        record, grown = look_at(net, X, t)
        (chosen,) = (c for c in record.candidates if c.chosen)
        weights = chosen.change.operation.weights
        made = grown.weights[chosen.place]
        assert_close(made[:, -1:] if chosen.kind == "neuron" else made, weights, 0)
        assert_close(grown(X), net(X), 1e-11)


# --- What makes it pass --------------------------------------------------------------------------


@pytest.mark.parametrize("layers", [False, True])
def test_a_place_passes_exactly_when_it_is_above_both_thresholds(layers):  # (E13)
    net, X, t = problem(3)
    record, _ = look_at(net, X, t, layers=layers)
    best = next(c for c in record.candidates if c.chosen)
    for tau in (0.999, 1.001):
        for alpha in (0.999, 1.001):
            settings = changed(LOOSE, tau=tau * best.ratio, alpha=alpha * best.share)
            again, _ = look_at(net, X, t, settings=settings, layers=layers)
            same = next(c for c in again.candidates if (c.kind, c.place) == (best.kind, best.place))
            assert same.score == best.score
            assert same.chosen == (tau < 1 and alpha < 1)
            assert (f"tau = {settings.acceptance.tau:g}" in same.reason) == (tau > 1)
            assert (f"alpha = {settings.acceptance.alpha:g}" in same.reason) == (alpha > 1)


def test_layer_cost_divides_the_score_of_layers_alone():
    net, X, t = problem()
    dear, _ = look_at(net, X, t, settings=changed(LOOSE, layer_cost=20.0))
    cheap, _ = look_at(net, X, t, settings=changed(LOOSE, layer_cost=2.0))
    for c, d in zip(cheap.candidates, dear.candidates, strict=True):
        assert c.score == pytest.approx((10 if c.kind == "layer" else 1) * d.score, rel=1e-12)
        assert (c.exact, c.bound, c.dense) == (d.exact, d.bound, d.dense)


@pytest.mark.parametrize("scale", [2.0**-20, 3.0, 1e4])
def test_the_units_of_the_targets_change_no_decision(scale):  # (E13)
    """Targets and the last layer times c: g_y is c times, every score c^2 times, lambda too."""
    net, X, t = problem()
    scaled = MLP((*net.weights[:-1], scale * net.weights[-1]), net.coefficients)
    settings = changed(LOOSE, proposer=ProfileSearch(15, 2, 20))
    record, grown = look_at(net, X, t, settings=settings)
    other, grown_other = look_at(scaled, X, scale * t, settings=settings)
    assert other.lam == pytest.approx(scale**2 * record.lam, rel=1e-12)
    assert other.eta == pytest.approx(scale**2 * record.eta, rel=1e-6)
    for c, d in zip(record.candidates, other.candidates, strict=True):
        assert (c.kind, c.place, c.chosen) == (d.kind, d.place, d.chosen)
        assert (d.ratio, d.share) == pytest.approx((c.ratio, c.share), rel=1e-3)
        assert d.exact == pytest.approx(scale**2 * c.exact, rel=1e-3)
    assert grown_other.sizes == grown.sizes


def test_a_perfect_fit_has_nowhere_to_grow():
    net, X, _ = problem()
    record, network = look_at(net, X, net(X))
    assert network is None and record.lam == 0
    assert all(c.supremum == 0 and c.score is None and c.reason for c in record.candidates)


def test_where_eta_is_nothing_any_score_is_infinitely_many_times_it():
    """One neuron x, weight 0, target x^2 - its mean: the layer's own gradient is 0."""
    net = MLP(([[1.0], [0.0]], [[0.0], [0.0]]), ([[0.0], [0.0], [1.0]],))
    X = np.linspace(-1, 1, 21)[:, None]
    record, grown = look_at(net, X, X**2 - (X**2).mean(), layers=False)
    assert record.candidates[0].ratio > 1e6 and grown.sizes == (1, 2, 1)


# --- Where nothing can be added ------------------------------------------------------------------


def test_caps_are_respected_and_named():
    net, X, t = problem(sizes=(2, 3, 4, 2))
    record, _ = look_at(net, X, t, settings=changed(LOOSE, max_width=3, max_depth=2))
    reasons = {(c.kind, c.place): c.reason for c in record.candidates if c.score is None}
    assert reasons == {
        ("neuron", 0): "the layer is at max_width = 3",
        ("neuron", 1): "the layer is at max_width = 3",
        ("layer", 0): "the network is at max_depth = 2",
        ("layer", 1): "the network is at max_depth = 2",
        ("layer", 2): "the network is at max_depth = 2",
    }
    record, _ = look_at(net, X, t, settings=changed(LOOSE, max_width=3, max_depth=3))
    refused = [c for c in record.candidates if c.score is None]
    assert [(c.kind, c.place) for c in refused] == [("neuron", 0), ("neuron", 1), ("layer", 2)]
    assert refused[-1].reason == "a square layer would have 4 neurons (max_width = 3)"
    for c in refused:
        assert not c.chosen and c.exact is c.ratio is c.dense is c.eta_layer is None
        assert str(c).endswith(c.reason)


@pytest.mark.parametrize("activation", [Tanh(), ReLU()], ids=repr)
@pytest.mark.parametrize("search", [RandomSearch(5), ProfileSearch(5, 1, 5)])
def test_layers_are_refused_where_no_neuron_can_be_the_identity(activation, search):  # (E3)
    net, X, t = problem(2, activation=activation)
    record, grown = look_at(net, X, t, settings=changed(LOOSE, proposer=search))
    layers = [c for c in record.candidates if c.kind == "layer"]
    assert len(layers) == 3
    assert all("cannot be the identity" in c.reason and c.score is None for c in layers)
    assert grown.num_parameters > net.num_parameters and len(grown.weights) == 3


def test_a_layer_is_judged_by_the_same_rule_whatever_the_size(monkeypatch):
    """What goes on record for its own sake is left out of large networks; decisions stay."""
    net, X, t = problem()
    small, _ = look_at(net, X, t)
    monkeypatch.setattr(look_module, "SMALL", 0)
    large, _ = look_at(net, X, t)
    assert [(c.score, c.chosen, c.reason) for c in large.candidates] == [
        (c.score, c.chosen, c.reason) for c in small.candidates
    ]
    exact = changed(LOOSE, dense=False)
    blind, _ = look_at(net, X, t, settings=exact)
    assert blind.eta is None and all(c.dense is None for c in blind.candidates)
    assert blind.acceptance["dense"] is False
    for c in blind.candidates:
        n = net.sizes[c.place] if c.kind == "layer" else 1
        cost = LOOSE.acceptance.layer_cost if c.kind == "layer" else 1
        assert c.score == pytest.approx(c.exact / n / cost, rel=1e-12)


def test_rounding_behind_a_unit_that_nothing_listens_to_is_no_direction():  # Lemma A.1
    """A neuron just added, and a layer behind it: columns of J that are rounding."""
    for seed in range(10):
        net, X, t = problem(seed, (2, 4, 2))
        rng = np.random.default_rng(seed)
        net = widen(net, 0, rng.standard_normal((3, 1)), rng.standard_normal((3, 1)))
        view = View.of(net, X, t, SquaredError())
        change = Change(Deepen(1, rng.standard_normal((6, 5))), 0.0)
        assert view.increase(change) <= (view.lam - view.eta) * (1 + 1e-6)
        deeper = change(net)
        J = deeper.jacobian(deeper.forward(X)).reshape(X.size, -1)
        J = J[:, np.linalg.norm(J, axis=0) > 1e-10]
        U, s, _ = np.linalg.svd(J / np.linalg.norm(J, axis=0), full_matrices=False)
        eta = ((U[:, s > 1e-6 * s[0]].T @ view.g_y.ravel()) ** 2).sum() / len(X)
        assert view.increase(change) == pytest.approx(eta - view.eta, abs=0.01 * view.lam)


def test_where_no_dense_score_tells_layers_apart_they_come_one_by_one():
    net, X, t = problem()
    first, _ = look_at(net, X, t, settings=changed(LOOSE, dense=False))
    layer = next(c for c in first.candidates if c.kind == "layer").change
    second, _ = look_at(net, X, t, settings=changed(LOOSE, dense=False), made=(layer,))
    for c in second.candidates:
        assert (c.score is None) == (c.kind == "layer")
        assert c.kind == "neuron" or "one layer at a time" in c.reason
    again, _ = look_at(net, X, t, settings=LOOSE, made=(layer,))
    assert all(c.score is not None for c in again.candidates)


def test_without_layers_only_neurons_are_considered_and_a_linear_model_has_no_place():
    net, X, t = problem(sizes=(2, 2))
    assert [c.kind for c in look_at(net, X, t)[0].candidates] == ["layer"]
    record, network = look_at(net, X, t, layers=False)
    assert record.candidates == () and network is None
    assert str(record) == "epoch    7    no place to grow"


# --- The record ----------------------------------------------------------------------------------


def test_the_proposers_own_score_may_be_held_against_the_thresholds():
    class Shy(RandomSearch):
        """Says half of what it found; what is negative counts as nothing."""

        def changes(self, place, rng):
            (found,) = super().changes(place, rng)
            exact = found.measured(place).exact
            return [replace(found, score=exact / 2 if place.W.shape[1] > 2 else -1.0)]

    net, X, t = problem(sizes=(2, 3, 3, 1))
    settings = changed(LOOSE, proposer=Shy(20), by="own")
    record, _ = look_at(net, X, t, settings=settings, layers=False)
    first, second = record.candidates
    assert first.score == first.own == first.exact / 2 and first.chosen
    assert second.score == -1.0 and second.ratio == 0 and not second.chosen


def test_of_several_changes_at_a_place_the_one_that_is_worth_most_counts():
    class Two(RandomSearch):
        def changes(self, place, rng):
            return [*super().changes(place, rng), *super().changes(place, rng)]

    net, X, t = problem()
    record, _ = look_at(net, X, t, settings=changed(LOOSE, proposer=Two(3)), layers=False)
    place, rng = View.of(net, X, t, SquaredError()).place("neuron", 0), np.random.default_rng(1)
    both = [change.measured(place).exact for change in Two(3).changes(place, rng)]
    assert record.candidates[0].exact == pytest.approx(max(both), rel=1e-12)
    assert both[0] != both[1]


def test_records_read_as_lines_and_become_plain_values():
    candidate = Candidate(
        "neuron", 1, 0.01, 0.02, 0.01, None, 0.5, 0.0, 0.02, np.inf, 0.1, "exactly", chosen=True
    )
    rule = Thresholds(1.0, 0.02).as_dict()
    looked = LookRecord(90, None, 0.2, SEARCH.as_dict(), rule, (candidate,))
    assert (looked.tau, looked.alpha) == (1.0, 0.02)
    assert looked.proposer == {"class": "RandomSearch", "proposals": 20}
    low = replace(candidate, chosen=False, reason="0.5 eta (tau = 1)")
    added = AdditionRecord(90, candidate, (2, 3, 1), 3e-16, 1, np.inf)
    assert str(candidate) == (
        "neuron in layer 1: exact 0.02 (bound 0.01); score 0.02 = inf eta = 0.1 lambda"
    )
    assert str(looked) == f"epoch   90    best is a {candidate}"
    assert "nothing passes; best is a neuron in layer 1" in str(replace(looked, candidates=(low,)))
    assert "too low: 0.5 eta (tau = 1)" in str(replace(looked, candidates=(low,)))
    assert str(added).startswith("epoch   90  + neuron in layer 1")
    assert str(added).endswith("sizes now [2, 3, 1], outputs moved 3e-16")
    assert "before layer 2: exact" in str(replace(candidate, kind="layer", place=2))
    assert ", dense 0.3)" in str(replace(candidate, dense=0.3))
    epoch = EpochRecord(1, 0.5, 0.1, 0.2, (2, 1), 0.0, 0.01)
    history = History()
    for record in (epoch, looked, added):
        history = history.with_record(record)
    assert (history.epochs, history.looks, history.additions) == ((epoch,), (looked,), (added,))
    assert history.column("loss") == [0.5]
    plain = json.loads(json.dumps(history.as_dict(), allow_nan=False))
    assert "change" not in plain["looks"][0]["candidates"][0]
    assert plain["additions"][0]["limit"] is None
    assert plain["looks"][0]["candidates"][0]["ratio"] is None
    assert plain["epochs"][0]["sizes"] == [2, 1]


# --- What the thresholds go by -------------------------------------------------------------------


def test_by_its_own_score_a_layer_counts_at_its_cost_and_a_neuron_as_it_is():  # section 9
    net, X, t = problem()
    view, rule = View.of(net, X, t, SquaredError()), Thresholds(layer_cost=4.0, by="own")
    neuron, layer = view.place("neuron", 0), view.place("layer", 1)
    rng = np.random.default_rng(0)
    of_neuron, of_layer = SEARCH.neurons(neuron, 1, rng), SEARCH.layer(layer, rng)
    assert rule.worth(neuron, of_neuron) == of_neuron.score
    assert rule.worth(layer, of_layer) == of_layer.score / 4
    assert rule.most(neuron) == neuron.supremum
    assert rule.most(layer) == layer.supremum / 4
    verdict = rule.judge(layer, [replace(of_layer, score=s) for s in (0.1, 0.3, 0.2)])
    assert verdict.worth == 0.3 / 4 and verdict.change.score == 0.3


@pytest.mark.parametrize("dense", [False, True])
def test_by_the_exact_increase_a_layer_counts_for_each_of_its_units_at_its_cost(dense):
    net, X, t = problem()
    view, rule = View.of(net, X, t, SquaredError()), Thresholds(layer_cost=4.0, dense=dense)
    layer = view.place("layer", 1)  # in front of 3 inputs
    change = SEARCH.layer(layer, np.random.default_rng(0)).measured(layer)
    exact = min(change.exact, view.increase(change)) if dense else change.exact
    assert rule.worth(layer, change) == pytest.approx(exact / 3 / 4, rel=1e-12)
    most = min(layer.supremum, view.lam - view.eta) if dense else layer.supremum
    assert rule.most(layer) == pytest.approx(most / 3 / 4, rel=1e-12)


def test_a_second_layer_waits_where_layers_are_not_held_to_the_dense_score():
    net, X, t = problem()
    made = (Change(Deepen(0, np.eye(3, 2)), 1.0),)
    for dense, waits in ((False, True), (True, False)):
        rule = Thresholds(tau=0.0, alpha=0.0, dense=dense)
        for kind, index in (("layer", 1), ("neuron", 0)):
            place = View.of(net, X, t, SquaredError(), made=made).place(kind, index)
            assert bool(rule.one_by_one(place)) is (waits and kind == "layer")
            assert rule.could_pass(place) is not (waits and kind == "layer")
        alone = View.of(net, X, t, SquaredError()).place("layer", 1)
        assert rule.could_pass(alone)


def test_the_theorem_s_bound_is_that_of_the_euclidean_metric_alone():  # Theorem 3.1
    rule = Thresholds(tau=0.5, alpha=0.1)
    assert rule.limit(2.0, "euclidean") == pytest.approx(1 + np.log(10) / np.log(1.5), rel=1e-12)
    assert rule.limit(2.0, "true") == rule.limit(0.0, "euclidean") == float("inf")
    assert replace(rule, tau=0.0).limit(2.0, "euclidean") == float("inf")
    assert replace(rule, alpha=0.0).limit(2.0, "euclidean") == float("inf")


def test_a_schedule_takes_the_best_of_several_proposals():
    net, X, t = problem()
    place = View.of(net, X, t, SquaredError(), epoch=7).place("neuron", 0)
    change = SEARCH.neurons(place, 1, np.random.default_rng(0))
    proposed = [replace(change, score=s) for s in (0.1, 0.3, 0.2)]
    verdict = Schedule((7,)).judge(place, proposed)
    assert verdict.passes and verdict.change is proposed[1] and verdict.worth == 0.3
    assert not Schedule((8,)).judge(place, proposed).passes


class Ones(Proposer):
    """One neuron, two and three, the more the better."""

    def changes(self, place, rng):
        rows = place.inputs.shape[1]
        return [Change(Widen(place.index, np.ones((rows, k)), np.ones((3, k))), float(k))
                for k in (1, 2, 3)]  # fmt: skip


@pytest.mark.parametrize("max_width, added", [(4, 1), (5, 2), (6, 3), (9, 3)])
def test_no_more_neurons_are_made_than_a_layer_has_room_for(max_width, added):
    net, X, t = problem(sizes=(2, 3, 2))
    view = View.of(net, X, t, SquaredError(), epoch=7)
    limits, rng = Limits(max_width, 3), np.random.default_rng(0)
    assert limits.room(net, "neuron", 0) == max_width - 3
    found = look(view, Ones(), Schedule((7,)), limits, rng, layers=False)
    assert found.change.units == added


def test_a_part_of_a_place_has_statistics_of_its_own():
    net, X, t = problem(loss=SoftmaxCrossEntropy())
    place, some = View.of(net, X, t, SoftmaxCrossEntropy(), "true").place("neuron", 0), [1, 3, 4, 9]
    part = place.take(some)
    u = place.u[:, some]
    assert_close(part.G, np.einsum("rno,rnp->op", u, u) / 4)
    assert np.abs(part.G - place.G).max() > 0.01 * np.abs(place.G).max()
    for name in ("inputs", "a_c", "g"):
        assert_close(getattr(part, name), getattr(place, name)[some])
    left = part.g - part.a_c @ np.linalg.lstsq(part.a_c, part.g, rcond=None)[0]
    assert_close(part.g_r, left, 1e-9, scale=np.abs(part.g).max())
