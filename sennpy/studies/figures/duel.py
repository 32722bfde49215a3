"""Each training's final loss beside that of the control; a dot a run."""

import matplotlib.pyplot as plt
import numpy as np

from ...plots.style import BLUE, RED, in_style
from ..duel import CONTROL, LONGER, differences
from ..family import nested


@in_style
def draw(rows):
    """Log10 losses less those of random units with fan-out 0, training and test; a dot a pair."""
    names = [n for n in dict.fromkeys(row["criterion"] for row in rows)
             if n not in (CONTROL, LONGER)]  # fmt: skip
    figure, panels = plt.subplots(1, 2, sharey=True, figsize=(11, 0.36 * len(names) + 2))
    for ax, metric in zip(panels, ("train", "test"), strict=True):
        for y, name in enumerate(names):
            groups = differences(rows, name, metric)
            if groups:
                own = [value for group in groups for value in group]
                shift = np.linspace(-0.25, 0.25, len(own))
                ax.plot(own, y + shift, "o", color=BLUE, alpha=0.4, markersize=4)
                mean, low, high = nested(groups)
                if np.isfinite(low):
                    ax.plot([low, high], [y, y], color=RED, linewidth=2)
                ax.plot(mean, y, "D", color=RED, markersize=6)
        ax.axvline(0, color="black", linewidth=1)
        ax.set_xscale("symlog", linthresh=0.1)
        ax.set(title=f"log10 {metric} loss less that of {CONTROL}",
               xlabel="difference (a dot a run;\nred: mean over tasks, 95 % each)")  # fmt: skip
    panels[0].set_yticks(range(len(names)), names)
    panels[0].invert_yaxis()
    figure.tight_layout()
    return figure
