"""Compiled kernels of the search for an inserted layer.

`LayerObjective.evaluate` is the NumPy twin of `inserted_layers`. Inputs are checked before they
come here: C-contiguous float64, of shapes that agree.
"""

import numpy as np

from ..compiled import jit
from .moments import CUTOFF


@jit
def inverse_of(W, inverse):
    """The inverse of a square W (n, n) by Gauss-Jordan with row pivots; False if it is singular."""
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
def solve_cholesky(S, b, t):
    """t (n,) with S t = b for a semi-definite S (n, n) with a diagonal of at most 1, overwritten.

    Its lower triangle is enough. A variable that those before it explain but for CUTOFF is left
    out.
    """
    n = len(b)
    for k in range(n):
        for m in range(k):
            for j in range(m):
                S[k, m] -= S[k, j] * S[m, j]
            S[k, m] = S[k, m] / S[m, m] if S[m, m] > 0 else 0.0
        for j in range(k):
            S[k, k] -= S[k, j] * S[k, j]
        S[k, k] = np.sqrt(S[k, k]) if S[k, k] > CUTOFF else 0.0
        t[k] = b[k]
        for j in range(k):
            t[k] -= S[k, j] * t[j]
        t[k] = t[k] / S[k, k] if S[k, k] > 0 else 0.0
    for k in range(n - 1, -1, -1):
        for j in range(k + 1, n):
            t[k] -= S[j, k] * t[j]
        t[k] = t[k] / S[k, k] if S[k, k] > 0 else 0.0


@jit
def inserted_layer(a_c, white, g_r, G, W, weights, d_weights, phi, rest):
    """(E16) of one square layer with weights (n + 1, n); its gradient in d_weights (n + 1, n).

    white (N, rank) spans a_c (N, n + 1) with E[white white^T] = I; phi and rest (N, 2 n) are room
    to work in. NaN where the square part has ||W_q|| ||W_q^-1|| above 10 n (Frobenius). Twin:
    `insertion.insertion_score`.
    """
    (N, n), outputs, rank = (len(a_c), weights.shape[1]), G.shape[0], white.shape[1]
    inverse, size, size_inverse = np.empty((n, n)), 0.0, 0.0
    regular = inverse_of(weights[:n], inverse)
    for j in range(n):
        for k in range(n):
            size += weights[j, k] * weights[j, k]
            size_inverse += inverse[j, k] * inverse[j, k]
    if not (regular and np.sqrt(size * size_inverse) < 10 * n):
        d_weights[:] = np.nan
        return np.nan
    u, Gu, metric = np.zeros((n, outputs)), np.zeros((n, outputs)), np.zeros((n, n))
    for k in range(n):
        for j in range(n):
            for o in range(outputs):
                u[k, o] += inverse[k, j] * W[j, o]
        for q in range(outputs):
            for o in range(outputs):
                Gu[k, o] += u[k, q] * G[q, o]
    for k in range(n):
        for j in range(n):
            for o in range(outputs):
                metric[k, j] += Gu[k, o] * u[j, o]
    explained, unit, z = np.zeros((rank, 2 * n)), np.zeros(2 * n), np.empty(n)
    for i in range(N):
        z[:] = 0.0
        for j in range(n + 1):
            for k in range(n):
                z[k] += a_c[i, j] * weights[j, k]
        row = phi[i]
        for k in range(n):
            v = 1 / (1 + z[k] * z[k])
            row[k], row[n + k] = 2 * z[k] * v, v
        for j in range(rank):
            for k in range(2 * n):
                explained[j, k] += white[i, j] * row[k] / N
        for k in range(2 * n):
            unit[k] += row[k] * row[k] / N
    S, R = np.zeros((2 * n, 2 * n)), np.zeros((2 * n, outputs))
    for i in range(N):
        row, left = phi[i], rest[i]
        for k in range(2 * n):
            left[k] = row[k]
        for j in range(rank):
            for k in range(2 * n):
                left[k] -= white[i, j] * explained[j, k]
        for j in range(2 * n):
            share = left[j] / N
            for k in range(j + 1):
                S[j, k] += share * left[k]
            for o in range(outputs):
                R[j, o] += share * g_r[i, o]
    r, t, scale = np.zeros(2 * n), np.empty(2 * n), np.zeros(2 * n)
    for j in range(2 * n):
        unit[j] *= metric[j % n, j % n]
        if unit[j] > 0:
            scale[j] = 1 / np.sqrt(unit[j])
        for o in range(outputs):
            r[j] += R[j, o] * u[j % n, o]
    for j in range(2 * n):
        for k in range(j + 1):
            S[j, k] *= metric[j % n, k % n] * scale[j] * scale[k]
    solve_cholesky(S, r * scale, t)
    score = 0.0
    for j in range(2 * n):
        t[j] *= scale[j]
        score += r[j] * t[j]
    d_weights[:] = 0.0
    d_u, error, d_z = np.zeros((n, outputs)), np.empty(outputs), np.empty(n)
    for i in range(N):
        row, left = phi[i], rest[i]
        for o in range(outputs):
            error[o] = g_r[i, o]
        for j in range(2 * n):
            for o in range(outputs):
                error[o] -= left[j] * t[j] * Gu[j % n, o]
        for k in range(n):
            along = 0.0
            for o in range(outputs):
                along += error[o] * u[k, o]
            v, zv = row[n + k], row[k] / 2
            d_z[k] = 2 / N * along * (t[k] * 2 * (v * v - zv * zv) - t[n + k] * 2 * zv * v)
            share = 2 / N * (t[k] * left[k] + t[n + k] * left[n + k])
            for o in range(outputs):
                d_u[k, o] += share * error[o]
        for j in range(n + 1):
            for k in range(n):
                d_weights[j, k] += a_c[i, j] * d_z[k]
    for j in range(n):
        for k in range(n):
            for m in range(n):
                along = 0.0
                for o in range(outputs):
                    along += d_u[m, o] * u[k, o]
                d_weights[j, k] -= inverse[m, j] * along
    return score


@jit
def inserted_layers(a_c, white, g_r, G, W, weights, scores, d_weights):
    """`inserted_layer` of C proposals weights (C, n + 1, n): scores (C,), d_weights likewise."""
    phi, rest = (
        np.empty((len(a_c), 2 * weights.shape[2])),
        np.empty((len(a_c), 2 * weights.shape[2])),
    )
    for c in range(len(weights)):
        scores[c] = inserted_layer(a_c, white, g_r, G, W, weights[c], d_weights[c], phi, rest)
