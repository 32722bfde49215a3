"""Exercises of notebook 02, the Fisher matrix."""

import numpy as np
from sklearn.datasets import make_moons

from ..curvature.fisher import fisher
from ..nn.losses import SoftmaxCrossEntropy
from .exercise import Exercise, Mistake

X = np.array([-1.0, 0, 1])
LINE = np.stack([X, np.ones(3)], axis=1)
SHIFTED = np.stack([X + 10, np.ones(3)], axis=1)
BUMP = np.array([[-0.5, 0.5, 0.5], [0, 0, 1], [-0.5, -0.5, 0.5]])  # J of lesson 1


def line():
    """F (2, 2) of the line, its Hessian (2, 2), and the condition number when x is shifted."""
    F = LINE.T @ LINE / 3
    return F, F, float(np.linalg.cond(SHIFTED.T @ SHIFTED / 3))


def trusted(value):
    """What is wrong with (net, ratio, wrong): tr F_empirical / tr F_true with either labels."""
    net, *ratios = value
    X, labels = make_moons(200, noise=0.3, random_state=0)
    loss, told = SoftmaxCrossEntropy(), ("with the right labels", "with the wrong labels")
    true = fisher(net, X, "true", loss).trace()
    faults = []
    for ratio, given, name in zip(ratios, (labels, 1 - labels), told, strict=True):
        expected = fisher(net, X, "empirical", loss, given).trace() / true
        if np.isclose(ratio, 1 / expected, rtol=5e-3) and not np.isclose(ratio, expected, 5e-3):
            faults.append(f"{name}: upside down, it is the empirical over the true trace")
        elif not np.isclose(ratio, expected, rtol=5e-3):
            faults.append(f"{name}: not the ratio of the two traces of this network")
        elif given is labels and abs(np.log(expected)) > 0.3:
            faults.append("the two are not close yet: has it been trained long enough?")
    return "; ".join(faults)


def noisy():
    """The true Fisher matrices (3, 3) for noise of standard deviation 1 and 2."""
    F = BUMP.T @ BUMP / 3
    return F, F / 4


EXERCISES = (
    Exercise(
        "02.1",
        "F (2, 2), the Hessian (2, 2), and the condition number of F when all x are shifted by 10; "
        "parameters in the order w, b",
        (
            "Row n of J is (x_n, 1). Does it depend on w and b?",
            "F is the mean of (x, 1)(x, 1)^T. J is constant, so the Hessian has no second term.",
        ),
        line,
        (
            Mistake(
                lambda: (3 * line()[0], 3 * line()[1], line()[2]),
                "F is a mean over the samples, this is the sum",
            ),
            Mistake(
                lambda: (*(F[::-1, ::-1] for F in line()[:2]), line()[2]),
                "w and b have changed places",
            ),
            Mistake(
                lambda: (*line()[:2], line()[2] ** 0.5),
                "this is the condition number of J: F has its square",
            ),
        ),
        samples=3,
    ),
    Exercise(
        "02.2",
        "the true Fisher matrices (3, 3) of lesson 1's bump for noise of standard deviation 1, "
        "then "
        "2; exactly, not by draws",
        (
            "The output gradient at t = y + noise is minus the noise over its variance. What is "
            "the "
            "mean of its square?",
            "M = sd^2 / sd^4 for each sample; F = J^T M J / N.",
        ),
        noisy,
        (
            Mistake(lambda: (noisy()[0],) * 2, "more noise says less about the parameters"),
            Mistake(
                lambda: (noisy()[0], 4 * noisy()[0]),
                "upside down: the noisier counts less",
            ),
            Mistake(
                lambda: (noisy()[0], noisy()[0] / 2),
                "the variance of the noise matters, not its standard deviation",
            ),
        ),
        samples=3,
    ),
    Exercise(
        "02.3",
        "four whole numbers: how many steps the softmax does not see, how many are lengths of "
        "(v, c, l), how many come from sums of linear functions, and all together",
        (
            "Count for each neuron: a softmax does not see what both outputs have in common; a "
            "neuron's (v, c, l) has a length that changes nothing.",
            "Six neurons and a bias feed the outputs. For the third cause: each neuron holds a "
            "linear function of (x1, x2), the outputs a constant; how many of seven linear "
            "functions are independent of each other?",
        ),
        lambda: (7, 6, 4, 17),
        (
            Mistake(lambda: (6, 6, 4, 16), "the biases of the outputs rise together, too"),
            Mistake(
                lambda: (7, 6, 5, 18),
                "of seven linear functions of (x1, x2, 1) three are independent, not two",
            ),
        ),
        rtol=1e-9,
    ),
    Exercise(
        "02.4",
        "(net, ratio, wrong): the trained network, the trace of the empirical Fisher matrix over "
        "that of the true one, and the same with the wrong labels",
        (
            "Which of the two matrices is made from the data's own targets, and which is not?",
            "Take fisher of both kinds at the same network; 1 - labels goes to the empirical one.",
        ),
        judge=trusted,
    ),
)
