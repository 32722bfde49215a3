"""The picture of the study of approximations: decisions, tightness, ends, searches."""

import matplotlib.pyplot as plt
import numpy as np

from ...plots.style import BLUE, GOLD, GREEN, PURPLE, RED, in_style
from ..approximations import AT_A_TIME, SCORES, SEARCHES, of_kind

COLOURS = (BLUE, GOLD, GREEN, RED, PURPLE)


@in_style
def draw(rows):
    """Approximate scores against dense ones, tightness, searches, and ends: every run a dot."""
    fig, axes = plt.subplots(2, 2, figsize=(12, 9), layout="constrained")
    looks = [look for row in of_kind(rows, "judge", "exact") for look in row["judgements"]]
    for name, colour in zip(SCORES[1:], COLOURS, strict=False):
        points = [(look["dense"][0], look[name][0]) for look in looks]
        points = np.array([p for p in points if min(p) > 0]).reshape(-1, 2)
        axes[0, 0].plot(*points.T, "o", color=colour, ms=4, alpha=0.5, label=name)
    axes[0, 0].axline((1, 1), slope=1, color="grey", lw=1)
    axes[0, 0].set(xscale="log", yscale="log", xlabel="dense", ylabel="approximate")
    axes[0, 0].set_title("Increase of the score, a dot a look")
    axes[0, 0].legend()
    tight = [(look["epoch"], look["bound"][0] / look["exact"][0]) for look in looks
             if look["exact"][0] > 0]  # fmt: skip
    axes[0, 1].plot(*np.array(tight).reshape(-1, 2).T, "o", color=BLUE, ms=4, alpha=0.5)
    axes[0, 1].set(xlabel="epoch", ylabel="bound / exact", ylim=(0, 1.05))
    axes[0, 1].set_title("Tightness along training")
    searches(axes[1, 0], of_kind(rows, "searches"))
    ends(axes[1, 1], rows)
    return fig


def searches(ax, rows):
    """The mean share of the supremum that each search found, against its seconds."""
    for name, colour in zip(SEARCHES, COLOURS, strict=True):
        x = [row[f"{name}_seconds"] for row in rows]
        y = [np.mean(row["shares"][name]) for row in rows]
        ax.plot(x, y, "o", color=colour, ms=5, alpha=0.6, label=name)
    ax.set(xscale="log", xlabel="seconds", ylabel="share of the supremum")
    ax.set_title("Searches, a dot a training")
    ax.legend()


def ends(ax, rows):
    """Test losses at the end in units of the best on the same task and seed."""
    ways = [("judge", name) for name in SCORES] + [("at a time", name) for name in AT_A_TIME]
    best = {}
    for kind, which in ways:
        for row in of_kind(rows, kind, which):
            key = kind, row["task"], row["seed"]
            best[key] = min(best.get(key, np.inf), row["test_loss"])
    for k, (kind, which) in enumerate(ways):
        some = of_kind(rows, kind, which)
        y = [row["test_loss"] / best[kind, row["task"], row["seed"]] for row in some]
        at = k + 0.5 * (np.arange(len(y)) / max(len(y) - 1, 1) - 0.5)
        ax.plot(at, y, "o", color=BLUE if kind == "judge" else GOLD, ms=4, alpha=0.6)
    ax.set_xticks(range(len(ways)), [which.replace(" ", "\n", 1) for _, which in ways], fontsize=10)
    ax.set(yscale="log", ylabel="test loss over the best")
    ax.set_title("Ends: judged by; neurons at a time")
