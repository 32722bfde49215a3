"""The training loop: what it adds, when, what it records, and what it leaves alone."""

import json
from contextlib import nullcontext
from dataclasses import asdict
from itertools import groupby, pairwise

import numpy as np
import pytest
from compare import assert_close
from runs import QUICK, SOFTMAX, SQUARED, Run, changed, curve, moons, sightings

from sennpy import (
    MLP,
    SENN,
    Damping,
    ProfileSearch,
    RandomSearch,
    ReLU,
    Settings,
    Tanh,
    Thresholds,
    TrainingWarning,
    max_simultaneous_additions,
)
from sennpy.growth.record import Candidate, LookRecord
from sennpy.training.history import AdditionRecord, EpochRecord


@pytest.fixture(scope="module")
def classifier():
    """Half-moons from a linear model: a layer, and neurons in it."""
    return Run(SOFTMAX, QUICK, (2, 2), moons())


@pytest.fixture(scope="module")
def regressor():
    """One hidden layer that may only become wider."""
    return Run(SQUARED, changed(QUICK, max_depth=1, tau=0.03, alpha=0.001), (1, 1, 1), curve())


@pytest.fixture(params=["classifier", "regressor"])
def run(request):
    return request.getfixturevalue(request.param)


# --- Training and growing ------------------------------------------------------------------------


def test_the_loss_falls_and_the_network_grows(run):
    loss = run.history.column("loss")
    assert loss[-1] < 0.4 * loss[0]
    assert len(run.history.additions) >= 3
    assert run.net.sizes == run.history.additions[-1].sizes
    assert run.net.num_parameters > run.start.num_parameters


def test_the_callback_sees_every_record_in_order(run):
    records = [record for _, record in run.calls]
    kinds = {EpochRecord: "epochs", LookRecord: "looks", AdditionRecord: "additions"}
    for kind, name in kinds.items():
        assert tuple(r for r in records if type(r) is kind) == getattr(run.history, name)
    assert [r.epoch for r in records] == sorted(r.epoch for r in records)
    assert all(net.sizes == r.sizes for net, r in run.calls if not isinstance(r, LookRecord))


def test_looks_come_after_every_cooldown_but_not_after_the_last_epoch(run):
    assert {look.epoch for look in run.history.looks} == {10, 20, 30}
    assert [record.epoch for record in run.history.epochs] == list(range(1, 41))


def test_after_an_addition_it_looks_again_until_nothing_passes(run):
    for epoch, looks in groupby(run.history.looks, key=lambda look: look.epoch):
        chosen = [sum(c.chosen for c in look.candidates) for look in looks]
        additions = [a for a in run.history.additions if a.epoch == epoch]
        assert chosen == [1] * len(additions) + [0]
        assert [a.together for a in additions] == list(range(1, len(additions) + 1))


def test_additions_are_what_the_looks_chose(run):
    chosen = [c for look in run.history.looks for c in look.candidates if c.chosen]
    assert [a.candidate for a in run.history.additions] == chosen


def test_an_addition_leaves_the_outputs_and_the_loss_as_they_are(run):  # (E1), (E2)
    before = None
    for net, record in run.calls:
        if isinstance(record, AdditionRecord):
            assert record.moved <= 1e-8
            assert_close(net(run.X), before(run.X), 1e-8)
            loss = run.loss.value(before(run.X), run.t)
            assert run.loss.value(net(run.X), run.t) == pytest.approx(loss, rel=1e-9)
        before = net


def test_every_candidate_adds_up(run):  # (E9), (E13), Theorem 3.2
    for look in run.history.looks:
        for c in (c for c in look.candidates if c.score is not None):
            assert 0 <= c.exact <= c.supremum * (1 + 1e-9)
            assert c.bound <= c.exact * (1 + 1e-9)
            assert c.ratio == pytest.approx(c.score / c.eta_layer, rel=1e-12)
            assert c.share == pytest.approx(c.score / look.lam, rel=1e-12)
            assert c.chosen == (c.reason == "")
            assert not c.chosen or (c.ratio > look.tau and c.share > look.alpha)
        assert sum(c.chosen for c in look.candidates) <= 1
        assert look.eta <= look.lam * (1 + 1e-9)


def test_additions_at_one_time_stay_below_their_bound(regressor):  # Theorem 3.1
    """All at one receiving layer, so that each multiplies its eta by more than 1 + tau."""
    s = regressor.settings.acceptance
    for look in regressor.history.looks:
        for addition in (a for a in regressor.history.additions if a.epoch == look.epoch):
            bound = max_simultaneous_additions(look.lam, s.alpha * look.lam, s.tau)
            assert addition.limit == pytest.approx(bound, rel=1e-12)
            assert addition.together < addition.limit
    assert max(a.together for a in regressor.history.additions) >= 2


def test_the_bound_on_additions_is_met_at_high_thresholds_too():  # Theorem 3.1
    for seed in range(4):
        settings = changed(QUICK, epochs=11, tau=1.0, alpha=0.2, max_depth=1)
        run = Run(SQUARED, settings, (1, 1, 1), curve(seed=seed), seed)
        for addition in run.history.additions:
            assert addition.limit == pytest.approx(1 + np.log(5) / np.log(2), rel=1e-12)
            assert addition.together < addition.limit


