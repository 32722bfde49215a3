"""Proposals by a climb in the incoming weights, coefficients in closed form."""

from dataclasses import dataclass

import numpy as np

from ..validation import as_count, as_number, as_rng
from .compiled import profiled_neuron_objective
from .proposer import Search, best_draws, score_neurons


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

    def neurons(self, stats, k=1, rng=None):
        rng, now, found = as_rng(rng), stats, []
        for _ in range(as_count("k", k)):
            if found:
                now = now.receiving(stats.activation(stats.inputs @ found[-1][0], found[-1][1]))
            objective = profiled_neuron_objective(now, self.ridge)
            found.append(objective.decode(self.maximise(objective, now, rng)))
        return score_neurons(stats, *(np.hstack(parts) for parts in zip(*found, strict=True)))

    def trails(self, objective, stats, rng):
        starts = best_draws(objective, rng, self.candidates, self.refined)
        ends = [
            objective.climb(start, self.reach, self.iterations, self.tolerance) for start in starts
        ]
        return starts, np.stack(ends)
