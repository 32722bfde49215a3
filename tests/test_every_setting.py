"""Every setting has a say: each field of `Settings` and of the seams changes what it should.

A field without an entry fails the last test: who adds a setting says here what it does.
"""

import importlib
import pkgutil
from dataclasses import dataclass, fields, is_dataclass, replace
from types import SimpleNamespace

import numpy as np
import pytest
from compare import assert_close
from measured import cross_entropy
from runs import moons

import sennpy
from sennpy import (
    MLP,
    SENN,
    SGD,
    Acceptance,
    CrossFitted,
    Damping,
    HonestLook,
    LevenbergMarquardt,
    Loss,
    MalaSearch,
    NaturalGradient,
    Optimiser,
    ProfileSearch,
    Proposer,
    RandomSearch,
    Schedule,
    Settings,
    SoftmaxCrossEntropy,
    SquaredError,
    Thresholds,
    View,
    kronecker_factors,
)
from sennpy.curvature.fisher import output_directions
from sennpy.curvature.preconditioner import preconditioner
from sennpy.experiments.chance import InSample
from sennpy.growth import released
from sennpy.growth.compiled import neuron_objective, profiled_neuron_objective
from sennpy.growth.look import Limits
from sennpy.growth.released import ReleasedAscent, ReleasedSearch, ReleasedSubsetSearch
from sennpy.growth.rules import HeldOut, InformationCriterion, PermutationNull
from sennpy.training.quadratic import DenseModel, LargeModel

SAYS = {}  # (class, field) to what shows that it has a say
SILENT = {  # fields that a class inherits and that do nothing in it, and why
    (InSample, "folds"): "nothing is held out",
    (InSample, "held_out"): "nothing is held out",
    (InSample, "ridge"): "no step is fitted",
}
SOFT = SoftmaxCrossEntropy()


def says(kind, *names):
    """Enter the function below as what shows that these fields have a say."""

    def enter(function):
        for name in names:
            SAYS[kind, name] = function
        return function

    return enter


# --- Settings ------------------------------------------------------------------------------------

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


# --- Natural gradient ----------------------------------------------------------------------------

NET, (X, T) = MLP.random((2, 2, 3), rng=1), (moons(30)[0], np.arange(30) % 3)
TRACE = NET.forward(X)
G_Y, N, P = SOFT.gradient(TRACE.outputs, T), 30, NET.num_parameters
J = NET.jacobian(TRACE)
GRADIENT = np.einsum("nmp,nm->p", J, G_Y) / N


def taken(optimiser, net=NET, rows=slice(None), rng=0, memory=None, loss=SOFT, t=T):
    """What a step takes off the parameters."""
    rng = np.random.default_rng(rng) if isinstance(rng, int) else rng
    after = optimiser.step(net, X[rows], t[rows], loss, rng, memory)[0]
    return net.parameters - after.parameters


def curvature(metric, rows=slice(None)):
    """F (P, P) from the Jacobian; of the sampled, with the draws that seed 0 makes."""
    y, g_y, J_here = TRACE.outputs[rows], G_Y[rows], J[rows]
    p = np.exp(y) / np.exp(y).sum(axis=1, keepdims=True)
    if metric == "sampled":
        g_y = SOFT.sample_gradient(y, np.random.default_rng(0))
    M = {
        "euclidean": np.eye(3), "true": p[:, :, None] * np.eye(3) - p[:, :, None] * p[:, None],
    }.get(metric, g_y[:, :, None] * g_y[:, None])  # fmt: skip
    M = np.broadcast_to(M, (len(y), 3, 3))
    return np.einsum("nip,nij,njq->pq", J_here, M, J_here) / len(y)


def solved(F, d, g=GRADIENT):
    return np.linalg.solve(F + d * np.eye(P), g)


