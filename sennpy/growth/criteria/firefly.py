"""Firefly: new units and splits, compared by the integrated gradient of their amplitude."""

from dataclasses import dataclass

import numpy as np

from ...expansion.moments import moment
from ..change import Change, Split, Widen
from .climb import climbed, gradient_norm
from .parts import Units, usual_norm
from .splitting import splitting_matrices

POINTS = (np.arange(4) + 0.5) / 4  # midpoints


@dataclass(frozen=True)
class Firefly(Units):
    """Units eps o s(b w), |o| = 1, and splits w_i +- eps v; each by what an amplitude brings.

    -int_0^eps dL/dzeta dzeta, by four midpoints on the network as it would be, is the score: the
    fall of the loss. w climbs |E[s(b w) g^T]|^2 at the usual norm and o = -D/|D|; v is the lowest
    direction of the splitting matrix, where descent ends. Source: Wu et al., Firefly (2102.08574).
    """

    eps: float = 0.1
    pool: int = 8
    steps: int = 100

    def neurons(self, place, rng):
        if place.view is None:
            raise ValueError("Firefly trains with the network: a place from View.place is needed.")
        lowest, V = np.linalg.eigh(splitting_matrices(place))
        splits = [
            Change(Split(place.index, i, self.eps * V[i, :, 0]), self.fall(place, i, V[i, :, 0]))
            for i in range(len(V))
            if lowest[i, 0] < 0
        ]
        W, k, _ = climbed(place, gradient_norm(place), usual_norm(place.W_in.T),
                          max(self.pool, self.units), self.steps, rng)  # fmt: skip
        D = moment(place.activation(place.inputs @ W, k), place.g)
        o = -D / np.maximum(np.linalg.norm(D, axis=1, keepdims=True), np.finfo(float).tiny)
        news = [Widen(place.index, W[:, [j]], k[:, [j]], o[[j]]) for j in range(len(o))]
        falls = np.array([self.fall_of_unit(place, one) for one in news])
        best = np.argsort(-falls)[: self.units]
        together = Widen(place.index, W[:, best], k[:, best], self.eps * o[best])
        return [*splits, Change(together, float(falls[best].sum()))]

    def fall(self, place, unit, v):
        """Integrated fall of the loss by a split along v."""
        return self.integrated(place, lambda zeta: Split(place.index, unit, zeta * v))

    def fall_of_unit(self, place, one):
        """Integrated fall of the loss by a unit whose outgoing weights grow to eps o."""
        parts = place.index, one.weights, one.coefficients
        return self.integrated(place, lambda zeta: Widen(*parts, zeta * one.outgoing))

    def integrated(self, place, at):
        """-int_0^eps dL/dzeta dzeta of at(zeta), an operation with parameters linear in zeta."""
        view, fall = place.view, 0.0
        direction = at(1.0)(view.net).parameters - at(0.0)(view.net).parameters
        for zeta in self.eps * POINTS:
            net = at(zeta)(view.net)
            trace = net.forward(view.X)
            g_y = view.loss.gradient(trace.outputs, view.t)
            fall -= self.eps / len(POINTS) * direction @ net.vjp(trace, g_y) / len(view.X)
        return float(fall)
