"""Section 5. When to add, and how often that can happen."""

from functools import partial
from itertools import pairwise

import numpy as np

from ..expansion.decide import decide, max_simultaneous_additions, max_total_additions
from ..expansion.eta import projected_score
from . import by_hand
from .case import DoesNotApply, clear, clear_share, columns
from .register import at_most, equal, equation

entry = partial(equation, section=5)


@entry(
    "(E13)",
    "accept iff the increase exceeds tau in units of eta_c and alpha in units of lambda",
    r"\frac{\Delta\eta}{\eta_c} > \tau \;\text{ and }\; \frac{\Delta\eta}{\lambda} > \alpha, "
    r"\qquad \tau_{v1} = 1 + \tau",
    implementations=(decide,),
    notebook="08_when_to_add_and_when_to_stop",
)
def e13(case):
    l, a_p = case.receiver, case.a_p
    eta, eta_p, lam = l.eta(l.a), l.eta(np.hstack([l.a, a_p])), l.most
    tolerance = l.tolerance(l.a, np.hstack([l.a, a_p]))
    for value, name in [(eta, "eta_c"), (eta_p - eta, "the increase")]:
        clear_share(value / (lam or 1.0), tolerance, f"{name} is too small a share of lambda")
    bound = by_hand.explained(a_p, l.white_r) / len(a_p)
    factors = 2.0 ** np.arange(-2.75, 3.0, 0.5)  # thresholds around where they decide
    taus = (eta_p - eta) / eta * factors
    alphas = np.minimum((eta_p - eta) / lam * factors[::-1], 1.0)
    thresholds = [(tau, alpha) for tau in taus[::2] for alpha in alphas[1::2]]
    exact = [decide(eta_p - eta, eta, lam, *pair).passes for pair in thresholds]
    first_paper = [
        eta_p > (1 + tau) * eta and eta_p - eta > alpha * lam for tau, alpha in thresholds
    ]
    stand_in = [decide(bound, eta, lam, *pair).passes for pair in thresholds]
    return [
        equal("as v1 wrote it: eta_p / eta_c > 1 + tau", exact, first_paper, 1.0, 0.0),
        at_most("the bound accepts only what the increase does", stand_in, exact, 1.0, 0.0),
    ]


@entry(
    "Theorem 3.1",
    "fewer additions at one time than thresholds allow between alpha and lambda",
    r"N_s < 1 + \frac{\ln \lambda - \ln \alpha}{\ln(1 + \tau)}",
    implementations=(max_simultaneous_additions,),
    notebook="08_when_to_add_and_when_to_stop",
)
def theorem_3_1(case):
    p = case.problem
    etas = np.array([p.eta(J) for J in growing_jacobians(case)])
    clear_share(etas[0] / p.lam, p.tolerance_c, "eta is too small a share of lambda")
    increases = np.diff(etas)
    tau, alpha = 0.999 * (increases / etas[:-1]).min(), 0.999 * increases.min()
    together = len(increases)  # all pass the most demanding thresholds that let them
    limit = max_simultaneous_additions(p.lam, alpha, tau, etas[0])
    halvings = max_simultaneous_additions(2.0**10, 1.0, 1.0)
    return [
        at_most("N_s < the bound", together, limit, limit),
        equal("ten doublings from alpha to lambda, tau = 1", halvings, 11.0),
    ]


@entry(
    "(E14)",
    "with H = F constant each addition lowers the reachable loss by half its increase",
    r"L_*^{(i)} - L_*^{(i+1)} = \tfrac12 \Delta\eta_i > \tfrac{\alpha}{2} \;\Rightarrow\; "
    r"\#\text{additions} < \frac{2 (L_*^{(0)} - L_\infty)}{\alpha}",
    implementations=(max_total_additions,),
    notebook="08_when_to_add_and_when_to_stop",
)
def e14(case):
    p, Js = case.problem, growing_jacobians(case)
    y, increases, reachable = p.g_y, [], [reachable_loss(p, J) for J in Js]
    rounding = sum(by_hand.rounding(J, y.ravel()) for J in Js)
    for J, larger in pairwise(Js):
        trained = by_hand.left_over(J, y.ravel())  # to the end; we go a random part of the way
        y = y + case.rng.random() * (trained.reshape(y.shape) - y)
        increases.append(projected_score(larger, y) - projected_score(J, y))
        share = (y**2).sum() / p.N / p.lam
        rounding += share * sum(by_hand.rounding(some, y.ravel()) for some in (J, larger))
    tolerance = clear(rounding)
    for value, least in [(min(increases), tolerance), (sum(increases), 100 * tolerance)]:
        clear_share(value / p.lam, least, "an increase is too small a share of lambda")
    drops, alpha = -np.diff(reachable), 0.999 * min(increases)
    limit = max_total_additions(reachable[0], reachable[-1], alpha)
    return [
        equal("Delta eta / 2 = drop of the reachable loss", np.array(increases) / 2, drops, p.lam,
              tolerance),
        equal("the bound = all increases / alpha", limit, sum(increases) / alpha, limit,
              tolerance * p.lam / sum(increases)),
        at_most("additions < the bound", len(increases), limit, limit),
    ]  # fmt: skip


def growing_jacobians(case, additions=4):
    """J before and after each of some random neurons joins the layer that receives at the place.

    With outgoing weights of 0 a neuron with activations a moves the receiving pre-activations by
    a times its outgoing weights: its columns are a dy/dz, and its incoming weights move nothing.
    """
    p, place = case.problem, case.place
    if not p.lam:
        raise DoesNotApply("every output is its target: lambda is 0")
    bias, _ = columns(p.net, min(place + 1, len(p.net.weights) - 1))
    J_z = p.jacobian_of(bias, p.X)  # dy/dz, since the bias has input 1
    inputs, rng, Js = p.trace.inputs[0], case.rng, [p.J]
    for _ in range(additions):
        a = np.sin(inputs @ (2 * rng.standard_normal(inputs.shape[1])))
        larger = np.hstack([Js[-1], (a[:, None, None] * J_z).reshape(len(p.J), -1)])
        if p.eta(larger) - p.eta(Js[-1]) > 1e-6 * p.lam:
            Js.append(larger)
    if len(Js) == 1:
        raise DoesNotApply("random neurons add nothing: the outputs can move freely already")
    return Js


def reachable_loss(problem, J):
    """Least 1/2 ||g_y + J dtheta||^2 / N: the loss of the quadratic model, trained to its end."""
    return (by_hand.left_over(J, problem.g_y.ravel()) ** 2).sum() / 2 / problem.N