def by_blocks(d, form):
    """The K-FAC direction, each block with its damping, spelled out."""
    weights, coefficients = [], []
    split, of_coefficients = NET.split(GRADIENT)
    for (A, G, K), C in zip(kronecker_factors(NET, X), split, strict=True):
        if form == "exact":
            block = np.kron(A, G) + d * np.eye(C.size)
        else:
            pi = np.sqrt((np.trace(A) / len(A)) / (np.trace(G) / len(G)))
            block = np.kron(A + pi * np.sqrt(d) * np.eye(len(A)),
                            G + np.sqrt(d) / pi * np.eye(len(G)))  # fmt: skip
        weights.append(np.linalg.solve(block, C.ravel()))
        coefficients.append(K)
    k = of_coefficients[0].ravel()
    k = np.linalg.solve(coefficients[0] + d * np.eye(k.size), k)
    return np.concatenate([weights[0], k, weights[1]])


def few_steps(F, d, number):
    """So many conjugate gradients by hand."""
    x, r = np.zeros(P), GRADIENT.copy()
    p = r.copy()
    for _ in range(number):
        Ap = F @ p + d * p
        a = (r @ r) / (p @ Ap)
        x, after = x + a * p, r - a * Ap
        p, r = after + (after @ after) / (r @ r) * p, after
    return x


@says(NaturalGradient, "step_size", "weight_decay")
def steps_and_decay():
    n, theta = solved(curvature("euclidean"), 0.1), NET.parameters
    for size in (0.1, 0.7, 2.0):
        for decay in (0.0, 0.3):
            expected = size * (n + decay * theta) / (1 + decay)
            assert_close(taken(NaturalGradient(step_size=size, weight_decay=decay)), expected, 1e-9)


@says(NaturalGradient, "metric")
def metric():
    for kind in ("euclidean", "true", "sampled", "empirical"):
        for solver in ("auto", "dense", "cg"):
            n = taken(NaturalGradient(solver, metric=kind, step_size=1.0, cg_iterations=500))
            assert_close(n, solved(curvature(kind), 0.1), 1e-6)
    sampled, rng = NaturalGradient(metric="sampled"), np.random.default_rng(0)
    first, second = taken(sampled, rng=rng), taken(sampled, rng=rng)
    assert not np.allclose(first, second)  # each step draws targets of its own
    fit = trained(optimiser=NaturalGradient(metric="true"))
    assert all(addition.limit == np.inf for addition in fit.history.additions)


@says(NaturalGradient, "damping")
@says(Damping, "value", "scale")
def damping():
    for kind, solver in [("euclidean", "auto"), ("euclidean", "dense"), ("true", "dense"),
                         ("euclidean", "cg"), ("euclidean", "pcg"), ("true", "pcg")]:  # fmt: skip
        for value in (0.03, 0.5):
            F = curvature(kind)
            many = {"metric": kind, "step_size": 1.0, "cg_iterations": 500}
            n = taken(NaturalGradient(solver, Damping(value), **many))
            assert_close(n, solved(F, value), 1e-6)
            n = taken(NaturalGradient(solver, Damping(value, "relative"), **many))
            assert_close(n, solved(F, value * np.trace(F) / P), 1e-6)  # the mean over parameters
    n = taken(NaturalGradient("kfac", Damping(0.2, "relative"), step_size=1.0))
    assert_close(n, by_blocks(0.2 * np.trace(curvature("euclidean")) / P, "exact"), 1e-8)


def damping_with_fewer_rows_than_parameters():
    """The regression preset's own path: J J^T is decomposed, and damped as F would be."""
    rows = slice(0, 4)
    F, g = curvature("euclidean", rows), np.einsum("nmp,nm->p", J[rows], G_Y[rows]) / 4
    assert P > 4 * 3
    for value in (0.03, 0.5):
        n = taken(NaturalGradient("dense", Damping(value), step_size=1.0), rows=rows)
        assert_close(n, solved(F, value, g), 1e-8)
        n = taken(NaturalGradient("dense", Damping(value, "relative"), step_size=1.0), rows=rows)
        assert_close(n, solved(F, value * np.trace(F) / P, g), 1e-8)


