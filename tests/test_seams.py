"""What a user may plug in: four pages of `seams/`, of public names only, and two criteria."""

import ast
import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from compare import assert_close, complex_step
from runs import SOFTMAX, SQUARED, changed, curve, moons

import sennpy
from sennpy import (
    MLP,
    SENN,
    Acceptance,
    Change,
    Proposer,
    Prune,
    RandomSearch,
    Rational,
    Schedule,
    Settings,
    Split,
    Tanh,
    View,
    Widen,
    delta_eta,
    removal_costs,
)
from sennpy.growth.criteria import GradMax, Splitting
from sennpy.training.checkpoint import load_history

FOLDER = Path(__file__).parent / "seams"
sys.path.insert(0, str(FOLDER))

from huber import Huber  # noqa: E402
from own_rule import Budget  # noqa: E402
from prelu import PReLU  # noqa: E402
from pruning import CheapOnesGo, GrowOrPrune  # noqa: E402

SHORT = Settings.by_thresholds(epochs=31, cooldown=10, max_depth=1)


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*.py")), ids=lambda file: file.stem)
def test_a_seam_is_a_page_of_public_names(file):
    text = file.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 25
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ImportFrom):
            assert node.module in ("sennpy", "dataclasses")
            names = {alias.name for alias in node.names}
            assert node.module == "dataclasses" or names <= set(sennpy.__all__)
        elif isinstance(node, ast.Import):
            assert {alias.name for alias in node.names} == {"numpy"}


def view(loss=SQUARED, seed=0, sizes=(2, 3, 2), activation=Rational(), N=40):
    rng = np.random.default_rng(seed)
    net, X = MLP.random(sizes, activation, rng), rng.standard_normal((N, sizes[0]))
    return View.of(net, X, rng.standard_normal((N, sizes[-1])), loss)


def loss_of(view, net):
    return view.loss.value(net(view.X), view.t)


# --- Proposers -----------------------------------------------------------------------------------


def test_gradmax_scores_the_gradient_of_its_unit():
    """s_1^2 is the squared gradient in the fan-in of the silent unit, for outgoing weights of 1."""
    at = view()
    place = at.place("neuron", 0)
    (change,) = GradMax().changes(place, None)
    grown = change(at.net)
    assert_close(grown(at.X), at.net(at.X), 0)
    assert change.operation.preserves(at.net) == "exactly"
    trace = grown.forward(at.X)
    gradient = grown.vjp(trace, at.loss.gradient(trace.outputs, at.t)) / len(at.X)
    fan_in = grown.split(gradient)[0][0][:, -1]
    size = np.linalg.norm(change.operation.outgoing)
    assert (fan_in**2).sum() / size**2 == pytest.approx(change.score, rel=1e-10)
    for _ in range(50):
        o = np.random.default_rng().standard_normal(2)
        M = place.inputs.T @ place.g / len(at.X)
        assert 5 * ((M @ o) ** 2).sum() <= change.score * (o @ o) * (1 + 1e-12)  # s'(0)^2 = 5


def test_gradmax_opens_what_its_directions_are_worth():  # (E5)
    """Beside the fan-in, the outgoing weights of a unit that is silent open nothing."""
    at = view()
    place = at.place("neuron", 0)
    change = GradMax().changes(place, None)[0].measured(place)
    o = change.operation.outgoing[0]
    M_r = place.inputs.T @ place.g_r / len(at.X)
    b_r = place.inputs - place.a_c @ np.linalg.lstsq(place.a_c, place.inputs, rcond=None)[0]
    S = np.linalg.pinv(b_r.T @ b_r / len(at.X), hermitian=True, rcond=1e-10)
    expected = o @ M_r.T @ S @ M_r @ o / (o @ place.G @ o)
    assert change.exact == pytest.approx(expected, rel=1e-8)
    assert 0 < change.bound <= change.exact * (1 + 1e-12)


