"""Where a classifier decides for which class."""

import numpy as np
from matplotlib.colors import LinearSegmentedColormap

from ..nn.losses import softmax
from .style import BLACK, BLUE, CLASS_COLOURS, CLASS_MARKERS, GOLD, axes, in_style


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
    shades = LinearSegmentedColormap.from_list("classes", [BLUE, "white", GOLD])
    ax.pcolormesh(x0, x1, p, cmap=shades, vmin=0, vmax=1, alpha=0.35, rasterized=True)
    ax.contour(x0, x1, p, levels=[0.5], colors=BLACK, linewidths=1.5)
    for label, (colour, marker) in enumerate(zip(CLASS_COLOURS, CLASS_MARKERS, strict=True)):
        ax.scatter(
            *X[t == label].T, s=14, c=colour, marker=marker, edgecolors="white", linewidths=0.4
        )
    ax.set(xlabel="$x_1$", ylabel="$x_2$", title=title, xlim=(low[0], high[0]))
    ax.set_ylim(low[1], high[1])
    return ax