@says(Damping, "form")
def form():
    exact, factored = (by_blocks(0.2, name) for name in ("exact", "factored"))
    assert not np.allclose(exact, factored, rtol=1e-2)
    for name, expected in [("exact", exact), ("factored", factored)]:
        n = taken(NaturalGradient("kfac", Damping(0.2, form=name), step_size=1.0))
        assert_close(n, expected, 1e-8)


@says(NaturalGradient, "solver", "cg_iterations")
def solver_and_iterations():
    F = curvature("euclidean")
    exact, blocks = solved(F, 0.1), by_blocks(0.1, "exact")
    for name, expected in [("dense", exact), ("auto", exact), ("kfac", blocks)]:
        n = taken(NaturalGradient(name, step_size=1.0, cg_iterations=1))
        assert_close(n, expected, 1e-8)

    def off(n):
        return (n - exact) @ (F + 0.1 * np.eye(P)) @ (n - exact)

    errors = {}
    for number in (1, 2, 5):
        n = taken(NaturalGradient("cg", step_size=1.0, cg_iterations=number))
        assert_close(n, few_steps(F, 0.1, number), 1e-7)
        errors["cg", number] = off(n)
        n = taken(NaturalGradient("pcg", step_size=1.0, cg_iterations=number))
        errors["pcg", number] = off(n)
    for name in ("cg", "pcg"):
        assert errors[name, 1] > errors[name, 2] > errors[name, 5] > 0
    rough = preconditioner(TRACE, output_directions(TRACE.outputs), 0.1)(NET, GRADIENT)
    for name, along in [("cg", GRADIENT), ("pcg", rough)]:  # the first step goes along it
        n = taken(NaturalGradient(name, step_size=1.0, cg_iterations=1))
        assert (n @ along) ** 2 == pytest.approx((n @ n) * (along @ along))


@says(NaturalGradient, "refresh")
def refresh():
    far = NET.replace(3 * NET.parameters)
    for number, kept in [(1, False), (2, True)]:
        steps = NaturalGradient("pcg", cg_iterations=1, refresh=number)
        rng = np.random.default_rng(0)
        memory = steps.step(NET, X, T, SOFT, rng, None)[1]
        again, fresh = taken(steps, far, memory=memory), taken(steps, far)
        assert np.allclose(again, fresh) is not kept


@says(SGD, "step_size", "momentum")
def gradient_descent():
    for size, momentum in [(0.1, 0.0), (0.1, 0.5), (0.4, 0.5)]:
        steps, rng = SGD(size, momentum), np.random.default_rng(0)
        first, memory, _ = steps.step(NET, X, T, SOFT, rng, None)
        second = steps.step(first, X, T, SOFT, rng, memory)[0]
        v = -size * GRADIENT
        assert_close(first.parameters, NET.parameters + v)
        trace = first.forward(X)
        g = first.vjp(trace, SOFT.gradient(trace.outputs, T)) / N
        assert_close(second.parameters, first.parameters + momentum * v - size * g, 1e-10)


# --- Levenberg-Marquardt -------------------------------------------------------------------------

MODELS = []


@dataclass(frozen=True)
class WatchedSteps(LevenbergMarquardt):
    """That remembers its quadratic models and the directions that they are made of."""

    def model(self, trace, u, g_y):
        MODELS.append((super().model(trace, u, g_y), trace, u, g_y))
        return MODELS[-1][0]


def memories(number, **options):
    """The memory after each of so many steps, and the network after the last."""
    steps, rng, net, found = LevenbergMarquardt(**options), np.random.default_rng(0), NET, [None]
    for _ in range(number):
        net, memory, _ = steps.step(net, X, T, SOFT, rng, found[-1])
        found.append(memory)
    return found[1:], net


