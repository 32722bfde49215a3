"""The picture of the study of curvature: distances, promises, bounds, and the training after."""

import matplotlib.pyplot as plt

from ...plots.style import BLUE, GOLD, GREEN, in_style
from ..curvature import realised, states

COLOURS, MARKERS = (BLUE, GOLD, GREEN), ("o", "^", "s")


@in_style
def draw(rows):
    """H against F, eta/2 against what is lost, additions against bounds; every run a dot."""
    fig, axes = plt.subplots(2, 2, figsize=(11, 8.5), layout="constrained")
    tasks = sorted({row["task"] for row in rows})
    for k, task in enumerate(tasks):
        style = {"color": COLOURS[k], "marker": MARKERS[k], "ls": "", "ms": 4, "alpha": 0.7}
        some = [row for row in rows if row["task"] == task]
        seen = states(some)
        x = [s["epoch"] * 1.06 ** (k - 1) for s in seen]
        axes[0, 0].plot(x, [s["distance_true"] for s in seen], label=task, **style)
        eta = [s["eta"] / 2 for s in seen]
        axes[0, 1].plot(eta, [max(s["lost_by_training"], 1e-12) for s in seen], **style)
        for row in some:
            pairs = [(limit, n) for _, n, limit in row["together"]]
            axes[1, 0].plot([p[0] + 0.1 * (k - 1) for p in pairs],
                            [p[1] + 0.04 * (row["seed"] % 5) for p in pairs], **style)  # fmt: skip
            events = row["disturbed"]
            axes[1, 1].plot([e["epoch"] + 4 * (k - 1) for e in events],
                            [e["end"] for e in events], **style)  # fmt: skip
    axes[0, 0].set(xscale="log", yscale="log", xlabel="epoch", ylabel="||H - F|| / ||F||")
    axes[0, 0].set_title("H against F in the loss's own metric")
    axes[0, 0].legend()
    low = min(realised_values(rows), default=1e-6)
    axes[0, 1].axline((1, 1), slope=1, color="grey", lw=1)
    axes[0, 1].set(xscale="log", yscale="log", xlabel="eta / 2", ylabel="lost until convergence")
    axes[0, 1].set_ylim(max(low, 1e-9))
    axes[0, 1].set_title("Foretold and lost")
    axes[1, 0].axline((1, 1), slope=1, color="grey", lw=1)
    axes[1, 0].set(xlabel="Theorem 3.1's bound", ylabel="additions at one time", ylim=0)
    axes[1, 0].set_title("Additions without training in between")
    axes[1, 1].axhline(0, color="grey", lw=1)
    axes[1, 1].set(xlabel="epoch of the addition", ylabel="ln loss with / without it")
    axes[1, 1].set_title("Training on, with the addition and without")
    return fig


def realised_values(rows):
    """What training took off the loss in each state where that is something."""
    told = [s["lost_by_training"] for s in states(rows) if realised(s, "lost_by_training")]
    return [value for value in told if value > 0]
