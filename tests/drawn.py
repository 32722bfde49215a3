"""The data of the experiments, drawn again by scikit-learn and NumPy alone; and their checksums.

Nothing here imports the package: two routes to the same bytes.
"""

import hashlib

import numpy as np
from sklearn import datasets
from sklearn.model_selection import StratifiedShuffleSplit

TEST = 4000  # samples that a generated task of the battery is tested on


def digest(*arrays):
    """A checksum of arrays to six decimals: rounding of the last digits does not change it."""
    told = hashlib.sha256()
    for array in arrays:
        told.update(repr(np.shape(array)).encode())
        told.update(np.rint(np.asarray(array, dtype=float) * 1e6).astype("<i8").tobytes())
    return told.hexdigest()[:16]


def moons(train_seed=0, test_seed=1, noise=0.3):
    """200 points to train on, 500 to test on."""
    draw = datasets.make_moons
    return *draw(200, noise=noise, random_state=train_seed), *draw(
        n_samples=500, noise=noise, random_state=test_seed
    )


def few(t, seed, per_class=None, limit=None):
    """Indices of so many of each class, then of so many of those, in random order."""
    rng, kept = np.random.default_rng(seed), np.arange(len(t))
    if per_class is not None:
        drawn = []
        for c in sorted(set(t.tolist())):
            here = [i for i in range(len(t)) if t[i] == c]
            drawn += list(rng.choice(here, size=min(per_class, len(here)), replace=False))
        kept = rng.permutation(drawn)
    return kept if limit is None else rng.permutation(kept)[:limit]


def digits(seed, per_class=None, limit=None):
    """1,437 images of scikit-learn's digits to train on, or some of them, and 360 to test on."""
    X, t = datasets.load_digits(return_X_y=True)
    cut = StratifiedShuffleSplit(1, test_size=360, train_size=1437, random_state=seed)
    ((train, test),) = cut.split(X, t)
    kept = train[few(t[train], seed, per_class, limit)]
    return X[kept] / 16.0, t[kept], X[test] / 16.0, t[test]


def rational(seed):
    """Outputs of a random rational network of four hidden layers at normal inputs."""
    rng, sizes, layers = np.random.default_rng([seed, 7]), (1, 16, 16, 16, 16, 1), []
    for l in range(5):
        W = rng.standard_normal((sizes[l] + 1, sizes[l + 1]))
        W[:-1] /= np.sqrt(sizes[l])
        layers.append((W, rng.standard_normal((3, sizes[l + 1]))))  # those of the last are unused

    def target(x):
        for W, (v, c, l) in layers[:-1]:
            z = x @ W[:-1] + W[-1]
            x = (l * z + (c + 2 * v * z) / (1 + z**2)) / np.sqrt(v**2 + c**2 + l**2)
        return x @ layers[-1][0][:-1] + layers[-1][0][-1]

    X = rng.standard_normal((50, 1))
    X_test = rng.standard_normal((1000, 1))
    return X, target(X), X_test, target(X_test)


# --- The battery ---------------------------------------------------------------------------------


def standard(X, t, X_test, t_test, targets=False):
    """All in units of the training samples: mean 0, spread 1."""

    def by(values, like):
        return (values - like.mean(axis=0)) / like.std(axis=0)

    X, X_test = by(X, X), by(X_test, X)
    return (X, by(t, t), X_test, by(t_test, t)) if targets else (X, t, X_test, t_test)


def generated(task, seed, samples=200, noise=None, turns=None, squares=None):
    """A generated task of the battery: training samples, then test samples of one generator."""
    rng, made = np.random.default_rng([seed, 2]), []
    for n in (samples, TEST):
        if task == "noise_regression":
            X, t = rng.standard_normal((n, 5)), rng.standard_normal(n)
        elif task == "noise_labels":
            X, t = rng.standard_normal((n, 5)), rng.integers(0, 2, n)
        elif task == "moons":
            X, t = datasets.make_moons(n, noise=noise, random_state=rng.integers(2**31))
        elif task == "circles":
            at = rng.integers(2**31)
            X, t = datasets.make_circles(n, factor=0.5, noise=0.1, random_state=at)
        elif task == "blobs":
            t = rng.integers(0, 4, n)
            X = np.column_stack([6.0 * (t // 2), 6.0 * (t % 2)]) + rng.standard_normal((n, 2))
        elif task == "spiral":
            t, radius = np.arange(n) % 2, np.sqrt(rng.uniform(0.02, 1, n))
            angle = 2 * np.pi * turns * radius + np.pi * t
            X = np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])
            X = X + 0.02 * rng.standard_normal((n, 2))
        elif task == "checkerboard":
            X = rng.uniform(0, squares, (n, 2))
            t = (X[:, 0].astype(int) + X[:, 1].astype(int)) % 2
        else:
            X = rng.uniform(0, 1, (n, 10))
            t = 10 * np.sin(np.pi * X[:, 0] * X[:, 1]) + 20 * (X[:, 2] - 0.5) ** 2
            t = t + 10 * X[:, 3] + 5 * X[:, 4] + rng.standard_normal(n)
        made += [X, t]
    if task in ("noise_regression", "friedman1"):
        made[1], made[3] = made[1][:, None], made[3][:, None]
    raw = task in ("noise_regression", "noise_labels", "blobs")
    return tuple(made) if raw else standard(*made, targets=task == "friedman1")


def folded(task, seed):
    """Real data: a fifth of a shuffle held out, another for each of five seeds in a row."""
    X, t = getattr(datasets, f"load_{task}")(return_X_y=True)
    order = np.random.default_rng([seed // 5, 3]).permutation(len(X))
    ends = np.cumsum([0] + [len(X) // 5 + (i < len(X) % 5) for i in range(5)])
    first, last = ends[seed % 5], ends[seed % 5 + 1]
    test, train = order[first:last], np.concatenate([order[:first], order[last:]])
    if task == "diabetes":
        t = t[:, None]
    if task == "digits":
        X = X / 8 - 1
    parts = X[train], t[train], X[test], t[test]
    return parts if task == "digits" else standard(*parts, targets=task == "diabetes")


def battery(task, seed, options):
    """Any task of the battery but MNIST."""
    if task == "readme_half_moons":
        return moons()
    if task == "readme_regression":
        return rational(seed)
    real = ("wine", "breast_cancer", "iris", "diabetes", "digits")
    if task == "friedman1":
        options = {"samples": 300} | options
    return folded(task, seed) if task in real else generated(task, seed, **options)


# --- On chance -----------------------------------------------------------------------------------


def of_chance(task, seed):
    """A draw of a task that rules are compared on."""
    rng = np.random.default_rng(seed)
    if task == "moons 0.3":
        X, t = datasets.make_moons(200, noise=0.3, random_state=seed)
        return X, t, *datasets.make_moons(1000, noise=0.3, random_state=seed + 10_000)
    if task == "friedman1":
        X, t = datasets.make_friedman1(1300, noise=1.0, random_state=seed)
        return standard(X[:300], t[:300, None], X[300:], t[300:, None], targets=True)
    X, X_test = rng.standard_normal((100, 5)), rng.standard_normal((1000, 5))
    if task == "noise":
        return X, rng.standard_normal((100, 1)), X_test, rng.standard_normal((1000, 1))
    t = rng.integers(0, 2, 100)
    return X, t, X_test, rng.integers(0, 2, 1000)
