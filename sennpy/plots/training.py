"""Curves of a training over its epochs: loss, accuracy, scores, sizes."""

import numpy as np

from .style import BLACK, BLUE, GOLD, GREEN, PURPLE, RED, SKY, axes, in_style


@in_style
def mark_additions(history, ax):
    """Vertical lines where neurons (dotted) and layers (dashed) were added."""
    seen = set()
    for addition in history.additions:
        kind = addition.candidate.kind
        style = {"neuron": ":", "layer": "--"}[kind]
        label = None if kind in seen else f"{kind} added"
        ax.axvline(addition.epoch, color="0.55", linewidth=1.3, linestyle=style, label=label)
        seen.add(kind)


@in_style
def loss_curves(history, ax=None, unit="nats"):
    """Training and validation loss over epochs, with the additions marked."""
    ax = axes(ax)
    mark_additions(history, ax)
    epochs = history.column("epoch")
    ax.plot(epochs, history.column("loss"), color=BLUE, label="training")
    if None not in history.column("validation_loss"):
        ax.plot(epochs, history.column("validation_loss"), color=RED, label="test")
    ax.set(xlabel="epoch", ylabel=f"loss ({unit})", yscale="log", title="Loss")
    low, high = ax.get_ylim()
    if high < 100 * low:  # within two decades the ticks between the powers of ten are wanted
        ax.yaxis.set_minor_formatter("{x:g}")
        ax.yaxis.set_major_formatter("{x:g}")
        ax.tick_params(axis="y", which="minor", labelsize=11)
    ax.legend(loc="upper right")
    return ax


@in_style
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


@in_style
def score_curves(history, ax=None, unit="nats"):
    """eta and lambda over epochs, with what the best proposals would add and their two thresholds.

    An addition needs a score above both: alpha lambda, and tau times the receiving layer's eta.

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
        (look, max(scored, key=lambda c: c.score))
        for look in history.looks
        if (scored := [c for c in look.candidates if c.score is not None])
    ]
    if looks:
        at = [look.epoch for look, _ in looks]
        scores = [best.score for _, best in looks]
        ax.scatter(at, scores, s=28, c=GOLD, label="best score", zorder=3)
        ticks = {"linestyle": "", "marker": "_", "markersize": 11, "markeredgewidth": 2.5}
        alphas = [look.alpha * look.lam for look, _ in looks]
        ax.plot(at, alphas, color=GREEN, label=r"$\alpha\lambda$", **ticks)
        taus = [(look.epoch, look.tau * best.eta_layer) for look, best in looks if best.eta_layer]
        if taus:
            label = r"$\tau\eta$ of its layer"
            ax.plot(*zip(*taus, strict=True), color=PURPLE, label=label, **ticks)
    ax.set(xlabel="epoch", ylabel=f"score ({unit})", yscale="log", title="Expansion score")
    low, high = ax.get_ylim()
    ax.set_ylim(low, high * (high / low) ** 0.7)  # room for the legend
    ax.legend(loc="upper right", ncols=2)
    return ax


@in_style
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
    colours = (BLUE, GOLD, GREEN, RED, PURPLE, SKY)
    for l, identity in enumerate(order):
        at, width = zip(*widths[identity], strict=True)
        ax.plot(
            at, width, color=colours[l % len(colours)], label=f"layer {l}", drawstyle="steps-post",
            linewidth=2 + 2.5 * (len(order) - 1 - l),  # layers of one width are all seen
        )  # fmt: skip
    ax.set(xlabel="epoch", ylabel="neurons", title="Hidden layers")
    ax.set_xlim(left=0)
    top = max((w for series in widths.values() for _, w in series), default=1)
    ax.set_ylim(0, 1.15 * top)
    ax.yaxis.get_major_locator().set_params(integer=True)
    if order:
        ax.legend(loc="lower right")
    return ax
