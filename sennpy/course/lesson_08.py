"""Exercises of notebook 08, when to add and when to stop."""

import numpy as np

from ..expansion.damped import damped_delta_eta, honest_increase
from ..expansion.decide import max_simultaneous_additions
from ..expansion.layer_score import delta_eta, residual_gradient
from .exercise import Exercise, Mistake

LAM, ALPHA, TAU, STEP = 27.0, 1.0, 2.0, 0.05


def stingy(eta):
    """How many additions the adversary of lesson 3 reaches from a score."""
    made = 0
    while eta + max(ALPHA, TAU * eta) * (1 + 1e-9) <= LAM:
        eta += max(ALPHA, TAU * eta) * (1 + 1e-9)
        made += 1
    return made


def theorem():
    """Theorem 3.1's number and the additions reached, from 0 and from 3."""
    bounds = (max_simultaneous_additions(LAM, ALPHA, TAU, eta_c=start) for start in (0.0, 3.0))
    from_0, from_3 = bounds
    return from_0, stingy(0.0), from_3, stingy(3.0)


def costs_of_pairs(value):
    """What is wrong with two sets of inputs (N, n): a pair dearer together, then one cheaper."""
    faults = []
    for inputs, dearer in zip(value, (True, False), strict=True):
        a = np.asarray(inputs, dtype=float)
        both = np.mean(residual_gradient(a[:, 2:], a[:, :2]).sum(axis=1) ** 2)
        rests = (np.delete(a, i, axis=1) for i in (0, 1))
        singly = sum(
            np.mean(residual_gradient(rest, a[:, [i]]) ** 2) for i, rest in enumerate(rests)
        )
        if not (both > singly * (1 + 1e-9) if dearer else both < singly * (1 - 1e-9)):
            which, what = ("first", "more") if dearer else ("second", "less")
            faults.append(
                f"in the {which} the pair costs {both:.3g} and the two singly {singly:.3g}, "
                f"expected {what} together"
            )
    return "; ".join(faults)


def bound_on_additions(function):
    """What is wrong with a function (L_0, L_inf, alpha) that bounds the number of additions."""
    if not callable(function):
        return "asked for is a function of L_0, L_inf and alpha"
    cases = ((2.0, 0.1, 0.05), (10.0, 1.0, 0.5))
    given = [float(function(*case)) for case in cases]
    right = [np.log(start / end) / -np.log1p(-alpha) for start, end, alpha in cases]
    if np.allclose(given, right, rtol=1e-6):
        return ""
    halves = [np.log(start / end) / -np.log1p(-alpha / 2) for start, end, alpha in cases]
    if np.allclose(given, halves, rtol=1e-6):
        return "an addition takes half of its increase from the loss, and lambda is twice the loss"
    linear = [np.log(start / end) / alpha for start, end, alpha in cases]
    if np.allclose(given, linear, rtol=1e-6):
        return (
            "alpha stands for -ln(1 - alpha): nearly right for small alpha, and a bound, but loose"
        )
    return "each addition multiplies the loss by less than 1 - alpha; how many until L_inf?"


def ridge_between(function):
    """What is wrong with a function (ins, new, g, G, ridge) -> (lower, upper)."""
    if not callable(function):
        return "asked for is a function (ins, new, g, G, ridge) that returns two bounds"
    rng, everyone = np.random.default_rng(0), np.ones(40, dtype=bool)
    ins, new, g = (rng.standard_normal((40, n)) for n in (4, 2, 3))
    root = rng.standard_normal((3, 3)) + 2 * np.eye(3)
    G, roots = root.T @ root, np.broadcast_to(root[:, None], (3, 40, 3))
    for ridge in (0.1, 1.0, 10.0):
        lower, upper = map(float, function(ins, new, g, G, ridge))
        damped, full = damped_delta_eta(ins, new, g, G, ridge), delta_eta(ins, new, g, G)
        mean = honest_increase(ins, new, g, roots, everyone, ridge=ridge).mean()
        if np.isclose(lower, full) and np.isclose(upper, damped):
            return "the bounds have changed places: damping cannot raise a score"
        if not lower <= mean * (1 + 1e-9) or not mean <= upper * (1 + 1e-9):
            return f"at ridge {ridge} the mean, {mean:.4g}, is not between {lower:.4g}, {upper:.4g}"
        if not np.isclose(lower, damped) or upper > full * (1 + 1e-9):
            return f"true at ridge {ridge}, but it can be said better: use both increases"
    return ""


