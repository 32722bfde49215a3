"""The natural expansion score eta of the whole network, and its exact increase."""

import numpy as np

from ..validation import as_array, as_integer
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


def projected_score(J, g_y):
    """eta = (1/N) ||P g_y||^2, P projecting onto range(J): the second form of the score.

    Parameters
    ----------
    J : (N m, P) or (N, m, P) array
        Jacobian of the outputs.
    g_y : (N, m) or (N,) array
        Output gradients. A flat one is read as N samples with one output each.

    Returns
    -------
    float
        eta, the same number as `natural_expansion_score` gives for F = J^T J / N.

    Raises
    ------
    TypeError, ValueError
        As `natural_expansion_score`.

    Notes
    -----
    Paper: eq. (3).
    """
    J, g_y = as_array("J", J), as_array("g_y", g_y)
    outputs = g_y.shape if g_y.ndim == 2 else (*g_y.shape, 1)
    if len(outputs) != 2 or J.shape[:-1] not in (outputs, (g_y.size,)):
        raise ValueError(
            f"J has shape {J.shape} and g_y {g_y.shape}, expected (N m, P) or (N, m, P), and "
            "(N, m), or (N,) for one output."
        )
    J = J.reshape(-1, J.shape[-1]).astype(np.float64)
    norms = np.sqrt((J**2).sum(axis=0))
    U, s, _ = np.linalg.svd(J / np.where(norms > 0, norms, 1), full_matrices=False)
    U = U[:, s**2 > CUTOFF * s[0] ** 2]  # the eigenvalues of F, and the cut that its inverse has
    return float(((U.T @ g_y.ravel()) ** 2).sum() / len(g_y))


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
