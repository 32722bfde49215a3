"""What the classification experiments share: grow a network on one split and keep what happened."""

from dataclasses import dataclass, replace
from typing import ClassVar

from ..growth.named import proposer_named
from ..nn.losses import SoftmaxCrossEntropy
from ..nn.mlp import MLP
from ..training.epoch import measure
from ..training.history import AdditionRecord
from ..training.senn import SENN
from .outcome import Outcome
from .store import Seen, name_of, trained


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


def grow_classifier(data, settings, callback=None, hidden=(), kept=None):
    """Grow a softmax classifier on data, from a network with `hidden` neurons a layer; a `Run`.

    The test data only measure. `settings.seed` also draws the start. With `kept`, a `Kept`, the
    training goes on from where it was.
    """
    outputs = int(data.t.max()) + 1
    net = MLP.random((data.X.shape[1], *hidden, outputs), rng=settings.seed)
    seen = Seen(kept)

    def watch(network, record):
        if is_layer(record):
            seen[name_of(record)] = network
        return callback(network, record) if callback is not None else None

    senn, test = SENN(SoftmaxCrossEntropy(), settings), (data.X_test, data.t_test)
    network, history, seconds = trained(kept, senn, net, data.X, data.t, test, watch)
    layers = [(a.epoch, seen[name_of(a)]) for a in history.additions if is_layer(a)]
    train_loss, _ = measure(network, (data.X, data.t), senn.loss)
    test_loss, test_accuracy = measure(network, test, senn.loss)
    return Run(
        settings, network, history, seconds,
        ((0, net), *layers, (len(history.epochs), network)), len(data.t),
        train_loss, test_loss, test_accuracy,
    )  # fmt: skip


def is_layer(record):
    """Whether a record is of an added layer."""
    return isinstance(record, AdditionRecord) and record.candidate.kind == "layer"


def quick(settings):
    """The same settings cut short, to see whether all works: few epochs, few Langevin steps."""
    proposer = proposer_named(settings.proposer)
    if hasattr(proposer, "bursts"):
        proposer = replace(proposer, chains=20, bursts=10)
    if hasattr(proposer, "rounds"):
        proposer = replace(proposer, chains=20, rounds=1)
    epochs = min(settings.epochs, 4 * settings.cooldown)
    return replace(settings, epochs=epochs, proposer=proposer)
