"""Exercises of notebook 10, half-moons."""

import numpy as np

from .exercise import Exercise, Mistake


def bars_at_60(value):
    """What is wrong with (record, tau, layer_cost): the candidate before, and the two limits."""
    record, tau, cost = value
    ratio = record.score / record.eta_layer
    faults = []
    if not np.isclose(tau, ratio, rtol=1e-2):
        faults.append("tau: the score must exceed tau eta, so it passes below score / eta")
    if not np.isclose(cost, 5.0 * ratio, rtol=1e-2):
        faults.append("layer_cost: the score on record was divided by 5 already")
    return "; ".join(faults)


EXERCISES = (
    Exercise(
        "10.1",
        "(before, tau, layer_cost): the record, and the largest tau and layer cost to pass with",
        (
            "The record has the score and the eta that it is held against.",
            "The score is proportional to 1 / layer_cost.",
        ),
        judge=bars_at_60,
    ),
    Exercise(
        "10.2",
        "a word: is the network with max_width=2 worse on the test points, 'yes' or 'no'",
        (
            "Compare train_loss and test_loss of both runs.",
            "Look at the first two digits.",
        ),
        lambda: "no",
        (Mistake(lambda: "yes", "the training loss is higher; and the test loss?"),),
    ),
    Exercise(
        "10.3",
        "a word: which of 'relu', 'tanh' and 'rational' can be the identity, unit by unit",
        (
            "(E2) needs coefficients at which the activation is the identity.",
            "Give each to deepen and read what it says.",
        ),
        lambda: "rational",
        (
            Mistake(lambda: "relu", "two ReLUs together can; one alone cannot"),
            Mistake(lambda: "tanh", "tanh is nearly the identity near 0, and only nearly"),
        ),
    ),
    Exercise(
        "10.4",
        "a word: which threshold keeps the network a line where the noise is large, 'tau' or "
        "'alpha'",
        (
            "With much noise lambda is high; what share of it could a layer explain?",
            "Look at the reasons of the looks: which bar is missed in each?",
        ),
        lambda: "alpha",
        (Mistake(lambda: "tau", "eta falls towards 0 as the line trains, with any noise"),),
    ),
)
