"""TINY: units that correct the expressivity bottleneck, to first order, in their linear part."""

from dataclasses import dataclass

import numpy as np

from ...expansion.moments import moment, whitened
from ..change import Change, Widen
from .parts import Units, silent_coefficients

AMPLITUDES = np.logspace(-4, 1, 51)  # of which the loss chooses


@dataclass(frozen=True)
class Tiny(Units):
    """-B^{-1/2} M_r = U Lam V^T; w = sqrt(lam) B^{-1/2} u / s'(0), o = sqrt(lam) v.

    lam_1^2 is Theorem 3.2's bound, with G = I, of the feature b w, and none of that kind has more.
    The score is the sum of lam^2. Both sides times an amplitude, chosen by the loss on the look's
    samples, so that the function changes. Source: Verbockhaven et al. (arXiv 2405.19816).

    Parameters
    ----------
    units : int
    projected : bool
        Whether the residual g_r is fitted, or g as it is.
    """

    projected: bool = True

    def neurons(self, place, rng):
        q, T = whitened(place.inputs)
        target = place.g_r if self.projected else place.g
        U, lam, Vt = np.linalg.svd(-moment(q, target), full_matrices=False)
        k = min(self.units, int((lam > 1e-12 * np.abs(place.g).max()).sum()))
        if not k:
            return []
        coefficients, slope = silent_coefficients(place.activation, k)
        root = np.sqrt(lam[:k])
        weights, outgoing = T @ U[:, :k] * root / slope, root[:, None] * Vt[:k]

        def widened(size):
            return Widen(place.index, size * weights, coefficients, size * outgoing)

        best = widened(1.0)
        if place.view is not None:
            of, net = place.view, place.view.net
            best = min(
                map(widened, AMPLITUDES), key=lambda one: of.loss.value(one(net)(of.X), of.t)
            )
        return [Change(best, float((lam[:k] ** 2).sum()))]
