"""Fishers, K-FAC, Jacobians and solves beside nngeometry.

It knows linear layers alone, so (v, c, l) are constants for it: of our matrices the blocks of the
weights are compared. Its Fishers carry 1/N; "regression" is a normal distribution of unit variance,
whose -log density has our 1/2, "classif_logits" a softmax; so nothing is to be turned. Its Hessian
is that of whatever sum its function gives, without 1/N of its own.
"""

import numpy as np
import pytest
import torch
from agreement import Row
from cases import CASES, places, twin
from nngeometry import Hessian, Jacobian
from nngeometry.layercollection import LayerCollection
from nngeometry.metrics import FIM, FIM_MonteCarlo
from nngeometry.object import PMatBlockDiag, PMatDense, PMatKFAC, PVector
from torch.utils.data import DataLoader, TensorDataset

from sennpy import Damping, fisher, kronecker_factors, natural_gradient
from sennpy.curvature.fisher import fisher_matrix
from sennpy.equations.case import Problem
from sennpy.equations.strain import hessian

SAME = "the same: 1/N in F, unit variance or softmax, no mean over outputs"
WEIGHTS = "weights and biases alone"
every_case = pytest.mark.parametrize("case", CASES, ids=str)


class Theirs:
    """The case as nngeometry takes it: module, samples, and the layers that it knows."""

    def __init__(self, case):
        self.model = twin(case.net, learned=False)
        self.order = places(case.net, learned=False)
        self.loader = DataLoader(TensorDataset(*case.data), batch_size=16)
        self.layers = LayerCollection.from_model(self.model)
        self.variant = "regression" if case.squared else "classif_logits"

    def fisher(self, representation):
        """Their Fisher, exact in the targets."""
        return FIM(self.model, self.loader, representation, self.variant)

    def block(self, ours):
        """The rows and columns of our matrix (P, P) that they have, in their order."""
        return ours[self.order][:, self.order]


JACOBIAN = Row("nngeometry", "Jacobian", "net.jacobian", "Jacobian", WEIGHTS, 1e-12)
HESSIAN = Row(
    "nngeometry", "Hessian of the loss", "equations.strain.hessian", "Hessian, PMatDense",
    f"{WEIGHTS}; of the summed loss: ours is 1/N of it, squared error with our 1/2 given to it",
    1e-11,
)  # fmt: skip
DENSE = Row(
    "nngeometry", "Fisher, true", "fisher(kind='true')", "FIM, PMatDense", f"{SAME}; {WEIGHTS}",
    1e-12,
)  # fmt: skip
BLOCKS = Row(
    "nngeometry", "Fisher, true, a block a layer", "fisher(kind='true')", "FIM, PMatBlockDiag",
    f"{SAME}; {WEIGHTS}", 1e-12,
)  # fmt: skip
SAMPLED = Row(
    "nngeometry", "Fisher, sampled", "fisher_matrix at their draws", "FIM_MonteCarlo, PMatDense",
    f"{SAME}; softmax alone; the draws are theirs, replayed", 1e-12,
)  # fmt: skip


@every_case
def test_jacobian(case):
    theirs = Theirs(case)
    J = Jacobian(theirs.model, theirs.loader, layer_collection=theirs.layers)
    ours = np.moveaxis(case.net.jacobian(case.trace), 0, 1)[:, :, theirs.order]
    JACOBIAN.agrees(ours, J.to_torch())


@every_case
def test_hessian(case):
    theirs = Theirs(case)

    def total(y, t):
        if case.squared:
            return (y - t).square().sum() / 2
        return torch.nn.functional.cross_entropy(y, t, reduction="sum")

    H = Hessian(theirs.model, theirs.loader, PMatDense, function=total)
    ours = hessian(Problem(case.net, case.X, case.t, case.loss))
    HESSIAN.agrees(theirs.block(ours), H.to_torch() / len(case.X))


@every_case
def test_fisher(case):
    theirs = Theirs(case)
    F = theirs.block(fisher(case.net, case.X, "true", case.loss))
    DENSE.agrees(F, theirs.fisher(PMatDense).to_torch())
    ends = np.cumsum([W.size for W in case.net.weights])
    layer = np.searchsorted(ends, np.arange(ends[-1]), side="right")
    inside = layer[:, None] == layer
    BLOCKS.agrees(F * inside, theirs.fisher(PMatBlockDiag).to_torch())


SEED, DRAWS = 3, 2


@pytest.mark.parametrize("case", [case for case in CASES if not case.squared], ids=str)
def test_sampled_fisher(case):
    theirs = Theirs(case)
    whole = DataLoader(TensorDataset(*case.data), batch_size=len(case.X))
    torch.manual_seed(SEED)
    F = FIM_MonteCarlo(theirs.model, whole, PMatDense, "classif_logits", trials=DRAWS).to_torch()
    torch.manual_seed(SEED)
    next(iter(whole))  # it draws a seed
    p = torch.softmax(torch.tensor(case.trace.outputs), 1)
    labels = torch.multinomial(p, DRAWS, replacement=True).T
    u = p - torch.nn.functional.one_hot(labels, p.shape[1])
    ours = fisher_matrix(case.trace, u.numpy() / DRAWS**0.5)
    SAMPLED.agrees(theirs.block(ours), F)


KFAC = {
    name: Row("nngeometry", f"K-FAC, {what}", f"kronecker_factors(kind='true'), {name}",
              "FIM, PMatKFAC", f"theirs is {factor} ours with r outputs of its function, m for "
              "regression, m - 1 for softmax; the constant 1 last in a; A (x) G is the same", 1e-12)
    for name, what, factor in [
        ("A", "input factor A", "sqrt(r) times"),
        ("G", "gradient factor G", "1 / sqrt(r) of"),
    ]
}  # fmt: skip
STEP = Row(
    "nngeometry", "damped step, dense", "natural_gradient(solver='dense')", "PMatDense.solve",
    f"{SAME}; F + d I with d = 0.1; Tanh and ReLU, whose parameters it has all", 1e-11,
)  # fmt: skip
FACTORED = Row(
    "nngeometry", "damped step, K-FAC, factored", "Damping(form='factored')", "PMatKFAC.solve",
    f"{SAME}; the same pi", 1e-11,
)  # fmt: skip
DAMPING = 0.1


@every_case
def test_kronecker_factors(case):
    theirs = Theirs(case)
    found = theirs.fisher(PMatKFAC).data
    ours = kronecker_factors(case.net, case.X, "true", case.loss)
    root = (case.outputs if case.squared else case.outputs - 1) ** 0.5
    for factor, layer in zip(ours, theirs.layers.layers, strict=True):
        A, G = found[layer]
        KFAC["A"].agrees(factor.A, A / root)
        KFAC["G"].agrees(factor.G, G * root)


def step(case, solver, form="exact"):
    damping = Damping(DAMPING, form=form)
    return natural_gradient(case.net, case.X, case.t, case.loss, solver, "true", damping).direction


@every_case
def test_damped_step(case):
    theirs = Theirs(case)
    g = PVector(theirs.layers, vector_repr=torch.tensor(case.gradient[theirs.order]))
    n = theirs.fisher(PMatKFAC).solve(g, regul=DAMPING).to_torch()
    FACTORED.agrees(step(case, "kfac", "factored")[theirs.order], n)
    if not case.net.activation.num_coefficients:
        n = theirs.fisher(PMatDense).solve(g, regul=DAMPING).to_torch()
        STEP.agrees(step(case, "dense")[theirs.order], n)
