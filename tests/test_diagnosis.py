"""The guide: trainings made to go wrong are told so, with their numbers; healthy ones are not."""

import copy
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sennpy import MLP, SENN, HonestLook, NaturalGradient, Settings, SoftmaxCrossEntropy, Thresholds
from sennpy.cli import main
from sennpy.curvature.natural_gradient import Damping
from sennpy.experiments.battery.tasks import blobs, circles, moons, spiral
from sennpy.nn.activations import ReLU
from sennpy.training.diagnosis import Finding, diagnosis

FIGURES = Path(__file__).parent.parent / "figures"
FAST = {"proposer": "random", "cooldown": 10, "epochs": 60}


def trained(task, settings, hidden=(), activation=None):
    """The record of a training."""
    start = (task.X.shape[1], *hidden, task.outputs)
    chosen = {} if activation is None else {"activation": activation}
    net = MLP.random(start, rng=settings.seed, **chosen)
    test = task.X_test[:500], task.t_test[:500]
    with np.errstate(all="ignore"):
        fit = SENN(SoftmaxCrossEntropy(), settings).fit(net, task.X, task.t, validation=test)
    return {"settings": settings.as_dict(), "history": fit.history.as_dict()}


def said(record, beginning):
    """The one finding that begins so."""
    found = [finding for finding in diagnosis(record) if finding.sentence.startswith(beginning)]
    assert len(found) == 1, diagnosis(record)
    assert all(isinstance(part, str) and part for part in found[0])
    return found[0]


@pytest.mark.filterwarnings("ignore::sennpy.TrainingWarning")
def test_steps_that_are_too_long_are_unstable():
    steps = NaturalGradient(step_size=2.0, damping=Damping(1e-6))
    settings = Settings.by_thresholds(**FAST, optimiser=steps, max_width=4)
    record = trained(moons(0, 0.3), settings, hidden=(4,))
    finding = said(record, "unstable")
    losses = [e["loss"] for e in record["history"]["epochs"]]
    jump = max(range(1, len(losses)), key=lambda i: losses[i] / losses[i - 1])
    assert (
        f"epoch {jump + 1}: loss {losses[jump - 1]:.3g} -> {losses[jump]:.3g}" in finding.evidence
    )
    assert "more damping" in finding.turn and "step_size=2" in finding.turn


def test_a_cooldown_beyond_the_training_leaves_nothing_in_reach():
    settings = Settings.by_thresholds(proposer="random", epochs=20, cooldown=30)
    finding = said(trained(circles(0), settings), "nothing in reach")
    assert "20 epochs, no look; cooldown = 30" in finding.evidence
    assert "below 20" in finding.turn


def test_an_activation_without_an_identity_has_nothing_in_reach_from_no_hidden_layer():
    record = trained(circles(0), Settings.by_thresholds(**FAST), activation=ReLU())
    finding = said(record, "nothing in reach: no place")
    assert "5 looks at 5 places" in finding.evidence
    assert "hidden layer" in finding.turn


def test_thresholds_above_all_that_is_left_are_named():
    settings = Settings.by_thresholds(**FAST, acceptance=Thresholds(alpha=30.0))
    record = trained(circles(0), settings, hidden=(1,))
    finding = said(record, "nothing in reach: the thresholds")
    assert "alpha = 30" in finding.evidence and "lower thresholds" in finding.turn


def test_a_price_above_all_that_is_left_is_named():
    settings = Settings(epochs=60, patience=None, acceptance=HonestLook(price=1000.0))
    finding = said(trained(circles(0), settings, hidden=(1,)), "nothing in reach: the thresholds")
    assert "1e+03 are asked" in finding.evidence and "price=1000" in finding.turn


def test_a_cap_that_leaves_no_room_for_one_neuron_is_named():
    settings = Settings(epochs=60, max_width=2, max_depth=1)
    finding = said(trained(circles(0), settings), "nothing in reach: nothing was proposed")
    assert "'nothing was proposed'" in finding.evidence and "max_width = 2" in finding.turn


@pytest.mark.parametrize(
    "rule", [Thresholds(tau=1.0, alpha=0.8), HonestLook(price=60.0), HonestLook(z=30.0)], ids=str
)
def test_a_rule_that_refuses_what_is_real_is_too_slow(rule):
    thresholds = isinstance(rule, Thresholds)
    made = Settings.by_thresholds(**FAST) if thresholds else Settings(epochs=60, patience=None)
    record = trained(circles(0), replace(made, acceptance=rule), hidden=(1,))
    finding = said(record, "too slow: additions are refused")
    assert ("lambda refused" if thresholds else "held out, refused") in finding.evidence
    assert type(rule).__name__ in finding.turn


def test_a_training_that_ends_while_it_grows_is_too_slow():
    settings = Settings(epochs=13, cooldown=3, backoff=1.0, patience=None)
    record = trained(spiral(0, 1.5), settings)
    finding = said(record, "too slow: the network was still growing")
    assert "up to epoch 12 of 13" in finding.evidence and "now 3" in finding.turn


def test_a_training_that_is_cut_short_is_too_slow():
    settings = Settings.by_thresholds(
        epochs=12, cooldown=6, proposer="random", optimiser=NaturalGradient(step_size=0.3)
    )
    finding = said(trained(blobs(0), settings), "too slow: the loss was still falling")
    assert "in the last 5 of 12 epochs" in finding.evidence


LETS_ALL_IN = Thresholds(tau=0.0, alpha=1e-4, dense=False)
WIDE = {"proposer": "random", "acceptance": LETS_ALL_IN, "max_width": 24, "max_depth": 1}


