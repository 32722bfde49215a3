"""Natural GradMax: fan-in 0 with the metrics and the residual of the expansion score."""

from dataclasses import dataclass

import numpy as np

from ...expansion.moments import basis, moment, whitener
from ..change import Change, Widen
from .parts import Units, silent_coefficients, usual_norm


@dataclass(frozen=True)
class NaturalGradMax(Units):
    """w = 0, o_i = G^{-1/2} v_i, v_i the right singular vectors of Sb^{+1/2} M_r G^{-1/2}.

    Delta eta = o^T M_r^T Sb^+ M_r o / (o^T G o) by the directions that the unit opens, with
    M_r = E[b g_r^T] and Sb what a_c leaves of E[b b^T]; s'(0) cancels. The score is s_i^2.
    Derived from GradMax (arXiv 2201.05125) and (E5).
    """

    scale: float = 0.5

    def neurons(self, place, rng):
        left, root = basis(place.inputs, after=place.q), whitener(place.G)
        _, s, Vt = np.linalg.svd(moment(left, place.g_r) @ root, full_matrices=False)
        k = min(self.units, int((s > 0).sum()))
        if not k:
            return []
        coefficients, _ = silent_coefficients(place.activation, k)
        outgoing = Vt[:k] @ root.T
        outgoing *= (
            self.scale * usual_norm(place.W[:-1]) / np.linalg.norm(outgoing, axis=1)[:, None]
        )
        weights = np.zeros((place.inputs.shape[1], k))
        score = float((s[:k] ** 2).sum())
        return [Change(Widen(place.index, weights, coefficients, outgoing), score)]