@says(LevenbergMarquardt, "metric")
def metric_of_levenberg():
    for kind in ("true", "euclidean", "sampled", "empirical"):
        MODELS.clear()
        WatchedSteps(metric=kind).step(NET, X, T, SOFT, np.random.default_rng(7), None)
        ((_, trace, u, _),) = MODELS
        rng = np.random.default_rng(7)
        assert_close(u, output_directions(trace.outputs, kind, SOFT, T, rng))
    rng = np.random.default_rng(0)
    MODELS.clear()
    for _ in range(2):
        WatchedSteps(metric="sampled").step(NET, X, T, SOFT, rng, None)
    assert not np.allclose(MODELS[0][2], MODELS[1][2])


@says(LevenbergMarquardt, "solver", "cg_iterations")
def solver_of_levenberg():
    steps = {}
    for name, number, kind in [("auto", 1, DenseModel), ("dense", 1, DenseModel),
                               ("pcg", 1, LargeModel), ("pcg", 60, LargeModel)]:  # fmt: skip
        MODELS.clear()
        optimiser = WatchedSteps(solver=name, cg_iterations=number)
        steps[name, number] = taken(optimiser)
        assert type(MODELS[0][0]) is kind
    exact = steps["dense", 1]
    error = {n: np.linalg.norm(steps["pcg", n] - exact) / np.linalg.norm(exact) for n in (1, 60)}
    assert error[60] < 5e-3 < 5e-2 < error[1]
    assert_close(steps["auto", 1], exact)


@says(LevenbergMarquardt, "decay")
def decay():
    sizes = []
    for number in (0.0, 0.05, 0.5):
        found, net = memories(12, decay=number)
        assert {memory.decay for memory in found} == {number}
        sizes.append(sum(float((W**2).sum()) for W in net.weights))
    assert sizes[0] > sizes[1] > sizes[2]
    found, _ = memories(9, decay="evidence")
    assert found[-1].decay not in (0.0, 0.01)


@says(LevenbergMarquardt, "wait")
def wait():
    for number in (0, 2, 5):
        decays = [memory.decay for memory in memories(7, wait=number)[0]]
        assert decays[:number] == [0.01] * number and 0.01 not in decays[number:]


# --- Proposers -----------------------------------------------------------------------------------


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


@pytest.fixture
def kernel_steps(monkeypatch):
    """What the released kernel is asked for."""
    asked, step = [], released.released_step

    def listening(evaluate, state, step_size, temperature, xi, log_u):
        asked.append((np.array(step_size), temperature, xi.shape))
        return step(evaluate, state, step_size, temperature, xi, log_u)

    monkeypatch.setattr(released, "released_step", listening)
    return asked


@pytest.mark.parametrize("kind", [ReleasedSearch, ReleasedSubsetSearch])
def test_the_released_chains_run_as_they_are_told(kind, kernel_steps):
    for search in (kind(3, 2, 4, 0.5, 0.2), kind(5, 1, 7, 10.0, 0.05)):
        kernel_steps.clear()
        search.sample(search.sees(PLACE), 1, np.random.default_rng(0))
        assert len(kernel_steps) == search.bursts * search.burst_length
        assert {temperature for _, temperature, _ in kernel_steps} == {search.temperature}
        assert {shape[0] for _, _, shape in kernel_steps} == {search.chains}
        assert (kernel_steps[0][0] == search.step_size).all()


def test_the_score_of_the_released_chains_is_a_mean_by_temperature(monkeypatch):
    """Cold, it is the best of the ends; hot, their plain mean."""
    ends = {}
    step = released.released_step

    def nowhere(evaluate, state, *rest):
        ends["scores"] = evaluate(state.position)[0]
        return step(evaluate, state, *rest)[0]._replace(**state._asdict()), np.full(6, 0.6)

    monkeypatch.setattr(released, "released_step", nowhere)
    for temperature, pick in [(1e-6, np.max), (1e9, np.mean)]:
        search = ReleasedSearch(6, 1, 1, temperature)
        place = search.sees(PLACE)
        *_, score = search.sample(place, 1, np.random.default_rng(0))
        assert score == pytest.approx(place.eta * pick(ends["scores"]), rel=1e-6)
        once = ReleasedSubsetSearch(6, 1, 1, temperature)
        *_, score = once.sample(once.sees(PLACE), 1, np.random.default_rng(0))
        assert score == pytest.approx(pick(ends["scores"]), rel=1e-6)  # in no unit


