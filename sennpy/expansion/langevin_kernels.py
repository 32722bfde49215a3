"""Compiled kernels of the Langevin search for one neuron.

Their NumPy twins, `NeuronObjective.evaluate` and `mala.step`, define them. Inputs are checked
before they come here: C-contiguous float64, of shapes that agree. Sums run over samples in their
order, and the innermost loop over chains, which the compiler can vectorise without reassociating
anything: so a chain gets the same bytes alone, among others, and on any thread.
"""

import numpy as np

from ..compiled import jit


@jit
def neuron_bounds(z, q, r, scores, d_z, d_q):
    """Theorem 3.2 and (E10) of C rational neurons: scores (C,), d_z (N, C) and d_q (3, C).

    z (N, C) are pre-activations, q (3, C) coefficients (v, c, l), r (N, n) the whitened residual.
    Twin: `NeuronObjective.evaluate_z`.
    """
    (N, C), n = z.shape, r.shape[1]
    size, A, weight = np.empty(C), np.zeros(C), np.zeros(C)
    unit, a, w = np.empty((3, C)), np.empty((N, C)), np.empty((N, C))
    D = np.zeros((n, C))
    q0, q1, q2 = unit
    for c in range(C):
        largest = max(abs(q[0, c]), abs(q[1, c]), abs(q[2, c]))
        v, k, l = q[0, c] / largest, q[1, c] / largest, q[2, c] / largest
        size[c] = largest * np.sqrt(v * v + k * k + l * l)
        q0[c], q1[c], q2[c] = q[0, c] / size[c], q[1, c] / size[c], q[2, c] / size[c]
    for i in range(N):
        z_i, w_i, a_i = z[i], w[i], a[i]
        for c in range(C):
            w_i[c] = 1 / (1 + z_i[c] * z_i[c])
        for c in range(C):
            a_i[c] = q0[c] * (2 * z_i[c] * w_i[c]) + q1[c] * w_i[c] + q2[c] * z_i[c]
        for c in range(C):
            A[c] += a_i[c] * a_i[c]
        for o in range(n):
            r_io, D_o = r[i, o], D[o]
            for c in range(C):
                D_o[c] += r_io * a_i[c]
    for c in range(C):
        inverse = 1 / A[c] if A[c] > 0 else 0.0
        scores[c] = 0.0
        for o in range(n):
            scores[c] += D[o, c] * D[o, c] * inverse / N
            D[o, c] *= inverse  # now A_p^{-1} D, the fit
            weight[c] += D[o, c] * D[o, c]
    d_q[:] = 0.0
    g0, g1, g2 = d_q
    error = np.empty(C)
    for i in range(N):
        z_i, w_i, a_i, d_i = z[i], w[i], a[i], d_z[i]
        for c in range(C):
            error[c] = -a_i[c] * weight[c]
        for o in range(n):
            r_io, fit = r[i, o], D[o]
            for c in range(C):
                error[c] += r_io * fit[c]
        for c in range(C):
            error[c] *= 2 / N
        for c in range(C):
            zw = z_i[c] * w_i[c]
            d_i[c] = 2 * q0[c] * (w_i[c] * w_i[c] - zw * zw) - 2 * q1[c] * zw * w_i[c] + q2[c]
        for c in range(C):
            d_i[c] *= error[c]
        for c in range(C):
            g0[c] += error[c] * 2 * z_i[c] * w_i[c]
        for c in range(C):
            g1[c] += error[c] * w_i[c]
        for c in range(C):
            g2[c] += error[c] * z_i[c]
    for c in range(C):  # sigma sees only the direction of (v, c, l)
        along = g0[c] * q0[c] + g1[c] * q1[c] + g2[c] * q2[c]
        g0[c] = (g0[c] - along * q0[c]) / size[c]
        g1[c] = (g1[c] - along * q1[c]) / size[c]
        g2[c] = (g2[c] - along * q2[c]) / size[c]


@jit
def tempered(theta, scores, unit, gradient, density):
    """score / unit plus the log of the prior N(0, I) in `density` (C,), gradients likewise."""
    dim, C = theta.shape
    for c in range(C):
        density[c] = scores[c] / unit
    for j in range(dim):
        for c in range(C):
            density[c] -= theta[j, c] * theta[j, c] / 2
            gradient[j, c] = gradient[j, c] / unit - theta[j, c]


@jit
def neuron_density(x, r, unit, theta, density, gradient):
    """Log-density (C,) and gradient (dim, C) of the target (E11) at theta (dim, C)."""
    (N, d), C = x.shape, theta.shape[1]
    z, d_z, scores = np.empty((N, C)), np.empty((N, C)), np.empty(C)
    for i in range(N):
        z_i = z[i]
        z_i[:] = 0.0
        for j in range(d):
            x_ij, w = x[i, j], theta[j]
            for c in range(C):
                z_i[c] += x_ij * w[c]
    neuron_bounds(z, theta[d:], r, scores, d_z, gradient[d:])
    for j in range(d):
        d_w = gradient[j]
        d_w[:] = 0.0
        for i in range(N):
            x_ij, d_i = x[i, j], d_z[i]
            for c in range(C):
                d_w[c] += x_ij * d_i[c]
    tempered(theta, scores, unit, gradient, density)


@jit
def langevin_burst(x, r, unit, step_size, theta, density, gradient, best, best_score, xi, log_u):
    """Langevin steps with given noise: C chains go on in place; the number of acceptances.

    theta, gradient and best are (dim, C), density and best_score (C,), xi (steps, dim, C) and
    log_u (steps, C). Twin: `mala.step`. Each step takes one gradient, that of the proposal.
    """
    dim, C = theta.shape
    proposal, slope, value = np.empty((dim, C)), np.empty((dim, C)), np.empty(C)
    root, accepted = np.sqrt(2 * step_size), 0
    forward, backward, squared = np.empty(C), np.empty(C), np.empty(C)
    for s in range(len(xi)):
        for j in range(dim):
            for c in range(C):
                proposal[j, c] = theta[j, c] + step_size * gradient[j, c] + root * xi[s, j, c]
        neuron_density(x, r, unit, proposal, value, slope)
        forward[:] = 0.0
        backward[:] = 0.0
        squared[:] = 0.0
        for j in range(dim):
            for c in range(C):
                ahead = proposal[j, c] - (theta[j, c] + step_size * gradient[j, c])
                behind = theta[j, c] - (proposal[j, c] + step_size * slope[j, c])
                forward[c] -= ahead * ahead / (4 * step_size)
                backward[c] -= behind * behind / (4 * step_size)
                squared[c] += proposal[j, c] * proposal[j, c]
        for c in range(C):
            ratio = value[c] + backward[c] - density[c] - forward[c]
            finite = np.isfinite(ratio) and np.isfinite(value[c])
            for j in range(dim):
                finite = finite and np.isfinite(slope[j, c])
            if finite and log_u[s, c] < min(ratio, 0.0):
                accepted += 1
                density[c] = value[c]
                score = unit * (value[c] + squared[c] / 2)
                better = score > best_score[c]
                if better:
                    best_score[c] = score
                for j in range(dim):
                    theta[j, c], gradient[j, c] = proposal[j, c], slope[j, c]
                    if better:
                        best[j, c] = proposal[j, c]
    return accepted
