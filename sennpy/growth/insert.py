"""A hidden layer with its first neurons, a change."""

from dataclasses import dataclass

import numpy as np

from ..expansion.grow import insert, widen
from .change import EXACTLY, neurons_worth


@dataclass(frozen=True, eq=False)
class Insert:
    """A narrow hidden layer in front of another, at first the identity, with k new neurons (E21).

    Parameters
    ----------
    position : int
        The layer that the new one stands before.
    weights : (n + 1, k) array
        Incoming weights of the neurons, the last row being the bias.
    coefficients : (num_coefficients, k) array
        Theirs.
    """

    position: int
    weights: np.ndarray
    coefficients: np.ndarray
    kind = "layer"

    def __call__(self, net):
        return widen(insert(net, self.position), self.position, self.weights, self.coefficients)

    @property
    def units(self):
        """How many neurons it adds, those apart that pass on what was there."""
        return self.weights.shape[1]

    def preserves(self, net):
        """Exactly: the units pass on, the neurons have outgoing weights of 0."""
        return EXACTLY

    def worth(self, place):
        """(exact, bound) of the neurons: they read what the receiving layer reads."""
        a_p = place.activation(place.inputs @ self.weights, self.coefficients)
        return neurons_worth(place, a_p)
