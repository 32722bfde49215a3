"""Eight sets of data, and how they are parted into folds."""

import numpy as np

from ..battery.tasks import friedman1_function, spiral_points

FOLDS = 5
CLASSIFIED = ("breast_cancer", "wine", "iris", "digits", "moons", "spirals")
NAMES = (*CLASSIFIED[:4], "diabetes", "friedman1", *CLASSIFIED[4:])
SAMPLES = 300  # of those that are generated


def data(name):
    """(X, y) of a set, as it is; those that are generated are always the same draw."""
    from sklearn import datasets

    rng = np.random.default_rng(0)
    if name == "moons":
        return datasets.make_moons(SAMPLES, noise=0.3, random_state=0)
    if name == "spirals":
        return spiral_points(SAMPLES, 1.0, rng)
    if name == "friedman1":
        X = rng.uniform(0, 1, (SAMPLES, 10))
        return X, friedman1_function(X) + rng.standard_normal(SAMPLES)
    return getattr(datasets, f"load_{name}")(return_X_y=True)


def folds(name, repeat, y):
    """(train, test) indices of each fold of one shuffle; classes are spread evenly."""
    from sklearn.model_selection import KFold, StratifiedKFold

    kind = StratifiedKFold if name in CLASSIFIED else KFold
    return list(kind(FOLDS, shuffle=True, random_state=repeat).split(np.zeros(len(y)), y))
