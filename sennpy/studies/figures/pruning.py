"""The picture of the study of removal: sizes along training, sizes and losses at the end."""

import matplotlib.pyplot as plt
import numpy as np

from ...plots.style import BLUE, GOLD, GREEN, PURPLE, RED, in_style
from ..pruning import COOLDOWN
from ..trained import grouped

COLOURS = (BLUE, GREEN, GOLD, RED, PURPLE)


@in_style
def draw(rows):
    """Sizes along training by what a neuron must cost to stay, and ends: every run a dot."""
    tasks = sorted({row["task"] for row in rows})
    keeps = sorted({row["keep"] for row in rows})
    fig, axes = plt.subplots(
        3, len(tasks), figsize=(4.2 * len(tasks) + 1, 10), squeeze=False, layout="constrained"
    )
    for task, column in zip(tasks, axes.T, strict=True):
        column[0].set_title(task)
        for (keep,), some in grouped([row for row in rows if row["task"] == task], "keep"):
            k = keeps.index(keep)
            sizes = np.array([row["sizes"] for row in some])
            x = 1 + COOLDOWN * np.arange(sizes.shape[1])
            column[0].plot(x, sizes.mean(axis=0), color=COLOURS[k], label=f"{keep:g}")
            at = k + 0.5 * (np.arange(len(some)) / max(len(some) - 1, 1) - 0.5)
            for ax, name in ((column[1], "test_loss"), (column[2], "thrashes")):
                ax.plot(at, [row[name] for row in some], "o", color=COLOURS[k], ms=5, alpha=0.7)
        column[0].set(xlabel="epoch", ylim=0)
        column[1].set_yscale("log")
        for ax in column[1:]:
            ax.set_xticks(range(len(keeps)), [f"{keep:g}" for keep in keeps])
        column[2].set_xlabel("cost to stay, in alpha lambda")
    for ax, name in zip(
        axes[:, 0], ("neurons (mean)", "test loss", "removed, then added"), strict=True
    ):
        ax.set_ylabel(name)
    axes[0, 0].legend(title="cost to stay")
    return fig
