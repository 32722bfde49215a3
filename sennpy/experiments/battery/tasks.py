"""The tasks of the battery: a function each, which gives what one draw of it is.

The settings that are measured here were chosen on draws with seeds 1000 to 1015; those that are
reported have seeds from 0. Generated tasks are tested on thousands of new samples. Of real data
seed s holds out fold s % 5 of a shuffle that s // 5 draws. Inputs, and the targets of a regression,
are standardised with the mean and the spread of the training samples; those called raw are not.
"""

from typing import NamedTuple

import numpy as np

from ...datasets import half_moons, mnist, random_rational
from ...datasets.subsets import Data
from ...nn.losses import Loss, SoftmaxCrossEntropy, SquaredError

CHOSEN_ON = range(1000, 1008)  # seeds of the draws on which the settings were chosen
FOLDS = 5
TEST_SAMPLES = 4000
INPUTS_OF_NOISE = 5
CENTRES = 6.0 * np.array([[0, 0], [0, 1], [1, 0], [1, 1]])


class Task(NamedTuple):
    """One draw of a task.

    Attributes
    ----------
    X, X_test : (N, n_in) arrays
    t, t_test : (N,) arrays of labels, or (N, m) arrays of targets
    loss : Loss
    """

    X: np.ndarray
    t: np.ndarray
    X_test: np.ndarray
    t_test: np.ndarray
    loss: Loss

    @property
    def outputs(self):
        """How many outputs a network for it has."""
        return self.t.shape[1] if self.t.ndim == 2 else int(self.t.max()) + 1


# --- What the tasks share ------------------------------------------------------------------------


def standardised(values, like):
    """Values with the mean and spread of `like` taken out; a constant column is only shifted."""
    spread = like.std(axis=0)
    return (values - like.mean(axis=0)) / np.where(spread > 0, spread, 1.0)


def classified(data, raw=False):
    """A `Task` of (X, t, X_test, t_test) with labels."""
    X, t, X_test, t_test = data
    if not raw:
        X, X_test = standardised(X, X), standardised(X_test, X)
    return Task(X, t, X_test, t_test, SoftmaxCrossEntropy())


def regressed(data, raw=False):
    """A `Task` of (X, t, X_test, t_test) with targets (N,) or (N, m)."""
    X, t, X_test, t_test = data
    t, t_test = t.reshape(len(t), -1), t_test.reshape(len(t_test), -1)
    if not raw:
        X, X_test = standardised(X, X), standardised(X_test, X)
        t, t_test = standardised(t, t), standardised(t_test, t)
    return Task(X, t, X_test, t_test, SquaredError())


def drawn(draw, samples, seed):
    """(X, t, X_test, t_test) of a function draw(samples, rng)."""
    rng = np.random.default_rng([seed, 2])
    return *draw(samples, rng), *draw(TEST_SAMPLES, rng)


