"""NeST: units that bridge the pairs of input and output with the largest gradients."""

from dataclasses import dataclass

import numpy as np

from ...expansion.moments import moment
from ...validation import as_number
from ..change import Change, Widen
from .parts import Units, silent_coefficients


def bridge(M, share, rng):
    """w (n_in + 1,) and o (n_out,) over the largest |M_ij|: each pair adds w_i o_j = -M_ij."""
    keep = max(1, int(share * M.size))
    w, o = np.zeros(M.shape[0]), np.zeros(M.shape[1])
    for flat in np.argsort(-np.abs(M), axis=None)[:keep]:
        i, j = np.unravel_index(flat, M.shape)
        r, root = rng.choice([-1.0, 1.0]), np.sqrt(abs(M[i, j]))
        w[i] += r * root
        o[j] -= r * np.sign(M[i, j]) * root
    return w, o


@dataclass(frozen=True)
class Nest(Units):
    """Over the top share of |M_ij|: w_i += r |M_ij|^{1/2}, o_j -= r sign(M_ij) |M_ij|^{1/2}.

    M = E[b g^T]; r is -1 or 1 at random, so that products of different pairs have any sign. Then
    both sides are scaled to mean |weight| = strength * that of the layer. The score is
    -E[s(b w) (o . g)], which may be negative. Source: Dai, Yin and Jha, NeST (arXiv 1711.02017).
    """

    share: float = 0.4
    strength: float = 0.3

    def __post_init__(self):
        as_number("share", self.share, above=0)
        as_number("strength", self.strength, above=0)
        super().__post_init__()

    def neurons(self, place, rng):
        M = moment(place.inputs, place.g)
        pairs = [bridge(M, self.share, rng) for _ in range(self.units)]
        weights, outgoing = (np.array(side) for side in zip(*pairs, strict=True))
        sizes = [np.abs(side).mean(axis=1, keepdims=True) for side in (weights, outgoing)]
        if not (sizes[0].all() and sizes[1].all()):  # no gradient, or pairs that cancel
            return []
        weights = weights * self.strength * np.abs(place.W_in).mean() / sizes[0]
        outgoing = outgoing * self.strength * np.abs(place.W[:-1]).mean() / sizes[1]
        k, _ = silent_coefficients(place.activation, self.units)
        a_p = place.activation(place.inputs @ weights.T, k)
        score = -float((moment(a_p, place.g) * outgoing).sum())
        return [Change(Widen(place.index, weights.T, k, outgoing), score)]
