"""Each field of `Settings` changes what it should."""

from dataclasses import dataclass, replace

import numpy as np
import pytest
from compare import assert_close
from measured import cross_entropy
from runs import moons
from saying import SOFT, says

from sennpy import (
    MLP,
    SENN,
    SGD,
    MalaSearch,
    ProfileSearch,
    Proposer,
    RandomSearch,
    Schedule,
    Settings,
    Thresholds,
)
from sennpy.growth.look import Limits

BASE = Settings.by_thresholds(
    epochs=6, cooldown=2, acceptance=Thresholds(0.01, 1e-4, 0.5), proposer=RandomSearch(5),
    max_width=4, max_depth=2,
)  # fmt: skip
NOTHING_PASSES = Thresholds(1e6, 1.0)
DATA, OTHERS = moons(40), moons(30, seed=1)


def trained(**changes):
    """A fit of half-moons, from a linear start."""
    start = MLP.random((2, 2), rng=0)
    return SENN(SOFT, replace(BASE, **changes)).fit(start, *DATA, validation=OTHERS)


def look_epochs(**changes):
    return sorted({look.epoch for look in trained(**changes).history.looks})


@dataclass(frozen=True)
class Watched(SGD):
    """Gradient descent that remembers its batches."""

    def step(self, net, X, t, loss, rng, memory):
        BATCHES.append(X)
        return super().step(net, X, t, loss, rng, memory)


BATCHES = []


@says(Settings, "epochs")
def epochs():
    for number in (2, 5):
        assert len(trained(epochs=number).history.epochs) == number


@says(Settings, "proposer")
def proposer():
    for name, kind in [("random", RandomSearch), ("mala", MalaSearch), ("profile", ProfileSearch)]:
        small = {"mala": MalaSearch(2, 1)}.get(name, name)
        first = trained(proposer=small, epochs=3).history.looks[0]
        assert first.proposer["class"] == kind.__name__
    owns = [
        max(c.own for c in trained(proposer=p, epochs=3).history.looks[0].candidates if c.own)
        for p in (RandomSearch(1), RandomSearch(200))
    ]
    assert owns[1] > owns[0]


@says(Settings, "acceptance")
def acceptance():
    assert not trained(acceptance=NOTHING_PASSES).history.additions
    additions = trained(acceptance=Schedule((4,), 2)).history.additions
    assert [addition.epoch for addition in additions] == [4, 4]


@says(Settings, "optimiser")
def optimiser():
    start, (X, t) = MLP.random((2, 2), rng=0), DATA
    trace = start.forward(X)
    g = start.vjp(trace, SOFT.gradient(trace.outputs, t)) / len(X)
    after = trained(optimiser=SGD(0.25, 0.0), epochs=1).network
    assert_close(after.parameters, start.parameters - 0.25 * g)
    assert not np.allclose(trained(epochs=1).network.parameters, after.parameters)


@says(Settings, "cooldown")
def cooldown():
    refused = {"acceptance": NOTHING_PASSES, "epochs": 10}
    assert look_epochs(cooldown=2, **refused) == [2, 4, 6, 8]
    assert look_epochs(cooldown=3, **refused) == [3, 6, 9]


@says(Settings, "backoff")
def backoff():
    refused = {"acceptance": NOTHING_PASSES, "epochs": 16}
    assert look_epochs(backoff=1.0, **refused) == [2, 4, 6, 8, 10, 12, 14]
    assert look_epochs(backoff=1.5, **refused) == [2, 5, 9]  # 2, 3, 4.5, 6.75 epochs apart
    assert look_epochs(backoff=2.0, **refused) == [2, 6, 14]


@says(Settings, "patience")
def patience():
    still = {"acceptance": NOTHING_PASSES, "tolerance": 10.0, "epochs": 12, "cooldown": 100}
    for wait in (1, 2, 4):  # still from epoch 2 on, then as many looks
        assert len(trained(patience=wait, **still).history.epochs) == 2 * wait
    assert len(trained(patience=None, **still).history.epochs) == 12


