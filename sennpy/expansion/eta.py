"""The natural expansion score eta of the whole network, and its exact increase."""

import numpy as np

from ..curvature.fisher import fisher_matrix, fisher_product, fisher_trace
from ..curvature.preconditioner import preconditioner
from ..nn.mlp import as_network
from ..validation import as_array, as_arrays, as_count, as_integer, as_number
from .moments import CUTOFF, inverse_form, samples, solve_spd

ROUNDING = 1e-26  # of the largest diagonal of F: a column of J with 1e-13 of the longest's length
ROUGH = 1e-6  # ridge, in mean diagonals of F, of what only makes conjugate gradients faster


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
    return inverse_form(F, g)


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
    return inverse_form((S + S.T) / 2, r, unit=np.diag(F[p, p]))


def network_score(net, trace, u, gradient, tolerance=1e-3, largest_dense=1000):
    """eta of a whole network, by F or without it.

    Behind a unit that nothing listens to yet, some columns of J are rounding: parameters with less
    than ROUNDING of the largest diagonal of F are left out, so that they are no directions.

    Beyond `largest_dense` parameters F is not formed: conjugate gradients on F v end when they have
    gained less than `tolerance` of eta in the last half of their steps, and eta is too low by about
    as much. F, which may be singular, then has a ridge of CUTOFF of its mean diagonal: the two
    routes differ by what they make of directions that are that small, where eta is ill defined.

    Parameters
    ----------
    net : MLP
    trace : Trace
        Of a forward pass of this network.
    u : (R, N, m) array
        Output directions of the metric, see `output_directions`.
    gradient : (P,) array
        Gradient of the loss, J^T g_y / N.
    tolerance : float
        Between 0 and 1.
    largest_dense : int
        Parameters up to which F is formed and decomposed.

    Returns
    -------
    float

    Raises
    ------
    TypeError, ValueError
        If the arguments are not what they should be.

    Notes
    -----
    Paper: eq. (3).
    """
    P = as_network(net).num_parameters
    (g,) = as_arrays(gradient=(gradient, f"{P}"))
    as_number("tolerance", tolerance, above=0, below=1)
    if as_count("largest_dense", largest_dense, at_least=0) >= P:
        F = fisher_matrix(trace, u)
        real = F.diagonal() > ROUNDING * F.diagonal().max()
        return inverse_form(F * np.outer(real, real), real * g)
    mean = fisher_trace(trace, u) / P
    rough = preconditioner(trace, u, ROUGH * mean)
    return conjugate_score(
        lambda v: fisher_product(trace, u, v) + CUTOFF * mean * v,
        g.astype(np.float64),
        lambda r: rough(net, r),
        tolerance,
    )


def conjugate_score(product, g, precondition, tolerance):
    """g^T S^{-1} g for g (P,) and product(v) = S v, from below, by conjugate gradients.

    Each step adds to it. That what it gained lately tells what is missing is the estimate of
    Strakos and Tichy; their delay is half of all steps (at least 10) here, since a curvature has
    many small directions, each of which can hold as much of eta as a large one. The residuals are
    kept, and rounding along them is taken out: without that the small directions are not found.
    """
    gains, kept = [], np.empty((2, 64, len(g)))  # residuals r and precondition(r), of r^T z = 1
    r, z, p = g, precondition(g), np.zeros_like(g)
    start = before = rz = float(r @ z)
    while rz > 1e-30 * start:
        k = len(gains)
        if k >= 20 and sum(gains[k - k // 2 :]) < tolerance * sum(gains):
            break
        if k == kept.shape[1]:
            kept = np.concatenate([kept, np.empty_like(kept)], axis=1)
        kept[:, k] = (r, z) / np.sqrt(rz)
        p = z + rz / before * p
        Sp = product(p)
        step = rz / (p @ Sp)
        gains.append(step * rz)
        r = r - step * Sp
        r = r - kept[0, : k + 1].T @ (kept[1, : k + 1] @ r)
        z, before = precondition(r), rz
        rz = float(r @ z)
    return float(sum(gains))
