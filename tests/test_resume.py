"""A training goes on from its file as if it had never stopped, whatever stopped it."""

import json
import os
import signal
import subprocess
import sys
import textwrap
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from own_losses import Huber
from runs import QUICK, SOFTMAX, SQUARED, changed, curve, moons, sightings

from sennpy import (
    MLP,
    SENN,
    SGD,
    CrossFitted,
    Damping,
    LevenbergMarquardt,
    MalaSearch,
    NaturalGradient,
    ProfileSearch,
    RandomSearch,
    Schedule,
    Settings,
    State,
)
from sennpy.growth.released import ReleasedAscent, ReleasedSearch, ReleasedSubsetSearch
from sennpy.growth.rules import HeldOut, InformationCriterion, PermutationNull
from sennpy.training import saved as saved_states
from sennpy.training.history import AdditionRecord, EpochRecord, LookRecord, plain
from sennpy.training.resuming import Origin
from sennpy.training.saved import load_state, save_state

SMALL = CrossFitted(ProfileSearch(candidates=8, refined=1, iterations=5), counts=(1, 2), folds=2)
KINDS = {
    "marquardt dense": {"optimiser": LevenbergMarquardt(solver="dense", wait=2)},
    "marquardt pcg": {"optimiser": LevenbergMarquardt(solver="pcg", wait=2)},
    "marquardt sampled": {"optimiser": LevenbergMarquardt("sampled"), "batch_size": 16},
    "marquardt float32": {"optimiser": LevenbergMarquardt(), "dtype": "float32"},
    "dense": {},
    "cg": {"solver": "cg"},
    "pcg": {"solver": "pcg", "refresh": 3, "cg_iterations": 2},
    "pcg batches": {"solver": "pcg", "refresh": 5, "cg_iterations": 2, "batch_size": 16},
    "pcg float32": {"solver": "pcg", "refresh": 5, "cg_iterations": 2, "dtype": "float32"},
    "cg batches float32": {"solver": "cg", "batch_size": 16, "dtype": "float32"},
    "kfac batches": {"solver": "kfac", "batch_size": 16, "step_size": 0.05},
    "kfac": {"solver": "kfac", "damping": Damping(0.1, "relative", "factored")},
    "sampled": {"metric": "sampled", "batch_size": 16, "step_size": 0.05},
    "float32": {"dtype": "float32", "batch_size": 16, "step_size": 0.05},
    "momentum": {"optimiser": SGD(0.01, 0.5), "batch_size": 16},
    "momentum float32": {"optimiser": SGD(0.01, 0.5), "dtype": "float32"},
    "few samples": {"look_samples": 17},
    "random": {"proposer": RandomSearch(20)},
    "mala": {"proposer": MalaSearch(4, 3, 5)},
    "by name": {"proposer": "random"},
    "profile of layers": {"proposer": ProfileSearch(8, 1, 5), "layer_cooldown": 2},
    "released": {"proposer": ReleasedSearch(6, 4, 3)},
    "released subset": {"proposer": ReleasedSubsetSearch(6, 4, 3)},
    "released ascent": {"proposer": ReleasedAscent(2, 3, 4)},
    "permutation": {
        "proposer": RandomSearch(20),
        "acceptance": PermutationNull(3, 0.5, RandomSearch(20)),
    },
    "criterion": {"proposer": SMALL, "acceptance": InformationCriterion("aic")},
    "held out": {"proposer": replace(SMALL, held_out=1), "acceptance": HeldOut(0.5)},
    "schedule": {"acceptance": Schedule((5, 15)), "cooldown": 5},
    "cross-fitted": {"proposer": SMALL, "acceptance": Settings().acceptance},
}
every_kind = pytest.mark.parametrize("changes", KINDS.values(), ids=KINDS)


def problem(loss=SQUARED):
    return (MLP.random((1, 1, 1), rng=0), curve()) if loss is SQUARED else (
        MLP.random((2, 2), rng=0), moons())  # fmt: skip


def told(state, optimiser):
    """All that a state holds, to the byte, seconds apart, in one value."""
    memory = []
    memory.append(saved_states.packed(optimiser.memory_as_plain(state.memory), "memory", memory))
    history = plain(state.history)
    for record in history["epochs"]:
        record["seconds"] = 0.0
    nets = [state.network] + ([] if state.best is None else [state.best[1]])
    return (
        [(net.parameters.tobytes(), net.sizes, net.dtype, net.activation) for net in nets],
        [m.tobytes() if isinstance(m, np.ndarray) else repr(m) for m in memory],
        (state.epoch, state.looks, state.looked, state.idle, state.still, state.generator),
        None if state.best is None else state.best[0], json.dumps(history),
    )  # fmt: skip