@says(Settings, "tolerance")
def tolerance():
    slow = {"acceptance": NOTHING_PASSES, "epochs": 25, "cooldown": 100}
    losses = np.array(trained(**slow).history.column("loss"))
    shares = np.abs(np.diff(losses)) / losses[1:]
    for number in np.quantile(shares, [0.3, 0.7]):
        still = shares < number
        first = int(np.argmax(still[:-1] & still[1:])) + 3  # two still epochs behind it
        found = trained(patience=2, tolerance=float(number), **slow)
        assert still[first - 2 :].all() and len(found.history.epochs) == first + 1


@says(Settings, "keep")
def keep():
    X, t = OTHERS
    start, other = MLP.random((2, 2), rng=0), (X, 1 - t)  # on which the loss only rises
    nets, losses = {}, None
    for kept in ("best", "last"):
        fit = SENN(SOFT, replace(BASE, keep=kept)).fit(start, *DATA, validation=other)
        nets[kept], losses = fit.network, fit.history.column("validation_loss")
    assert min(losses) < losses[-1]
    assert cross_entropy(nets["best"], *other) == pytest.approx(min(losses))
    assert cross_entropy(nets["last"], *other) == pytest.approx(losses[-1])


@says(Settings, "layer_cooldown")
def layer_cooldown():
    for every, expected in [(1, [2, 4, 6, 8]), (3, [2, 8])]:
        looks = trained(layer_cooldown=every, epochs=10, acceptance=NOTHING_PASSES).history.looks
        assert [k.epoch for k in looks if any(c.kind == "layer" for c in k.candidates)] == expected


@says(Settings, "max_width", "max_depth")
@says(Limits, "max_width", "max_depth")
def caps():
    anything = Thresholds(0.0, 0.0, 0.01)
    for width, depth in [(2, 1), (3, 2), (4, 0)]:
        rule = {"acceptance": anything, "max_width": width, "max_depth": depth, "epochs": 9}
        sizes = trained(**rule).network.sizes
        assert len(sizes) - 2 == depth and set(sizes[1:-1]) <= {width}
    net = MLP.random((2, 3, 2), rng=0)
    assert Limits(7, 1).room(net, "neuron", 0) == 4 and Limits(7, 1).room(net, "layer", 1) == 5
    assert Limits(3, 2).obstacle(net, "neuron", 0) and not Limits(4, 2).obstacle(net, "neuron", 0)
    assert Limits(4, 1).obstacle(net, "layer", 0) and not Limits(4, 2).obstacle(net, "layer", 0)
    assert Limits(2, 2).obstacle(net, "layer", 1) and not Limits(2, 2).obstacle(net, "layer", 0)


@says(Settings, "batch_size")
def batch_size():
    for size, expected in [(None, [40]), (40, [40]), (16, [14, 13, 13]), (39, [20, 20])]:
        BATCHES.clear()
        trained(batch_size=size, epochs=1, optimiser=Watched())
        assert [len(X) for X in BATCHES] == expected
        np.testing.assert_array_equal(np.sort(np.vstack(BATCHES), axis=0), np.sort(DATA[0], axis=0))


@says(Settings, "look_samples")
def look_samples():
    seen = []

    class Idle(Proposer):
        def changes(self, place, rng):
            seen.append(len(place.inputs))
            return []

    for number in (9, 25, 40):
        trained(look_samples=number, proposer=Idle(), epochs=3)
        assert set(seen) == {number}
        seen.clear()


@says(Settings, "dtype")
def dtype():
    for name in ("float32", "float64"):
        fit = trained(dtype=name)
        assert fit.network.dtype == name and fit.history.additions
    assert trained(dtype="float32").history.epochs[-1].loss == pytest.approx(
        trained().history.epochs[-1].loss, rel=1e-3
    )


@says(Settings, "seed")
def seed():
    orders = []
    for number in (1, 2, 1):
        BATCHES.clear()
        trained(seed=number, batch_size=20, epochs=1, optimiser=Watched())
        orders.append(np.vstack(BATCHES))
    np.testing.assert_array_equal(orders[0], orders[2])
    assert not np.array_equal(orders[0], orders[1])
    owns = [[c.own for c in trained(seed=s, epochs=3).history.looks[0].candidates] for s in (1, 2)]
    assert owns[0] != owns[1]
