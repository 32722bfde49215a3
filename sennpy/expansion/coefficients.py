"""The coefficients (v, c, l) that score best for given pre-activations."""

import numpy as np

from ..nn.activations import rational_basis
from .moments import basis, moment, samples, whitened, whitener


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
    after = None
    if a_c is not None:
        z, a_c = samples(z=(z, "N"), a_c=(a_c, "N n_c"))
        after = basis(a_c)
    q, T = whitened(rational_basis(z[:, None])[:, :, 0].T, after)
    coefficients, score = top_directions(T, moment(q, g_r @ whitener(G)))
    return coefficients, float(score)


def top_coefficients(phi, r, ridge=0.0):
    """(E12) for M neurons at once: top generalised eigenvector of (B B^T, E[phi phi^T] + ridge I).

    Takes basis functions phi (b, N, M) and whitened residuals r (N, n) with B = E[phi r^T]; returns
    coefficients (b, M) of unit norm and scores (M,).
    """
    N, phi = len(r), np.ascontiguousarray(np.moveaxis(phi, 2, 0))  # (M, b, N)
    T = whitener(phi @ phi.transpose(0, 2, 1) / N + ridge * np.eye(phi.shape[1]))
    coefficients, scores = top_directions(T, T.transpose(0, 2, 1) @ (phi @ r / N))
    return coefficients.T, scores


def top_directions(T, K):
    """Unit vectors (..., b) along T w, w the top eigenvector of K K^T, and its eigenvalue (...).

    T is (..., b, rank) and K (..., rank, n). Where there is nothing to gain, the last basis
    function is taken, with a score of 0.
    """
    eigenvalues, W = np.linalg.eigh(K @ np.swapaxes(K, -1, -2))
    score = eigenvalues[..., -1:].sum(axis=-1).clip(0)  # 0 where rank is
    best = (T @ W[..., -1:]).sum(axis=-1)
    size = np.sqrt((best**2).sum(axis=-1, keepdims=True))
    last = np.eye(best.shape[-1])[-1]
    unit = np.divide(best, size, out=np.zeros_like(best) + last, where=size > 0)
    return unit, np.where(size[..., 0] > 0, score, 0.0)
