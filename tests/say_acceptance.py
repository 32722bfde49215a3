"""Each field of the rules changes what it should."""

from types import SimpleNamespace

import numpy as np
import pytest
from say_proposers import PLACE
from saying import says

from sennpy import (
    HonestLook,
    Proposer,
    Schedule,
    Thresholds,
)
from sennpy.growth.rules import HeldOut, InformationCriterion, PermutationNull


def stub(kind="neuron", **more):
    """A place with eta = 2 and lambda = 4, as rules see it; nats are N times a gain."""
    loss = SimpleNamespace(dispersion=lambda y, t, free: 0.5)
    view = SimpleNamespace(
        lam=4.0, eta=1.0, metric="euclidean", made=(), epoch=6, increase=lambda change: 1.5,
        X=np.zeros(10), t=None, loss=loss, net=SimpleNamespace(num_parameters=3),
        trace=SimpleNamespace(outputs=np.zeros((10, 2))),
    )  # fmt: skip
    return SimpleNamespace(
        kind=kind, eta=2.0, supremum=100.0, rank=3, inputs=np.zeros((10, 4)), g=np.zeros((10, 2)),
        activation=SimpleNamespace(num_coefficients=3), view=view, **more,
    )  # fmt: skip


def change(kind="neuron", exact=1.0, units=1, score=0.7, **more):
    return SimpleNamespace(kind=kind, exact=exact, units=units, score=score, **more)


def passes(rule, *changes, kind="neuron"):
    return rule.judge(stub(kind), list(changes)).passes


@says(Thresholds, "tau", "alpha")
def thresholds():
    for exact, tau, alpha in [(1.0, 0.5, 0.0), (3.0, 1.5, 0.0), (1.0, 0.0, 0.25), (3.0, 0, 0.75)]:
        rule = Thresholds(tau, alpha)
        assert passes(rule, change(exact=exact * (1 + 1e-9)))
        assert not passes(rule, change(exact=exact * (1 - 1e-9)))


@says(Thresholds, "layer_cost", "by", "dense")
def layers_cost():
    layer = change("layer", exact=6.0, units=3, score=0.9)
    place = stub("layer")
    assert Thresholds(layer_cost=5.0, dense=False).worth(place, layer) == pytest.approx(0.4)
    assert Thresholds(layer_cost=2.0, dense=False).worth(place, layer) == pytest.approx(1.0)
    assert Thresholds(layer_cost=2.0).worth(place, layer) == pytest.approx(0.25)  # dense: 1.5
    assert Thresholds(layer_cost=3.0, by="own").worth(place, layer) == pytest.approx(0.3)
    assert Thresholds(by="own").worth(stub(), change()) == 0.7
    assert Thresholds(by="exact").worth(stub(), change()) == 1.0


@says(Schedule, "epochs", "units")
def schedule():
    place = stub()
    assert Schedule((6,)).judge(place, [change()]).passes
    assert not Schedule((4, 8)).judge(place, [change()]).passes
    place.view.made = (change(),)
    assert not Schedule((6,)).judge(place, [change()]).passes
    assert Schedule((6,), units=2).judge(place, [change()]).passes


@says(HonestLook, "z", "price", "tau")
def honest():
    one = change(gain=0.5, error=0.1, gains=np.zeros(4), units=2)
    for z, price in [(0.0, 1.0), (2.0, 1.0), (1.25, 0.3)]:
        left = HonestLook(z, price).left(stub(), one)
        assert left == pytest.approx(10 * (0.5 - 0.1 * z) - 2 * price)
    assert passes(HonestLook(0.0, 2.49), one) and not passes(HonestLook(0.0, 2.51), one)
    assert passes(HonestLook(tau=0.24), one) and not passes(HonestLook(tau=0.26), one)


@says(InformationCriterion, "criterion")
def criterion():
    numbers = 4 + 3 + 2
    for name, each in [("aic", 1.0), ("bic", np.log(10) / 2)]:
        rule = InformationCriterion(name)
        (left,) = rule.lefts(stub(), [change(exact=3.0, units=2)])
        assert left == pytest.approx(10 * 3.0 - 2 * numbers * each)


@says(HeldOut, "share")
def share():
    held = change(gains=np.full(12, 0.25))
    place = SimpleNamespace(g=np.zeros((60, 2)))
    assert HeldOut(0.2).lefts(place, [held]) == [0.25]
    with pytest.raises(ValueError, match=r"12 of 60 .*folds=10"):
        HeldOut(0.1).lefts(place, [held])


class Scripted(Proposer):
    """Proposals whose shares of the supremum are on a list, one a permutation."""

    def __init__(self, shares):
        self.shares, self.dealt = list(shares), []

    def changes(self, place, rng):
        self.dealt.append(place.g_r.copy())
        exact = self.shares[len(self.dealt) - 1] * place.supremum
        return [SimpleNamespace(units=1, measured=lambda null: SimpleNamespace(exact=exact))]


@says(PermutationNull, "draws", "level", "proposer", "seed")
def permutations():
    shares = [0.3, 0.1, 0.5, 0.2, 0.4, 0.05, 0.35, 0.15, 0.45]
    one = [change(exact=0.9 * PLACE.supremum)]
    for draws, level, bar in [(9, 0.1, 0.5), (9, 0.3, 0.4), (4, 0.2, 0.5), (4, 0.4, 0.3)]:
        script = Scripted(shares)
        (left,) = PermutationNull(draws, level, script).lefts(PLACE, one)
        assert len(script.dealt) == draws
        assert left == pytest.approx((0.9 - bar) * PLACE.supremum)
    dealt = []
    for number in (0, 1, 0):
        script = Scripted(shares)
        PermutationNull(9, 0.1, script, number).lefts(PLACE, one)
        dealt.append(np.array(script.dealt))
    np.testing.assert_array_equal(dealt[0], dealt[2])
    assert not np.array_equal(dealt[0], dealt[1])
