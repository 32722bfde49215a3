"""Solving with a moment that may be singular. Twin: expansion/moments.py."""

import numpy as np

from . import inlined


@inlined
def solve_cholesky(A, B, unit, cutoff, X):
    """X (k, n) with A X = B for a positive semi-definite A (k, k), overwritten, and B (k, n).

    A's lower triangle is enough. A variable is left out of which those before it leave no more than
    the share `cutoff` of its unit (k,). Twin: `moments.solve_spd`, which leaves out eigenvectors.
    """
    k, n = B.shape
    for j in range(k):
        for m in range(j):
            for i in range(m):
                A[j, m] -= A[j, i] * A[m, i]
            A[j, m] = A[j, m] / A[m, m] if A[m, m] > 0 else 0.0
        for i in range(j):
            A[j, j] -= A[j, i] * A[j, i]
        A[j, j] = np.sqrt(A[j, j]) if A[j, j] > cutoff * unit[j] else 0.0
        for o in range(n):
            left = B[j, o]
            for i in range(j):
                left -= A[j, i] * X[i, o]
            X[j, o] = left / A[j, j] if A[j, j] > 0 else 0.0
    for j in range(k - 1, -1, -1):
        for o in range(n):
            left = X[j, o]
            for i in range(j + 1, k):
                left -= A[i, j] * X[i, o]
            X[j, o] = left / A[j, j] if A[j, j] > 0 else 0.0
