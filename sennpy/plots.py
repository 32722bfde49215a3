"""One function a picture. Each takes `ax=None` and returns the axes it drew on.

One style for all: Okabe and Ito's colours, which colour-blind readers can tell apart, and fonts
that stay legible when a figure is halved.
"""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import LinearSegmentedColormap

from .nn.losses import softmax

BLUE, ORANGE, GREEN, RED, PURPLE, SKY, BLACK = (
    "#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9", "#000000"
)  # fmt: skip
CLASS_COLOURS, CLASS_MARKERS = (BLUE, ORANGE), ("o", "^")
STYLE = {
    "font.size": 13,
    "axes.titlesize": 13,
    "axes.labelsize": 13,
    "legend.fontsize": 11,
    "legend.frameon": False,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "lines.linewidth": 2,
    "figure.dpi": 100,
    "savefig.dpi": 150,
}


def axes(ax):
    """`ax`, or a new one in a figure of its own."""
    if ax is not None:
        return ax
    with plt.rc_context(STYLE):
        return plt.subplots(figsize=(5, 4), layout="constrained")[1]


def decision_regions(net, X, t, ax=None, title=""):
    """Where a two-class network decides for which class, with the data.

    Parameters
    ----------
    net : MLP
        Two inputs, two outputs.
    X : (N, 2) array
    t : (N,) array of 0 and 1
    ax : matplotlib axes, optional
    title : str

    Returns
    -------
    matplotlib axes
    """
    ax = axes(ax)
    low, high = X.min(axis=0) - 0.4, X.max(axis=0) + 0.4
    x0, x1 = np.linspace(low[0], high[0], 200), np.linspace(low[1], high[1], 200)
    grid = np.stack(np.meshgrid(x0, x1), axis=-1)
    p = softmax(net(grid.reshape(-1, 2)))[:, 1].reshape(200, 200)
    shades = LinearSegmentedColormap.from_list("classes", [BLUE, "white", ORANGE])
    ax.pcolormesh(x0, x1, p, cmap=shades, vmin=0, vmax=1, alpha=0.45, rasterized=True)
    ax.contour(x0, x1, p, levels=[0.5], colors=BLACK, linewidths=1.5)
    for label, (colour, marker) in enumerate(zip(CLASS_COLOURS, CLASS_MARKERS, strict=True)):
        ax.scatter(
            *X[t == label].T, s=14, c=colour, marker=marker, edgecolors="white", linewidths=0.4
        )
    ax.set(xlabel="$x_1$", ylabel="$x_2$", title=title, xlim=(low[0], high[0]))
    ax.set_ylim(low[1], high[1])
    return ax


def mark_additions(history, ax):
    """Vertical lines where neurons (dotted) and layers (dashed) were added."""
    seen = set()
    for addition in history.additions:
        kind = addition.candidate.kind
        style = {"neuron": ":", "layer": "--"}[kind]
        label = None if kind in seen else f"{kind} added"
        ax.axvline(addition.epoch, color="0.55", linewidth=1.3, linestyle=style, label=label)
        seen.add(kind)


def loss_curves(history, ax=None):
    """Training and validation loss over epochs, with the additions marked."""
    ax = axes(ax)
    mark_additions(history, ax)
    epochs = history.column("epoch")
    ax.plot(epochs, history.column("loss"), color=BLUE, label="training")
    if None not in history.column("validation_loss"):
        ax.plot(epochs, history.column("validation_loss"), color=RED, label="test")
    ax.set(xlabel="epoch", ylabel="loss (nats)", yscale="log", title="Loss")
    ax.yaxis.set_minor_formatter("{x:g}")
    ax.yaxis.set_major_formatter("{x:g}")
    ax.tick_params(axis="y", which="minor", labelsize=9)
    ax.legend(loc="upper right")
    return ax


def accuracy_curve(history, ax=None):
    """Validation accuracy over epochs, with the additions marked.

    Raises
    ------
    ValueError
        If there is none on record.
    """
    if None in history.column("validation_accuracy"):
        raise ValueError(
            "the history has no accuracy, expected that of a fit with validation=(X, t) and labels."
        )
    ax = axes(ax)
    mark_additions(history, ax)
    accuracy = 100 * np.array(history.column("validation_accuracy"))
    ax.plot(history.column("epoch"), accuracy, color=RED, label="test")
    ax.set(xlabel="epoch", ylabel="accuracy (%)", title="Accuracy")
    ax.set_ylim(np.quantile(accuracy, 0.08) - 1, 100)  # the first steps, far below, are cut off
    ax.legend(loc="lower right")
    return ax


