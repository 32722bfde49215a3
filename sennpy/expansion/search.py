"""Searches for proposals: random, MALA, and profile.

A search climbs an objective (`objectives`) and returns the best parameters it saw. A new growth
criterion plugs in here: subclass `Search` and override what differs.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from ..validation import as_choice, as_count, as_number, as_rng
from .insertion import inserted_layer_delta_eta, inserted_layer_surrogate
from .mala import draw, initial_state, step
from .moments import whitener
from .objectives import LayerObjective, NeuronObjective, ProfiledNeuronObjective
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
        objective = NeuronObjective(stats, as_count("k", k))
        return score_neurons(stats, *objective.decode(self.maximise(objective, stats, as_rng(rng))))

    def layer(self, stats, rng=None):
        """The best square layer found, a `Proposal`."""
        stats.activation.identity_coefficients(1)  # says why not, if no layer can be inserted
        objective = LayerObjective(stats)
        weights, _ = objective.decode(self.maximise(objective, stats, as_rng(rng)))
        return score_layer(stats, weights)

    def layer_score(self, proposal, dense):
        """What an inserted layer is worth, before its cost: its increase for each of its n units.

        The receiving layer's block of F does not know the coefficients of the units around it, so
        that a second layer beside a first looks as good as the first did. The dense increase of the
        network's score, where it was computed, tells them apart: the smaller of the two counts.
        """
        increase = proposal.score if dense is None else min(proposal.score, dense)
        return increase / proposal.weights.shape[1]

    def maximise(self, objective, stats, rng):
        """The best theta (dim,) found."""
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

    def maximise(self, objective, stats, rng):
        return best_draws(objective, rng, self.proposals, 1)[0]


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
        In units of the receiving layer's score eta_c; positive.
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

    def maximise(self, objective, stats, rng):
        unit = self.temperature * (stats.eta or 1.0)

        def evaluate(theta):
            scores, gradients = objective.evaluate(theta)
            return scores / unit - (theta**2).sum(axis=-1) / 2, gradients / unit - theta

        state = initial_state(evaluate, best_draws(objective, rng, 2 * self.chains, self.chains))
        best, size = state, self.step_size
        for _ in range(self.bursts):
            accepted = 0.0
            for _ in range(self.burst_length):
                state, info = step(evaluate, state, size, *draw(state, rng))
                accepted += info.accepted.mean() / self.burst_length
                better = state_score(state, unit) > state_score(best, unit)
                best = best._replace(
                    position=np.where(better[:, None], state.position, best.position),
                    log_density=np.where(better, state.log_density, best.log_density),
                )
            if abs(accepted - 0.6) > 0.3:
                size = size * 1.3 if accepted > 0.6 else size / 1.3
        return best.position[np.argmax(state_score(best, unit))]


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
        How many, the best of them, are improved by L-BFGS.
    iterations : int
        At most so many for each.
    reach : float
        Largest |theta_i| there; positive.

    Notes
    -----
    Paper: (E12).
    """

    candidates: int = 300
    refined: int = 5
    iterations: int = 100
    reach: float = 3.0

    def __post_init__(self):
        for name in ("candidates", "refined", "iterations"):
            as_count(name, getattr(self, name))
        as_number("reach", self.reach, above=0)

    def neurons(self, stats, k=1, rng=None):
        rng, now, found = as_rng(rng), stats, []
        for _ in range(as_count("k", k)):
            objective = ProfiledNeuronObjective(now)
            weights, coefficients = objective.decode(self.maximise(objective, now, rng))
            found.append((weights, coefficients))
            now = now.receiving(stats.activation(stats.inputs @ weights, coefficients))
        return score_neurons(stats, *(np.hstack(parts) for parts in zip(*found, strict=True)))

    def maximise(self, objective, stats, rng):
        from scipy.optimize import minimize  # here, since it takes as long to import as all else

        starts = best_draws(objective, rng, self.candidates, self.refined)
        unit = max(np.nanmax(objective.evaluate(starts)[0]), np.finfo(float).tiny)

        def descend(theta):
            scores, gradients = objective.evaluate(theta[None])
            if not np.isfinite(scores[0]):
                return 0.0, np.zeros(
                    objective.dim
                )  # worse than any start: the line search turns back
            return -scores[0] / unit, -gradients[0] / unit

        limits = [(-self.reach, self.reach)] * objective.dim
        ends = [
            minimize(
                descend, np.clip(start, -self.reach, self.reach), jac=True, method="L-BFGS-B",
                bounds=limits, options={"maxiter": self.iterations},
            ).x
            for start in starts
        ]  # fmt: skip
        theta = np.vstack([starts, ends])
        return theta[np.nanargmax(objective.evaluate(theta)[0])]


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


def state_score(state, unit):
    """The score without the prior, shape (C,)."""
    return unit * (state.log_density + (state.position**2).sum(axis=-1) / 2)


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
