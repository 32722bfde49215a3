"""What `fit` warns of when it ends: a loss that rose, growth that a cap has ended."""

import warnings
from dataclasses import replace

import numpy as np
import pytest
from runs import QUICK, SOFTMAX, SQUARED, changed, curve, moons

from sennpy import MLP, SENN, SGD, History, NaturalGradient, ReLU, Settings, TrainingWarning
from sennpy.training.afterwards import check_history
from sennpy.training.history import EpochRecord

STEPS = Settings.by_thresholds(epochs=9, cooldown=100, optimiser=SGD(0.5, 0.0))


def told(history, settings=STEPS, loss=SQUARED, start=0):
    """The warnings of the end, as text."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        check_history(history, settings, loss, start)
    assert all(w.category is TrainingWarning for w in caught)
    return [str(w.message) for w in caught]


def of(*losses):
    """A history of these losses."""
    return History(tuple(
        EpochRecord(i, loss, None, 1.0, (1, 1), 0.0, 0.0) for i, loss in enumerate(losses, 1)
    ))  # fmt: skip


# --- The loss ------------------------------------------------------------------------------------


def test_a_loss_that_ends_above_its_start():
    (said,) = told(of(2.0, 1.0, 2.5))
    assert said.startswith("the loss is 2.5 in epoch 3 and was 2 in epoch 1: the training has made")
    assert "Smaller steps or more damping (now SGD(step_size=0.5, momentum=0.0))" in said
    assert told(of(2.0, 5.0, 1.9)) == told(of(2.0)) == told(of()) == []


def test_a_loss_that_stands_still_does_not_end_above_its_start():
    assert told(of(2.0, 2.0001)) == [] and len(told(of(2.0, 2.001))) == 1
    assert told(of(1e-9, 2e-9), loss=SOFTMAX) == []  # less than 0.01 nats is nothing
    assert len(told(of(1e-9, 2e-9))) == 1


def test_an_epoch_that_raised_the_loss_tenfold():
    (said,) = told(of(5.0, 0.1, 2.0, 0.15, 6.0, 1.0), settings=replace(STEPS, tolerance=1.0))
    assert said.startswith(
        "epoch 4 raised the loss 40-fold, from 0.15 to 6, the worst of 2 such jumps. Smaller steps"
    )
    (said,) = told(of(5.0, 0.1, 2.0))
    assert said.startswith("epoch 2 raised the loss 20-fold, from 0.1 to 2. Smaller")


def test_a_jump_that_stays_below_a_hundredth_of_the_first_loss_did_no_harm():
    assert told(of(5.0, 1e-4, 2e-3, 1e-4)) == [] and told(of(5.0, 0.5, 4.9)) == []
    assert told(of(0.5, 1e-4, 9e-3), loss=SOFTMAX) == []
    assert told(of(5.0, 0.0, 1.0)) == []  # no ratio


def test_a_jump_that_was_made_good_again_is_none():
    assert told(of(0.6, 26.0, 3.0, 0.5)) == []
    assert len(told(of(0.6, 26.0, 3.0, 0.7))) == 2  # never back, and above the start


def test_what_was_told_before_is_not_told_again():
    history = of(1.0, 30.0, 20.0, 10.0)
    assert len(told(history)) == 2 and told(history, start=1) == []
    (said,) = told(of(1.0, 30.0, 20.0, 25.0), start=2)
    assert said.startswith("the loss is 25 in epoch 4 and was 20 in epoch 3")


def test_targets_times_a_million_no_longer_end_in_silence():
    """Found in use: they ended at 1e14 without a word. The result is as it was."""
    (X, t), net = curve(), MLP.random((1, 1), rng=0)
    settings = Settings.by_thresholds(epochs=4, cooldown=100, optimiser=SGD(4.0, 0.0))
    with pytest.warns(Warning) as caught:
        loud = SENN(SQUARED, settings).fit(net, X, 1e6 * t)
    kinds = [w.category.__name__ for w in caught]
    assert kinds == ["DataWarning", "TrainingWarning"]
    assert "the training has made it worse" in str(caught[1].message)
    assert all(w.filename == __file__ for w in caught)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        quiet = SENN(SQUARED, settings).fit(net, X, 1e6 * t)
    assert loud.network.parameters.tobytes() == quiet.network.parameters.tobytes()


def test_a_training_that_a_callback_stopped_is_not_judged():
    (X, t), net = curve(), MLP.random((1, 1), rng=0)
    settings = Settings.by_thresholds(epochs=4, cooldown=100, optimiser=SGD(4.0, 0.0))
    with pytest.warns(TrainingWarning, match="the training has made it worse"):
        SENN(SQUARED, settings).fit(net, X, t)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ended = SENN(SQUARED, settings).fit(net, X, t, callback=lambda net, one: one.epoch == 2)
    assert len(ended.history.epochs) == 2


# --- Caps ----------------------------------------------------------------------------------------


EAGER = changed(QUICK, tau=0.0, alpha=0.0)


def test_a_layer_that_grew_until_it_was_full():
    (X, t), net = curve(), MLP.random((1, 1, 1), ReLU(), rng=0)
    settings = replace(EAGER, max_width=3)  # and no layer, since ReLU can be no identity
    with pytest.warns(TrainingWarning, match="hidden layer 0 grew until it was full") as caught:
        _, history = SENN(SQUARED, settings).fit(net, X, t)
    full = history.additions[-1]
    assert full.sizes == (1, 3, 1)
    assert f"in epoch {full.epoch}: the layer is at max_width = 3. Raise" in str(caught[0].message)


def test_a_network_with_no_place_left():
    (X, t), net = curve(), MLP.random((1, 1, 1), rng=0)
    settings = replace(EAGER, max_width=2, max_depth=1)
    with pytest.warns(TrainingWarning) as caught:
        SENN(SQUARED, settings).fit(net, X, t)
    assert len(caught) == 1 and str(caught[0].message) == (
        "since epoch 10 no place in the network (sizes [1, 2, 1]) could take more: the layer is at "
        "max_width = 2; the network is at max_depth = 1. Raise Settings(max_width=, max_depth=) if "
        "it is to grow on."
    )


def test_inputs_wider_than_any_layer_may_be():
    """Square layers alone, and 5 inputs for at most 4 units: nothing could ever be added."""
    X, t = np.random.default_rng(0).standard_normal((40, 5)), np.arange(40) % 2
    told = r"since epoch 10 no place .* a square layer would have 5 neurons \(max_width = 4\)"
    with pytest.warns(TrainingWarning, match=told):
        SENN(SOFTMAX, replace(QUICK, max_width=4)).fit(MLP.random((5, 2), rng=0), X, t)


def test_a_layer_that_was_full_from_the_start_or_a_depth_that_was_wished_for_is_no_surprise():
    (X, t), start = curve(), MLP.random((1, 3, 1), rng=0)
    SENN(SQUARED, changed(EAGER, max_width=3, max_depth=3, tau=1e9)).fit(start, X, t)
    SENN(SQUARED, replace(EAGER, max_width=1, max_depth=0)).fit(start, X, t)  # no growth at all
    SENN(SQUARED, replace(EAGER, max_depth=0)).fit(MLP.random((1, 1), rng=0), X, t)
    SENN(SQUARED, changed(QUICK, max_depth=1)).fit(MLP.random((1, 1), rng=0), X, t)


def test_an_activation_that_can_be_no_identity_is_no_cap():
    (X, t), net = moons(), MLP.random((2, 2), ReLU(), rng=0)
    SENN(SOFTMAX, QUICK).fit(net, X, t)


def test_no_look_no_warning():
    (X, t), net = curve(), MLP.random((1, 1), rng=0)
    SENN(SQUARED, Settings.by_thresholds(epochs=4, optimiser=NaturalGradient())).fit(net, X, t)
