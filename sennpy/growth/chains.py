"""Proposals by Langevin chains, as the paper samples them."""

from dataclasses import dataclass

import numpy as np

from ..expansion.mala import initial_state
from ..validation import as_count, as_number, keep_plain
from .objectives import Chains
from .search import Search, best_draws


@dataclass(frozen=True)
class ChainSettings:
    """How many Langevin chains run, how long, how hot, and how far they step at first."""

    chains: int = 100
    bursts: int = 300
    burst_length: int = 10
    temperature: float = 1.0
    step_size: float = 0.3

    def __post_init__(self):
        for name in ("chains", "bursts", "burst_length"):
            as_count(name, getattr(self, name))
        as_number("temperature", self.temperature, above=0)
        as_number("step_size", self.step_size, above=0)
        keep_plain(self)


@dataclass(frozen=True)
class MalaSearch(ChainSettings, Search):
    """The best state visited by Langevin chains.

    The target is exp(score / (temperature eta_c)) N(theta; 0, I). After each burst the chain-wide
    step size is multiplied or divided by 1.3 when the acceptance is more than 0.3 from 0.6.

    Parameters
    ----------
    chains, bursts, burst_length : int
        Chains side by side, and bursts of so many steps.
    temperature : float
        In units of the receiving layer's score eta_c (of 1 where that is 0); positive.
    step_size : float
        The first one, in standard inputs (see `objectives`); positive.

    Notes
    -----
    Paper: (E11); the schedule is that of section 7.
    """

    def unit(self, place):
        """T s of (E11), a float: the temperature, in units of eta_c."""
        return float(self.temperature * (place.eta or 1.0))

    def trails(self, objective, place, rng):
        unit = self.unit(place)
        starts = best_draws(objective, rng, 2 * self.chains, self.chains)
        state = initial_state(lambda theta: objective.density(theta, unit), starts)
        scores = unit * (state.log_density + (state.position**2).sum(axis=-1) / 2)
        chains, size = Chains(state, state.position, scores), self.step_size
        for _ in range(self.bursts):
            xi = rng.standard_normal((self.burst_length, objective.dim, len(starts)))
            log_u = np.log1p(-rng.random((self.burst_length, len(starts))))
            chains, accepted = objective.burst(chains, unit, size, xi, log_u)
            rate = accepted / log_u.size
            if abs(rate - 0.6) > 0.3:
                size = size * 1.3 if rate > 0.6 else size / 1.3
        return starts, chains.best