def test_the_released_ascent_goes_as_far_as_it_is_told(monkeypatch):
    made, objective = [], released.neuron_objective

    def listening(*arguments):
        made.append(Listening(objective(*arguments)))
        return made[-1]

    monkeypatch.setattr(released, "neuron_objective", listening)
    for search in (ReleasedAscent(2, 3, 5, 0.3), ReleasedAscent(3, 4, 2, 0.1)):
        made.clear()
        *_, score = search.sample(search.sees(PLACE), 1, np.random.default_rng(0))
        at = [arguments[0] for arguments, _ in made[0].of("evaluate")]
        assert len(at) == search.rounds * (search.steps + 1)
        assert {len(theta) for theta in at} == {search.chains}
        for first in range(0, len(at), search.steps + 1):
            path = np.array(at[first : first + search.steps + 1])
            lengths = np.linalg.norm(np.diff(path, axis=0), axis=2)
            shares = search.step_size * (1 - np.arange(search.steps) / search.steps)
            assert_close(lengths, np.repeat(shares[:, None], search.chains, axis=1), 1e-9)
        scores = [found[0] for _, found in made[0].of("evaluate")]
        ends = scores[search.steps :: search.steps + 1]
        assert score == pytest.approx(np.max(ends))  # of all rounds, not of the last


# --- Acceptance ----------------------------------------------------------------------------------


def stub(kind="neuron", **more):
    """A place with eta = 2 and lambda = 4, as rules see it; nats are N times a gain."""
    loss = SimpleNamespace(dispersion=lambda y, t, free: 0.5)
    view = SimpleNamespace(
        lam=4.0, eta=1.0, metric="euclidean", made=(), epoch=6, increase=lambda change: 1.5,
        X=np.zeros(10), t=None, loss=loss, net=SimpleNamespace(num_parameters=3),
        trace=SimpleNamespace(outputs=np.zeros((10, 2))),
    )  # fmt: skip
    return SimpleNamespace(
        kind=kind, eta=2.0, supremum=100.0, inputs=np.zeros((10, 4)), g=np.zeros((10, 2)),
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


# --- The walk ------------------------------------------------------------------------------------


def parts_of_the_package():
    """Classes with settings: `Settings`, what a seam plugs in, and what those are given."""
    for module in pkgutil.walk_packages(sennpy.__path__, "sennpy."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    found, waiting = [Settings, Damping, Limits], [Proposer, Acceptance, Optimiser, Loss]
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        if kind.__module__.startswith("sennpy.") and is_dataclass(kind):
            found.append(kind)
    return found


OF_TESTS = {  # shown by tests of their own above, which need a fixture
    ReleasedSearch: test_the_released_chains_run_as_they_are_told,
    ReleasedSubsetSearch: test_the_released_chains_run_as_they_are_told,
    ReleasedAscent: test_the_released_ascent_goes_as_far_as_it_is_told,
}
SHOWN = {function.__name__: function for function in SAYS.values()}
SHOWN[damping_with_fewer_rows_than_parameters.__name__] = damping_with_fewer_rows_than_parameters


@pytest.mark.parametrize("name", SHOWN)
def test_a_setting_has_a_say(name):
    SHOWN[name]()


def test_no_setting_is_without_a_say():
    every = {(kind, field.name) for kind in parts_of_the_package() for field in fields(kind)}
    shown = {*SAYS, *SILENT, *((kind, f.name) for kind in OF_TESTS for f in fields(kind))}
    lacking = sorted(f"{kind.__name__}.{name}" for kind, name in every - shown)
    assert not lacking, f"say here what they do: {', '.join(lacking)}"
    assert shown <= every