def test_splitting_loses_half_of_eps_squared_times_the_lowest_eigenvalue():
    at = view()
    for eps in (1e-2, 1e-3):
        proposer = Splitting(eps)
        for change in proposer.changes(at.place("neuron", 0), None):
            gain = loss_of(at, at.net) - loss_of(at, change(at.net))
            assert gain == pytest.approx(eps**2 / 2 * change.score, rel=20 * eps, abs=1e-14)
            assert change.operation.preserves(at.net) == "to O(eps)"


def test_a_split_is_worth_what_its_halves_differ_by():  # (E5), (E8)
    """At least the free outgoing weights of their difference."""
    at = view()
    place = at.place("neuron", 0)
    for eps in (1e-3, 1e-4):
        proposer = Splitting(eps)
        for change in proposer.changes(place, None):
            found, operation = change.measured(place), change.operation
            halves = change(at.net).forward(at.X).inputs[1]
            difference = halves[:, [operation.unit]] - halves[:, [operation.unit + 1]]
            outgoing = delta_eta(place.a_c, difference, place.g, place.G)
            assert found.exact >= outgoing * (1 - 1e-6)
            assert 0 <= found.bound <= found.exact * (1 + 1e-12)
    nothing = Change(Split(0, 1, np.zeros(3)), 0.0).measured(place)
    assert nothing.exact == nothing.bound == 0


def test_pruning_costs_the_score_that_comes_back():  # (E15)
    at = view()
    place = at.place("neuron", 0)
    changes = GrowOrPrune().changes(place, np.random.default_rng(0))
    assert [change.kind for change in changes] == ["neuron", "prune", "prune", "prune"]
    costs = removal_costs(place.a_c, place.g, place.G, place.W)[:-1]
    assert_close([change.measured(place).exact for change in changes[1:]], -costs, 1e-9)
    change = changes[-1]
    pruned = change(at.net)
    assert pruned.sizes == (2, 2, 2) and change.operation.preserves(at.net) == "no"


@pytest.mark.parametrize("proposer", [GradMax(), Splitting()], ids=lambda p: type(p).__name__)
def test_a_schedule_adds_what_a_criterion_proposes(proposer):
    X, t = curve()
    settings = changed(SHORT, proposer=proposer, acceptance=Schedule((10, 20), 2))
    start = MLP.random((1, 2, 1), rng=1)
    net, history = SENN(SQUARED, settings).fit(start, X, t)
    assert net.sizes == (1, 6, 1)
    assert [a.epoch for a in history.additions] == [10, 10, 20, 20]
    own = [c.own for look in history.looks for c in look.candidates if c.chosen]
    assert own == [a.candidate.own for a in history.additions]
    assert {look.acceptance["class"] for look in history.looks} == {"Schedule"}


def test_a_training_grows_and_prunes():
    X, t = curve()
    settings = changed(SHORT, epochs=91, proposer=GrowOrPrune(), acceptance=CheapOnesGo(0.1, 0.001))
    net, history = SENN(SQUARED, settings).fit(MLP.random((1, 3, 1), rng=0), X, t)
    kinds = [a.candidate.kind for a in history.additions]
    assert {"prune", "neuron"} <= set(kinds)
    sizes = 3 + kinds.count("neuron") - kinds.count("prune")
    assert net.sizes == (1, sizes, 1) == history.additions[-1].sizes
    for a in history.additions:
        if a.candidate.kind == "prune":
            assert -a.candidate.exact < 0.001 * next(
                look.lam for look in history.looks if a.candidate in look.candidates
            )


def test_pruning_asks_for_no_layer_where_none_can_be():
    settings = changed(SHORT, proposer=GrowOrPrune(), acceptance=CheapOnesGo(0.1, 0.001))
    start = MLP.random((1, 3, 1), Tanh(), 0)
    _, history = SENN(SQUARED, settings).fit(start, *curve())
    refused = [c for look in history.looks for c in look.candidates if c.kind == "layer"]
    assert refused and all("at max_depth" in c.reason for c in refused)


