"""What the studies of growth criteria share: tasks, a start, a training on a schedule."""

import numpy as np

from ..experiments.battery import tasks
from ..growth.acceptance import Schedule
from ..growth.criteria import per_event
from ..nn.mlp import MLP
from ..training.levenberg import LevenbergMarquardt
from ..training.senn import SENN
from ..training.settings import Settings

DIGITS = 300  # of the training samples: with all of them a training takes half a minute


def few(task):
    """The task with its first DIGITS training samples, which a shuffle has put there."""
    return task._replace(X=task.X[:DIGITS], t=task.t[:DIGITS])


TASKS = {
    "moons": lambda seed: tasks.moons(seed, 0.2),
    "noisy moons": lambda seed: tasks.moons(seed, 0.4),
    "circles": tasks.circles,
    "spiral": lambda seed: tasks.spiral(seed, 1.0),
    "long spiral": lambda seed: tasks.spiral(seed, 1.5),
    "checkerboard": lambda seed: tasks.checkerboard(seed, 3),
    "small checkerboard": lambda seed: tasks.checkerboard(seed, 2),
    "friedman1": tasks.friedman1,
    "regression": tasks.readme_regression,
    "diabetes": tasks.diabetes,
    "digits": lambda seed: few(tasks.digits(seed)),
}
TOYS = tuple(TASKS)[:-1]
LEAST_LOSS = 1e-6  # below which losses are not told apart: of logarithms


def start(task, seed, hidden=1):
    """The network of one hidden layer that a seed draws for a task."""
    return MLP.random((task.X.shape[1], hidden, task.outputs), rng=seed)


def plan(proposer, seed, events, changes, epochs):
    """Settings of a training that adds at these epochs, all else alike."""
    return Settings(
        epochs=epochs, proposer=proposer, acceptance=Schedule(tuple(events), changes),
        optimiser=LevenbergMarquardt(), cooldown=events[0], backoff=1.0, patience=None,
        max_width=64, max_depth=1, seed=seed,
    )  # fmt: skip


def grown(task, seed, proposer, events, changes, epochs, hidden=1):
    """(network, history) of a training from `start`; TrainingDiverged as `SENN.fit`."""
    settings = plan(proposer, seed, events, changes, epochs)
    return SENN(task.loss, settings).fit(start(task, seed, hidden), task.X, task.t)


def grown_by(name, task, seed, events, units, epochs):
    """The same, by the criterion of a name, `units` an event."""
    proposer, changes = per_event(name, units)
    return grown(task, seed, proposer, events, changes, epochs)


def log_loss(net, X, t, loss):
    """log10 of the loss, at least that of LEAST_LOSS; a float."""
    return float(np.log10(max(float(loss.value(net(X), t)), LEAST_LOSS)))
