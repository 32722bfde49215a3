"""Operations change a network as they say, and tell what the directions they open are worth."""

import numpy as np
import pytest
from compare import assert_close

from sennpy import (
    MLP,
    Change,
    Deepen,
    Prune,
    Rational,
    Split,
    SquaredError,
    Tanh,
    View,
    Widen,
    deepen,
    delta_eta,
    delta_eta_bound,
    fisher,
    inserted_layer_delta_eta,
    kronecker_factors,
    natural_expansion_score,
    prune,
    removal_costs,
    widen,
)


def view(seed=0, sizes=(2, 3, 2), activation=Rational(), N=40):
    rng = np.random.default_rng(seed)
    net, X = MLP.random(sizes, activation, rng), rng.standard_normal((N, sizes[0]))
    return View.of(net, X, rng.standard_normal((N, sizes[-1])), SquaredError()), rng


def same(one, other):
    assert one.sizes == other.sizes
    assert one.parameters.tobytes() == other.parameters.tobytes()


# --- What they make ------------------------------------------------------------------------------


def test_operations_are_the_functions_of_the_paper():  # (E1), (E2), (E15)
    at, rng = view()
    w, k, W_q = rng.standard_normal((3, 2)), rng.standard_normal((3, 2)), np.eye(4, 3)
    same(Widen(0, w, k)(at.net), widen(at.net, 0, w, k))
    same(Deepen(1, W_q)(at.net), deepen(at.net, 1, W_q))
    same(Prune(0, 2)(at.net), prune(at.net, 0, 2))
    same(Prune(0, 2, at.X)(at.net), prune(at.net, 0, 2, at.X))
    units = [operation.units for operation in (Widen(0, w, k), Deepen(1, W_q), Prune(0, 2))]
    assert units == [2, 3, -1]


def test_new_neurons_may_come_with_outgoing_weights():
    at, rng = view()
    w, k, o = (rng.standard_normal(shape) for shape in ((3, 2), (3, 2), (2, 2)))
    grown = Widen(0, w, k, o)(at.net)
    a_p = at.net.activation(at.trace.inputs[0] @ w, k)
    assert_close(grown(at.X), at.net(at.X) + a_p @ o, 1e-12)
    with pytest.raises(ValueError, match=r"outgoing has shape \(2, 3\), expected \(2, 2\)"):
        Widen(0, w, k, np.ones((2, 3)))(at.net)


def test_a_split_makes_two_of_one():
    at, rng = view()
    offset = rng.standard_normal(3)
    halves = Split(0, 1, offset)(at.net)
    W, k, out = halves.weights[0], halves.coefficients[0], halves.weights[1]
    assert halves.sizes == (2, 4, 2)
    assert_close(W[:, 1], at.net.weights[0][:, 1] + offset)
    assert_close(W[:, 2], at.net.weights[0][:, 1] - offset)
    assert_close(k[:, [0, 1, 2, 3]], at.net.coefficients[0][:, [0, 1, 1, 2]], 0)
    assert_close(
        out, np.vstack([*(at.net.weights[1][[0, 1, 1, 2, 3]] / [[1], [2], [2], [1], [1]])])
    )
    moved = [np.abs(Split(0, 1, eps * offset)(at.net)(at.X) - at.net(at.X)).max()
             for eps in (1e-3, 1e-4)]  # fmt: skip
    assert moved[0] == pytest.approx(100 * moved[1], rel=0.02)  # O(eps^2)


@pytest.mark.parametrize(
    "operation, error, message",
    [
        (Split(1, 0, np.ones(3)), ValueError, "layer is 1, expected an integer of at least 0 and"),
        (Split(0, 3, np.ones(3)), ValueError, "unit is 3, expected an integer of at least 0 and"),
        (Split(0, 0, np.ones(2)), ValueError, r"offset has shape \(2,\), expected \(3,\)"),
        (Split(0, 0, np.full(3, np.nan)), ValueError, "offset must be finite"),
        (Prune(0, 5), ValueError, "neuron is 5, expected an integer"),
        (Deepen(5, np.eye(4, 3)), ValueError, "position is 5, expected an integer"),
        (Widen(2, np.ones((3, 1))), ValueError, "layer is 2, expected an integer"),
    ],
)
def test_what_does_not_fit_is_refused_in_words_that_help(operation, error, message):
    with pytest.raises(error, match=message):
        operation(view()[0].net)


def test_a_view_refuses_what_does_not_fit_together():
    at, _ = view()
    for given, error, message in [
        ({"net": at.X}, TypeError, "net is of type ndarray, expected an MLP"),
        ({"X": at.X[:, :1]}, ValueError, "X has 1 columns, but the network takes 2"),
        ({"t": at.t[:, 0]}, ValueError, r"t has shape \(40,\), but the outputs have"),
        ({"loss": "squared"}, TypeError, "loss is 'squared', expected a Loss"),
        ({"metric": "fisher"}, ValueError, "is 'fisher', expected one of 'euclidean'"),
    ]:
        with pytest.raises(error, match=message):
            View.of(**{"net": at.net, "X": at.X, "t": at.t, "loss": at.loss} | given)


# --- What they are worth -------------------------------------------------------------------------


