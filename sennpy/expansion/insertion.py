"""What a layer inserted by `deepen` would add to the score: exact, its gradient, the surrogate.

At insertion the new layer (n + 1, n) computes z = a_c W_q and passes it on; the next layer's
weights become u = W_q^{-1} W. Only what the activation can do at the identity beyond what weights
can, phi_1(z) ... phi_b(z), are new directions (`Activation.identity_directions`; for Rational the
derivatives in v and c): unit k adds phi_i(z_k) u_k at the next layer's pre-activations.
"""

import numpy as np

from ..nn.activations import Rational
from .layer_score import explained, residual_gradient
from .moments import basis, in_order, inverse_root, moment, residual, samples, solve_spd, whitener


def opened_delta_eta(a_c, features, outgoing, g, G):
    """Exact increase of the score, and its bound, by directions that need not be free neurons.

    Direction i adds features[:, i] times outgoing[i] to the pre-activations of the receiving layer.
    A neuron with free outgoing weights opens one direction for each output; a layer that is
    inserted, or a neuron whose outgoing weights are set, opens fewer.

    Parameters
    ----------
    a_c : (N, n_c) array
        Inputs of the receiving layer.
    features : (N, p) array
    outgoing : (p, n_out) array
    g : (N, n_out) array
        Gradients of its pre-activations.
    G : (n_out, n_out) array
        Its gradient factor, positive definite.

    Returns
    -------
    exact : float
        r^T S^{-1} r.
    bound : float
        r^T F_pp^{-1} r, at most `exact`.

    Raises
    ------
    TypeError, ValueError
        If the shapes do not agree.

    Notes
    -----
    Paper: (E5) with F_cc = A_c (x) G; (E8) and Theorem 3.2 if `outgoing` is free.
    """
    a_c, features, outgoing, g, G = samples(
        a_c=(a_c, "N n_c"), features=(features, "N p"), outgoing=(outgoing, "p n_out"),
        g=(g, "N n_out"), G=(G, "n_out n_out"),
    )  # fmt: skip
    exact = opened_increase(basis(a_c), features, outgoing, g, G)
    return exact, opened_increase(None, features, outgoing, residual_gradient(a_c, g), G)


def opened_increase(q, features, outgoing, g, G):
    """What the directions of `opened_delta_eta` explain of g beside a basis q, which may be None.

    In orthonormal coordinates of the features and of the outputs, a direction is a column of
    products, and counts by the share of its length that q and the columns before it leave of it.
    """
    root = whitener(G)
    outgoing = outgoing @ G @ root
    scale = inverse_root((features**2).mean(axis=0)) * inverse_root((outgoing**2).sum(axis=1))
    axes = basis(features, after=q)
    columns = moment(axes, features * scale)[:, None, :] * outgoing.T
    Q, _, _ = in_order(columns.reshape(-1, len(outgoing)))
    return float(((Q.T @ moment(axes, g @ root).ravel()) ** 2).sum())


def inserted_layer_delta_eta(a_c, weights, W, g, G, activation=Rational()):
    """Exact increase of the score by a layer inserted in front of the layer with weights W.

    Parameters
    ----------
    a_c : (N, n + 1) array
        Inputs of the layer, homogeneous.
    weights : (n + 1, n) array
        W_q, with its shift as the last row; its first n rows must be invertible.
    W : (n + 1, n_out) array
        The layer's current weights.
    g : (N, n_out) array
        Gradients of its pre-activations.
    G : (n_out, n_out) array
        Its gradient factor, positive definite.
    activation : Activation
        Of the inserted layer; one that can be the identity.

    Returns
    -------
    float
        Delta eta.

    Raises
    ------
    TypeError, ValueError
        If the shapes do not agree, or the activation cannot be the identity.
    numpy.linalg.LinAlgError
        If W_q is singular.

    Notes
    -----
    Paper: (E16), which is (E5) with F_cc = A_c (x) G.
    """
    a_c, weights, W, g, G = samples(
        a_c=(a_c, "N n+1"), weights=(weights, "n+1 n"), W=(W, "n+1 n_out"), g=(g, "N n_out"),
        G=(G, "n_out n_out"),
    )  # fmt: skip
    check_square(weights)
    n, rank = weights.shape[1], np.linalg.matrix_rank(weights[:-1])
    if rank < n:
        raise np.linalg.LinAlgError(
            f"Singular W_q: the square part of weights has rank {rank}, expected {n}."
        )
    phi, _ = activation.identity_directions(a_c @ weights)
    u = np.linalg.solve(weights[:-1], W[:-1])
    if len(phi) == 0:
        return 0.0
    return opened_increase(basis(a_c), np.hstack(list(phi)), np.vstack([u] * len(phi)), g, G)