def smaller(value):
    """What is wrong with (before, after, x, t): fewer hidden neurons at about the same loss."""
    before, after, x, t = value
    losses = [float(np.mean((net(x) - t) ** 2) / 2) for net in (before, after)]
    if not sum(after.sizes[1:-1]) < sum(before.sizes[1:-1]):
        return f"sizes {before.sizes} and {after.sizes}: it has not become smaller"
    if losses[1] > 1.2 * losses[0]:
        return f"the loss went from {losses[0]:.3g} to {losses[1]:.3g}: prune less, or train more"
    return ""


EXERCISES = (
    Exercise(
        "08.1",
        "four numbers: Theorem 3.1's bound on N_s and the additions that the adversary reaches "
        "from "
        "0, then both from 3",
        (
            "How many times does 1 + tau go into lambda / alpha, in factors?",
            "The theorem says N_s is *below* 1 + ln(lambda / alpha) / ln(1 + tau); from a score "
            "above alpha one factor less. The adversary adds just what passes: alpha, or tau eta.",
        ),
        theorem,
        (
            Mistake(
                lambda: (theorem()[0], theorem()[0], theorem()[2], theorem()[2]),
                "N_s is below the bound, so a whole number is not reached",
            ),
            Mistake(
                lambda: (np.log(LAM) / np.log(TAU) + 1, *theorem()[1:]),
                "a score is multiplied by 1 + tau at each addition, not by tau",
            ),
        ),
        rtol=1e-3,
    ),
    Exercise(
        "08.2",
        "a number: how many steps more the candidate needs if tau is four times as large (h = "
        "0.05)",
        (
            "To what part of itself must eta_c fall, and by which factor does a step multiply it?",
            "A step multiplies eta_c by (1 - h)^2.",
        ),
        lambda: float(np.log(4) / (-2 * np.log1p(-STEP))),
        (
            Mistake(
                lambda: float(np.log(4) / -np.log1p(-STEP)),
                "eta_c is a square: a step multiplies it by (1 - h)^2, not by 1 - h",
            ),
        ),
        rtol=0.04,
    ),
    Exercise(
        "08.3",
        "two arrays (N, n) of inputs, of which columns 0 and 1 are removed: first one where the "
        "pair "
        "costs more than the two singly, then one where it costs less",
        (
            "Two neurons that do the same; two that work against each other.",
            "Take q and q + a little; then q and -q + a little; weights 1.",
        ),
        judge=costs_of_pairs,
    ),
    Exercise(
        "08.4",
        "your function (L_0, L_inf, alpha) -> the bound",
        (
            "Trained, eta_c = 0: the loss falls by half of the increase.",
            "Below (1 - alpha)^n L_0 after n additions, and never below L_inf.",
        ),
        judge=bound_on_additions,
    ),
    Exercise(
        "08.5",
        "two numbers: the nats that a fixed neuron gains in the sample in the mean, for N = 60 and "
        "for N = 600",
        (
            "One direction of N noisy ones: which part of lambda does it explain?",
            "N / (2 sigma^2) times lambda / (N - n_c), with sigma^2 = N lambda / (N - n_c).",
        ),
        lambda: (0.5, 0.5),
        (
            Mistake(lambda: (1.0, 1.0), "a nat is what Akaike asks for; less is gained"),
            Mistake(lambda: (0.5, 5.0), "put sigma^2 in, and look where N is left"),
            Mistake(lambda: (0.5, 0.05), "the share falls like 1/N, but the sample is N times one"),
        ),
    ),
    Exercise(
        "08.6",
        "your function (ins, new, g, G, ridge) that returns the two numbers between which the mean "
        "lies, the smaller one first",
        (
            "What does a ridge do to a step, and can any step bring more than the full one?",
            "A damped step s brings s^T R s more than the damped increase counts.",
        ),
        judge=ridge_between,
    ),
    Exercise(
        "08.7",
        "(before, after, x, t): the network of lesson 7, what has become of it, and the data",
        (
            "Think of a neuron whose worth is just at the threshold, while the network turns: what "
            "was just added must not be removed at once.",
            "price gives the costs, prune(net, 0, j, x) removes and lets the others take over; "
            "train, then let SENN add again.",
        ),
        judge=smaller,
    ),
)
