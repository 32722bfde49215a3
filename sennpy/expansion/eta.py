"""The natural expansion score eta of the whole network, and its exact increase."""

import numpy as np

from ..validation import as_array, as_count, as_integer
from .moments import CUTOFF, samples, solve_spd


def natural_expansion_score(F, g):
    """eta = g^T F^{-1} g, the first form of the score.

    Parameters
    ----------
    F : (P, P) array
        Fisher matrix; a singular one is inverted on its range.
    g : (P,) array
        Gradient of the loss.

    Returns
    -------
    float
        eta, in units of the loss; for the euclidean metric, between 0 and lambda.

    Raises
    ------
    TypeError, ValueError
        If the arrays are not numeric and finite, or their shapes do not agree.

    Notes
    -----
    Paper: eq. (3), Lemma A.1. In the quadratic model with H = F the loss can drop by eta/2 (E4).
    """
    F, g = samples(F=(F, "P P"), g=(g, "P"))
    return float(g @ solve_spd(F, g))


def projected_score(J, g_y, N=None):
    """eta = (1/N) ||P g_y||^2, P projecting onto range(J): the second form of the score.

    Parameters
    ----------
    J : (N m, P) or (N, m, P) array
        Jacobian of the outputs.
    g_y : (N, m) or (N m,) array
        Output gradients.
    N : int, optional
        Number of samples, needed where both arrays are stacked and do not tell it.

    Returns
    -------
    float
        eta, the same number as `natural_expansion_score` gives for F = J^T J / N.

    Raises
    ------
    TypeError, ValueError
        As `natural_expansion_score`, and if nothing tells N.

    Notes
    -----
    Paper: eq. (3).
    """
    J, g_y = as_array("J", J), as_array("g_y", g_y)
    N = number_of_samples(J, g_y, N)
    J = J.reshape(-1, J.shape[-1]).astype(np.float64)
    norms = np.sqrt((J**2).sum(axis=0))
    U, s, _ = np.linalg.svd(J / np.where(norms > 0, norms, 1), full_matrices=False)
    U = U[:, s**2 > CUTOFF * s[0] ** 2]  # the eigenvalues of F, and the cut that its inverse has
    return float(((U.T @ g_y.ravel()) ** 2).sum() / N)


def number_of_samples(J, g_y, N):
    """N of J (N m, P) or (N, m, P) and g_y (N, m) or (N m,); ValueError if they do not agree."""
    fits = J.ndim in (2, 3) and g_y.ndim in (1, 2) and J[..., 0].size == g_y.size
    if not fits or (J.ndim == 3 and g_y.ndim == 2 and J.shape[:2] != g_y.shape):
        raise ValueError(
            f"J has shape {J.shape} and g_y {g_y.shape}, expected (N m, P) or (N, m, P), and "
            "(N, m) or (N m,)."
        )
    told = [len(array) for array, axes in [(J, 3), (g_y, 2)] if array.ndim == axes]
    if N is None and not told:
        raise ValueError(
            f"J has shape {J.shape} and g_y {g_y.shape}, stacked over samples and outputs: say how "
            f"many samples there are (N={len(g_y)} for one output)."
        )
    N = as_count("N", told[0] if N is None else N)
    if g_y.size % N or any(samples != N for samples in told):
        raise ValueError(
            f"N is {N}, expected the number of samples of J with shape {J.shape} and g_y with "
            f"shape {g_y.shape}."
        )
    return N


def delta_eta_dense(F, g, num_current):
    """Exact increase r^T S^{-1} r when the parameters from `num_current` on are added.

    Parameters
    ----------
    F : (P, P) array
        Fisher matrix of the enlarged network, the current parameters first.
    g : (P,) array
        Gradient, in the same order.
    num_current : int
        Number of current parameters, from 1 to P - 1.

    Returns
    -------
    float
        Delta eta: r = g_p - F_pc F_cc^{-1} g_c, S = F_pp - F_pc F_cc^{-1} F_cp.

    Raises
    ------
    TypeError, ValueError
        As `natural_expansion_score`, and if `num_current` is not such a number.

    Notes
    -----
    Paper: (E5).
    """
    F, g = samples(F=(F, "P P"), g=(g, "P"))
    if not 1 <= as_integer("num_current", num_current) < len(g):
        raise ValueError(f"num_current is {num_current}, expected 1 to {len(g) - 1}.")
    c, p = slice(None, num_current), slice(num_current, None)
    explained = solve_spd(F[c, c], np.column_stack([F[c, p], g[c]]))
    r = g[p] - F[p, c] @ explained[:, -1]
    S = F[p, p] - F[p, c] @ explained[:, :-1]
    return float(r @ solve_spd((S + S.T) / 2, r, unit=np.diag(F[p, p])))