def same(one, other, optimiser):
    return told(one, optimiser) == told(other, optimiser)


class Stop(Exception):
    """An error in a callback."""


def stopping(kind, epoch, error):
    """A callback that raises an error at the first record of a kind from an epoch on."""

    def callback(net, record):
        if isinstance(record, kind) and record.epoch >= epoch:
            raise error

    return callback


# --- The same bytes ------------------------------------------------------------------------------


@every_kind
def test_a_run_that_is_resumed_is_the_run_that_was_never_stopped(changes, tmp_path):
    start, (X, t) = problem()
    senn = SENN(SQUARED, changed(QUICK, **{"epochs": 24, "cooldown": 5} | changes))
    path, validation, optimiser = tmp_path / "run", (X[:9], t[:9]), senn.settings.optimiser
    whole = senn.fit(start, X, t, validation)
    assert whole.history.looks and whole.state.best is not None
    for kind, epoch, every in [(EpochRecord, 3, 4), (LookRecord, 5, 1), (EpochRecord, 13, 4)]:
        path.unlink(missing_ok=True)
        stop = stopping(kind, epoch, Stop())
        with pytest.raises(Stop) as caught:
            senn.fit(start, X, t, validation, stop, checkpoint=path, every=every)
        assert same(load_state(path), caught.value.state, optimiser)
        resumed = senn.resume(path, X, t, validation)
        assert same(resumed.state, whole.state, optimiser)
        assert sightings(resumed.history) == sightings(whole.history)
        assert same(load_state(path), whole.state, optimiser)
    again = senn.resume(path, X, t, validation)  # what has ended stays as it is
    assert same(again.state, whole.state, optimiser)


@pytest.mark.parametrize("loss", [SQUARED, SOFTMAX], ids=repr)
def test_the_defaults_resume_to_their_end_too(loss, tmp_path):
    """With looks that back off, an end by convergence, and the network that was best."""
    start, (X, t) = problem(loss)
    senn = SENN(loss, Settings(epochs=40, cooldown=3, proposer=SMALL, tolerance=3e-3, keep="best"))
    validation, path = (X[::2], t[::2]), tmp_path / "run"
    whole = senn.fit(start, X, t, validation)
    for epoch in (2, 8, 15):
        with pytest.raises(KeyboardInterrupt):
            stop = stopping(EpochRecord, epoch, KeyboardInterrupt())
            senn.fit(start, X, t, validation, stop, checkpoint=path)
        resumed = senn.resume(path, X, t, validation)
        assert same(resumed.state, whole.state, senn.settings.optimiser)
        assert resumed.network.parameters.tobytes() == whole.network.parameters.tobytes()
    assert same(senn.resume(path, X, t, validation).state, whole.state, senn.settings.optimiser)


@every_kind
def test_a_state_comes_back_as_it_was(changes, tmp_path):
    start, (X, t) = problem()
    settings = changed(QUICK, **{"epochs": 9, "cooldown": 4} | changes)
    state = SENN(SQUARED, settings).fit(start, X, t, (X, t)).state
    back = load_state(save_state(state, tmp_path / "state", settings.optimiser))
    assert isinstance(back, State) and same(back, state, settings.optimiser)
    assert back.seconds == state.seconds and back.network.dtype == state.network.dtype
    assert sightings(back.history) == sightings(state.history)
    assert np.array_equal(back.rng().random(5), state.rng().random(5))
    assert not back.network.weights[0].flags.writeable


def test_equal_states_give_equal_bytes(tmp_path):
    start, (X, t) = problem()
    state = SENN(SQUARED, changed(QUICK, epochs=7)).fit(start, X, t).state
    files = [save_state(state, tmp_path / name, QUICK.optimiser) for name in "ab"]
    files.append(save_state(load_state(files[0]), tmp_path / "c", QUICK.optimiser))
    known = {}
    files += [save_state(state, tmp_path / name, QUICK.optimiser, None, known) for name in "de"]
    assert len({file.read_bytes() for file in files}) == 1 and len(known) == 7


