"""Exercises of notebook 06, the lower bound."""

import numpy as np

from ..expansion.layer_score import delta_eta, delta_eta_bound, residual_gradient
from .exercise import Exercise, Mistake

ONE = np.eye(1)
BOARD_A_C = np.array([[-1.0, 1], [0, 1], [1, 1]])
BOARD_G_R = np.array([[1.0], [-2], [1]])
MIDDLE, ENDS = np.array([[0.0], [1], [0]]), np.array([[1.0], [0], [1]])


def both(a_p):
    """Bound and exact increase of a neuron a_p (3, 1) on the board."""
    bound = delta_eta_bound(a_p, BOARD_G_R, ONE)
    return bound, delta_eta(BOARD_A_C, a_p, BOARD_G_R, ONE)


def layer():
    """a_c (30, 4), a_p (30, 2), g (30, 3) and G (3, 3) of lesson 3."""
    rng = np.random.default_rng(6)
    a_c, a_p = rng.standard_normal((30, 4)), rng.standard_normal((30, 2))
    a_p = a_p + a_c[:, :2]
    g = rng.standard_normal((30, 3)) + a_c[:, :3] + a_p[:, :1] ** 2
    return a_c, a_p, g, np.array([[2.0, 1, 0], [1, 3, 1], [0, 1, 1]])


def after_regression():
    """Bound and exact increase of what is left of the two proposals of lesson 3."""
    a_c, a_p, g, G = layer()
    a_left = residual_gradient(a_c, a_p)
    bound = delta_eta_bound(a_left, residual_gradient(a_c, g), G)
    return bound, delta_eta(a_c, a_left, g, G)


def before_regression():
    """The same of the proposals as they are."""
    a_c, a_p, g, G = layer()
    return delta_eta_bound(a_p, residual_gradient(a_c, g), G), delta_eta(a_c, a_p, g, G)


def two_pairs(value):
    """What is wrong with two pairs of neurons: the first must bring less, the second more."""
    a_c, _, g, G = layer()
    told = []
    for (p, q), more in zip(value, (False, True), strict=True):
        p, q = (np.asarray(a, dtype=float).reshape(30, 1) for a in (p, q))
        apart = delta_eta(a_c, p, g, G) + delta_eta(a_c, q, g, G)
        excess = delta_eta(a_c, np.hstack([p, q]), g, G) - apart
        if not (excess > 1e-9 * apart if more else excess < -1e-9 * apart):
            which, what = ("second", "more") if more else ("first", "less")
            told.append(
                f"the {which} pair does not bring {what} together than apart ({excess:+.3g})"
            )
    return "; ".join(told)


def correlated(value):
    """What is wrong with (a_p, g_r, rho, bound): (N,) arrays, correlation and bound for G = 1."""
    a, g = (np.ravel(np.asarray(one, dtype=float)) for one in value[:2])
    if len(value) != 4 or not (a.any() and g.any()):
        return "four values are expected, and neither of the arrays may be 0 everywhere"
    rho = float(np.mean(a * g) / np.sqrt(np.mean(a**2) * np.mean(g**2)))
    bound = rho**2 * float(np.mean(g**2))
    faults = []
    if not np.isclose(value[2], rho, rtol=5e-3):
        centred = np.isclose(value[2], np.corrcoef(a, g)[0, 1], rtol=5e-3)
        means = "means are not taken out here" if centred else "it is E[a g] over both root means"
        faults.append(f"rho is not the uncentred correlation: {means}")
    if not np.isclose(value[3], bound, rtol=5e-3):
        faults.append("the bound is not rho^2 E[g_r^2]")
    return "; ".join(faults)


def shares_kept(x, residual, centred, sets=200):
    """Mean share of the best of 20 bumps that the best by the bound brings."""
    rng = np.random.default_rng(0)
    x_c = np.column_stack([x, np.ones(len(x))])
    found = []
    for _ in range(sets):
        places, scales = rng.normal(size=(2, 20))
        a = 1 / (1 + ((x[:, None] - places) / 10 ** (scales / 2)) ** 2)
        a = a - centred * a.mean(axis=0)
        left, along = residual_gradient(x_c, a), np.mean(a * residual[:, None], axis=0) ** 2
        truth = along / np.mean(left**2, axis=0)
        found.append(truth[np.argmax(along / np.mean(a**2, axis=0))] / truth.max())
    return float(np.mean(found))


