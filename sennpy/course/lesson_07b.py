"""Exercises of notebook 07b, closed form, the released kernel, and twins."""

import numpy as np

from .exercise import Exercise, Mistake


def released(r=1.0):
    """V of the released kernel's suggestions, and the variance that its acceptance makes of it."""
    V = (2 - r) / (2 - r + r**2 / 2)
    return V, 1 / (1 / V + 2)


def fitted(columns, residual):
    """What columns (N, k) explain of a residual (N, 1)."""
    return columns @ np.linalg.lstsq(columns, residual, rcond=None)[0]


def pair_below_limit(value):
    """What is wrong with (shapes, residual, singles, limit) of exercise 2."""
    shapes, residual = np.asarray(value[0], float), np.asarray(value[1], float).reshape(-1, 1)
    if shapes.shape != (len(residual), 6):
        return f"the shapes are {shapes.shape}, expected (N, 6): three for each neuron"
    limit = float(np.mean(fitted(shapes, residual) ** 2))
    if not np.isclose(value[3], limit, rtol=5e-3):
        return "the limit is not the mean square of the fit of the residual by all six shapes"
    best = np.column_stack([fitted(shapes[:, :3], residual), fitted(shapes[:, 3:], residual)])
    if np.isclose(value[2], np.mean(best**2, axis=0).sum(), rtol=5e-3):
        return "these are the singles added up: what they have in common is counted twice"
    if not np.isclose(value[2], np.mean(fitted(best, residual) ** 2), rtol=5e-3):
        return "not the bound of the two best singles together: each is fitted alone, then both"
    return ""


def hot_and_cold(value):
    """What is wrong with (place, hot, cold): changes that walkers at a high and a low T found."""
    place, hot, cold = value
    if min(len(hot), len(cold)) < 3:
        return "a few seeds at least: three changes of each"
    shares = [np.mean([one.measured(place).bound for one in found]) for found in (hot, cold)]
    hotter, colder = np.array(shares) / place.supremum
    if hotter < colder:
        return ""
    return f"the hot walkers found {hotter:.0%} of the supremum, the cold ones {colder:.0%}"


EXERCISES = (
    Exercise(
        "07b.1",
        "two numbers: V of the suggestions at r = 1, and the variance of the kernel without a "
        "score",
        (
            "What are the suggestions alone in balance with, and what does the acceptance do to "
            "it?",
            "Precisions add: that of the suggestions, and that of the prior counted twice.",
        ),
        released,
        (
            Mistake(
                lambda: (released()[0], 1 / (1 / released()[0] + 1)),
                "the prior enters twice, once from either side of the ratio",
            ),
            Mistake(lambda: (released()[0],) * 2, "the acceptance changes the variance"),
        ),
    ),
    Exercise(
        "07b.2",
        "(shapes, residual, singles, limit): the six shapes (N, 6), the residual (N,), the bound "
        "of "
        "the two best singles together, and the limit",
        (
            "At given weights the outputs of a pair lie in the span of six functions.",
            "The limit is what a least-squares fit of the residual by all six explains.",
        ),
        judge=pair_below_limit,
    ),
    Exercise(
        "07b.3",
        "(place, hot, cold): a place, and two lists of what MalaSearch finds there from three "
        "seeds or more, at a high temperature and at a low one",
        (
            "What does the acceptance ask for when T is large?",
            "MalaSearch(temperature=T).neurons(place, rng=seed) is a change; the checker measures.",
        ),
        judge=hot_and_cold,
    ),
)
