"""One run of the battery: a network grown from a linear start, and others on the same data."""

import time
from dataclasses import replace
from functools import cache

from ...growth.acceptance import Schedule
from ...nn.mlp import MLP
from ...training.epoch import measure
from ...training.history import EpochRecord
from ...training.senn import SENN
from ..store import trained
from . import rivals, tasks

LEVEL, WIDTHS = 0.94, (16, 32)  # what fixed widths are timed to, and which


def one_run(row, seed, settings, folder=None, kept=None):
    """Numbers of one run, in plain values.

    Parameters
    ----------
    row : Row
    seed : int
        Of the draw, the start and all else.
    settings : Settings
        Its seed is replaced.
    folder : path, optional
        Where MNIST lies.
    kept : Kept, optional
        Where the training goes on from, if it has begun; what it is timed against does not.

    Returns
    -------
    dict
        row, seed, samples; accuracy and log_loss, or mse, on the test samples; hidden, neurons,
        additions, epochs; seconds, and of them look_seconds; rivals by name.
    """
    warm()
    settings, task = replace(settings, seed=seed), drawn(row, seed, folder)
    timed = row.metric == "accuracy" and any("seconds" in goal.metric for goal in row.goals)
    clock, senn = Clock(kept), SENN(task.loss, settings)
    validation = (task.X_test, task.t_test) if timed else None
    net, history, seconds = trained(
        kept, senn, start(task, seed), task.X, task.t, validation, clock
    )
    numbers = {"row": row.name, "seed": seed, "samples": len(task.X)} | score(net, task)
    numbers |= {
        "hidden": list(net.sizes[1:-1]), "neurons": sum(net.sizes[1:-1]),
        "additions": len(history.additions), "epochs": len(history.epochs),
        "seconds": round(seconds, 3),
        "look_seconds": round(clock.looking, 3),
    }  # fmt: skip
    if timed:
        numbers["times_over_fixed_seconds"] = times_over_fixed(task, history, settings)
    if row.rivals:
        numbers["rivals"] = rivals.rivals(task, row.metric, seed)
    return numbers


def drawn(row, seed, folder=None):
    """The `Task` that a seed draws of a row."""
    where = {"folder": folder} if row.task == "small_mnist" else {}
    return getattr(tasks, row.task)(seed, **row.options, **where)


def start(task, seed, hidden=()):
    """The network that a seed draws for a task: linear, or with `hidden` neurons a layer."""
    return MLP.random((task.X.shape[1], *hidden, task.outputs), rng=seed)


def fixed(settings):
    """The same settings without growth, and without a look but where the loss stands still."""
    return replace(settings, acceptance=Schedule(()), backoff=1.0, cooldown=settings.epochs)


def score(net, task):
    """Test figures of a network: accuracy and log_loss, or mse, the mean of (y - t)^2."""
    loss, accuracy = measure(net, (task.X_test, task.t_test), task.loss)
    if accuracy is None:
        return {"mse": float(((net(task.X_test) - task.t_test) ** 2).mean())}
    return {"accuracy": accuracy, "log_loss": loss}


class Clock:
    """A callback that tells looking from training: what passes before the record of a look or an
    addition. With `kept`, what passed before the training was interrupted counts, too.
    """

    def __init__(self, kept=None):
        self.kept, self.here, self.last = kept, {}, time.perf_counter()
        self.looks = {} if kept is None else kept.read("looks", {})

    @property
    def looking(self):
        """Seconds of all looks."""
        return sum(self.looks.values())

    def __call__(self, net, record):
        passed = time.perf_counter() - self.last
        if not isinstance(record, EpochRecord):
            epoch = str(record.epoch)  # a look that is made again counts once
            self.looks[epoch] = self.here[epoch] = self.here.get(epoch, 0.0) + passed
            if self.kept is not None:
                self.kept.write("looks", self.looks)
        self.last = time.perf_counter()


def times_over_fixed(task, history, settings):
    """Time to `LEVEL` on the test data over that of the fixed width that is there first.

    Infinite where the network does not get there, 0 where none of the widths does.
    """
    own = time_to(history.epochs)
    if own == float("inf"):
        return own
    test, soonest = (task.X_test, task.t_test), float("inf")
    for width in WIDTHS:
        net, epochs = start(task, settings.seed, (width,)), []

        def follow(net, record, epochs=epochs, soonest=soonest):
            if not isinstance(record, EpochRecord):
                return False
            epochs.append(record)
            return record.validation_accuracy >= LEVEL or record.seconds > soonest

        SENN(task.loss, fixed(settings)).fit(net, task.X, task.t, test, follow)
        soonest = min(soonest, time_to(epochs))
    return own / soonest


def time_to(epochs):
    """Seconds at which the accuracy on the validation data is first `LEVEL`; else infinite."""
    return next((e.seconds for e in epochs if e.validation_accuracy >= LEVEL), float("inf"))


@cache
def warm():
    """Load what is compiled, once a process, so that no run's time holds it."""
    task = tasks.spiral(0, 1.5, 60)
    SENN(task.loss).fit(start(task, 0), task.X, task.t, epochs=40)
    task = tasks.friedman1(0, 60)
    SENN(task.loss).fit(start(task, 0), task.X, task.t, epochs=20)
