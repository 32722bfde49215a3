"""Networks, derivatives, Fishers, Kronecker factors and solves beside torch's autograd.

torch averages where its losses say so: CrossEntropyLoss over samples, MSELoss over samples and
outputs and without our 1/2, so that our squared error is m/2 of it. `Case.scale` is that factor.
"""

import pytest
import torch
from agreement import Row
from by_torch import dense, factors, theirs
from cases import CASES, places, twin

from sennpy import Damping, fisher, kronecker_factors, natural_gradient
from sennpy.curvature.fisher import fisher_product, output_directions
from sennpy.equations.case import Problem
from sennpy.equations.strain import hessian

MEAN = "ours is m/2 of MSELoss (mean over samples and outputs, no 1/2), and CrossEntropyLoss"
ORDER = "torch's parameters put into our flat order"
PER_SAMPLE = "F = (1/N) sum_n J_n^T M_n J_n on both sides, M_n by torch's derivatives of its loss"
every_case = pytest.mark.parametrize("case", CASES, ids=str)


OUTPUTS = Row("torch", "outputs y", "net(X)", "nn.Linear and activations", "none", 1e-13)
VALUE = Row("torch", "loss", "loss.value", "nn.MSELoss, nn.CrossEntropyLoss", MEAN, 1e-13)
GRADIENT = Row("torch", "gradient", "net.vjp", "torch.autograd.grad", f"{MEAN}; {ORDER}", 1e-12)


@every_case
def test_outputs_loss_and_gradient(case):
    module, (X, t) = twin(case.net), case.data
    y = module(X)
    OUTPUTS.agrees(case.trace.outputs, y)
    value = case.scale * case.torch_loss(y, t)
    VALUE.agrees(float(case.loss.value(case.trace.outputs, case.t)), value)
    parts = torch.autograd.grad(value, list(module.parameters()))
    GRADIENT.agrees(case.gradient[places(case.net)], torch.cat([part.ravel() for part in parts]))


JACOBIAN = Row("torch", "Jacobian J (N, m, P)", "net.jacobian", "torch.func.jacrev", ORDER, 1e-12)
JVP = Row("torch", "J v", "net.jvp", "torch.func.jvp", ORDER, 1e-12)


@every_case
def test_jacobian(case):
    outputs, theta, order = theirs(case)
    X = case.data[0]
    J = torch.func.jacrev(outputs)(theta, X)
    JACOBIAN.agrees(case.net.jacobian(case.trace)[:, :, order], J)
    v = case.gradient
    _, Jv = torch.func.jvp(lambda p: outputs(p, X), (theta,), (torch.tensor(v[order]),))
    JVP.agrees(case.net.jvp(case.trace, v), Jv)


HESSIAN = Row(
    "torch", "Hessian of the loss", "equations.strain.hessian", "torch.func.hessian",
    f"{MEAN}; {ORDER}", 1e-11,
)  # fmt: skip


@every_case
def test_hessian(case):
    outputs, theta, order = theirs(case)
    X, t = case.data
    H = torch.func.hessian(lambda p: case.scale * case.torch_loss(outputs(p, X), t))(theta)
    HESSIAN.agrees(hessian(Problem(case.net, case.X, case.t, case.loss))[order][:, order], H)


FISHERS = {
    kind: Row("torch", f"Fisher, {kind}", f"fisher(kind='{kind}')", what, PER_SAMPLE, 1e-12)
    for kind, what in {
        "euclidean": "J^T J / N",
        "true": "J^T H_y J / N, H_y by torch.func.hessian",
        "empirical": "torch.func.grad of each sample",
    }.items()
}
SAMPLED = Row(
    "torch", "Fisher, sampled", "fisher(kind='sampled')", "autograd at the same targets",
    "the targets that we drew; squared error means t ~ N(y, I), for which -log density has our 1/2",
    1e-12,
)  # fmt: skip
PRODUCT = Row("torch", "F v, true", "fisher_product", "J^T H_y J v / N", PER_SAMPLE, 1e-12)


@every_case
@pytest.mark.parametrize("kind", FISHERS)
def test_fisher(case, kind):
    F, order = dense(case, kind), places(case.net)
    FISHERS[kind].agrees(fisher(case.net, case.X, kind, case.loss, case.t)[order][:, order], F)
    if kind == "true":
        u = output_directions(case.trace.outputs, kind, case.loss)
        Fv = fisher_product(case.trace, u, case.gradient)
        PRODUCT.agrees(Fv[order], F @ torch.tensor(case.gradient[order]))


@every_case
def test_sampled_fisher(case):
    """The draws are read off our output gradients y - t, as targets, and given to torch."""
    outputs, theta, order = theirs(case)
    drawn = torch.tensor(case.loss.sample_gradient(case.trace.outputs, 5))
    y = torch.tensor(case.trace.outputs)
    targets = y - drawn if case.squared else (torch.softmax(y, 1) - drawn).argmax(1)

    def one(p, x, t):
        return case.scale * case.torch_loss(outputs(p, x[None]), t[None])

    rows = torch.func.vmap(torch.func.grad(one), in_dims=(None, 0, 0))
    G = rows(theta, case.data[0], targets)
    F = fisher(case.net, case.X, "sampled", case.loss, rng=5)
    SAMPLED.agrees(F[order][:, order], G.T @ G / len(G))


