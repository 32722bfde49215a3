"""Regression in one dimension: the fit, and where one more neuron would pay (figure 2)."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import LogNorm

from .style import BLACK, BLUE, ORANGE, RED, axes, in_style
from .training import loss_curves, score_curves, size_curves

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
        ax.axvline(location, color=ORANGE, linewidth=1.2, linestyle="--", label=label, zorder=0)
    ax.plot(data.X_test[order], data.t_test[order], color=BLACK, linewidth=3.5, label="target")
    ax.plot(x, net(x), color=BLUE, linewidth=1.6, label="fit")
    ax.scatter(data.X, data.t, s=22, c=RED, label="data", zorder=3)
    low, high = data.t_test.min(), data.t_test.max()
    room = 0.15 * (high - low) or 1.0  # a constant target has no height
    ax.set(xlabel="x", ylabel="y", title=title, xlim=(-3, 3), ylim=(low - room, high + room))
    return ax


@in_style
def score_landscape(values, ax=None, moment=None, top=None):
    """Delta eta' / eta_c over location and scale of one more neuron, with the proposals made.

    Parameters
    ----------
    values : (121, 121) array
        `landscape` over SCALES and LOCATIONS.
    ax : matplotlib axes, optional
    moment : experiments.regression.Moment, optional
        Where the proposals of that look started and ended, and which was accepted.
    top : float, optional
        Where the colours end; the highest value, if not given.

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
    ax.figure.colorbar(colours, ax=ax, label=r"$\Delta\eta' / \eta_c$", pad=0.02)
    if moment is not None and moment.starts is not None:
        for i, (start, end) in enumerate(zip(moment.starts, moment.ends, strict=True)):
            from_, to = location_and_scale(start), location_and_scale(end)
            ax.plot(*zip(from_, to, strict=True), color="white", linewidth=1)
            ax.plot(
                *from_, "o", color="white", markersize=6, markeredgecolor=BLACK,
                label="start" if i == 0 else None,
            )  # fmt: skip
            ax.plot(
                *to, "s", color=ORANGE, markersize=6, markeredgecolor=BLACK,
                label="end" if i == 0 else None,
            )  # fmt: skip
        ax.plot(
            *location_and_scale(moment.accepted), "*", color=RED, markersize=16,
            markeredgecolor="white", label="accepted",
        )  # fmt: skip
        ax.legend(loc="upper right")
    ax.set(xlabel="location  $-b/w$", ylabel="scale  $1/w$", yscale="log")
    ax.set(xlim=(-3, 3), ylim=(SCALES[0], SCALES[-1]))
    return ax


def location_and_scale(weights):
    """-bias / weight and 1 / |weight| of a neuron (weight, bias).

    With the best coefficients a neuron scores as its mirror image (-weight, -bias) does: only the
    sign of v and l changes.
    """
    return -weights[1] / weights[0], 1 / abs(weights[0])


@in_style
def regression_figure(run, landscape):
    """Fits and landscapes around an addition and at the end; loss, scores and sizes.

    Parameters
    ----------
    run : experiments.regression.RegressionRun
    landscape : callable
        `experiments.regression.landscape`.

    Returns
    -------
    matplotlib figure
    """
    shown = chosen_moments(run.moments)
    figure = plt.figure(figsize=(4.7 * max(len(shown), 3), 12), layout="constrained")
    above, below = figure.subfigures(2, 1, height_ratios=[2, 1])
    fits, maps = above.subplots(2, len(shown), squeeze=False)
    values = [landscape(m.network, run.data.X, run.data.t, LOCATIONS, SCALES) for _, m in shown]
    tops = [float(value.max()) for value in values]
    if len(tops) > 1:
        tops[1] = tops[0]  # one scale before and right after the addition
    for fit, map_, value, top, (what, moment) in zip(fits, maps, values, tops, shown, strict=True):
        hidden = "-".join(map(str, moment.network.sizes[1:-1]))
        fit_curve(moment.network, run.data, fit, f"{what}, epoch {moment.epoch}: {hidden} hidden")
        score_landscape(value, map_, moment, top)
    fits[0].legend(loc="best")
    bottom = below.subplots(1, 3)
    loss_curves(run.history, bottom[0], unit="½ mean (y − t)²")
    score_curves(run.history, bottom[1], unit="units of the loss")
    size_curves(run.history, bottom[2])
    return figure


def chosen_moments(moments):
    """(title, moment) around one addition that another follows later, and at the end.

    It is the second such addition if there are two: the first meets a network of one neuron.
    """
    *pairs, end = moments
    before, after = pairs[0::2], pairs[1::2]
    later = [i for i in range(len(before) - 1) if before[i + 1].epoch > before[i].epoch]
    if not later:
        return [(m.what, m) for m in moments[-3:]]
    i = later[min(1, len(later) - 1)]
    names = ["before an addition", "right after it", "before the next", "end"]
    return list(zip(names, [before[i], after[i], before[i + 1], end], strict=True))
