"""Scores and what neurons add to them, beside autograd and the pseudo-inverses of torch.

Everything that goes into the other side is torch's: activations and pre-activation gradients by
autograd (of the summed loss, so that each sample has its own), G by autograd, moments as means over
samples, pseudo-inverses and least squares by torch.linalg.
"""

import numpy as np
import pytest
import torch
from agreement import Row
from by_torch import factors, inside, of_theta
from cases import CASES, twin

from sennpy import (
    best_coefficients,
    damped_delta_eta,
    damped_score,
    delta_eta,
    delta_eta_bound,
    delta_eta_bound_gradient,
    delta_eta_dense,
    delta_eta_supremum,
    fisher,
    kronecker_factors,
    layer_score,
    natural_expansion_score,
    projected_score,
    residual_gradient,
    widen,
)

every_case = pytest.mark.parametrize("case", CASES, ids=str)
CUT = 1e-12  # of the largest eigenvalue, as here
MEANS = "E is the mean over samples, g each sample's own gradient; no 1/2 in a score"


def clear(J, least):
    """Whether each direction of J (rows, P) is there or is not, whatever rounding does to it.

    In between, at singular values about the root of CUT, a pseudo-inverse is what one's cut makes
    of it, and two that cut elsewhere are both right.
    """
    norms = np.linalg.norm(J, axis=0)
    s = np.linalg.svd(J / np.where(norms > 0, norms, 1), compute_uv=False)
    return not ((s > 1e-12 * s[0]) & (s < least * s[0])).any()


CLEAR = [
    case
    for case in CASES
    if clear(case.net.jacobian(case.trace).reshape(-1, case.net.num_parameters), 1e-4)
]
clear_case = pytest.mark.parametrize("case", CLEAR, ids=str)


def fitted(a, g):
    """What a linear map of a (N, n) makes of g (N, k) by least squares."""
    return a @ torch.linalg.lstsq(a, g, rcond=CUT**0.5, driver="gelsd").solution


def explained(a, g, G):
    """Tr[A^{-1} C G^{-1} C^T], as the mean square of what a explains of g, in the metric G^{-1}."""
    fit = fitted(a, g)
    return torch.trace(torch.linalg.solve(G, fit.T @ fit)) / len(a)


def score(F, g):
    """g^T F^{-1} g by a pseudo-inverse, variables first scaled to a diagonal of 1."""
    scale = torch.where(F.diagonal() > 0, F.diagonal(), 1.0) ** -0.5
    inverse = torch.linalg.pinv(scale[:, None] * F * scale, hermitian=True, rtol=CUT)
    return (scale * g) @ inverse @ (scale * g)


def test_enough_cases_are_clear():
    assert len(CLEAR) >= 8
    assert {type(case.net.activation) for case in CLEAR} == {
        type(case.net.activation) for case in CASES
    }


# --- The network ---------------------------------------------------------------------------------

ETA = Row(
    "torch", "score eta, dense", "natural_expansion_score", "torch.linalg.pinv",
    "g is the gradient of the mean loss, F carries 1/N; no 1/2. No side can know it better than "
    "rounding times F's condition number (to 1e8)", 1e-7,
)  # fmt: skip
PROJECTED = Row(
    "torch", "score eta, projected", "projected_score", "torch.linalg.lstsq (gelsd)",
    "(1/N) ||P g_y||^2, g_y each sample's own output gradient", 1e-10,
)  # fmt: skip
DAMPED = Row(
    "torch", "damped score", "damped_score", "torch.linalg.solve", "as eta, d = 0.1", 1e-11
)  # fmt: skip


