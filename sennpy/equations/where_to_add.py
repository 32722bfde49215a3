"""Section 3. Where to add: the natural expansion score."""

from functools import partial

import numpy as np

from ..curvature.fisher import fisher
from ..curvature.kfac import kronecker_factors
from ..curvature.natural_gradient import Damping, natural_gradient
from ..expansion.eta import delta_eta_dense, natural_expansion_score, projected_score
from ..expansion.layer_score import layer_score
from . import by_hand
from .case import RoundingDecides, columns
from .register import at_most, equal, equation, invariant

entry = partial(equation, section=3)


def package_score(problem):
    """eta by the package alone: backpropagation, F, its pseudo-inverse."""
    net, trace = problem.net, problem.trace
    g = net.vjp(trace, problem.loss.gradient(trace.outputs, problem.t)) / problem.N
    return natural_expansion_score(fisher(net, problem.X), g)


@entry(
    "eq. (3)",
    "the score is the part of the output gradient that the parameters can follow",
    r"\eta = g^\top F^{-1} g = \tfrac1N \lVert P g_y \rVert^2",
    implementations=(natural_expansion_score, projected_score),
    notebook="03_natural_gradient_and_the_score",
)
def eq_3(case):
    p, J, eta = case.problem, case.problem.J, case.problem.eta_c
    same = {"scale": p.lam, "tolerance": p.tolerance_c}
    size = np.sqrt((J**2).sum(axis=0))  # in these units, lest one parameter drown another
    mixed = J / np.where(size > 0, size, 1) @ rotation(J.shape[1], case.rng)
    twice = np.hstack([J, J[:, :1]])
    return [
        equal("g^T F^-1 g = ||P g_y||^2 / N", package_score(p), eta, **same),
        equal("by J itself", projected_score(J, p.g_y), eta, **same),
        invariant("other coordinates", projected_score(mixed, p.g_y), eta, p.lam,
                  max(p.tolerance_c, p.tolerance(mixed))),
        invariant("a parameter twice", projected_score(twice, p.g_y), eta, **same),
    ]  # fmt: skip


def rotation(n, rng):
    """A random orthogonal matrix (n, n)."""
    return np.linalg.qr(rng.standard_normal((n, n)))[0]


@entry(
    "Lemma A.1",
    "the score lies between 0 and lambda; what is missing is what no parameter can follow",
    r"0 \le \eta \le \lambda = \tfrac1N \lVert g_y \rVert^2",
    implementations=(natural_expansion_score,),
    notebook="03_natural_gradient_and_the_score",
)
def lemma_a1(case):
    p = case.problem
    eta, tolerance = package_score(p), p.tolerance_c
    missing = (by_hand.left_over(p.J, p.g_y.ravel()) ** 2).sum() / p.N
    return [
        at_most("0 <= eta", 0.0, eta, p.lam, tolerance),
        at_most("eta <= lambda", eta, p.lam, p.lam, tolerance),
        equal("eta = lambda - ||g_y - P g_y||^2 / N", eta, p.lam - missing, p.lam, tolerance),
    ]


@entry(
    "(E4)",
    "in the quadratic model with H = F the loss can drop by eta/2, along the flow as exp(-2 t)",
    r"L - \min L = \tfrac{\eta}{2}, \qquad \dot L = -\eta, \quad \dot\eta = -2\eta, \quad "
    r"L(t) - L_* = \tfrac{\eta_0}{2} e^{-2t}",
    implementations=(natural_expansion_score, natural_gradient),
    notebook="03_natural_gradient_and_the_score",
)
def e4(case):
    p, eta = case.problem, package_score(case.problem)
    J, g_y = p.J, p.g_y.ravel()  # the model: outputs y + J dtheta, loss 1/2 ||.||^2, so H = F
    if (missed := by_hand.drowned(J, g_y)) > 1e-9:
        raise RoundingDecides(missed, "the parameters' units are too far apart for undamped steps")
    n = natural_gradient(
        p.net, p.X, p.t, p.loss, "cg", damping=Damping(0.0), max_iterations=10 * J.shape[1]
    ).direction

    def drop(step):
        return (g_y @ g_y - ((g_y - J @ step) ** 2).sum()) / 2 / p.N

    best = drop(by_hand.regression(J, g_y))
    Q, times = by_hand.span(J), np.array([0.5, 1.0, 2.0])
    above, y = [], g_y
    for time in np.diff(times, prepend=0):
        y = follow(Q, y, time)  # J dtheta/dt = -P g_y(t)
        above.append((y @ y - g_y @ g_y) / 2 / p.N + best)
    same = {"scale": p.lam, "tolerance": max(1e-8, p.tolerance_c)}
    return [
        equal("eta/2 = the most that L can drop", eta / 2, best, **same),
        equal("the drop by the natural gradient", drop(n), best, **same),
        equal("L(t) - L* = eta/2 exp(-2t)", eta / 2 * np.exp(-2 * times), above, **same),
    ]