def test_the_yardsticks_are_those_of_the_paper():  # (E8), Theorem 3.2, (E15), (E16)
    at, rng = view()
    place, layer = at.place("neuron", 0), at.place("layer", 1)
    w, k, W_q = (
        rng.standard_normal((3, 1)),
        rng.standard_normal((3, 1)),
        rng.standard_normal((4, 3)),
    )
    a_p = at.net.activation(place.inputs @ w, k)
    neuron = Change(Widen(0, w, k), 7.0).measured(place)
    assert (neuron.kind, neuron.score) == ("neuron", 7.0)
    assert neuron.exact == pytest.approx(delta_eta(place.a_c, a_p, place.g, place.G), rel=1e-12)
    assert neuron.bound == pytest.approx(delta_eta_bound(a_p, place.g_r, place.G), rel=1e-12)
    inserted = Change(Deepen(1, W_q), 0.0).measured(layer)
    exact = inserted_layer_delta_eta(layer.a_c, W_q, layer.W, layer.g, layer.G)
    assert inserted.exact == pytest.approx(exact, rel=1e-8)
    assert 0 < inserted.bound <= inserted.exact
    costs = removal_costs(place.a_c, place.g, place.G, place.W)
    gone = Change(Prune(0, 1), 0.0).measured(place)
    assert gone.exact == gone.bound == pytest.approx(-costs[1], rel=1e-9)


def test_directions_beside_outgoing_weights_count_too():  # (E5)
    """Outgoing, incoming and coefficients: the columns of J at the receiving layer, whitened."""
    at, rng = view(sizes=(2, 3, 2))
    place = at.place("neuron", 0)
    w, k, o = (rng.standard_normal(shape) for shape in ((3, 1), (3, 1), (1, 2)))
    found = Change(Widen(0, w, k, o), 0.0).measured(place)
    z = place.inputs @ w
    a_p, slope = at.net.activation(z, k), at.net.activation.slope(z, k)
    by_k = at.net.activation.coefficient_slopes(z, k)[:, :, 0].T
    fixed = np.hstack([place.inputs * slope, by_k])
    J_p = np.concatenate([np.einsum("n,oq->noq", a_p[:, 0], np.eye(2)),
                          np.einsum("np,o->nop", fixed, o[0])], axis=2)  # fmt: skip
    J_c = np.einsum("na,oq->noaq", place.a_c, np.eye(2)).reshape(40, 2, -1)

    def explained(J):
        root = np.linalg.cholesky(place.G)
        J = np.einsum("oq,noj->nqj", root, J).reshape(80, -1)
        target = np.linalg.solve(root, place.g.T).T.ravel()
        U, s, _ = np.linalg.svd(J, full_matrices=False)
        return ((U[:, s > 1e-9 * s[0]].T @ target) ** 2).sum() / 40

    expected = explained(np.concatenate([J_c, J_p], axis=2)) - explained(J_c)
    assert found.exact == pytest.approx(expected, rel=1e-6)
    assert found.exact > delta_eta(place.a_c, a_p, place.g, place.G)


def test_what_preserves_the_function_says_so():
    at, rng = view()
    w, k, o = (rng.standard_normal(shape) for shape in ((3, 1), (3, 1), (1, 2)))
    identity = np.array([[0.0], [0.0], [1.0]])
    for operation, says in [
        (Widen(0, w, k), "exactly"), (Widen(0, w, k, 0 * o), "exactly"),
        (Widen(0, 0 * w, identity, o), "exactly"), (Widen(0, w, k, o), "no"),
        (Widen(0, 0 * w, k, o), "no"), (Deepen(1, np.eye(4, 3)), "exactly"),
        (Split(0, 1, w[:, 0]), "to O(eps)"), (Prune(0, 1), "no"),
    ]:  # fmt: skip
        assert operation.preserves(at.net) == says
        moved = np.abs(operation(at.net)(at.X) - at.net(at.X)).max()
        assert (moved < 1e-12) == (says == "exactly")


def test_activations_without_coefficients_need_none():
    at, rng = view(activation=Tanh())
    change = Change(Widen(0, rng.standard_normal((3, 2)), outgoing=rng.standard_normal((2, 2))), 0)
    assert change.measured(at.place("neuron", 0)).exact > 0
    assert change(at.net).sizes == (2, 5, 2)


# --- The view ------------------------------------------------------------------------------------


def test_the_view_holds_the_scores_of_the_network():  # eq. (3)
    at, rng = view()
    g = at.net.vjp(at.trace, at.g_y) / 40
    eta = natural_expansion_score(fisher(at.net, at.X), g)
    assert at.eta == pytest.approx(eta, rel=1e-9)
    assert at.lam == pytest.approx(((at.net(at.X) - at.t) ** 2).sum() / 40, rel=1e-12)
    change = Change(Widen(0, rng.standard_normal((3, 1)), rng.standard_normal((3, 1))), 0.0)
    wide = change(at.net)
    more = natural_expansion_score(fisher(wide, at.X), wide.vjp(wide.forward(at.X), at.g_y) / 40)
    assert at.increase(change) == pytest.approx(more - eta, rel=1e-6)
    assert at.increase(change) == at.increase(change)


def test_all_places_come_from_one_backward_pass(monkeypatch):
    at, _ = view(sizes=(2, 3, 4, 2))
    calls, backward = [], MLP.backward
    monkeypatch.setattr(MLP, "backward", lambda *given: calls.append(1) or backward(*given))
    places = [at.place(*where) for where in at.places()]
    assert len(calls) == 1 and len(places) == 5
    factors = kronecker_factors(at.net, at.X)
    for place in places:
        receiver = place.index + (place.kind == "neuron")
        assert_close(place.G, factors[receiver].G)
        assert_close(place.A, factors[receiver].A)
