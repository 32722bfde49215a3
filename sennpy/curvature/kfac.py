"""Kronecker factors: the Fisher block of a linear layer as A (x) G."""

from typing import NamedTuple

import numpy as np

from ..nn.backprop import backpropagate
from ..nn.mlp import as_network
from .fisher import output_directions


class LayerFactors(NamedTuple):
    """Curvature of one layer.

    Attributes
    ----------
    A : (n_in + 1, n_in + 1) array
        E[a a^T], a the inputs with a constant 1.
    G : (n_out, n_out) array
        E[sum_r g_r g_r^T], g_r the backpropagated output directions.
    K : (3 n_out, 3 n_out) array or None
        The exact Fisher block of the activation's coefficients (v, c, l) in flat order, which are
        not the weights of a linear map and so have no Kronecker form; None for the last layer.
    """

    A: np.ndarray
    G: np.ndarray
    K: np.ndarray | None


def kronecker_factors(net, X, kind="euclidean", loss=None, targets=None, rng=None, samples=1):
    """Kronecker factors of every layer, with F_l ~ A (x) G in the flat order.

    Parameters
    ----------
    net : MLP
    X : (N, n_in) array
    kind, loss, targets, rng, samples
        As in `output_directions`.

    Returns
    -------
    tuple of LayerFactors
        One a layer. `np.kron(A, G)` approximates the block of F that belongs to the layer's
        weights, row by row.

    Notes
    -----
    Paper: (E6). Exact for one sample, and where a and g are independent; for a linear network
    with squared error every diagonal block is exact.
    """
    trace = as_network(net).forward(X)
    u = output_directions(trace.outputs, kind, loss, targets, rng, samples)
    return factors(trace, u)


def factors(trace, u):
    """Factors of every layer from output directions u (R, N, m) at a trace."""
    g, h = backpropagate(trace, u)
    N = len(trace.outputs)
    blocks = [
        coefficient_block(slopes, h_l)
        for slopes, h_l in zip(trace.coefficient_slopes, h, strict=True)
    ]
    return tuple(
        LayerFactors(a.T @ a / N, gradient_factor(g_l), K)
        for a, g_l, K in zip(trace.inputs, g, [*blocks, None], strict=True)
    )


def coefficient_block(slopes, h):
    """K from the coefficient slopes (b, N, n) and directions h (R, N, n) at the units' values."""
    per_sample = np.moveaxis(slopes, 0, 1) * h[..., None, :]  # (R, N, b, n)
    flat = per_sample.reshape(h.shape[0] * h.shape[1], -1)
    return flat.T @ flat / h.shape[1]


def gradient_factor(g):
    """G = E[sum_r g_r g_r^T] (n_out, n_out) from backpropagated directions g (R, N, n_out)."""
    flat = g.reshape(-1, g.shape[-1])
    return flat.T @ flat / g.shape[1]
