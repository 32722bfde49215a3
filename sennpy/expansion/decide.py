"""When to add: the two thresholds, and how many additions they allow."""

from typing import NamedTuple

import numpy as np

from ..validation import as_number


class Decision(NamedTuple):
    """Outcome of `decide`.

    Attributes
    ----------
    passes : bool
    ratio : float
        Delta eta / eta_c, to be compared with tau.
    share : float
        Delta eta / lambda, to be compared with alpha.
    reason : str
        Empty if it passes, else which threshold it misses and by how much.
    """

    passes: bool
    ratio: float
    share: float
    reason: str


def decide(delta_eta, eta_c, lam, tau, alpha):
    """Accept iff Delta eta / eta_c > tau and Delta eta / lambda > alpha.

    Parameters
    ----------
    delta_eta : float
        Increase of the score, or its bound: that can only accept fewer.
    eta_c : float
        Score of the current network at the receiving layer.
    lam : float
        lambda = mean ||g_y||^2.
    tau : float
        Least increase in units of eta_c.
    alpha : float
        Least increase in units of lambda.

    Returns
    -------
    Decision

    Raises
    ------
    TypeError, ValueError
        If one of the numbers is none, negative, or not finite.

    Notes
    -----
    Paper: (E13).
    """
    numbers = {"delta_eta": delta_eta, "eta_c": eta_c, "lam": lam, "tau": tau, "alpha": alpha}
    for name, value in numbers.items():
        as_number(name, value, at_least=0)
    ratio, share = relative_score(delta_eta, eta_c), relative_score(delta_eta, lam)
    misses = []
    if not ratio > tau:
        misses.append(f"{ratio:.3g} eta (tau = {tau:g})")
    if not share > alpha:
        misses.append(f"{share:.3g} lambda (alpha = {alpha:g})")
    return Decision(not misses, ratio, share, " and ".join(misses))


def max_simultaneous_additions(lam, alpha, tau, eta_c=0.0):
    """Bound on the number N_s of additions made at one time, without training in between.

    Parameters
    ----------
    lam : float
        lambda, positive.
    alpha : float
        Least increase of the score, in the same units as lambda, positive.
    tau : float
        Least increase in units of eta_c, positive.
    eta_c : float
        Score at the start; if it is at least alpha, the bound is smaller by 1.

    Returns
    -------
    float
        N_s is below 1 + (ln lambda - ln alpha) / ln(1 + tau); 1 if lambda <= alpha, where no
        addition can be made.

    Raises
    ------
    ValueError
        If lam, alpha or tau is not positive.

    Notes
    -----
    Paper: Theorem 3.1. N_s >= 1 additions leave eta above alpha (1 + tau)^(N_s - 1), and above
    alpha (1 + tau)^N_s if eta_c >= alpha; eta <= lambda bounds both, and where lambda <= alpha
    leaves N_s = 0 alone.
    """
    for name, value in [("lam", lam), ("alpha", alpha), ("tau", tau)]:
        as_number(name, value, above=0)
    as_number("eta_c", eta_c, at_least=0)
    if lam <= alpha:
        return 1.0
    doublings = (np.log(lam) - np.log(alpha)) / np.log1p(tau)
    return float(doublings if eta_c >= alpha else 1 + doublings)


def max_total_additions(reachable_loss, least_loss, alpha):
    """Bound on the number of additions over a whole training with H = F constant.

    Parameters
    ----------
    reachable_loss : float
        L*_0, the least loss that the network can reach at the start.
    least_loss : float
        L_inf, the least loss that any grown network can reach; at most `reachable_loss`.
    alpha : float
        Least increase of the score, in the units of the loss, positive.

    Returns
    -------
    float
        2 (L*_0 - L_inf) / alpha.

    Raises
    ------
    TypeError, ValueError
        If alpha is not positive, or `least_loss` is above `reachable_loss`.

    Notes
    -----
    Paper: (E14).
    """
    as_number("alpha", alpha, above=0)
    gain = as_number("reachable_loss", reachable_loss) - as_number("least_loss", least_loss)
    if gain < 0:
        raise ValueError(
            f"least_loss is {least_loss}, expected at most reachable_loss = {reachable_loss}."
        )
    return 2 * gain / alpha


def relative_score(score, eta):
    """score / eta, infinite when eta is 0 and score is not; a float."""
    score, eta = as_number("score", score), as_number("eta", eta, at_least=0)
    return score / eta if eta > 0 else float(np.inf if score > 0 else 0)
