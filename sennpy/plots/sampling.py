"""Sampling: flows between states, histograms beside densities, walkers on a landscape."""

import matplotlib.pyplot as plt
import numpy as np

from .style import BLACK, BLUE, GOLD, axes, in_style

WALKERS = ("#FFFFFF", "#E69F00", "#D55E00", "#CC79A7", "#56B4E9")  # bright, on a dark landscape


@in_style
def flow(x, rates, top=None, ax=None, title=""):
    """How much probability goes from where to where in one step.

    Parameters
    ----------
    x : (n,) array
        States, evenly spaced.
    rates : (n, n) array
        Flow from place i (row) to place j (column).
    top : float, optional
        End of the colours, by default the largest rate.
    ax : matplotlib axes, optional
    title : str

    Returns
    -------
    matplotlib axes
    """
    ax = axes(ax)
    top = np.max(rates) if top is None else top
    ax.pcolormesh(x, x, np.transpose(rates), cmap="viridis", vmin=0, vmax=top, rasterized=True)
    ax.plot(x[[0, -1]], x[[0, -1]], color="white", linewidth=1, linestyle="--")
    ax.set(xlabel="from place $i$", ylabel="to place $j$", title=title, aspect="equal")
    return ax


@in_style
def detailed_balance(x, suggested, accepted):
    """Suggested flow, how far it is from balance, and accepted flow, side by side.

    Parameters
    ----------
    x : (n,) array
    suggested, accepted : (n, n) arrays
        See `flow`.

    Returns
    -------
    matplotlib figure
    """
    figure, panels = plt.subplots(1, 3, figsize=(9.5, 3.7), sharey=True, layout="constrained")
    top = np.max(suggested)
    flow(x, suggested, top, panels[0], "suggested flow")
    flow(x, accepted, top, panels[2], "accepted flow: balanced")
    net = np.subtract(suggested, np.transpose(suggested))
    most, middle = np.abs(net).max(), panels[1]
    middle.pcolormesh(x, x, net.T, cmap="RdBu_r", vmin=-most, vmax=most, rasterized=True)
    middle.plot(x[[0, -1]], x[[0, -1]], color=BLACK, linewidth=1, linestyle="--")
    middle.set(xlabel="from place $i$", title="suggested: there minus back", aspect="equal")
    for ax in panels[1:]:
        ax.set_ylabel("")
    return figure


@in_style
def histograms(x, density, samples, ax=None, title=""):
    """Histograms of samples, and the density that they should follow.

    Parameters
    ----------
    x, density : (n,) arrays
        Normalised.
    samples : dict of str to (M,) array
        Two at most.
    ax : matplotlib axes, optional
    title : str

    Returns
    -------
    matplotlib axes
    """
    ax = axes(ax)
    bins = np.linspace(x[0], x[-1], 61)
    kinds = zip(samples.items(), ((BLUE, 0.45), (GOLD, 0.6)), strict=False)
    for (label, values), (colour, alpha) in kinds:
        ax.hist(values, bins, density=True, color=colour, alpha=alpha, label=label)
    ax.plot(x, density, color=BLACK, label="target")
    ax.set(xlabel=r"$\theta$", ylabel="density", title=title)
    low, high = ax.get_ylim()
    ax.set_ylim(low, 1.3 * high)  # room for the legend
    ax.legend(loc="upper left")
    return ax


@in_style
def histograms_figure(x, panels):
    """`histograms` side by side.

    Parameters
    ----------
    x : (n,) array
    panels : dict of str to (density, samples)
        Titles, and what `histograms` takes.

    Returns
    -------
    matplotlib figure

    Notes
    -----
    Paper: (E11), (E17).
    """
    figure, both = plt.subplots(1, len(panels), figsize=(9.5, 4), layout="constrained")
    for (title, (density, samples)), ax in zip(panels.items(), both, strict=True):
        histograms(x, density, samples, ax, title)
    return figure


@in_style
def walkers(locations, scales, scores, paths, ax=None, title=""):
    """Paths over a score's landscape, each ending in a dot.

    Parameters
    ----------
    locations : (n,) array
    scales : (m,) array
        Drawn on a logarithmic axis.
    scores : (m, n) array
    paths : (steps, walkers, 2) array
        Location and scale at each step. A single step is drawn as dots alone.
    ax : matplotlib axes, optional
    title : str

    Returns
    -------
    matplotlib axes
    """
    ax = axes(ax)
    ax.pcolormesh(locations, scales, scores, cmap="viridis", vmin=0, rasterized=True)
    for i, path in enumerate(np.swapaxes(paths, 0, 1)):
        colour = WALKERS[i % len(WALKERS)] if len(path) > 1 else "white"
        ax.plot(*path.T, color=colour, linewidth=1.1, alpha=0.9)
        ax.plot(
            *path[-1], marker="o", color=colour, markeredgecolor=BLACK,
            markersize=8 if len(path) > 1 else 4,
        )  # fmt: skip
    ends = {"xlim": (locations[0], locations[-1]), "ylim": (scales[0], scales[-1])}
    ax.set(xlabel="location", ylabel="scale", yscale="log", title=title, **ends)
    ax.locator_params(axis="x", nbins=4)
    return ax


@in_style
def walkers_figure(locations, scales, scores, paths):
    """`walkers` side by side on one landscape.

    Parameters
    ----------
    locations, scales, scores
        As `walkers` takes them.
    paths : dict of str to (steps, walkers, 2) array
        Titles and paths.

    Returns
    -------
    matplotlib figure

    Notes
    -----
    Paper: (E11).
    """
    width = 3.2 * len(paths)
    figure, panels = plt.subplots(
        1, len(paths), figsize=(width, 3.8), sharey=True, layout="constrained"
    )
    for (title, path), ax in zip(paths.items(), panels, strict=True):
        walkers(locations, scales, scores, path, ax, title)
    for ax in panels[1:]:
        ax.set_ylabel("")
    figure.colorbar(panels[-1].collections[0], ax=panels, label="score")
    return figure
