"""Each proposal's own score beside what it brought; a panel a criterion, a dot a proposal."""

import matplotlib.pyplot as plt

from ...plots.style import BLUE, in_style
from ..oracle import gained, proposals


@in_style
def draw(rows):
    """A panel a criterion: own score per loss against the gain per loss."""
    names = list(dict.fromkeys(one["criterion"] for row in rows for one in row["proposals"]))
    lines = -(-len(names) // 5)
    figure, panels = plt.subplots(lines, 5, figsize=(14, 2.8 * lines), squeeze=False)
    for ax, name in zip(panels.flat, names, strict=False):
        found = proposals(rows, name)
        scores = [one["score"] / row["loss"] for row, one in found]
        gains = [gained(row, one) for row, one in found]
        ax.plot(scores, gains, "o", color=BLUE, alpha=0.5, markersize=4)
        ax.axhline(0, color="black", linewidth=0.8)
        negative = any(one["score"] < 0 for _, one in found)
        ax.set(title=name, xscale="symlog" if negative else "log")
    for ax in panels.flat[len(names) :]:
        ax.set_axis_off()
    figure.supxlabel("own score / loss")
    figure.supylabel("what it brought / loss")
    figure.tight_layout()
    return figure