def test_the_states_on_disk_are_those_after_every_few_epochs(tmp_path, monkeypatch):
    written = []

    def save(state, path, *rest):
        written.append(state.epoch)
        return save_state(state, path, *rest)

    monkeypatch.setattr("sennpy.training.resuming.save_state", save)
    start, (X, t) = problem()
    senn, path = SENN(SQUARED, changed(QUICK, epochs=11)), tmp_path / "run"
    fit = senn.fit(start, X, t, checkpoint=path, every=4)
    assert written == [4, 8, 11] and load_state(path).looked == 10
    assert same(load_state(path), fit.state, QUICK.optimiser)
    del written[:]
    senn.resume(path, X, t, epochs=6)
    assert written == [12, 16, 17] and load_state(path).looked == 10
    del written[:]
    senn.resume(path, X, t, epochs=2, every=1)
    assert written == [18, 19]


def test_a_run_may_be_made_longer(tmp_path):
    start, (X, t) = problem()
    senn, path = SENN(SQUARED, changed(QUICK, epochs=10)), tmp_path / "run"
    longer = SENN(SQUARED, changed(QUICK, epochs=24))
    whole = longer.fit(start, X, t).state
    senn.fit(start, X, t, checkpoint=path)
    assert senn.resume(path, X, t).state.epoch == 10
    assert same(longer.resume(path, X, t).state, whole, QUICK.optimiser)
    with pytest.raises(ValueError, match=r"has 24 epochs behind it and settings.epochs is 10"):
        senn.resume(path, X, t)
    assert senn.resume(path, X, t, epochs=3).state.epoch == 27


def test_a_run_of_so_many_more_epochs_is_resumed_to_its_own_end(tmp_path):
    start, (X, t) = problem()
    senn, path = SENN(SQUARED, changed(QUICK, epochs=4)), tmp_path / "run"
    state = senn.fit(start, X, t).state
    whole = senn.fit(None, X, t, state=state, epochs=9).state
    with pytest.raises(Stop):
        stop = stopping(EpochRecord, 7, Stop())
        senn.fit(None, X, t, callback=stop, state=state, epochs=9, checkpoint=path)
    assert same(senn.resume(path, X, t).state, whole, QUICK.optimiser)


def test_a_run_that_its_callback_stopped_goes_on(tmp_path):
    start, (X, t) = problem()
    senn, path = SENN(SQUARED, changed(QUICK, epochs=22)), tmp_path / "run"
    first = senn.fit(start, X, t, callback=lambda net, record: record.epoch == 10, checkpoint=path)
    assert first.state.epoch == load_state(path).epoch == 10 == first.state.looked
    whole = senn.fit(start, X, t).state
    assert same(senn.resume(path, X, t).state, whole, QUICK.optimiser)


# --- What is written on the way out --------------------------------------------------------------


@pytest.mark.parametrize("kind", [EpochRecord, LookRecord, AdditionRecord])
@pytest.mark.parametrize("error", [KeyboardInterrupt(), Stop(), SystemExit(143)], ids=repr)
def test_an_interrupted_run_leaves_its_last_good_state(error, kind, tmp_path):
    start, (X, t) = problem()
    settings = changed(QUICK, epochs=31, tau=0.0, alpha=1e-9, max_width=7)
    senn, path = SENN(SQUARED, settings), tmp_path / "run"
    with pytest.raises(type(error)) as caught:
        senn.fit(start, X, t, callback=stopping(kind, 10, error), checkpoint=path, every=1000)
    state = load_state(path)
    assert state.epoch == (9 if kind is EpochRecord else 10)
    assert same(state, caught.value.state, settings.optimiser)
    whole = senn.fit(start, X, t).state
    assert same(senn.resume(path, X, t).state, whole, settings.optimiser)


class Broken(RandomSearch):
    """A search that fails in a later look, after it has drawn."""

    def __init__(self, error):
        super().__init__(5)
        object.__setattr__(self, "error", error)
        object.__setattr__(self, "looks", [])

    def changes(self, place, rng):
        found = super().changes(place, rng)
        self.looks.append(place)
        if len(self.looks) == 4:
            raise self.error
        return found


@pytest.mark.parametrize("error", [KeyboardInterrupt(), Stop()], ids=repr)
def test_what_fails_in_the_midst_of_a_search_is_looked_for_again(error, tmp_path):
    start, (X, t) = problem()
    settings = changed(QUICK, epochs=31, tau=0.0, alpha=1e-9)
    whole = SENN(SQUARED, replace(settings, proposer=RandomSearch(5))).fit(start, X, t).state
    broken = SENN(SQUARED, replace(settings, proposer=Broken(error)))
    with pytest.raises(type(error)) as caught:
        broken.fit(start, X, t, checkpoint=tmp_path / "run", every=1000)
    for state in (caught.value.state, load_state(tmp_path / "run")):
        assert state.looked < state.epoch  # its look is still to be made
        mended = SENN(SQUARED, replace(settings, proposer=RandomSearch(5)))
        assert same(mended.fit(None, X, t, state=state).state, whole, settings.optimiser)


