"""Exercises of notebook 13, a criterion of your own."""

import numpy as np

from ..growth.change import Change, Widen
from ..growth.place import Place, View
from ..growth.proposer import Proposer
from ..nn.losses import SquaredError
from ..nn.mlp import MLP
from .exercise import Exercise


def promising():
    """A place whose supremum is above a tenth of lambda."""
    rng = np.random.default_rng(0)
    X, net = rng.standard_normal((40, 2)), MLP.random((2, 3, 2), rng=0)
    t = net(X) + np.column_stack([np.sin(3 * X[:, 0]), X[:, 0] * X[:, 1]])
    return View.of(net, X, t, SquaredError()).place("neuron", 0)


def reached(place):
    """The same place with a gradient that its layer can follow by itself."""
    g = place.a_c @ np.random.default_rng(1).standard_normal((place.a_c.shape[1], place.g.shape[1]))
    return place.with_statistics(place.a_c, g, place.G, place.W)


def picky(value):
    """What is wrong with a proposer that is to propose only above a tenth of lambda."""
    proposer = value() if isinstance(value, type) else value
    if not isinstance(proposer, Proposer):
        return f"{type(proposer).__name__} was given, expected a Proposer"
    place, rng = promising(), np.random.default_rng(0)
    if proposer.changes(reached(place), rng):
        return "it proposes where the supremum is far below a tenth of lambda"
    if not proposer.changes(place, rng):
        return "it proposes nothing where the supremum is above a tenth of lambda"
    return ""


def natural_gradmax(value):
    """What is wrong with (place, o): outgoing weights (n_out,) of a silent unit, the best there."""
    place, o = value
    if not isinstance(place, Place):
        return f"{type(place).__name__} was given, expected a Place and the weights"
    o = np.reshape(np.asarray(o, dtype=float), (1, place.G.shape[0]))
    silent, identity = np.zeros((place.inputs.shape[1], 1)), np.array([[0.0], [0.0], [1.0]])

    def worth(outgoing):
        change = Change(Widen(place.index, silent, identity, outgoing), 0.0)
        return change.measured(place).exact

    turned = np.random.default_rng(0).standard_normal((200, o.size)) * np.linalg.norm(o)
    better = max(worth(o + step * way[None]) for way in turned for step in (0.01, 0.3))
    if worth(o) >= better * (1 - 1e-9):
        return ""
    return f"it brings {worth(o):.4f}; turned a little it brings more: o is not the best"


def unhurried(history):
    """What is wrong with a history in which additions are to be 50 epochs apart."""
    epochs = [addition.epoch for addition in history.additions]
    if not epochs:
        return "nothing was added"
    if min(np.diff(epochs), default=50) < 50:
        return f"additions at epochs {epochs}: some are less than 50 apart"
    return ""


def raced(value):
    """What is wrong with two sets of curves (S, E), own and random: same seeds, same start."""
    own, other = (np.asarray(curves, dtype=float) for curves in value)
    if own.ndim != 2 or own.shape != other.shape:
        return f"shapes {own.shape} and {other.shape}: a row a seed, a column an epoch, for both"
    if not np.array_equal(own[:, :20], other[:, :20]):
        return "the curves differ before anything is added: not the same data, start or steps"
    return "" if not np.array_equal(own, other) else "these are the same runs"


EXERCISES = (
    Exercise(
        "13.1",
        "your proposer, the class or an instance",
        (
            "A place knows its supremum, and its view knows lambda.",
            "Subclass ProfileSearch; return [] in one case, super().changes(place, rng) in the "
            "other.",
        ),
        judge=picky,
    ),
    Exercise(
        "13.2",
        "(place, o): the place and the outgoing weights (n_out,)",
        (
            "The increase is o K o^T over o G o^T: a quotient of two quadratic forms.",
            "Its largest value is the largest eigenvalue of K relative to G; scipy.linalg.eigh "
            "takes both.",
        ),
        judge=natural_gradmax,
    ),
    Exercise(
        "13.3",
        "the history of a run with your rule",
        (
            "place.view.epoch, and place.view.made.",
            "Say no in judge, and in could_pass, unless the epoch is one of yours and nothing was "
            "added at this look.",
        ),
        judge=unhurried,
    ),
    Exercise(
        "13.4",
        "a pair of arrays (5, epochs): losses of your criterion, and those of random search",
        (
            "Give your proposer to run, with the same seeds.",
            "Until the first addition both curves must be the same, to the byte.",
        ),
        judge=raced,
    ),
)
