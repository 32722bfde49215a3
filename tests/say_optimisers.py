"""Each field of the optimisers, and of `Damping`, changes what it should."""

from dataclasses import dataclass

import numpy as np
import pytest
from compare import assert_close
from runs import moons
from say_settings import trained
from saying import SOFT, says

from sennpy import (
    MLP,
    SGD,
    Damping,
    LevenbergMarquardt,
    NaturalGradient,
    kronecker_factors,
)
from sennpy.curvature.fisher import output_directions
from sennpy.curvature.preconditioner import preconditioner
from sennpy.training.quadratic import DenseModel, LargeModel

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
