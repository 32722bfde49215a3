"""Exercises of notebook 14, noise and overfitting."""

import numpy as np

from .exercise import Exercise

DRAWS = 16  # of exercise 3


def best_of(value):
    """What is wrong with (shares, of_100, of_all): what the best of 100 explains, and of all."""
    shares, of_100, of_all = np.asarray(value[0], float), float(value[1]), float(value[2])
    if shares.ndim != 1 or len(shares) < 1000 or len(shares) % 100:
        return f"the shares are {shares.shape}, expected (10000,): one a neuron"
    if not np.isclose(of_all, shares.max(), rtol=5e-3):
        if np.isclose(of_all, shares.mean(), rtol=5e-3):
            return "that is what a neuron explains that nobody chose: a mean, not the best"
        return "the last number is not the largest of all shares"
    best = shares.reshape(-1, 100).max(axis=1)
    if np.isclose(of_100, shares.max(), rtol=5e-3):
        return "the best of the hundred bests is the best of all: take their mean"
    if np.isclose(of_100, shares[:100].max(), rtol=5e-3):
        return "that is one hundred of a hundred: take the mean over all of them"
    if np.isclose(of_100, best.mean(), rtol=5e-3):
        return ""
    return "the second number is not the mean, over hundreds, of the largest share of each"


def lost(value):
    """What is wrong with (few, many): mean gains on new samples, found on 30 and on 100."""
    few, many = (float(gain) for gain in value)
    if not np.isfinite([few, many]).all():
        return "these are no numbers"
    if few > 0 or many > 0:
        return "on noise new samples lose: is a gain above 0 that on the samples of the search?"
    if few > many:
        return "the two have changed places, or so few draws were taken that chance decides"
    if few > 1.5 * many:
        return "the difference is larger: take a hundred draws, and the same new samples for both"
    return ""


def added(value):
    """What is wrong with two counts, of 16 draws of noise: additions by one split, by all folds."""
    one_split, all_folds = (float(count) for count in value)
    if not all(count in range(DRAWS + 1) for count in (one_split, all_folds)):
        return f"asked for are two whole numbers from 0 to {DRAWS}"
    if one_split < all_folds:
        return "the two have changed places, or the judges have"
    if all_folds > 2:
        return "the honest look says yes hardly ever on noise: are the targets noise alone?"
    return "" if one_split > all_folds else "a single split says yes more often than that"


def from_where_it_grows(rows):
    """What is wrong with rows (noise, points, hidden): where the default grows and where not."""
    rows = [tuple(float(number) for number in row) for row in rows]
    if not rows or any(len(row) != 3 for row in rows):
        return "asked for are rows of three numbers: noise, points, hidden neurons"
    noises = sorted({noise for noise, *_ in rows})
    if not {0.1, 0.2, 0.4} <= set(noises):
        return f"asked for are the noises 0.1, 0.2 and 0.4, there are {noises}"
    for noise in noises:
        grown = [points for level, points, hidden in rows if level == noise and hidden > 0]
        still = [points for level, points, hidden in rows if level == noise and hidden == 0]
        if not still:
            return f"at noise {noise} it grows wherever you looked: take fewer points"
        if not grown:
            return f"at noise {noise} it grows nowhere where you looked: take more points"
        if max(still) > max(grown):
            return f"at noise {noise} nothing grows with the most points: take more, look again"
    return ""


EXERCISES = (
    Exercise(
        "14.1",
        "(shares, of_100, of_all): the shares (10000,), the mean over the hundreds of the best of "
        "each, and the best of all",
        (
            "Nobody chose a neuron by its mean share.",
            "Reshape to a hundred rows of a hundred, take the largest of each row, then their "
            "mean.",
        ),
        judge=best_of,
    ),
    Exercise(
        "14.2",
        "(few, many): two numbers, the mean gain on new samples of what was found on 30 samples, "
        "and of what was found on 100",
        (
            "How long is the step that a fit to noise takes, and where does it lead?",
            "Write both_gains with ones[:N] where it has ones; give it a[:N] and noise of N. Its "
            "second number, in the mean over a hundred draws.",
        ),
        judge=lost,
    ),
    Exercise(
        "14.3",
        "two whole numbers, of 16 draws: additions by a single split, and by the honest look",
        (
            "Which of the two means is over more samples?",
            "asked of lesson 5 with the rule and the proposer exchanged; count verdict.passes.",
        ),
        judge=added,
    ),
    Exercise(
        "14.4",
        "rows (noise, points, hidden neurons) with the noises 0.1, 0.2 and 0.4, for each also a "
        "number of points at which nothing grows",
        (
            "Double the number of points until it grows; begin with very few.",
            "moons_run shows how: draw, fit with Settings() from (2, 2), and sum the hidden sizes.",
        ),
        judge=from_where_it_grows,
    ),
)