def price_of_the_bound(value):
    """What is wrong with (x, residual, plain, centred): two mean shares, in (0, 1)."""
    x, residual = (np.ravel(np.asarray(one, dtype=float)) for one in value[:2])
    plain, centred = map(float, value[2:])
    if 1 < max(plain, centred) <= 100:
        return "these are percent; give shares of 1"
    if not centred > plain:
        return "centred proposals keep more: have the two changed places?"
    expected = shares_kept(x, residual, 0), shares_kept(x, residual, 1)
    faults = [
        f"{name}: {given:.2f} is far from what 200 other sets keep"
        for name, given, right in zip(
            ("as they are", "centred"), (plain, centred), expected, strict=True
        )
        if abs(given - right) > 0.06
    ]
    return "; ".join(faults)


EXERCISES = (
    Exercise(
        "06.1",
        "four numbers: bound and exact increase of (0, 1, 0), then those of (1, 0, 1)",
        (
            "For one neuron both are a squared mean divided by a mean square; they differ in what "
            "stands below.",
            "Below the bound stands E[a_p^2]; below the exact increase E of the square of what is "
            "left of a_p when a straight line is fitted to it. Above is E[a_p g_r]^2.",
        ),
        lambda: (*both(MIDDLE), *both(ENDS)),
        (
            Mistake(
                lambda: (*both(MIDDLE)[::-1], *both(ENDS)[::-1]),
                "bound and exact increase have changed places",
            ),
            Mistake(
                lambda: tuple(
                    delta_eta_bound(a, BOARD_G_R, ONE) for a in (MIDDLE, MIDDLE, ENDS, ENDS)
                ),
                "the bound is given for the exact increase: regress a_p on a_c first",
            ),
            Mistake(
                lambda: (*both(ENDS), *both(MIDDLE)),
                "the two neurons have changed places",
            ),
        ),
        samples=3,
    ),
    Exercise(
        "06.2",
        "two numbers: bound and exact increase of what is left of the two proposals of lesson 3",
        (
            "What does regression on a_c leave of the correlation with a_c, and what does (E9) say "
            "of neurons that are uncorrelated with a_c?",
            "Build the two columns a_p - a_c A_c^-1 A_cp and give them to delta_eta_bound with "
            "g_r, and to delta_eta.",
        ),
        after_regression,
        (
            Mistake(before_regression, "these are the scores of the proposals before regression"),
            Mistake(
                lambda: (before_regression()[0],) * 2,
                "this is the bound of the proposals before regression",
            ),
        ),
        samples=30,
    ),
    Exercise(
        "06.3",
        "two pairs ((p, q), (p, q)) of columns (30, 1) for lesson 3's layer: one that brings less "
        "together than apart, then one that brings more",
        (
            "Two neurons that say the same; and a neuron that is good but for something that "
            "another one could take away.",
            "For the second, take what is good, g_r's first column, add noise, and let the other "
            "neuron be that noise.",
        ),
        judge=two_pairs,
    ),
    Exercise(
        "06.4",
        "(a_p, g_r, rho, bound): a neuron's outputs (N,), the residual gradient (N,) and two "
        "numbers",
        (
            "Write the bound for k = 1: what are A_p and D?",
            "The bound is E[a_p g_r]^2 / E[a_p^2]; expand it by E[g_r^2].",
        ),
        judge=correlated,
    ),
    Exercise(
        "06.5",
        "(x, residual, plain, centred): lesson 8's data, and the mean share of the best exact "
        "increase that the best of 20 by the bound brings, as they are and centred",
        (
            "By which part of a neuron does the bound fall short, and which is the commonest?",
            "For each set: truth[argmax(bound)] / max(truth); then the mean over many sets.",
        ),
        judge=price_of_the_bound,
    ),
)
