"""Splitting: a unit becomes two along its splitting matrix's lowest direction."""

from dataclasses import dataclass

import numpy as np

from ...validation import as_number, keep_plain
from ..change import Change, Split
from ..proposer import Proposer


def splitting_matrices(place):
    """S_i = E[u_i s''(z_i) b b^T] of each unit, (n, n_in + 1, n_in + 1), with u_i = o_i . g."""
    b = place.inputs
    bend = place.activation.curvature(b @ place.W_in, place.coefficients)
    u = place.g @ place.W[:-1].T
    return np.einsum("si,sp,sq->ipq", u * bend, b, b, optimize=True) / len(b)


@dataclass(frozen=True)
class Splitting(Proposer):
    """Each unit i with its lowest lambda(S_i) < 0 as w_i +- eps v; the score is -lambda.

    The loss changes by eps^2 lambda / 2 + O(eps^3). Source: Liu, Wu and Wang, splitting steepest
    descent (arXiv 1910.02366).

    Parameters
    ----------
    eps : float
    """

    eps: float = 0.01

    def __post_init__(self):
        as_number("eps", self.eps, above=0)
        keep_plain(self)

    def changes(self, place, rng):
        if place.kind != "neuron":
            return []
        lowest, V = np.linalg.eigh(splitting_matrices(place))
        return [
            Change(Split(place.index, i, self.eps * V[i, :, 0]), -float(lowest[i, 0]))
            for i in range(len(lowest))
            if lowest[i, 0] < 0
        ]
