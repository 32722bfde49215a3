"""Columns that say nothing new: what they may not change."""

import numpy as np
import pytest
from runs import SOFTMAX, moons

from sennpy import MLP, SENN, ProfileSearch, Settings, Thresholds, View
from sennpy.datasets import half_moons

WAYS = {
    "twice": lambda X: np.hstack([X, X]),
    "three times": lambda X: np.tile(X, (1, 3)),
    "constant": lambda X: np.hstack([np.full((len(X), 2), 0.7), X]),
    "zero": lambda X: np.hstack([X, np.zeros((len(X), 1))]),
    "sums": lambda X: np.hstack([X, X.sum(axis=1, keepdims=True) + 1]),
}


def view(X, t, weights=None):
    """A linear classifier on inputs X, by default of random weights."""
    net = MLP.random((X.shape[1], 2), rng=0) if weights is None else MLP((weights,))
    return View.of(net, X, t, SOFTMAX)


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_the_rank_of_a_place_counts_directions_not_columns(way):
    X, t = moons()
    assert view(X, t).place("layer", 0).rank == 2
    assert view(way(X), t).place("layer", 0).rank == 2


def test_the_rank_is_that_of_the_inputs_not_of_what_is_received():
    net, (X, t) = MLP.random((2, 5, 2), rng=0), moons()
    found = View.of(net, X, t, SOFTMAX)
    assert found.place("neuron", 0).rank == 2
    assert found.place("layer", 1).rank == 5


def test_constant_inputs_have_rank_one_lest_anything_be_divided_by_zero():
    assert view(np.ones((6, 3)), np.arange(6) % 2).place("layer", 0).rank == 1


@pytest.mark.parametrize("way", ["twice", "three times"])
def test_what_a_layer_could_be_worth_at_most_is_the_same_when_features_are_repeated(way):  # (E13)
    X, t = moons()
    weights, k = MLP.random((2, 2), rng=0).weights[0], {"twice": 2, "three times": 3}[way]
    shared = np.vstack([np.tile(weights[:-1] / k, (k, 1)), weights[-1:]])
    places = [v.place("layer", 0) for v in (view(X, t, weights), view(WAYS[way](X), t, shared))]
    for dense in (True, False):
        once, repeated = (Thresholds(dense=dense).most(place) for place in places)
        assert repeated == pytest.approx(once, rel=1e-9)


def test_a_layer_costs_its_rank():
    X, t = moons()
    place = view(np.tile(X, (1, 3)), t).place("layer", 0)
    rng = np.random.default_rng(0)
    (change,) = ProfileSearch(10, 1, 5).changes(place, rng)
    change, rule = change.measured(place), Thresholds(dense=False)
    assert change.units == 6
    assert rule.worth(place, change) == pytest.approx(change.exact / 2 / rule.layer_cost)


@pytest.mark.filterwarnings("ignore:4 of 6 columns of X repeat others:sennpy.DataWarning")
@pytest.mark.parametrize("way", ["three times", "constant"])
def test_half_moons_get_their_layer_however_often_they_are_told(way):
    data = half_moons()
    X, X_test = WAYS[way](data.X), WAYS[way](data.X_test)
    net = MLP.random((X.shape[1], 2), rng=0)
    settings = Settings.by_thresholds(epochs=150)
    net, _ = SENN(SOFTMAX, settings).fit(net, X, data.t)
    assert len(net.sizes) > 2
    assert (net(X_test).argmax(axis=1) == data.t_test).mean() > 0.88
