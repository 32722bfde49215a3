"""SENN's own score, exact and its bound, of random draws: the controls of what a search adds."""

from dataclasses import dataclass

import numpy as np

from ..change import Change, Widen, neurons_worth
from .parts import Units


@dataclass(frozen=True)
class BestDrawn(Units):
    """Of random units with fan-out 0 those of most Delta eta, one after another.

    Paper: (E8); with `exact` false Theorem 3.2, which is the bound.

    Parameters
    ----------
    units : int
    pool : int
        How many are drawn for each.
    exact : bool
    """

    pool: int = 100
    exact: bool = True

    def neurons(self, place, rng):
        now, chosen, score = place, [], 0.0
        for _ in range(self.units):
            draws = [self.drawn(now, rng) for _ in range(self.pool)]
            worths = [w[0 if self.exact else 1] for _, a_p, w in draws]
            best = int(np.argmax(worths))
            operation, a_p, _ = draws[best]
            chosen.append(operation)
            score += worths[best]
            now = now.receiving(a_p)
        weights = np.hstack([one.weights for one in chosen])
        k = np.hstack([one.coefficients for one in chosen])
        return [Change(Widen(place.index, weights, k), float(score))]

    def drawn(self, place, rng):
        """A unit, its activations (N, 1) and its (exact, bound)."""
        n = place.inputs.shape[1]
        w, k = (
            rng.standard_normal((n, 1)) / np.sqrt(n),
            place.activation.random_coefficients(1, rng),
        )
        a_p = place.activation(place.inputs @ w, k)
        return Widen(place.index, w, k), a_p, neurons_worth(place, a_p)
