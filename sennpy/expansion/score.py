"""The natural expansion score eta, and how much new neurons would add to it.

Everything here is in moments of arrays with one row a sample: a_c (N, n_c) the activations that
a layer receives now, with the constant 1 among its columns; a_p (N, k) the proposed ones;
g (N, n_out) the gradients of its pre-activations; G (n_out, n_out) its gradient factor. All is
computed in float64.
"""

import numpy as np

from ..nn.activations import rational_basis
from ..validation import as_array, as_integer, as_number
from .moments import CUTOFF, moment, samples, solve_spd, trace_product, whitener


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


def layer_score(a_c, g, G):
    """eta_l = Tr[A^{-1} C G^{-1} C^T], the K-FAC score of one layer.

    Parameters
    ----------
    a_c : (N, n_c) array
        Input activations.
    g : (N, n_out) array
        Pre-activation gradients.
    G : (n_out, n_out) array
        Gradient factor, positive definite.

    Returns
    -------
    float
        eta_l, in units of the loss if G is a factor of the output metric.

    Notes
    -----
    Paper: (E6).
    """
    a_c, g, G = samples(a_c=(a_c, "N n_c"), g=(g, "N n_out"), G=(G, "n_out n_out"))
    A, C = moment(a_c, a_c), moment(a_c, g)
    return trace_product(solve_spd(A, C), solve_spd(G, C.T))


def residual_gradient(a_c, g):
    """g_r = g - E[g a_c^T] A_c^{-1} a_c, what the current inputs cannot explain linearly.

    Parameters
    ----------
    a_c : (N, n_c) array
        Input activations.
    g : (N, n_out) array
        Pre-activation gradients, or any other functions of the samples.

    Returns
    -------
    (N, n_out) array
        Uncorrelated with every column of a_c.

    Notes
    -----
    Paper: Lemma A.6, (E7).
    """
    a_c, g = samples(a_c=(a_c, "N n_c"), g=(g, "N n_out"))
    return g - a_c @ solve_spd(moment(a_c, a_c), moment(a_c, g))


def delta_eta(a_c, a_p, g, G):
    """Exact increase of the layer's score by k proposed neurons: Tr[Sigma^{-1} D G^{-1} D^T].

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

    Returns
    -------
    float
        Delta eta, at least `delta_eta_bound`; 0 for neurons that a_c already spans.

    Notes
    -----
    Paper: (E8). Sigma is what is left of A_p when a_c is regressed out. The proposals are whitened
    first, so that Sigma's eigenvalues are the 1 - R^2 of (E9) and a redundant direction is seen.
    """
    a_c, a_p, g, G = samples(
        a_c=(a_c, "N n_c"), a_p=(a_p, "N k"), g=(g, "N n_out"), G=(G, "n_out n_out")
    )
    white = a_p @ whitener(moment(a_p, a_p))
    if not white.size:
        return 0.0
    a_r = residual_gradient(a_c, white)
    Sigma, D = moment(a_r, a_r), moment(a_r, residual_gradient(a_c, g))
    return trace_product(solve_spd(Sigma, D, unit=np.ones(len(Sigma))), solve_spd(G, D.T))


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


def delta_eta_bound(a_p, g_r, G):
    """Lower bound on `delta_eta`: Tr[A_p^{-1} E[a_p g_r^T] G^{-1} E[g_r a_p^T]].

    Parameters
    ----------
    a_p : (N, k) array
        Activations of the k proposed neurons.
    g_r : (N, n_out) array
        Residual gradient of the receiving layer.
    G : (n_out, n_out) array
        Its gradient factor, positive definite.

    Returns
    -------
    float
        Delta eta', between 0 and `delta_eta`, in the same units.

    Notes
    -----
    Paper: Theorem 3.2. For one neuron it is 1 - R^2 of `delta_eta` (E9).
    """
    a_p, g_r, G = samples(a_p=(a_p, "N k"), g_r=(g_r, "N n_out"), G=(G, "n_out n_out"))
    A_p, D = moment(a_p, a_p), moment(a_p, g_r)
    return trace_product(solve_spd(A_p, D), solve_spd(G, D.T))


def delta_eta_bound_gradient(a_p, g_r, G):
    """Gradient of the bound in the proposed activations.

    Parameters
    ----------
    a_p, g_r, G
        As in `delta_eta_bound`.

    Returns
    -------
    (N, k) array
        (2/N) A_p^{-1} D G^{-1} (g_r(x_n) - D^T A_p^{-1} a_p(x_n)), row n for sample n.

    Notes
    -----
    Paper: (E10).
    """
    a_p, g_r, G = samples(a_p=(a_p, "N k"), g_r=(g_r, "N n_out"), G=(G, "n_out n_out"))
    fit = solve_spd(moment(a_p, a_p), moment(a_p, g_r))
    return 2 / len(a_p) * (g_r - a_p @ fit) @ solve_spd(G, fit.T)


def delta_eta_supremum(g_r, G):
    """Tr[G^{-1} E[g_r g_r^T]], what no proposal can exceed, however many neurons.

    Parameters
    ----------
    g_r : (N, n_out) array
        Residual gradient.
    G : (n_out, n_out) array
        Gradient factor, positive definite.

    Returns
    -------
    float
        A score divided by it is the attained fraction, in [0, 1].

    Notes
    -----
    Paper: (E9).
    """
    g_r, G = samples(g_r=(g_r, "N n_out"), G=(G, "n_out n_out"))
    return float(np.trace(solve_spd(G, moment(g_r, g_r))))


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


def relative_score(score, eta):
    """score / eta, infinite when eta is 0 and score is not; a float."""
    score, eta = as_number("score", score), as_number("eta", eta, at_least=0)
    return score / eta if eta > 0 else float(np.inf if score > 0 else 0)
