"""Several ways to train, side by side: a curve for each run, and the median of each way."""

import numpy as np

from .style import BLACK, BLUE, GOLD, GREEN, RED, axes, in_style

COLOURS = (BLUE, GOLD, GREEN, RED, BLACK)


@in_style
def race(losses, marks=(), ax=None, title=""):
    """Loss over epochs of each competitor: its runs thin, their median thick.

    Parameters
    ----------
    losses : dict of str to (S, E) array
        Five competitors at most; S runs of E epochs each, positive.
    marks : sequence of int
        Epochs at which neurons are added, drawn as dotted lines.
    ax : matplotlib axes, optional
    title : str

    Returns
    -------
    matplotlib axes

    Raises
    ------
    ValueError
        For more than five competitors.
    """
    if len(losses) > len(COLOURS):
        raise ValueError(f"{len(losses)} competitors, but there are colours for {len(COLOURS)}.")
    ax = axes(ax)
    for (name, runs), colour in zip(losses.items(), COLOURS, strict=False):
        epochs = 1 + np.arange(np.shape(runs)[1])
        ax.plot(epochs, np.transpose(runs), color=colour, linewidth=0.8, alpha=0.35)
        ax.plot(epochs, np.median(runs, axis=0), color=colour, linewidth=2.5, label=name)
    for epoch in marks:
        ax.axvline(epoch, color="0.55", linewidth=1.3, linestyle=":")
    ax.set(xlabel="epoch", ylabel="training loss", yscale="log", title=title)
    ax.legend(loc="upper right")
    return ax
