"""Scores that are damped as training is, by chance, and on samples that were not used.

The score of eq. (3) promises what an undamped step would bring on the very samples that it was
found on. Training damps, and what counts is what other samples gain.
"""

import numpy as np

from ..validation import as_array, as_count, as_number
from .layer_score import delta_eta_supremum
from .moments import CUTOFF, basis, inverse_root, moment, samples, whitened, whitener


def damped_score(F, g, damping):
    """eta_d = g^T (F + D)^{-1} g, twice what a step promises in the model that D is added to.

    Parameters
    ----------
    F : (P, P) array
        Fisher matrix.
    g : (P,) array
        Gradient of the loss.
    damping : float or (P,) array
        The diagonal of D, positive.

    Returns
    -------
    float
        eta_d, in units of the loss; below `natural_expansion_score`, and falling in the damping.

    Raises
    ------
    TypeError, ValueError
        If the shapes do not agree, or the damping is not positive.

    Notes
    -----
    Paper: (E18).
    """
    F, g = samples(F=(F, "P P"), g=(g, "P"))
    damping = as_array("damping", damping)
    if damping.shape not in ((), g.shape) or not (damping > 0).all():
        raise ValueError(
            f"damping has shape {damping.shape}, expected a positive number, or {g.shape} of them."
        )
    return float(g @ np.linalg.solve(F + np.diag(np.broadcast_to(damping, g.shape)), g))


def damped_delta_eta(a_c, a_p, g, G, ridge):
    """Increase of the damped score by k proposed neurons: Tr[(Sigma + R)^{-1} D G^{-1} D^T].

    The new directions are what a_c leaves of a_p, so that they are damped and the old ones are not
    damped less: a duplicate brings 0.

    Parameters
    ----------
    a_c : (N, n_c) array
        Current input activations.
    a_p : (N, k) array
        Activations of the proposed neurons.
    g : (N, n_out) array
        Pre-activation gradients of the receiving layer.
    G : (n_out, n_out) array
        Its gradient factor, positive definite.
    ridge : float
        R is the mean square of each neuron's activations times this; at least 0.

    Returns
    -------
    float
        At most `delta_eta`, which it is at ridge 0; Theorem 3.1 holds for it as it does for that.

    Raises
    ------
    TypeError, ValueError
        If the shapes do not agree, or the ridge is below 0.

    Notes
    -----
    Paper: (E18), with Sigma and D as in (E8). R = rho A_p makes the damping one in units of each
    new activation, so that it changes with no scale.
    """
    a_c, a_p, g, G = samples(
        a_c=(a_c, "N n_c"), a_p=(a_p, "N k"), g=(g, "N n_out"), G=(G, "n_out n_out")
    )
    as_number("ridge", ridge, at_least=0)
    axes, X = new_coordinates(a_p, basis(a_c))
    U, s, _ = counted_svd(X)
    d = U.T @ moment(axes, g @ whitener(G))
    return float((s**2 / (s**2 + ridge) @ d**2).sum())


def chance_level(g_r, G, k):
    """What k fixed directions explain of g_r by chance: the mean over all orders of its rows.

    Parameters
    ----------
    g_r : (N, n_out) array
        Residual gradient; with a constant among the current inputs its mean is 0.
    G : (n_out, n_out) array
        Gradient factor, positive definite.
    k : int
        Directions, each of mean 0, that were chosen without looking at g_r.

    Returns
    -------
    float
        k / (N - 1) of `delta_eta_supremum`. Of noise that n_c current inputs have been fitted to
        they explain k / (N - n_c) of what is left. The best of a search gains more by chance.

    Raises
    ------
    ValueError
        If there are fewer than two samples.

    Notes
    -----
    Paper: (E19).
    """
    supremum = delta_eta_supremum(g_r, G)
    N = len(np.asarray(g_r))
    if N < 2:
        raise ValueError("g_r has one row, expected at least two: one cannot be permuted.")
    return as_count("k", k) / (N - 1) * supremum


