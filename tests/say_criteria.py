"""Each field of the criteria, and of the parts of studies, changes what it should."""

from dataclasses import fields

import numpy as np
import pytest
from say_acceptance import change, stub
from say_proposers import PLACE, ProfileSearch
from saying import SOFT, says

from sennpy import MLP, SquaredError, Thresholds, View
from sennpy.estimators.weights import WeightedLoss
from sennpy.growth.criteria import (
    BestDrawn,
    CascadeCorrelation,
    Firefly,
    GradMax,
    GradMaxFanOut,
    NaturalGradMax,
    Nest,
    Net2Net,
    North,
    RandomFanIn,
    RandomFanOut,
    Splitting,
    Tiny,
)
from sennpy.growth.criteria.parts import Units
from sennpy.studies.factorial import FACTORS, POOL, Cell
from sennpy.studies.pruning import CheapOnesGo, GrowOrPrune

OF_UNITS = (
    BestDrawn, CascadeCorrelation, Cell, Firefly, GradMax, GradMaxFanOut, NaturalGradMax, Nest,
    North, RandomFanIn, RandomFanOut, Tiny,
)  # fmt: skip


def last(proposer, seed=0, place=PLACE):
    """The last change that it proposes: of those that come with splits, the new units."""
    return proposer.changes(place, np.random.default_rng(seed))[-1]


def norms(rows):
    return np.linalg.norm(rows, axis=-1)


@says(Units, "units")
def how_many():
    for kind in OF_UNITS:
        if kind is not Cell:
            assert [last(kind(units=k)).operation.weights.shape[1] for k in (1, 2)] == [1, 2]


for kind in OF_UNITS:
    says(kind, "units")(how_many)


@says(Cell, "units")
def a_cell_adds_one():
    """A study adds one at a time; the field is inherited, and must be what it is."""
    assert last(Cell()).operation.weights.shape[1] == Cell().units == 1


@says(BestDrawn, "pool")
@says(GradMaxFanOut, "pool")
@says(CascadeCorrelation, "pool")
@says(North, "pool")
def more_are_better():
    for kind in (BestDrawn, GradMaxFanOut, CascadeCorrelation, North):
        few, many = ([last(kind(pool=n), seed).score for seed in range(12)] for n in (1, 30))
        assert np.mean(many) > np.mean(few), kind


@says(BestDrawn, "exact")
def by_which_yardstick():
    assert last(BestDrawn(exact=True)).score > last(BestDrawn(exact=False)).score
    measured = last(BestDrawn(exact=False)).measured(PLACE)
    assert last(BestDrawn(exact=False)).score == pytest.approx(measured.bound)


@says(GradMaxFanOut, "steps")
@says(CascadeCorrelation, "steps")
def the_climb_goes_on():
    for kind in (GradMaxFanOut, CascadeCorrelation):
        assert last(kind(pool=1, steps=60)).score > last(kind(pool=1, steps=1)).score, kind


@says(Firefly, "pool", "steps")
def firefly_searches():
    """What its units climb, |E[a g^T]|^2, rises with the steps; the best is of a pool."""

    def gradient(firefly):
        one = last(firefly).operation
        a_p = PLACE.activation(PLACE.inputs @ one.weights, one.coefficients)
        return float(((a_p.T @ PLACE.g / len(a_p)) ** 2).sum())

    assert gradient(Firefly(pool=1, steps=60)) > gradient(Firefly(pool=1, steps=1))
    few, many = ([last(Firefly(pool=n), seed).score for seed in range(6)] for n in (1, 8))
    assert np.mean(many) > np.mean(few)


@says(Firefly, "eps")
@says(Splitting, "eps")
def how_far():
    small, large = (last(Firefly(eps=eps)).operation.outgoing for eps in (0.1, 0.2))
    assert norms(small) == pytest.approx(0.1) and norms(large) == pytest.approx(0.2)
    small, large = (last(Splitting(eps)).operation.offset for eps in (0.01, 0.05))
    assert norms(small) == pytest.approx(0.01) and norms(large) == pytest.approx(0.05)


@says(GradMax, "scale")
@says(NaturalGradMax, "scale")
@says(RandomFanIn, "scale")
def how_large_at_birth():
    usual = norms(PLACE.W[:-1]).mean()
    for kind in (GradMax, NaturalGradMax, RandomFanIn):
        for scale in (0.5, 2.0):
            o = last(kind(scale=scale)).operation.outgoing
            assert norms(o) == pytest.approx(scale * usual), kind


@says(Nest, "share")
@says(Nest, "strength")
def bridges():
    one, all_of_them = (last(Nest(share=share)).operation for share in (1e-9, 1.0))
    assert np.count_nonzero(one.weights) == np.count_nonzero(one.outgoing) == 1
    assert np.count_nonzero(all_of_them.weights) > 1
    for strength in (0.3, 0.6):
        unit = last(Nest(strength=strength)).operation
        for side, there in ((unit.weights, PLACE.W_in), (unit.outgoing, PLACE.W[:-1])):
            assert np.abs(side).mean() == pytest.approx(strength * np.abs(there).mean())