def inserted_layer_surrogate(a_c, weights, coefficients, g, G, activation=Rational()):
    """The authors' score of a layer: its n features as neurons with free outgoing weights.

    Parameters
    ----------
    a_c, weights
        As in `inserted_layer_delta_eta`.
    coefficients : (b, n) array
        Of the features in `activation.basis`, (v, c, l) for Rational.
    g, G, activation
        As in `inserted_layer_delta_eta`.

    Returns
    -------
    float
        Delta eta' of the features; the authors divide it by layer_cost.

    Raises
    ------
    TypeError, ValueError
        If the shapes do not agree, or the activation has other coefficients.

    Notes
    -----
    Paper: (E16), Theorem 3.2.
    """
    a_c, weights, coefficients, g, G = samples(
        a_c=(a_c, "N n+1"), weights=(weights, "n+1 n"), coefficients=(coefficients, "b n"),
        g=(g, "N n_out"), G=(G, "n_out n_out"),
    )  # fmt: skip
    check_square(weights)
    phi = activation.basis(a_c @ weights)
    if len(coefficients) != len(phi):
        raise ValueError(
            f"coefficients has shape {coefficients.shape}, expected ({len(phi)}, n) for "
            f"{activation}."
        )
    features = np.einsum("bn,bsn->sn", coefficients, phi)
    return explained(basis(features), residual(basis(a_c), g), G)


def insertion_score(a_c, q, g_r, G, W, weights, activation=Rational()):
    """(E16) and its gradient in W_q: a float and an (n + 1, n) array; q is the basis of a_c.

    With t = S^{-1} r and f_n = sum_i t_i phi_i(x_n) u_i, the fit of the new directions to g_r,
    d Delta eta = 2 E[(g_r - G f)^T df] at fixed t. Being climbed, it takes S as a moment.
    """
    n, N = weights.shape[1], len(a_c)
    u = np.linalg.solve(weights[:-1], W[:-1])
    phi, slope = activation.identity_directions(a_c @ weights)
    b = len(phi)
    if b == 0:
        return 0.0, np.zeros_like(weights)
    phi, slope, every = np.hstack(list(phi)), np.hstack(list(slope)), np.vstack([u] * b)
    phi_r = residual(q, phi)
    S = moment(phi_r, phi_r) * (every @ G @ every.T)
    r = (moment(phi_r, g_r) * every).sum(axis=1)
    unit = (phi**2).mean(axis=0) * np.einsum("io,op,ip->i", every, G, every)
    t = solve_spd(S, r, unit)
    error = g_r - (phi_r * t) @ every @ G
    d_z = (2 / N * (error @ every.T) * t * slope).reshape(N, b, n).sum(axis=1)
    d_u = (2 * t[:, None] * moment(phi_r, error)).reshape(b, n, -1).sum(axis=0)
    d_weights = a_c.T @ d_z
    d_weights[:-1] -= np.linalg.solve(weights[:-1].T, d_u) @ u.T
    return float(r @ t), d_weights


def check_square(weights):
    """Raise ValueError unless weights are (n + 1, n)."""
    rows, n = weights.shape
    if rows != n + 1:
        raise ValueError(
            f"weights has shape {weights.shape}, expected ({rows}, {rows - 1}): square, with the "
            "shift as the last row."
        )
