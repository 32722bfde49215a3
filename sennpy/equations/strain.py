"""Where the paper's assumptions are strained on a network of one's own, and by how much."""

from contextlib import suppress
from dataclasses import asdict, dataclass

import numpy as np

from ..curvature.fisher import fisher
from . import by_hand
from .case import DoesNotApply


@dataclass(frozen=True)
class Strain:
    """One number that the paper's arguments would like to be small, or 1.

    Attributes
    ----------
    what : str
    where : str
    value : float
    meaning : str
    """

    what: str
    where: str
    value: float
    meaning: str

    def as_dict(self):
        """Plain values for JSON."""
        return asdict(self)


def strains(cases):
    """Everything measured on the cases of one network, one a place.

    Parameters
    ----------
    cases : list of Case

    Returns
    -------
    list of Strain
    """
    found = []
    with suppress(DoesNotApply):  # the table says of eq. (3) why
        found += dense(cases)
    for case in cases:
        found += of_layer(case)
    return found


def dense(cases):
    """Rank and condition of F, H beside it, the sum of the layers' scores beside the dense one."""
    problem = cases[0].problem
    J, net = problem.J, problem.net
    rank = by_hand.span(J).shape[1]
    found = [
        Strain("rank F / P", "network", rank / net.num_parameters,
               f"{rank} of {net.num_parameters}; F^-1 is a pseudo-inverse below 1"),
        Strain("cond F", "network", by_hand.condition(J) ** 2, "of what it keeps, units aside"),
    ]  # fmt: skip
    H = hessian(problem)
    for kind in ("euclidean", "true"):
        F = fisher(net, problem.X, kind, problem.loss)
        if F.any():  # where all outputs are sure, the true one is 0
            ratio = np.linalg.norm(H - F) / np.linalg.norm(F)
            found.append(Strain("||H - F|| / ||F||", f"F {kind}", ratio, "(E4), (E14) assume 0"))
    if problem.eta_c > 0:
        layers = sum(case.here.eta(case.here.a) for case in cases)
        found.append(
            Strain("sum of eta_l / eta", "network", layers / problem.eta_c,
                   "(E6) leaves out F's blocks between layers, and the coefficients'")
        )  # fmt: skip
    return found


def hessian(problem):
    """H (P, P) by a complex step of the gradient in each parameter, NaN-free and symmetric."""
    net, theta = problem.net, problem.net.parameters

    def gradient(moved):
        at = net.replace(moved)
        trace = at.forward(problem.X)
        return at.vjp(trace, problem.loss.gradient(trace.outputs, problem.t)) / problem.N

    H = by_hand.complex_step(gradient, theta)
    return (H + H.T) / 2


def of_layer(case):
    """Conditions and scores of the layer at a case's place, and the tightness of its proposal."""
    found, where = [], f"layer {case.place}"
    try:
        layer = case.here
    except DoesNotApply:
        return found
    A = by_hand.condition(layer.a) ** 2
    G = by_hand.condition(layer.R) ** 2
    found += [
        Strain("cond A_c", where, A, "(E6) inverts it"),
        Strain("cond G", where, G, "(E6) inverts it"),
    ]
    try:
        receiver, a_p = case.receiver, case.a_p
    except DoesNotApply:
        return found
    exact = receiver.eta(np.hstack([receiver.a, a_p])) - receiver.eta(receiver.a)
    bound = by_hand.explained(a_p, receiver.white_r) / len(a_p)
    where = f"neurons in layer {case.place}"
    if exact > 0:
        tight = "Theorem 3.2; 1 where a_p is uncorrelated with a_c"
        found.append(Strain("Delta eta' / Delta eta", where, bound / exact, tight))
    return found
