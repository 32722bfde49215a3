"""Section 6. Removing what no longer earns its place."""

from functools import partial

import numpy as np

from ..expansion.removal import prune, removal_costs
from . import by_hand
from .case import DoesNotApply
from .register import equal, equation

entry = partial(equation, section=6)


@entry(
    "(E15)",
    "a neuron costs the score that re-enabling it would bring once the others stand in for it",
    r"\text{cost}_j = \frac{\lVert n_j - w_j \rVert^2}{[A^{-1}]_{jj}}, \qquad "
    r"n = A^{-1} C G^{-1/2},\; w = W G^{1/2}; \qquad "
    r"\Delta W = -\frac{A^{-1} e_j w_j}{[A^{-1}]_{jj}}",
    implementations=(removal_costs, prune),
    notebook="08_when_to_add_and_when_to_stop",
)
def e15(case):
    l, p = case.here, case.problem
    if by_hand.span(l.a).shape[1] < l.a.shape[1]:
        raise DoesNotApply("an input of the layer is a mixture of the others: removing it is free")
    costs, by_brute_force = removal_costs(l.a, l.g, l.G, l.W), []
    for j in range(l.a.shape[1]):
        others, removed = np.delete(l.a, j, axis=1), np.outer(l.a[:, j], l.W[j] @ l.roots[0])
        g_after = by_hand.left_over(others, l.white - removed)  # the others stand in for j
        by_brute_force.append(by_hand.explained(l.a, g_after) / p.N)
    scale = max(by_brute_force)
    tolerance = l.tolerance(l.a) * max(1.0, l.most / scale)
    sides = [equal("cost = score of re-enabling", costs, by_brute_force, scale, tolerance)]
    if l.a.shape[1] > 2 and case.place > 0:
        pruned = prune(p.net, case.place - 1, 0, p.X)
        z, left = l.a @ l.W, np.delete(l.a, 0, axis=1)
        least = by_hand.span(left) @ (by_hand.span(left).T @ z)  # the closest that they can come
        after = left @ pruned.weights[case.place]
        sides.append(equal("least change of z", after, least, np.abs(z).max(), l.tolerance(l.a)))
    return sides
