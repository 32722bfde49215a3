"""A training is a value: it can be stopped, looked at, continued, and continued elsewhere."""

import contextlib
import copy
import pickle
from dataclasses import replace

import numpy as np
import pytest
from runs import QUICK, SOFTMAX, SQUARED, changed, curve, moons, sightings

from sennpy import (
    MLP,
    SENN,
    SGD,
    Acceptance,
    DataWarning,
    MalaSearch,
    RandomSearch,
    State,
    TrainingDiverged,
    Verdict,
)
from sennpy.training.history import AdditionRecord, EpochRecord

KINDS = {
    "dense": {},
    "cg": {"solver": "cg"},
    "pcg": {"solver": "pcg", "refresh": 3, "cg_iterations": 2},
    "kfac": {"solver": "kfac"},
    "batches": {"batch_size": 16, "step_size": 0.05},
    "float32": {"dtype": "float32", "batch_size": 16, "step_size": 0.05},
    "sampled": {"metric": "sampled"},
    "few samples": {"look_samples": 17},
    "random": {"proposer": RandomSearch(20)},
    "mala": {"proposer": MalaSearch(4, 3, 5)},
    "momentum": {"optimiser": SGD(0.01, 0.5), "batch_size": 16},
}
every_kind = pytest.mark.parametrize("changes", KINDS.values(), ids=KINDS)


def problem(loss=SQUARED):
    return (MLP.random((1, 1, 1), rng=0), curve()) if loss is SQUARED else (
        MLP.random((2, 2), rng=0), moons())  # fmt: skip


def same(one, other):
    """Whether two states are the same to the byte, seconds apart."""
    return (
        one.network.parameters.tobytes() == other.network.parameters.tobytes()
        and one.network.sizes == other.network.sizes
        and (one.epoch, one.looks, one.looked) == (other.epoch, other.looks, other.looked)
        and one.generator == other.generator
        and sightings(one.history) == sightings(other.history)
    )


# --- Going on ------------------------------------------------------------------------------------


@every_kind
@pytest.mark.parametrize("stop", [10, 13])
def test_ten_epochs_and_ten_more_are_twenty(changes, stop):
    """Stopped at an epoch of a look, whose look the first run does not make, or between."""
    start, (X, t) = problem()
    senn = SENN(SQUARED, changed(QUICK, epochs=24, cooldown=5, **changes))
    whole = senn.fit(start, X, t).state
    first = SENN(SQUARED, changed(senn.settings, epochs=stop)).fit(start, X, t)
    assert first.state.epoch == stop
    assert same(senn.fit(None, X, t, state=first.state).state, whole)
    more = SENN(SQUARED, changed(senn.settings, epochs=1))
    assert same(more.fit(None, X, t, state=first.state, epochs=24 - stop).state, whole)
    assert len(whole.history.additions) >= 1


@pytest.mark.parametrize("loss", [SQUARED, SOFTMAX], ids=repr)
def test_advance_is_one_epoch_of_fit(loss):
    start, (X, t) = problem(loss)
    senn = SENN(loss, changed(QUICK, epochs=21))
    state, seen = senn.start(start), []
    assert (state.epoch, state.looks, state.history.epochs) == (0, 0, ())
    while state.epoch < 21:
        before = state.network.parameters.tobytes(), state.generator
        following = senn.advance(state, X, t, callback=lambda net, record: seen.append(record))
        assert (state.network.parameters.tobytes(), state.generator) == before  # a value
        assert following.epoch == state.epoch + 1
        state = following
    whole = senn.fit(start, X, t)
    assert same(state, whole.state)
    assert [r for r in seen if isinstance(r, EpochRecord)] == list(state.history.epochs)
    assert [r for r in seen if isinstance(r, AdditionRecord)] == list(state.history.additions)


