"""Where a classifier decides for which class, while it grows."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import LinearSegmentedColormap

from ..nn.losses import softmax
from .style import BLACK, BLUE, CLASS_COLOURS, CLASS_MARKERS, ORANGE, axes, in_style
from .training import loss_curves, score_curves, size_curves


@in_style
def decision_regions(net, X, t, ax=None, title=""):
    """Where a two-class network decides for which class, with the data.

    Parameters
    ----------
    net : MLP
        Two inputs, two outputs.
    X : (N, 2) array
    t : (N,) array of 0 and 1
    ax : matplotlib axes, optional
    title : str

    Returns
    -------
    matplotlib axes
    """
    ax = axes(ax)
    low, high = X.min(axis=0) - 0.4, X.max(axis=0) + 0.4
    x0, x1 = np.linspace(low[0], high[0], 200), np.linspace(low[1], high[1], 200)
    grid = np.stack(np.meshgrid(x0, x1), axis=-1)
    p = softmax(net(grid.reshape(-1, 2)))[:, 1].reshape(200, 200)
    shades = LinearSegmentedColormap.from_list("classes", [BLUE, "white", ORANGE])
    ax.pcolormesh(x0, x1, p, cmap=shades, vmin=0, vmax=1, alpha=0.45, rasterized=True)
    ax.contour(x0, x1, p, levels=[0.5], colors=BLACK, linewidths=1.5)
    for label, (colour, marker) in enumerate(zip(CLASS_COLOURS, CLASS_MARKERS, strict=True)):
        ax.scatter(
            *X[t == label].T, s=14, c=colour, marker=marker, edgecolors="white", linewidths=0.4
        )
    ax.set(xlabel="$x_1$", ylabel="$x_2$", title=title, xlim=(low[0], high[0]))
    ax.set_ylim(low[1], high[1])
    return ax


@in_style
def half_moons_figure(run, X, t):
    """Decision regions at the start, at each added layer and at the end; loss, scores and sizes.

    Parameters
    ----------
    run : experiments.classification.Run
    X, t : arrays
        The data to draw.

    Returns
    -------
    matplotlib figure
    """
    shown = run.snapshots
    rows = -(-len(shown) // 3)
    columns = -(-len(shown) // rows)
    figure = plt.figure(figsize=(14, 4.2 * (rows + 1)), layout="constrained")
    above, below = figure.subfigures(2, 1, height_ratios=[rows, 1])
    top = above.subplots(rows, columns, sharex=True, sharey=True, squeeze=False).ravel()
    for i, (ax, (epoch, net)) in enumerate(zip(top, shown, strict=False)):
        what = "start" if i == 0 else "end" if i == len(shown) - 1 else "layer added"
        sizes = "-".join(map(str, net.sizes))
        decision_regions(net, X, t, ax, f"{what}, epoch {epoch}: {sizes}")
        ax.label_outer()
    for i in range(len(shown), len(top)):
        top[i].remove()
        top[i - columns].xaxis.set_tick_params(labelbottom=True)
        top[i - columns].set_xlabel("$x_1$")
    bottom = below.subplots(1, 3)
    loss_curves(run.history, bottom[0])
    score_curves(run.history, bottom[1])
    size_curves(run.history, bottom[2])
    return figure
