"""A network as a diagram of its neurons and weights."""

import numpy as np
from matplotlib.collections import LineCollection

from .style import BLACK, BLUE, GOLD, RED, SKY, axes, in_style

SHOWN = 12  # neurons a layer; of a wider one the first and the last


@in_style
def network_diagram(net, ax=None, new=(), title=""):
    """Neurons as circles and weights as lines, from the inputs on the left to the outputs.

    Lines are blue for weights above zero and red below; their width is relative to the largest of
    the layer. Biases are not drawn, and of layers wider than 12 only the first and last six.

    Parameters
    ----------
    net : MLP
    ax : matplotlib axes, optional
    new : sequence of (int, int)
        Hidden layer and neuron, from 0, of those to set apart as new.
    title : str

    Returns
    -------
    matplotlib axes

    Raises
    ------
    ValueError
        If a new neuron is not one of the network's.
    """
    hidden = net.sizes[1:-1]
    for layer, neuron in new:
        if not (0 <= layer < len(hidden) and 0 <= neuron < hidden[layer]):
            raise ValueError(
                f"new holds ({layer}, {neuron}), expected a hidden layer and neuron of "
                f"net.sizes = {net.sizes}, both from 0."
            )
    ax = axes(ax)
    shown = [shown_neurons(size) for size in net.sizes]
    heights = [np.linspace(0.5, -0.5, len(some)) * (len(some) - 1) for some in shown]
    rows = max(len(some) for some in shown)
    for l, W in enumerate(net.weights):
        draw_weights(ax, l, W[np.ix_(shown[l], shown[l + 1])], heights[l], heights[l + 1])
    for column, (some, y) in enumerate(zip(shown, heights, strict=True)):
        outside = column in (0, len(shown) - 1)
        fresh = [not outside and (column - 1, j) in set(new) for j in some]
        ax.scatter(
            np.full(len(some), column), y, s=(110 if rows > 6 else 320),
            c=[GOLD if is_new else "0.85" if outside else SKY for is_new in fresh],
            edgecolors=BLACK, linewidths=[3.0 if is_new else 1.2 for is_new in fresh], zorder=3,
        )  # fmt: skip
        if len(some) < net.sizes[column]:
            ax.text(column, 0, "⋮", ha="center", va="center", fontsize=18, zorder=4)
    names = ["inputs", *(f"layer {l}" for l in range(len(hidden))), "outputs"]
    labels = [f"{name}\n({size})" for name, size in zip(names, net.sizes, strict=True)]
    ax.set_xticks(range(len(shown)), labels)
    ax.set_yticks([])
    ax.tick_params(axis="x", length=0)
    ax.spines[:].set_visible(False)
    ax.set(xlim=(-0.4, len(shown) - 0.6), ylim=(-rows / 2 - 0.2, rows / 2 + 0.2), title=title)
    ax.set(xlabel="layer (neurons in it)", ylabel="neurons")
    return ax


def shown_neurons(size):
    """Indices of the neurons of a layer that are drawn."""
    half = SHOWN // 2
    return list(range(size)) if size <= SHOWN else [*range(half), *range(size - half, size)]


def draw_weights(ax, column, W, left, right):
    """Lines from one column of neurons to the next, for weights W (n_left, n_right)."""
    lines = [[(column, y), (column + 1, z)] for y in left for z in right]
    size = np.abs(W).ravel() / max(np.abs(W).max(), np.finfo(float).tiny)
    colours = np.where(W.ravel() >= 0, BLUE, RED)
    ax.add_collection(LineCollection(lines, colors=colours, linewidths=0.3 + 3.2 * size, zorder=1))
