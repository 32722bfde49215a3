"""Exercises of notebook 07, Langevin proposals."""

import numpy as np

from .exercise import Exercise, Mistake

STEP = 0.5


def log_ratio(theta, new, r=STEP, proposal=1):
    """log of p(new) q(theta|new) / (p(theta) q(new|theta)) for p = N(0, 1); (E11)."""

    def log_q(to, at):
        return -((to - at * (1 - r)) ** 2) / (4 * r)

    there_and_back = log_q(theta, new) - log_q(new, theta)
    return (theta**2 - new**2) / 2 + proposal * there_and_back


def accepted(**how):
    """acc(0, 2) and acc(2, 0)."""
    return tuple(float(np.exp(min(0.0, log_ratio(*way, **how)))) for way in ((0, 2), (2, 0)))


def near_the_best_rate(value):
    """What is wrong with an acceptance rate at which walkers are said to get on best."""
    rate = float(value)
    if not 0 < rate < 1:
        return f"a rate lies between 0 and 1, this is {rate}"
    if rate > 0.9:
        return "nearly all is accepted: the steps are too short"
    return "" if rate > 0.4 else "too much is refused: the steps are too long"


P = np.array([1 / 2, 1 / 3, 1 / 6])  # of the three places


def one_way(value):
    """What is wrong with moves K (3, 3) that are to keep P, without detailed balance."""
    K = np.asarray(value, dtype=float)
    if K.shape != (3, 3):
        return f"its shape is {K.shape}, expected (3, 3): from place (row) to place"
    if K.min() < -1e-12 or not np.allclose(K.sum(axis=1), 1):
        return "a row holds the chances of where to go from a place: none below 0, and their sum 1"
    flow = P[:, None] * K
    if not np.allclose(P @ K, P):
        return f"it does not keep p: a crowd that stands as p says stands as {P @ K} after a step"
    if np.allclose(flow, flow.T, atol=1e-9):
        return "this is in detailed balance: as many go there as come back, between any two places"
    if np.linalg.matrix_power(K + np.eye(3), 3).min() <= 1e-12:
        return "it does not lead from every place to every other"
    return ""


EXERCISES = (
    Exercise(
        "07.1",
        "two numbers: acc(0, 2) and acc(2, 0)",
        (
            "(E11) has two ratios: of the densities, and of the suggestions there and back.",
            "From 0 the suggestion's mean is 0, from 2 it is 1; its variance is 2 r = 1.",
        ),
        accepted,
        (
            Mistake(
                lambda: accepted(proposal=0),
                "this is Metropolis for symmetric suggestions: q there and back is missing",
            ),
            Mistake(
                lambda: accepted(proposal=-1), "q there and back stand upside down in the ratio"
            ),
            Mistake(lambda: accepted()[::-1], "the two directions have changed places"),
            Mistake(
                lambda: (accepted()[0], float(np.exp(log_ratio(2, 0)))),
                "a probability is at most 1: take the minimum",
            ),
        ),
    ),
    Exercise(
        "07.2",
        "a number: the acceptance rate at which the mean squared distance of a step is largest",
        (
            "Tiny steps are always accepted, huge ones never; neither leads far.",
            "Run mala for several step sizes and square np.diff of the positions.",
        ),
        judge=near_the_best_rate,
    ),
    Exercise(
        "07.3",
        "an array (3, 3): from place (row) to place, the chance of that move",
        (
            "What must be so at each place for p to stay: how many leave it, and how many come?",
            "Take flows in detailed balance, and add a little all the way round, in one direction.",
        ),
        judge=one_way,
    ),
)
