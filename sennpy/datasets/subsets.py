"""What every data set is, and how fewer of its training samples are drawn."""

from typing import NamedTuple

import numpy as np

from ..validation import as_count, as_rng


class Data(NamedTuple):
    """Training and test data.

    Attributes
    ----------
    X, X_test : (N, n_in) arrays
    t, t_test : (N,) arrays of integer labels, or (N, m) arrays of targets
    """

    X: np.ndarray
    t: np.ndarray
    X_test: np.ndarray
    t_test: np.ndarray


def subset(t, per_class=None, limit=None, rng=None):
    """Which training samples to keep: so many of each class, then so many in all.

    Parameters
    ----------
    t : (N,) array of labels
    per_class : int, optional
        Draw so many of each class; a class that has fewer gives all that it has.
    limit : int, optional
        Draw so many of those.
    rng : None, int or numpy.random.Generator

    Returns
    -------
    (n,) array of indices, in random order; in their own order where nothing was asked for.

    Raises
    ------
    TypeError, ValueError
        If a number is not positive, more are asked for than there are, or `limit` leaves a class
        without any sample.
    """
    rng, kept = as_rng(rng), np.arange(len(t))
    if per_class is not None:
        as_count("per_class", per_class)
        most = int(np.bincount(t).max())
        if per_class > most:
            raise ValueError(
                f"per_class is {per_class}, but no class has more than {most} training samples."
            )
        classes = [np.flatnonzero(t == c) for c in np.unique(t)]
        drawn = [rng.choice(c, min(per_class, len(c)), replace=False) for c in classes]
        kept = rng.permutation(np.concatenate(drawn))
    if limit is not None:
        if as_count("limit", limit) > len(kept):
            raise ValueError(f"limit is {limit}, but there are {len(kept)} training samples.")
        kept = rng.permutation(kept)[:limit]
        classes, missing = np.unique(t), np.setdiff1d(t, t[kept])
        if missing.size:
            raise ValueError(
                f"limit is {limit}, and the samples drawn hold no {', '.join(map(str, missing))}; "
                f"expected some of each of the {len(classes)} classes: a larger --limit, or "
                f"--per-class {-(-limit // len(classes))} for as many of each."
            )
    return kept
