"""The natural expansion score eta, and how much new neurons would add to it.

Everything here is about arrays with one row a sample: a_c (N, n_c) the activations that a layer
receives now, with the constant 1 among its columns; a_p (N, k) the proposed ones; g (N, n_out) the
gradients of its pre-activations; G (n_out, n_out) its gradient factor. All is float64.

A score Tr[A^{-1} C G^{-1} C^T] is what a linear map of the activations explains of the whitened
gradient g G^{-1/2}: the mean square of its projection. So each is computed with an orthonormal
basis of the activations (`moments.basis`), whose error does not grow with the square of A's
condition number as an inverse of A would.
"""

from .moments import basis, moment, residual, samples, whitened, whitener


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
    Paper: (E6), with A = E[a_c a_c^T] and C = E[a_c g^T].
    """
    a_c, g, G = samples(a_c=(a_c, "N n_c"), g=(g, "N n_out"), G=(G, "n_out n_out"))
    return explained(basis(a_c), g, G)


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
    return residual(basis(a_c), g)


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
    Paper: (E8), (E9), with Sigma = A_p - A_pc A_c^{-1} A_cp and D = E[a_p g_r^T]. It is what the
    directions that a_p adds to those of a_c explain of g, hence the `layer_score` of a_c and a_p
    together less that of a_c.
    """
    a_c, a_p, g, G = samples(
        a_c=(a_c, "N n_c"), a_p=(a_p, "N k"), g=(g, "N n_out"), G=(G, "n_out n_out")
    )
    return explained(basis(a_p, after=basis(a_c)), g, G)


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
    return explained(basis(a_p), g_r, G)


def delta_eta_bound_gradient(a_p, g_r, G):
    """Gradient of the bound in the proposed activations.

    Parameters
    ----------
    a_p, g_r, G
        As in `delta_eta_bound`.

    Returns
    -------
    (N, k) array
        (2/N) A_p^{-1} D G^{-1} (g_r(x_n) - D^T A_p^{-1} a_p(x_n)), row n for sample n; 0 in columns
        that those before them explain, where the bound has no gradient.

    Notes
    -----
    Paper: (E10).
    """
    a_p, g_r, G = samples(a_p=(a_p, "N k"), g_r=(g_r, "N n_out"), G=(G, "n_out n_out"))
    q, T = whitened(a_p)
    root = whitener(G)
    fit = T @ moment(q, g_r)  # A_p^{-1} D
    return 2 / len(a_p) * (residual(q, g_r) @ root) @ (fit @ root).T


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
    return float(((g_r @ whitener(G)) ** 2).sum() / len(g_r))


def explained(q, g, G):
    """Tr[E[q g^T] G^{-1} E[g q^T]] for a basis q (N, rank): what q explains of g (N, n_out)."""
    return float((moment(q, g @ whitener(G)) ** 2).sum())
