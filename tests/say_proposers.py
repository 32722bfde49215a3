"""Each field of the proposers changes what it should."""

from dataclasses import dataclass, fields

import numpy as np
import pytest
from saying import says

from sennpy import (
    MLP,
    CrossFitted,
    MalaSearch,
    ProfileSearch,
    RandomSearch,
    SquaredError,
    View,
)
from sennpy.experiments.chance import InSample
from sennpy.growth.compiled import neuron_objective, profiled_neuron_objective


def at_a_place(N=60, seed=0):
    rng = np.random.default_rng(seed)
    net, inputs = MLP.random((2, 3, 2), rng=rng), rng.standard_normal((N, 2))
    targets = np.column_stack([np.sin(3 * inputs[:, 0]), np.cos(2 * inputs[:, 1])])
    return View.of(net, inputs, 3 * targets, SquaredError(), epoch=4).place("neuron", 0)


PLACE = at_a_place()


class Listening:
    """An objective that writes down what it is asked for."""

    def __init__(self, objective):
        self.objective, self.asked = objective, []

    def __getattr__(self, name):
        known = getattr(self.objective, name)
        if name not in ("draw", "climb", "burst", "evaluate"):
            return known

        def listened(*arguments):
            found = known(*arguments)
            self.asked.append((name, arguments, found))
            return found

        return listened

    def of(self, name):
        return [(arguments, found) for kind, arguments, found in self.asked if kind == name]


def listened(search, seed=0, objective=neuron_objective):
    objective = Listening(objective(PLACE))
    trails = search.trails(objective, PLACE, np.random.default_rng(seed))
    return objective, trails


@says(RandomSearch, "proposals")
def proposals():
    for number in (1, 40):
        objective, (starts, _) = listened(RandomSearch(number))
        ((arguments, drawn),) = objective.of("draw")
        assert arguments[0] == number == len(drawn) and len(starts) == 1
        scores = objective.objective.evaluate(drawn)[0]
        np.testing.assert_array_equal(starts[0], drawn[np.argmax(scores)])


@says(MalaSearch, *(field.name for field in fields(MalaSearch)))
def mala_chains():
    for search in (MalaSearch(3, 2, 4, 0.5, 0.2), MalaSearch(5, 3, 1, 2.0, 0.05)):
        objective, (starts, ends) = listened(search)
        bursts = [arguments for arguments, _ in objective.of("burst")]
        assert len(starts) == len(ends) == search.chains and len(bursts) == search.bursts
        assert objective.of("draw")[0][0][0] == 2 * search.chains
        for _, unit, _, xi, log_u in bursts:
            assert xi.shape == (search.burst_length, objective.dim, search.chains)
            assert log_u.shape == (search.burst_length, search.chains)
            assert unit == pytest.approx(search.temperature * PLACE.eta)
        assert bursts[0][2] == search.step_size
    short, long = (listened(MalaSearch(4, n, 5))[1] for n in (1, 30))
    scores = [neuron_objective(PLACE).evaluate(ends)[0].mean() for _, ends in (short, long)]
    assert scores[1] > scores[0]


@says(ProfileSearch, *(field.name for field in fields(ProfileSearch) if field.name != "ridge"))
def profile():
    for search in (ProfileSearch(7, 2, 9, 1.5, 1e-3), ProfileSearch(12, 3, 4, 2.5, 1e-6)):
        objective, (starts, ends) = listened(search, objective=profiled_neuron_objective)
        assert objective.of("draw")[0][0][0] == search.candidates
        climbs = [arguments for arguments, _ in objective.of("climb")]
        assert len(climbs) == len(starts) == len(ends) == search.refined
        for _, *given in climbs:
            assert given == [search.reach, search.iterations, search.tolerance]
    many = {"candidates": 20, "refined": 3}

    def found(**options):
        return listened(ProfileSearch(**many | options), objective=profiled_neuron_objective)[1][1]

    def best(ends):
        return profiled_neuron_objective(PLACE).evaluate(ends)[0].max()

    assert best(found(iterations=50)) > best(found(iterations=1))
    assert best(found(tolerance=1e-9)) > best(found(tolerance=0.5))
    assert np.abs(found(reach=0.5)).max() <= 0.5 < np.abs(found(reach=5.0)).max()


@says(ProfileSearch, "ridge")
def ridge_of_profile():
    """The score is that of one neuron with the ridge beside its mean square."""
    for ridge in (1e-3, 0.5):
        change = ProfileSearch(10, 1, 5, ridge=ridge).neurons(PLACE, 1, np.random.default_rng(0))
        neuron = change.operation
        a = PLACE.activation(PLACE.inputs @ neuron.weights, neuron.coefficients)[:, 0]
        k = neuron.coefficients[:, 0]
        D = a @ PLACE.g_r / len(a)
        length = np.linalg.norm(k)
        size = (a**2).mean() + ridge
        assert length == pytest.approx(1.0)
        assert change.score == pytest.approx(D @ np.linalg.solve(PLACE.G, D) / size, rel=1e-6)


@dataclass(frozen=True)
class Listener(ProfileSearch):
    """A search that writes down on how many samples it is asked for how many neurons."""

    candidates: int = 4
    refined: int = 1
    iterations: int = 3

    def neurons(self, place, k=1, rng=None):
        CALLS.append((len(place.inputs), k))
        return super().neurons(place, k, rng)


CALLS = []


def cross_fitted(kind=CrossFitted, **options):
    """The changes that are proposed, and on how many samples was searched for how many neurons."""
    CALLS.clear()
    proposer = kind(**{"search": Listener(), "counts": (1, 2)} | options)
    return proposer.changes(PLACE, np.random.default_rng(0)), list(CALLS)


@says(CrossFitted, "search", "counts", "folds", "held_out", "samples")
def folds():
    changes, calls = cross_fitted()
    assert calls == [(48, 2)] * 5 + [(60, 2)] and [c.units for c in changes] == [1, 2]
    changes, calls = cross_fitted(counts=(1, 3))
    assert calls[-1] == (60, 3) and [c.units for c in changes] == [1, 3]
    assert cross_fitted(folds=3)[1] == [(40, 2)] * 3 + [(60, 2)]
    for number, parts in [(1, 1), (12, 1), (13, 2), (30, 3), (60, 5)]:
        changes, calls = cross_fitted(held_out=number)
        assert len(calls) == parts + 1 and len(changes[0].gains) == 12 * parts
    assert cross_fitted(samples=20)[1] == [(20, 2)] * 6


@says(CrossFitted, "ridge")
def ridge_of_the_step():
    gains = [np.abs(cross_fitted(ridge=ridge)[0][0].gains).mean() for ridge in (0.0, 1.0, 1e6)]
    assert gains[0] > gains[1] > 100 * gains[2] > 0


@says(InSample, "search", "counts", "samples")
def in_sample():
    changes, calls = cross_fitted(InSample)
    assert calls == [(60, 2)] and [c.units for c in changes] == [1, 2]
    assert cross_fitted(InSample, counts=(1, 2, 5))[1] == [(60, 5)]
    assert cross_fitted(InSample, samples=20)[1] == [(20, 2)]