@pytest.mark.parametrize("metric", ["true", "empirical"])
def test_another_metric_has_no_bound_since_eta_may_exceed_lambda(metric):  # Theorem 3.1
    settings = changed(QUICK, epochs=11, max_depth=1, max_width=3, tau=1e-3, metric=metric)
    run = Run(SOFTMAX, settings, (2, 1, 2), moons())
    assert {a.limit for a in run.history.additions} == {np.inf}


def test_without_thresholds_there_is_no_bound_but_the_caps():
    settings = changed(QUICK, epochs=11, tau=0.0, alpha=0.0, max_depth=1, max_width=6)
    run = Run(SQUARED, settings, (1, 1, 1), curve())
    assert run.net.sizes == (1, 6, 1)
    assert {a.limit for a in run.history.additions} == {np.inf}
    full, deep, _ = run.history.looks[-1].candidates
    assert full.reason == "the layer is at max_width = 6" and full.score is None
    assert deep.reason == "the network is at max_depth = 1" and deep.score is None


def test_depth_stops_at_its_cap():
    settings = changed(QUICK, epochs=11, tau=0.0, alpha=0.0, max_width=2, max_depth=3)
    run = Run(SOFTMAX, settings, (2, 2), moons())
    assert run.net.sizes == (2, 2, 2, 2, 2)
    assert all(c.score is None for c in run.history.looks[-1].candidates)


@pytest.mark.parametrize("activation", [Tanh(), ReLU()], ids=repr)
@pytest.mark.parametrize("search", [RandomSearch(30), ProfileSearch(30, 2, 20)])
def test_networks_without_an_identity_grow_wider_only(activation, search):  # (E3)
    X, t = moons()
    start = MLP.random((2, 2, 2), activation, 1)
    settings = changed(QUICK, epochs=30, proposer=search, alpha=0.001, tau=0.01)
    net, history = SENN(SOFTMAX, settings).fit(start, X, t)
    assert {a.candidate.kind for a in history.additions} == {"neuron"}
    assert net.sizes[1] > 2 and len(net.sizes) == 3
    refused = [c for look in history.looks for c in look.candidates if c.kind == "layer"]
    assert refused and all("cannot be the identity" in c.reason for c in refused)


@pytest.mark.parametrize("threshold", ["tau", "alpha"])
def test_thresholds_that_nothing_meets_leave_plain_training(threshold):  # (E13)
    settings = changed(QUICK, **{threshold: 1e9})
    never = Run(SOFTMAX, settings, (2, 2, 2), moons())
    plain = Run(SOFTMAX, changed(QUICK, cooldown=1000), (2, 2, 2), moons())
    assert never.history.additions == () and len(never.history.looks) == 3
    assert plain.history.looks == ()
    assert never.net.parameters.tobytes() == plain.net.parameters.tobytes()


@pytest.mark.parametrize("layer_cooldown", [1, 2, 3])
def test_layers_are_considered_at_every_so_manieth_look_from_the_first(layer_cooldown):
    settings = changed(QUICK, cooldown=5, layer_cooldown=layer_cooldown, tau=1e9)
    history = Run(SQUARED, settings, (1, 1, 1), curve()).history
    considered = [any(c.kind == "layer" for c in look.candidates) for look in history.looks]
    assert considered == [i % layer_cooldown == 0 for i in range(7)]


def test_where_no_dense_score_tells_layers_apart_one_is_added_at_a_time():
    settings = changed(QUICK, epochs=15, tau=0.0, alpha=0.0, dense=False, max_depth=4, max_width=2)
    history = Run(SOFTMAX, changed(settings, cooldown=5), (2, 2), moons()).history
    assert [a.epoch for a in history.additions if a.candidate.kind == "layer"] == [5, 10]


def test_a_look_takes_at_most_so_many_samples_and_others_each_time():
    """In float64, whatever the type of the training."""
    seen = []

    class Looking(Thresholds):
        def could_pass(self, place):
            view = place.view
            if place.kind == "neuron":
                seen.append((view.X, view.t))
            assert view.X.dtype == view.net.dtype == np.float64
            return super().could_pass(place)

    settings = changed(QUICK, look_samples=13, acceptance=Looking(tau=1e9), dtype="float32")
    assert Run(SQUARED, settings, (1, 1, 1), curve()).net.dtype == np.float32
    assert [(len(x), len(y)) for x, y in seen] == [(13, 13)] * 3
    for x, y in seen:
        assert_close(y, np.sin(2 * x), 1e-6)
        assert len(np.unique(x)) == 13
    assert not (seen[0][0] == seen[1][0]).all()


# --- What is on record ---------------------------------------------------------------------------