@clear_case
def test_score_of_the_network(case):
    F, g = fisher(case.net, case.X), case.gradient
    outputs, theta = of_theta(twin(case.net))
    X, t = case.data
    J = torch.func.jacrev(outputs)(theta, X).reshape(-1, len(theta))
    g_torch = torch.func.grad(lambda p: case.scale * case.torch_loss(outputs(p, X), t))(theta)
    F_torch = J.T @ J / len(X)
    ETA.agrees(natural_expansion_score(F, g), score(F_torch, g_torch))
    y = outputs(theta, X)
    g_y = len(X) * torch.func.grad(lambda y: case.scale * case.torch_loss(y, t))(y)
    fit = fitted(J, g_y.reshape(-1, 1)).square().sum() / len(X)
    PROJECTED.agrees(projected_score(case.net.jacobian(case.trace), case.g_y), fit)
    d = torch.linalg.solve(F_torch + 0.1 * torch.eye(len(g)), g_torch)
    DAMPED.agrees(damped_score(F, g, 0.1), g_torch @ d)


# --- A layer -------------------------------------------------------------------------------------

LAYER = Row("torch", "layer score eta_l", "layer_score", "torch.linalg.lstsq", MEANS, 1e-9)
RESIDUAL = Row(
    "torch", "residual gradient g_r", "residual_gradient", "torch.linalg.lstsq",
    "each output's own regression on the inputs and the constant", 1e-10,
)  # fmt: skip
INCREASE = Row(
    "torch", "exact increase, k neurons", "delta_eta",
    "torch.linalg.lstsq, score with less without", MEANS, 1e-8,
)  # fmt: skip
RIDGED = Row(
    "torch", "damped increase", "damped_delta_eta", "torch.linalg.solve, Schur complement",
    f"{MEANS}; ridge 0.1 of each neuron's mean square", 1e-9,
)  # fmt: skip
BOUND = Row("torch", "lower bound", "delta_eta_bound", "torch.linalg.lstsq", MEANS, 1e-10)
SUPREMUM = Row("torch", "supremum", "delta_eta_supremum", "torch.linalg.solve", MEANS, 1e-10)
SLOPE = Row(
    "torch", "gradient of the bound", "delta_eta_bound_gradient", "torch.autograd.grad",
    "in each activation (N, k); 1/N is part of it", 1e-9,
)  # fmt: skip


def layers(case):
    """Inputs, own gradients and G of every layer: torch's alone, and ours."""
    module = twin(case.net)
    inputs, z = inside(module, case.data[0])
    total = len(case.X) * case.scale * case.torch_loss(z[-1], case.data[1])
    g = torch.autograd.grad(total, z)
    of_ours = [factor.G for factor in kronecker_factors(case.net, case.X)]
    ours = zip(case.trace.inputs, case.net.backward(case.trace, case.g_y), of_ours, strict=True)
    theirs = zip(inputs, g, factors(case, "euclidean")[1], strict=True)
    for l, (of_torch, of_sennpy) in enumerate(zip(theirs, ours, strict=True)):
        rng = np.random.default_rng(l)
        proposed = np.tanh(case.X @ rng.standard_normal((case.X.shape[1], 2)) + 0.3)
        yield [part.detach() for part in of_torch], of_sennpy, proposed


@every_case
def test_scores_of_every_layer(case):
    for (a, g, G), (a_ours, g_ours, G_ours), proposed in layers(case):
        if torch.linalg.cond(G) > 1e6 or not clear(np.hstack([a_ours, proposed]), 1e-5):
            continue
        LAYER.agrees(layer_score(a_ours, g_ours, G_ours), explained(a, g, G))
        a_p = torch.tensor(proposed)
        g_r = g - fitted(a, g)
        RESIDUAL.agrees(residual_gradient(a_ours, g_ours), g_r)
        both = torch.cat([a, a_p], 1)
        INCREASE.agrees(
            delta_eta(a_ours, proposed, g_ours, G_ours), explained(both, g, G) - explained(a, g, G)
        )
        left = a_p - fitted(a, a_p)
        D = left.T @ g_r / len(g)
        Sigma = left.T @ left / len(g) + 0.1 * torch.diag(a_p.square().mean(0))
        RIDGED.agrees(
            damped_delta_eta(a_ours, proposed, g_ours, G_ours, 0.1),
            torch.trace(torch.linalg.solve(Sigma, D) @ torch.linalg.solve(G, D.T)),
        )
        g_r_ours = residual_gradient(a_ours, g_ours)
        BOUND.agrees(delta_eta_bound(proposed, g_r_ours, G_ours), explained(a_p, g_r, G))
        SUPREMUM.agrees(
            delta_eta_supremum(g_r_ours, G_ours),
            torch.trace(torch.linalg.solve(G, g_r.T @ g_r)) / len(g),
        )
        a_p.requires_grad_(True)
        A, C = a_p.T @ a_p / len(g), a_p.T @ g_r / len(g)
        bound = torch.trace(torch.linalg.solve(A, C) @ torch.linalg.solve(G, C.T))
        (slope,) = torch.autograd.grad(bound, a_p)
        SLOPE.agrees(delta_eta_bound_gradient(proposed, g_r_ours, G_ours), slope)