@says(Net2Net, "noise")
def how_exact_a_copy():
    for noise in (0.0, 0.01, 0.3):
        split = last(Net2Net(noise)).operation
        w = PLACE.W_in[:, split.unit]
        assert norms(split.offset) == pytest.approx(noise * norms(w))


@says(Tiny, "projected")
def which_residual():
    """g_r has less left in it than g: the layer explains the rest."""
    assert last(Tiny(projected=True)).score < last(Tiny(projected=False)).score


@says(Cell, *FACTORS)
def ingredients():
    """Each other level of a factor gives another score; g_r for g by the bound alone (E9)."""
    place = PLACE.with_statistics(PLACE.a_c, PLACE.g, np.array([[2.0, 1.0], [1.0, 1.0]]), PLACE.W)
    for name, levels in FACTORS.items():
        assert len(levels) == 2
        (other,) = (level for level in levels if level != getattr(Cell(), name))
        for score in ("exact", "bound"):
            cell = {"score": score}
            usual, found = (last(Cell(**c), 0, place).score for c in (cell, cell | {name: other}))
            if name == "target" and score == "exact":  # what a_c leaves of a unit sees g_r alone
                assert found == pytest.approx(usual, rel=1e-9)
            elif name != "score" or score == "exact":
                assert found != pytest.approx(usual, rel=1e-6), name


@says(Cell, "draw")
def which_draw():
    weights = [last(Cell(draw=j)).operation.weights.tobytes() for j in range(POOL)]
    assert len(set(weights)) == POOL and last(Cell()).operation.weights.tobytes() in weights


@says(GrowOrPrune, *(field.name for field in fields(GrowOrPrune)))
def what_it_inherits():
    """It proposes what a ProfileSearch of the same settings does, and removals."""
    few = {"candidates": 5, "refined": 1, "iterations": 3}
    for other in ({}, {"candidates": 9}, {"refined": 3}, {"iterations": 9}, {"reach": 0.5},
                  {"tolerance": 0.5}, {"ridge": 0.5}):  # fmt: skip
        rng, again = np.random.default_rng(1), np.random.default_rng(1)
        found = GrowOrPrune(**few | other).changes(PLACE, rng)
        (change,) = ProfileSearch(**few | other).changes(PLACE, again)
        assert found[0].score == change.score and len(found) == 1 + PLACE.W_in.shape[1]
        np.testing.assert_array_equal(found[0].operation.weights, change.operation.weights)


@says(CheapOnesGo, "keep")
def hysteresis():
    """A removal that costs 1 goes where keep alpha lambda is above that, and comes first."""
    place = stub()
    place.view.lam = 10.0
    addition, removal = change(exact=99.0), change("prune", exact=-1.0)
    for keep, goes in [(0.0, False), (0.9, False), (1.1, True)]:
        found = CheapOnesGo(tau=0.0, alpha=0.1, keep=keep).judge(place, [addition, removal])
        assert found.passes and found.change is (removal if goes else addition)


@says(CheapOnesGo, *(field.name for field in fields(Thresholds)))
def thresholds_as_they_are():
    """Where nothing may go it decides as the thresholds of the same settings."""
    neuron, layer = change(), change("layer", exact=6.0, units=3, score=0.9)
    usual = {"tau": 0.3, "alpha": 0.0}
    of_one, of_layers = [], []
    for other in ({}, {"tau": 9.0}, {"alpha": 9.0}, {"layer_cost": 2.0}, {"by": "own"},
                  {"dense": False}):  # fmt: skip
        mine, theirs = CheapOnesGo(keep=0.0, **usual | other), Thresholds(**usual | other)
        of_one.append(mine.judge(stub(), [neuron]))
        of_layers.append(mine.judge(stub("layer"), [layer]))
        assert of_one[-1] == theirs.judge(stub(), [neuron])
        assert of_layers[-1] == theirs.judge(stub("layer"), [layer])
    first, *others = zip(of_one, of_layers, strict=True)
    assert all(found != first for found in others), "each of them has a say"


@says(WeightedLoss, "base")
def of_which_loss():
    y = np.random.default_rng(0).standard_normal((4, 3))
    w, labels = np.array([2.0, 1.0, 0.5, 0.5]), np.array([0, 1, 2, 1])
    columns = np.column_stack([labels, w])
    each = [SOFT.value(y[[n]], labels[[n]]) for n in range(4)]
    assert WeightedLoss(SOFT).value(y, columns) == pytest.approx(w @ each / 4)
    columns = np.column_stack([np.zeros((4, 3)), w])
    each = [SquaredError().value(y[[n]], np.zeros((1, 3))) for n in range(4)]
    assert WeightedLoss(SquaredError()).value(y, columns) == pytest.approx(w @ each / 4)
    assert View.of(MLP.random((1, 2, 3)), y[:, :1], columns, WeightedLoss(SquaredError())).eta >= 0
