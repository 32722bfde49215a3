"""Every run a dot, medians as lines: what the pictures of studies share."""

import numpy as np

from ...plots.style import BLACK, BLUE, GOLD, GREEN, PURPLE, RED, SKY

COLOURS = (BLUE, GOLD, GREEN, RED, PURPLE, SKY, BLACK)
MARKERS = ("o", "^", "s", "D", "v", "P", "X")


def dots(ax, groups, name, spread=0.35):
    """Draw a number of runs over places 0, 1, ...; a place holds a dot a run, each series beside.

    Parameters
    ----------
    ax : matplotlib axes
    groups : dict
        Name of a series to (dict of a place's label to its rows); the places of the first count.
    name : str
        Of the number; rows that have None are not drawn.
    spread : float
        How far the series stand from the middle of their place.
    """
    labels = list(dict.fromkeys(label for places in groups.values() for label in places))
    shifts = np.linspace(-spread, spread, 2 * len(groups) + 1)[1::2]
    for (series, places), shift, colour, marker in zip(
        groups.items(), shifts, COLOURS, MARKERS, strict=False
    ):
        at = [labels.index(label) + shift for label in places]
        found = [[row[name] for row in rows if row[name] is not None] for rows in places.values()]
        for x, values in zip(at, found, strict=True):
            ax.plot(np.full(len(values), x), values, color=colour, marker=marker, linestyle="",
                    markersize=5, alpha=0.5)  # fmt: skip
        middle = [np.median(values) if values else np.nan for values in found]
        ax.plot(at, middle, color=colour, linewidth=1.5, marker="_", markersize=14, label=series)
    ax.set_xticks(
        range(len(labels)), [f"{v:g}" if isinstance(v, float) else str(v) for v in labels]
    )
    ax.grid(axis="y", color="0.9")
