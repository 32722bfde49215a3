"""The battery in one picture: how far each row is from what was to be reached."""

import statistics

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.lines import Line2D

from ...plots.style import BLUE, GOLD, GREEN, PURPLE, RED, axes, in_style
from . import anytime, rivals, tradeoff
from .rows import METRICS, REACHED, ROWS, Known, statistic, verdict
from .table import by_row

LEAST, MOST = 0.04, 8.0  # of the error that is allowed; what is beyond is drawn there
RIVAL_COLOURS = dict(zip(rivals.NAMES, (GOLD, PURPLE, GREEN), strict=True))


def goal_of(row):
    """What the median of a row's metric is to be, None where that is no number."""
    numbers = [
        goal.threshold
        for goal in row.goals
        if (goal.metric, goal.statistic) == (row.metric, "median")
    ]
    return numbers[0] if numbers and not isinstance(numbers[0], str) else None


def error(value, metric):
    """What is missing to perfection: 1 - accuracy, or a loss itself."""
    return 1 - value if METRICS[metric].more_is_better else value


def relative(value, row):
    """The error over that which the goal allows, within the limits of the picture."""
    share = error(value, row.metric) / error(goal_of(row), row.metric)
    return min(max(share, LEAST), MOST)


@in_style
def reached(runs, ax=None):
    """A line a row: a dot a seed, the median, rivals as ticks; the goal is at 1.

    Parameters
    ----------
    runs : dict
        Names of rows to runs, see `table.by_row`.
    ax : matplotlib axes, optional

    Returns
    -------
    matplotlib axes
    """
    ax = axes(ax)
    names = [name for name in runs if goal_of(ROWS[name]) and ROWS[name].group != "noise"]
    for y, name in enumerate(names):
        one_line(ax, y, ROWS[name], runs[name], verdict(ROWS[name], runs) == REACHED)
    ax.axvline(1, color="black", linewidth=1.5, zorder=1)
    ax.set(xscale="log", xlim=(LEAST / 1.15, MOST * 1.15), ylim=(len(names) - 0.4, -0.7))
    ax.set_yticks(range(len(names)), [ROWS[name].title for name in names])
    ax.tick_params(axis="y", length=0)
    ax.set_xticks([0.05, 0.2, 0.5, 1, 2, 5], ["1/20", "1/5", "1/2", "1", "2", "5"])
    ax.minorticks_off()
    ax.set(
        xlabel="test error / error that the goal allows (drawn from 1/25 to 8)",
        title="Test error against the goal",
    )
    ax.grid(axis="x", color="0.9", linewidth=0.8)
    ax.set_axisbelow(True)
    return ax


def one_line(ax, y, row, runs, good):
    """Dots, median, ticks and numbers of one row at a height."""
    colour, median = BLUE if good else RED, statistic(runs, row.metric, "median")
    values = [relative(run[row.metric], row) for run in runs]
    spread = np.linspace(-0.2, 0.2, len(values)) if len(values) > 1 else [0.0]
    for name in rivals.NAMES:
        found = [run["rivals"][name][row.metric] for run in runs if name in run.get("rivals", {})]
        if found:
            x = relative(statistics.median(found), row)
            ax.plot([x, x], [y - 0.36, y + 0.36], color=RIVAL_COLOURS[name], linewidth=2, zorder=2)
    ax.plot(values, y + np.array(spread), "o", color=colour, alpha=0.35, markersize=4.5,
            markeredgewidth=0, zorder=3)  # fmt: skip
    ax.plot(relative(median, row), y, "D", color=colour, markersize=8, markeredgecolor="white",
            zorder=4)  # fmt: skip
    form = METRICS[row.metric].form
    told = f"{form.format(median)}  (goal {form.format(goal_of(row))})"
    beside = [goal for goal in row.goals if goal.verdict(Known({row.name: runs}, row.name)) is False
              and (goal.metric, goal.statistic) != (row.metric, "median")]  # fmt: skip
    told += "".join(f"\nmissed: {goal}" for goal in beside)
    ax.annotate(told, (1.01, y), xycoords=("axes fraction", "data"), va="center", fontsize=10,
                color=colour)  # fmt: skip


