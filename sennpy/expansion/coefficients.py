"""The coefficients (v, c, l) that score best for given pre-activations."""

import numpy as np

from ..nn.activations import rational_basis
from .layer_score import residual_gradient
from .moments import CUTOFF, moment, samples, whitener


def best_coefficients(z, g_r, G, a_c=None):
    """The rational coefficients that score best for given pre-activations.

    Parameters
    ----------
    z : (N,) array
        Pre-activations of one proposed neuron.
    g_r : (N, n_out) array
        Residual gradient of the receiving layer.
    G : (n_out, n_out) array
        Its gradient factor, positive definite.
    a_c : (N, n_c) array, optional
        With it the exact increase is maximised, without it the bound.

    Returns
    -------
    coefficients : (3,) array
        (v, c, l), of unit norm.
    score : float
        `delta_eta_bound` (or `delta_eta`) of the neuron that has them.

    Notes
    -----
    Paper: (E12).
    """
    z, g_r, G = samples(z=(z, "N"), g_r=(g_r, "N n_out"), G=(G, "n_out n_out"))
    phi, unit = rational_basis(z[:, None]), None
    if a_c is not None:
        z, a_c = samples(z=(z, "N"), a_c=(a_c, "N n_c"))
        unit = np.diag(moment(phi[:, :, 0].T, phi[:, :, 0].T))
        phi = residual_gradient(a_c, phi[:, :, 0].T).T[:, :, None]
    coefficients, scores = top_coefficients(phi, g_r @ whitener(G), unit)
    return coefficients[:, 0], float(scores[0])


def top_coefficients(phi, r, unit=None, ridge=0.0):
    """(E12) for M neurons at once: top generalised eigenvector of (B B^T, E[phi phi^T] + ridge I).

    Takes basis functions phi (b, N, M) and whitened residuals r (N, n) with B = E[phi r^T]; returns
    coefficients (b, M) of unit norm and scores (M,). `unit` as in `whitener`.
    """
    N = len(r)
    phi = np.ascontiguousarray(np.moveaxis(phi, 2, 0))  # (M, b, N)
    B, S = phi @ r / N, phi @ phi.transpose(0, 2, 1) / N + ridge * np.eye(phi.shape[1])
    diagonal = np.einsum("mbb->mb", S) if unit is None else np.broadcast_to(unit, S.shape[:2])
    scale = np.divide(1, np.sqrt(diagonal), out=np.zeros_like(S[:, 0]), where=diagonal > 0)
    eigenvalues, V = np.linalg.eigh(scale[:, :, None] * S * scale[:, None, :])
    cut = CUTOFF * (eigenvalues[:, -1:] if unit is None else 1)
    root = np.divide(
        1, np.sqrt(eigenvalues.clip(0)), out=np.zeros_like(eigenvalues), where=eigenvalues > cut
    )
    T = scale[:, :, None] * V * root[:, None, :]
    K = T.transpose(0, 2, 1) @ B
    scores, W = np.linalg.eigh(K @ K.transpose(0, 2, 1))
    best = (T @ W[:, :, -1:])[:, :, 0]
    size = np.sqrt((best**2).sum(axis=1, keepdims=True))
    dead = size[:, 0] == 0
    best[dead, -1], size[dead] = 1.0, 1.0
    return (best / size).T, np.where(dead, 0.0, scores[:, -1].clip(0))