class Sealed(Exception):
    """An error that has a state of its own, and takes no other."""

    @property
    def state(self):
        return "sealed"


@pytest.mark.parametrize("kind", [EpochRecord, LookRecord])
def test_an_error_that_can_carry_nothing_comes_through_and_the_file_has_the_state(kind, tmp_path):
    start, (X, t) = problem()
    senn, path = SENN(SQUARED, changed(QUICK, epochs=22)), tmp_path / "run"
    with pytest.raises(Sealed, match="no more"):
        senn.fit(start, X, t, None, stopping(kind, 10, Sealed("no more")), checkpoint=path)
    assert load_state(path).epoch == 9
    whole = senn.fit(start, X, t).state
    assert same(senn.resume(path, X, t).state, whole, senn.settings.optimiser)


def test_a_run_that_fails_in_its_first_epoch_leaves_its_start(tmp_path):
    start, (X, t) = problem()
    senn, path = SENN(SQUARED, changed(QUICK, epochs=12)), tmp_path / "run"
    with pytest.raises(Stop):
        senn.fit(start, X, t, None, stopping(EpochRecord, 1, Stop()), checkpoint=path)
    assert load_state(path).epoch == 0
    assert same(senn.resume(path, X, t).state, senn.fit(start, X, t).state, QUICK.optimiser)


@pytest.mark.parametrize("checkpoint", [True, False])
def test_an_interrupt_between_epochs_carries_the_state_too(checkpoint, tmp_path, monkeypatch):
    """Where no seam and no callback is at work."""
    start, (X, t) = problem()
    senn, path = SENN(SQUARED, changed(QUICK, epochs=22)), tmp_path / "run"
    goes_on, whole = senn.goes_on, senn.fit(start, X, t).state

    def interrupted(state, settings, watch):
        if state.epoch == 13:
            raise KeyboardInterrupt
        return goes_on(state, settings, watch)

    monkeypatch.setattr(senn, "goes_on", interrupted)
    with pytest.raises(KeyboardInterrupt) as caught:
        senn.fit(start, X, t, checkpoint=path if checkpoint else None, every=5)
    monkeypatch.undo()
    assert caught.value.state.epoch == 13
    state = load_state(path) if checkpoint else caught.value.state
    assert same(senn.fit(None, X, t, state=state).state, whole, QUICK.optimiser)


def test_an_interrupt_while_writing_leaves_the_state_that_was_to_be_written(tmp_path, monkeypatch):
    start, (X, t) = problem()
    senn, path, calls = SENN(SQUARED, changed(QUICK, epochs=9)), tmp_path / "run", []
    replaced = os.replace

    def interrupted(*names):
        calls.append(names)
        if len(calls) == 5:
            raise KeyboardInterrupt
        replaced(*names)

    monkeypatch.setattr(os, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt) as caught:
        senn.fit(start, X, t, checkpoint=path)
    assert caught.value.state.epoch == load_state(path).epoch == 5
    assert os.listdir(tmp_path) == ["run"]


def test_a_full_disk_ends_the_run_and_keeps_the_file_of_before(tmp_path, monkeypatch):
    start, (X, t) = problem()
    senn, path, savez, calls = (
        SENN(SQUARED, changed(QUICK, epochs=9)),
        tmp_path / "run",
        np.savez,
        [],
    )

    def full(file, **content):
        calls.append(file)
        if len(calls) > 4:
            raise OSError(28, "No space left on device")
        savez(file, **content)

    monkeypatch.setattr(np, "savez", full)
    with pytest.raises(OSError, match=r"No space left on device: '.*run'") as caught:
        senn.fit(start, X, t, checkpoint=path)
    assert caught.value.state.epoch == 5 and load_state(path).epoch == 4 and len(calls) == 5
    assert os.listdir(tmp_path) == ["run"]
    with pytest.raises(OSError, match="No space left") as caught:  # at the end
        senn.fit(start, X, t, checkpoint=path, every=100)
    assert caught.value.state.epoch == 9
    stop = stopping(EpochRecord, 7, Stop())
    with pytest.raises(Stop), pytest.warns(RuntimeWarning, match="could not be written to .*run"):
        senn.fit(start, X, t, callback=stop, checkpoint=path, every=100)
    assert load_state(path).epoch == 4


# --- Killed --------------------------------------------------------------------------------------

