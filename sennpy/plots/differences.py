"""Differences of pairs, group by group, with the interval of each group."""

import numpy as np

from .style import BLACK, BLUE, RED, axes, in_style


@in_style
def differences(groups, intervals, ax=None, title="", label="difference"):
    """Differences of pairs, a dot each, and beside each group its estimate with its interval.

    Parameters
    ----------
    groups : dict of str to (n,) array
        Differences of each group; a dot is moved sideways so that none hides another.
    intervals : dict of str to (estimate, low, high)
        Of the same groups.
    ax : matplotlib axes, optional
    title, label : str
        The label says what the differences are of.

    Returns
    -------
    matplotlib axes

    Raises
    ------
    ValueError
        If the two do not have the same groups.
    """
    if list(groups) != list(intervals):
        raise ValueError(f"groups {list(groups)}, but intervals of {list(intervals)}.")
    ax = axes(ax)
    for at, (name, values) in enumerate(groups.items()):
        aside = at + 0.3 * (np.arange(len(values)) / max(len(values) - 1, 1) - 1)
        ax.plot(aside, values, "o", color=BLUE, markersize=5, alpha=0.6)
        estimate, low, high = intervals[name]
        ax.plot([at + 0.2] * 2, [low, high], color=RED, linewidth=2.5)
        ax.plot([at + 0.2], [estimate], "D", color=RED, markersize=7)
    ax.axhline(0, color=BLACK, linewidth=1.3)
    ax.set_xticks(range(len(groups)), list(groups))
    ax.set(ylabel=label, title=title, xlim=(-0.6, len(groups) - 0.4))
    return ax
