"""The bound with the best coefficients. Twin: `ProfiledNeuronObjective` in growth/objectives.py."""

import numpy as np

from . import inlined, jit
from .eigen import top_direction


@inlined
def basis_moments(x, r, ridge, w, z, S, B):
    """Means S (3, 3) = E[phi phi^T] + ridge I and B (3, n) = E[phi r^T] at z (N,) = x w.

    Twins: `activations.rational_basis`, `coefficients.top_coefficients`.
    """
    (N, d), n, phi = x.shape, r.shape[1], np.empty(3)
    S[:], B[:] = 0.0, 0.0
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


@jit
def profiled_bound(x, r, ridge, cutoff, w, q, d_w, z):
    """The bound at weights w (d,) with the best coefficients, left in q (3,); its gradient in d_w.

    x is (N, d) and r (N, n); ridge is added to A_p; z (N,) is room to work in. Twin:
    `ProfiledNeuronObjective.evaluate`.
    """
    (N, d), n = x.shape, r.shape[1]
    S, B, fit = np.empty((3, 3)), np.empty((3, n)), np.empty(n)
    basis_moments(x, r, ridge, w, z, S, B)
    score = top_direction(S, B, cutoff, q)
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
def profiled_bounds(x, r, ridge, cutoff, theta, scores, d_theta, q):
    """`profiled_bound` of C proposals theta (C, d): scores (C,), d_theta (C, d), q (C, 3).

    Twin: `ProfiledNeuronObjective.evaluate`.
    """
    z = np.empty(len(x))
    for c in range(len(theta)):
        scores[c] = profiled_bound(x, r, ridge, cutoff, theta[c], q[c], d_theta[c], z)
