"""Searches for proposals: random, MALA, and profile.

A search climbs an objective (`objectives`) and returns the best parameters it saw. A new growth
criterion plugs in here: subclass `Search` and override what differs.
"""

from typing import NamedTuple

import numpy as np

from ..expansion.coefficients import top_coefficients
from ..expansion.insertion import inserted_layer_delta_eta, inserted_layer_surrogate
from ..expansion.layer_score import delta_eta, delta_eta_bound
from ..expansion.moments import whitener
from ..validation import as_count, as_rng
from .compiled import layer_objective, neuron_objective
from .place import layer_statistics


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
    g, G, activation = stats.g, stats.G, stats.activation
    exact = inserted_layer_delta_eta(stats.a_c, weights, stats.W, g, G, activation)
    surrogate = inserted_layer_surrogate(stats.a_c, weights, coefficients, g, G, activation)
    return Proposal(weights, coefficients, exact, surrogate, exact)
