"""The register on a network and data of one's own."""

import numpy as np

from ..growth.place import LARGEST_VALUE, View
from ..growth.profile import ProfileSearch
from ..nn.losses import as_loss
from ..nn.mlp import as_network
from ..validation import as_array, as_count
from .by_hand import ACTIVATIONS
from .case import Case, Problem
from .register import REGISTER
from .results import evaluate
from .run import Report, find
from .strain import strains

SEARCH = ProfileSearch(candidates=100, refined=2, iterations=50)


def check(net, X, t, loss, which=None, seed=0):
    """Check the equations on a network and data, and say where assumptions are strained.

    Each equation is checked at every place where the network could grow, with the best neuron that
    a short search finds there, under the Euclidean metric.

    Parameters
    ----------
    net : MLP
    X : (N, n_in) array
    t : array
        Targets, as the loss takes them.
    loss : SquaredError or SoftmaxCrossEntropy
    which : sequence of str, optional
        Labels; all of them if not given.
    seed : int
        Of the search and of the random layers that are proposed.

    Returns
    -------
    Report
        Also what does not apply, and why; print it.

    Raises
    ------
    TypeError, ValueError
        If the data do not fit the network or the loss, their products would leave the range of
        floats, or the register has no such label.
    """
    net = as_network(net).astype(np.float64)
    if type(net.activation).__name__ not in ACTIVATIONS:
        raise TypeError(
            f"net has activation {net.activation!r}, expected {', '.join(ACTIVATIONS)}."
        )
    X, seed = as_array("X", X).astype(np.float64), as_count("seed", seed, at_least=0)
    with np.errstate(over="ignore", invalid="ignore"):
        trace = net.forward(X)
        given = {f"what_layer_{l}_is_given": a for l, a in enumerate(trace.inputs)}
        check_sizes(**given, the_output=trace.outputs)
        t = as_loss(loss).targets(trace.outputs, t)
        g_y = loss.gradient(trace.outputs, t)
        gradients = enumerate(net.backward(trace, g_y))
        check_sizes(**{f"the_gradient_at_layer_{l}": g for l, g in gradients})
    equations = [find(label) for label in which] if which else list(REGISTER.values())
    problem, rng = Problem(net, X, t, loss), np.random.default_rng(seed)
    cases = [proposal_at(problem, place, rng) for place in range(len(net.weights))]
    return Report(evaluate(equations, cases), strains(cases))


def check_sizes(**named):
    """Raise ValueError where products of such arrays (..., n) would leave the range of floats."""
    for name, values in named.items():
        sizes = np.abs(values).max(axis=0)
        wrong = ~(sizes < LARGEST_VALUE) | (sizes > 0) & (sizes < 1 / LARGEST_VALUE)
        if wrong.any():
            raise ValueError(
                f"{name.replace('_', ' ')} reaches {sizes[wrong][0]:.3g}, expected 0 or sizes from "
                f"{1 / LARGEST_VALUE:.0e} to {LARGEST_VALUE:.0e}, whose products are numbers; "
                "bring X and t to a scale of about one."
            )


def proposal_at(problem, place, rng):
    """A `Case` at a place, with the best neuron found there and a random orthogonal layer."""
    net, n = problem.net, problem.net.sizes[place]
    weights = rng.standard_normal((n + 1, 1))
    coefficients = rng.standard_normal((net.activation.num_coefficients, 1))
    if place < len(net.weights) - 1:
        view = View.of(net, problem.X, problem.t, problem.loss)
        found = SEARCH.neurons(view.place("neuron", place), rng=rng).operation
        weights, coefficients = found.weights, found.coefficients
    Q = np.linalg.qr(rng.standard_normal((n, n)))[0]
    square = np.vstack([Q, rng.standard_normal((1, n))])
    return Case(problem, place, weights, coefficients, square, int(rng.integers(2**32)))
