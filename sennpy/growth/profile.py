"""Proposals by a climb in the incoming weights, coefficients in closed form."""

from dataclasses import dataclass

import numpy as np

from ..validation import as_count, as_number, as_rng, keep_plain
from .change import Change, Widen
from .compiled import profiled_neuron_objective
from .search import Search, best_draws


@dataclass(frozen=True)
class ProfileSearch(Search):
    """Best coefficients in closed form, search over the incoming weights alone.

    Several neurons are found one after another, each given those before it; activations without
    coefficients simply have one basis function.

    Parameters
    ----------
    candidates : int
        Draws from the prior.
    refined : int
        How many, the best of them, are improved by a quasi-Newton climb.
    iterations : int
        At most so many for each.
    reach : float
        Largest |theta_i| there; positive.
    tolerance : float
        A climb ends when a step gains less than this share of the score.
    ridge : float
        Added to A_p = E[a_p^2] of the one neuron while it is sought, so that none is found whose
        coefficients cancel: its activations would be too small for damped training to use.

    Notes
    -----
    Paper: (E12).
    """

    candidates: int = 100
    refined: int = 2
    iterations: int = 100
    reach: float = 3.0
    tolerance: float = 1e-7
    ridge: float = 1e-3

    def __post_init__(self):
        for name in ("candidates", "refined", "iterations"):
            as_count(name, getattr(self, name))
        for name in ("reach", "tolerance"):
            as_number(name, getattr(self, name), above=0)
        as_number("ridge", self.ridge, at_least=0)
        keep_plain(self)

    def neurons(self, place, k=1, rng=None):
        rng, now, found = as_rng(rng), place, []
        for _ in range(as_count("k", k)):
            if found:
                weights, coefficients = (
                    found[-1].operation.weights,
                    found[-1].operation.coefficients,
                )
                now = now.receiving(place.activation(place.inputs @ weights, coefficients))
            found.append(self.best(profiled_neuron_objective(now, self.ridge), now, rng))
        if len(found) == 1:
            return found[0]
        parts = [(one.operation.weights, one.operation.coefficients) for one in found]
        together = Widen(place.index, *(np.hstack(part) for part in zip(*parts, strict=True)))
        return Change(together, sum(one.score for one in found))

    def trails(self, objective, place, rng):
        starts = best_draws(objective, rng, self.candidates, self.refined)
        ends = [
            objective.climb(start, self.reach, self.iterations, self.tolerance) for start in starts
        ]
        return starts, np.stack(ends)
