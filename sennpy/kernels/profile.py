"""Compiled kernels of the profile search: the bound with the best coefficients, and its ascent.

`ProfiledNeuronObjective.evaluate` is the NumPy twin of `profiled_bounds`. Inputs are checked before
they come here: C-contiguous float64, of shapes that agree.
"""

import numpy as np

from ..expansion.moments import CUTOFF
from . import jit


@jit
def symmetric_eigen(S, V):
    """Jacobi's rotations: eigenvalues of a small symmetric S (b, b) onto its diagonal, V (b, b).

    Twin: `numpy.linalg.eigh`.
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
                if abs(S[p, k]) <= 1e-20 * (abs(S[p, p]) + abs(S[k, k])):
                    continue
                half = (S[k, k] - S[p, p]) / (2 * S[p, k])
                t = (1.0 if half >= 0 else -1.0) / (abs(half) + np.sqrt(1 + half * half))
                cos = 1 / np.sqrt(1 + t * t)
                sin = t * cos
                for m in range(b):
                    left, right = S[m, p], S[m, k]
                    S[m, p], S[m, k] = cos * left - sin * right, sin * left + cos * right
                for m in range(b):
                    left, right = S[p, m], S[k, m]
                    S[p, m], S[k, m] = cos * left - sin * right, sin * left + cos * right
                for m in range(b):
                    left, right = V[m, p], V[m, k]
                    V[m, p], V[m, k] = cos * left - sin * right, sin * left + cos * right


@jit
def top_direction(S, B, q):
    """(E12): top generalised eigenvector q (3,) of (B B^T, S), of unit norm; its eigenvalue.

    S (3, 3) = E[phi phi^T] + ridge I and B (3, n) = E[phi r^T]. Twin: `score.top_coefficients`.
    """
    n = B.shape[1]
    scale, V, T, M = np.zeros(3), np.empty((3, 3)), np.zeros((3, 3)), np.zeros((3, 3))
    unit_S = np.empty((3, 3))
    for k in range(3):
        if S[k, k] > 0:
            scale[k] = 1 / np.sqrt(S[k, k])
    for k in range(3):
        for m in range(3):
            unit_S[k, m] = scale[k] * S[k, m] * scale[m]
    symmetric_eigen(unit_S, V)
    largest = max(unit_S[0, 0], unit_S[1, 1], unit_S[2, 2])
    for m in range(3):
        if unit_S[m, m] > CUTOFF * largest:
            for k in range(3):
                T[k, m] = scale[k] * V[k, m] / np.sqrt(unit_S[m, m])
    K = np.zeros((3, n))
    for m in range(3):
        for o in range(n):
            for k in range(3):
                K[m, o] += T[k, m] * B[k, o]
    for k in range(3):
        for m in range(3):
            for o in range(n):
                M[k, m] += K[k, o] * K[m, o]
    symmetric_eigen(M, V)
    top = 0
    for m in range(1, 3):
        if M[m, m] > M[top, top]:
            top = m
    size = 0.0
    for k in range(3):
        q[k] = T[k, 0] * V[0, top] + T[k, 1] * V[1, top] + T[k, 2] * V[2, top]
        size += q[k] * q[k]
    if size == 0:
        q[0], q[1], q[2] = 0.0, 0.0, 1.0
        return 0.0
    for k in range(3):
        q[k] /= np.sqrt(size)
    return max(M[top, top], 0.0)


@jit
def profiled_bound(x, r, ridge, w, q, d_w, z):
    """The bound at weights w (d,) with the best coefficients, left in q (3,); its gradient in d_w.

    ridge is added to A_p; z (N,) is room to work in. Twin: `ProfiledNeuronObjective.evaluate`.
    """
    (N, d), n = x.shape, r.shape[1]
    S, B, phi, fit = np.zeros((3, 3)), np.zeros((3, n)), np.empty(3), np.zeros(n)
    for i in range(N):
        z[i] = 0.0
        for j in range(d):
            z[i] += x[i, j] * w[j]
        v = 1 / (1 + z[i] * z[i])
        phi[0], phi[1], phi[2] = 2 * z[i] * v, v, z[i]
        for k in range(3):
            for m in range(k, 3):
                S[k, m] += phi[k] * phi[m]
            for o in range(n):
                B[k, o] += phi[k] * r[i, o]
    for k in range(3):
        for m in range(k, 3):
            S[k, m] /= N
            S[m, k] = S[k, m]
        S[k, k] += ridge
        for o in range(n):
            B[k, o] /= N
    score = top_direction(S, B, q)
    A, weight = 0.0, 0.0
    for k in range(3):
        for m in range(3):
            A += q[k] * S[k, m] * q[m]
    for o in range(n):
        D = q[0] * B[0, o] + q[1] * B[1, o] + q[2] * B[2, o]
        fit[o] = D / A if A > 0 else 0.0
        weight += fit[o] * fit[o]
    d_w[:] = 0.0
    for i in range(N):
        v = 1 / (1 + z[i] * z[i])
        zv = z[i] * v
        a = q[0] * 2 * zv + q[1] * v + q[2] * z[i]
        error = -a * weight
        for o in range(n):
            error += r[i, o] * fit[o]
        d_z = 2 / N * error * (q[0] * 2 * (v * v - zv * zv) - 2 * q[1] * zv * v + q[2])
        for j in range(d):
            d_w[j] += d_z * x[i, j]
    return score


@jit
def profiled_bounds(x, r, ridge, theta, scores, d_theta, q):
    """`profiled_bound` of C proposals theta (C, d): scores (C,), d_theta (C, d), q (C, 3).

    Twin: `ProfiledNeuronObjective.evaluate`.
    """
    z = np.empty(len(x))
    for c in range(len(theta)):
        scores[c] = profiled_bound(x, r, ridge, theta[c], q[c], d_theta[c], z)


@jit
def dot(a, b):
    """The product of two vectors."""
    total = 0.0
    for i in range(len(a)):
        total += a[i] * b[i]
    return total


@jit
def restart(H, size):
    """H (d, d) becomes size I."""
    H[:] = 0.0
    for i in range(len(H)):
        H[i, i] = size


@jit
def climb(x, r, ridge, start, reach, iterations, tolerance, w):
    """Maximise `profiled_bound` in the box |w_i| <= reach, from start (d,), by projected BFGS.

    Leaves the end in w (d,), returns its score. Twin: `ascent.climb`.
    """
    d = x.shape[1]
    q, z, g, after, end = np.empty(3), np.empty(len(x)), np.empty(d), np.empty(d), np.empty(d)
    H, p, s, y, turn = np.empty((d, d)), np.empty(d), np.empty(d), np.empty(d), np.empty(d)
    free = np.empty(d)
    for i in range(d):
        w[i] = min(max(start[i], -reach), reach)
    score = profiled_bound(x, r, ridge, w, q, g, z)
    restart(H, 1.0)
    fresh = True
    for _ in range(iterations):
        steep = 0.0
        for i in range(d):
            outwards = abs(w[i]) >= reach * (1 - 1e-8) and g[i] * w[i] > 0
            free[i] = 0.0 if outwards else g[i]
            steep = max(steep, abs(free[i]))
        if steep == 0:
            break
        for i in range(d):
            p[i] = 0.1 * free[i] / steep if fresh else dot(H[i], free)
            if free[i] == 0:
                p[i] = 0.0
        steepest, gain, t, value = fresh, 0.0, 1.0, score
        while t > 1e-6:
            for i in range(d):
                end[i] = min(max(w[i] + t * p[i], -reach), reach)
                s[i] = end[i] - w[i]
            value = profiled_bound(x, r, ridge, end, q, after, z)
            gain = value - score
            if gain > 1e-4 * dot(free, s) and gain > 0:
                break
            t /= 2
            gain = 0.0
        if gain <= 0:
            if fresh:
                break
            restart(H, 1.0)
            fresh = True
            continue
        for i in range(d):
            y[i] = g[i] - after[i] if s[i] != 0 else 0.0  # of -score: s y > 0 at a maximum
        curvature = dot(s, y)
        if curvature > 1e-12 * np.sqrt(dot(s, s) * dot(y, y)):
            if fresh:
                restart(H, curvature / dot(y, y))
                fresh = False
            for i in range(d):
                turn[i] = dot(H[i], y)
            stretch = 1 + dot(y, turn) / curvature
            for i in range(d):
                for j in range(d):
                    H[i, j] += (stretch * s[i] * s[j] - turn[i] * s[j] - s[i] * turn[j]) / curvature
        for i in range(d):
            w[i], g[i] = end[i], after[i]
        score = value
        if gain <= tolerance * score:
            if steepest:
                break
            restart(H, 1.0)
            fresh = True
    return score
