"""Exercises of notebook 01, backpropagation by hand."""

import numpy as np

from ..nn.losses import SoftmaxCrossEntropy
from ..nn.mlp import MLP
from .answer import agree, as_given, slip
from .exercise import Exercise, Mistake

X, T = np.array([-1.0, 0, 1]), np.array([0.0, 1, 1])


def odd_neuron():
    """y, sigma'(z), dL/dw and dL/db of exercise 1."""
    y, slope = 2 * X / (1 + X**2), 2 * (1 - X**2) / (1 + X**2) ** 2
    g = (y - T) * slope
    return y, slope, float(np.mean(g * X)), float(np.mean(g))


def without_slope():
    """The same with the gradient at the output taken for the one at the pre-activation."""
    y, slope, *_ = odd_neuron()
    return y, slope, float(np.mean((y - T) * X)), float(np.mean(y - T))


def softmax_derivatives():
    """Gradient (3,) and Hessian (3, 3) of the cross-entropy of exercise 2."""
    p = np.array([1, 2, 3]) / 6
    return p - [1, 0, 0], np.diag(p) - np.outer(p, p)


def true_product(net, d):
    """H d (P,) of the cross-entropy on lesson 7's half-moons, by the complex step."""
    from sklearn.datasets import make_moons

    points, t = make_moons(200, noise=0.3, random_state=0)
    moved = net.replace(net.parameters + 1e-200j * d)
    trace = moved.forward(points)
    gradient = moved.vjp(trace, SoftmaxCrossEntropy().gradient(trace.outputs, t)) / len(points)
    return gradient.imag / 1e-200


def hessian_product(function):
    """What is wrong with a function (net, d) -> H d for the half-moons of lesson 7."""
    if not callable(function):
        return "asked for is a function, hessian_product itself and not what it returns"
    net, rng = MLP.random((2, 8, 8, 2), rng=7), np.random.default_rng(0)
    d = rng.standard_normal(net.num_parameters)
    try:
        given = as_given(function(net, d))
    except Exception as error:  # of the student's own code, whatever it is
        return f"it does not run on an MLP of sizes {net.sizes}: {type(error).__name__}: {error}"
    if given.dtype.kind != "f":
        return f"it returns {given.dtype}, expected real numbers: the imaginary part over h"
    answer = true_product(net, d)
    if agree(given, answer, 1e-9):
        return ""
    if agree(given, answer, 1e-3):
        return "it is nearly right: a difference quotient? The complex step is exact"
    return slip(given, answer, 200, 1e-6) or "it is not H d, held against the library's gradient"


EXERCISES = (
    Exercise(
        "01.1",
        "y (3,), sigma'(z) (3,), dL/dw, dL/db",
        (
            "sigma is the odd wave: where are its extremes, and what is its slope there?",
            "The gradient at z is (y - t) sigma'(z); at an extreme it is 0, whatever the error. "
            "Then take the means of g x and of g.",
        ),
        odd_neuron,
        (
            Mistake(without_slope, "sigma'(z) is missing from the gradients of w and b"),
            Mistake(
                lambda: (*odd_neuron()[:2], *(3 * g for g in odd_neuron()[2:])),
                "dL/dw and dL/db are sums over the samples; L is a mean",
            ),
        ),
        samples=3,
    ),
    Exercise(
        "01.2",
        "the gradient (3,) and the Hessian (3, 3) at y = (0, log 2, log 3), t = 0",
        (
            "Differentiate log sum exp: what is its gradient called?",
            "d p_i / d y_j is p_i (1 - p_i) on the diagonal, and what elsewhere?",
        ),
        softmax_derivatives,
        (
            Mistake(
                lambda: (-softmax_derivatives()[0], softmax_derivatives()[1]),
                "the gradient points the wrong way: the loss rises with the other outputs",
            ),
            Mistake(
                lambda: (softmax_derivatives()[0], np.diag(np.array([1, 2, 3]) / 6)),
                "the Hessian lacks what one probability does to another: p p^T",
            ),
        ),
    ),
    Exercise(
        "01.3",
        "your function hessian_product(net, d), which returns (P,)",
        (
            "A gradient is a function of the parameters like any other, of complex ones too.",
            "Give net.replace a complex vector, take the gradient there, and of that the imaginary "
            "part over h.",
        ),
        judge=hessian_product,
    ),
    Exercise(
        "01.4",
        "three numbers at the kink of relu(b): the quotient from the left, from the right, and "
        "what "
        "vjp gives",
        (
            "The two quotients are those of two straight lines.",
            "Take a difference of 1e-6 on each side of b = 0; for vjp build the network of one "
            "hidden ReLU and put the sample on its kink.",
        ),
        lambda: (0.0, 1.0, 0.0),
        (
            Mistake(lambda: (1.0, 0.0, 0.0), "left and right have changed places"),
            Mistake(lambda: (0.0, 1.0, 0.5), "vjp chooses no middle way here: look again"),
        ),
    ),
)
