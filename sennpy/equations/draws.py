"""Random small cases, seeded."""

import numpy as np

from ..nn.activations import Rational, ReLU, Tanh
from ..nn.losses import SoftmaxCrossEntropy, SquaredError
from ..nn.mlp import MLP
from .case import Case, DoesNotApply, Problem


def random_case(rng):
    """A small random network, data, loss and proposal; draws are repeated until well-conditioned.

    Parameters
    ----------
    rng : numpy.random.Generator

    Returns
    -------
    Case
    """
    while True:
        problem = random_problem(rng)
        case = with_proposal(problem, random_place(problem.net, rng), rng)
        try:
            tolerances = [problem.tolerance_c, case.here.tolerance(case.here.a)]
            if case.place < len(problem.net.weights) - 1:
                layer, joint = case.receiver, np.hstack([case.receiver.a, case.a_p])
                tolerances += [layer.tolerance(joint), problem.tolerance(case.wider[1])]
        except DoesNotApply:
            continue
        if max(tolerances) < 1e-7:
            return case


def random_problem(rng):
    """A network of at most two hidden layers, with random targets."""
    depth = rng.choice(3, p=[0.05, 0.65, 0.3])
    sizes = [int(n) for n in rng.integers(1, 4, depth + 2)]
    activation = [Rational(), Tanh(), ReLU()][rng.choice(3, p=[0.8, 0.15, 0.05])]
    net, N = MLP.random(sizes, activation, rng), int(rng.integers(15, 40))
    X = rng.standard_normal((N, sizes[0]))
    if sizes[-1] > 1 and rng.random() < 0.4:
        return Problem(net, X, rng.integers(sizes[-1], size=N), SoftmaxCrossEntropy())
    return Problem(net, X, rng.standard_normal((N, sizes[-1])), SquaredError())


def random_place(net, rng):
    """Five times in six a hidden layer, if there is one, so that neurons can join it."""
    last = len(net.weights) - 1
    return int(rng.integers(last)) if last and rng.random() < 5 / 6 else last


def with_proposal(problem, place, rng):
    """A case with one or two random neurons, and a random layer, at a place."""
    net, n, k = problem.net, problem.net.sizes[place], int(rng.integers(1, 3))
    weights = rng.standard_normal((n + 1, k))
    coefficients = rng.standard_normal((net.activation.num_coefficients, k))
    U, V = (np.linalg.qr(rng.standard_normal((n, n)))[0] for _ in range(2))
    square = np.vstack([(U * rng.uniform(0.5, 2, n)) @ V, rng.standard_normal((1, n))])
    return Case(problem, place, weights, coefficients, square, int(rng.integers(2**32)))