TRAINING = """
    import sys; sys.path.insert(0, {tests!r})
    from test_resume import SENN, killed_settings, problem, SQUARED
    start, (X, t) = problem()
    senn = SENN(SQUARED, killed_settings())
"""
KILLED = (
    TRAINING
    + """
    import os, shutil, signal, time
    import numpy as np

    def child(path, before=lambda: None):
        pid = os.fork()
        if pid == 0:
            before()
            senn.fit(start, X, t, checkpoint=path)
            os._exit(0)
        return pid

    def ends_itself(name, at):
        real, calls = getattr(os, name), []
        def call(*arguments):
            calls.append(name)
            if len(calls) == at:
                os.kill(os.getpid(), signal.SIGKILL)
            return real(*arguments)
        setattr(os, name, call)

    begun = time.perf_counter()
    assert os.waitpid(child("whole"), 0)[1] == 0
    lasts, rng = time.perf_counter() - begun, np.random.default_rng(0)
    for i in range(15):
        pid = child("killed-%d" % i)
        while i >= 3 and not os.path.exists("killed-%d" % i):  # the first may come to no file yet
            time.sleep(0.001)
        time.sleep(rng.uniform(0, 1) * lasts)
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    for name in ("open", "fsync", "replace", "close"):
        for at in (2, 7):
            pid = child("step-%s-%d" % (name, at), lambda: ends_itself(name, at))
            assert os.waitpid(pid, 0)[1] == signal.SIGKILL
"""
)


def killed_settings():
    return changed(QUICK, epochs=40, tau=0.02, alpha=0.0, batch_size=10, step_size=0.05)


def run(script, folder, **options):
    script = textwrap.dedent(script.format(tests=str(Path(__file__).parent)))
    return subprocess.run(
        [sys.executable, "-c", script], cwd=folder, capture_output=True, text=True, **options
    )


@pytest.mark.skipif(not hasattr(os, "fork"), reason="a process is forked to be killed")
def test_what_a_killed_process_leaves_is_a_state_of_its_run(tmp_path):
    """At any moment, and at each step of writing."""
    done = run(KILLED, tmp_path)
    assert done.returncode == 0, done.stderr
    start, (X, t) = problem()
    senn = SENN(SQUARED, killed_settings())
    optimiser, state = senn.settings.optimiser, senn.start(start)
    states = [state := senn.advance(state, X, t) for _ in range(40)]
    assert same(states[-1], load_state(tmp_path / "whole"), optimiser)
    found = [p for p in tmp_path.iterdir() if p.suffix != ".partial" and p.name != "whole"]
    by_epoch = {load_state(path).epoch: path for path in found}
    for path in found:
        left = load_state(path)
        assert same(left, states[left.epoch - 1], optimiser)
    for path in by_epoch.values():
        assert same(senn.resume(path, X, t, every=10).state, states[-1], optimiser)
    steps = {f"step-{name}-{at}" for name in ("open", "fsync", "replace", "close") for at in (2, 7)}
    sure = {f"killed-{i}" for i in range(3, 15)} | steps - {"step-open-2"}  # its first file
    assert sure <= {path.name for path in found} and len(by_epoch) >= 6


def test_a_run_that_another_process_began_is_resumed(tmp_path):
    script = (
        TRAINING
        + """
    import os
    def stop(net, record):
        if record.epoch == 23:
            os.kill(os.getpid(), 9)
    senn.fit(start, X, t, callback=stop, checkpoint="run")
    """
    )
    assert run(script, tmp_path).returncode == -signal.SIGKILL
    start, (X, t) = problem()
    senn = SENN(SQUARED, killed_settings())
    assert load_state(tmp_path / "run").epoch == 22
    whole = senn.fit(start, X, t).state
    assert same(senn.resume(tmp_path / "run", X, t).state, whole, senn.settings.optimiser)


# --- What is refused -----------------------------------------------------------------------------


@pytest.fixture
def begun(tmp_path):
    """A training with a checkpoint, its data, and the path."""
    start, (X, t) = problem()
    senn, path = SENN(SQUARED, changed(QUICK, epochs=12)), tmp_path / "run"
    with pytest.raises(Stop):
        stop = stopping(EpochRecord, 7, Stop())
        senn.fit(start, X, t, (X[:5], t[:5]), stop, checkpoint=path)
    return senn, path, X, t


