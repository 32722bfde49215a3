"""The data of the experiments, each as (X, t, X_test, t_test)."""

from typing import NamedTuple

import numpy as np

from .validation import as_count, as_number

SEEDS = 2**32  # scikit-learn takes seeds below


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


def half_moons(train_seed=0, test_seed=1, noise=0.3):
    """Two interleaving half-circles in the plane: 200 points to train on, 500 to test on.

    Parameters
    ----------
    train_seed, test_seed : int
        For scikit-learn's make_moons; the defaults are the paper's split.
    noise : float
        Standard deviation added to each coordinate.

    Returns
    -------
    Data

    Notes
    -----
    Paper: section 7.
    """
    from sklearn.datasets import make_moons

    train_seed = as_count("train_seed", train_seed, at_least=0, below=SEEDS)
    test_seed = as_count("test_seed", test_seed, at_least=0, below=SEEDS)
    noise = as_number("noise", noise, at_least=0)
    return Data(
        *make_moons(200, noise=noise, random_state=train_seed),
        *make_moons(500, noise=noise, random_state=test_seed),
    )


def digits(split_seed=0):
    """scikit-learn's 1,797 scanned digits, 8 by 8 pixels scaled to [0, 1], a fifth held out.

    Parameters
    ----------
    split_seed : int
        Of the stratified split into 1,437 training and 360 test images.

    Returns
    -------
    Data
    """
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split

    split_seed = as_count("split_seed", split_seed, at_least=0, below=SEEDS)
    X, t = load_digits(return_X_y=True)
    X, X_test, t, t_test = train_test_split(
        X / 16, t, test_size=0.2, random_state=split_seed, stratify=t
    )
    return Data(X, t, X_test, t_test)
