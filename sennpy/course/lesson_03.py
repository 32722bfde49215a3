"""Exercises of notebook 03, the natural gradient and the score."""

import numpy as np
from sklearn.datasets import make_moons

from ..expansion.eta import projected_score
from ..nn.losses import SoftmaxCrossEntropy
from .exercise import Exercise, Mistake

LINE, G_Y = np.array([[-1.0, 1], [0, 1], [1, 1]]), np.array([1.0, 0, 0])
G_BOARD = np.array([-1.0, 1])  # g of the board's line in lesson 3
QUARTERS = np.diag([1, 1 / 4])  # the bias in quarters
POINTS, ERRORS = np.array([-1.0, 0, 1, 2]), np.array([1.0, 0, 2, -1])


def line():
    """g (2,), d* (2,), eta, lambda and the least loss of exercise 1."""
    F, g = LINE.T @ LINE / 3, LINE.T @ G_Y / 3
    d = np.linalg.solve(F, g)
    return g, d, float(g @ d), float(G_Y @ G_Y / 3), float(np.mean((G_Y - LINE @ d) ** 2) / 2)


def damped(F, g, delta):
    """g^T (F + delta I)^-1 g, a float."""
    return float(g @ np.linalg.solve(F + delta * np.eye(len(g)), g))


def in_both_units(delta=0.1):
    """The damped score of the board's line, and the same with the bias in quarters."""
    F, B = LINE.T @ LINE / 3, QUARTERS
    return damped(F, G_BOARD, delta), damped(B @ F @ B, B @ G_BOARD, delta)


def jacobian(f, p):
    """Columns df/dp (4, 3) by the complex step."""
    return np.stack([np.imag(f(p + 1e-200j * unit)) / 1e-200 for unit in np.eye(3)], axis=1)


def bump(p):
    """Outputs (4,) for p = (w, b, w_out)."""
    return p[2] / (1 + (p[0] * POINTS + p[1]) ** 2)


def same_by_logarithm(value):
    """What is wrong with the two Jacobians (4, 3): by w, and by psi = log w, at one network."""
    J, J_log = (np.asarray(one, dtype=float) for one in value)
    if J.shape != (4, 3) or J_log.shape != (4, 3):
        return f"shapes {J.shape} and {J_log.shape}, expected (4, 3): a row a sample"
    if not np.allclose(J[:, 1:], J_log[:, 1:], rtol=1e-6):
        return "the columns of b and w_out do not change with the units of w; yours differ"
    factor = J_log[:, 0] @ J[:, 0] / (J[:, 0] @ J[:, 0])
    if not np.allclose(J_log[:, 0], factor * J[:, 0], rtol=1e-6) or np.isclose(factor, 1):
        return "by the chain rule the first columns differ by the factor w, which these do not"
    return ""


def in_reach(net):
    """Eta and lambda of a classifier on lesson 6's half-moons."""
    X, labels = make_moons(200, noise=0.3, random_state=0)
    trace = net.forward(X)
    errors = SoftmaxCrossEntropy().gradient(trace.outputs, labels)
    return projected_score(net.jacobian(trace), errors), float((errors**2).sum() / len(X))


def stuck(value):
    """What is wrong with (one, two, eight, shares): three networks and eta / lambda of each."""
    *nets, shares = value
    widths = [net.sizes for net in nets]
    if widths != [(2, 1, 2), (2, 2, 2), (2, 8, 2)]:
        return f"sizes {widths}, expected one hidden layer of 1, 2 and 8"
    etas, lams = np.array([in_reach(net) for net in nets]).T
    if np.allclose(shares, etas, rtol=5e-3):
        return "these are the etas; asked for is the share of lambda"
    if np.allclose(shares, lams / etas, rtol=5e-3):
        return "upside down: it is eta over lambda"
    if not np.allclose(shares, etas / lams, rtol=5e-3):
        return "not eta / lambda of these networks: eta by projection, lambda the mean of |g_y|^2"
    if shares[0] > 0.01 or shares[0] > shares[2]:
        return "the narrowest has not done all it can yet: 200 natural steps at rate 0.3"
    return ""


EXERCISES = (
    Exercise(
        "03.1",
        "g (2,), d* (2,), eta, lambda, and the least loss; parameters in the order slope, bias",
        (
            "g = J^T g_y / N, F = diag(2/3, 1), d* = F^-1 g.",
            "Eta is g^T d*; lambda the mean of g_y^2. The loss is half of a mean square, and d* "
            "takes from lambda what eta says.",
        ),
        line,
        (
            Mistake(
                lambda: (*line()[:4], 2 * line()[4]),
                "the least loss is (lambda - eta) / 2: the half is missing",
            ),
            Mistake(
                lambda: (3 * line()[0], line()[1], 3 * line()[2], 3 * line()[3], 3 * line()[4]),
                "these are sums over the samples; g, eta, lambda and the loss are means",
            ),
            Mistake(
                lambda: (line()[0], line()[0], float(line()[0] @ line()[0]), *line()[3:]),
                "this is the plain gradient, with F left out",
            ),
        ),
        samples=3,
    ),
    Exercise(
        "03.2",
        "two numbers: the score damped by 0.1 of the board's line (g = (-1, 1)), and the same with "
        "the bias in quarters",
        (
            "F and g change with the units, delta I does not.",
            "With B = diag(1, 1/4) it is F -> B F B, g -> B g; then solve with delta I added.",
        ),
        in_both_units,
        (
            Mistake(lambda: in_both_units(0.0), "this is undamped, hence twice the same"),
            Mistake(
                lambda: (in_both_units()[0],) * 2,
                "the second is not the first: delta I does not change with the units",
            ),
            Mistake(lambda: in_both_units()[::-1], "the two have changed places"),
            Mistake(
                lambda: (
                    in_both_units()[0],
                    damped(
                        np.linalg.inv(QUARTERS) @ (LINE.T @ LINE / 3) @ np.linalg.inv(QUARTERS),
                        np.linalg.inv(QUARTERS) @ G_BOARD,
                        0.1,
                    ),
                ),
                "the units went the wrong way: a bias in quarters moves the outputs a quarter as "
                "far",
            ),
        ),
    ),
    Exercise(
        "03.3",
        "a pair of Jacobians (4, 3) at one network of your choice: by (w, b, w_out), then by "
        "(psi, b, w_out)",
        (
            "The complex step of both models, at parameters that mean the same network.",
            "At w the second has psi = log w; differentiate w_out / (1 + (exp(psi) x + b)^2).",
        ),
        judge=same_by_logarithm,
    ),
    Exercise(
        "03.4",
        "(one, two, eight, shares): the networks of 1, 2 and 8 neurons after 200 natural-gradient "
        "steps, and eta / lambda of each (3,)",
        (
            "Eta / lambda is the share of the error within reach.",
            "The output gradients are SoftmaxCrossEntropy().gradient(outputs, labels); eta is "
            "their projected_score with net.jacobian, lambda the mean of their squared lengths.",
        ),
        judge=stuck,
    ),
)
