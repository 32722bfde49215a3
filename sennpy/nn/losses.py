"""Losses: value, per-sample output gradient, and the metric that the loss puts on the outputs."""

from dataclasses import dataclass

import numpy as np

from ..validation import as_array, as_numbers, as_rectangular, as_rng


class Loss:
    """What training asks of a loss; one of your own is a subclass.

    It gives `value(y, t)` and `gradient(y, t)` for outputs y (N, m). For the metrics "true" and
    "sampled" it gives `metric_root(y)` and `sample_gradient(y, rng)` too, and `targets(y, t)` where
    the targets are not real numbers in the outputs' shape.
    """

    least_seen = 0.0  # a loss below which changes of it do not matter, in its own units

    def targets(self, y, t):
        """Return the targets as an array of the outputs' shape, or raise ValueError/TypeError."""
        y, t = as_outputs(y), as_array("t", t)
        if t.shape != y.shape:
            raise ValueError(
                f"t has shape {t.shape}, but the outputs have shape {y.shape}; "
                "one column an output is expected (t.reshape(-1, 1) for a single one)."
            )
        return t.astype(y.real.dtype, copy=False)

    def value(self, y, t):
        """Mean over samples of l(y_n, t_n), a float."""
        raise NotImplementedError(f"{type(self).__name__} has no value.")

    def gradient(self, y, t):
        """d l_n / d y_n, shape (N, m): of each sample, not of the mean."""
        raise NotImplementedError(f"{type(self).__name__} has no gradient.")

    def metric_root(self, y):
        """S (N, m, R) with S S^T the Hessian of l in y, or what stands in for it."""
        raise ValueError(f"{type(self).__name__} has no metric_root: use metric='euclidean'.")

    def sample_gradient(self, y, rng):
        """Output gradient (N, m) for targets drawn from the model whose -log density l is."""
        raise ValueError(f"{type(self).__name__} has no sample_gradient: use metric='euclidean'.")

    def metric(self, y):
        """The metric of the outputs, shape (N, m, m)."""
        root = self.metric_root(y)
        return root @ root.transpose(0, 2, 1)

    def weights(self, t):
        """What each sample weighs in the metrics, (N,); None where all weigh the same."""
        return None

    def accuracy(self, y, t):
        """Share of the samples that are told right, or None where that is no question."""
        return None

    def in_units(self, t):
        """Targets in units of their own, and the shift (m,) and spread that lead back to `t`.

        The loss of y and t must be spread^2 times that of (y - shift) / spread and the targets in
        units; here they have none: t, 0, 1.
        """
        return t, 0.0, 1.0

    def dispersion(self, y, t, free):
        """Variance of the noise per output, a float, with `free` of the N m targets to tell it by.

        Twice a drop of the summed loss in units of it is one of twice the log likelihood.
        """
        return float((self.gradient(y, t) ** 2).sum() / free)


@dataclass(frozen=True)
class SquaredError(Loss):
    """l(y, t) = 1/2 ||y - t||^2, with real targets t (N, m).

    With this half, the Fisher matrix F = (1/N) J^T J is exactly the Gauss-Newton matrix.
    """

    def value(self, y, t):
        """Mean over samples of 1/2 ||y - t||^2."""
        y = as_outputs(y)
        return 0.5 * ((y - self.targets(y, t)) ** 2).sum() / len(y)

    def gradient(self, y, t):
        """d l_n / d y_n = y_n - t_n, shape (N, m)."""
        y = as_outputs(y)
        return y - self.targets(y, t)

    def metric(self, y):
        """Hessian of l in y: the identity for each sample, shape (N, m, m)."""
        y = as_outputs(y)
        return np.broadcast_to(np.eye(y.shape[1], dtype=y.dtype), (*y.shape, y.shape[1]))

    def metric_root(self, y):
        """S with S S^T = metric, shape (N, m, m)."""
        return self.metric(y)

    def sample_gradient(self, y, rng):
        """Output gradient for targets drawn from the model t ~ N(y, I), shape (N, m)."""
        y = as_outputs(y)
        return as_rng(rng).standard_normal(y.shape).astype(y.dtype, copy=False)

    def in_units(self, t):
        """Targets less their mean (m,) in units of their common spread; 1 if they do not vary."""
        shift = t.mean(axis=0)
        spread = float(np.sqrt(((t - shift) ** 2).mean()))
        spread = spread if spread > 1e-12 * float(np.abs(shift).max()) else 1.0
        return (t - shift) / spread, shift, spread


