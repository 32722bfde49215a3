"""Linear systems with a curvature matrix: Cholesky, conjugate gradients, Kronecker factors.

Each solves for (F + d I) x = g, its own kind of F, and raises `SingularCurvature` where it cannot.
"""

import numpy as np
from scipy.linalg import lapack


class SingularCurvature(np.linalg.LinAlgError, ValueError):
    """A curvature cannot be inverted, for lack of damping or because it is not finite."""


def singular(P, d):
    """The `SingularCurvature` of a matrix (P, P) at damping d."""
    return SingularCurvature(
        f"the curvature ({P} by {P}) is singular at damping {d:.3g}; "
        "use a larger Damping(value=...)."
    )


def solve_damped(F, g, d):
    """(F + d I)^{-1} g by Cholesky, F (P, P), g (P,) or (P, k)."""
    damped = F.copy()
    damped.flat[:: len(F) + 1] += d
    # Undamped, a singular matrix can pass Cholesky by its rounding, so the rank is looked at first.
    undamped = d <= np.finfo(F.dtype).eps * F.diagonal().max()
    if undamped and not (semidefinite_eigh(damped)[0] > 0).all():
        raise singular(len(F), d)
    posv = lapack.sposv if damped.dtype == np.float32 else lapack.dposv
    _, solution, info = posv(damped, g, lower=True, overwrite_a=True)
    if info > 0:
        raise singular(len(F), d)
    return solution


def conjugate_gradient(product, b, d, max_iterations, tolerance, precondition=np.copy):
    """Solve product(x) = b from x = 0, with b (P,).

    `precondition` maps (P,) to (P,) as an approximate inverse of `product` would; d is the damping
    within `product`, for messages.

    Returns
    -------
    x : (P,) array
    steps : int
    residual : float
        ||product(x) - b|| / ||b||, as the steps update it.
    """
    x, r, size = np.zeros_like(b), b.copy(), float(np.sqrt(b @ b))
    p = z = precondition(r)
    rz, steps, left = r @ z, 0, size
    while steps < max_iterations and left > tolerance * size:
        Ap = product(p)
        curvature = p @ Ap
        if curvature <= 0:
            raise singular(len(b), d)
        step = rz / curvature
        x = x + step * p
        r = r - step * Ap
        z = precondition(r)
        rz, before = r @ z, rz
        p = z + (rz / before) * p
        steps, left = steps + 1, float(np.sqrt(r @ r))
    return x, steps, left / size if size else 0.0


def solve_kronecker(A, G, C, d):
    """Solve (A (x) G + d I) vec(X) = vec(C) by the factors' eigenvectors; C (n_in + 1, n_out)."""
    (a, V), (g, W) = semidefinite_eigh(A), semidefinite_eigh(G)
    eigenvalues = np.outer(a, g) + d
    if eigenvalues.min() <= 0:
        raise singular(C.size, d)
    return kronecker_inverse(V, W, eigenvalues, C)


def kronecker_inverse(V, W, eigenvalues, C):
    """X (n_in + 1, n_out) with V, W the eigenvectors of A, G and eigenvalues in C's shape."""
    return V @ ((V.T @ C @ W) / eigenvalues) @ W.T


def solve_factored(A, G, C, d):
    """(A + pi sqrt(d) I)^{-1} C (G + sqrt(d)/pi I)^{-1}, pi^2 the ratio of mean diagonals."""
    a, g, root = float(np.trace(A)) / len(A), float(np.trace(G)) / len(G), d**0.5
    # a layer that reaches no output has g = 0, one that is given nothing a = 0
    pi = (a / g) ** 0.5 if a > 0 and g > 0 else 1.0
    return solve_damped(G, solve_damped(A, C, pi * root).T, root / pi).T


def semidefinite_eigh(A):
    """Eigenvalues and vectors of a semi-definite A; eigenvalues that are rounding become 0."""
    try:
        a, V = np.linalg.eigh(A)
    except np.linalg.LinAlgError as error:
        raise SingularCurvature(f"the curvature has no eigenvalues: {error}.") from error
    if not np.isfinite(a).all():
        raise SingularCurvature("the curvature has no eigenvalues: they are not finite.")
    return np.where(a > len(a) * np.finfo(a.dtype).eps * a.max(), a, 0), V
