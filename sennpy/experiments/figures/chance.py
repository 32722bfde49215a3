"""What chance brings, in one figure: the best of a search on noise, and what rules make of it."""

import matplotlib.pyplot as plt
import numpy as np

from ...plots.style import BLACK, BLUE, GREEN, ORANGE, PURPLE, RED, SKY, in_style

COLOURS = (BLUE, SKY, GREEN, ORANGE, RED)  # by the number of inputs
MARKERS = ("o", "^", "s", "D", "v", "P")
OF_RULES = (BLACK, ORANGE, RED, PURPLE, SKY, BLUE)
WHAT = {
    "noise": "mean squared error", "noisy labels": "log-loss",
    "moons 0.3": "log-loss", "friedman1": "mean squared error",
}  # fmt: skip


@in_style
def chance_figure(levels, trainings):
    """Gains on noise over N, d and m, and how many neurons each rule adds on what.

    Parameters
    ----------
    levels, trainings : lists of dict
        As `experiments.chance.run` gives them.

    Returns
    -------
    matplotlib figure
    """
    figure = plt.figure(figsize=(15, 13), layout="constrained")
    above, below = figure.subfigures(2, 1, height_ratios=[1.05, 1])
    outputs = list(dict.fromkeys(row["m"] for row in levels))
    axes = above.subplots(1, len(outputs) + 1)
    for ax, m in zip(axes, outputs, strict=False):
        gains_by_chance([row for row in levels if row["m"] == m], ax)
        ax.sharey(axes[0])
    gains_held_out([row for row in levels if row["m"] == outputs[0]], axes[-1])
    tasks = list(dict.fromkeys(row["task"] for row in trainings))
    for ax, task in zip(below.subplots(1, len(tasks), squeeze=False)[0], tasks, strict=True):
        neurons_and_error([row for row in trainings if row["task"] == task], ax)
    handles, labels = below.axes[0].get_legend_handles_labels()
    below.legend(handles, labels, loc="outside lower center", ncols=len(labels), markerscale=1.3)
    return figure


def gains_by_chance(rows, ax):
    """What the best of a search explains of noise, beside p / (N m) and a fixed direction."""
    for d, colour, marker in zip(dict.fromkeys(r["d"] for r in rows), COLOURS, MARKERS, strict=False):
        mine = [row for row in rows if row["d"] == d]
        N = [row["N"] for row in mine]
        ax.plot(N, [row["simulated"] for row in mine], color=colour, label=f"{d}",
                marker=marker)  # fmt: skip
        ax.plot(N, [row["permuted"] for row in mine], color=colour, linestyle="", marker="x",
                markersize=9)  # fmt: skip
        ax.plot(N, [row["numbers"] for row in mine], color=colour, linestyle=":", linewidth=1.3)
    N = sorted({row["N"] for row in rows})
    ax.plot(N, 1 / (np.array(N) - 1), color=BLACK, label="a fixed direction")
    ax.plot([], [], color="0.4", linestyle="", marker="x", label="residuals permuted")
    ax.plot([], [], color="0.4", linestyle=":", label="$p/(Nm)$")
    ax.set(xlabel="samples $N$", ylabel=r"$\Delta\eta / \lambda$ of the best neuron",
           xscale="log", yscale="log", title=f"Found on noise, outputs: {rows[0]['m']}")  # fmt: skip
    ax.legend(title="inputs", loc="lower left")


def gains_held_out(rows, ax):
    """The same neurons on samples that they were not found on."""
    for d, colour, marker in zip(dict.fromkeys(r["d"] for r in rows), COLOURS, MARKERS, strict=False):
        mine = [row for row in rows if row["d"] == d]
        ax.errorbar([row["N"] for row in mine], [row["held_out"] for row in mine],
                    [row["held_out_error"] for row in mine], color=colour, marker=marker,
                    capsize=3, label=f"{d}")  # fmt: skip
    ax.axhline(0, color=BLACK, linewidth=1)
    ax.set(xlabel="samples $N$", ylabel=r"gain / $\lambda$ on other samples", xscale="log",
           title=f"The same neurons, held out, outputs: {rows[0]['m']}")  # fmt: skip
    ax.set_yscale("symlog", linthresh=1e-3)
    ax.legend(title="inputs", loc="lower right")


def neurons_and_error(rows, ax):
    """Neurons added and test error: each draw small, the median of each rule large."""
    rules = dict.fromkeys(row["rule"] for row in rows)
    for rule, colour, marker in zip(rules, OF_RULES, MARKERS, strict=False):
        mine = [(row["neurons"], row["test"]) for row in rows if row["rule"] == rule]
        ax.plot(*np.transpose(mine), color=colour, marker=marker, linestyle="", markersize=5,
                alpha=0.4)  # fmt: skip
        ax.plot(*np.median(mine, axis=0), color=colour, marker=marker, linestyle="", markersize=12,
                markeredgecolor="white", label=rule)  # fmt: skip
    ax.set(xlabel="neurons added", ylabel=f"{WHAT[rows[0]['task']]}, test", title=rows[0]["task"])
    ax.set_xscale("symlog", linthresh=1, base=2)
    ticks = [0, 1, 2, 4, 8, 16, 32, 64]
    most = max(row["neurons"] for row in rows)
    ax.set_xticks([t for t in ticks if t <= max(2 * most, 1)], labels=None)
    ax.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    ax.set_yscale("log")
