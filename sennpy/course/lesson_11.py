"""Exercises of notebook 11, MNIST and beyond."""

import numpy as np

from .exercise import Exercise, Mistake


def conjugate_gradients(function):
    """What is wrong with a function (product, g, steps) that is to solve (F + delta I) n = g."""
    if not callable(function):
        return "asked for is a function: product, g, steps"
    rng = np.random.default_rng(0)
    root = rng.standard_normal((12, 12))
    F, g = root @ root.T / 12 + 0.5 * np.eye(12), rng.standard_normal(12)
    try:
        one, many = (np.asarray(function(lambda v: F @ v, g, steps)) for steps in (1, 12))
    except Exception as error:  # of the student's own code, whatever it is
        return f"it does not run: {type(error).__name__}: {error}"
    exact = np.linalg.solve(F, g)
    if many.shape != (12,):
        return f"it returns {many.shape}, expected (12,) for 12 unknowns"
    if np.allclose(many, -exact, atol=1e-6):
        return "the sign is turned round"
    if not np.allclose(many, exact, atol=1e-6 * np.abs(exact).max()):
        close = np.linalg.norm(F @ many - g) < 0.5 * np.linalg.norm(g)
        return "after 12 steps for 12 unknowns it is not exact" + (
            ": are the directions conjugate, or only the gradients?" if close else ""
        )
    if not np.allclose(one, g * (g @ g) / (g @ F @ g)):
        return "the first step is not the best along g"
    return ""


def stricter(value):
    """What is wrong with (strict, run): the first with alpha five times that of the second."""
    strict, run = value
    alphas = strict.history.looks[0].alpha, run.history.looks[0].alpha
    if not np.isclose(alphas[0], 5 * alphas[1]):
        return f"alpha is {alphas[0]:g} and {alphas[1]:g}: five times as large is asked for"
    if not sum(strict.hidden) < sum(run.hidden):
        return f"hidden layers {strict.hidden} and {run.hidden}: alpha asks more of each neuron"
    return ""


def share_found(run):
    """Mean share of the supremum that the candidates of a run bring."""
    measured = [c for look in run.history.looks for c in look.candidates if c.exact is not None]
    return float(np.mean([c.exact / c.supremum for c in measured]))


def searched(value):
    """What is wrong with (random, profile, shares): two runs and their shares of the supremum."""
    random, profile, shares = value
    if random.history.looks[0].proposer == profile.history.looks[0].proposer:
        return "both runs have the same proposer"
    right = share_found(random), share_found(profile)
    if np.allclose(shares, right[::-1], rtol=5e-3):
        return "the two shares have changed places"
    if not np.allclose(shares, right, rtol=5e-3):
        return "not the means of exact / supremum over all candidates with a score"
    return "" if right[0] < right[1] else "the search finds no more than chance: look again"


EXERCISES = (
    Exercise(
        "11.1",
        "two whole numbers: parameters that one more hidden neuron brings, and how many raise eta",
        (
            "Incoming weights with a bias, coefficients, outgoing weights.",
            "What goes out is 0 at the moment of the addition: which gradients are not?",
        ),
        lambda: (798, 10),
        (
            Mistake(lambda: (797, 10), "the bias is an input, too"),
            Mistake(lambda: (795, 10), "the neuron has three coefficients"),
            Mistake(
                lambda: (798, 798), "as long as its outgoing weights are 0, most of them sleep"
            ),
        ),
        rtol=1e-6,
    ),
    Exercise(
        "11.2",
        "your function (product, g, steps), which returns n (P,)",
        (
            "The residual g - (F + delta I) n falls along directions that are conjugate.",
            "The new direction is the new residual plus the old direction times the ratio of the "
            "residuals' squares.",
        ),
        judge=conjugate_gradients,
    ),
    Exercise(
        "11.3",
        "(strict, run): the run with alpha five times as large, and the one without",
        (
            "A larger share of lambda is asked of each neuron: what does not pass is not added.",
            "replace(rule, alpha=5 * rule.alpha) is an acceptance for grow.",
        ),
        judge=stricter,
    ),
    Exercise(
        "11.4",
        "(random, profile, shares): the two runs, and the mean share of the supremum that their "
        "candidates bring (2,)",
        (
            "The supremum is the same for both; what differs is what is found.",
            "Take the mean of exact / supremum over the candidates of all looks.",
        ),
        judge=searched,
    ),
)