# --- Kronecker factors ---------------------------------------------------------------------------

FACTORS = {
    name: Row("torch", what, f"kronecker_factors, {name}", by, convention, 1e-12)
    for name, what, by, convention in [
        ("A", "input factor A", "inputs of nn.Linear, hooks", "mean over samples of a a^T, a with "
         "a constant 1 at its end"),
        ("G", "gradient factor G", "autograd at the layers' outputs", "mean over samples of "
         "J_z^T M J_z, three kinds: all of 1/N is in the mean"),
        ("K", "block K of (v, c, l)", "block of J^T M J / N", "an exact block of F"),
    ]
}  # fmt: skip


@every_case
@pytest.mark.parametrize("kind", FISHERS)
def test_kronecker_factors(case, kind):
    A, G = factors(case, kind)
    ours = kronecker_factors(case.net, case.X, kind, case.loss, case.t)
    F, order = dense(case, kind), list(places(case.net))
    for l, (factor, A_l, G_l) in enumerate(zip(ours, A, G, strict=True)):
        FACTORS["A"].agrees(factor.A, A_l)
        FACTORS["G"].agrees(factor.G, G_l)
        if factor.K is not None and factor.K.size:
            of_layer = case.net.split(range(case.net.num_parameters))[1][l].ravel()
            block = [order.index(p) for p in of_layer]
            FACTORS["K"].agrees(factor.K, F[block][:, block])


# --- Damped solves -------------------------------------------------------------------------------

DAMPING = 0.1
SOLVES = {
    solver: Row("torch", f"damped step, {solver}", f"natural_gradient(solver='{solver}')", by,
                "(F + d I) n = g with the gradient of the mean loss and d = 0.1, absolute",
                tolerance)
    for solver, by, tolerance in [
        ("dense", "torch.linalg.solve", 1e-11),
        ("cg", "torch.linalg.solve", 1e-7),
        ("pcg", "torch.linalg.solve", 1e-7),
        ("kfac", "torch.kron and torch.linalg.solve, a layer at a time", 1e-11),
    ]
}  # fmt: skip
FACTORED = Row(
    "torch", "damped step, kfac, factored", "Damping(form='factored')", "torch.linalg.inv",
    "A + pi sqrt(d) I and G + sqrt(d)/pi I, pi^2 = (Tr A / n) / (Tr G / n_out)", 1e-11,
)  # fmt: skip
RELATIVE = Row(
    "torch", "damped step, relative", "Damping(scale='relative')", "torch.linalg.solve",
    "d = 0.1 Tr F / P", 1e-11,
)  # fmt: skip


def step(case, solver, **damping):
    """Our natural gradient (P,)."""
    damping = Damping(DAMPING, **damping)
    return natural_gradient(
        case.net, case.X, case.t, case.loss, solver, "true", damping,
        max_iterations=500, tolerance=1e-12,
    ).direction  # fmt: skip


@every_case
@pytest.mark.parametrize("solver", ["dense", "cg", "pcg"])
def test_damped_step(case, solver):
    F, order = dense(case, "true"), places(case.net)
    n = torch.linalg.solve(F + DAMPING * torch.eye(len(F)), torch.tensor(case.gradient[order]))
    SOLVES[solver].agrees(step(case, solver)[order], n)
    if solver == "dense":
        d = DAMPING * F.trace() / len(F)
        n = torch.linalg.solve(F + d * torch.eye(len(F)), torch.tensor(case.gradient[order]))
        RELATIVE.agrees(step(case, solver, scale="relative")[order], n)


@every_case
@pytest.mark.parametrize("form", ["exact", "factored"])
def test_damped_step_of_kronecker_factors(case, form):
    ours = case.net.split(step(case, "kfac", form=form))[0]
    gradient = case.net.split(case.gradient)[0]
    for n, C, A, G in zip(ours, gradient, *factors(case, "true"), strict=True):
        C = torch.tensor(C)
        if form == "exact":
            F = torch.kron(A.contiguous(), G.contiguous())
            X = torch.linalg.solve(F + DAMPING * torch.eye(len(F)), C.ravel()).reshape(C.shape)
            SOLVES["kfac"].agrees(n, X)
        else:
            pi = ((A.trace() / len(A)) / (G.trace() / len(G))) ** 0.5
            A = torch.linalg.inv(A + pi * DAMPING**0.5 * torch.eye(len(A)))
            G = torch.linalg.inv(G + DAMPING**0.5 / pi * torch.eye(len(G)))
            FACTORED.agrees(n, A @ C @ G)
