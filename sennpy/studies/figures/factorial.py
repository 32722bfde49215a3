"""Effects of the ingredients; a dot a task and seed."""

import matplotlib.pyplot as plt
import numpy as np

from ...plots.style import BLUE, RED, in_style
from ..factorial import effects, named
from ..family import nested


@in_style
def draw(rows):
    """Each factor's effect on log10 of the losses, a dot a task and seed; below 0 it helps."""
    figure, panels = plt.subplots(1, 2, sharey=True, figsize=(11, 4))
    for ax, metric in zip(panels, ("train", "test"), strict=True):
        for y, (factor, _) in enumerate(named()):
            groups = effects(rows, factor, metric)
            own = [effect for group in groups for effect in group]
            ax.plot(own, y + np.linspace(-0.25, 0.25, len(own)), "o", color=BLUE, alpha=0.3,
                    markersize=4)  # fmt: skip
            mean, low, high = nested(groups)
            if np.isfinite(low):
                ax.plot([low, high], [y, y], color=RED, linewidth=2)
            ax.plot(mean, y, "D", color=RED, markersize=7)
        ax.axvline(0, color="black", linewidth=1)
        ax.set(title=f"effect on log10 {metric} loss",
               xlabel="difference; below 0 it helps\n(red: mean, 95 % each)")  # fmt: skip
        ax.set_xscale("symlog", linthresh=0.1)
    panels[0].set_yticks(range(len(named())), [words for _, words in named()])
    panels[0].invert_yaxis()
    figure.tight_layout()
    return figure
