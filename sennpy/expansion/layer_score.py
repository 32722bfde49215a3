"""The natural expansion score eta, and how much new neurons would add to it.

Everything here is in moments of arrays with one row a sample: a_c (N, n_c) the activations that
a layer receives now, with the constant 1 among its columns; a_p (N, k) the proposed ones;
g (N, n_out) the gradients of its pre-activations; G (n_out, n_out) its gradient factor. All is
computed in float64.
"""

import numpy as np

from .moments import moment, samples, solve_spd, trace_product, whitener


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
