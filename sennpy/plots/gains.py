"""Gains where additions were found, against what they bring to new samples."""

from .style import BLACK, BLUE, axes, in_style


@in_style
def gains(found, new, ax=None, title=""):
    """What additions gain on the samples they were found on, and on others, a dot each.

    Parameters
    ----------
    found, new : (n,) arrays
        Gains of the same n additions.
    ax : matplotlib axes, optional
    title : str

    Returns
    -------
    matplotlib axes
    """
    ax = axes(ax)
    ax.scatter(found, new, s=22, color=BLUE)
    ax.axhline(0, color=BLACK, linewidth=1.3)
    ax.set(xlabel="gain where it was found", ylabel="gain on new samples", title=title)
    return ax
