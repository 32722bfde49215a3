"""What chance brings, in one figure: the best of a search on noise, and what rules make of it."""

import matplotlib.pyplot as plt
import numpy as np

from ...plots.style import BLACK, BLUE, GOLD, GREEN, PURPLE, RED, SKY, in_style

COLOURS = (BLUE, SKY, GREEN, GOLD, RED)  # by the number of inputs
MARKERS = ("o", "^", "s", "D", "v", "P")
OF_RULES = (BLACK, GOLD, RED, PURPLE, SKY, BLUE)
ERROR = {"noise": "squared error", "friedman1": "squared error"}  # the others are classified


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
    figure = plt.figure(figsize=(15, 14.5), layout="constrained")
    above, below = figure.subfigures(2, 1, height_ratios=[1, 1.25])
    outputs = list(dict.fromkeys(row["m"] for row in levels))
    axes = above.subplots(1, len(outputs) + 1, sharey=True)
    for ax, m in zip(axes, outputs, strict=False):
        gains_by_chance([row for row in levels if row["m"] == m], ax)
    losses_held_out([row for row in levels if row["m"] == outputs[0]], axes[-1])
    axes[0].set_ylabel(r"in units of $\lambda$")
    handles, labels = axes[0].get_legend_handles_labels()
    above.legend(handles, labels, loc="outside lower center", ncols=4)
    tasks = list(dict.fromkeys(row["task"] for row in trainings))
    grid = below.subplots(2, len(tasks), sharex=True, squeeze=False)
    for (top, bottom), task in zip(grid.T, tasks, strict=True):
        rows = [row for row in trainings if row["task"] == task]
        by_rule(rows, "neurons", top)
        top.set(title=f"Trainings on {task}" if task == tasks[0] else task, ylim=(-0.7, None))
        by_rule(rows, "test", bottom)
        bottom.set_ylabel(f"{ERROR.get(task, 'log-loss')}, test")
    grid[0, 0].set_ylabel("neurons added")
    return figure


def by_inputs(rows):
    """Rows by their number of inputs, each with a colour and a marker."""
    groups = [[row for row in rows if row["d"] == d] for d in dict.fromkeys(r["d"] for r in rows)]
    return zip(groups, COLOURS, MARKERS, strict=False)


def gains_by_chance(rows, ax):
    """What the best of a search explains of noise, beside p / (N m) and a fixed direction."""
    for mine, colour, marker in by_inputs(rows):
        N = [row["N"] for row in mine]
        d = mine[0]["d"]
        ax.plot(N, [row["simulated"] for row in mine], color=colour, marker=marker,
                label=f"{d} input{'s' * (d > 1)}")  # fmt: skip
        ax.plot(N, [row["permuted"] for row in mine], color=colour, linestyle="", marker="x",
                markersize=9)  # fmt: skip
        ax.plot(N, [row["numbers"] for row in mine], color=colour, linestyle=":", linewidth=1.3)
    N = sorted({row["N"] for row in rows})
    ax.plot(N, 1 / (np.array(N) - 1), color=BLACK, label="a fixed direction, $1/(N-1)$")
    ax.plot([], [], color="0.4", linestyle="", marker="x", label="residuals permuted")
    ax.plot([], [], color="0.4", linestyle=":", label="$p/(Nm)$")
    m = rows[0]["m"]
    ax.set(xlabel="samples $N$", xscale="log", yscale="log",
           title=f"Gain of the best neuron on noise, {m} output{'s' * (m > 1)}")  # fmt: skip


def losses_held_out(rows, ax):
    """What the same neurons lose on samples that they were not found on; a gain is not drawn."""
    for mine, colour, marker in by_inputs(rows):
        lost = -np.array([row["held_out"] for row in mine])
        error = np.array([row["held_out_error"] for row in mine])
        ax.errorbar([row["N"] for row in mine], np.where(lost > 0, lost, np.nan), error,
                    color=colour, marker=marker, capsize=3)  # fmt: skip
    ax.set(xlabel="samples $N$", xscale="log", yscale="log",
           title=f"What they lose on other samples, {rows[0]['m']} output")  # fmt: skip


def by_rule(rows, name, ax):
    """A number of each training, by rule: each draw small, the median large."""
    rules = list(dict.fromkeys(row["rule"] for row in rows))
    for i, (rule, colour, marker) in enumerate(zip(rules, OF_RULES, MARKERS, strict=False)):
        values = [row[name] for row in rows if row["rule"] == rule]
        beside = i + np.linspace(-0.3, 0.3, len(values)) if len(values) > 1 else [i]
        ax.plot(beside, values, color=colour, marker=marker, linestyle="", markersize=5, alpha=0.5)
        ax.hlines(np.median(values), i - 0.4, i + 0.4, color=colour, linewidth=3)
    ax.set_xticks(range(len(rules)), rules, rotation=40, ha="right", rotation_mode="anchor")
    ax.yaxis.get_major_locator().set_params(integer=name == "neurons")
    ax.grid(axis="y", color="0.9")
