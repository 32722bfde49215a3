"""The door of `fit`: what the data tell before they are trained on, as warnings.

Each warning is of what was measured to hurt; none changes anything. Columns that are constant are
ordinary (the pixels at the edge of an image) and hurt nothing: only if all are so it is told. The
same holds for columns that hardly vary, as long as not most of them do.
"""

import sys
import warnings

import numpy as np

from .errors import DataWarning

LARGEST_ROUNDING = 1e-4  # of the inputs' spread, by which their offset may blur them
REPEATED = 0.01  # share of the inputs' variance that columns may repeat
RARE = 100  # samples of the commonest class to one of the rarest, up to which it is learned


def check_data(X, t, outputs, loss, optimiser):
    """Warn of what is likely to make a training on checked data learn less than it could.

    Parameters
    ----------
    X : (N, n_in) array
    t : array
        Targets, as the loss takes them.
    outputs : int
        m, of the network.
    loss : Loss
    optimiser : Optimiser
        Its `scales` say which units of the data it takes.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        found = [*of_inputs(X, optimiser.scales), *of_targets(t, outputs, loss, optimiser.scales)]
    for said in found:
        warn(said, DataWarning)


def of_inputs(X, scales):
    """What there is to say of inputs X (N, n_in)."""
    mean, spreads = X.mean(axis=0, dtype=np.float64), X.std(axis=0, dtype=np.float64)
    eps = np.finfo(X.dtype).eps
    spreads[spreads <= 10 * eps * np.abs(mean)] = 0  # constant, but for the rounding of the mean
    spread = float(np.sqrt((spreads**2).mean()))
    at = int(np.abs(mean).argmax())
    offset = float(np.abs(mean[at]))
    if not spread > 10 * eps * offset:
        if len(X) > 1:
            yield (
                f"all {X.shape[1]} columns of X are constant: there is nothing to tell the "
                f"{len(X)} samples apart by."
            )
        return
    cure = "use X = (X - X.mean(axis=0)) / X.std(axis=0), without the columns that are constant"
    low, high = scales.spread
    if not low <= spread <= high:
        yield (
            f"X has a spread of {spread:.3g}, and steps of this optimiser expect about one (from "
            f"{low:g} to {high:g}): {cure}, or LevenbergMarquardt(), which takes any."
        )
    if offset > scales.offset * spread:
        yield (
            f"column {at} of X has the mean {mean[at]:.3g}, {offset / spread:.3g} times the spread "
            f"of X (up to {scales.offset:g} are well): {cure}, or LevenbergMarquardt()."
        )
    elif eps * offset > LARGEST_ROUNDING * spread:
        yield (
            f"column {at} of X has the mean {mean[at]:.3g}, {offset / spread:.3g} times the spread "
            f"of X: {X.dtype} rounds what tells samples apart. Subtract the mean in float64."
        )
    yield from of_columns(X, spreads, scales.ratio, cure)


def of_columns(X, spreads, ratio, cure):
    """What there is to say of columns beside one another, X (N, n_in) of given spreads (n_in,)."""
    varying = np.sort(spreads[spreads > 0])
    middle, loudest = varying[(len(varying) - 1) // 2], int(spreads.argmax())
    if spreads[loudest] > ratio * middle:
        yield (
            f"column {loudest} of X has {spreads[loudest] / middle:.3g} times the spread of the "
            f"middle one (up to {ratio:g} are well), and hides what others tell: {cure}."
        )
    again = repeated_columns(X, spreads)
    if again and (spreads[again] ** 2).sum() > REPEATED * (spreads**2).sum():
        yield (
            f"{len(again)} of {X.shape[1]} columns of X repeat others (column {again[0]} is the "
            "first), which makes the network larger and those features weigh more: leave them out."
        )


def repeated_columns(X, spreads):
    """Numbers of the columns of X that vary and equal one before them."""
    _, group, sizes = np.unique(spreads, return_inverse=True, return_counts=True)
    seen, again = set(), []
    for j in np.flatnonzero((sizes[group] > 1) & (spreads > 0)):
        column = X[:, j].tobytes()
        again += [int(j)] if column in seen else []
        seen.add(column)
    return again


def of_targets(t, outputs, loss, scales):
    """What there is to say of targets, with so many outputs of the network."""
    if len(t) < outputs:
        yield (
            f"there are {len(t)} samples and {outputs} outputs: fewer than one sample an output "
            "leaves most of them to chance. Use more samples, or fewer outputs."
        )
    if t.ndim == 1 and t.dtype.kind in "iu" and outputs > 1:
        yield from of_labels(t)
    elif t.ndim == 2:
        _, _, spread = loss.in_units(t)
        if spread > scales.targets:
            yield (
                f"t has a spread of {spread:.3g}, and up to {scales.targets:g} is well for this "
                "optimiser: use t = (t - t.mean(axis=0)) / t.std() and turn outputs back."
            )


def of_labels(labels):
    """What there is to say of labels (N,)."""
    names, counts = np.unique(labels, return_counts=True)
    rarest, most = counts.argmin(), counts.max()
    if len(names) == 1 and len(labels) > 1:
        yield (
            f"all {len(labels)} labels are {names[0]}: there is nothing to tell apart. Are the "
            "samples of one class alone, or sorted by class and cut?"
        )
    elif most >= RARE * counts[rarest]:
        yield (
            f"class {names[rarest]} has {counts[rarest]} samples of {len(labels)}, one to "
            f"{most // counts[rarest]} of the commonest (up to {RARE} are well): a network that "
            "never names it is right almost always. Repeat its samples, or draw fewer of others."
        )


def warn(message, category):
    """A warning at the line that called `SENN.fit`; a closed stderr is no reason to stop."""
    try:
        warnings.warn(message, category, stacklevel=outside())
    except ValueError:
        if not getattr(sys.stderr, "closed", False):
            raise


def outside():
    """The `stacklevel` for `warn` at which code that is not of this package stands."""
    package, level, frame = __name__.split(".")[0], 2, sys._getframe(2)
    while frame.f_back and frame.f_globals.get("__name__", "").split(".")[0] == package:
        level, frame = level + 1, frame.f_back
    return level