OTHERS = {
    "seed": ({"seed": 3}, r"settings.seed is 0 there and 3 here"),
    "step": ({"step_size": 0.2}, r"settings.optimiser.step_size is 0.1 there and 0.2 here"),
    "damping": ({"damping": Damping(0.2)}, r"settings.optimiser.damping.value is 0.1 there and"),
    "tau": ({"tau": 0.5}, r"settings.acceptance.tau is 0.1 there and 0.5 here"),
    "rule": (
        {"acceptance": Schedule((10,))},
        r"settings.acceptance.class is 'Thresholds' there and 'Schedule' here\. ",
    ),
    "proposer": ({"proposer": "mala"}, r"settings.proposer.class is 'ProfileSearch' there and 'M"),
    "optimiser": ({"optimiser": SGD()}, r"settings.optimiser.class is 'NaturalGradient' there a"),
    "two": ({"seed": 3, "max_width": 5}, r"max_width is 64 there and 5 here; settings.seed is 0"),
    "dtype": ({"dtype": "float32"}, r"settings.dtype is 'float64' there and 'float32' here"),
}


@pytest.mark.parametrize("name", OTHERS)
def test_other_settings_are_refused_and_named(name, begun):
    senn, path, X, t = begun
    changes, message = OTHERS[name]
    with pytest.raises(ValueError, match=r"run is of another training: .*" + message):
        SENN(SQUARED, changed(senn.settings, **changes)).resume(path, X, t, (X[:5], t[:5]))


@pytest.mark.parametrize("name", Settings.__dataclass_fields__)
def test_every_setting_but_the_length_is_compared(name, begun):
    senn, path, X, t = begun
    others = Settings(
        epochs=13, proposer="random", cooldown=5, backoff=1.5, patience=9, tolerance=1e-3,
        keep="best", layer_cooldown=2, max_width=9, max_depth=1, batch_size=7, look_samples=9,
        dtype="float32", seed=5,
    )  # fmt: skip
    other = SENN(SQUARED, replace(senn.settings, **{name: getattr(others, name)}))
    if name == "epochs":
        assert other.resume(path, X, t, (X[:5], t[:5])).state.epoch == 13
    else:
        with pytest.raises(ValueError, match=rf"settings\.{name}"):
            other.resume(path, X, t, (X[:5], t[:5]))


def test_other_data_are_refused_and_named(begun):
    senn, path, X, t = begun
    few = X[:5], t[:5]
    for data, validation, message in [
        ((X + 1e-12, t), few, "X holds other values"),
        ((X[::-1], t), few, "X holds other values"),
        ((X, -t), few, r"t holds other values\. To go on all the same: fit\(None, X, t, state="),
        ((X[1:], t[1:]), few, r"X.shape is \[40, 1\] there and \[39, 1\] here.*t.shape is"),
        ((X, t.astype("float32")), few, "t.dtype is '<f8' there and '<f4' here"),
        ((X, t), None, "validation X is given there and not here; validation t is given there"),
        ((X, t), (X[:4], t[:4]), r"validation X.shape is \[5, 1\] there and \[4, 1\] here"),
        ((X, t), (X[:5], t[1:6]), "another training: validation t holds other values"),
    ]:
        with pytest.raises(ValueError, match=message):
            senn.resume(path, *data, validation)
    with pytest.raises(ValueError, match="X has 2 columns"):
        senn.resume(path, moons()[0], t, few)
    senn.resume(path, X.tolist(), t.tolist(), few)  # the same data, told in another way


def test_data_that_were_not_there_are_told(tmp_path):
    start, (X, t) = problem()
    senn, path = SENN(SQUARED, changed(QUICK, epochs=3)), tmp_path / "run"
    senn.fit(start, X, t, checkpoint=path)
    with pytest.raises(ValueError, match="validation X is given here and not there"):
        senn.resume(path, X, t, (X, t))


def test_another_loss_is_refused_and_named(begun):
    senn, path, X, t = begun
    with pytest.raises(ValueError, match=r"loss.class is 'SquaredError' there and 'Huber' here"):
        SENN(Huber(1.0), senn.settings).resume(path, X, t, (X[:5], t[:5]))
    SENN(Huber(1.0), senn.settings).fit(MLP.random((1, 1, 1), rng=0), X, t, checkpoint=path)
    with pytest.raises(ValueError, match=r"loss.delta is 1.0 there and 2.0 here"):
        SENN(Huber(2.0), senn.settings).resume(path, X, t)


def rewritten(path, digest=True, **content):
    """A checkpoint with entries changed, or left out when None, and with a digest that fits."""
    with np.load(path) as file:
        held = {name: file[name] for name in file.files} | content
    held = {name: np.asarray(value) for name, value in held.items() if value is not None}
    if digest:
        held.pop("digest", None)
        held["digest"] = saved_states.digest(held)
    with open(path, "wb") as file:
        np.savez(file, **held)


