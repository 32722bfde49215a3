"""What a layer inserted by `deepen` would add to the score: exact, its gradient, the surrogate.

At insertion the new layer (n + 1, n) computes z = a_c W_q and passes it on; the next layer's
weights become u = W_q^{-1} W. Only the coefficients v and c of its n units are new directions:
unit k adds phi_v(z_k) u_k and phi_c(z_k) u_k at the next layer's pre-activations.
"""

import numpy as np

from ..nn.activations import rational_basis, rational_basis_slope
from .layer_score import delta_eta_bound, residual_gradient
from .moments import moment, samples, solve_spd


def inserted_layer_delta_eta(a_c, weights, W, g, G):
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

    Returns
    -------
    float
        Delta eta.

    Raises
    ------
    TypeError, ValueError
        If the shapes do not agree.
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
    return insertion_score(a_c, residual_gradient(a_c, g), G, W, weights)[0]


def inserted_layer_surrogate(a_c, weights, coefficients, g, G):
    """The authors' score of a layer: its n features as neurons with free outgoing weights.

    Parameters
    ----------
    a_c, weights
        As in `inserted_layer_delta_eta`.
    coefficients : (3, n) array
        (v, c, l) of the features.
    g, G
        As in `inserted_layer_delta_eta`.

    Returns
    -------
    float
        Delta eta' of the features; the authors divide it by layer_cost.

    Notes
    -----
    Paper: (E16), Theorem 3.2.
    """
    a_c, weights, coefficients, g, G = samples(
        a_c=(a_c, "N n+1"), weights=(weights, "n+1 n"), coefficients=(coefficients, "3 n"),
        g=(g, "N n_out"), G=(G, "n_out n_out"),
    )  # fmt: skip
    check_square(weights)
    features = np.einsum("bn,bsn->sn", coefficients, rational_basis(a_c @ weights))
    return delta_eta_bound(features, residual_gradient(a_c, g), G)


def insertion_score(a_c, g_r, G, W, weights):
    """(E16) and its gradient in W_q: a float and an (n + 1, n) array.

    With t = S^{-1} r and f_n = sum_i t_i phi_i(x_n) u_i, the fit of the new directions to g_r,
    d Delta eta = 2 E[(g_r - G f)^T df] at fixed t.
    """
    n, N = weights.shape[1], len(a_c)
    z = a_c @ weights
    u = np.linalg.solve(weights[:-1], W[:-1])
    phi = np.hstack(list(rational_basis(z)[:2]))
    phi_r = residual_gradient(a_c, phi)
    both = np.vstack([u, u])
    S = moment(phi_r, phi_r) * (both @ G @ both.T)
    r = (moment(phi_r, g_r) * both).sum(axis=1)
    unit = (phi**2).mean(axis=0) * np.einsum("io,op,ip->i", both, G, both)
    t = solve_spd(S, r, unit)
    error = g_r - (phi_r * t) @ both @ G
    slope = np.hstack(list(rational_basis_slope(z)[:2]))
    d_z = (2 / N * (error @ both.T) * t * slope).reshape(N, 2, n).sum(axis=1)
    d_u = (2 * t[:, None] * moment(phi_r, error)).reshape(2, n, -1).sum(axis=0)
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
