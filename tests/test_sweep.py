"""Sweeps over the number of samples, and few samples trained as long as many."""

import pickle

import pytest
from runs import changed

from sennpy import MLP, Settings, State
from sennpy.experiments import digits
from sennpy.experiments.classification import quick
from sennpy.experiments.mnist import LEAST_STEPS, PAPER, steps_kept
from sennpy.experiments.sweep import bands, sweep
from sennpy.training.errors import TrainingDiverged
from sennpy.training.history import History

SHORT = quick(changed(Settings.by_thresholds(), epochs=2, max_depth=1, solver="kfac"))


def timeless(rows):
    return [{k: v for k, v in row.items() if k != "seconds"} for row in rows]


def test_a_sweep_holds_what_each_run_gives_by_size_then_seed():
    rows = sweep(digits, SHORT, [3, 5], [1, 2], jobs=1)
    assert [(row["per_class"], row["seed"]) for row in rows] == [(3, 1), (3, 2), (5, 1), (5, 2)]
    assert [row["samples"] for row in rows] == [30, 30, 50, 50]
    assert [row["epochs"] for row in rows] == [2, 2, 2, 2]
    direct = digits.run(changed(SHORT, seed=2), per_class=5).numbers()
    assert timeless(rows)[3] == {"per_class": 5, "cooldown": 30} | timeless([direct])[0]


def test_processes_change_nothing_but_the_time():
    assert timeless(sweep(digits, SHORT, [3], [1, 2], jobs=2)) == timeless(
        sweep(digits, SHORT, [3], [1, 2], jobs=1)
    )


def test_a_divergence_in_another_process_is_told_here():
    net = MLP.random((2, 1), rng=0)
    error = TrainingDiverged(7, net, State.at_start(net, 0), SHORT, "a cause")
    come = pickle.loads(pickle.dumps(error))
    assert type(come) is TrainingDiverged and str(come) == str(error)
    assert come.epoch == 7 and come.network.sizes == (2, 1) and come.history == History()


def test_bands_are_least_middle_and_largest_over_the_seeds():
    rows = [
        {"per_class": n, "samples": 10 * n, "value": v} for n, v in [(3, 5), (3, 1), (3, 2), (7, 4)]
    ]
    assert bands(rows, lambda row: row["value"]) == [(30, 1, 2, 5), (70, 4, 4, 4)]


@pytest.mark.parametrize("samples", [1, 100, 1024, 1025, 3000, 10_000])
def test_few_samples_are_trained_for_enough_steps_with_as_many_looks(samples):
    settings = Settings.by_thresholds(epochs=30, cooldown=1, batch_size=1024)
    longer = steps_kept(settings, samples)
    steps = longer.epochs * -(-samples // 1024)
    assert 0.75 * LEAST_STEPS <= steps <= 1.25 * LEAST_STEPS
    assert longer.epochs // longer.cooldown == 30


@pytest.mark.parametrize("settings", [Settings.by_thresholds(epochs=30, batch_size=1024), PAPER])
def test_many_samples_or_epochs_are_trained_as_they_are(settings):
    assert steps_kept(settings, 60_000) == settings
