"""Weights of samples: as repeated rows where they count, else as a loss that weights them."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from sklearn.utils.validation import _check_sample_weight

from ..nn.losses import Loss, SquaredError, log_softmax

MOST_REPEATED = 10  # times as many rows, up to which whole weights are rows


@dataclass(frozen=True)
class WeightedLoss(Loss):
    """w l(y, t), with targets t (N, k + 1) whose last column holds the weights w > 0.

    The other columns are the targets of the loss `base`, labels as one column of whole numbers.
    The mean over samples divides by N, not by the sum of the weights: have them of mean 1. The
    metrics but "euclidean" are weighted, too, so that steps of the dense solvers are those of
    repeated rows. What is not: the Kronecker factors A and the statistics of growth made of them,
    the units in which `LevenbergMarquardt` measures weights, and which samples are held out.
    """

    base: Loss = SquaredError()

    @property
    def least_seen(self):
        """That of `base`."""
        return self.base.least_seen

    def parted(self, t):
        """Targets of `base`, and weights (N,)."""
        t = np.asarray(t)
        if t.ndim != 2 or t.shape[1] < 2 or not (t[:, -1] > 0).all():
            raise ValueError(
                f"t has shape {t.shape}, expected targets with one more column: positive weights."
            )
        return self.unweighted(t[:, :-1]), t[:, -1]

    def unweighted(self, t):
        """Targets of `base` of the columns that hold them."""
        return t if isinstance(self.base, SquaredError) else t[:, 0].astype(np.int64)

    def targets(self, y, t):
        self.base.targets(y, self.parted(t)[0])
        return np.asarray(t)

    def weights(self, t):
        return self.parted(t)[1]

    def value(self, y, t):
        """Mean over samples of w l(y, t), a float."""
        targets, w = self.parted(t)
        if isinstance(self.base, SquaredError):
            return 0.5 * float(w @ ((y - targets) ** 2).sum(axis=1)) / len(w)
        return -float(w @ log_softmax(y)[np.arange(len(w)), targets]) / len(w)

    def gradient(self, y, t):
        targets, w = self.parted(t)
        return (w[:, None] * self.base.gradient(y, targets)).astype(y.dtype, copy=False)

    def metric_root(self, y):
        return self.base.metric_root(y)

    def sample_gradient(self, y, rng):
        return self.base.sample_gradient(y, rng)

    def accuracy(self, y, t):
        """Share of the weight that is told right, or None."""
        targets, w = self.parted(t)
        if isinstance(self.base, SquaredError):
            return None
        return float(w[y.argmax(axis=1) == targets].sum() / w.sum())

    def in_units(self, t):
        if not isinstance(self.base, SquaredError):
            return t, 0.0, 1.0
        targets, w = self.parted(t)
        shift = w @ targets / w.sum()
        spread = float(np.sqrt((w @ (targets - shift) ** 2).mean() / w.sum()))
        spread = spread if spread > 1e-12 * float(np.abs(shift).max()) else 1.0
        return np.column_stack([(targets - shift) / spread, w]), shift, spread

    def dispersion(self, y, t, free):
        targets, w = self.parted(t)
        if isinstance(self.base, SquaredError):
            return float((w @ (y - targets) ** 2).sum() / free)
        return self.base.dispersion(y, targets, free)


class Samples(NamedTuple):
    """Rows in an order of their own, so that the order in which they came changes nothing.

    Attributes
    ----------
    X : (N, n_in) array
    t : (N,) array of labels or (N, m) array
    weights : (N,) array or None
        Of mean 1; None where all count the same.
    """

    X: np.ndarray
    t: np.ndarray
    weights: np.ndarray | None

    def take(self, some):
        """Some of the samples."""
        return Samples(self.X[some], self.t[some], None if self.weights is None
                       else self.weights[some])  # fmt: skip

    def of_loss(self, loss):
        """(loss, t) as `SENN.fit` takes them."""
        if self.weights is None:
            return loss, self.t
        return WeightedLoss(loss), np.column_stack([self.t, self.weights])


def present(X, t, weights):
    """Rows and weights without those of weight 0, which are as if they were not there.

    Raises
    ------
    ValueError
        If a weight is negative, or none is positive.
    """
    if weights is None:
        return X, t, None
    weights = _check_sample_weight(weights, X, dtype=np.float64)
    if (weights < 0).any():
        raise ValueError(f"sample_weight holds {weights.min():g}, expected weights of at least 0.")
    some = np.flatnonzero(weights)
    if not len(some):
        raise ValueError("all weights of samples are 0, expected at least one above.")
    return X[some], t[some], weights[some]


def samples(X, t, weights=None):
    """`Samples` of rows and weights, these positive.

    Whole weights are numbers of rows and repeat theirs, up to ten times as many rows together; of
    others only the ratio counts: they are given the mean 1.
    """
    columns = [*np.atleast_2d(t.T), *X.T[::-1]]
    order = np.lexsort(columns if weights is None else [weights, *columns])
    X, t = X[order], t[order]
    if weights is None:
        return Samples(X, t, None)
    weights = weights[order]
    if (weights == np.round(weights)).all() and weights.sum() <= MOST_REPEATED * len(weights):
        rows = np.repeat(np.arange(len(X)), weights.astype(np.int64))
        return Samples(X[rows], t[rows], None)
    return Samples(X, t, None if np.ptp(weights) == 0 else weights / weights.mean())
