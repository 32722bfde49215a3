"""One style for all: Okabe and Ito's colours, which colour-blind readers can tell apart, and fonts
that stay legible when a figure is halved.
"""

import functools
from pathlib import Path

import matplotlib.pyplot as plt

from ..writing import written_whole

BLUE, ORANGE, GREEN, RED, PURPLE, SKY, BLACK = (
    "#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9", "#000000"
)  # fmt: skip
CLASS_COLOURS, CLASS_MARKERS = (BLUE, ORANGE), ("o", "^")
STYLE = {
    "font.size": 13,
    "axes.titlesize": 13,
    "axes.labelsize": 13,
    "legend.fontsize": 11,
    "legend.frameon": True,  # white, so that no line runs through the words
    "legend.edgecolor": "none",
    "legend.framealpha": 0.9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "lines.linewidth": 2,
    "figure.dpi": 100,
    "savefig.dpi": 150,
}


def in_style(draw):
    """Decorator: everything that `draw` makes has the style, wherever its axes come from.

    Loading a notebook's backend changes settings that leaving the style would take back, after
    which no further figure is shown; so it is loaded first.
    """

    @functools.wraps(draw)
    def styled(*args, **kwargs):
        plt.draw_if_interactive()
        with plt.rc_context(STYLE):
            return draw(*args, **kwargs)

    return styled


@in_style
def axes(ax):
    """`ax`, or a new one in a figure of its own."""
    return plt.subplots(figsize=(5, 4), layout="constrained")[1] if ax is None else ax


@in_style
def save(figure, path):
    """Write a figure to `path` or an open file (PNG) without a date in it, and close it."""
    if hasattr(path, "write"):
        figure.savefig(path, metadata={"Software": None})
    else:
        kind = Path(path).suffix.removeprefix(".") or "png"
        with written_whole(path) as file:
            figure.savefig(file, format=kind, metadata={"Software": None})
    plt.close(figure)
