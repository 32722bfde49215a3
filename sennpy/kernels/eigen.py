"""The best coefficients, by eigenvectors. Twin: `top_coefficients` in expansion/coefficients.py."""

import numpy as np

from . import inlined, jit


@inlined
def rotate(S, V, p, k):
    """One of Jacobi's rotations: S (b, b) and V (b, b) so turned that S[p, k] is 0.

    Twin: `numpy.linalg.eigh`, in steps.
    """
    half = (S[k, k] - S[p, p]) / (2 * S[p, k])
    t = (1.0 if half >= 0 else -1.0) / (abs(half) + np.sqrt(1 + half * half))
    cos = 1 / np.sqrt(1 + t * t)
    sin = t * cos
    for m in range(len(S)):
        left, right = S[m, p], S[m, k]
        S[m, p], S[m, k] = cos * left - sin * right, sin * left + cos * right
    for m in range(len(S)):
        left, right = S[p, m], S[k, m]
        S[p, m], S[k, m] = cos * left - sin * right, sin * left + cos * right
    for m in range(len(S)):
        left, right = V[m, p], V[m, k]
        V[m, p], V[m, k] = cos * left - sin * right, sin * left + cos * right


@jit
def symmetric_eigen(S, V):
    """Eigenvalues of a small symmetric S (b, b) onto its diagonal, eigenvectors in V (b, b).

    Jacobi's rotations, until what is beside the diagonal is rounding. Twin: `numpy.linalg.eigh`.
    """
    b = len(S)
    V[:] = 0.0
    for k in range(b):
        V[k, k] = 1.0
    for _ in range(30):
        off, whole = 0.0, 0.0
        for p in range(b):
            whole += S[p, p] * S[p, p]
            for k in range(p + 1, b):
                off += S[p, k] * S[p, k]
        if off <= 1e-40 * whole or off == 0:
            return
        for p in range(b):
            for k in range(p + 1, b):
                if abs(S[p, k]) > 1e-20 * (abs(S[p, p]) + abs(S[k, k])):
                    rotate(S, V, p, k)


@inlined
def whitening(S, cutoff, V, T):
    """T (3, 3) with T^T S T = I, but for columns of 0 where S (3, 3) has less than `cutoff`.

    That share is of the largest direction, with variables scaled to a diagonal of 1; V (3, 3) is
    room to work in. Twin: `moments.whitener`.
    """
    scale, unit_S = np.zeros(3), np.empty((3, 3))
    T[:] = 0.0
    for k in range(3):
        if S[k, k] > 0:
            scale[k] = 1 / np.sqrt(S[k, k])
    for k in range(3):
        for m in range(3):
            unit_S[k, m] = scale[k] * S[k, m] * scale[m]
    symmetric_eigen(unit_S, V)
    largest = max(unit_S[0, 0], unit_S[1, 1], unit_S[2, 2])
    for m in range(3):
        if unit_S[m, m] > cutoff * largest:
            for k in range(3):
                T[k, m] = scale[k] * V[k, m] / np.sqrt(unit_S[m, m])


@inlined
def top_direction(S, B, cutoff, q):
    """(E12): top generalised eigenvector q (3,) of (B B^T, S), of unit norm; its eigenvalue.

    S (3, 3) = E[phi phi^T] + ridge I and B (3, n) = E[phi r^T]. Where all is 0, q is (0, 0, 1).
    Twin: `coefficients.top_coefficients`.
    """
    n, top, size = B.shape[1], 0, 0.0
    V, T, M, K = np.empty((3, 3)), np.empty((3, 3)), np.zeros((3, 3)), np.zeros((3, n))
    whitening(S, cutoff, V, T)
    for m in range(3):
        for o in range(n):
            for k in range(3):
                K[m, o] += T[k, m] * B[k, o]
    for k in range(3):
        for m in range(3):
            for o in range(n):
                M[k, m] += K[k, o] * K[m, o]
    symmetric_eigen(M, V)
    for m in range(1, 3):
        if M[m, m] > M[top, top]:
            top = m
    for k in range(3):
        q[k] = T[k, 0] * V[0, top] + T[k, 1] * V[1, top] + T[k, 2] * V[2, top]
        size += q[k] * q[k]
    if size == 0:
        q[0], q[1], q[2] = 0.0, 0.0, 1.0
        return 0.0
    for k in range(3):
        q[k] /= np.sqrt(size)
    return max(M[top, top], 0.0)
