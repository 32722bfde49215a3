"""One style for all: fonts that stay legible when a figure is halved, and six colours.

Their hues are Okabe and Ito's, which colour-blind readers can tell apart, made darker: each has a
contrast of 3 to 1 or more to white and to a dark page alike, and two of them are at least as far
apart as two of theirs (tests/test_colours.py).
"""

import functools
from pathlib import Path

import matplotlib.pyplot as plt
from matplotlib.artist import Artist

from ..writing import written_whole

BLUE, GOLD, GREEN, RED, PURPLE, SKY, BLACK = (
    "#0965B5", "#B38816", "#059A78", "#BA3927", "#875E86", "#2598D5", "#000000"
)  # fmt: skip
CLASS_COLOURS, CLASS_MARKERS = (BLUE, GOLD), ("o", "^")
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

    What it gives bears the first line of its docstring as its label, so that it can be described.

    Loading a notebook's backend changes settings that leaving the style would take back, after
    which no further figure is shown; so it is loaded first.
    """

    @functools.wraps(draw)
    def styled(*args, **kwargs):
        plt.draw_if_interactive()
        with plt.rc_context(STYLE):
            drawn = draw(*args, **kwargs)
        if isinstance(drawn, Artist):  # see plots.described
            drawn.set_label((draw.__doc__ or draw.__name__).partition("\n")[0])
        return drawn

    return styled


def axes(ax):
    """`ax`, or a new one in a figure of its own."""
    if ax is not None:
        return ax
    plt.draw_if_interactive()
    with plt.rc_context(STYLE):
        return plt.subplots(figsize=(5, 4), layout="constrained")[1]


@in_style
def save(figure, path):
    """Write a figure to `path` or an open file (PNG) without a date in it, and close it."""
    settle(figure)
    if hasattr(path, "write"):
        figure.savefig(path, metadata={"Software": None})
    else:
        kind = Path(path).suffix.removeprefix(".") or "png"
        with written_whole(path) as file:
            figure.savefig(file, format=kind, metadata={"Software": None})
    plt.close(figure)


def settle(figure):
    """Lay a figure out for the last time, with places to a billionth of its size.

    What solves a constrained layout gives other last bits from call to call, and where a line falls
    between two pixels these decide on which it is drawn: equal figures would differ in bytes.
    """
    figure.set_dpi(plt.rcParams["savefig.dpi"])
    figure.draw_without_rendering()
    figure.set_layout_engine("none")
    for ax in figure.axes:
        ax.set_position([round(side, 9) for side in ax.get_position().bounds])
