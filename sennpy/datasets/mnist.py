"""MNIST as arrays: handwritten digits, resized, subsets drawn."""

import numpy as np

from .idx import load
from .subsets import Data, subset

SIZES = (28, 24, 14)


def mnist(folder=None, size=28, per_class=None, limit=None, rng=None):
    """MNIST: 60,000 handwritten digits to train on, 10,000 to test on, pixels in [0, 1].

    Parameters
    ----------
    folder : path, optional
        Where the four .gz files lie; else `$SENNPY_DATA`, else the user's cache, into which they
        are downloaded if they are not there.
    size : 28, 24 or 14
        Pixels a side; smaller images are resized bilinearly.
    per_class, limit : int, optional
        Draw so many training images of each digit, and so many in all; see `subset`. Six digits
        have fewer than 6,000.
    rng : None, int or numpy.random.Generator
        For the draws.

    Returns
    -------
    Data
        X (N, size^2) in float32, labels 0 to 9.

    Raises
    ------
    DataError
        If a file is missing, truncated, swapped or altered, naming the file, what was found, what
        is expected, and how to get it.
    TypeError, ValueError
        If the size is not offered, or more images are asked for than there are.

    Notes
    -----
    Paper: section 7.
    """
    if size not in SIZES:
        raise ValueError(f"size is {size!r}, expected one of {', '.join(map(str, SIZES))}.")
    X, t, X_test, t_test = load(folder)
    kept = subset(t, per_class, limit, rng)
    return Data(
        resized(X[kept], size), t[kept].astype(np.int64),
        resized(X_test, size), t_test.astype(np.int64),
    )  # fmt: skip


def resized(images, size):
    """uint8 images (N, n, n) as rows (N, size^2) of float32 in [0, 1], resized bilinearly."""
    images = images / np.float32(255)
    if size != images.shape[1]:
        weights = bilinear(images.shape[1], size).astype(np.float32)
        rows = np.tensordot(images, weights, (2, 1))
        images = np.tensordot(rows, weights, (1, 1)).swapaxes(1, 2)
    return images.reshape(len(images), -1)


def bilinear(before, after):
    """Interpolation weights (after, before); when shrinking, each triangle is widened to average.

    Rows sum to 1, so that a constant image stays what it is.
    """
    scale = before / after
    centres = (np.arange(after) + 0.5) * scale - 0.5
    weights = (1 - np.abs(np.arange(before) - centres[:, None]) / max(scale, 1.0)).clip(0)
    return weights / weights.sum(axis=1, keepdims=True)
