"""Searches for proposals: random, MALA, and profile.

A search climbs an objective (`objectives`) and returns the best parameters it saw. A new growth
criterion plugs in here: subclass `Search` and override what differs.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from ..validation import as_choice, as_count, as_number, as_rng
from .compiled_objectives import layer_objective, neuron_objective, profiled_neuron_objective
from .insertion import inserted_layer_delta_eta, inserted_layer_surrogate
from .mala import initial_state
from .moments import whitener
from .objectives import Chains
from .score import delta_eta, delta_eta_bound, top_coefficients
from .statistics import layer_statistics


class Proposal(NamedTuple):
    """New units for one place.

    Attributes
    ----------
    weights : (n_in + 1, k) array
        Incoming weights, the last row being the bias; for a layer k = n_in.
    coefficients : (num_coefficients, k) array
        (v, c, l); for a layer, those of the surrogate's features, since it starts as the identity.
    exact : float
        Delta eta, (E8) for neurons and (E16) for a layer.
    bound : float
        Delta eta' of Theorem 3.2; for a layer, the surrogate of (E16).
    score : float
        What the search holds against the thresholds of (E13): `exact` in all but the released one.
    """

    weights: np.ndarray
    coefficients: np.ndarray
    exact: float
    bound: float
    score: float


class Search:
    """How proposals are found at one place, from its statistics and a generator."""

    statistics = staticmethod(layer_statistics)

    def neurons(self, stats, k=1, rng=None):
        """The best k neurons found together, a `Proposal`."""
        objective = neuron_objective(stats, as_count("k", k))
        return score_neurons(stats, *objective.decode(self.maximise(objective, stats, as_rng(rng))))

    def layer(self, stats, rng=None):
        """The best square layer found, a `Proposal`."""
        stats.activation.identity_coefficients(1)  # says why not, if no layer can be inserted
        objective = layer_objective(stats)
        weights, _ = objective.decode(self.maximise(objective, stats, as_rng(rng)))
        return score_layer(stats, weights)

    def layer_score(self, increase, units, dense=None):
        """What a layer of so many units is worth, before its cost: its increase for each of them.

        The receiving layer's block of F does not know the coefficients of the units around it, so
        that a second layer beside a first looks as good as the first did. The dense increase of the
        network's score, where it was computed, tells them apart: the smaller of the two counts.
        """
        return (increase if dense is None else min(increase, dense)) / units

    def maximise(self, objective, stats, rng):
        """The best theta (dim,) found."""
        theta = np.vstack(self.trails(objective, stats, rng))
        return theta[np.nanargmax(objective.evaluate(theta)[0])]

    def trails(self, objective, stats, rng):
        """Where proposals started and where they came to: starts and ends, each (R, dim)."""
        raise NotImplementedError


@dataclass(frozen=True)
class RandomSearch(Search):
    """The best of independent draws from the prior.

    Parameters
    ----------
    proposals : int
        How many are drawn.
    """

    proposals: int = 300

    def __post_init__(self):
        as_count("proposals", self.proposals)

    def trails(self, objective, stats, rng):
        best = best_draws(objective, rng, self.proposals, 1)
        return best, best


@dataclass(frozen=True)
class MalaSearch(Search):
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

    def unit(self, stats):
        """T s of (E11), a float: the temperature, in units of eta_c."""
        return float(self.temperature * (stats.eta or 1.0))

    def trails(self, objective, stats, rng):
        unit = self.unit(stats)
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


SEARCHES = {"random": RandomSearch, "mala": MalaSearch, "profile": ProfileSearch}


def as_search(search):
    """A `Search` from its name or from itself; ValueError for an unknown name."""
    return (
        search if isinstance(search, Search) else SEARCHES[as_choice("search", search, SEARCHES)]()
    )


def best_draws(objective, rng, count, keep):
    """The `keep` best (keep, dim) of `count` draws; those without a score come last."""
    theta = objective.draw(count, rng)
    scores, _ = objective.evaluate(theta)
    order = np.argsort(np.where(np.isfinite(scores), -scores, np.inf), kind="stable")
    return theta[order[:keep]]


def score_neurons(stats, weights, coefficients):
    """The `Proposal` of neurons with these weights and coefficients."""
    a_p = stats.activation(stats.inputs @ weights, coefficients)
    exact = delta_eta(stats.a_c, a_p, stats.g, stats.G)
    return Proposal(weights, coefficients, exact, delta_eta_bound(a_p, stats.g_r, stats.G), exact)


def score_layer(stats, weights):
    """The `Proposal` of a layer; the surrogate takes the best coefficients of each unit."""
    phi = stats.activation.basis(stats.a_c @ weights)
    coefficients, _ = top_coefficients(phi, stats.g_r @ whitener(stats.G))
    exact = inserted_layer_delta_eta(stats.a_c, weights, stats.W, stats.g, stats.G)
    surrogate = inserted_layer_surrogate(stats.a_c, weights, coefficients, stats.g, stats.G)
    return Proposal(weights, coefficients, exact, surrogate, exact)
