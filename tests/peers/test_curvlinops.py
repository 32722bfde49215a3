"""Curvature matrices beside curvlinops, as dense matrices.

With torch's losses (reduction "mean"), for squared error with m outputs:
- Hessian, GGN, Monte-Carlo Fisher: of MSELoss, the mean over samples and outputs without 1/2, so
  that ours is m/2 of theirs. The drawn targets have variance 1/2, for which (y - t)^2 is a -log
  density.
- empirical Fisher: the outer product of the gradients of (y - t)^2, 2 (y - t), averaged over
  samples and outputs, so that ours is m/4 of theirs. (Theirs thus is no m/2, unlike all others.)
For cross-entropy nothing is to be turned: their factors are 1/N and the metric of ours.
"""

import numpy as np
import pytest
import torch
from agreement import Row
from cases import CASES, places, twin
from curvlinops import (
    CGInverseLinearOperator,
    EFLinearOperator,
    FisherMCLinearOperator,
    GGNLinearOperator,
    HessianLinearOperator,
    JacobianLinearOperator,
    KFACInverseLinearOperator,
    KFACLinearOperator,
)
from curvlinops.examples import IdentityLinearOperator

from sennpy import Damping, fisher, kronecker_factors, natural_gradient
from sennpy.curvature.fisher import fisher_matrix
from sennpy.equations.case import Problem
from sennpy.equations.strain import hessian

PEER = "curvlinops-for-pytorch"
HALF = "squared error: ours is m/2 of theirs; cross-entropy: the same"
QUARTER = "squared error: ours is m/4 of theirs (gradients 2 (y - t), mean over samples and " \
    "outputs); cross-entropy: the same"  # fmt: skip
every_case = pytest.mark.parametrize("case", CASES, ids=str)


def of(operator, case, learned=True, **options):
    """An operator of theirs on the case."""
    module = twin(case.net, learned)
    parameters = list(module.parameters())
    return operator(
        module, case.torch_loss, parameters, [case.data], check_deterministic=False, **options
    )


def matrix(operator):
    """An operator as an array."""
    return operator @ torch.eye(operator.shape[1])


JACOBIAN = Row(PEER, "Jacobian", "net.jacobian", "JacobianLinearOperator", "none", 1e-12)
HESSIAN = Row(
    PEER, "Hessian of the loss", "equations.strain.hessian", "HessianLinearOperator", HALF, 1e-11
)
GGN = Row(
    PEER, "Gauss-Newton (Fisher, true)", "fisher(kind='true')", "GGNLinearOperator", HALF, 1e-12
)
EMPIRICAL = Row(
    PEER, "Fisher, empirical", "fisher(kind='empirical')", "EFLinearOperator", QUARTER, 1e-12,
    "for squared error its empirical Fisher is of a loss without 1/2, gradients 2 (y - t), and so "
    "twice as large beside its own Gauss-Newton matrix as ours is beside ours",
)  # fmt: skip
SAMPLED = Row(
    PEER, "Fisher, sampled", "fisher_matrix at their draws", "FisherMCLinearOperator",
    f"{HALF}; the draws are theirs, replayed", 1e-12,
)  # fmt: skip


@every_case
def test_jacobian(case):
    module = twin(case.net)
    J = JacobianLinearOperator(
        module, list(module.parameters()), [case.data], check_deterministic=False
    )
    ours = case.net.jacobian(case.trace).reshape(-1, case.net.num_parameters)
    JACOBIAN.agrees(ours[:, places(case.net)], matrix(J))


@every_case
def test_hessian(case):
    H, order = hessian(Problem(case.net, case.X, case.t, case.loss)), places(case.net)
    HESSIAN.agrees(H[order][:, order], case.scale * matrix(of(HessianLinearOperator, case)))


@every_case
def test_fisher(case):
    order, m = places(case.net), case.outputs
    for row, kind, operator, scale in [
        (GGN, "true", GGNLinearOperator, case.scale),
        (EMPIRICAL, "empirical", EFLinearOperator, m / 4 if case.squared else 1.0),
    ]:
        F = fisher(case.net, case.X, kind, case.loss, case.t)
        row.agrees(F[order][:, order], scale * matrix(of(operator, case)))


SEED, DRAWS = 11, 3


@every_case
def test_sampled_fisher(case):
    order, y = places(case.net), torch.tensor(case.trace.outputs)
    theirs = matrix(of(FisherMCLinearOperator, case, seed=SEED, mc_samples=DRAWS))
    source = torch.Generator().manual_seed(SEED)
    if case.squared:  # 2 N(0, 1/2) is sqrt(2) of our N(0, 1)
        u = torch.normal(torch.zeros(DRAWS, *y.shape), 0.5**0.5, generator=source) * 2**0.5
    else:
        p = torch.softmax(y, 1)
        labels = p.multinomial(DRAWS, replacement=True, generator=source).T
        u = p - torch.nn.functional.one_hot(labels, p.shape[1])
    F = fisher_matrix(case.trace, u.numpy() / DRAWS**0.5)
    SAMPLED.agrees(F[order][:, order], case.scale * theirs)