def test_thresholds_that_let_everything_in_are_too_fast_and_too_many():
    settings = Settings.by_thresholds(
        **WIDE, epochs=150, cooldown=4,
        optimiser=NaturalGradient(step_size=0.5, damping=Damping(1e-3)),
    )  # fmt: skip
    record = trained(moons(0, 0.4, samples=60), settings, hidden=(1,))
    fast, many = said(record, "too fast: many"), said(record, "too many")
    assert fast.evidence == "23 additions in epoch 4, of 23 in all"
    epochs = record["history"]["epochs"]
    least = min(epochs, key=lambda e: e["validation_loss"])
    assert f"loss {least['validation_loss']:.3g} in epoch {least['epoch']}" in many.evidence
    assert f"{epochs[-1]['validation_loss']:.3g} in epoch 150" in many.evidence
    assert len(diagnosis(record)) == 2  # and not that the cap is too low


def test_additions_that_bring_next_to_nothing_are_too_fast():
    settings = Settings.by_thresholds(**WIDE | {"max_width": 11}, epochs=150, cooldown=10)
    record = trained(moons(0, 0.1, samples=1000), settings, hidden=(1,))
    finding = said(record, "too fast: additions")
    shares = [a["candidate"]["share"] for a in record["history"]["additions"]]
    small = [share for share in shares if share < 0.005]
    assert finding.evidence.startswith(f"{len(small)} of {len(shares)} additions")
    assert f"{min(shares):.2g} lambda" in finding.evidence


@pytest.mark.filterwarnings("ignore::sennpy.TrainingWarning")
def test_a_cap_that_ends_the_growth_makes_too_few_neurons():
    settings = Settings(epochs=60, max_width=2, max_depth=1)
    finding = said(trained(moons(0, 0.2), settings, hidden=(1,)), "too few")
    assert "max_width = 2" in finding.evidence and "hidden [2]" in finding.evidence
    assert "max_width = 2, max_depth = 1" in finding.turn


@pytest.mark.parametrize(
    "task", [moons(0, 0.3), circles(0), blobs(0)], ids=["moons", "circles", "blobs"]
)
def test_nothing_is_said_of_a_healthy_run(task):
    assert diagnosis(trained(task, Settings())) == []


@pytest.mark.parametrize("name", ["half-moons", "digits", "regression", "regression-case-1"])
def test_nothing_is_said_of_the_experiments_on_record(name):
    assert diagnosis(json.loads((FIGURES / f"{name}.json").read_text())) == []


def test_the_cap_of_the_mnist_on_record_is_found():
    finding = said(json.loads((FIGURES / "mnist.json").read_text()), "too few")
    assert "max_width = 60" in finding.evidence


def record_of_jumps():
    """A record of ten epochs whose loss jumps in the sixth, after a layer in the fourth."""
    record = json.loads((FIGURES / "half-moons.json").read_text())
    epochs = record["history"]["epochs"][:10]
    for epoch, loss in zip(epochs, [1.0, 0.9, 0.8, 0.7, 0.6, 3.0, 2.9, 2.8, 2.7, 2.6], strict=True):
        epoch["loss"] = loss
    layer = next(
        a for a in record["history"]["additions"] if a["candidate"]["kind"] == "layer"
    )  # fmt: skip
    layer["epoch"] = 4
    record["history"] |= {"epochs": epochs, "additions": [layer]}
    return record


def test_a_jump_after_a_layer_is_put_to_its_start():
    finding = said(record_of_jumps(), "unstable: the loss jumps after a layer")
    assert "epoch 6: loss 0.6 -> 3, 5 times" in finding.evidence
    assert "in epoch 4" in finding.evidence and "layer_cost" in finding.turn


def test_a_jump_long_after_it_is_not_and_one_that_is_made_good_is_none():
    record = record_of_jumps()
    record["history"]["additions"][0]["epoch"] = 2
    assert "layer" not in said(record, "unstable").sentence
    back = copy.deepcopy(record)
    back["history"]["epochs"][8]["loss"] = 0.5
    back["history"]["epochs"][9]["loss"] = 0.5
    assert not any(f.sentence.startswith("unstable") for f in diagnosis(back))


def test_a_loss_that_is_no_number_is_a_jump():
    record = record_of_jumps()
    record["history"]["epochs"][9]["loss"] = None
    assert "loss 2.7 -> inf" in said(record, "unstable").evidence


@pytest.mark.parametrize(
    "record, error, match",
    [([], TypeError, "list"), ({}, ValueError, "settings"),
     ({"settings": {"acceptance": {}, "cooldown": 1, "optimiser": {}}}, ValueError, "history"),
     ({"settings": {"acceptance": {}, "cooldown": 1, "optimiser": {}},
       "history": {"epochs": [{}], "looks": [], "additions": []}}, ValueError, "cannot be read")],
)  # fmt: skip
def test_what_is_no_record_is_refused(record, error, match):
    with pytest.raises(error, match=match):
        diagnosis(record)


def test_the_command_prints_what_is_found_with_its_evidence(capsys):
    assert main(["diagnose", str(FIGURES / "mnist.json")]) == 0
    shown = capsys.readouterr().out
    assert "too few neurons" in shown and "max_width = 60" in shown and "turn:" in shown
    assert main(["diagnose", str(FIGURES / "half-moons.json"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"findings": []}


def test_a_finding_is_three_texts():
    assert Finding._fields == ("sentence", "evidence", "turn")
