"""The picture of the study of settings: maps of size and test loss, every run a dot in its cell."""

import matplotlib.pyplot as plt
import numpy as np

from ...plots.style import BLACK, in_style
from ..sensitivity import MAPS
from ..trained import grouped, middle


@in_style
def draw(rows):
    """Maps of the median size (colour) over two settings; a dot a run, larger with test loss."""
    tasks = sorted({row["task"] for row in rows})
    maps = [name for name in MAPS if any(row["map"] == name for row in rows)]
    shape = len(tasks), len(maps)
    fig, axes = plt.subplots(
        *shape, figsize=(3.4 * shape[1] + 1, 3.0 * shape[0]), squeeze=False, layout="constrained"
    )
    for task, line in zip(tasks, axes, strict=True):
        for name, ax in zip(maps, line, strict=True):
            some = [row for row in rows if row["task"] == task and row["map"] == name]
            one_map(ax, name, some)
            if ax is line[0]:
                ax.set_ylabel(f"{task}\n{ax.get_ylabel()}")
    fig.suptitle("Median neurons (number, darker is more); dots: test loss of each run over best")
    return fig


def one_map(ax, name, rows):
    """One map: cells coloured by the median size, and a dot a run by its test loss."""
    (first, xs), (second, ys) = MAPS[name].items()
    sizes = np.full((len(ys), len(xs)), np.nan)
    losses = [row["test_loss"] for row in rows if row["test_loss"] is not None]
    best = min(losses, default=1.0)
    for (x, y), some in grouped(rows, "x", "y"):
        i, j = ys.index(y), xs.index(x)
        sizes[i, j] = middle(some, "size")
        ax.text(j, i + 0.3, f"{sizes[i, j]:g}", ha="center", va="center", fontsize=11)
        for k, row in enumerate(some):
            if row["test_loss"] is None:
                ax.plot(j - 0.3 + 0.12 * k, i - 0.15, "x", color=BLACK, markersize=6)
            else:
                size = 8 * min(row["test_loss"] / best, 8.0)
                at = j - 0.3 + 0.6 * k / max(len(some) - 1, 1)
                ax.scatter(at, i - 0.15, s=size, color=BLACK, alpha=0.7, linewidths=0)
    ax.imshow(sizes, cmap="Blues", vmin=0, vmax=2 * max(1.0, np.nanmax(sizes)), aspect="auto")
    ax.set_xticks(range(len(xs)), [f"{x:g}" for x in xs])
    ax.set_yticks(range(len(ys)), [f"{y:g}" for y in ys])
    ax.set(xlabel=first, ylabel=second, xlim=(-0.5, len(xs) - 0.5), ylim=(-0.5, len(ys) - 0.5))
    for side in ax.spines.values():
        side.set_visible(False)
