"""Regression: a neuron that becomes a dozen, on fifty points of a random function (figure 2)."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ..curvature.natural_gradient import Damping
from ..datasets import Data, random_rational
from ..growth.acceptance import Thresholds
from ..growth.landscape import landscape as landscape
from ..growth.released import ReleasedSearch
from ..nn.losses import SquaredError
from ..nn.mlp import MLP
from ..training.history import AdditionRecord
from ..training.optimiser import NaturalGradient
from ..training.senn import SENN
from ..training.settings import Settings
from .outcome import Outcome
from .store import Seen, name_of, trained

PRESETS = {
    "default": Settings.by_thresholds(
        epochs=2000, acceptance=Thresholds(layer_cost=20.0),
        optimiser=NaturalGradient(damping=Damping(1e-4, "relative"), step_size=0.2),
        layer_cooldown=3, max_width=12, max_depth=3,
    ),
    "paper": Settings.by_thresholds(  # with the loss halved, their step of 0.1 is one of 0.2
        epochs=2000, proposer=ReleasedSearch(), acceptance=Thresholds(1.0, 2.5e-3, 20.0, by="own"),
        optimiser=NaturalGradient("cg", step_size=0.2), layer_cooldown=3, max_width=16, max_depth=3,
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


def run(settings, callback=None, data=None, kept=None):
    """Grow one network on `data`, or on the task that `settings.seed` draws; a `RegressionRun`.

    With `kept`, a `Kept`, the training goes on from where it was.

    Notes
    -----
    Paper: section 7.
    """
    data = random_rational(settings.seed) if data is None else data
    net = MLP.random((data.X.shape[1], 1, data.t.shape[1]), rng=settings.seed)
    before, seen = [net], Seen(kept)

    def follow(network, record):
        if is_shown(record, data):
            name = name_of(record)
            seen[f"{name}-before"], seen[name] = before[0], network
            seen[f"{name}-trail"] = ends_of(record.candidate.change.trail)
        before[0] = network
        return callback(network, record) if callback is not None else None

    senn, test = SENN(SquaredError(), settings), (data.X_test, data.t_test)
    network, history, seconds = trained(kept, senn, net, data.X, data.t, test, follow)
    shown = [record for record in history.additions if is_shown(record, data)]
    moments = [moment for record in shown for moment in around(record, seen)]
    moments.append(Moment(len(history.epochs), "end", network))
    train_error, test_error = (
        float(((network(X) - t) ** 2).mean()) for X, t in [(data.X, data.t), test]
    )
    return RegressionRun(
        settings, network, history, seconds, data, tuple(moments), train_error, test_error
    )


def is_shown(record, data):
    """Whether a record is of a neuron that was added next to the one input."""
    return isinstance(record, AdditionRecord) and data.X.shape[1] == 1 and (
        (record.candidate.kind, record.candidate.place) == ("neuron", 0)
    )  # fmt: skip


def ends_of(trail):
    """Weights and biases where proposals started and ended, two lists of pairs; None for none."""
    if trail is None:
        return None
    return [trail.weights(points).tolist() for points in (trail.starts, trail.ends)]


def around(record, seen):
    """The `Moment` before an addition next to the one input, and that right after it."""
    name = name_of(record)
    trail = seen[f"{name}-trail"]
    starts, ends = (None, None) if trail is None else map(np.array, trail)
    accepted = seen[name].weights[0][:, -1]
    yield Moment(record.epoch, "before an addition", seen[f"{name}-before"], starts, ends, accepted)
    yield Moment(record.epoch, "right after it", seen[name])