def test_a_state_travels():
    start, (X, t) = problem()
    senn = SENN(SQUARED, changed(QUICK, epochs=21, solver="pcg", batch_size=16))
    half = SENN(SQUARED, changed(senn.settings, epochs=11)).fit(start, X, t)
    whole = senn.fit(start, X, t).state
    for copied in (pickle.loads(pickle.dumps(half.state)), copy.deepcopy(half.state)):
        assert same(copied, half.state)
        assert same(senn.fit(None, X, t, state=copied).state, whole)
    fit = pickle.loads(pickle.dumps(half))
    net, history = fit
    assert net.sizes == half.network.sizes and len(history.epochs) == 11
    assert same(fit.state, half.state)


def test_one_state_can_be_continued_twice():
    start, (X, t) = problem()
    senn = SENN(SQUARED, changed(QUICK, epochs=5))
    state = senn.fit(start, X, t).state
    one, other = (senn.fit(None, X, t, state=state, epochs=7).state for _ in range(2))
    assert same(one, other) and one.epoch == 12 and state.epoch == 5


def test_what_was_grown_goes_on_growing_on_new_data():
    start, (X, _) = problem()
    senn = SENN(SQUARED, changed(QUICK, epochs=30, tau=0.05, alpha=0.001, max_depth=1))
    first = senn.fit(start, X, np.sin(X))
    second = senn.fit(None, X, np.sin(4 * X), state=first.state, epochs=60)
    assert sum(second.network.sizes) > sum(first.network.sizes) > 3
    assert second.history.epochs[:30] == first.history.epochs
    assert [r.epoch for r in second.history.epochs] == list(range(1, 91))
    seconds = second.history.column("seconds")
    assert seconds == sorted(seconds)


def test_what_was_put_off_is_made_first():
    """After the last epoch there is no look; who goes on makes it before the next epoch."""
    start, (X, t) = problem()
    senn = SENN(SQUARED, changed(QUICK, epochs=10, cooldown=10))
    first = senn.fit(start, X, t)
    assert first.history.looks == () and first.state.looked == 0
    second = senn.fit(None, X, t, state=first.state, epochs=1)
    assert {look.epoch for look in second.history.looks} == {10}
    assert second.state.looked == 10


# --- Stopping ------------------------------------------------------------------------------------


@pytest.mark.parametrize("at", [7, 10])
def test_a_callback_can_stop_a_run_after_its_epoch(at):
    """Growth included: at epoch 10 there is a look, which is still made."""
    start, (X, t) = problem()
    senn = SENN(SQUARED, changed(QUICK, epochs=40))

    def stop(net, record):
        return np.bool_(isinstance(record, EpochRecord) and record.epoch == at)

    fit = senn.fit(start, X, t, callback=stop)
    assert fit.state.epoch == at and len(fit.history.epochs) == at
    assert fit.state.looked == (10 if at == 10 else 0)
    assert same(senn.fit(None, X, t, state=fit.state).state, senn.fit(start, X, t).state)


@pytest.mark.parametrize("kind", [EpochRecord, AdditionRecord])
@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError("a bug of one's own")])
def test_an_interrupt_or_an_error_in_a_callback_loses_nothing(error, kind):
    start, (X, t) = problem()
    senn = SENN(SQUARED, changed(QUICK, epochs=31, tau=0.0, alpha=1e-9, max_width=7))

    def fail(net, record):
        if isinstance(record, kind) and record.epoch == 10:
            raise error

    with pytest.raises((KeyboardInterrupt, RuntimeError)) as caught:
        senn.fit(start, X, t, callback=fail)
    state = caught.value.state
    assert state.epoch == (9 if kind is EpochRecord else 10)
    assert same(senn.fit(None, X, t, state=state).state, senn.fit(start, X, t).state)