def test_what_others_explain_costs_nothing_and_the_rest_what_it_did():  # (E15)
    """A unit twice: either may go for nothing; the cost of the others does not see it."""
    at = view(activation=Tanh())
    (W, out), X = at.net.weights, at.X
    twice = MLP((W[:, [0, 1, 2, 0]], np.insert(out, 3, 0.1, axis=0)), (np.zeros((0, 4)),), Tanh())
    place = View.of(twice, X, twice(X) - at.g_y, SQUARED).place("neuron", 0)
    costs = [-Change(Prune(0, j), 0.0).measured(place).exact for j in range(4)]
    before = removal_costs(
        *(getattr(at.place("neuron", 0), name) for name in ("a_c", "g", "G", "W"))
    )
    assert costs[0] == costs[3] == 0
    assert_close(costs[1:3], before[1:3], 1e-8)


def test_what_seams_hold_can_be_written_down(tmp_path):
    """Arrays, functions and numpy's numbers among their attributes, dataclass or not."""

    class Odd(RandomSearch):
        def __init__(self):
            object.__setattr__(self, "proposals", 3)
            object.__setattr__(self, "scales", np.array([1.0, 2.0]))
            object.__setattr__(self, "function", np.tanh)
            object.__setattr__(self, "count", np.int64(4))

        def changes(self, place, rng):
            return [replace(c, score=np.float32(c.score)) for c in super().changes(place, rng)]

    X, t = curve()
    settings = changed(SHORT, proposer=Odd(), tau=0.0, alpha=1e-6, epochs=21)
    net, history = SENN(SQUARED, settings).fit(MLP.random((1, 2, 1), rng=0), X, t)
    told = json.loads(json.dumps(history.as_dict()))["looks"][0]["proposer"]
    assert (told["class"], told["scales"], told["count"]) == ("Odd", [1.0, 2.0], 4)
    json.dumps(settings.as_dict())
    sennpy.save(net, tmp_path / "net.npz", history)
    assert load_history(tmp_path / "net.npz") == history


@pytest.mark.parametrize("gives, message", [
    (lambda place: [place], "Wrong.changes gave a Place, expected a list of Change"),
    (lambda place: ["a neuron"], "Wrong.changes gave a str, expected a list of Change"),
])  # fmt: skip
def test_a_proposer_that_gives_something_else_is_told_so(gives, message):
    wrong = type("Wrong", (Proposer,), {"changes": lambda self, place, rng: gives(place)})()
    with pytest.raises(TypeError, match=message):
        SENN(SQUARED, changed(SHORT, proposer=wrong)).fit(MLP.random((1, 1, 1), rng=0), *curve())


def test_a_rule_that_gives_no_verdict_is_told_so():
    wrong = type("Wrong", (Acceptance,), {"judge": lambda self, place, changes: True})()
    with pytest.raises(TypeError, match=r"Wrong\.judge gave a bool"):
        SENN(SQUARED, changed(SHORT, acceptance=wrong)).fit(MLP.random((1, 1, 1), rng=0), *curve())


def test_no_change_passes_the_caps():
    class Five(Proposer):
        def changes(self, place, rng):
            w, k = rng.standard_normal((len(place.inputs[0]), 5)), rng.standard_normal((3, 5))
            return [Change(Widen(place.index, w, k), 1.0)] if place.kind == "neuron" else []

    settings = changed(SHORT, proposer=Five(), acceptance=Schedule((10, 20)), max_width=8)
    net, _ = SENN(SQUARED, settings).fit(MLP.random((1, 1, 1), rng=0), *curve())
    assert net.sizes == (1, 6, 1)


# --- A rule, a loss, an activation ---------------------------------------------------------------


