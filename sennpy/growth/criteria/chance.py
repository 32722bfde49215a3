"""Controls: units drawn at random, with fan-out 0 or with fan-in 0."""

from dataclasses import dataclass

import numpy as np

from ..change import Change, Widen
from .parts import Units, silent_coefficients, usual_norm


@dataclass(frozen=True)
class RandomFanOut(Units):
    """w from N(0, 1/fan-in) and (v, c, l) from N(0, 1), o = 0; a random score chooses the place."""

    def neurons(self, place, rng):
        n = place.inputs.shape[1]
        weights = rng.standard_normal((n, self.units)) / np.sqrt(n)
        k = place.activation.random_coefficients(self.units, rng)
        return [Change(Widen(place.index, weights, k), float(rng.random()))]


@dataclass(frozen=True)
class RandomFanIn(Units):
    """w = 0, o in a random direction as long as GradMax's; a random score chooses the place.

    The control of GradMax (arXiv 2201.05125), whose own draws positive weights only.
    """

    scale: float = 0.5

    def neurons(self, place, rng):
        k, _ = silent_coefficients(place.activation, self.units)
        o = rng.standard_normal((self.units, place.W.shape[1]))
        o *= self.scale * usual_norm(place.W[:-1]) / np.linalg.norm(o, axis=1)[:, None]
        weights = np.zeros((place.inputs.shape[1], self.units))
        return [Change(Widen(place.index, weights, k, o), float(rng.random()))]
