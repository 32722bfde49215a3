"""Small data: half-moons and scanned digits, from scikit-learn."""

from ..extras import advised
from ..validation import as_count, as_number
from .subsets import Data, subset

SEEDS = 2**32  # scikit-learn takes seeds below


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
    with advised():
        from sklearn.datasets import make_moons

    train_seed = as_count("train_seed", train_seed, at_least=0, below=SEEDS)
    test_seed = as_count("test_seed", test_seed, at_least=0, below=SEEDS)
    noise = as_number("noise", noise, at_least=0)
    return Data(
        *make_moons(200, noise=noise, random_state=train_seed),
        *make_moons(500, noise=noise, random_state=test_seed),
    )


def digits(split_seed=0, per_class=None, limit=None):
    """scikit-learn's 1,797 scanned digits, 8 by 8 pixels scaled to [0, 1], a fifth held out.

    Parameters
    ----------
    split_seed : int
        Of the stratified split into 1,437 training and 360 test images, and of the draws below.
    per_class, limit : int, optional
        Draw so many training images of each digit, and so many in all; see `subset`.

    Returns
    -------
    Data
    """
    with advised():
        from sklearn.datasets import load_digits
        from sklearn.model_selection import train_test_split

    split_seed = as_count("split_seed", split_seed, at_least=0, below=SEEDS)
    X, t = load_digits(return_X_y=True)
    X, X_test, t, t_test = train_test_split(
        X / 16, t, test_size=0.2, random_state=split_seed, stratify=t
    )
    kept = subset(t, per_class, limit, split_seed)
    return Data(X[kept], t[kept], X_test, t_test)
