"""A network in units of its data: centred inputs of spread one, targets likewise.

Damping and decay compare parameters with one another, which has a meaning only in common units.
"""

import numpy as np

from ..nn.mlp import MLP


def unit_inputs(X):
    """Mean (n_in,) and common spread of inputs X (N, n_in): a float, 1 if they are constant.

    One spread for all columns, so that a column that hardly varies is not made as loud as others.
    """
    mean = X.mean(axis=0)
    spread = float(np.sqrt(X.var(axis=0, dtype=np.float64).mean()))
    rounding = np.finfo(X.dtype).eps * float(np.abs(mean).max())
    return mean, spread if spread > 10 * rounding else 1.0


def in_units(net, inputs, targets):
    """The network that computes on unit inputs, and to unit targets, what `net` does.

    Parameters
    ----------
    net : MLP
    inputs, targets : (mean, spread)
        Those of the inputs (n_in,) and the outputs (m,) or 0.

    Returns
    -------
    MLP
    """
    (mean, spread), (shift, scale), weights = inputs, targets, list(net.weights)
    first = weights[0]
    weights[0] = np.vstack([spread * first[:-1], first[-1] + mean @ first[:-1]])
    weights[-1] = weights[-1] / scale
    weights[-1][-1] -= shift / scale
    return MLP(tuple(W.astype(net.dtype) for W in weights), net.coefficients, net.activation)


def out_of_units(net, inputs, targets):
    """What `in_units` undoes: the network for inputs and targets as they come."""
    (mean, spread), (shift, scale), weights = inputs, targets, list(net.weights)
    weights[-1] = weights[-1] * scale
    weights[-1][-1] += shift
    square = weights[0][:-1] / spread
    weights[0] = np.vstack([square, weights[0][-1] - mean @ square])
    return MLP(tuple(W.astype(net.dtype) for W in weights), net.coefficients, net.activation)
