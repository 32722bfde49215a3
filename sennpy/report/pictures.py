"""What is drawn of one network: its weights, what it decides or fits, where a neuron would pay."""

import string

import numpy as np

from ..expansion.removal import removal_costs
from ..growth.landscape import landscape
from ..growth.place import View
from ..nn.activations import Rational
from ..nn.losses import SoftmaxCrossEntropy

BUNDLED = 12  # inputs that are drawn each; more are one bundle
EDGES = 300  # weights of a layer that are drawn, the largest
WORTH_SAMPLES = 1000  # on which neurons are valued
CURVE = 120  # points of a fit
OUTPUTS = 4  # that are drawn of it
ROWS, COLUMNS = 30, 40  # of a landscape: how wide, where
DIGITS = string.digits + string.ascii_lowercase  # one character a cell
TOP = len(DIGITS) - 1


def rounded(value, digits=4):
    """Nested lists of plain numbers with so many significant digits."""
    if isinstance(value, (list, tuple)):
        return [rounded(item, digits) for item in value]
    if isinstance(value, np.ndarray):
        return rounded(value.tolist(), digits)
    if isinstance(value, (float, np.floating)):
        return float(f"{value:.{digits}g}") if np.isfinite(value) else None
    return value


def edges(net):
    """Per layer the largest weights, each as [from, to, weight]; -1 is the bundle of all inputs.

    What comes from a bundle is the norm of a neuron's incoming weights.
    """
    drawn = []
    for l, W in enumerate(net.weights):
        W = np.asarray(W[:-1], dtype=np.float64)
        if l == 0 and len(W) > BUNDLED:
            found = [[-1, j, w] for j, w in enumerate(np.linalg.norm(W, axis=0))]
        else:
            found = [[i, j, W[i, j]] for i in range(len(W)) for j in range(W.shape[1])]
        largest = sorted(found, key=lambda edge: -abs(edge[2]))[:EDGES]
        drawn.append(rounded(sorted(largest, key=lambda edge: edge[:2]), 3))
    return drawn


def units(net, X=None, t=None, loss=None):
    """Per hidden layer and neuron: norms of its weights in and out, bias, coefficients, worth.

    Its worth is what re-enabling it would bring, were it pruned (E15), on the first samples; None
    without samples, or where the neurons of its layer explain one another.
    """
    view = None
    if X is not None:
        few = slice(WORTH_SAMPLES)
        view = View.of(net, X[few], t[few], loss)
    told = []
    for l, k in enumerate(net.coefficients):
        W, out = net.weights[l], net.weights[l + 1]
        worth = [None] * W.shape[1] if view is None else worths(view, l)
        told.append([
            {"in": rounded(float(np.linalg.norm(W[:-1, j])), 3),
             "bias": rounded(float(W[-1, j]), 3),
             "out": rounded(float(np.linalg.norm(out[j])), 3),
             "coefficients": rounded(k[:, j], 3),
             "worth": rounded(worth[j], 3)}
            for j in range(W.shape[1])
        ])  # fmt: skip
    return told


def worths(view, layer):
    """What each neuron of a hidden layer is worth (E15), floats or None."""
    place = view.place("neuron", layer)
    try:
        costs = removal_costs(place.a_c, place.g, place.G, place.W)
    except ValueError:  # some explain one another, so that the cost of one alone means nothing
        return [None] * place.W_in.shape[1]
    return [float(cost) for cost in costs[:-1]]  # the last is that of the constant


def ends(x):
    """From where to where an axis goes that shows samples x (N,)."""
    low, high = float(x.min()), float(x.max())
    room = 0.1 * (high - low) or 1.0
    return [low - room, high + room]


def plane(net, X, loss, size):
    """What a network with two inputs decides, or which values it has, on size x size cells.

    Returns
    -------
    dict
        "winner" and "sure" of a classifier: a character a cell, row 0 below; the class, and how
        far its probability is from chance to certainty. Else "level" of the first output, from
        "low" to "high". 35 is z.
    """
    x, y = (centres(ends(X[:, j]), size) for j in (0, 1))
    grid = np.column_stack([np.tile(x, size), np.repeat(y, size)]).astype(net.dtype)
    outputs = np.asarray(net(grid), dtype=np.float64)
    if isinstance(loss, SoftmaxCrossEntropy):
        p = np.exp(outputs - outputs.max(axis=1, keepdims=True))
        p /= p.sum(axis=1, keepdims=True)
        m = p.shape[1]
        sure = (p.max(axis=1) - 1 / m) / (1 - 1 / m) if m > 1 else np.ones(len(p))
        return {"winner": characters(p.argmax(axis=1)), "sure": characters(levels(sure, 0, 1))}
    low, high = float(outputs[:, 0].min()), float(outputs[:, 0].max())
    level = characters(levels(outputs[:, 0], low, high))
    return {"level": level, "low": rounded(low), "high": rounded(high)}


def centres(interval, size):
    """The centres of so many cells of an interval."""
    low, high = interval
    return low + (np.arange(size) + 0.5) / size * (high - low)


def levels(values, low, high):
    """Values as whole numbers, 0 at `low` and TOP at `high`."""
    share = (values - low) / (high - low) if high > low else np.zeros_like(values)
    return np.clip(np.rint(TOP * share), 0, TOP).astype(int)


def characters(numbers):
    """Whole numbers up to TOP as a text, a character each."""
    return "".join(DIGITS[number] for number in numbers)


def fit(net, X):
    """The outputs of a network with one input, from one end to the other: a list each."""
    x = np.linspace(*ends(X[:, 0]), CURVE)[:, None].astype(net.dtype)
    return rounded(np.asarray(net(x), dtype=np.float64)[:, :OUTPUTS].T)


def grid(X):
    """Locations (COLUMNS,) and scales (ROWS,) at which the landscape of one input is computed."""
    low, high = ends(X[:, 0])
    return np.linspace(low, high, COLUMNS), np.geomspace(0.003, 1.5, ROWS) * (high - low)


def ground(net, X, t, loss):
    """The landscape of the score for one input, None where a network has none.

    Returns
    -------
    dict
        "level", a character a place, row 0 the narrowest, z at "top", which is Delta eta' / eta_c.
    """
    if not has_ground(net) or not View.of(net, X, t, loss).place("neuron", 0).eta > 0:
        return None
    values = landscape(net.astype(np.float64), X, t, *grid(X), loss)
    top = float(values.max())
    return {"level": characters(levels(values.ravel(), 0, top)), "top": rounded(top)}


def has_ground(net):
    """Whether the coefficients of a proposed neuron are known in closed form (E12)."""
    return net.sizes[0] == 1 and len(net.sizes) > 2 and isinstance(net.activation, Rational)


def stands(W):
    """Where neurons with one input stand: [location, scale] of incoming weights W (2, k)."""
    W = np.asarray(W, dtype=np.float64)
    return [rounded([-bias / weight, abs(1 / weight)], 3) for weight, bias in W.T if weight]
