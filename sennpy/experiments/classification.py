"""What the classification experiments share: grow a network on one split and keep what happened."""

import time
from dataclasses import dataclass, replace
from typing import ClassVar

from ..growth.named import proposer_named
from ..nn.losses import SoftmaxCrossEntropy
from ..nn.mlp import MLP
from ..training.epoch import measure
from ..training.history import AdditionRecord
from ..training.senn import SENN
from .outcome import Outcome


@dataclass(frozen=True)
class Run(Outcome):
    """A classifier grown from nothing.

    Attributes
    ----------
    settings, network, history, seconds
        See `Outcome`.
    snapshots : tuple of (int, MLP)
        (epoch, network) at the start, after each added layer, and at the end.
    samples : int
        That it was trained on.
    train_loss, test_loss, test_accuracy : float
        Of the final network; losses in nats.
    """

    MEASURES: ClassVar = ("samples", "test_accuracy", "test_loss", "train_loss")

    snapshots: tuple
    samples: int
    train_loss: float
    test_loss: float
    test_accuracy: float


def grow_classifier(data, settings, callback=None, hidden=()):
    """Grow a softmax classifier on data, from a network with `hidden` neurons a layer; a `Run`.

    The test data only measure. `settings.seed` also draws the start.
    """
    outputs = int(data.t.max()) + 1
    net = MLP.random((data.X.shape[1], *hidden, outputs), rng=settings.seed)
    snapshots = [(0, net)]

    def watch(network, record):
        if isinstance(record, AdditionRecord) and record.candidate.kind == "layer":
            snapshots.append((record.epoch, network))
        return callback(network, record) if callback is not None else None

    senn, start = SENN(SoftmaxCrossEntropy(), settings), time.perf_counter()
    fit = senn.fit(net, data.X, data.t, (data.X_test, data.t_test), watch)
    seconds = time.perf_counter() - start
    snapshots.append((len(fit.history.epochs), fit.network))
    train_loss, _ = measure(fit.network, (data.X, data.t), senn.loss)
    test_loss, test_accuracy = measure(fit.network, (data.X_test, data.t_test), senn.loss)
    return Run(
        settings, fit.network, fit.history, seconds, tuple(snapshots), len(data.t),
        train_loss, test_loss, test_accuracy,
    )  # fmt: skip


def quick(settings):
    """The same settings cut short, to see whether all works: few epochs, few Langevin steps."""
    proposer = proposer_named(settings.proposer)
    if hasattr(proposer, "bursts"):
        proposer = replace(proposer, chains=20, bursts=10)
    if hasattr(proposer, "rounds"):
        proposer = replace(proposer, chains=20, rounds=1)
    epochs = min(settings.epochs, 4 * settings.cooldown)
    return replace(settings, epochs=epochs, proposer=proposer)
