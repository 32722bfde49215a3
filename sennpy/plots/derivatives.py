"""How well a derivative is computed, and what the rational activation looks like."""

import numpy as np

from ..nn.activations import Rational
from .style import BLACK, BLUE, GOLD, GREEN, PURPLE, RED, axes, in_style

SHAPES = {  # coefficients (v, c, l), and how the curve is drawn
    "wave: v alone": ((1, 0, 0), BLUE, "-"),
    "bump: c alone": ((0, 1, 0), GOLD, "--"),
    "identity: l alone": ((0, 0, 1), BLACK, ":"),
    "$v = c = l$": ((1, 1, 1), GREEN, "-."),
    "$v = -l$": ((1, 0, -1), PURPLE, (0, (5, 1, 1, 1, 1, 1))),
}


@in_style
def step_errors(function, slope, x, ax=None):
    """Relative error of two derivatives at x over the step h: difference quotient, complex step.

    Parameters
    ----------
    function, slope : callables
        A function of a real or complex number, and its true derivative.
    x : float
    ax : matplotlib axes, optional

    Returns
    -------
    matplotlib axes
    """
    ax = axes(ax)
    h = 10.0 ** np.arange(-20, 0.25, 0.25)
    quotient = (function(x + h) - function(x)) / h
    step = np.imag(function(x + 1j * h)) / h
    digits = np.finfo(float).eps / 2  # an error of 0 cannot be drawn on a logarithmic axis
    for values, label, colour, line in [
        (quotient, "difference quotient", RED, "-"),
        (step, "complex step", BLUE, "--"),
    ]:
        error = np.abs(values / slope(x) - 1)
        ax.plot(h, np.maximum(error, digits), line, color=colour, label=label)
    ax.set(xscale="log", yscale="log", xlabel="step $h$", ylabel="relative error")
    ax.set_title("Two derivatives of the same function")
    ax.set_ylim(digits / 3, 300)
    ax.legend(loc="lower left", bbox_to_anchor=(0, 0.08))
    return ax


@in_style
def rational_shapes(ax=None):
    """A few members of the family of rational activations.

    Notes
    -----
    Paper: (E3).
    """
    ax = axes(ax)
    z = np.linspace(-4, 4, 401)
    for label, (k, colour, line) in SHAPES.items():
        values = Rational()(z[:, None], np.array(k, dtype=float)[:, None])[:, 0]
        ax.plot(z, values, linestyle=line, color=colour, label=label)
    ax.set(xlabel="$z$", ylabel=r"$\sigma(z)$", title="Rational activations", ylim=(-2.6, 2.6))
    ax.legend(loc="upper left", bbox_to_anchor=(1, 1))
    return ax
