"""Scores of inserted layers. Twin: `LayerObjective` in growth/objectives.py.

As in neurons.py, sums run over samples in their order and the innermost loop over proposals, each
of which gets the same bytes alone and among others.
"""

import numpy as np

from . import inlined, jit
from .cholesky import solve_cholesky
from .inverse import next_weights


@jit
def rational_features(a_c, white, weights, phi, rest):
    """Features phi (N, 2 n, C) of C layers weights (n + 1, n, C), and what a_c leaves of them.

    The first n are 2 z / (1 + z^2), the others 1 / (1 + z^2). white (N, rank) spans a_c (N, n + 1)
    with E[white white^T] = I; `rest` is like phi. Twins: `activations.rational_basis`,
    `layer_score.residual_gradient`.
    """
    (N, both, C), (rows, n, _), rank = phi.shape, weights.shape, white.shape[1]
    explained, z = np.zeros((rank, both, C)), np.empty(C)
    for i in range(N):
        for k in range(n):
            z[:] = 0.0
            for j in range(rows):
                a_ij, w_jk = a_c[i, j], weights[j, k]
                for c in range(C):
                    z[c] += a_ij * w_jk[c]
            odd, even = phi[i, k], phi[i, n + k]
            for c in range(C):
                even[c] = 1 / (1 + z[c] * z[c])
            for c in range(C):
                odd[c] = 2 * z[c] * even[c]
        for k in range(both):
            row = phi[i, k]
            for j in range(rank):
                share, e_jk = white[i, j] / N, explained[j, k]
                for c in range(C):
                    e_jk[c] += share * row[c]
    for i in range(N):
        for k in range(both):
            row, left = phi[i, k], rest[i, k]
            for c in range(C):
                left[c] = row[c]
            for j in range(rank):
                share, e_jk = white[i, j], explained[j, k]
                for c in range(C):
                    left[c] -= share * e_jk[c]


@inlined
def best_step(S, R, unit, u, metric, cutoff, t):
    """t (2 n,) = S^{-1} r for one layer; the score r^T t of (E16) times N.

    S (2 n, 2 n) and R (2 n, m) are sums over samples of the features that a_c leaves, with
    themselves and with g_r; unit (2 n,) those of the whole features, of which a direction must have
    more than `cutoff`; u (n, m) and metric (n, n) as in `next_weights`. Twin:
    `insertion.insertion_score`, its middle.
    """
    (both, m), n = R.shape, len(u)
    r, scaled, step = np.zeros((both, 1)), np.empty((both, both)), np.empty((both, 1))
    scale, ones = np.zeros(both), np.ones(both)
    for j in range(both):
        size = unit[j] * metric[j % n, j % n]
        if size > 0:
            scale[j] = 1 / np.sqrt(size)
        for o in range(m):
            r[j, 0] += R[j, o] * u[j % n, o] * scale[j]
        for k in range(j + 1):
            scaled[j, k] = S[j, k] * metric[j % n, k % n] * scale[j] * scale[k]
    solve_cholesky(scaled, r, ones, cutoff, step)
    score = 0.0
    for j in range(both):
        score += r[j, 0] * step[j, 0]
        t[j] = step[j, 0] * scale[j]
    return score


@jit
def feature_moments(phi, rest, g_r, S, R, unit):
    """Sums over samples: S (2 n, 2 n, C), its lower triangle, R (2 n, m, C) and unit (2 n, C).

    Twin: `moments.moment`, times N.
    """
    (N, both, C), m = phi.shape, g_r.shape[1]
    S[:], R[:], unit[:] = 0.0, 0.0, 0.0
    for i in range(N):
        for j in range(both):
            row, left, unit_j = phi[i, j], rest[i, j], unit[j]
            for c in range(C):
                unit_j[c] += row[c] * row[c]
            for k in range(j + 1):
                other, S_jk = rest[i, k], S[j, k]
                for c in range(C):
                    S_jk[c] += left[c] * other[c]
            for o in range(m):
                g_io, R_jo = g_r[i, o], R[j, o]
                for c in range(C):
                    R_jo[c] += g_io * left[c]


