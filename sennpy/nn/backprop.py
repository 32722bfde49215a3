"""Backpropagation by hand, and the products with J = dy/dtheta that are made of it.

A layer computes z = a W, then a' = sigma(z; k) with its coefficients k, and the next layer reads a'
through its own W' (whose last row, the bias, reads the constant 1). Backwards, for l = u . y:

    g = dl/dz    of the last layer is u, of the others h * dsigma/dz
    h = dl/da'   is g' W'^T with the next layer's g' and W', its bias left out

so that dl/dW = a^T g and dl/dk = sum_n h * dsigma/dk. The methods of `MLP` check the arguments.
"""

import numpy as np

from ..validation import check_memory
from .shapes import flat_order, flattened


def backpropagate(trace, u):
    """Gradients of sum_n u_n . y_n in every layer, for u (..., N, m).

    Returns
    -------
    g : per layer, (..., N, n_out) array
        Gradients with respect to the pre-activations.
    h : per hidden layer, (..., N, n_out) array
        Gradients with respect to the values of its units.
    """
    g, h = [u], []
    for W, slope in zip(reversed(trace.network.weights[1:]), reversed(trace.slopes), strict=True):
        h.append(g[-1] @ W[:-1].T)
        g.append(h[-1] * slope)
    return tuple(reversed(g)), tuple(reversed(h))


def vjp(trace, u):
    """J^T u, shape (P,), for u (N, m)."""
    g, h = backpropagate(trace, u)
    d_weights = [a.T @ g_l for a, g_l in zip(trace.inputs, g, strict=True)]
    d_coefficients = [
        (slopes * h_l).sum(axis=1) for slopes, h_l in zip(trace.coefficient_slopes, h, strict=True)
    ]
    return flattened(d_weights, d_coefficients)


def jvp(trace, d_weights, d_coefficients):
    """J v, shape (N, m), for a direction v in the parameters, cut into the blocks of each layer."""
    dz = trace.inputs[0] @ d_weights[0]
    for l, slope in enumerate(trace.slopes):
        dk = d_coefficients[l][:, None, :]
        da = slope * dz + (trace.coefficient_slopes[l] * dk).sum(axis=0)
        dz = da @ trace.network.weights[l + 1][:-1] + trace.inputs[l + 1] @ d_weights[l + 1]
    return dz


def per_sample_gradients(trace, u):
    """J_n^T u_n for each sample, shape (..., N, P), for u (..., N, m)."""
    g, h = backpropagate(trace, u)
    d_weights = [a[:, :, None] * g_l[..., None, :] for a, g_l in zip(trace.inputs, g, strict=True)]
    d_coefficients = [
        np.moveaxis(slopes, 0, 1) * h_l[..., None, :]
        for slopes, h_l in zip(trace.coefficient_slopes, h, strict=True)
    ]
    blocks = flat_order(d_weights, d_coefficients)
    return np.concatenate([block.reshape(*block.shape[:-2], -1) for block in blocks], axis=-1)


def jacobian(trace):
    """J, shape (N, m, P), from the m unit vectors as output gradients."""
    N, m = trace.outputs.shape
    check_jacobian(N, m, trace.network.num_parameters, trace.outputs.itemsize)
    unit = np.eye(m, dtype=trace.outputs.dtype)
    directions = np.broadcast_to(unit[:, None, :], (m, N, m))
    return np.moveaxis(per_sample_gradients(trace, directions), 0, 1)


def check_jacobian(N, m, P, itemsize):
    """Raise MemoryError if J (N, m, P), and a copy of it, are more than the machine has."""
    check_memory(
        f"the Jacobian of {N} samples, {m} outputs and {P} parameters", 2 * N * m * P,
        "use solver 'pcg', 'cg' or 'kfac', which do without it, or fewer samples at a time, as "
        "with Settings(batch_size=)", itemsize,
    )  # fmt: skip
