"""What the studies of settings share: tasks, a training on one, and what it leaves behind."""

from functools import partial
from itertools import groupby

import numpy as np

from ..experiments.battery import tasks
from ..nn.mlp import MLP
from ..training.diagnosis import diagnosis
from ..training.senn import SENN

TASKS = {
    "moons": partial(tasks.moons, noise=0.3),
    "spiral": partial(tasks.spiral, turns=1.0),
    "wine": tasks.wine,
    "function": tasks.readme_regression,
    "digits": tasks.digits,
}
FEWER = 200  # training samples of the digits


def task_named(name, seed):
    """One draw of a task; of the digits some samples only."""
    task = TASKS[name](seed)
    return task._replace(X=task.X[:FEWER], t=task.t[:FEWER]) if name == "digits" else task


def trained(task, settings, hidden=(), callback=None):
    """The `Fit` of a training on a task from the start that `settings.seed` draws.

    A training that ends in numbers that are none raises TrainingDiverged.
    """
    net = MLP.random((task.X.shape[1], *hidden, task.outputs), rng=settings.seed)
    return SENN(task.loss, settings).fit(net, task.X, task.t, callback=callback)


def measured(task, fit):
    """Size and losses of what a training ended with, as plain values; losses per sample."""
    net, history = fit
    return {
        "hidden": list(net.sizes[1:-1]), "size": int(sum(net.sizes[1:-1])),
        "parameters": net.num_parameters,
        "train_loss": float(task.loss.value(net(task.X), task.t)),
        "test_loss": float(task.loss.value(net(task.X_test), task.t_test)),
        "additions": len(history.additions), "looks": len(history.looks),
        "epochs": len(history.epochs),
    }  # fmt: skip


def signs(settings, history):
    """The signs of failure in a history, by their names."""
    record = {"settings": settings.as_dict(), "history": history.as_dict()}
    return [finding.sentence.partition(":")[0] for finding in diagnosis(record)]


def grouped(rows, *names):
    """(values, rows) of each combination of the named values, sorted."""
    key = by(*names)
    return [(values, list(some)) for values, some in groupby(sorted(rows, key=key), key)]


def by(*names):
    """A function that gives the named values of a row, as a tuple that sorts."""
    return lambda row: tuple(row[name] for name in names)


def middle(rows, name):
    """Median of a value over rows, a float."""
    return float(np.median([row[name] for row in rows]))


def log_ratio(row, other, name="test_loss"):
    """ln of a row's loss over another's."""
    return float(np.log(row[name] / other[name]))
