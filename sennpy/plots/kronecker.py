"""What the approximations of the Fisher matrix keep, and what they cannot see."""

import matplotlib.pyplot as plt
import numpy as np

from .style import BLACK, BLUE, GOLD, axes, in_style


@in_style
def matrix(S, unit, blocks, ax=None, title=""):
    """A symmetric matrix in colour, S_ij / sqrt(unit_i unit_j), with borders between its blocks.

    Parameters
    ----------
    S : (P, P) array
    unit : (P,) array
        Positive, or 0 where rows of S are 0; for the diagonal of S, entries lie in -1..1.
    blocks : dict of str to int
        Names and sizes of the blocks, in order.
    ax : matplotlib axes, optional
    title : str

    Returns
    -------
    matplotlib axes
    """
    ax = axes(ax)
    scale = np.divide(1, np.sqrt(unit), out=np.zeros(len(S)), where=np.asarray(unit) > 0)
    ax.imshow(scale[:, None] * S * scale, cmap="RdBu_r", vmin=-1, vmax=1, interpolation="nearest")
    ends = np.cumsum(list(blocks.values()))
    for end in ends[:-1]:
        ax.axhline(end - 0.5, color=BLACK, linewidth=0.8)
        ax.axvline(end - 0.5, color=BLACK, linewidth=0.8)
    middles = ends - np.array(list(blocks.values())) / 2 - 0.5
    ax.set_xticks(middles, list(blocks), fontsize=11)
    ax.set_yticks(middles, list(blocks), fontsize=11, rotation=90, va="center")
    ax.tick_params(length=0)
    ax.set_title(title)
    return ax


@in_style
def curvature_matrices(F, matrices, blocks):
    """The first matrix large, the others small beside it, all in units of F's diagonal.

    Parameters
    ----------
    F : (P, P) array
    matrices : dict of str to (P, P) array
        Titles and what stands below them; at least two.
    blocks : dict of str to int
        Names and sizes of the blocks of parameters, in order.

    Returns
    -------
    matplotlib figure

    Notes
    -----
    Paper: (E6).
    """
    figure = plt.figure(figsize=(8.4, 5.4), layout="constrained")
    grid = figure.add_gridspec(len(matrices) - 1, 2, width_ratios=[len(matrices) - 1, 1])
    first = figure.add_subplot(grid[:, 0])
    panels = [first, *(figure.add_subplot(grid[i, 1]) for i in range(len(matrices) - 1))]
    for (title, S), ax in zip(matrices.items(), panels, strict=True):
        matrix(S, np.diag(F), blocks, ax, title)
    for ax in panels[1:]:
        ax.set(xticks=[], yticks=[])
    label = r"entry$_{ij}$ / $\sqrt{F_{ii} F_{jj}}$"
    figure.colorbar(first.get_images()[0], ax=panels, shrink=0.8, label=label)
    return figure


@in_style
def copies(counts, scores, lam, ax=None):
    """Scores of a network that holds one neuron several times, against the number of copies.

    Parameters
    ----------
    counts : (K,) array of int
    scores : dict of str to (K,) array
        Two at most.
    lam : float
        lambda, which no score should exceed.
    ax : matplotlib axes, optional

    Returns
    -------
    matplotlib axes

    Notes
    -----
    Paper: (E6), Lemma A.1.
    """
    ax = axes(ax)
    ax.axhline(lam, color=BLACK, linestyle="--", linewidth=1.5, label=r"$\lambda$: all there is")
    kinds = zip(scores.items(), ((BLUE, "o"), (GOLD, "^")), strict=False)
    for (label, score), (colour, marker) in kinds:
        ax.plot(counts, score, color=colour, marker=marker, label=label)
    ax.set(xlabel="copies of one neuron", ylabel=r"score $\eta$")
    ax.set_title("A diagonal pays for copies")
    ax.set_ylim(bottom=0)
    ax.legend()
    return ax
