"""Growing and pruning as pure functions: each takes a network and returns a new one."""

import numpy as np

from ..nn.mlp import MLP, as_network
from ..validation import as_array, as_count

LARGEST_CONDITION = 1e8  # beyond it, W_q^{-1} costs more digits than (E2) can spare


def widen(net, layer, weights, coefficients=None, outgoing=None):
    """Add k neurons to a hidden layer; with outgoing weights of 0, the function stays.

    Parameters
    ----------
    net : MLP
    layer : int
        Hidden layer, 0 being the one next to the input.
    weights : (n_in + 1, k) array
        Incoming weights, the last row being the bias.
    coefficients : (num_coefficients, k) array
        (v, c, l) of the new neurons; may be left out for activations that have none.
    outgoing : (k, n_out) array, optional
        Their outgoing weights; 0 if not given.

    Returns
    -------
    MLP

    Raises
    ------
    TypeError, ValueError
        If the layer does not exist or the shapes do not fit it.

    Notes
    -----
    Paper: (E1).
    """
    hidden_layer(net, layer)
    weights = as_array("weights", weights)
    rows = len(net.weights[layer])
    if weights.ndim != 2 or len(weights) != rows:
        raise ValueError(
            f"weights has shape {weights.shape}, expected ({rows}, k): one column a new neuron of "
            f"hidden layer {layer}, the last row being the bias."
        )
    k = weights.shape[1]
    expected = (net.activation.num_coefficients, k)
    coefficients = np.zeros((0, k)) if coefficients is None else coefficients
    coefficients = as_array("coefficients", coefficients, empty_ok=True)
    if coefficients.shape != expected:
        raise ValueError(
            f"coefficients has shape {coefficients.shape}, expected {expected} for "
            f"{net.activation}."
        )
    W, k_, following = net.weights[layer], net.coefficients[layer], net.weights[layer + 1]
    silent = np.zeros((k, following.shape[1]))
    outgoing = silent if outgoing is None else as_array("outgoing", outgoing)
    if outgoing.shape != silent.shape:
        raise ValueError(
            f"outgoing has shape {outgoing.shape}, expected {silent.shape}: one row a new neuron."
        )
    new_weights, new_coefficients = list(net.weights), list(net.coefficients)
    new_weights[layer] = np.hstack([W, weights]).astype(net.dtype)
    new_coefficients[layer] = np.hstack([k_, coefficients]).astype(net.dtype)
    new_weights[layer + 1] = np.vstack([following[:-1], outgoing, following[-1:]]).astype(net.dtype)
    return MLP(tuple(new_weights), tuple(new_coefficients), net.activation)


def deepen(net, position, weights):
    """Insert a square layer, at first the identity, before layer `position`: the function stays.

    Parameters
    ----------
    net : MLP
        Its activation must be able to be the identity (Rational).
    position : int
        The layer that the new one stands before, 0 being next to the input.
    weights : (n + 1, n) array
        W_q, with its shift as the last row; n is the number of inputs of layer `position`.

    Returns
    -------
    MLP
        Layer `position` then has weights W_q^{-1} W.

    Raises
    ------
    TypeError, ValueError
        If the position does not exist, the shapes do not fit, W_q is (nearly) singular, or the
        activation cannot be the identity.

    Notes
    -----
    Paper: (E2), (E3).
    """
    position = as_count("position", position, at_least=0, below=len(as_network(net).weights))
    W = net.weights[position]
    n = len(W) - 1
    identity = net.activation.identity_coefficients(n)
    weights = as_array("weights", weights)
    if weights.shape != (n + 1, n):
        raise ValueError(
            f"weights has shape {weights.shape}, expected ({n + 1}, {n}): square, with the shift "
            "as the last row."
        )
    condition = np.linalg.cond(weights[:-1])
    if not condition < LARGEST_CONDITION:
        raise ValueError(
            f"the square part of weights has condition number {condition:.1e}, expected one below "
            f"{LARGEST_CONDITION:.0e}: it must be inverted to keep the function (E2)."
        )
    inverted = np.linalg.solve(weights[:-1], W[:-1])
    following = np.vstack([inverted, W[-1] - weights[-1] @ inverted])
    new_weights = [*net.weights[:position], weights, following, *net.weights[position + 1 :]]
    new_coefficients = [*net.coefficients[:position], identity, *net.coefficients[position:]]
    return MLP(
        tuple(w.astype(net.dtype) for w in new_weights),
        tuple(k.astype(net.dtype) for k in new_coefficients),
        net.activation,
    )


def insert(net, position):
    """Insert a hidden layer of min(n, n_out) units before layer `position`: the function stays.

    A linear map W (n + 1, n_out) has rank n_out at most, so it passes through that many units that
    are the identity: the new layer computes the pre-activations a W themselves, or, if there are
    more of them than inputs, passes the inputs on. A square layer (`deepen`) takes n.

    Parameters
    ----------
    net : MLP
        Its activation must be able to be the identity (Rational).
    position : int
        The layer that the new one stands before, 0 being next to the input.

    Returns
    -------
    MLP

    Raises
    ------
    TypeError, ValueError
        If the position does not exist, or the activation cannot be the identity.

    Notes
    -----
    Paper: (E21), (E2).
    """
    position = as_count("position", position, at_least=0, below=len(as_network(net).weights))
    W = net.weights[position]
    n, n_out = len(W) - 1, W.shape[1]
    r = min(n, n_out)
    passed_on = np.eye(r + 1, r, dtype=net.dtype)  # and no bias
    pair = (W, passed_on) if n_out <= n else (passed_on, W)
    identity = net.activation.identity_coefficients(r).astype(net.dtype)
    return MLP(
        (*net.weights[:position], *pair, *net.weights[position + 1 :]),
        (*net.coefficients[:position], identity, *net.coefficients[position:]),
        net.activation,
    )


def hidden_layer(net, layer):
    """Return `layer` as an int, or raise if the network has no such hidden layer."""
    if len(as_network(net).weights) == 1:
        raise ValueError(
            f"the network (net.sizes = {net.sizes}) has no hidden layer; deepen it first."
        )
    return as_count("layer", layer, at_least=0, below=len(net.weights) - 1)