def follow(Q, y, time):
    """y after a time along dy/dt = -Q Q^T y, by Runge and Kutta's steps of fourth order."""
    h = 0.01
    for _ in range(round(time / h)):
        k1 = -Q @ (Q.T @ y)
        k2 = -Q @ (Q.T @ (y + h / 2 * k1))
        k3 = -Q @ (Q.T @ (y + h / 2 * k2))
        k4 = -Q @ (Q.T @ (y + h * k3))
        y = y + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
    return y


@entry(
    "(E5)",
    "exact increase by new parameters p; without the Schur complement it is a lower bound",
    r"\Delta\eta = r^\top S^{-1} r, \quad r = g_p - F_{pc} F_{cc}^{-1} g_c, \quad "
    r"S = F_{pp} - F_{pc} F_{cc}^{-1} F_{cp}; \qquad r^\top F_{pp}^{-1} r \le \Delta\eta",
    implementations=(delta_eta_dense,),
    notebook="06_the_lower_bound",
)
def e5(case):
    p, (wider, J, is_new) = case.problem, case.wider
    order, tolerance = np.argsort(is_new, kind="stable"), p.tolerance(J)
    g_y = p.loss.gradient(wider(p.X), p.t)
    F, g = fisher(wider, p.X), wider.vjp(wider.forward(p.X), g_y) / p.N
    exact = delta_eta_dense(F[np.ix_(order, order)], g[order], p.net.num_parameters)
    current, new = J[:, ~is_new], J[:, is_new]
    rest = by_hand.left_over(current, p.g_y.ravel())
    lower = by_hand.explained(new, rest) / p.N  # r^T F_pp^-1 r, since new^T rest / N = r
    return [
        equal("r^T S^-1 r = eta_p - eta_c", exact, p.eta(J) - p.eta(current), p.lam, tolerance),
        at_most("r^T F_pp^-1 r <= Delta eta", lower, exact, p.lam, tolerance),
    ]


@entry(
    "(E6)",
    "K-FAC: the score of a layer is its gradient in the metric A (x) G",
    r"F_l \approx A \otimes G, \qquad \eta_l = \mathrm{Tr}[A^{-1} C G^{-1} C^\top] "
    r"= \mathrm{vec}(C)^\top (A \otimes G)^{-1} \mathrm{vec}(C)",
    implementations=(kronecker_factors, layer_score),
    notebook="05_kronecker_factors",
)
def e6(case):
    p, l = case.problem, case.here
    A, G = kronecker_factors(p.net, p.X)[case.place][:2]
    tolerance = l.tolerance(l.a)
    empirical, rank = l.g.T @ l.g / p.N, by_hand.span(l.g)
    canonical = by_hand.explained(l.a, rank)  # squared canonical correlations of a and g, summed
    one = kronecker_factors(p.net, p.X[:1])[case.place]
    bias, block = columns(p.net, case.place)
    J_z = p.jacobian_of(bias, p.X)  # dy/dz, since the bias has input 1
    J_W = p.jacobian_of(block, p.X[:1])[0]
    return [
        equal("eta_l = what a explains of G^-1/2 g", layer_score(l.a, l.g, G), l.eta(l.a), l.most,
              tolerance),
        equal("G = E[sum of dy/dz dy/dz^T]", G, np.einsum("noi,noj->ij", J_z, J_z) / p.N),
        equal("A = E[a a^T]", A, sum(np.outer(a, a) for a in l.a) / p.N),
        equal("F_l = A (x) G for one sample", np.kron(one.A, one.G), J_W.T @ J_W),
        equal("empirical G: squared canonical correlations", layer_score(l.a, l.g, empirical),
              canonical, rank.shape[1], tolerance + 1e-9 * by_hand.condition(l.g)),
        at_most("at most min(n_in, n_out)", canonical, min(l.W.shape), 1.0),
    ]  # fmt: skip
