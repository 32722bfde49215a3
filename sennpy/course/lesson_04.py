"""Exercises of notebook 04, how to add."""

import numpy as np

from ..expansion.insertion import inserted_layer_delta_eta
from ..nn.mlp import MLP
from .exercise import Exercise, Mistake

W_Q, SHIFT = np.diag([2.0, 4.0]), np.ones(2)
U, BIAS = np.array([1.0, 2.0]), 3.0


def following():
    """u (2,) and the new bias behind the inserted layer of exercise 2."""
    u = np.linalg.solve(W_Q, U)
    return (*map(float, u), float(BIAS - SHIFT @ u))


def copied(value):
    """What is wrong with (net, split): a copy of a neuron, each with half of what goes out."""
    net, split = value
    if not (isinstance(net, MLP) and isinstance(split, MLP)):
        return f"given are {type(net).__name__} and {type(split).__name__}, expected two MLPs"
    if sum(split.sizes[1:-1]) != sum(net.sizes[1:-1]) + 1:
        return f"sizes {net.sizes} and {split.sizes}: one hidden neuron more is expected"
    X = np.random.default_rng(0).standard_normal((50, net.sizes[0]))
    if not np.allclose(split(X), net(X)):
        return (
            "the function does not stay: what goes out of neuron and copy must add up to what was"
        )
    ranks = [
        np.linalg.matrix_rank(one.jacobian(one.forward(X)).reshape(-1, one.num_parameters))
        for one in value
    ]
    if ranks[0] != ranks[1]:
        return f"the rank of J goes from {ranks[0]} to {ranks[1]}: this is not a copy"
    return ""


def relu_identity(value):
    """What is wrong with weights (2, 4) and (4, 2) around a ReLU that are to be the identity."""
    first, second = (np.asarray(one, dtype=float) for one in value)
    if first.shape != (2, 4) or second.shape != (4, 2):
        return f"shapes {first.shape} and {second.shape}, expected (2, 4) and (4, 2)"
    a = np.random.default_rng(0).standard_normal((20, 2))
    if np.allclose(np.maximum(a @ first, 0) @ second, a):
        return ""
    if np.allclose(np.maximum(a @ first, 0) @ second, np.abs(a)):
        return "this gives |a|: relu(z) - relu(-z) is z, relu(z) + relu(-z) is not"
    return "relu(a W1) W2 is not a"


def good_layer(value):
    """What is wrong with (linear, X, g_y, W_q): it must beat nine of ten random layers."""
    net, X, g_y, W_q = value
    a_c, n = np.column_stack([X, np.ones(len(X))]), np.shape(X)[1]
    if np.shape(W_q) != (n + 1, n):
        return f"W_q has shape {np.shape(W_q)}, expected {(n + 1, n)}: the shift is its last row"

    def increase(weights):
        metric = np.eye(net.sizes[-1])
        return inserted_layer_delta_eta(a_c, weights, net.weights[0], g_y, metric)

    rng = np.random.default_rng(0)
    others = [increase(rng.standard_normal((n + 1, n))) for _ in range(100)]
    own = increase(np.asarray(W_q, dtype=float))
    beaten = np.mean(own > np.array(others))
    told = f"it brings {own:.3g}, more than {beaten:.0%} of random layers of scale 1"
    return "" if beaten >= 0.9 else f"{told}; 90% are asked for"


EXERCISES = (
    Exercise(
        "04.1",
        "a pair (net, split): the network and the one with a neuron copied",
        (
            "A neuron is a column of the weights before it, one of the coefficients, and a row of "
            "the weights behind it.",
            "Repeat the columns, halve the row and repeat it; the bias, the last row, stays last.",
        ),
        judge=copied,
    ),
    Exercise(
        "04.2",
        "three numbers: u_1, u_2 and the new bias",
        (
            "Behind the new layer stands z = a W_q + shift, and it must give what a gave.",
            "u = W_q^-1 times the old weights; the bias gives back what the shift brings through "
            "u.",
        ),
        following,
        (
            Mistake(lambda: (*following()[:2], BIAS), "the shift moves the outputs; take it back"),
            Mistake(
                lambda: (*following()[:2], float(BIAS + SHIFT @ following()[:2])),
                "the shift is taken back with the wrong sign",
            ),
            Mistake(
                lambda: (*map(float, W_Q @ U), float(BIAS - SHIFT @ (W_Q @ U))),
                "u is W_q times the old weights: its inverse is needed",
            ),
        ),
        rtol=1e-6,
    ),
    Exercise(
        "04.3",
        "the pair of matrices (2, 4) and (4, 2) before and behind the ReLUs",
        (
            "Each number needs two ReLUs: one for when it is positive, one for when it is not.",
            "The first matrix holds I and -I side by side.",
        ),
        judge=relu_identity,
    ),
    Exercise(
        "04.4",
        "(linear, X, g_y, W_q): the network without hidden layer, its inputs and output gradients, "
        "and a W_q (n + 1, n) that brings more than nine of ten random ones of scale 1",
        (
            "What do phi_v and phi_c look like where z is small, and where it is huge?",
            "Draw many W_q, of several scales, and keep the best; what have they in common?",
        ),
        judge=good_layer,
    ),
)
