"""When to add: the thresholds while a layer trains, and the adversary of Theorem 3.1."""

from ..validation import as_count, as_number
from .fragment import Explorable


def decision_plane(eta, rest, gains, h=0.05, tau=1.0, alpha=0.1, steps=120):
    """Candidates between the two thresholds: move tau, alpha and the steps of training.

    One layer trains, of fixed inputs and with the squared error: a natural-gradient step of length
    h takes eta to (1 - h)^2 eta, lambda is what is left over and eta, and what candidates bring
    stays.

    Parameters
    ----------
    eta, rest : float
        The layer's score before training, and E[||g_r||^2], which no training takes away; positive.
    gains : dict of str to float
        What candidates bring, Delta eta, positive; three at most.
    h, tau, alpha : float
        Length of a step, below 1; thresholds to begin with, alpha in units of lambda.
    steps : int

    Returns
    -------
    Explorable

    Raises
    ------
    TypeError, ValueError
        If a number is out of its range, or there are none or more than three candidates.

    Notes
    -----
    Paper: (E13), (E4).
    """
    given = {"eta": eta, "rest": rest, "tau": tau}
    numbers = {name: as_number(name, value, above=0) for name, value in given.items()}
    numbers |= {"h": as_number("h", h, above=0), "alpha": as_number("alpha", alpha, at_least=0)}
    if numbers["h"] >= 1:
        raise ValueError(f"h is {h}, expected a step below 1.")
    if not 1 <= len(gains) <= 3:
        raise ValueError(f"gains has {len(gains)} candidates, expected one to three.")
    gains = {name: as_number(f"gains[{name!r}]", gain, above=0) for name, gain in gains.items()}
    title = "Where candidates stand between the two thresholds, while their layer trains."
    data = {**numbers, "gains": gains, "steps": as_count("steps", steps)}
    return Explorable("decision_plane", title, data)


def stingy_adversary(alpha=1 / 8, tau=1.0, start=0.0):
    """How many additions one moment can bring: each gain is as small as just passes.

    Parameters
    ----------
    alpha, tau : float
        Thresholds to begin with, alpha in units of lambda; from 1/1000 to 1, and 1/10 to 10.
    start : float
        The score at the start in units of lambda, below 1.

    Returns
    -------
    Explorable

    Raises
    ------
    TypeError, ValueError
        If a number is out of its range.

    Notes
    -----
    Paper: Theorem 3.1.
    """
    numbers = {"alpha": alpha, "tau": tau, "start": start}
    for name, (low, high) in {"alpha": (1e-3, 1), "tau": (0.1, 10), "start": (0, 0.99)}.items():
        if not low <= as_number(name, numbers[name]) <= high:
            raise ValueError(f"{name} is {numbers[name]}, expected {low:g} to {high:g}.")
    title = "An adversary that makes as many additions at one moment as the thresholds let pass."
    return Explorable("stingy_adversary", title, numbers)
