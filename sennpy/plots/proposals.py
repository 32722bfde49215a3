"""Proposed neurons: what they would add to the score, by the bound and exactly."""

import matplotlib.pyplot as plt
import numpy as np

from .style import BLACK, BLUE, GOLD, RED, axes, in_style


@in_style
def bound_tightness(proposals, ax=None):
    """The bound's share of the exact increase, against what the current inputs explain.

    Parameters
    ----------
    proposals : dict of str to (M, 2) array
        For each proposal the largest R^2 of its neurons and combinations of them, and
        Delta eta' / Delta eta. Two kinds at most.
    ax : matplotlib axes, optional

    Returns
    -------
    matplotlib axes

    Notes
    -----
    Paper: (E9).
    """
    ax = axes(ax)
    ax.plot([0, 1], [1, 0], color=BLACK, linewidth=1.3, label="$1 - R^2$")
    kinds = zip(proposals.items(), ((BLUE, "o"), (GOLD, "^")), strict=False)
    for (label, points), (colour, marker) in kinds:
        ax.scatter(*np.transpose(points), s=14, c=colour, marker=marker, label=label, alpha=0.7)
    ax.set(
        xlabel="$R^2$ (of three neurons: the largest)", ylabel="bound / exact increase",
        xlim=(0, 1.02), ylim=(0, 1.02), title="How much of the truth the bound sees",
    )  # fmt: skip
    ax.legend(loc="lower left")
    return ax


@in_style
def proposed_fit(x, g_r, fits, ax=None, title=""):
    """The residual gradient over one input, and what was fitted to it.

    Parameters
    ----------
    x : (N, 1) array
        In ascending order.
    g_r : (N, 1) array
    fits : dict of str to (N, 1) array
        Two at most.
    ax : matplotlib axes, optional
    title : str

    Returns
    -------
    matplotlib axes
    """
    ax = axes(ax)
    ax.axhline(0, color="0.8", linewidth=1)
    ax.scatter(x, g_r, s=18, c=BLUE, label="residual gradient $g_r$")
    kinds = zip(fits.items(), ((GOLD, "--"), (RED, "-")), strict=False)
    for (label, fit), (colour, line) in kinds:
        ax.plot(x, fit, color=colour, linestyle=line, label=label)
    ax.set(xlabel="$x$", title=title)
    low, high = ax.get_ylim()
    ax.set_ylim(low, high + 0.4 * (high - low))  # room for the legend
    ax.legend(loc="upper left")
    return ax


@in_style
def proposal_map(locations, scales, scores, at, top=None, ax=None, title=""):
    """A score of one neuron over its location and its scale.

    Parameters
    ----------
    locations : (n,) array
    scales : (m,) array
        Drawn on a logarithmic axis.
    scores : (m, n) array
    at : (location, scale)
        Marked by a cross.
    top : float, optional
        End of the colours, by default the largest score.
    ax : matplotlib axes, optional
    title : str

    Returns
    -------
    matplotlib axes
    """
    ax = axes(ax)
    top = scores.max() if top is None else top
    ax.pcolormesh(locations, scales, scores, cmap="viridis", vmin=0, vmax=top, rasterized=True)
    ax.plot(*at, marker="x", color=BLACK, markersize=14, markeredgewidth=5)
    ax.plot(*at, marker="x", color="white", markersize=12, markeredgewidth=2.5)
    ax.set(xlabel="location", ylabel="scale", yscale="log", title=title)
    return ax


@in_style
def proposal_figure(x, g_r, fits, locations, scales, landscape, at, scores):
    """One proposed neuron: its fit to the residual gradient, and the landscapes of two scores.

    Parameters
    ----------
    x, g_r : (N, 1) arrays
        Inputs in ascending order, residual gradient.
    fits : dict of str to (N, 1) array
        What the neuron fits to it, see `proposed_fit`.
    locations, scales : (n,) and (m,) arrays
    landscape : dict of str to (m, n) array
        Titles, and scores of all neurons; on one scale of colours.
    at : (location, scale)
        Of the neuron.
    scores : sequence of float
        Its scores, in the order of the landscape.

    Returns
    -------
    matplotlib figure

    Notes
    -----
    Paper: Theorem 3.2, (E8), section 7 (figure 2).
    """
    largest = max(values.max() for values in landscape.values())
    location, scale = at
    figure = plt.figure(figsize=(8, 7.6), layout="constrained")
    grid = figure.add_gridspec(2, len(landscape))
    above = figure.add_subplot(grid[0, :])
    proposed_fit(x, g_r, fits, above, f"neuron at {location:.1f}, scale {scale:.2g}")
    below = [figure.add_subplot(grid[1, i]) for i in range(len(landscape))]
    for ax, (title, values), score in zip(below, landscape.items(), scores, strict=True):
        proposal_map(locations, scales, values, at, largest, ax, f"{title} = {score:.4f}")
    figure.colorbar(below[-1].collections[0], ax=below, label="score")
    return figure
