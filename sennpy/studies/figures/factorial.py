"""Main effects of the ingredients; a dot a task and seed."""

import matplotlib.pyplot as plt
import numpy as np

from ...plots.style import BLUE, RED, in_style
from ..factorial import FACTORS, effects


@in_style
def draw(rows):
    """Each factor's effect on log10 of the training and the test loss; below 0 it helps."""
    figure, panels = plt.subplots(1, 2, sharey=True, figsize=(11, 4))
    for ax, metric in zip(panels, ("train", "test"), strict=True):
        for y, factor in enumerate(FACTORS):
            own = effects(rows, factor, metric)
            ax.plot(own, y + np.linspace(-0.2, 0.2, len(own)), "o", color=BLUE, alpha=0.5)
            ax.plot(np.mean(own), y, "D", color=RED, markersize=8)
        ax.axvline(0, color="black", linewidth=1)
        ax.set(title=f"effect on log10 {metric} loss", xlabel="difference (red: mean)")
    panels[0].set_yticks(range(len(FACTORS)), [f"{b} for {a}" for a, b in FACTORS.values()])
    panels[0].invert_yaxis()
    figure.tight_layout()
    return figure
