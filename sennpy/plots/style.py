"""One style for all: Okabe and Ito's colours, which colour-blind readers can tell apart, and fonts
that stay legible when a figure is halved.
"""

import matplotlib.pyplot as plt

BLUE, ORANGE, GREEN, RED, PURPLE, SKY, BLACK = (
    "#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9", "#000000"
)  # fmt: skip
CLASS_COLOURS, CLASS_MARKERS = (BLUE, ORANGE), ("o", "^")
STYLE = {
    "font.size": 13,
    "axes.titlesize": 13,
    "axes.labelsize": 13,
    "legend.fontsize": 11,
    "legend.frameon": False,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "lines.linewidth": 2,
    "figure.dpi": 100,
    "savefig.dpi": 150,
}


def axes(ax):
    """`ax`, or a new one in a figure of its own."""
    if ax is not None:
        return ax
    with plt.rc_context(STYLE):
        return plt.subplots(figsize=(5, 4), layout="constrained")[1]


def save(figure, path):
    """Write a figure to `path` (PNG) without a date in it, and close it."""
    figure.savefig(path, metadata={"Software": None})
    plt.close(figure)
