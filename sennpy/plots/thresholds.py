"""When to add, how often, and what may go: pictures of thresholds and of removal costs."""

import matplotlib.pyplot as plt
import numpy as np

from .style import BLACK, BLUE, GOLD, GREEN, RED, axes, in_style


@in_style
def decision_plane(tau, alpha, paths, ax=None):
    """Where both thresholds are passed, and how candidates move while the network trains.

    Parameters
    ----------
    tau, alpha : float
    paths : dict of str to (steps, 2) array
        eta_c / lambda and Delta eta / lambda from step to step, three candidates at most.
    ax : matplotlib axes, optional

    Returns
    -------
    matplotlib axes

    Notes
    -----
    Paper: (E13).
    """
    if ax is None:
        ax = plt.subplots(figsize=(6.4, 5), layout="constrained")[1]
    eta = np.linspace(0, 1, 501)
    least = np.maximum(alpha, tau * eta)
    ax.fill_between(eta, least, 1 - eta, where=least < 1 - eta, color=GREEN, alpha=0.2)
    end = 1 / (1 + tau)  # where tau eta meets the ceiling
    ax.plot([0, end], [0, tau * end], color=GREEN, linewidth=1.5)
    ax.axhline(alpha, color=GREEN, linewidth=1.5, linestyle="--")
    ax.fill_between(eta, 1 - eta, 1, color="0.85")
    ax.text(0.97, 0.97, r"more than $\lambda$: impossible", ha="right", va="top", color="0.35")
    ax.text(0.04, 0.83, "add", color=GREEN, fontsize=18)
    ax.text(end, tau * end / 2, "train on", color=BLACK, ha="center", va="center", fontsize=18)
    kinds = zip(paths.items(), ((BLUE, "o"), (RED, "^"), (GOLD, "s")), strict=False)
    for (label, path), (colour, marker) in kinds:
        ax.plot(*np.transpose(path), color=colour, marker=marker, markersize=5, label=label)
        ax.annotate(
            "", path[-1], path[-2], arrowprops={"arrowstyle": "-|>", "color": colour, "lw": 2}
        )
    ax.set(
        xlabel=r"$\eta_c / \lambda$: what training can still do",
        ylabel=r"$\Delta\eta / \lambda$: what the addition brings",
        xlim=(0, 1), ylim=(0, 1), title=rf"When to add ($\tau$ = {tau:g}, $\alpha$ = {alpha:g})",
    )  # fmt: skip
    ax.legend(loc="center right")
    return ax


@in_style
def additions_bound(taus, bound, counts, ax=None):
    """How many additions were made at one time, under the bound on them.

    Parameters
    ----------
    taus : (K,) array
        Drawn on a logarithmic axis.
    bound : (K,) array
    counts : dict of str to (K,) array of int
        Three at most; positive, since the axis is logarithmic.
    ax : matplotlib axes, optional

    Returns
    -------
    matplotlib axes

    Notes
    -----
    Paper: Theorem 3.1.
    """
    ax = axes(ax)
    ax.plot(taus, bound, color=BLACK, label="bound")
    kinds = zip(counts.items(), ((RED, "^"), (GOLD, "s"), (BLUE, "o")), strict=False)
    for (label, number), (colour, marker) in kinds:
        ax.plot(taus, number, color=colour, marker=marker, linestyle=":", label=label)
    ax.set(xlabel=r"$\tau$", ylabel="additions at one time", xscale="log", yscale="log")
    ax.set_title("The theorem and what is met")
    ax.legend(loc="upper right")
    return ax


@in_style
def removal(predicted, increases, ax=None):
    """Increase of the loss by removing each neuron, against what its removal cost predicts.

    Parameters
    ----------
    predicted : (n,) array
        Half the removal cost, positive.
    increases : dict of str to (n,) array
        Three at most; positive.
    ax : matplotlib axes, optional

    Returns
    -------
    matplotlib axes

    Notes
    -----
    Paper: (E15).
    """
    ax = axes(ax)
    ends = np.array([np.min(predicted) / 2, np.max(predicted) * 2])
    ax.plot(ends, ends, color=BLACK, linewidth=1.3, label="as predicted")
    kinds = zip(increases.items(), ((RED, "^"), (BLUE, "o"), (GREEN, "s")), strict=False)
    for (label, increase), (colour, marker) in kinds:
        ax.scatter(predicted, increase, s=40, c=colour, marker=marker, label=label)
    ax.set(
        xlabel="half the removal cost", ylabel="increase of the loss", xscale="log", yscale="log",
        title="What a removed neuron costs",
    )  # fmt: skip
    ax.legend(loc="center left")
    return ax
