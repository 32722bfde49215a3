"""Small trainings, for the tests of the loop."""

from dataclasses import replace

import numpy as np

from sennpy import (
    MLP,
    SENN,
    ProfileSearch,
    Settings,
    SoftmaxCrossEntropy,
    SquaredError,
    Thresholds,
)

SQUARED, SOFTMAX = SquaredError(), SoftmaxCrossEntropy()
QUICK = Settings.by_thresholds(
    epochs=40, cooldown=10, acceptance=Thresholds(0.1, 0.003), proposer=ProfileSearch(30, 2, 20),
    max_depth=2,
)  # fmt: skip
OF_SEAMS = {
    "acceptance": {"tau", "alpha", "layer_cost", "by", "dense"},
    "optimiser": {
        "solver", "damping", "metric", "step_size", "weight_decay", "cg_iterations", "refresh",
    },
}  # fmt: skip


def changed(settings, **changes):
    """The settings with some of them changed, those of their seams too: changed(QUICK, tau=0)."""
    for seam, names in OF_SEAMS.items():
        inner = {name: changes.pop(name) for name in names & set(changes)}
        if inner:
            changes[seam] = replace(getattr(settings, seam), **inner)
    return replace(settings, **changes)


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
        fit = SENN(loss, settings).fit(
            self.start, *data, callback=lambda net, record: self.calls.append((net, record))
        )
        self.net, self.history = fit
        self.state = fit.state


def sightings(history):
    """What a history holds, without the seconds."""
    epochs = [replace(record, seconds=0.0) for record in history.epochs]
    return repr((epochs, history.looks, history.additions))
