"""What several criteria share: how many units, units that are silent, sizes at birth."""

from dataclasses import dataclass

import numpy as np

from ...validation import as_count, as_number, keep_plain
from ..proposer import Proposer


@dataclass(frozen=True)
class Units(Proposer):
    """A criterion that proposes k neurons together, in hidden layers alone.

    Parameters
    ----------
    units : int
        How many, k; fewer where the criterion has no more directions.
    """

    units: int = 1

    def __post_init__(self):
        as_count("units", self.units)
        for name in ("scale", "eps"):
            if hasattr(self, name):
                as_number(name, getattr(self, name), above=0)
        for name in ("pool", "steps"):
            if hasattr(self, name):
                as_count(name, getattr(self, name))
        keep_plain(self)

    def changes(self, place, rng):
        return self.neurons(place, rng) if place.kind == "neuron" else []


def silent_coefficients(activation, k):
    """Coefficients (num, k) of units with s(0) = 0 and the steepest slope there, and the slope.

    Of the functions in `Activation.basis` those that are not 0 at 0 are left out: Rational is born
    with beta = 0, at (v, c, l) = (2, 0, 1).
    """
    zero = np.zeros((1, k))
    coefficients = np.zeros((0, k))
    if activation.num_coefficients:
        value, slope = activation.basis(zero)[:, 0], activation.basis_slope(zero)[:, 0]
        size = np.maximum((value**2).sum(axis=0), np.finfo(float).tiny)
        coefficients = slope - value * ((value * slope).sum(axis=0) / size)
    at_zero, slope = activation(zero, coefficients), activation.slope(zero, coefficients)
    if at_zero.any() or not slope.all():
        raise ValueError(
            f"{type(activation).__name__} has s(0) = {at_zero[0, 0]:.3g} and s'(0) = "
            f"{slope[0, 0]:.3g}, but this criterion needs s(0) = 0 and s'(0) != 0; use Rational() "
            "or Tanh()."
        )
    return coefficients, float(slope[0, 0])


def usual_norm(rows):
    """Mean norm of vectors, one a row; 1 if they are all 0."""
    return float(np.linalg.norm(rows, axis=1).mean()) or 1.0
