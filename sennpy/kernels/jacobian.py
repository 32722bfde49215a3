"""Compiled kernel of the small network: outputs and Jacobian in one pass over the samples."""

import numpy as np

from . import jit


@jit
def rational_jacobian(theta, sizes, X, y, J):
    """Outputs y (N, m) and J (N, m, P) of a network of rational units with parameters theta (P,).

    sizes (L + 1,) are those of the network, X is (N, sizes[0]); all C-contiguous float64. Twins:
    `MLP.forward` and `MLP.jacobian`.
    """
    L, widest = len(sizes) - 1, 0
    for n in sizes:
        widest = max(widest, n)
    start, cut = np.empty(L, np.int64), np.empty(L, np.int64)  # of W_l and of k_l in theta
    unit, size = np.empty((L, 3, widest)), np.ones((L, widest))
    end = 0
    for l in range(L):
        n = sizes[l + 1]
        start[l], cut[l] = end, end + (sizes[l] + 1) * n
        end = cut[l]
        if l < L - 1:
            end += 3 * n
            for o in range(n):
                v, c, k = theta[cut[l] + o], theta[cut[l] + n + o], theta[cut[l] + 2 * n + o]
                largest = max(abs(v), abs(c), abs(k))
                v, c, k = v / largest, c / largest, k / largest
                norm = np.sqrt(v * v + c * c + k * k)
                unit[l, 0, o], unit[l, 1, o], unit[l, 2, o] = v / norm, c / norm, k / norm
                size[l, o] = largest * norm
    a, slope = np.ones((L, widest + 1)), np.empty((L, widest))
    d_k = np.empty((L, 3, widest))
    z, g, h = np.empty(widest), np.empty(widest), np.empty(widest)
    for i in range(len(X)):
        for k in range(sizes[0]):
            a[0, k] = X[i, k]
        for l in range(L):
            n_in, n = sizes[l], sizes[l + 1]
            W, row, z_l = theta[start[l] : cut[l]], a[l], z[:n]
            z_l[:] = 0.0
            row[n_in] = 1.0
            for k in range(n_in + 1):
                for o in range(n):
                    z_l[o] += row[k] * W[k * n + o]
            if l == L - 1:
                for o in range(n):
                    y[i, o] = z_l[o]
                break
            for o in range(n):
                w = 1 / (1 + z_l[o] * z_l[o])
                zw, q = z_l[o] * w, unit[l, :, o]
                value = q[0] * (2 * zw) + q[1] * w + q[2] * z_l[o]
                slope[l, o] = 2 * (q[0] * (w * w - zw * zw) - q[1] * (zw * w)) + q[2]
                d_k[l, 0, o] = (2 * zw - q[0] * value) / size[l, o]
                d_k[l, 1, o] = (w - q[1] * value) / size[l, o]
                d_k[l, 2, o] = (z_l[o] - q[2] * value) / size[l, o]
                a[l + 1, o] = value
        for output in range(sizes[L]):
            d_theta = J[i, output]
            g[: sizes[L]] = 0.0
            g[output] = 1.0
            for l in range(L - 1, -1, -1):
                n_in, n = sizes[l], sizes[l + 1]
                W, d_W = theta[start[l] : cut[l]], d_theta[start[l] : cut[l]]
                for k in range(n_in + 1):
                    for o in range(n):
                        d_W[k * n + o] = a[l, k] * g[o]
                if l == 0:
                    break
                d_coefficients = d_theta[cut[l - 1] :]
                for k in range(n_in):
                    h[k] = 0.0
                    for o in range(n):
                        h[k] += W[k * n + o] * g[o]
                    for b in range(3):
                        d_coefficients[b * n_in + k] = d_k[l - 1, b, k] * h[k]
                for k in range(n_in):
                    g[k] = h[k] * slope[l - 1, k]