# --- Kronecker factors ---------------------------------------------------------------------------

KFAC_A = Row(
    PEER, "K-FAC, input factor A", "kronecker_factors, A", "KFACLinearOperator",
    "mean over samples; separate_weight_and_bias=False puts the constant 1 last, as here", 1e-12,
)  # fmt: skip
KFAC_G = {
    kind: Row(PEER, f"K-FAC, gradient factor G, {kind}", f"kronecker_factors(kind='{kind}'), G",
              f"KFACLinearOperator, {name}", convention, 1e-12)
    for kind, name, convention in [
        ("true", "type-2", HALF),
        ("empirical", "empirical", QUARTER),
    ]
}  # fmt: skip
KFAC = Row(
    PEER, "K-FAC, F v", "np.kron(A, G) v", "KFACLinearOperator @ v",
    f"{HALF}; block of the weights alone", 1e-12,
)  # fmt: skip


def kfac(case, kind):
    """Their operator for the weights and biases; (v, c, l) are constants for it."""
    return of(
        KFACLinearOperator, case, learned=False, fisher_type=kind, separate_weight_and_bias=False
    )


@every_case
@pytest.mark.parametrize("kind, name", [("true", "type-2"), ("empirical", "empirical")])
def test_kronecker_factors(case, kind, name):
    theirs = kfac(case, name)
    theirs.compute_kronecker_factors()
    scale = case.scale if kind == "true" or not case.squared else case.outputs / 4
    ours = kronecker_factors(case.net, case.X, kind, case.loss, case.t)
    for l, factor in enumerate(ours):
        KFAC_A.agrees(factor.A, theirs._input_covariances[f"{2 * l}"])
        KFAC_G[kind].agrees(factor.G, scale * theirs._gradient_covariances[f"{2 * l}"])
    if kind == "true":
        order = places(case.net, learned=False)
        v = torch.tensor(case.gradient[order])
        KFAC.agrees(kronecker_product(case, ours)[order], scale * (theirs @ v))


def kronecker_product(case, factors):
    """A C G of every layer in our flat order, the gradient being C; 0 for (v, c, l)."""
    product = np.zeros(case.net.num_parameters)
    places_of = case.net.split(np.arange(case.net.num_parameters))[0]
    for (A, G, _), C, where in zip(
        factors, case.net.split(case.gradient)[0], places_of, strict=True
    ):
        product[where.ravel().astype(int)] = (A @ C @ G).ravel()
    return product


# --- Damped solves -------------------------------------------------------------------------------

DAMPING = 0.1
WHERE = "their damping is of their matrix: d / (m/2) for squared error"
DENSE = Row(
    PEER, "damped step, conjugate gradients", "natural_gradient(solver='dense')",
    "CGInverseLinearOperator of GGN + d I", f"{HALF}; {WHERE}", 1e-7,
)  # fmt: skip
FORMS = {
    "exact": Row(PEER, "damped step, K-FAC", "natural_gradient(solver='kfac')",
                 "KFACInverseLinearOperator(use_exact_damping)", f"{HALF}; {WHERE}", 1e-10),
    "factored": Row(PEER, "damped step, K-FAC, factored", "Damping(form='factored')",
                    "KFACInverseLinearOperator(use_heuristic_damping)",
                    f"{HALF}; {WHERE}; the same pi", 1e-10),
}  # fmt: skip


def step(case, solver, form="exact"):
    damping = Damping(DAMPING, form=form)
    return natural_gradient(case.net, case.X, case.t, case.loss, solver, "true", damping).direction


@pytest.mark.parametrize("case", CASES[:6], ids=str)  # their steps are slow
def test_damped_step(case):
    F, order = of(GGNLinearOperator, case), places(case.net)
    shapes = [tuple(p.shape) for p in twin(case.net).parameters()]
    d = DAMPING / case.scale * IdentityLinearOperator(shapes, F.device, F.dtype)
    inverse = CGInverseLinearOperator(F + d, eps=0, tolerance=1e-10, max_iter=150)
    n = inverse @ torch.tensor(case.gradient[order]) / case.scale
    DENSE.agrees(step(case, "dense")[order], n)


@every_case
@pytest.mark.parametrize("form", FORMS)
def test_damped_step_of_kronecker_factors(case, form):
    order = places(case.net, learned=False)
    chosen = {"use_exact_damping": True} if form == "exact" else {"use_heuristic_damping": True}
    inverse = KFACInverseLinearOperator(
        kfac(case, "type-2"), damping=DAMPING / case.scale, min_damping=0.0, **chosen
    )
    n = inverse @ torch.tensor(case.gradient[order]) / case.scale
    FORMS[form].agrees(step(case, "kfac", form)[order], n)
