"""Neurons and depth against the level of each family of tasks."""

import matplotlib.pyplot as plt

from ...plots.style import in_style
from ..runs import groups
from .dots import dots


@in_style
def draw(rows):
    """Neurons and hidden layers that are grown, over how hard the task is; every run a dot.

    Parameters
    ----------
    rows : list of dict

    Returns
    -------
    matplotlib figure
    """
    families = groups(rows, "family")
    figure, axes = plt.subplots(2, len(families), figsize=(4.3 * len(families), 8), squeeze=False,
                                layout="constrained", sharex="col")  # fmt: skip
    for i, ((family,), mine) in enumerate(families.items()):
        series = {rule: {level: found for (level,), found in groups(of_rule, "level").items()}
                  for (rule,), of_rule in groups(mine, "rule").items()}  # fmt: skip
        for ax, name in zip(axes[:, i], ("neurons", "depth"), strict=True):
            dots(ax, series, name)
            ax.set_ylim(-0.2, max(1.2, ax.get_ylim()[1]))
            ax.yaxis.get_major_locator().set_params(integer=True)
        axes[1, i].set_xlabel(family)
    axes[0, 0].set_ylabel("hidden neurons")
    axes[1, 0].set_ylabel("hidden layers")
    axes[0, 0].legend()
    return figure
