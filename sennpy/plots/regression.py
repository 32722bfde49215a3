"""A fit over its one input, and where one more neuron would pay."""

import numpy as np
from matplotlib.colors import LogNorm

from .style import BLACK, BLUE, GOLD, RED, axes, in_style

LOCATIONS = np.linspace(-3, 3, 121)
SCALES = np.logspace(-1.5, 1.5, 121)
DEPTH = 1e-4  # least share of the highest score that still has a colour


@in_style
def fit_curve(net, data, ax=None, title=""):
    """Target, fit and data over the one input, with a line where each neuron of layer 0 lies.

    Parameters
    ----------
    net : MLP
        One input, one output.
    data : Data
    ax : matplotlib axes, optional
    title : str

    Returns
    -------
    matplotlib axes
    """
    ax = axes(ax)
    x = np.linspace(-3, 3, 601)[:, None]
    order = np.argsort(data.X_test[:, 0])
    W = net.weights[0]
    for i, location in enumerate(-W[-1] / W[0]):
        label = "neurons" if i == 0 else None
        ax.axvline(location, color=GOLD, linewidth=1.2, linestyle="--", label=label, zorder=0)
    ax.plot(data.X_test[order], data.t_test[order], color=BLACK, linewidth=3.5, label="target")
    ax.plot(x, net(x), color=BLUE, linewidth=1.6, label="fit")
    ax.scatter(data.X, data.t, s=22, c=RED, label="data", zorder=3)
    low, high = data.t_test.min(), data.t_test.max()
    room = 0.15 * (high - low) or 1.0  # a constant target has no height
    ax.set(xlabel="x", ylabel="y", title=title, xlim=(-3, 3), ylim=(low - room, high + room))
    return ax


@in_style
def score_landscape(values, ax=None, top=None, label=r"$\Delta\eta' / \eta_c$"):
    """Delta eta' / eta_c over location and scale of one more neuron.

    Parameters
    ----------
    values : (121, 121) array
        Scores over SCALES and LOCATIONS, see `experiments.regression.landscape`.
    ax : matplotlib axes, optional
    top : float, optional
        Where the colours end; the highest value, if not given.
    label : str
        What the colours are, where they are not in units of eta_c.

    Returns
    -------
    matplotlib axes

    Notes
    -----
    Paper: Theorem 3.2, (E12).
    """
    ax = axes(ax)
    top = max(float(values.max()) if top is None else top, np.finfo(float).tiny)
    colours = ax.pcolormesh(
        LOCATIONS, SCALES, values.clip(DEPTH * top), norm=LogNorm(DEPTH * top, top),
        cmap="cividis", rasterized=True,
    )  # fmt: skip
    ax.figure.colorbar(colours, ax=ax, label=label, pad=0.02)
    ax.set(xlabel="location  $-b/w$", ylabel="scale  $1/w$", yscale="log")
    ax.set(xlim=(-3, 3), ylim=(SCALES[0], SCALES[-1]))
    return ax
