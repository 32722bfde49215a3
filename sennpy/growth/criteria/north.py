"""NORTH: units that are least redundant, whatever the targets."""

from dataclasses import dataclass

import numpy as np

from ...expansion.moments import basis, residual
from ..change import Change, Widen
from .climb import on_sphere
from .parts import Units, usual_norm


def novelty(q, a_p):
    """1 - R^2 (R,) of activations a_p (N, R) on a basis q: the share that it leaves; 0 of zeros."""
    whole = (a_p**2).mean(axis=0)
    left = (residual(q, a_p) ** 2).mean(axis=0)
    return np.divide(left, whole, out=np.zeros_like(whole), where=whole > 0)


@dataclass(frozen=True)
class North(Units):
    """Of random candidates those with the largest 1 - R^2 on a_c, one after another; fan-out 0.

    1 - R^2 is the factor by which the bound falls short of Delta eta (E9). The score is its sum.
    Source: Maile et al., NORTH* Select (arXiv 2202.08539).
    """

    pool: int = 1000

    def neurons(self, place, rng):
        W = rng.standard_normal((place.inputs.shape[1], self.pool))
        W = on_sphere(usual_norm(place.W_in.T), W)
        k = place.activation.random_coefficients(self.pool, rng)
        a_p, q, chosen, score = place.activation(place.inputs @ W, k), place.q, [], 0.0
        for _ in range(min(self.units, self.pool)):
            left = novelty(q, a_p)
            chosen.append(int(np.argmax(left)))
            score += float(left[chosen[-1]])
            q = np.hstack([q, basis(a_p[:, chosen[-1:]], after=q)])
        return [Change(Widen(place.index, W[:, chosen], k[:, chosen]), score)]