@pytest.mark.parametrize("batch_size", [None, 16])
def test_equal_seeds_give_equal_bytes(batch_size):
    settings = changed(QUICK, epochs=11, tau=0.0, alpha=0.0, max_width=3, batch_size=batch_size)
    settings = changed(settings, proposer=RandomSearch(20))
    runs = [Run(SQUARED, changed(settings, seed=s), (1, 1, 1), curve()) for s in (3, 3, 4)]
    parameters = [run.net.parameters.tobytes() for run in runs]
    assert parameters[0] == parameters[1] != parameters[2]
    assert sightings(runs[0].history) == sightings(runs[1].history)
    assert sightings(runs[0].history) != sightings(runs[2].history)


def test_what_is_given_stays_as_it_is(run):
    X, t = moons() if run.loss is SOFTMAX else curve()
    assert (run.X == X).all() and (run.t == t).all()
    fresh = MLP.random(run.start.sizes, rng=0)
    assert run.start.parameters.tobytes() == fresh.parameters.tobytes()


def test_the_history_is_plain_values_for_json(run):
    plain = json.loads(json.dumps(run.history.as_dict(), allow_nan=False))
    assert list(plain) == ["epochs", "looks", "additions"]
    assert [e["loss"] for e in plain["epochs"]] == run.history.column("loss")
    assert set(plain["epochs"][0]) == set(EpochRecord.__dataclass_fields__)
    known = set(Candidate.__dataclass_fields__) - {"change"}
    assert set(plain["looks"][0]["candidates"][0]) == known
    assert plain["additions"][0]["candidate"]["kind"] in ("neuron", "layer")
    assert run.history.column("epoch") == list(range(1, 41))
    json.dumps(run.settings.as_dict(), allow_nan=False)


def test_every_record_reads_as_a_line(run):
    for record in run.history.looks + run.history.additions:
        assert str(record).startswith(f"epoch {record.epoch:4d}  ")
        assert "\n" not in str(record)
    for look in run.history.looks:
        for c in look.candidates:
            assert str(c).startswith(f"{c.kind} ") and (c.score is not None or c.reason in str(c))
    assert "outputs moved" in str(run.history.additions[0])


def test_progress_is_the_share_of_the_loss_that_the_epoch_before_took_away(run):
    loss = run.history.column("loss")
    expected = [0.0, *(1 - b / a for a, b in pairwise(loss))]
    assert_close(run.history.column("progress"), expected)


def test_seconds_only_grow_and_records_are_of_plain_numbers(run):
    seconds = run.history.column("seconds")
    assert seconds == sorted(seconds) and seconds[0] > 0
    for record in run.history.epochs:
        for name, value in asdict(record).items():
            assert type(value) in (int, float, str, tuple, type(None)), name


# --- Units ---------------------------------------------------------------------------------------


def last_layer_scaled(net, c):
    return MLP((*net.weights[:-1], c * net.weights[-1]), net.coefficients, net.activation)


@pytest.mark.parametrize("damping", [Damping(0.1), Damping(0.1, "relative")], ids=lambda d: d.scale)
@pytest.mark.parametrize("c", [1e-3, 50.0])
def test_the_units_of_the_targets_change_no_decision(c, damping):  # (E13)
    """From a linear model: its F does not know the units, so any damping will do until it grows."""
    settings = changed(
        QUICK, epochs=6, cooldown=5, damping=damping, proposer=RandomSearch(20), layer_cost=1.0
    )
    X, start = moons()[0], MLP.random((2, 1), rng=0)
    t = np.sin(3 * X[:, :1])
    history = SENN(SQUARED, settings).fit(start, X, t).history
    scaled = SENN(SQUARED, settings).fit(last_layer_scaled(start, c), X, c * t).history
    assert_close(scaled.column("loss")[:5], c**2 * np.array(history.column("loss")[:5]), 1e-10)
    assert len(history.additions) >= 2 and len(scaled.looks) == len(history.looks)
    for one, other in zip(history.looks, scaled.looks, strict=True):
        for a, b in zip(one.candidates, other.candidates, strict=True):
            assert (a.kind, a.place, a.chosen) == (b.kind, b.place, b.chosen)
            assert (a.score is None) == (b.score is None)
            if a.score is not None:
                assert (b.ratio, b.share) == pytest.approx((a.ratio, a.share), rel=1e-4)


def test_undamped_training_knows_no_units_and_damped_training_of_hidden_layers_does():
    """A natural gradient does not depend on the parametrisation; adding 0.1 I to F does."""
    X, t = curve()
    start = MLP.random((1, 2, 1), Tanh(), 8)
    outputs = {}
    for value in (0.0, 0.1):
        settings = changed(Settings.by_thresholds(), epochs=5, cooldown=100, damping=Damping(value))
        worse = pytest.warns(TrainingWarning, match="made it worse|raised the loss")
        with nullcontext() if value else worse:
            net = SENN(SQUARED, settings).fit(start, X, t).network
            other = SENN(SQUARED, settings).fit(last_layer_scaled(start, 9.0), X, 9.0 * t).network
        outputs[value] = np.abs(other(X) / 9 - net(X)).max()
    assert outputs[0.0] < 1e-7 < 1e-3 < outputs[0.1]
