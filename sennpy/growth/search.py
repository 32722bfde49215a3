"""Searches: proposers that climb an objective and propose the best that they saw."""

from typing import NamedTuple

import numpy as np

from ..validation import as_count, as_rng, check_memory
from .change import Change, Deepen, Widen
from .compiled import layer_objective, neuron_objective
from .proposer import Proposer


class Trail(NamedTuple):
    """How a search went, in the parameters theta of its objective.

    Attributes
    ----------
    to_weights : (n_in + 1, n_in + 1) array
        From standard inputs to the inputs themselves.
    starts, ends : (R, dim) arrays
    """

    to_weights: np.ndarray
    starts: np.ndarray
    ends: np.ndarray

    def weights(self, theta):
        """Incoming weights of the one neuron that each theta (R, dim) stands for, (R, n_in + 1)."""
        return theta[:, : len(self.to_weights)] @ self.to_weights.T


class Search(Proposer):
    """A proposer that looks for the maximum of the score; subclasses give `trails`."""

    def changes(self, place, rng):
        """The best neuron, or the best square layer, found at the place."""
        return [self.neurons(place, 1, rng) if place.kind == "neuron" else self.layer(place, rng)]

    def neurons(self, place, k=1, rng=None):
        """The best k neurons found together, a `Change`; its score is their bound."""
        objective = neuron_objective(place, as_count("k", k))
        return self.best(objective, place, as_rng(rng))

    def layer(self, place, rng=None):
        """The best square layer found, a `Change`; its score is the exact increase (E16)."""
        place.activation.identity_coefficients(1)  # says why not, if no layer can be inserted
        return self.best(layer_objective(place), place, as_rng(rng))

    def best(self, objective, place, rng):
        """The best proposal of an objective that was seen, a `Change`."""
        starts, ends = self.trails(objective, place, rng)
        theta = np.vstack([starts, ends])
        scores, _ = objective.evaluate(theta)
        best = np.nanargmax(scores)
        weights, coefficients = objective.decode(theta[best])
        if coefficients is None:
            operation = Deepen(place.index, weights)
        else:
            operation = Widen(place.index, weights, coefficients)
        trail = Trail(objective.inputs.to_weights, starts, ends)
        return Change(operation, float(scores[best]), trail=trail)

    def trails(self, objective, place, rng):
        """Where proposals started and where they came to: starts and ends, each (R, dim)."""
        raise NotImplementedError


def best_draws(objective, rng, count, keep):
    """The `keep` best (keep, dim) of `count` draws; those without a score come last."""
    check_memory(
        f"{count} proposals of {objective.dim} parameters and their gradients",
        3 * count * objective.dim, "ask the search for fewer proposals, candidates or chains",
    )  # fmt: skip
    theta = objective.draw(count, rng)
    scores, _ = objective.evaluate(theta)
    order = np.argsort(np.where(np.isfinite(scores), -scores, np.inf), kind="stable")
    return theta[order[:keep]]
