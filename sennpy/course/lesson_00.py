"""Exercises of notebook 00, a network that grows."""

import numpy as np

from ..expansion.eta import projected_score
from ..nn.losses import SoftmaxCrossEntropy
from ..nn.mlp import MLP
from ..training.senn import SENN
from ..training.settings import Settings
from .exercise import Exercise, Mistake

ONE = np.ones((3, 1))
SLOPE, BUMP = np.array([[-1.0], [0], [1]]), np.array([[0.0], [1], [0]])
G_Y = np.array([-2.0, 0, 2])


def score(columns):
    """Eta of a model with given columns of J (3, P) at the output gradients of exercise 1."""
    return projected_score(columns, G_Y, 3)


def gain(column):
    """What a column (3, 1) beside the constant adds to eta."""
    return score(np.hstack([ONE, column])) - score(ONE)


def first():
    """Eta, lambda, and what the slope and the bump add."""
    return score(ONE), float(np.mean(G_Y**2)), gain(SLOPE), gain(BUMP)


def thresholds(value):
    """What is wrong with (strict, late, when, whether): two histories and two words."""
    strict, late, when, whether = value
    if {look.alpha for look in strict.looks} != {0.9}:
        return "the first history is to be one with alpha = 0.9"
    if {look.tau for look in late.looks} != {3.0}:
        return "the second history is to be one with tau = 3"
    if strict.additions:
        return "with alpha = 0.9 nothing should have been added"
    if not late.additions:
        return "with tau = 3 nothing was added yet: it takes longer, give it 200 epochs"
    if (when, whether) == ("alpha", "tau"):
        return "just the other way round: which of the two bars falls while the network trains?"
    return "" if (when, whether) == ("tau", "alpha") else "the words are 'tau' and 'alpha'"


def grows(X, t):
    """Whether the network of notebook 00 grows on data X (N, n_in) with labels t (N,)."""
    X, t = np.asarray(X, dtype=float), np.asarray(t)
    linear = MLP.random((X.shape[1], int(t.max()) + 1), rng=0)
    net, _ = SENN(SoftmaxCrossEntropy(), Settings.by_thresholds(epochs=250)).fit(linear, X, t)
    return len(net.sizes) > 2


def told_apart_by_a_line(value):
    """What is wrong with data (X, t) on which the network is said never to grow."""
    X, t = value
    if len(X) < 50 or min(np.bincount(np.asarray(t))) < 10:
        return "take at least 50 points, 10 of each class"
    return "on these data it grows" if grows(X, t) else ""


EXERCISES = (
    Exercise(
        "00.1",
        "four numbers: eta, lambda, what the slope adds, what the bump adds",
        (
            "Eta is the mean square of what the model can follow of g_y; what can a constant "
            "follow "
            "of numbers whose mean is 0?",
            "Split g_y into a constant, a multiple of the slope and a rest, and take mean squares.",
        ),
        first,
        (
            Mistake(lambda: (*first()[:2], *first()[:1:-1]), "slope and bump have changed places"),
            Mistake(lambda: (*first()[1::-1], *first()[2:]), "eta and lambda have changed places"),
            Mistake(lambda: tuple(3 * s for s in first()), "these are sums; means are asked for"),
        ),
        samples=3,
    ),
    Exercise(
        "00.2",
        "(strict, late, when, whether): the histories with alpha = 0.9 and with tau = 3, then two "
        "words, the threshold that decides when, and the one that decides whether",
        (
            "What happens to eta while the network trains, and what to lambda?",
            "A gain is held against tau eta and against alpha lambda. Which of the two bars falls "
            "towards 0 if one only waits?",
        ),
        judge=thresholds,
    ),
    Exercise(
        "00.3",
        "a pair (X, t): points (N, n_in) and labels (N,) on which the network stays linear",
        (
            "It grows where a line is not enough. Where is a line the best border of all?",
            "Two round clouds of the same width, well apart or not, from scikit-learn's "
            "make_blobs.",
        ),
        judge=told_apart_by_a_line,
    ),
)
