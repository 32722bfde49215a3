"""The paper's figure 4: accuracy and width while a network grows, and against the data."""

import matplotlib.pyplot as plt
import numpy as np

from ...plots.style import BLUE, GOLD, GREEN, PURPLE, RED, SKY, axes, in_style

COLOURS = (BLUE, RED, GREEN, GOLD, PURPLE, SKY)
AGAINST = {"epoch": "epoch", "seconds": "time (s)"}


@in_style
def accuracy_of_runs(runs, ax=None, against="epoch"):
    """Test accuracy of several runs over epochs, or over time (against="seconds")."""
    ax, seen = axes(ax), []
    for i, run in enumerate(runs):
        accuracy = 100 * np.array(run.history.column("validation_accuracy"))
        label = f"seed {run.seed}: {accuracy[-1]:.2f} %"
        ax.plot(run.history.column(against), accuracy, color=COLOURS[i % 6], label=label)
        seen.extend(accuracy[1:] if len(accuracy) > 1 else accuracy)  # the first is far below
    low, high = min(seen), max(seen)
    ax.set_ylim(low - 0.5, min(100, high + 0.1 * (high - low) + 0.1))
    ax.set(xlabel=AGAINST[against], ylabel="test accuracy (%)", title="Accuracy")
    ax.set_xlim(left=0)
    ax.legend(loc="lower right")
    return ax


@in_style
def width_of_runs(runs, ax=None, against="epoch"):
    """Hidden neurons of several runs over epochs, or over time (against="seconds")."""
    ax = axes(ax)
    for i, run in enumerate(runs):
        width = [sum(sizes[1:-1]) for sizes in run.history.column("sizes")]
        label = f"seed {run.seed}: {sum(run.hidden)}"
        ax.plot(
            run.history.column(against), width, color=COLOURS[i % 6], label=label,
            drawstyle="steps-post",
        )  # fmt: skip
    ax.set(xlabel=AGAINST[against], ylabel="hidden neurons", title="Width")
    ax.set_xlim(left=0)
    ax.set_ylim(bottom=0)
    ax.legend(loc="lower right")
    return ax


@in_style
def mnist_figure(runs):
    """Accuracy and width of the runs, over epochs above and over time below.

    Parameters
    ----------
    runs : sequence of experiments.classification.Run

    Returns
    -------
    matplotlib figure
    """
    figure, panels = plt.subplots(2, 2, figsize=(11, 8.4), layout="constrained")
    for row, against in zip(panels, AGAINST, strict=True):
        accuracy_of_runs(runs, row[0], against)
        width_of_runs(runs, row[1], against)
    return figure


def band(points, ax, colour):
    """Medians over the number of samples, with a band from the least to the largest."""
    samples, low, middle, high = np.array(points, dtype=float).T
    ax.fill_between(samples, low, high, color=colour, alpha=0.25, linewidth=0)
    ax.plot(samples, middle, color=colour, marker="o")
    ax.set(xlabel="training samples", xscale="log")
    return ax


@in_style
def sweep_width(points, ax=None):
    """Width at the end against the number of samples: median, least and largest over the seeds.

    Parameters
    ----------
    points : sequence of (samples, least, median, largest)
    ax : matplotlib axes, optional

    Returns
    -------
    matplotlib axes
    """
    ax = band(points, axes(ax), BLUE)
    ax.set(ylabel="hidden neurons", title="Width at the end")
    ax.set_ylim(bottom=0)
    return ax


@in_style
def sweep_accuracy(points, ax=None):
    """Test accuracy (shares in `points`, drawn in per cent) against the number of samples."""
    points = [(samples, *(100 * share for share in shares)) for samples, *shares in points]
    ax = band(points, axes(ax), RED)
    ax.set(ylabel="test accuracy (%)", title="Accuracy")
    ax.set_ylim(top=100)
    return ax


@in_style
def sweep_figure(widths, accuracies):
    """Width at the end and accuracy against the number of samples, side by side."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(11, 4.4), layout="constrained")
    sweep_width(widths, left)
    sweep_accuracy(accuracies, right)
    return figure
