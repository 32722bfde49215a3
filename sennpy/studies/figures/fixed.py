"""Accuracy against neurons, and over time, of grown and fixed networks; a column a task."""

import matplotlib.pyplot as plt

from ...plots.style import BLUE, GOLD, GREEN, RED, in_style
from ..fixed import GROWN, TUNED
from ..runs import groups

DEPTHS = {1: (GOLD, "^"), 2: (GREEN, "s"), 3: (RED, "D")}


@in_style
def draw(rows):
    """Accuracy of grown and fixed networks against neurons and over time; every run a dot or line.

    Parameters
    ----------
    rows : list of dict

    Returns
    -------
    matplotlib figure
    """
    of_tasks = groups(rows, "task")
    figure, axes = plt.subplots(2, len(of_tasks), figsize=(4 * len(of_tasks), 7.5), squeeze=False,
                                layout="constrained")  # fmt: skip
    for i, ((task,), mine) in enumerate(of_tasks.items()):
        against_neurons(mine, axes[0, i])
        over_time(mine, axes[1, i])
        axes[0, i].set_title(task)
    axes[0, 0].set_ylabel("accuracy, test half that reports")
    axes[1, 0].set_ylabel("accuracy, test")
    axes[0, 0].legend(loc="lower right")
    return figure


def looks_of(row):
    """Colour, marker and name of a row's kind."""
    if row["kind"] == GROWN:
        return BLUE, "o", GROWN
    if row["kind"] == TUNED:
        return "0.35", "x", TUNED
    layers = len(row["start"])
    return (*DEPTHS[layers], f"fixed, {layers} layer{'s' * (layers > 1)}")


def against_neurons(rows, ax):
    """Accuracy on the half that reports against hidden neurons; one without any stands at 1/2."""
    named = set()
    for row in rows:
        colour, marker, name = looks_of(row)
        ax.plot(max(row["neurons"], 0.5), row["reported"], color=colour, marker=marker,
                linestyle="", markersize=9 if row["kind"] == GROWN else 5, alpha=0.7,
                label="" if name in named else name)  # fmt: skip
        named.add(name)
    ax.set_xscale("log", base=2)
    ax.set_xlabel("hidden neurons")


def over_time(rows, ax):
    """Accuracy over the seconds of the processor, a line a training."""
    for row in rows:
        if row["kind"] != TUNED:
            grown = row["kind"] == GROWN
            ax.plot(row["curve_seconds"], row["accuracies"], color=looks_of(row)[0],
                    linewidth=2 if grown else 0.8, alpha=0.9 if grown else 0.35,
                    zorder=3 if grown else 2)  # fmt: skip
    ax.set_xscale("log")
    ax.set_xlabel("seconds of the processor")
