"""Ranks of each criterion's own scores beside ranks of what they brought, a dot a training."""

import matplotlib.pyplot as plt
import numpy as np

from ...plots.style import BLUE, RED, in_style
from ..family import nested
from ..oracle import YARDSTICKS, correlations, criteria, retest


@in_style
def draw(rows):
    """A line a score: Spearman within states, a dot a training; grey: the retest's mean."""
    lines = [*((name, "score") for name in criteria(rows)), *((None, y) for y in YARDSTICKS)]
    figure, ax = plt.subplots(figsize=(10, 0.36 * len(lines) + 2))
    for y, (name, what) in enumerate(lines):
        groups = correlations(rows, name, lambda one, what=what: one[what])
        own = [value for group in groups for value in group]
        ax.plot(own, y + np.linspace(-0.25, 0.25, len(own)), "o", color=BLUE, alpha=0.4,
                markersize=4)  # fmt: skip
        again = retest(rows, name)
        if again:
            ax.plot(nested(again).estimate, y, "|", color="0.6", markersize=16, markeredgewidth=3)
        if groups:
            mean, low, high = nested(groups)
            if np.isfinite(low):
                ax.plot([low, high], [y, y], color=RED, linewidth=2)
            ax.plot(mean, y, "D", color=RED, markersize=6)
    ax.axvline(0, color="black", linewidth=1)
    ax.set_yticks(range(len(lines)), [f"{name}: own" if name else f"all: {what}"
                                      for name, what in lines])  # fmt: skip
    ax.invert_yaxis()
    ax.set(xlabel="Spearman with the fall of the loss, within a state\n(a dot a training; red: "
           "mean, 95 % each; grey: one training with another, the ceiling)")  # fmt: skip
    figure.tight_layout()
    return figure