def honest_increase(a_c, a_p, g, u, fitted, ridge):
    """What proposed neurons bring to each sample, if their step is found on `fitted` ones alone.

    Parameters
    ----------
    a_c : (N, n_c) array
        Current input activations of the receiving layer.
    a_p : (N, k) array
        Activations of the proposed neurons.
    g : (N, n_out) array
        Pre-activation gradients of the receiving layer.
    u : (R, N, n_out) array
        Output directions at its pre-activations; G is the mean of sum_r u u^T.
    fitted : (N,) array of bool
        The samples on which everything is estimated.
    ridge : float
        As in `damped_delta_eta`.

    Returns
    -------
    (N,) array
        q_n = -2 o_n . g_r,n - sum_r (u_rn . o_n)^2, o_n being what the natural step of the new
        outgoing weights adds to the pre-activations: twice the drop of the quadratic model. Over
        the fitted samples its mean lies between `damped_delta_eta` and `delta_eta` where the metric
        is the same for all; over others it is unbiased for what the step brings.

    Raises
    ------
    TypeError, ValueError
        If the shapes do not agree, `fitted` is not such an array, or the ridge is below 0.

    Notes
    -----
    Paper: (E20). The step's length is the best one on the fitted samples, since A (x) G is F only
    for a metric that is the same for all of them.
    """
    a_c, a_p, g = samples(a_c=(a_c, "N n_c"), a_p=(a_p, "N k"), g=(g, "N n_out"))
    as_number("ridge", ridge, at_least=0)
    (u,) = samples(u=(u, f"R {len(g)} {g.shape[1]}"))
    fitted = np.asarray(fitted)
    if fitted.dtype != bool or fitted.shape != g.shape[:1] or not fitted.any():
        raise ValueError(
            f"fitted has dtype {fitted.dtype} and shape {fitted.shape}, expected ({len(g)},) of "
            "bool, True for at least one sample."
        )
    (gains,) = honest_increases(a_c, a_p, g, u, fitted, ridge, [a_p.shape[1]])
    return gains


def honest_increases(a_c, a_p, g, u, fitted, ridge, counts):
    """`honest_increase` of the first k neurons, (len(counts), N), for each k of `counts`."""
    q = a_c @ whitened(a_c[fitted])[1]  # orthonormal over the fitted samples
    left = a_p - q @ moment(q[fitted], a_p[fitted])
    g_r = g - q @ moment(q[fitted], g[fitted])
    root = whitener(np.einsum("rno,rnp->op", u[:, fitted], u[:, fitted]) / fitted.sum())
    axes, X = new_coordinates(a_p[fitted], q[fitted])
    d, size = moment(axes, g_r[fitted]) @ root, (a_p[fitted] ** 2).mean(axis=0)
    gains = []
    for k in counts:
        S = -inverse_root(size[:k, None]) * ridged(X[:, :k], d, ridge) @ root.T
        reaches = np.einsum("rno,ko->rnk", u[:, fitted], S)  # of each neuron's part of the step
        penalty = ridge * float(size[:k] @ (reaches**2).sum(0).mean(0))
        gains.append(gains_of_step(left[:, :k] @ S, penalty, g_r, u, fitted))
    return np.stack(gains)


def gains_of_step(moved, penalty, g_r, u, fitted):
    """Twice the drop (N,) of the quadratic model by a step that moves pre-activations (N, n_out).

    Its length is the best over the fitted samples, the step's penalty among its curvature: 1 if the
    metric is the same for all samples.
    """
    slope = (moved * g_r).sum(axis=1)
    curvature = (np.einsum("rno,no->rn", u, moved) ** 2).sum(axis=0)
    size = curvature[fitted].mean() + penalty
    length = -slope[fitted].mean() / size if size > 0 else 0.0
    return -2 * length * slope - length**2 * curvature


def new_coordinates(a_p, q):
    """Axes (N, r) of what a basis q leaves of a_p (N, k), and a_p along them, X (r, k).

    Columns of X are in units of a_p's, and 0 where q explains them but for rounding.
    """
    axes = basis(a_p, after=q)
    X = moment(axes, a_p * inverse_root((a_p**2).mean(axis=0)))
    return axes, np.where((X**2).sum(axis=0) > CUTOFF**2, X, 0.0)


def counted_svd(X):
    """U (r, n), s (n,), V (k, n) with X = U s V^T, without singular values that are rounding."""
    U, s, Vt = np.linalg.svd(X, full_matrices=False)
    counts = s > CUTOFF * s.max(initial=0.0)
    return U[:, counts], s[counts], Vt[counts].T


def ridged(X, d, ridge):
    """(X^T X + ridge I)^{-1} X^T d, (k, n): by singular values, so that no ridge is too small."""
    U, s, V = counted_svd(X)
    return (V * (s / (s**2 + ridge))) @ (U.T @ d)
