"""Units of the data: each column less its mean, over its spread."""

from typing import NamedTuple

import numpy as np


class Units(NamedTuple):
    """Mean and spread (n,) of columns; the spread of one that does not vary is 1."""

    mean: np.ndarray
    spread: np.ndarray

    @classmethod
    def of(cls, values, weights=None):
        """The units of values (N, n) with weights (N,)."""
        mean = np.average(values, axis=0, weights=weights)
        spread = np.sqrt(np.average((values - mean) ** 2, axis=0, weights=weights))
        varies = spread > 10 * np.finfo(values.dtype).eps * np.abs(mean)
        return cls(mean, np.where(varies, spread, 1.0))

    def into(self, values):
        """Values in these units."""
        return (values - self.mean) / self.spread

    def back(self, values):
        """Values in the units that they came in."""
        return values * self.spread + self.mean
