"""Cascade-correlation: units that go with the errors of the outputs."""

from dataclasses import dataclass

import numpy as np

from ...expansion.moments import moment
from ..change import Change, Widen
from .climb import climbed
from .parts import Units, usual_norm


def covariance_score(a_p, g):
    """S = sum_j |E[(a_p - mean) (g_j - mean)]| of activations (N, R): (R,), and dS / d a_p."""
    centred = g - g.mean(axis=0)
    D = moment(a_p, centred)
    return np.abs(D).sum(axis=1), centred @ np.sign(D).T / len(g)


@dataclass(frozen=True)
class CascadeCorrelation(Units):
    """The best of a pool that climbs S = sum_j |E[(a_p - mean) (g_j - mean)]|; fan-out 0.

    It does not divide by E[a_p^2], so w keeps the usual norm. The unit is not frozen afterwards.
    Source: Fahlman and Lebiere (1990), The cascade-correlation learning architecture.
    """

    pool: int = 8
    steps: int = 100

    def neurons(self, place, rng):
        def objective(a_p):
            return covariance_score(a_p, place.g)

        pool = max(self.pool, self.units)
        W, k, s = climbed(place, objective, usual_norm(place.W_in.T), pool, self.steps, rng)
        best = np.argsort(-s)[: self.units]
        return [Change(Widen(place.index, W[:, best], k[:, best]), float(s[best].sum()))]
