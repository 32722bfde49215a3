"""The regression task of section 7: fifty points of a random rational network in one dimension."""

import re
from pathlib import Path

import numpy as np

from ..nn.mlp import MLP
from ..reading import Archive
from ..validation import as_array, as_count
from .subsets import Data
from .toy import SEEDS

TARGET_SIZES = (1, 16, 16, 16, 16, 1)
KEYS = ("x_train", "y_train", "x_test", "y_test")


def random_rational(seed=0):
    """Outputs of a random rational network at x ~ N(0, 1): 50 to train on, 1000 to test on.

    Parameters
    ----------
    seed : int
        Of the network, with 4 hidden layers of 16, and of the inputs.

    Returns
    -------
    Data

    Notes
    -----
    Paper: section 7.
    """
    rng = np.random.default_rng([as_count("seed", seed, at_least=0, below=SEEDS), 7])
    target = MLP.random(TARGET_SIZES, rng=rng)
    X, X_test = rng.standard_normal((50, 1)), rng.standard_normal((1000, 1))
    return Data(X, target(X), X_test, target(X_test))


def regression_case(path, case=0):
    """A task from a file: arrays x_train_K, y_train_K, x_test_K and y_test_K of an .npz.

    Parameters
    ----------
    path : str or path
    case : int
        K.

    Returns
    -------
    Data

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it is no .npz file, or lacks the case, or its arrays do not agree or hold something else
        than finite real numbers; or if the case is below 0.
    TypeError
        If the case is no integer.
    """
    path, case = Path(path), as_count("case", case, at_least=0)
    if not path.is_file():
        raise FileNotFoundError(
            f"{path} is missing: expected an .npz file with {', '.join(keys('K'))}."
        )
    X, t, X_test, t_test = arrays_of(path, case)
    for name, x, y in [("train", X, t), ("test", X_test, t_test)]:
        if x.ndim != 2 or y.ndim != 2 or len(x) != len(y):
            raise ValueError(
                f"{path}: x_{name}_{case} has shape {x.shape} and y_{name}_{case} {y.shape}, "
                "expected (N, n_in) and (N, m)."
            )
    if X.shape[1] != X_test.shape[1] or t.shape[1] != t_test.shape[1]:
        raise ValueError(
            f"{path}: case {case} has {X.shape[1]} inputs and {t.shape[1]} outputs for training, "
            f"{X_test.shape[1]} and {t_test.shape[1]} for the test, expected the same."
        )
    return Data(X, t, X_test, t_test)


def arrays_of(path, case):
    """The arrays of a case as `KEYS` has them, in float64; ValueError if they are no numbers."""
    with Archive(path, names=keys(case)) as archive:
        if missing := [key for key in keys(case) if key not in archive.headers]:
            held = [re.fullmatch(r"x_train_(\d{1,9})", name) for name in archive.names]
            found = sorted({int(match[1]) for match in held if match})
            raise ValueError(
                f"{path} has no {missing[0]}; the cases it holds are {found or 'none'}."
            )
        found = archive.read()
    try:
        return [as_array(f"{path}: {key}", found[key]).astype(np.float64) for key in keys(case)]
    except TypeError as error:  # what a file holds is a value
        raise ValueError(str(error)) from None


def keys(case):
    """Names of the arrays of a case."""
    return [f"{key}_{case}" for key in KEYS]
