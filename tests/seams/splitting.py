"""Splitting steepest descent: a unit becomes two along its splitting matrix's lowest direction."""

import numpy as np

from sennpy import Change, Proposer, Split


class Splitting(Proposer):
    """S_i = E[u_i sigma''(z_i) b b^T]; the loss changes by eps^2 lambda_min(S_i) / 2."""

    eps = 0.01

    def changes(self, place, rng):
        if place.kind != "neuron":
            return []
        b, found = place.inputs, []
        bend = place.activation.curvature(b @ place.W_in, place.coefficients)
        for i, o in enumerate(place.W[:-1]):
            S = (b * ((place.g @ o) * bend[:, i])[:, None]).T @ b / len(b)
            lowest, V = np.linalg.eigh(S)
            found.append(Change(Split(place.index, i, self.eps * V[:, 0]), -lowest[0]))
        return found
