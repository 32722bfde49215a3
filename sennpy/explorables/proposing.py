"""A proposed neuron: what it would bring at each place, and walkers that look for a good one."""

import numpy as np

from ..expansion.layer_score import residual_gradient
from ..validation import as_array, as_count, as_number, as_rng
from .fragment import Explorable


def proposal(x, a_c, g, location=0.8, scale=1.0, reach=3.0):
    """Move a bump's location and scale: bound, exact increase and R^2 move along.

    The neuron is 1 / (1 + z^2) with z = (x - location) / scale; one output, G = 1.

    Parameters
    ----------
    x : (N,) or (N, 1) array
        The one input.
    a_c : (N, n_c) array
        What the layer receives now, with the constant 1 among its columns.
    g : (N,) or (N, 1) array
        Its gradient; only the residual is shown.
    location, scale : float
        To begin with, the scale from 10^-1.5 to 10^1.5.
    reach : float
        Locations go from -reach to reach.

    Returns
    -------
    Explorable

    Raises
    ------
    TypeError, ValueError
        If the arrays do not belong together, or a number is out of its range.

    Notes
    -----
    Paper: Theorem 3.2, (E8), (E9).
    """
    x, a_c, g_r = of_one_input(x, a_c, g)
    as_number("location", location)
    as_number("reach", reach, above=0)
    as_number("scale", scale, above=0)
    title = "A proposed neuron at a location and a scale: what it brings, by the bound and exactly."
    data = {"x": x, "a_c": a_c, "g": g_r, "location": location, "scale": scale, "reach": reach}
    return Explorable("proposal", title, data)


def walkers(x, a_c, g, eta_c, starts, T=0.25, r=0.05, steps=200, rng=0):
    """Follow Langevin walkers step by step over the bound of bumps, with the noise given.

    They sample log p(m, u) = bound / (T eta_c) - (m^2 + u^2) / 2, a bump as in `proposal` at
    location m with scale exp(u). Temperature and length of a step can be moved; the noise stays.
    Places are kept to six decimals, so that all computers draw the same ways.

    Parameters
    ----------
    x, a_c, g
        As in `proposal`.
    eta_c : float
        Score of the receiving layer, the unit of the bound.
    starts : (W, 2) array
        (m, u) at which the walkers begin.
    T, r : float
        Temperature and length of a step to begin with.
    steps : int
    rng : None, int or numpy.random.Generator
        For the noise, which is rounded to four decimals.

    Returns
    -------
    Explorable

    Raises
    ------
    TypeError, ValueError
        As `proposal`; if `starts` has other than two columns, or there is too much to be shown.

    Notes
    -----
    Paper: (E11).
    """
    x, _, g_r = of_one_input(x, a_c, g)
    starts, rng = as_array("starts", starts), as_rng(rng)
    if starts.ndim != 2 or starts.shape[1] != 2:
        raise ValueError(f"starts has shape {starts.shape}, expected (walkers, 2).")
    numbers = {"unit": as_number("eta_c", eta_c, above=0)}
    numbers |= {"T": as_number("T", T, above=0), "r": as_number("r", r, above=0)}
    shape = (as_count("steps", steps), len(starts))
    xi, uniform = rng.standard_normal((*shape, 2)), rng.random(shape)
    noise = {"xi": xi.round(4), "log_u": np.log1p(-uniform).round(4)}
    title = "Langevin walkers step by step, on the landscape of the bound."
    return Explorable("walkers", title, {"x": x, "g": g_r, **numbers, "starts": starts, **noise})


def of_one_input(x, a_c, g):
    """x (N,), a_c (N, n_c) and the residual gradient (N,), sorted by x; ValueError if N differs."""
    x, g = np.ravel(as_array("x", x)), np.ravel(as_array("g", g))
    a_c = as_array("a_c", a_c)
    if not (a_c.ndim == 2 and len(x) == len(g) == len(a_c)):
        raise ValueError(
            f"x has {len(x)} entries, g {len(g)} and a_c the shape {a_c.shape}; expected (N,), "
            "(N,) and (N, n_c)."
        )
    order = np.argsort(x, kind="stable")
    return x[order], a_c[order], residual_gradient(a_c, g[:, None])[order, 0]
