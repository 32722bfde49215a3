"""Half-moons in one figure: decision regions while a classifier grows, and its curves."""

import matplotlib.pyplot as plt

from ...plots import decision_regions, loss_curves, score_curves, size_curves
from ...plots.style import in_style


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