def test_a_rule_of_ones_own_judges_and_says_why():
    X, t = curve()
    settings = changed(SHORT, epochs=61, acceptance=Budget(25, 0.0005))
    net, history = SENN(SQUARED, settings).fit(MLP.random((1, 1, 1), rng=0), X, t)
    assert 7 < net.num_parameters <= 25 and history.additions
    for a in history.additions:
        assert a.candidate.score == pytest.approx(a.candidate.exact / 6)
    reasons = {c.reason for look in history.looks for c in look.candidates if not c.chosen}
    assert reasons & {"over budget", "refused"}
    assert history.looks[0].acceptance == {"class": "Budget", "parameters": 25, "least": 0.0005}


def test_hubers_loss_trains_past_outliers():
    X, t = curve(60)
    wild = t.copy()
    wild[:6] += 40
    nets = [
        SENN(loss, changed(SHORT, epochs=120)).fit(MLP.random((1, 3, 1), rng=0), X, wild)
        for loss in (Huber(), SQUARED)
    ]
    errors = [np.median(np.abs(fit.network(X) - t)) for fit in nets]
    assert errors[0] < 0.3 * errors[1]
    y, target = np.array([[0.3], [-4.0]]), np.array([[0.0], [1.0]])
    assert Huber().value(y, target) == pytest.approx((0.045 + 4.5) / 2)
    assert_close(Huber().gradient(y, target), [[0.3], [-1.0]])


def test_a_loss_without_a_metric_is_refused_where_one_is_needed():
    settings = changed(SHORT, metric="true")
    with pytest.raises((ValueError, TypeError, NotImplementedError), match="Huber"):
        SENN(Huber(), settings).fit(MLP.random((1, 2, 1), rng=0), *curve())


def test_prelu_is_an_activation_like_ours():
    rng, activation = np.random.default_rng(0), PReLU()
    z, k = rng.standard_normal((7, 3)), rng.uniform(0, 1, (1, 3))
    step = 1e-6
    numeric = (activation(z + step, k) - activation(z - step, k)) / (2 * step)
    assert_close(activation.slope(z, k), numeric, 1e-6)
    moved = complex_step(lambda c: activation(z, c[None]), k[0])  # (7, 3, 3), each only its own
    assert_close(np.einsum("nii->ni", moved), activation.coefficient_slopes(z, k)[0])
    assert_close(activation(z, activation.identity_coefficients(3)), z, 0)


@pytest.mark.parametrize("loss", [SQUARED, SOFTMAX], ids=repr)
def test_prelu_networks_grow_in_width_and_depth(loss):
    """An inserted layer frees min(z, 0) of each unit; its exact increase is the dense one."""
    data, sizes = (curve(), (1, 2, 1)) if loss is SQUARED else (moons(), (2, 2, 2))
    settings = changed(SHORT, tau=0.0, alpha=1e-6, max_depth=3, max_width=5, layer_cost=0.1)
    settings = changed(settings, proposer=RandomSearch(30))
    start = MLP.random(sizes, PReLU(), 2)
    net, history = SENN(loss, settings).fit(start, *data)
    assert {a.candidate.kind for a in history.additions} == {"neuron", "layer"}
    assert all(a.moved < 1e-10 for a in history.additions)
    layers = [a.candidate for a in history.additions if a.candidate.kind == "layer"]
    assert all(0 <= c.bound <= c.exact * (1 + 1e-9) for c in layers)
    assert loss.value(net(data[0]), data[1]) < loss.value(start(data[0]), data[1])


def test_the_record_tells_who_proposed_and_who_judged():
    X, t = curve()
    settings = changed(SHORT, proposer=GradMax(), acceptance=Budget())
    _, history = SENN(SQUARED, settings).fit(MLP.random((1, 2, 1), rng=0), X, t)
    for look in history.looks:
        assert (
            look.proposer == {"class": "GradMax", "units": 1, "scale": 0.5}
            and look.acceptance["class"] == "Budget"
        )
        assert look.tau is None and look.alpha is None
        for c in look.candidates:
            assert c.reason or c.chosen