def json_of(path):
    with np.load(path) as file:
        return json.loads(file["told"].tobytes())


def as_bytes(told):
    return np.frombuffer(json.dumps(told).encode(), np.uint8)


def test_files_that_are_no_checkpoints_are_refused(begun, tmp_path):
    senn, path, X, t = begun
    whole = path.read_bytes()
    for content, message in [
        ({"format": "sennpy state 9"}, r"run has the format 'sennpy state 9', expected 'sennpy st"),
        ({"format": "sennpy network 1"}, "has the format 'sennpy network 1', expected 'sennpy"),
        ({"format": None}, "has the format 'none'"),
        ({"told": None}, "run holds no state of a training: KeyError"),
        ({"told": np.frombuffer(b"[1]", np.uint8)}, "run holds no state of a training"),
        ({"told": np.frombuffer(b"[" * 99999, np.uint8)}, "run holds no state of a training"),
        ({"network_weights_0": None}, "run holds no state of a training"),
        ({"network_weights_0": np.ones((2, 1), complex)}, "dtype complex128"),
        ({"network_activation": "GELU"}, "the activation 'GELU' is not known"),
        ({"network_stray": np.ones(2)}, "there is 'stray'"),
    ]:
        path.write_bytes(whole)
        rewritten(path, **content)
        with pytest.raises(ValueError, match=message):
            senn.resume(path, X, t, (X[:5], t[:5]))
    path.write_bytes(whole)
    rewritten(path, digest=False, network_weights_0=np.ones((2, 1)))
    with pytest.raises(ValueError, match=r"run is damaged: it does not hold what was written to"):
        load_state(path)
    with pytest.raises(FileNotFoundError, match=r"there is no file .*nowhere"):
        senn.resume(tmp_path / "nowhere", X, t)


@pytest.mark.parametrize(
    "changes",
    [
        {"epoch": -1}, {"epoch": "3"}, {"looks": None}, {"seconds": "long"}, {"generator": {}},
        {"generator": None}, {"history": {}}, {"history": [1]}, {"best": 1.0}, {"memory": {}},
        {"memory": {"array": 7}}, {"memory": {"tuple": 3}}, {"memory": [1]}, {"optimiser": 5},
        {"memory": {"dict": {"sizes": 1}}}, {"best": "low"},
    ],
    ids=json.dumps,
)  # fmt: skip
def test_a_state_that_is_none_is_refused(changes, tmp_path):
    start, (X, t) = problem()
    settings = changed(QUICK, epochs=3, solver="pcg")
    path = tmp_path / "run"
    SENN(SQUARED, settings).fit(start, X, t, checkpoint=path)
    rewritten(path, told=as_bytes(json_of(path) | changes))
    with pytest.raises(ValueError, match="run holds"):
        load_state(path)


def test_a_state_alone_tells_how_to_go_on_from_it(tmp_path):
    start, (X, t) = problem()
    senn, path = SENN(SQUARED, changed(QUICK, epochs=5)), tmp_path / "run"
    save_state(senn.fit(start, X, t).state, path, QUICK.optimiser)
    with pytest.raises(ValueError, match="run does not tell what its training was of"):
        senn.resume(path, X, t)
    rewritten(path, told=as_bytes(json_of(path) | {"origin": dict.fromkeys(Origin._fields)}))
    with pytest.raises(ValueError, match="run does not tell what its training was of"):
        senn.resume(path, X, t)
    assert senn.fit(None, X, t, state=load_state(path), epochs=2).state.epoch == 7


def test_what_cannot_be_written_is_refused_before_the_first_epoch(tmp_path):
    start, (X, t) = problem()
    senn, seen = SENN(SQUARED, changed(QUICK, epochs=5)), []

    def callback(net, record):
        seen.append(record)

    for options, error, message in [
        ({"checkpoint": tmp_path}, IsADirectoryError, "a folder"),
        ({"checkpoint": "/dev/null"}, OSError, "expected a regular file: '/dev/null'"),
        ({"checkpoint": tmp_path / "no" / "run"}, FileNotFoundError, "there is no folder for it"),
        ({"checkpoint": 5.0}, TypeError, "not '?float"),
        ({"checkpoint": tmp_path / "run", "every": 0}, ValueError, "every is 0"),
        ({"every": 0.5}, TypeError, "every is 0.5"),
    ]:
        with pytest.raises(error, match=message):
            senn.fit(start, X, t, callback=callback, **options)
    assert seen == [] and os.listdir(tmp_path) == []


# --- Optimisers of one's own ---------------------------------------------------------------------


