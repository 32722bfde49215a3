"""Bounds of k rational neurons together. Twin: `NeuronObjective` in growth/objectives.py.

Sums run over samples in their order, and the innermost loop over chains, which the compiler can
vectorise without reassociating anything: so a chain gets the same bytes alone, among others, and on
any thread.
"""

import numpy as np

from . import inlined, jit
from .cholesky import solve_cholesky


@jit
def preactivations(x, theta, z):
    """z (N, k, C) of inputs x (N, d) and weights, the first d k rows of theta.

    Twin: `NeuronObjective.evaluate`, its x @ w.
    """
    (N, d), (_, k, C) = x.shape, z.shape
    for i in range(N):
        for j in range(k):
            z_i = z[i, j]
            z_i[:] = 0.0
            for p in range(d):
                x_ip, w_p = x[i, p], theta[p * k + j]
                for c in range(C):
                    z_i[c] += x_ip * w_p[c]


@jit
def weight_gradients(x, d_z, d_theta):
    """The other way, d_z (N, k, C) to the first d k rows of d_theta.

    Twin: `NeuronObjective.evaluate`, its x.T @ d_z.
    """
    (N, d), (_, k, C) = x.shape, d_z.shape
    for p in range(d):
        for j in range(k):
            d_pj = d_theta[p * k + j]
            d_pj[:] = 0.0
            for i in range(N):
                x_ip, d_i = x[i, p], d_z[i, j]
                for c in range(C):
                    d_pj[c] += x_ip * d_i[c]


@inlined
def unit_coefficients(q, unit, size):
    """(v, c, l) of unit norm, and the norm: q (3, k, C) to unit (3, k, C) and size (k, C).

    Twin: `activations.norm`.
    """
    for j in range(q.shape[1]):
        for c in range(q.shape[2]):
            largest = max(abs(q[0, j, c]), abs(q[1, j, c]), abs(q[2, j, c]))
            v, b, l = q[0, j, c] / largest, q[1, j, c] / largest, q[2, j, c] / largest
            size[j, c] = largest * np.sqrt(v * v + b * b + l * l)
            for i in range(3):
                unit[i, j, c] = q[i, j, c] / size[j, c]


@inlined
def activation_moments(z, unit, r, w, a, A, D):
    """Activations a (N, k, C) of z (N, k, C), and sums over samples: A = a a^T and D = a r^T.

    A is (k, k, C), its lower triangle, and D (k, n, C), both 0 at the start; w (N, k, C) becomes
    1 / (1 + z^2). Twins: `Rational.slopes`, `moments.moment`, times N.
    """
    (N, k, C), n = z.shape, r.shape[1]
    for i in range(N):
        for j in range(k):
            z_i, w_i, a_i = z[i, j], w[i, j], a[i, j]
            v, b, l = unit[0, j], unit[1, j], unit[2, j]
            for c in range(C):
                w_i[c] = 1 / (1 + z_i[c] * z_i[c])
            for c in range(C):
                a_i[c] = v[c] * (2 * z_i[c] * w_i[c]) + b[c] * w_i[c] + l[c] * z_i[c]
            for m in range(j + 1):
                A_jm, other = A[j, m], a[i, m]
                for c in range(C):
                    A_jm[c] += a_i[c] * other[c]
            for o in range(n):
                r_io, D_jo = r[i, o], D[j, o]
                for c in range(C):
                    D_jo[c] += r_io * a_i[c]


@inlined
def fits(A, D, N, cutoff, scores, fit):
    """fit (k, n, C) = A^{-1} D of each chain, and scores (C,) = Tr[D^T fit] / N.

    A becomes fit fit^T. Twin: `objectives.bound_and_gradient`.
    """
    k, n, C = D.shape
    A_c, D_c, fit_c, unit = np.empty((k, k)), np.empty((k, n)), np.empty((k, n)), np.empty(k)
    for c in range(C):
        for j in range(k):
            unit[j] = A[j, j, c]
            for m in range(j + 1):
                A_c[j, m] = A[j, m, c]
            for o in range(n):
                D_c[j, o] = D[j, o, c]
        solve_cholesky(A_c, D_c, unit, cutoff, fit_c)
        scores[c] = 0.0
        for j in range(k):
            for o in range(n):
                fit[j, o, c] = fit_c[j, o]
                scores[c] += D_c[j, o] * fit_c[j, o] / N
            for m in range(k):
                A[j, m, c] = 0.0
                for o in range(n):
                    A[j, m, c] += fit_c[j, o] * fit_c[m, o]


@inlined
def activation_gradients(z, unit, r, a, fit, weight, d_z, d_q):
    """(E10), and on to z and q: d_z (N, k, C), in which 1 / (1 + z^2) waits, and d_q (3, k, C).

    weight (k, k, C) is fit fit^T; d_q is that of coefficients that may be of any norm. Twins:
    `objectives.bound_and_gradient`, `Rational.slopes`.
    """
    (N, k, C), n, error = z.shape, r.shape[1], np.empty(z.shape[2])
    d_q[:] = 0.0
    for i in range(N):
        for j in range(k):
            z_i, w_i = z[i, j], d_z[i, j]
            v, b, l = unit[0, j], unit[1, j], unit[2, j]
            g_v, g_b, g_l = d_q[0, j], d_q[1, j], d_q[2, j]
            error[:] = 0.0
            for m in range(k):
                weight_mj, other = weight[m, j], a[i, m]
                for c in range(C):
                    error[c] -= weight_mj[c] * other[c]
            for o in range(n):
                r_io, fit_jo = r[i, o], fit[j, o]
                for c in range(C):
                    error[c] += r_io * fit_jo[c]
            for c in range(C):
                error[c] *= 2 / N
            for c in range(C):
                g_v[c] += error[c] * 2 * z_i[c] * w_i[c]
            for c in range(C):
                g_b[c] += error[c] * w_i[c]
            for c in range(C):
                g_l[c] += error[c] * z_i[c]
            for c in range(C):
                zw, w = z_i[c] * w_i[c], w_i[c]
                w_i[c] = 2 * v[c] * (w * w - zw * zw) - 2 * b[c] * zw * w + l[c]
            for c in range(C):
                w_i[c] *= error[c]


@jit
def neuron_bounds(z, q, r, cutoff, scores, d_z, d_q, a):
    """Theorem 3.2 and (E10) of C sets of k rational neurons: scores (C,), d_z and d_q like z and q.

    z (N, k, C) are pre-activations, q (3, k, C) coefficients (v, c, l), r (N, n) the whitened
    residual; a, like z, is room to work in. A neuron that those before it explain but for the share
    `cutoff` adds nothing. Twin: `NeuronObjective.evaluate`.
    """
    (N, k, C), n = z.shape, r.shape[1]
    size, unit = np.empty((k, C)), np.empty((3, k, C))
    A, D, fit = np.zeros((k, k, C)), np.zeros((k, n, C)), np.empty((k, n, C))
    unit_coefficients(q, unit, size)
    activation_moments(z, unit, r, d_z, a, A, D)
    fits(A, D, N, cutoff, scores, fit)
    activation_gradients(z, unit, r, a, fit, A, d_z, d_q)
    for j in range(k):  # sigma sees only the direction of (v, c, l)
        for c in range(C):
            along = 0.0
            for i in range(3):
                along += d_q[i, j, c] * unit[i, j, c]
            for i in range(3):
                d_q[i, j, c] = (d_q[i, j, c] - along * unit[i, j, c]) / size[j, c]