@jit
def layer_gradients(a_c, g_r, phi, rest, inverse, u, Gu, t, d_weights):
    """Gradients (n + 1, n, C) of r^T t in the weights, given t (2 n, C): through z and through u.

    inverse (n, n, C), u and Gu (n, m, C) as in `next_weights`, with layers as the last axis.
    Twin: `insertion.insertion_score`, its end.
    """
    (N, both, C), (rows, n, _), m = phi.shape, d_weights.shape, g_r.shape[1]
    d_weights[:] = 0.0
    d_u, error, along, d_z = np.zeros((n, m, C)), np.empty((m, C)), np.empty(C), np.empty(C)
    for i in range(N):
        for o in range(m):
            e = error[o]
            e[:] = g_r[i, o]
            for j in range(both):
                left, t_j, Gu_jo = rest[i, j], t[j], Gu[j % n, o]
                for c in range(C):
                    e[c] -= left[c] * t_j[c] * Gu_jo[c]
        for k in range(n):
            odd, even, t_odd, t_even = phi[i, k], phi[i, n + k], t[k], t[n + k]
            along[:] = 0.0
            for o in range(m):
                e, u_ko = error[o], u[k, o]
                for c in range(C):
                    along[c] += e[c] * u_ko[c]
            for c in range(C):
                v, zv = even[c], odd[c] / 2
                slope = 2 * t_odd[c] * (v * v - zv * zv) - 2 * t_even[c] * zv * v
                d_z[c] = 2 / N * along[c] * slope
            for j in range(rows):
                a_ij, d_jk = a_c[i, j], d_weights[j, k]
                for c in range(C):
                    d_jk[c] += a_ij * d_z[c]
            left_odd, left_even = rest[i, k], rest[i, n + k]
            for c in range(C):
                along[c] = 2 / N * (t_odd[c] * left_odd[c] + t_even[c] * left_even[c])
            for o in range(m):
                e, d_ko = error[o], d_u[k, o]
                for c in range(C):
                    d_ko[c] += along[c] * e[c]
    for k in range(n):
        for q in range(n):
            along[:] = 0.0
            for o in range(m):
                d_qo, u_ko = d_u[q, o], u[k, o]
                for c in range(C):
                    along[c] += d_qo[c] * u_ko[c]
            for j in range(n):
                inverse_qj, d_jk = inverse[q, j], d_weights[j, k]
                for c in range(C):
                    d_jk[c] -= inverse_qj[c] * along[c]


@jit
def inserted_layers(a_c, white, g_r, G, W, limits, weights, scores, d_weights, phi, rest):
    """(E16) of C square layers weights (n + 1, n, C): scores (C,); gradients like the weights.

    a_c is (N, n + 1), g_r (N, m), G (m, m) and W (n, m), the next layer's weights without the bias;
    white as in `rational_features`; limits are `limit` of `next_weights`, where there is none of
    which the score is NaN, and `cutoff` of `best_step`; phi and rest (N, 2 n, C) are room to work
    in. Twin: `LayerObjective.evaluate`.
    """
    (N, m), (_, n, C) = g_r.shape, weights.shape
    both, regular, (limit, cutoff) = 2 * n, np.empty(C, np.bool_), limits
    inverse, metric = np.empty((n, n, C)), np.empty((n, n, C))
    u, Gu = np.empty((n, m, C)), np.empty((n, m, C))
    for c in range(C):
        regular[c] = next_weights(
            weights[:, :, c], W, G, limit,
            inverse[:, :, c], u[:, :, c], Gu[:, :, c], metric[:, :, c],
        )  # fmt: skip
    rational_features(a_c, white, weights, phi, rest)
    S, R, unit = np.empty((both, both, C)), np.empty((both, m, C)), np.empty((both, C))
    feature_moments(phi, rest, g_r, S, R, unit)
    t = np.zeros((both, C))
    for c in range(C):
        scores[c] = np.nan
        if regular[c]:
            total = best_step(
                S[:, :, c], R[:, :, c], unit[:, c], u[:, :, c], metric[:, :, c], cutoff, t[:, c]
            )
            scores[c] = total / N
    layer_gradients(a_c, g_r, phi, rest, inverse, u, Gu, t, d_weights)
    for c in range(C):
        if not regular[c]:
            d_weights[:, :, c] = np.nan