def score_curves(history, ax=None):
    """eta and lambda over epochs, with what the best proposals would add and the threshold alpha.

    Notes
    -----
    Paper: eq. (3), (E13).
    """
    ax = axes(ax)
    mark_additions(history, ax)
    epochs = history.column("epoch")
    ax.plot(epochs, history.column("lam"), color=BLACK, label=r"$\lambda$")
    ax.plot(epochs, history.column("eta"), color=BLUE, label=r"$\eta$ (damped)")
    looks = [
        (look, max(c.score for c in look.candidates if c.score is not None))
        for look in history.looks
        if any(c.score is not None for c in look.candidates)
    ]
    if looks:
        at = [look.epoch for look, _ in looks]
        ax.scatter(at, [score for _, score in looks], s=28, c=ORANGE, label="best score", zorder=3)
        ax.step(
            at, [look.alpha * look.lam for look, _ in looks], where="mid", color=GREEN,
            linestyle="-.", label=r"$\alpha\lambda$",
        )  # fmt: skip
    ax.set(xlabel="epoch", ylabel="score (nats)", yscale="log", title="Expansion score")
    ax.set_ylim(top=30 * ax.get_ylim()[1])  # room for the legend
    ax.legend(loc="upper right", ncols=2)
    return ax


def size_curves(history, ax=None):
    """Neurons in each hidden layer over epochs.

    An inserted layer moves those behind it; layers are numbered as they stand at the end, by
    following each through the insertions.
    """
    ax = axes(ax)
    first = history.epochs[0].sizes[1:-1] if history.epochs else ()
    order = list(range(len(first)))  # identities of the hidden layers, as they stand
    widths, count = {l: [] for l in order}, len(order)
    events = {}
    for addition in history.additions:
        events.setdefault(addition.epoch, []).append(addition)
    for record in history.epochs:
        for l, identity in enumerate(order):
            widths[identity].append((record.epoch, record.sizes[l + 1]))
        for addition in events.get(record.epoch, []):
            place = addition.candidate.place
            if addition.candidate.kind == "layer":
                order.insert(place, count)
                widths[count] = [(record.epoch, 0)]
                count += 1
            for l, identity in enumerate(order):
                widths[identity].append((record.epoch, addition.sizes[l + 1]))
    colours = (BLUE, ORANGE, GREEN, RED, PURPLE, SKY)
    for l, identity in enumerate(order):
        at, width = zip(*widths[identity], strict=True)
        ax.plot(
            at, width, color=colours[l % len(colours)], label=f"layer {l}", drawstyle="steps-post"
        )
    ax.set(xlabel="epoch", ylabel="neurons", title="Hidden layers")
    ax.set_xlim(left=0)
    top = max((w for series in widths.values() for _, w in series), default=1)
    ax.set_ylim(0, 1.15 * top)
    ax.yaxis.get_major_locator().set_params(integer=True)
    if order:
        ax.legend(loc="lower right")
    return ax


def half_moons_figure(run, X, t):
    """Decision regions at the start, at each added layer and at the end; loss, scores and sizes.

    Parameters
    ----------
    run : experiments.classification.Run
    X, t : arrays
        The data to draw.

    Returns
    -------
    matplotlib figure
    """
    shown = run.snapshots
    rows, columns = -(-len(shown) // 4), min(len(shown), 4)
    with plt.rc_context(STYLE):
        figure = plt.figure(figsize=(14, 4.2 * (rows + 1)), layout="constrained")
        above, below = figure.subfigures(2, 1, height_ratios=[rows, 1])
        top = above.subplots(rows, columns, sharex=True, sharey=True, squeeze=False).ravel()
        for ax in top[len(shown) :]:
            ax.remove()
        for i, (ax, (epoch, net)) in enumerate(zip(top, shown, strict=False)):
            what = "start" if i == 0 else "end" if i == len(shown) - 1 else "layer added"
            sizes = "-".join(map(str, net.sizes))
            decision_regions(net, X, t, ax, f"{what}, epoch {epoch}: {sizes}")
        bottom = below.subplots(1, 3)
        loss_curves(run.history, bottom[0])
        score_curves(run.history, bottom[1])
        size_curves(run.history, bottom[2])
    return figure


def growth_figure(run):
    """Accuracy, scores and sizes of a growing classifier over epochs; a matplotlib figure."""
    with plt.rc_context(STYLE):
        figure, bottom = plt.subplots(1, 3, figsize=(14, 4.4), layout="constrained")
        accuracy_curve(run.history, bottom[0])
        score_curves(run.history, bottom[1])
        size_curves(run.history, bottom[2])
    return figure


def save(figure, path):
    """Write a figure to `path` (PNG) without a date in it, and close it."""
    figure.savefig(path, metadata={"Software": None})
    plt.close(figure)