def test_threads_follow_the_state_and_not_the_call(monkeypatch):
    """So that a run that is continued takes those that the unbroken run takes."""
    seen = []

    def threads(small):
        seen.append(small)
        return contextlib.nullcontext()

    monkeypatch.setattr("sennpy.training.senn.threads_for", threads)
    monkeypatch.setattr("sennpy.training.senn.SMALL_JACOBIAN", 40 * 20)
    start, (X, t) = problem()
    settings = changed(QUICK, epochs=31, tau=0.0, alpha=1e-9, max_width=4, max_depth=1)
    SENN(SQUARED, settings).fit(start, X, t)
    assert seen == [True, False]


def test_a_training_that_diverged_goes_on_from_its_last_epoch_with_other_steps():
    start, (X, t) = problem()
    wild = changed(QUICK, epochs=40, optimiser=SGD(5.0, 0.0), cooldown=1000)
    told = r"t has a spread of \d+, and up to 10 is well"
    with pytest.warns(DataWarning, match=told), pytest.raises(TrainingDiverged) as caught:
        SENN(SQUARED, wild).fit(start, X, 1e3 * t)
    state = caught.value.state
    assert isinstance(state, State) and state.epoch == caught.value.epoch - 1
    assert caught.value.history is state.history
    again = pickle.loads(pickle.dumps(caught.value))
    assert same(again.state, state) and str(again) == str(caught.value)
    calm = SENN(SQUARED, changed(wild, optimiser=SGD(1e-300, 0.0)))
    with pytest.warns(DataWarning, match=told):
        fit = calm.fit(None, X, 1e3 * t, state=state, epochs=2)
    assert fit.state.epoch == state.epoch + 2


# --- What is refused -----------------------------------------------------------------------------


def test_what_does_not_fit_together_is_refused_in_words_that_help():
    start, (X, t) = problem()
    senn = SENN(SQUARED, changed(QUICK, epochs=5))
    state = senn.fit(start, X, t).state
    for given, error, message in [
        ({"net": start, "state": state}, ValueError, "both a network and a state are given"),
        ({"net": None, "state": state}, ValueError, "has 5 epochs behind it .* tell how many more"),
        ({"net": None, "state": "half"}, TypeError, "state is of type str, expected a State"),
        ({"net": None}, TypeError, "net is of type NoneType"),
        ({"net": start, "epochs": -1}, ValueError, "epochs is -1"),
        ({"net": start, "epochs": 2.5}, TypeError, "epochs is 2.5"),
        ({"net": start, "callback": 3}, TypeError, "callback is 3"),
    ]:
        with pytest.raises(error, match=message):
            senn.fit(**{"X": X, "t": t} | given)
    single = SENN(SQUARED, replace(senn.settings, dtype="float32", epochs=9))
    with pytest.raises(ValueError, match=r"has dtype float64, expected .* float32"):
        single.fit(None, X, t, state=state)
    with pytest.raises(ValueError, match="X has 2 columns"):
        senn.fit(None, moons()[0], t, state=state, epochs=3)
    with pytest.raises(TypeError, match="expected a State"):
        senn.advance(None, X, t)


def test_a_rule_that_never_ends_is_told_so(monkeypatch):
    class Insatiable(Acceptance):
        def judge(self, place, changes):
            return Verdict(True, changes[0], 1.0) if changes else Verdict(False, reason="none")

    monkeypatch.setattr("sennpy.training.epoch.MOST_CHANGES", 5)
    settings = changed(QUICK, epochs=11, acceptance=Insatiable(), max_width=64, max_depth=1)
    start, (X, t) = problem()
    with pytest.raises(RuntimeError, match="has accepted 5 changes in epoch 10") as caught:
        SENN(SQUARED, settings).fit(start, X, t)
    assert caught.value.state.epoch == 10


def test_the_generator_of_a_state_is_the_one_that_was_left():
    rng = np.random.default_rng([3, 1])
    state = State.at_start(MLP.random((1, 2, 1), rng=0), 3)
    assert np.array_equal(state.rng().random(5), rng.random(5))
    assert np.array_equal(state.rng().integers(9, size=5), state.rng().integers(9, size=5))