@dataclass(frozen=True)
class SoftmaxCrossEntropy(Loss):
    """l(y, t) = -log softmax(y)_t, with integer labels t (N,) from 0 to m - 1."""

    least_seen = 0.01

    def targets(self, y, t):
        """Return the labels as integers (N,), or raise ValueError/TypeError."""
        y, t = as_classes(y), as_rectangular("t", t)
        if t.shape != y.shape[:1]:
            raise ValueError(
                f"t has shape {t.shape}, expected one integer label a sample: ({len(y)},)."
            )
        if t.dtype.kind not in "iu":
            raise TypeError(f"t has dtype {t.dtype}, expected integer labels.")
        if t.min() < 0 or t.max() >= y.shape[1]:
            raise ValueError(
                f"t holds labels from {t.min()} to {t.max()}, but the network has {y.shape[1]} "
                f"outputs: labels from 0 to {y.shape[1] - 1} are expected."
            )
        return t

    def value(self, y, t):
        """Mean over samples of the cross-entropy, in nats."""
        y, labels = as_classes(y), self.targets(y, t)
        return -log_softmax(y)[np.arange(len(y)), labels].mean()

    def gradient(self, y, t):
        """d l_n / d y_n = softmax(y_n) - onehot(t_n), shape (N, m)."""
        y = as_classes(y)
        return softmax(y) - one_hot(self.targets(y, t), y)

    def metric(self, y):
        """Hessian of l in y: diag(p_n) - p_n p_n^T, shape (N, m, m)."""
        p = softmax(as_classes(y))
        return p[:, :, None] * np.eye(p.shape[1], dtype=p.dtype) - p[:, :, None] * p[:, None, :]

    def metric_root(self, y):
        """S = diag(sqrt p) - p sqrt(p)^T, for which S S^T = metric; shape (N, m, m)."""
        p = softmax(as_classes(y))
        root = np.sqrt(p)
        return root[:, :, None] * np.eye(p.shape[1], dtype=p.dtype) - p[:, :, None] * root[:, None]

    def sample_gradient(self, y, rng):
        """Output gradient for labels drawn from the model t ~ softmax(y), shape (N, m)."""
        p = softmax(as_classes(y))
        labels = (p.cumsum(axis=1) < as_rng(rng).random((len(p), 1))).sum(axis=1)
        return p - one_hot(np.minimum(labels, p.shape[1] - 1), p)

    def dispersion(self, y, t, free):
        """1: the loss is a log likelihood as it is."""
        return 1.0

    def accuracy(self, y, t):
        """Share of the samples whose largest output is that of their label."""
        labels = self.targets(y, t)
        return float((as_classes(y).argmax(axis=1) == labels).mean())


def as_outputs(y):
    """Outputs (N, m) as an array, NaN and infinity included, or raise TypeError/ValueError."""
    y = as_numbers("y", y, complex_ok=True)
    if y.ndim != 2 or y.size == 0:
        raise ValueError(f"y has shape {y.shape}, expected (N, m): one row of outputs a sample.")
    return y


def as_classes(y):
    """`as_outputs` with one column a class, or raise ValueError if there is only one."""
    y = as_outputs(y)
    if y.shape[1] < 2:
        raise ValueError(
            f"the outputs have shape {y.shape}, but softmax needs at least two columns, "
            "one a class."
        )
    return y


def as_loss(loss):
    """Return `loss` if it is one, else raise TypeError."""
    if not isinstance(loss, Loss):
        raise TypeError(
            f"loss is {loss!r}, expected a Loss: SquaredError() or SoftmaxCrossEntropy()."
        )
    return loss


def log_softmax(y):
    """log softmax along the last axis; the largest output is subtracted first."""
    shifted = y - y.real.max(axis=-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))


def softmax(y):
    """Class probabilities along the last axis, shape (N, m)."""
    return np.exp(log_softmax(y))


def one_hot(labels, y):
    """Rows of the identity, in the shape (N, m) and dtype of y."""
    return np.eye(y.shape[1], dtype=y.dtype)[labels]
