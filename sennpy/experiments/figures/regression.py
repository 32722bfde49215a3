"""Regression in one figure: the fit, and where one more neuron would pay (figure 2)."""

import matplotlib.pyplot as plt

from ...plots import fit_curve, loss_curves, score_curves, score_landscape, size_curves
from ...plots.regression import LOCATIONS, SCALES
from ...plots.style import BLACK, GOLD, RED, in_style


@in_style
def proposals_made(moment, ax):
    """On a landscape: where the proposals of a look started and ended, and which was accepted.

    Parameters
    ----------
    moment : experiments.regression.Moment
        Nothing is drawn if it knows of no proposals.
    ax : matplotlib axes
        Those of `score_landscape`.
    """
    if moment.starts is None:
        return
    for i, (start, end) in enumerate(zip(moment.starts, moment.ends, strict=True)):
        from_, to = location_and_scale(start), location_and_scale(end)
        ax.plot(*zip(from_, to, strict=True), color="white", linewidth=1)
        ax.plot(
            *from_, "o", color="white", markersize=6, markeredgecolor=BLACK,
            label="start" if i == 0 else None,
        )  # fmt: skip
        ax.plot(
            *to, "s", color=GOLD, markersize=6, markeredgecolor=BLACK,
            label="end" if i == 0 else None,
        )  # fmt: skip
    ax.plot(
        *location_and_scale(moment.accepted), "*", color=RED, markersize=16,
        markeredgecolor="white", label="accepted",
    )  # fmt: skip
    ax.legend(loc="upper right")


def location_and_scale(weights):
    """-bias / weight and 1 / |weight| of a neuron (weight, bias).

    With the best coefficients a neuron scores as its mirror image (-weight, -bias) does: only the
    sign of v and l changes.
    """
    return -weights[1] / weights[0], 1 / abs(weights[0])


@in_style
def regression_figure(run, landscape):
    """Fits, and landscapes below them, around an addition and at the end; loss, scores and sizes.

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
    rows = -(-len(shown) // 2)
    figure = plt.figure(figsize=(10, 7 * rows + 7), layout="constrained")
    above, below = figure.subfigures(2, 1, height_ratios=[rows, 1])
    grid = above.add_gridspec(2 * rows, 2)
    places = [(2 * (i // 2), i % 2) for i in range(len(shown))]
    fits = [above.add_subplot(grid[row, column]) for row, column in places]
    maps = [above.add_subplot(grid[row + 1, column]) for row, column in places]
    values = [landscape(m.network, run.data.X, run.data.t, LOCATIONS, SCALES) for _, m in shown]
    tops = [float(value.max()) for value in values]
    if len(tops) > 1:
        tops[1] = tops[0]  # one scale before and right after the addition
    for fit, map_, value, top, (what, moment) in zip(fits, maps, values, tops, shown, strict=True):
        hidden = "-".join(map(str, moment.network.sizes[1:-1]))
        fit_curve(moment.network, run.data, fit, f"{what}, epoch {moment.epoch}: {hidden} hidden")
        score_landscape(value, map_, top)
        proposals_made(moment, map_)
    fits[0].legend(loc="best")
    grid = below.add_gridspec(2, 2)
    bottom = [below.add_subplot(place) for place in (grid[0, 0], grid[0, 1], grid[1, :])]
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
