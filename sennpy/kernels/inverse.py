"""A layer's square part undone: what follows it. Twin: expansion/insertion.py, and numpy.linalg."""

import numpy as np

from . import inlined, jit


@inlined
def inverse_of(W, inverse):
    """The inverse of a square W (n, n) by Gauss-Jordan with row pivots; False if it is singular.

    Twin: `numpy.linalg.inv`.
    """
    n = len(W)
    left = W.copy()
    inverse[:] = 0.0
    for k in range(n):
        inverse[k, k] = 1.0
    for k in range(n):
        pivot = k
        for i in range(k + 1, n):
            if abs(left[i, k]) > abs(left[pivot, k]):
                pivot = i
        if left[pivot, k] == 0:
            return False
        for j in range(n):
            left[k, j], left[pivot, j] = left[pivot, j], left[k, j]
            inverse[k, j], inverse[pivot, j] = inverse[pivot, j], inverse[k, j]
        over = 1 / left[k, k]
        for j in range(n):
            left[k, j] *= over
            inverse[k, j] *= over
        for i in range(n):
            times = left[i, k]
            if i != k and times != 0:
                for j in range(n):
                    left[i, j] -= times * left[k, j]
                    inverse[i, j] -= times * inverse[k, j]
    return True


@jit
def next_weights(weights, W, G, limit, inverse, u, Gu, metric):
    """What follows a layer weights (n + 1, n): W_q^{-1}, u = W_q^{-1} W, u G and u G u^T; (E2).

    W and u are (n, m), without the bias; G is (m, m). False, with zeros for the last three, where
    ||W_q|| ||W_q^{-1}|| (Frobenius) is not below `limit`.
    Twins: `numpy.linalg.cond`, `insertion.insertion_score`, its beginning.
    """
    (n, m), size, size_inverse = u.shape, 0.0, 0.0
    u[:], Gu[:], metric[:] = 0.0, 0.0, 0.0
    regular = inverse_of(weights[:n], inverse)
    for j in range(n):
        for k in range(n):
            size += weights[j, k] * weights[j, k]
            size_inverse += inverse[j, k] * inverse[j, k]
    if not (regular and np.sqrt(size * size_inverse) < limit):
        return False
    for k in range(n):
        for j in range(n):
            for o in range(m):
                u[k, o] += inverse[k, j] * W[j, o]
        for q in range(m):
            for o in range(m):
                Gu[k, o] += u[k, q] * G[q, o]
    for k in range(n):
        for j in range(n):
            for o in range(m):
                metric[k, j] += Gu[k, o] * u[j, o]
    return True