def legend():
    """Handles that say what dots, marks and ticks are."""
    dots = [
        Line2D([], [], marker="D", ls="", color=BLUE, label="median, goal reached"),
        Line2D([], [], marker="D", ls="", color=RED, label="median, goal missed"),
        Line2D([], [], marker="o", ls="", color="0.4", alpha=0.5, label="one seed"),
    ]
    return dots + [
        Line2D([], [], marker="|", ls="", markersize=12, markeredgewidth=2, color=colour,
               label=name)
        for name, colour in RIVAL_COLOURS.items()
    ]  # fmt: skip


@in_style
def noise_neurons(runs, ax=None):
    """How many neurons pure noise was given: a dot's size is the number of draws."""
    ax = axes(ax)
    names = [name for name in runs if ROWS[name].group == "noise"]
    for x, name in enumerate(names):
        counts = np.bincount([run["neurons"] for run in runs[name]])
        for neurons in np.flatnonzero(counts):
            share = counts[neurons] / counts.sum()
            colour = BLUE if neurons <= 2 else RED
            ax.scatter(x, neurons, s=420 * share, color=colour, alpha=0.7, linewidth=0)
            ax.annotate(f"{counts[neurons]}", (x, neurons), ha="center", va="center",
                        xytext=(0, 17), textcoords="offset points", fontsize=9)  # fmt: skip
    most = max((run["neurons"] for name in names for run in runs[name]), default=0)
    ax.axhline(2.5, color="black", linewidth=1.5)
    ax.annotate("goal: none above 2", (-0.5, 2.55), va="bottom", fontsize=10)
    kinds = {"regression": "real", "labels": "class"}
    marks = [f"{name.split('-')[2]}\n{kinds[name.split('-')[1]]}" for name in names]
    ax.set_xticks(range(len(names)), marks, fontsize=8)
    ax.set_xlabel("training samples, kind of target")
    ax.set(xlim=(-0.6, len(names) - 0.3), ylim=(-0.6, max(most, 3) + 0.6))
    ax.yaxis.get_major_locator().set_params(integer=True)
    ax.set(ylabel="hidden neurons", title="Pure noise: draws by neurons")
    return ax


@in_style
def size_and_loss(runs, task, ax=None):
    """Neurons and test loss of a task against the number of samples: medians over seeds."""
    ax = axes(ax)
    names = [name for name in runs if name.startswith(f"{task}-of-")]
    samples = [ROWS[name].options["samples"] for name in names]
    for seeds in zip(*(runs[name] for name in names), strict=False):
        ax.plot(samples, [run["neurons"] for run in seeds], color=BLUE, alpha=0.15, linewidth=1)
    neurons = [statistic(runs[name], "neurons", "median") for name in names]
    loss = [statistic(runs[name], "log_loss", "median") for name in names]
    ax.plot(samples, neurons, color=BLUE, marker="o")
    ax.set(xscale="log", xlabel="training samples", ylim=(0, None))
    ax.set_ylabel("neurons", color=BLUE)
    ax.set_xticks(samples, [str(number) for number in samples], fontsize=8)
    ax.minorticks_off()
    other = ax.twinx()
    other.plot(samples, loss, color=RED, marker="s", linestyle="--")
    other.set_ylabel("test loss", color=RED)
    other.set_ylim(bottom=0)
    other.spines["right"].set_visible(True)
    ax.set_title(f"Size with data: {ROWS[names[0]].title.split(', N')[0]}")
    return ax


