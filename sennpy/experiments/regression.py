"""Regression: a neuron that becomes a dozen, on fifty points of a random function (figure 2)."""

import copy
import time
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from ..curvature.fisher import output_directions
from ..curvature.natural_gradient import Damping
from ..datasets import Data, random_rational
from ..growth.compiled import profiled_neuron_objective
from ..growth.objectives import LayerObjective
from ..growth.place import layer_statistics
from ..growth.proposers import as_search
from ..growth.record import LookRecord
from ..growth.released import ReleasedSearch
from ..nn.losses import SquaredError
from ..nn.mlp import MLP
from ..training.history import AdditionRecord
from ..training.senn import SENN
from ..training.settings import Settings
from .outcome import Outcome

PRESETS = {
    "default": Settings(
        epochs=2000, layer_cooldown=3, layer_cost=20.0, max_width=12, max_depth=3,
        damping=Damping(1e-4, "relative"), step_size=0.2,
    ),
    "paper": Settings(  # with the loss halved, their step of 0.1 is one of 0.2
        epochs=2000, alpha=2.5e-3, search=ReleasedSearch(), layer_cooldown=3, layer_cost=20.0,
        max_width=16, max_depth=3, solver="cg", step_size=0.2,
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Moment:
    """The network around an addition of a neuron next to the inputs.

    Attributes
    ----------
    epoch : int
    what : str
        "before an addition", "right after it" or "end".
    network : MLP
    starts, ends : (R, 2) arrays or None
        Weight and bias of the proposals of the look, where they started and ended.
    accepted : (2,) array or None
        Weight and bias of the neuron that was added.
    """

    epoch: int
    what: str
    network: MLP
    starts: np.ndarray | None = None
    ends: np.ndarray | None = None
    accepted: np.ndarray | None = None


@dataclass(frozen=True)
class RegressionRun(Outcome):
    """A network grown from a single neuron.

    Attributes
    ----------
    settings, network, history, seconds
        See `Outcome`.
    data : Data
    moments : tuple of Moment
    train_error, test_error : float
        mean((y - t)^2) of the final network.
    """

    MEASURES: ClassVar = ("train_error", "test_error")

    data: Data
    moments: tuple
    train_error: float
    test_error: float


def run(settings, callback=None, data=None):
    """Grow one network on `data`, or on the task that `settings.seed` draws; a `RegressionRun`.

    Notes
    -----
    Paper: section 7.
    """
    data = random_rational(settings.seed) if data is None else data
    net = MLP.random((data.X.shape[1], 1, data.t.shape[1]), rng=settings.seed)
    trails, watched = watch(as_search(settings.search))
    looks, moments = [], []

    def follow(network, record):
        if isinstance(record, LookRecord):
            looks.append((network, list(trails)))
            trails.clear()
        elif isinstance(record, AdditionRecord):
            candidate = record.candidate
            if (candidate.kind, candidate.place) == ("neuron", 0) and data.X.shape[1] == 1:
                moments.extend(around(record, *looks[-1], data.X, network))
        if callback is not None:
            callback(network, record)

    senn, start = SENN(SquaredError(), replace(settings, search=watched)), time.perf_counter()
    network, history = senn.fit(net, data.X, data.t, (data.X_test, data.t_test), follow)
    seconds = time.perf_counter() - start
    moments.append(Moment(settings.epochs, "end", network))
    train_error, test_error = (
        float(((network(X) - t) ** 2).mean())
        for X, t in [(data.X, data.t), (data.X_test, data.t_test)]
    )
    return RegressionRun(
        settings, network, history, seconds, data, tuple(moments), train_error, test_error
    )


def watch(search):
    """A list, and a search like this one that leaves (stats, objective, starts, ends) in it."""
    seen = []

    class Watched(type(search)):
        def trails(self, objective, stats, rng):
            found = super().trails(objective, stats, rng)
            seen.append((stats, objective, *found))
            return found

    watched = copy.copy(search)
    object.__setattr__(watched, "__class__", Watched)  # most searches are frozen
    return seen, watched


def around(record, before, trails, X, after):
    """The `Moment` before an addition next to the one input, and that right after it."""
    starts = ends = None
    for stats, objective, first, last in trails:
        for_neurons = not isinstance(objective, LayerObjective)
        if for_neurons and np.array_equal(stats.inputs[:, :-1], X):
            starts, ends = (
                np.stack([objective.decode(theta)[0][:, 0] for theta in thetas])
                for thetas in (first, last)
            )
    accepted = after.weights[0][:, -1]
    yield Moment(record.epoch, "before an addition", before, starts, ends, accepted)
    yield Moment(record.epoch, "right after it", after)


def landscape(net, X, t, locations, scales):
    """What one more neuron next to one input would add, over where and how wide it is.

    Parameters
    ----------
    net : MLP
        One input, at least one hidden layer.
    X : (N, 1) array
    t : (N, m) array
    locations : (L,) array
        -bias / weight.
    scales : (S,) array
        1 / weight.

    Returns
    -------
    (S, L) array
        Delta eta' / eta_c at hidden layer 0, with the best coefficients.

    Notes
    -----
    Paper: Theorem 3.2, (E12).
    """
    trace = net.forward(X)
    g_y = SquaredError().gradient(trace.outputs, t)
    stats = layer_statistics(net, trace, g_y, output_directions(trace.outputs), 1, 0)
    objective = profiled_neuron_objective(stats)
    scale, location = (grid.ravel() for grid in np.meshgrid(scales, locations, indexing="ij"))
    weights = np.stack([1 / scale, -location / scale])
    theta = np.linalg.solve(objective.inputs.to_weights, weights)
    scores, _ = objective.evaluate(theta.T)
    return scores.reshape(len(scales), len(locations)) / stats.eta
