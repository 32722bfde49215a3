"""A loss of one's own, with all that a training needs of it."""

from dataclasses import dataclass

import numpy as np

from sennpy import Loss


@dataclass(frozen=True)
class Huber(Loss):
    """r^2 / 2 of a residual r up to `delta`, beyond it delta (|r| - delta / 2); summed over m."""

    delta: float = 1.0

    def value(self, y, t):
        r = y - self.targets(y, t)
        far = self.delta * (np.sign(r.real) * r - self.delta / 2)
        return np.where(np.abs(r.real) < self.delta, r * r / 2, far).sum() / len(y)

    def gradient(self, y, t):
        return np.clip(y - self.targets(y, t), -self.delta, self.delta)
