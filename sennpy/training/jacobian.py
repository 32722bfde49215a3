"""Outputs and Jacobian of a step, compiled where they can be."""

import numpy as np

from ..kernels import enabled
from ..nn.activations import Rational
from ..nn.backprop import check_jacobian


def outputs_and_jacobian(net, X):
    """y (N, m) and J (N, m, P) for X (N, n_in), without the trace.

    By `kernels.jacobian.rational_jacobian` for a float64 network of rational units where kernels
    are used, else by its twins: `MLP.forward` and `MLP.jacobian`.
    """
    compilable = type(net.activation) is Rational and net.dtype == np.float64
    if not (compilable and enabled()):
        trace = net.forward(X)
        return trace.outputs, net.jacobian(trace)
    from ..kernels.jacobian import rational_jacobian

    X = np.ascontiguousarray(net.inputs(X))
    check_jacobian(len(X), net.sizes[-1], net.num_parameters, X.itemsize)
    y = np.empty((len(X), net.sizes[-1]))
    J = np.empty((*y.shape, net.num_parameters))
    rational_jacobian(net.parameters, np.array(net.sizes), X, y, J)
    return y, J