@in_style
def areas(pairs, ax=None):
    """Mean accuracy over time, growing beside the best fixed width: a dot a seed."""
    ax = axes(ax)
    found = anytime.medians(pairs)
    for y, (name, (_, grown, still)) in enumerate(found.items()):
        here = [pair for pair in pairs if pair["row"] == name]
        for kind, colour, up, median in (("grown", BLUE, -0.13, grown),
                                         ("fixed", GOLD, 0.13, still)):  # fmt: skip
            ax.plot([pair[kind] for pair in here], [y + up] * len(here), "o", color=colour,
                    alpha=0.35, markersize=5, markeredgewidth=0)  # fmt: skip
            ax.plot(median, y + up, "D", color=colour, markersize=8, markeredgecolor="white")
    marks = [f"{ROWS[name].title}\n(fixed {width})" for name, (width, _, _) in found.items()]
    ax.set_yticks(range(len(found)), marks, fontsize=10)
    ax.set(ylim=(len(found) - 0.4, -0.6), xlabel="accuracy, mean over time")
    ax.set_title("Anytime: growing and fixed width")
    ax.grid(axis="x", color="0.9", linewidth=0.8)
    ax.legend(handles=[
        Line2D([], [], marker="D", ls="", color=colour, label=label)
        for label, colour in (("growing", BLUE), ("best fixed width", GOLD))
    ], loc="upper center", bbox_to_anchor=(0.4, -0.2), ncols=2, fontsize=10)  # fmt: skip
    return ax


@in_style
def battery_figure(content):
    """The picture of a record: rows against their goals, noise, sizes, areas over time.

    Parameters
    ----------
    content : dict
        The record, with runs and areas_over_seconds.

    Returns
    -------
    matplotlib figure
    """
    runs = by_row(content["runs"])
    figure = plt.figure(figsize=(17, 10), layout="constrained")
    grid = figure.add_gridspec(2, 4, width_ratios=(1.5, 0.38, 1.1, 1.1))
    left = reached(runs, figure.add_subplot(grid[:, 0]))
    left.legend(handles=legend(), loc="upper center", bbox_to_anchor=(0.4, -0.07), ncols=2,
                fontsize=10)  # fmt: skip
    if any(ROWS[name].group == "noise" for name in runs):
        noise_neurons(runs, figure.add_subplot(grid[0, 2]))
    if content["areas_over_seconds"]:
        areas(content["areas_over_seconds"], figure.add_subplot(grid[0, 3]))
    for column, task in ((2, "moons"), (3, "spiral")):
        if any(name.startswith(f"{task}-of-") for name in runs):
            size_and_loss(runs, task, figure.add_subplot(grid[1, column]))
    return figure


@in_style
def tradeoff_figure(runs):
    """False additions on noise, test errors and sizes elsewhere, over the standard errors asked.

    Parameters
    ----------
    runs : list of dict
        As `tradeoff.run` gives them.

    Returns
    -------
    matplotlib figure
    """
    figure, (left, middle, right) = plt.subplots(1, 3, figsize=(15, 4.6), layout="constrained")
    levels, false = tradeoff.false_additions(runs)
    left.plot(levels, false, color=BLUE, marker="o")
    left.set(title="Trainings on noise that grew", ylabel="share", ylim=(0, None))
    names = [n for n in dict.fromkeys(run["row"] for run in runs) if not n.startswith("noise")]
    colours = plt.get_cmap("tab10").colors
    for name, colour in zip(names, colours, strict=False):
        row = ROWS[name]
        levels, values = tradeoff.medians(runs, name, row.metric)
        shares = [error(value, row.metric) / error(goal_of(row), row.metric) for value in values]
        middle.plot(levels, shares, color=colour, marker="o", label=row.title)
        right.plot(*tradeoff.medians(runs, name, "neurons"), color=colour, marker="o")
    middle.axhline(1, color="0.4", lw=1)
    middle.set(title="Test error over the goal's, medians", yscale="log")
    middle.yaxis.set_major_formatter("{x:g}")
    middle.yaxis.set_minor_formatter("{x:g}")
    right.set(title="Hidden neurons, medians")
    for ax in (left, middle, right):
        ax.set_xlabel("standard errors $z$ that are asked")
    figure.legend(loc="outside right center")
    return figure
