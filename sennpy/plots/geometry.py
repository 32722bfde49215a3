"""The geometry of the natural gradient: a projection, paths of descent, what eta predicts."""

import matplotlib.pyplot as plt
import numpy as np

from .style import BLACK, BLUE, GOLD, GREEN, RED, SKY, axes, in_style

CAMERA = np.array([[0.93, 0.37, 0], [-0.1, 0.26, 0.96]])  # from space to the page, no perspective
PATHS = ((RED, "-"), (GOLD, "--"), (BLUE, "-."), (GREEN, ":"))


@in_style
def projection(J, g_y, ax=None):
    """The output gradient of three samples, and its shadow on what the network can do, in space.

    Parameters
    ----------
    J : (3, 2) array
        Jacobian of rank 2: its range is a plane.
    g_y : (3,) array
        Output gradient.
    ax : matplotlib axes, optional

    Returns
    -------
    matplotlib axes

    Notes
    -----
    Paper: eq. (3).
    """
    if ax is None:
        ax = plt.subplots(figsize=(6, 3.4), layout="constrained")[1]
    Q = np.linalg.qr(J)[0]
    shadow = Q @ (Q.T @ g_y)
    normal = np.cross(*Q.T)
    normal = -normal if normal @ g_y < 0 else normal
    seen = shadow @ shadow > 1e-12 * (g_y @ g_y)  # or it stands at right angles on the plane
    along = shadow / np.linalg.norm(shadow) if seen else Q[:, 0]
    turn = np.stack([along, np.cross(normal, along), normal])  # lays the plane flat
    size, mark = np.linalg.norm(g_y), 0.06 * np.linalg.norm(g_y)
    end, foot = CAMERA @ turn @ g_y, CAMERA @ turn @ shadow
    corners = size * np.array([[-0.45, -0.8, 0], [1.3, -0.8, 0], [1.3, 0.8, 0], [-0.45, 0.8, 0]])
    ax.fill(*(CAMERA @ corners.T), facecolor=SKY, alpha=0.3, edgecolor=SKY)
    ax.text(*(CAMERA @ (0.9 * corners[2])), "range(J)", color="#1B6CA0", ha="right", va="top")
    for sample, axis in enumerate((CAMERA @ turn).T * 0.6 * size):
        ax.plot([0, axis[0]], [0, axis[1]], color="0.55", linewidth=1)
        ax.text(*(1.12 * axis), f"$y_{sample}$", color="0.4", ha="center", va="center")
    for tip, colour in [(end, RED), (foot, BLUE)]:
        ax.annotate(
            "", tip, (0, 0), arrowprops={"arrowstyle": "-|>,head_width=0.35,head_length=0.7",
            "color": colour, "linewidth": 3, "shrinkA": 0, "shrinkB": 0},
        )  # fmt: skip
    ax.text(*end, " $g_y$", color=RED, fontsize=18, va="bottom")
    ax.text(*foot, " $P g_y$", color=BLUE, fontsize=18, va="top")
    ax.plot(*np.transpose([end, foot]), color=BLACK, linestyle="--", linewidth=1.5)
    back, up = mark * CAMERA[:, 0], mark * CAMERA[:, 2]
    ax.plot(*np.transpose([foot - back, foot - back + up, foot + up]), color=BLACK, linewidth=1)
    ax.set_aspect("equal")
    ax.set_axis_off()  # the three grey lines are the axes
    ax.margins(0.02, 0.1)
    ax.set_title("What the network can do about its error")
    return ax


@in_style
def descent_paths(F, optimum, paths, ax=None):
    """Paths of descent over the contours of the loss 1/2 (theta - optimum)^T F (theta - optimum).

    Parameters
    ----------
    F : (2, 2) array
        Positive definite.
    optimum : (2,) array
    paths : dict
        Names to (steps, 2) arrays of parameters, at most four.
    ax : matplotlib axes, optional

    Returns
    -------
    matplotlib axes
    """
    ax = axes(ax)
    every = np.concatenate([np.atleast_2d(optimum), *paths.values()])
    low, high = every.min(axis=0), every.max(axis=0)
    low, high = low - 0.25 * (high - low) - 0.1, high + 0.25 * (high - low) + 0.1
    grid = np.stack(np.meshgrid(*np.linspace(low, high, 200).T), axis=-1) - optimum
    loss = np.einsum("ijk,kl,ijl->ij", grid, F, grid) / 2
    start = next(iter(paths.values()))[0] - optimum
    levels = start @ F @ start / 2 * np.linspace(0.15, 1.4, 8) ** 2
    x, y = np.linspace(low, high, 200).T
    ax.contour(x, y, loss, levels=levels, colors="0.75", linewidths=1)
    for (name, path), (colour, line) in zip(paths.items(), PATHS, strict=False):
        ax.plot(*path.T, linestyle=line, color=colour, label=name)
    ax.plot(*(start + optimum), "o", color=BLACK, markersize=6)
    ax.plot(*optimum, "*", color=BLACK, markersize=12)
    ax.set(xlabel="weight $w$", ylabel="bias $b$", title="From the dot to the star")
    ax.legend(loc="best")
    return ax


@in_style
def loss_prediction(t, losses, eta, ax=None):
    """A loss along natural-gradient flow beside what eta at its start predicts.

    Parameters
    ----------
    t : (T,) array
        Times, from 0.
    losses : (T,) array
        Losses at these times.
    eta : float
        Score at time 0.
    ax : matplotlib axes, optional

    Returns
    -------
    matplotlib axes

    Notes
    -----
    Paper: (E4).
    """
    ax = axes(ax)
    predicted = losses[0] - eta / 2 * (1 - np.exp(-2 * t))
    ax.plot(t, losses, color=BLUE, label="measured")
    ax.plot(t, predicted, color=RED, linestyle="--", label=r"$L_0 - \eta_0 (1 - e^{-2t})/2$")
    ax.axhline(losses[0] - eta / 2, color=BLACK, linestyle=":", label=r"$L_0 - \eta_0/2$")
    ax.set(
        xlabel="time $t$ (sum of learning rates)", ylabel="loss", title="What the score predicts"
    )
    ax.set_ylim(bottom=0)
    ax.legend(loc="upper right")
    return ax
