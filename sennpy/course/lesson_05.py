"""Exercises of notebook 05, Kronecker factors."""

import numpy as np

from ..curvature.fisher import fisher
from ..curvature.kfac import kronecker_factors
from ..expansion.layer_score import layer_score
from .exercise import Exercise, Mistake

A_ROWS, SQUARES = np.array([[1.0, 1.0], [-1.0, 1.0]]), np.array([1.0, 4.0])


def two_samples():
    """F (2, 2), A (2, 2) and G of exercise 1."""
    F = np.einsum("n,ni,nj->ij", SQUARES, A_ROWS, A_ROWS) / 2
    return F, A_ROWS.T @ A_ROWS / 2, float(SQUARES.mean())


def counts(n_in=785, n_out=100):
    """Numbers in the block of the first layer, and in A and G together."""
    return (n_in * n_out) ** 2, n_in**2 + n_out**2


def explained(value):
    """What is wrong with (a, g_y, eta): inputs (N, n), gradients (N, 1) and the layer's score."""
    a, g, eta = np.asarray(value[0], float), np.asarray(value[1], float), float(value[2])
    g = g.reshape(len(a), 1)
    left = g - a @ np.linalg.lstsq(a, g, rcond=None)[0]
    total, unexplained = float(np.mean(g**2)), float(np.mean(left**2))
    if np.isclose(eta, total - unexplained, rtol=1e-3):
        return ""
    if np.isclose(eta, unexplained, rtol=1e-3):
        return "this is what the inputs do not explain; the score is what they do"
    if np.isclose(eta, len(a) * (total - unexplained), rtol=1e-3):
        return "this is a sum over the samples; the score is a mean"
    centred = float(g.var() - left.var())
    if np.isclose(eta, centred, rtol=1e-3):
        return "g_y was centred first: the score counts its mean, too"
    return "eta is not E[g^2] less the mean square of what the fit leaves"


def bent(value):
    """What is wrong with (net, X, g_y, error, ratio) for layer 0 of a gently bent network."""
    net, X, g_y, error, ratio = value
    if not np.allclose(net.coefficients[0], [[0.1], [0.1], [1.0]]):
        return "the coefficients (v, c, l) of the network are to be (0.1, 0.1, 1) in each neuron"
    trace, (A, G, _) = net.forward(X), kronecker_factors(net, X)[0]
    a, g, size = trace.inputs[0], net.backward(trace, g_y)[0], len(A) * len(G)
    block, C = fisher(net, X)[:size, :size], (a.T @ g / len(a)).ravel()
    norm = np.linalg.norm(block)
    off = np.linalg.norm(block - np.kron(A, G)) / norm
    times = layer_score(a, g, G) / (C @ np.linalg.pinv(block) @ C)
    faults = []
    if np.isclose(error, off * norm, rtol=5e-3):
        faults.append("the error is absolute; divide by the norm of the block")
    elif not np.isclose(error, off, rtol=5e-3):
        faults.append("the error is not |F_0 - A (x) G| / |F_0|")
    if np.isclose(ratio, 1 / times, rtol=5e-3):
        faults.append("the ratio is upside down")
    elif not np.isclose(ratio, times, rtol=5e-3):
        faults.append("the ratio is not the score with A (x) G over that with the block")
    return "; ".join(faults)


EXERCISES = (
    Exercise(
        "05.1",
        "F (2, 2), A (2, 2) and G (a number)",
        (
            "F is the mean of g^2 a a^T, A that of a a^T, G that of g^2.",
            "Write both a a^T down; they differ in the sign of what is off the diagonal.",
        ),
        two_samples,
        (
            Mistake(
                lambda: (2 * two_samples()[0], 2 * two_samples()[1], 2 * two_samples()[2]),
                "these are sums over the two samples; means are asked for",
            ),
            Mistake(
                lambda: (two_samples()[2] * two_samples()[1], *two_samples()[1:]),
                "this F is A (x) G; the true one is the mean of g^2 a a^T",
            ),
            Mistake(
                lambda: (*two_samples()[:2], 2.25),
                "G is the mean of the squares, not the square of the mean",
            ),
        ),
        samples=2,
    ),
    Exercise(
        "05.2",
        "two whole numbers: of numbers in the block, and of numbers in A and G together",
        (
            "A layer's inputs include the bias.",
            "The block is a square matrix with a row for each weight; A has one for each input, G "
            "one for each output.",
        ),
        counts,
        (
            Mistake(lambda: counts(784), "the bias is an input, too"),
            Mistake(
                lambda: (785 * 100, counts()[1]),
                "that is how many weights there are; the block is their square",
            ),
        ),
        rtol=1e-6,
    ),
    Exercise(
        "05.3",
        "the order (9,): where the entries of the block stand when they are listed column by "
        "column",
        (
            "The block's parameters are those of a (3, 3) matrix, row by row: 0, 1, 2 are its "
            "first "
            "row.",
            "Reshape arange(9) to (3, 3) and read it the other way.",
        ),
        lambda: np.arange(9).reshape(3, 3).T.ravel(),
        (Mistake(lambda: np.arange(9), "this lists them row by row, as they are"),),
        rtol=1e-9,
    ),
    Exercise(
        "05.4",
        "(a, g_y, eta): inputs (N, n) with the constant among them, gradients (N, 1), the score",
        (
            "With one output and the Euclidean metric G = 1.",
            "Split g_y into its least-squares fit and the rest; their mean squares add up.",
        ),
        judge=explained,
    ),
    Exercise(
        "05.5",
        "(bent, X, g_y, error, ratio) at b = 0.1: the network, inputs and output gradients, the "
        "relative error of A (x) G in layer 0, and its score over that of the block",
        (
            "A score contains an inverse. Which eigenvalues does that make large?",
            "The block's score is C^T F_0^+ C with C = E[a g^T] as one vector, row by row; the "
            "other one is layer_score.",
        ),
        judge=bent,
    ),
)