def fold(seed, samples):
    """Indices of the training and of the test samples: fold seed % 5 of a shuffle by seed // 5."""
    shuffled = np.random.default_rng([seed // FOLDS, 3]).permutation(samples)
    parts = np.array_split(shuffled, FOLDS)
    held = parts.pop(seed % FOLDS)
    return np.concatenate(parts), held


def folded(name, seed):
    """(X, t, X_test, t_test) of one of scikit-learn's data sets."""
    from sklearn import datasets

    X, t = getattr(datasets, f"load_{name}")(return_X_y=True)
    train, test = fold(seed, len(X))
    return X[train], t[train], X[test], t[test]


# --- Generated -----------------------------------------------------------------------------------


def noise_regression(seed, samples):
    """Normal targets that have nothing to do with five normal inputs; raw."""

    def draw(number, rng):
        return rng.standard_normal((number, INPUTS_OF_NOISE)), rng.standard_normal(number)

    return regressed(drawn(draw, samples, seed), raw=True)


def noise_labels(seed, samples):
    """Two labels that have nothing to do with five normal inputs; raw."""

    def draw(number, rng):
        return rng.standard_normal((number, INPUTS_OF_NOISE)), rng.integers(0, 2, number)

    return classified(drawn(draw, samples, seed), raw=True)


def moons(seed, noise, samples=200):
    """Two interleaving half-circles."""
    from sklearn.datasets import make_moons

    def draw(number, rng):
        return make_moons(number, noise=noise, random_state=int(rng.integers(2**31)))

    return classified(drawn(draw, samples, seed))


def circles(seed, samples=200):
    """A circle within another of twice its radius, both with noise of a tenth of the larger."""
    from sklearn.datasets import make_circles

    def draw(number, rng):
        at = int(rng.integers(2**31))
        return make_circles(number, noise=0.1, factor=0.5, random_state=at)

    return classified(drawn(draw, samples, seed))


def blobs(seed, samples=200):
    """Four normal clouds at the corners of a square with sides of 6 standard deviations; raw."""

    def draw(number, rng):
        t = rng.integers(0, len(CENTRES), number)
        return CENTRES[t] + rng.standard_normal((number, 2)), t

    return classified(drawn(draw, samples, seed), raw=True)


def spiral(seed, turns, samples=200):
    """Two arms that wind around each other so many times."""
    return classified(drawn(lambda number, rng: spiral_points(number, turns, rng), samples, seed))


def spiral_points(samples, turns, rng, noise=0.02):
    """Points of two arms of radius up to 1, evenly over the disc, and which arm each is on."""
    t = np.arange(samples) % 2
    radius = np.sqrt(rng.uniform(0.02, 1, samples))
    angle = 2 * np.pi * turns * radius + np.pi * t
    X = radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return X + noise * rng.standard_normal(X.shape), t


def checkerboard(seed, squares, samples=200):
    """A board of squares x squares fields."""

    def draw(number, rng):
        return checkerboard_points(number, squares, rng)

    return classified(drawn(draw, samples, seed))


def checkerboard_points(samples, squares, rng):
    """Points of [0, squares]^2, and the colour of the field that each lies on."""
    X = rng.uniform(0, squares, (samples, 2))
    return X, np.floor(X).astype(int).sum(axis=1) % 2


def friedman1(seed, samples=300):
    """Friedman's first function of five of ten uniform inputs, with noise of variance 1."""

    def draw(number, rng):
        X = rng.uniform(0, 1, (number, 10))
        return X, friedman1_function(X) + rng.standard_normal(number)

    return regressed(drawn(draw, samples, seed))


def friedman1_function(X):
    """10 sin(pi x1 x2) + 20 (x3 - 1/2)^2 + 10 x4 + 5 x5."""
    bent = 10 * np.sin(np.pi * X[:, 0] * X[:, 1]) + 20 * (X[:, 2] - 0.5) ** 2
    return bent + 10 * X[:, 3] + 5 * X[:, 4]


# --- Real ----------------------------------------------------------------------------------------


def wine(seed):
    """178 wines of three growers, 13 analyses each."""
    return classified(folded("wine", seed))


def breast_cancer(seed):
    """569 tumours, 30 measurements each, benign or not."""
    return classified(folded("breast_cancer", seed))


def iris(seed):
    """150 flowers of three species, four lengths each."""
    return classified(folded("iris", seed))


def diabetes(seed):
    """442 patients, ten measurements each, and how their illness went on."""
    return regressed(folded("diabetes", seed))


def digits(seed):
    """1,797 scanned digits of 8 x 8 pixels in [-1, 1], not standardised."""
    X, t, X_test, t_test = folded("digits", seed)
    return classified((X / 8 - 1, t, X_test / 8 - 1, t_test), raw=True)


def small_mnist(seed, folder=None, samples=5000):
    """Some images of MNIST at 14 x 14 pixels in [0, 1], raw, with all of its test images."""
    data = mnist(folder, 14, limit=samples, rng=seed)
    X, X_test = data.X.astype(np.float64), data.X_test.astype(np.float64)
    return classified(Data(X, data.t, X_test, data.t_test), raw=True)


# --- Of the README -------------------------------------------------------------------------------


def readme_half_moons(seed):
    """The paper's split of the half-moons, the same for every seed; raw."""
    return classified(half_moons(), raw=True)


def readme_regression(seed):
    """Fifty points of a random function of one input, another for every seed; raw."""
    return regressed(random_rational(seed), raw=True)