COEFFICIENTS = Row(
    "torch", "best (v, c, l), their score", "best_coefficients", "generalised eigenvalue, torch",
    f"{MEANS}; the bound's maximum over (v, c, l)", 1e-9,
)  # fmt: skip
DENSE = Row(
    "torch", "exact increase, dense", "delta_eta_dense, widen", "eta of the widened torch network",
    "eta after less eta before; outgoing weights 0", 1e-6,
)  # fmt: skip


@every_case
def test_best_coefficients(case):
    *_, ((_, _, G), (a_ours, g_ours, _), _) = layers(case)
    rng = np.random.default_rng(0)
    z = case.X @ rng.standard_normal(case.X.shape[1])
    g_r_ours = residual_gradient(a_ours, g_ours)
    g_r, x = torch.tensor(g_r_ours), torch.tensor(z)
    phi = torch.stack([2 * x / (1 + x**2), 1 / (1 + x**2), x], 1)
    L = torch.linalg.cholesky(phi.T @ phi / len(x))
    B = phi.T @ g_r / len(x)
    K = torch.linalg.solve_triangular(L, B, upper=False)
    top = torch.linalg.eigvalsh(K @ torch.linalg.solve(G, K.T))[-1]
    COEFFICIENTS.agrees(best_coefficients(z, g_r_ours, G.numpy())[1], top)


@clear_case
def test_dense_increase(case):
    """New neurons in the last hidden layer: the same number as the widened network's own score."""
    rng, l = np.random.default_rng(1), len(case.net.sizes) - 3
    weights = rng.standard_normal((case.net.sizes[l] + 1, 2))
    coefficients = rng.standard_normal((case.net.activation.num_coefficients, 2))
    wide = widen(case.net, l, weights, coefficients)
    new = wide.split(np.zeros(wide.num_parameters))[0]
    new[l + 1][-3:-1] = 1  # their outgoing weights; the others have no gradient and no curvature
    new = np.concatenate([part.ravel() for part in new_blocks(wide, new)]) > 0
    trace = wide.forward(case.X)
    F, g = fisher(wide, case.X), wide.vjp(trace, case.g_y) / len(case.X)
    silent = F.diagonal() == 0
    order = np.concatenate([np.flatnonzero(~new & ~silent), np.flatnonzero(new)])
    ours = delta_eta_dense(F[order][:, order], g[order], len(order) - new.sum())
    eta = []
    for net in (wide, case.net):
        outputs, theta = of_theta(twin(net))
        J = torch.func.jacrev(outputs)(theta, case.data[0]).reshape(-1, len(theta))
        fit = fitted(J, torch.tensor(case.g_y).reshape(-1, 1))
        eta.append(fit.square().sum() / len(case.X))
    DENSE.agrees(ours, eta[0] - eta[1])


def new_blocks(net, weights):
    """The blocks of the flat vector, with these weights and zeros for coefficients."""
    zeros = [np.zeros(k.shape) for k in net.coefficients]
    pairs = zip(weights, [*zeros, np.zeros(0)], strict=True)
    return [part for pair in pairs for part in pair]