class Steps(NamedTuple):
    """How many steps were taken."""

    count: int


@dataclass(frozen=True)
class Decaying(SGD):
    """Descent whose steps shorten, and which remembers how many there were."""

    def step(self, net, X, t, loss, rng, memory):
        count = 0 if memory is None else memory.count
        eased = SGD(self.step_size / (1 + count), 0.0)
        net, _, measured = eased.step(net, X, t, loss, rng, None)
        return net, Steps(count + 1), measured


class Kept(Decaying):
    """The same, and tells how its memory is written."""

    def memory_as_plain(self, memory):
        return None if memory is None else memory.count

    def memory_from_plain(self, plain):
        return None if plain is None else Steps(plain)


class Simple(NaturalGradient):
    """Remembers things that need no telling."""

    def step(self, net, X, t, loss, rng, memory):
        net, _, measured = super().step(net, X, t, loss, rng, None)
        return (
            net,
            {"a": (1, [2.5, "x"]), "b": np.eye(2, dtype="f4"), "c": np.float32(0.1)},
            measured,
        )

    memory_as_plain = memory_from_plain = lambda self, memory: memory


def test_an_optimiser_of_ones_own_is_resumed_if_it_tells_how_to_write_its_memory(tmp_path):
    start, (X, t) = problem()
    senn = SENN(SQUARED, changed(QUICK, epochs=12, optimiser=Kept(0.05)))
    whole, path = senn.fit(start, X, t).state, tmp_path / "run"
    with pytest.raises(Stop):
        senn.fit(start, X, t, None, stopping(EpochRecord, 6, Stop()), checkpoint=path)
    with pytest.raises(ValueError, match=r"of the optimiser Kept; give it: load_state\(path, opt"):
        load_state(path)
    with pytest.raises(ValueError, match="memory of the optimiser Kept, not of SGD"):
        load_state(path, SGD())
    assert load_state(path, Kept(0.05)).memory == Steps(5)
    resumed = senn.resume(path, X, t).state
    assert resumed.memory == Steps(12) and same(resumed, whole, Kept())


def test_one_that_does_not_is_told_what_to_write(tmp_path):
    start, (X, t) = problem()
    senn = SENN(SQUARED, changed(QUICK, epochs=12, optimiser=Decaying(0.05)))
    with pytest.raises(TypeError, match=r"memory is of type Steps, .* memory_as_plain") as caught:
        senn.fit(start, X, t, checkpoint=tmp_path / "run")
    assert caught.value.state.epoch == 1 and os.listdir(tmp_path) == []
    assert senn.fit(None, X, t, state=caught.value.state).state.epoch == 12


def test_plain_memory_comes_back_in_its_types(tmp_path):
    start, (X, t) = problem()
    state = SENN(SQUARED, changed(QUICK, epochs=2, optimiser=Simple())).fit(start, X, t).state
    back = load_state(save_state(state, tmp_path / "state", Simple()), Simple()).memory
    assert back["a"] == (1, [2.5, "x"]) and type(back["a"]) is tuple
    assert back["b"].dtype == back["c"].dtype == np.float32 and type(back["c"]) is np.float32
    for memory, what in [({"a": {1}}, r"memory\['a'\] is of type set"), (Steps(1), "type Steps")]:
        with pytest.raises(TypeError, match=what):
            save_state(replace(state, memory=memory), tmp_path / "state", Simple())


def test_a_state_goes_on_with_another_optimiser_and_is_written(tmp_path):
    start, (X, t) = problem()
    state = SENN(SQUARED, changed(QUICK, epochs=4, optimiser=SGD(0.01))).fit(start, X, t).state
    for optimiser in (NaturalGradient(), LevenbergMarquardt(), SGD()):
        senn = SENN(SQUARED, changed(QUICK, epochs=9, optimiser=optimiser))
        fit = senn.fit(None, X, t, state=state, checkpoint=tmp_path / "run")
        assert same(load_state(tmp_path / "run"), fit.state, optimiser)


def test_a_seam_that_holds_a_function_is_the_same_in_every_process(tmp_path):
    class Mine(RandomSearch):
        def __init__(self):
            super().__init__(5)
            object.__setattr__(self, "how", lambda x: x)

    start, (X, t) = problem()
    senn, path = SENN(SQUARED, changed(QUICK, epochs=3, proposer=Mine())), tmp_path / "run"
    senn.fit(start, X, t, checkpoint=path)
    again = SENN(SQUARED, changed(senn.settings, epochs=5, proposer=Mine()))
    assert again.resume(path, X, t).state.epoch == 5
