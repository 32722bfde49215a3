"""Each training's final loss beside that of the control; a dot a run."""

import matplotlib.pyplot as plt
import numpy as np

from ...plots.style import BLUE, RED, in_style
from ..duel import CONTROL, differences


@in_style
def draw(rows):
    """Paired differences of log10 loss to random units with fan-out 0, training and test."""
    names = [n for n in dict.fromkeys(row["criterion"] for row in rows) if n != CONTROL]
    figure, panels = plt.subplots(1, 2, sharey=True, figsize=(11, 0.36 * len(names) + 2))
    for ax, metric in zip(panels, ("train", "test"), strict=True):
        for y, name in enumerate(names):
            a, b = differences(rows, name, metric)
            if a:
                shift = np.linspace(-0.25, 0.25, len(a))
                ax.plot(np.subtract(a, b), y + shift, "o", color=BLUE, alpha=0.4, markersize=4)
                ax.plot(np.median(np.subtract(a, b)), y, "D", color=RED, markersize=7)
        ax.axvline(0, color="black", linewidth=1)
        ax.set(xscale="symlog", title=f"log10 {metric} loss less that of {CONTROL}",
               xlabel="difference (a dot a task and seed; red: median)")  # fmt: skip
    panels[0].set_yticks(range(len(names)), names)
    panels[0].invert_yaxis()
    figure.tight_layout()
    return figure
