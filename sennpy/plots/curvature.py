"""What curvature matrices look like: their ellipses and their eigenvalues."""

import numpy as np

from .style import BLACK, BLUE, GOLD, GREEN, RED, axes, in_style

KINDS = ((BLUE, "-"), (RED, "--"), (GREEN, ":"), (GOLD, "-."), (BLACK, (0, (5, 1, 1, 1, 1, 1))))
MARKERS = ("o", "^", "s", "D", "v")


@in_style
def ellipses(matrices, ax=None):
    """For each matrix F (2, 2) the steps d with d^T F d = 1: those that F calls equally long.

    Parameters
    ----------
    matrices : dict
        Names to positive definite (2, 2) arrays, at most five.
    ax : matplotlib axes, optional

    Returns
    -------
    matplotlib axes

    Raises
    ------
    numpy.linalg.LinAlgError
        If a matrix is not positive definite, so that the curve is not closed.
    """
    ax = axes(ax)
    angle = np.linspace(0, 2 * np.pi, 361)
    circle = np.stack([np.cos(angle), np.sin(angle)])
    for (name, F), (colour, line) in zip(matrices.items(), KINDS, strict=False):
        curve = np.linalg.solve(np.linalg.cholesky(F).T, circle)  # F = L L^T: |L^T d| = 1
        ax.plot(*curve, linestyle=line, color=colour, label=name)
    ax.set(xlabel="first parameter", ylabel="second parameter", title="Steps of length 1")
    ax.set_aspect("equal", adjustable="datalim")
    ax.legend(loc="upper left", bbox_to_anchor=(1, 1))
    return ax


@in_style
def spectra(matrices, ax=None, floor=1e-9):
    """Eigenvalues of symmetric matrices by size, the negative ones hollow.

    Parameters
    ----------
    matrices : dict
        Names to (P, P) arrays, at most five.
    ax : matplotlib axes, optional
    floor : float
        Absolute values below `floor` times the matrix's largest are not drawn.

    Returns
    -------
    matplotlib axes
    """
    ax = axes(ax)
    for (name, F), (colour, _), marker in zip(matrices.items(), KINDS, MARKERS, strict=False):
        values = np.linalg.eigvalsh(F)
        values = values[np.argsort(-np.abs(values))]
        seen = np.abs(values) > floor * np.abs(values).max()
        for part, face, label in [
            (seen & (values > 0), colour, name),
            (seen & (values < 0), "none", f"{name}, negative"),
        ]:
            if part.any():
                at = np.flatnonzero(part) + 1
                ax.scatter(
                    at,
                    np.abs(values[part]),
                    s=18,
                    marker=marker,
                    facecolors=face,
                    edgecolors=colour,
                    label=label,
                )
    ax.set(xlabel="rank", ylabel="|eigenvalue|", yscale="log", title="Eigenvalues")
    ax.legend(loc="upper right")
    return ax
