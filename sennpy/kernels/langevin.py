"""Compiled kernels of the Langevin search for neurons.

Their NumPy twins, `NeuronObjective.evaluate` and `mala.step`, define them. Inputs are checked
before they come here: C-contiguous float64, of shapes that agree. Sums run over samples in their
order, and the innermost loop over chains, which the compiler can vectorise without reassociating
anything: so a chain gets the same bytes alone, among others, and on any thread.
"""

import numpy as np

from ..expansion.moments import CUTOFF
from . import jit


@jit
def small_solve(A, D, fit):
    """fit = A^{-1} D for a semi-definite A (k, k), overwritten, and D (k, n).

    A variable that those before it explain but for CUTOFF is left out. Twin: the pseudo-inverse in
    `objectives.bound_and_gradient`.
    """
    k, n = D.shape
    for j in range(k):
        diagonal = A[j, j]
        for m in range(j):
            for i in range(m):
                A[j, m] -= A[j, i] * A[m, i]
            A[j, m] = A[j, m] / A[m, m] if A[m, m] > 0 else 0.0
        for i in range(j):
            A[j, j] -= A[j, i] * A[j, i]
        A[j, j] = np.sqrt(A[j, j]) if A[j, j] > CUTOFF * diagonal else 0.0
        for o in range(n):
            left = D[j, o]
            for i in range(j):
                left -= A[j, i] * fit[i, o]
            fit[j, o] = left / A[j, j] if A[j, j] > 0 else 0.0
    for j in range(k - 1, -1, -1):
        for o in range(n):
            left = fit[j, o]
            for i in range(j + 1, k):
                left -= A[i, j] * fit[i, o]
            fit[j, o] = left / A[j, j] if A[j, j] > 0 else 0.0


@jit
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


@jit
def neuron_bounds(z, q, r, scores, d_z, d_q, a):
    """Theorem 3.2 and (E10) of C sets of k rational neurons: scores (C,), d_z and d_q like z and q.

    z (N, k, C) are pre-activations, q (3, k, C) coefficients (v, c, l), r (N, n) the whitened
    residual; a, like z, is room to work in. Twin: `NeuronObjective.evaluate`.
    """
    (N, k, C), n = z.shape, r.shape[1]
    size, unit = np.empty((k, C)), np.empty((3, k, C))
    A, D, fit = np.zeros((k, k, C)), np.zeros((k, n, C)), np.zeros((k, n, C))
    unit_coefficients(q, unit, size)
    for i in range(N):
        for j in range(k):
            z_i, w_i, a_i = z[i, j], d_z[i, j], a[i, j]  # w = 1 / (1 + z^2) waits in d_z
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
    A_c, D_c, fit_c = np.empty((k, k)), np.empty((k, n)), np.empty((k, n))
    for c in range(C):
        scores[c] = 0.0
        for j in range(k):
            for m in range(k):
                A_c[j, m] = A[j, m, c]
            for o in range(n):
                D_c[j, o] = D[j, o, c]
        small_solve(A_c, D_c, fit_c)
        for j in range(k):
            for o in range(n):
                fit[j, o, c] = fit_c[j, o]
                scores[c] += D_c[j, o] * fit_c[j, o] / N
        for j in range(k):  # from here on A is fit fit^T
            for m in range(k):
                A[j, m, c] = 0.0
                for o in range(n):
                    A[j, m, c] += fit_c[j, o] * fit_c[m, o]
    d_q[:] = 0.0
    error = np.empty(C)
    for i in range(N):
        for j in range(k):
            z_i, w_i = z[i, j], d_z[i, j]
            v, b, l = unit[0, j], unit[1, j], unit[2, j]
            g_v, g_b, g_l = d_q[0, j], d_q[1, j], d_q[2, j]
            error[:] = 0.0
            for m in range(k):
                weight, other = A[m, j], a[i, m]
                for c in range(C):
                    error[c] -= weight[c] * other[c]
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
    for j in range(k):  # sigma sees only the direction of (v, c, l)
        for c in range(C):
            along = 0.0
            for i in range(3):
                along += d_q[i, j, c] * unit[i, j, c]
            for i in range(3):
                d_q[i, j, c] = (d_q[i, j, c] - along * unit[i, j, c]) / size[j, c]


