"""Small trainings, for the tests of the loop."""

from dataclasses import replace

import numpy as np

from sennpy import MLP, SENN, ProfileSearch, Settings, SoftmaxCrossEntropy, SquaredError

SQUARED, SOFTMAX = SquaredError(), SoftmaxCrossEntropy()
QUICK = Settings(
    epochs=40, cooldown=10, tau=0.1, alpha=0.003, search=ProfileSearch(30, 2, 20), max_depth=2
)


def moons(N=60, seed=0):
    """Two half-circles that reach into one another."""
    rng, t = np.random.default_rng(seed), np.arange(N) % 2
    angle = np.pi * rng.random(N)
    X = np.column_stack([np.cos(angle) * (1 - 2 * t) + t, np.sin(angle) * (1 - 2 * t) + t / 2])
    return X + 0.15 * rng.standard_normal((N, 2)), t


def curve(N=40, seed=0):
    X = np.random.default_rng(seed).standard_normal((N, 1))
    return X, np.sin(2 * X)


class Run:
    """A fit, with the calls of its callback."""

    def __init__(self, loss, settings, sizes, data, seed=0):
        self.loss, self.settings, (self.X, self.t), self.calls = loss, settings, data, []
        self.start = MLP.random(sizes, rng=seed)
        self.net, self.history = SENN(loss, settings).fit(
            self.start, *data, callback=lambda net, record: self.calls.append((net, record))
        )


def sightings(history):
    """What a history holds, without the seconds."""
    epochs = [replace(record, seconds=0.0) for record in history.epochs]
    return repr((epochs, history.looks, history.additions))
