"""GradMax: new units that do nothing yet and have the largest gradient at birth."""

from dataclasses import dataclass

import numpy as np

from ...expansion.moments import moment
from ..change import Change, Widen
from .climb import climbed, gradient_norm
from .parts import Units, silent_coefficients, usual_norm


@dataclass(frozen=True)
class GradMax(Units):
    """Fan-in 0: w = 0, o_i = scale * mean norm * v_i, v_i the right singular vectors of M.

    M = E[b g^T], and s'(0)^2 s_i(M)^2 is the squared gradient of the fan-in at |o| = 1: the score.
    Source: Evci et al., GradMax (arXiv 2201.05125).

    Parameters
    ----------
    units : int
    scale : float
        Of outgoing weights, in units of the mean norm of those of the layer.
    """

    scale: float = 0.5

    def neurons(self, place, rng):
        _, s, Vt = np.linalg.svd(moment(place.inputs, place.g), full_matrices=False)
        k = min(self.units, len(s))
        coefficients, slope = silent_coefficients(place.activation, k)
        outgoing = self.scale * usual_norm(place.W[:-1]) * Vt[:k]
        weights = np.zeros((place.inputs.shape[1], k))
        score = float(((slope * s[:k]) ** 2).sum())
        return [Change(Widen(place.index, weights, coefficients, outgoing), score)]


@dataclass(frozen=True)
class GradMaxFanOut(Units):
    """Fan-out 0: w of usual norm that maximises |E[s(b w) g^T]|^2, by Adam; that is the score.

    Theorem 3.2 with A_p and G replaced by I, and g_r by g. Source: GradMaxOpt of arXiv 2201.05125.
    """

    pool: int = 8
    steps: int = 100

    def neurons(self, place, rng):
        W, k, s = climbed(place, gradient_norm(place), usual_norm(place.W_in.T),
                          max(self.pool, self.units), self.steps, rng)  # fmt: skip
        best = np.argsort(-s)[: self.units]
        return [Change(Widen(place.index, W[:, best], k[:, best]), float(s[best].sum()))]