@jit
def tempered(theta, scores, unit, gradient, density):
    """score / unit plus the log of the prior N(0, I) in `density` (C,), gradients likewise.

    Twin: `Objective.density`.
    """
    dim, C = theta.shape
    for c in range(C):
        density[c] = scores[c] / unit
    for j in range(dim):
        for c in range(C):
            density[c] -= theta[j, c] * theta[j, c] / 2
            gradient[j, c] = gradient[j, c] / unit - theta[j, c]


@jit
def preactivations(x, theta, z):
    """z (N, k, C) of inputs x (N, d) and weights, the first d k rows of theta. Twin: x @ w."""
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
    """The other way, d_z (N, k, C) to the first d k rows of d_theta. Twin: x.T @ d_z."""
    (N, d), (_, k, C) = x.shape, d_z.shape
    for p in range(d):
        for j in range(k):
            d_pj = d_theta[p * k + j]
            d_pj[:] = 0.0
            for i in range(N):
                x_ip, d_i = x[i, p], d_z[i, j]
                for c in range(C):
                    d_pj[c] += x_ip * d_i[c]


@jit
def propose(theta, gradient, step_size, xi, proposal):
    """The Langevin proposal from given noise; all (dim, C). Twin: `mala.step`."""
    root = np.sqrt(2 * step_size)
    for j in range(len(theta)):
        for c in range(theta.shape[1]):
            proposal[j, c] = theta[j, c] + step_size * gradient[j, c] + root * xi[j, c]


@jit
def accept(unit, step_size, arrays, proposal, value, slope, log_u):
    """Move the chains that accept their proposal, in place; how many did. Twin: `mala.step`.

    arrays are theta (dim, C), density (C,), gradient (dim, C), best (dim, C) and best_score (C,);
    proposal, value and slope are the proposal's position, density and gradient.
    """
    theta, density, gradient, best, best_score = arrays
    (dim, C), accepted = theta.shape, 0
    forward, backward, squared = np.zeros(C), np.zeros(C), np.zeros(C)
    finite = np.ones(C, np.bool_)
    for j in range(dim):
        for c in range(C):
            ahead = proposal[j, c] - (theta[j, c] + step_size * gradient[j, c])
            behind = theta[j, c] - (proposal[j, c] + step_size * slope[j, c])
            forward[c] -= ahead * ahead / (4 * step_size)
            backward[c] -= behind * behind / (4 * step_size)
            squared[c] += proposal[j, c] * proposal[j, c]
        for c in range(C):
            finite[c] &= np.isfinite(slope[j, c])
    moves, records = np.zeros(C, np.bool_), np.zeros(C, np.bool_)
    for c in range(C):
        ratio = value[c] + backward[c] - density[c] - forward[c]
        finite[c] &= np.isfinite(ratio) and np.isfinite(value[c])
        moves[c] = finite[c] and log_u[c] < min(ratio, 0.0)
        if moves[c]:
            accepted += 1
            density[c] = value[c]
            score = unit * (value[c] + squared[c] / 2)
            records[c] = score > best_score[c]
            if records[c]:
                best_score[c] = score
    for j in range(dim):
        for c in range(C):
            if moves[c]:
                theta[j, c], gradient[j, c] = proposal[j, c], slope[j, c]
            if records[c]:
                best[j, c] = proposal[j, c]
    return accepted


@jit
def langevin_burst(x, r, k, unit, step_size, arrays, xi, log_u):
    """Langevin steps with given noise: C chains go on in place; the number of acceptances.

    arrays as in `accept`; xi is (steps, dim, C) and log_u (steps, C). Each step takes one gradient,
    that of the proposal. Twin: `Objective.burst`.
    """
    (N, d), theta, accepted = x.shape, arrays[0], 0
    C = theta.shape[1]
    z, d_z, a = np.empty((N, k, C)), np.empty((N, k, C)), np.empty((N, k, C))
    scores, density = np.empty(C), np.empty(C)
    proposal, slope = np.empty(theta.shape), np.empty(theta.shape)
    q, d_q = proposal[d * k :].reshape(3, k, C), slope[d * k :].reshape(3, k, C)
    for s in range(len(xi)):
        propose(theta, arrays[2], step_size, xi[s], proposal)
        preactivations(x, proposal, z)
        neuron_bounds(z, q, r, scores, d_z, d_q, a)
        weight_gradients(x, d_z, slope)
        tempered(proposal, scores, unit, slope, density)
        accepted += accept(unit, step_size, arrays, proposal, density, slope, log_u[s])
    return accepted
