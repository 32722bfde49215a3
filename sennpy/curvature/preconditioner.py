"""An approximate inverse of F + d I, cheap to apply, that conjugate gradients converge faster with.

It only decides how many steps they take, not where to: it may be rough, and a few steps old.
"""

from dataclasses import dataclass

import numpy as np

from ..nn.backprop import backpropagate
from ..nn.shapes import flattened
from .kfac import gradient_factor
from .solvers import kronecker_inverse, semidefinite_eigh


@dataclass(frozen=True, eq=False)
class Preconditioner:
    """Kronecker factors of the weights, and a number for the coefficients of each neuron.

    The number is the mean diagonal of the neuron's block of F. Being one for all of (v, c, l), it
    keeps the gradient orthogonal to them, the direction in which nothing changes; the block's
    inverse, a few steps old, does not, and lets (v, c, l) drift towards 0.

    Attributes
    ----------
    layers : per layer, (V, W, eigenvalues)
        Eigenvectors V of A and W of G, and the eigenvalues (n_in + 1, n_out) of A (x) G + d I.
    neurons : per hidden layer, (n_out,) array
    """

    layers: tuple
    neurons: tuple

    def __call__(self, net, v):
        """Approximates (F + d I)^{-1} v, shape (P,), for v (P,) in the parameters of `net`."""
        d_weights, d_coefficients = net.split(v)
        weights = [
            kronecker_inverse(*layer, C) for layer, C in zip(self.layers, d_weights, strict=True)
        ]
        coefficients = [k / n for k, n in zip(d_coefficients, self.neurons, strict=True)]
        return flattened(weights, coefficients)


def preconditioner(trace, u, d):
    """The `Preconditioner` of F + d I for output directions u (R, N, m) at a trace.

    Notes
    -----
    Paper: (E6).
    """
    g, h = backpropagate(trace, u)
    layers, neurons = [], []
    for inputs, g_l in zip(trace.inputs, g, strict=True):
        a, V = semidefinite_eigh(inputs.T @ inputs / len(inputs))
        b, W = semidefinite_eigh(gradient_factor(g_l))
        layers.append((V, W, positive(np.outer(a, b) + d)))
    for slopes, h_l in zip(trace.coefficient_slopes, h, strict=True):
        diagonal = ((h_l**2).sum(axis=0) * slopes**2).mean(axis=1)
        neurons.append(positive(diagonal.sum(axis=0) / max(len(slopes), 1) + d))
    return Preconditioner(tuple(layers), tuple(neurons))


def positive(curvature):
    """The curvature where it is more than rounding, else the least that is more."""
    least = float(np.finfo(curvature.dtype).eps * curvature.max())
    return np.maximum(curvature, least or 1.0)
