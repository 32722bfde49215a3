"""Removing a neuron, and what that costs."""

import numpy as np

from ..nn.mlp import MLP
from ..validation import as_count
from .grow import hidden_layer
from .moments import moment, samples, whitened, whitener


def prune(net, layer, neuron, X=None):
    """Remove one neuron of a hidden layer.

    Parameters
    ----------
    net : MLP
    layer : int
        Hidden layer, 0 being the one next to the input.
    neuron : int
    X : (N, n_in) array, optional
        With it the remaining neurons and the bias take over what they can explain of the removed
        one on X (least change of the next layer's pre-activations); without it, nothing does.

    Returns
    -------
    MLP

    Raises
    ------
    TypeError, ValueError
        If the layer or neuron does not exist, or the layer would become empty.

    Notes
    -----
    Paper: (E15). Regressing a_j on the others gives the compensation -A^{-1} e_j w_j / [A^{-1}]_jj,
    and also covers a singular A.
    """
    hidden_layer(net, layer)
    neuron = as_count("neuron", neuron, at_least=0, below=net.sizes[layer + 1])
    if net.sizes[layer + 1] == 1:
        raise ValueError(f"hidden layer {layer} has one neuron only; a layer cannot become empty.")
    following = net.weights[layer + 1]
    kept = np.delete(following, neuron, axis=0)
    if X is not None:
        a = net.forward(X).inputs[layer + 1].astype(np.float64)
        q, T = whitened(np.delete(a, neuron, axis=1))
        share = T @ moment(q, a[:, [neuron]])
        kept = (kept + share * following[neuron]).astype(net.dtype)
    new_weights, new_coefficients = list(net.weights), list(net.coefficients)
    new_weights[layer] = np.delete(net.weights[layer], neuron, axis=1)
    new_coefficients[layer] = np.delete(net.coefficients[layer], neuron, axis=1)
    new_weights[layer + 1] = kept
    return MLP(tuple(new_weights), tuple(new_coefficients), net.activation)


def removal_costs(a_c, g, G, W):
    """What re-enabling each input would bring, were it pruned and the rest compensated optimally.

    Parameters
    ----------
    a_c : (N, n_c) array
        Input activations of the layer; no column may be explained by the others.
    g : (N, n_out) array
        Gradients of its pre-activations.
    G : (n_out, n_out) array
        Its gradient factor, positive definite.
    W : (n_c, n_out) array
        Its weights.

    Returns
    -------
    (n_c,) array
        ||n_j - w_j||^2 / [A^{-1}]_jj with n = A^{-1} C G^{-1/2} and w = W G^{1/2}.

    Raises
    ------
    TypeError, ValueError
        If the shapes do not agree, or A is singular.

    Notes
    -----
    Paper: (E15).
    """
    a_c, g, G, W = samples(
        a_c=(a_c, "N n_c"), g=(g, "N n_out"), G=(G, "n_out n_out"), W=(W, "n_c n_out")
    )
    (q, T), root = whitened(a_c), whitener(G)
    if T.shape[1] < len(T):
        raise ValueError(
            f"the {len(T)} columns of a_c have rank {T.shape[1]}, expected none that the others "
            "explain."
        )
    n = T @ moment(q, g @ root)
    w = W @ G @ root
    return ((n - w) ** 2).sum(axis=1) / (T**2).sum(axis=1)
