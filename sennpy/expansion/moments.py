"""The linear algebra of the scores: means of outer products, and their inverses.

A direction that is absent, or that other variables explain but for rounding, is left out of an
inverse, so that a singular moment gives the score of what is there.
"""

import numpy as np

from ..validation import as_arrays

# A direction with a smaller share of the whole counts as absent. Kernels keep the value that they
# were compiled with: whoever changes it deletes expansion/__pycache__ too.
CUTOFF = 1e-12


def moment(a, b):
    """E[a b^T], the mean over samples: (N, n) and (N, k) to (n, k)."""
    return a.T @ b / len(a)


def whitener(S, unit=None):
    """T (n, rank) with T^T S T = I, so that T T^T is a pseudo-inverse of S (n, n).

    Directions with less than CUTOFF of the largest, each variable first scaled to a diagonal of 1,
    are left out; with `unit` (n,) given, variables are scaled by it and the cut is at CUTOFF.
    """
    diagonal = np.diag(S) if unit is None else np.asarray(unit)
    scale = np.divide(1, np.sqrt(diagonal.clip(0)), out=np.zeros(len(S)), where=diagonal > 0)
    eigenvalues, V = np.linalg.eigh(scale[:, None] * S * scale)
    largest = eigenvalues[-1] if unit is None else 1
    keep = eigenvalues > max(CUTOFF * largest, 0)
    return scale[:, None] * V[:, keep] / np.sqrt(eigenvalues[keep])


def solve_spd(S, B, unit=None):
    """S^{-1} B for a positive semi-definite S (n, n), in the directions that `whitener` keeps."""
    T = whitener(S, unit)
    return T @ (T.T @ B)


def samples(**named):
    """`as_arrays` in float64."""
    return [array.astype(np.float64, copy=False) for array in as_arrays(**named)]


def trace_product(X, Y):
    """Tr[X Y] as a float, for X (n, k) and Y (k, n)."""
    return float((X * Y.T).sum())
