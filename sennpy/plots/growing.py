"""How a network is added to: the function stays, what it can do next does not."""

import matplotlib.pyplot as plt
import numpy as np

from .style import BLACK, BLUE, GOLD, GREEN, RED, axes, in_style


@in_style
def same_function(networks, x, ax=None):
    """Outputs of networks over one input, each in a line style of its own.

    Parameters
    ----------
    networks : dict of str to MLP
        One input and one output each.
    x : (N, 1) array
    ax : matplotlib axes, optional

    Returns
    -------
    matplotlib axes
    """
    ax = axes(ax)
    styles = [(BLACK, "-", 5, 0.25), (BLUE, "--", 2.5, 1), (GOLD, ":", 3, 1)]
    for (label, net), (colour, line, width, alpha) in zip(networks.items(), styles, strict=False):
        ax.plot(x, net(x), color=colour, linestyle=line, linewidth=width, alpha=alpha, label=label)
    ax.set(xlabel="$x$", ylabel="$y$", title="Three networks, one function")
    ax.legend(loc="upper left")
    return ax


@in_style
def new_directions(x, new, known, ax=None, title=""):
    """What a small change of each parameter does to the outputs, over one input.

    Parameters
    ----------
    x : (N, 1) array
    new, known : dict of str to (N,) array
        Columns of the Jacobian that the current parameters do not span, and columns that are zero
        or that they do span (in grey).
    ax : matplotlib axes, optional
    title : str

    Returns
    -------
    matplotlib axes
    """
    ax = axes(ax)
    for label, direction in known.items():
        line = "-" if np.any(direction) else "--"
        ax.plot(x, direction, color="0.55", linewidth=1.3, linestyle=line, label=label)
    kinds = zip(new.items(), ((RED, "-"), (GREEN, "-.")), strict=False)
    for (label, direction), (colour, line) in kinds:
        ax.plot(x, direction, color=colour, linestyle=line, linewidth=2.5, label=label)
    ax.set(xlabel="$x$", ylabel=r"$\partial y\,/\,\partial$ parameter", title=title)
    low, high = ax.get_ylim()
    ax.set_ylim(low, high + 0.35 * (high - low))  # room for the legend
    ax.legend(loc="upper left")
    return ax


def columns(net, x):
    """Jacobian columns of a network with one output, as `net.split` sorts them.

    Returns weights, per layer (N, n_in + 1, n_out), and coefficients, per layer (N, 3, n).
    """
    rows = [net.split(row) for row in net.jacobian(net.forward(x))[:, 0]]
    weights, coefficients = zip(*rows, strict=True)
    return [np.array(w) for w in zip(*weights, strict=True)], [
        np.array(k) for k in zip(*coefficients, strict=True)
    ]


@in_style
def how_to_add_figure(net, wide, deep, x):
    """One function of three networks, and the directions that a neuron and a layer bring.

    Parameters
    ----------
    net, wide, deep : MLP
        Sizes (1, 1, 1), (1, 2, 1) by `widen`, and (1, 1, 1, 1) by `deepen` at position 1.
    x : (N, 1) array

    Returns
    -------
    matplotlib figure

    Notes
    -----
    Paper: (E1), (E2), (E16).
    """
    figure = plt.figure(figsize=(8, 7.6), layout="constrained")
    grid = figure.add_gridspec(2, 2)
    top, left, right = map(figure.add_subplot, (grid[0, :], grid[1, 0], grid[1, 1]))
    same_function({"before": net, "neuron added": wide, "layer inserted": deep}, x, top)
    weights, _ = columns(wide, x)
    asleep = {"incoming weight: asleep": weights[0][:, 0, 1]}
    fresh = {"outgoing weight: new": weights[1][:, 1, 0]}
    new_directions(x, fresh, asleep, left, "What a new neuron can do")
    weights, coefficients = columns(deep, x)
    known = {"$W_q$: known already": weights[1][:, 0, 0]}
    fresh = {"$v$: new": coefficients[1][:, 0, 0], "$c$: new": coefficients[1][:, 1, 0]}
    new_directions(x, fresh, known, right, "What an inserted layer can do")
    return figure
