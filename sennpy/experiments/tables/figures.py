"""The picture of the table: a panel a set, a dot a fold, the mean and its interval."""

import matplotlib.pyplot as plt
import numpy as np

from ...plots.style import BLUE, GOLD, in_style
from . import models
from .run import values


@in_style
def tables_figure(rows, lines):
    """A panel a set of data: scores of all folds, means with their intervals; SENN in blue.

    Parameters
    ----------
    rows, lines : list of dict
        See `run.run` and `run.table`.

    Returns
    -------
    matplotlib figure
    """
    names = list(dict.fromkeys(line["data"] for line in lines))
    figure, panels = plt.subplots(
        -(-len(names) // 4), min(4, len(names)), figsize=(16, 4.2 * -(-len(names) // 4)),
        squeeze=False, layout="constrained",
    )  # fmt: skip
    for ax in panels.flat[len(names) :]:
        ax.set_axis_off()
    for ax, name in zip(panels.flat, names, strict=False):
        for y, kind in enumerate(models.NAMES):
            scores, colour = values(rows, name, kind), BLUE if kind == "SENN" else GOLD
            spread = y + np.linspace(-0.25, 0.25, len(scores))
            ax.plot(scores, spread, "o", color=colour, alpha=0.3, markersize=4, markeredgewidth=0)
            line = next(s for s in lines if (s["data"], s["model"]) == (name, kind))
            ax.plot([line["low"], line["high"]], [y, y], color="black", linewidth=2)
            ax.plot(line["score"], y, "D", color=colour, markersize=8, markeredgecolor="white")
        ax.set_yticks(range(len(models.NAMES)), models.NAMES)
        ax.set(title=name.replace("_", " "), ylim=(len(models.NAMES) - 0.5, -0.5))
        ax.set_xlabel("R²" if name in ("diabetes", "friedman1") else "accuracy")
    return figure
