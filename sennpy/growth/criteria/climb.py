"""The climb of the criteria that search: Adam on incoming weights whose norm stays."""

import numpy as np

from ...expansion.moments import moment


def on_sphere(norm, weights):
    """Columns of weights (n, R) made as long as norm."""
    return norm * weights / np.linalg.norm(weights, axis=0)


def climbed(place, objective, norm, pool, steps, rng, rate=0.1):
    """Units that an objective was climbed with: weights (n_in + 1, R), coefficients, scores (R,).

    objective(a_p) gives scores (R,) of activations (N, R), and their derivatives in a_p. The best
    of the way is kept. Coefficients are drawn and stay.
    """
    b, activation = place.inputs, place.activation
    W = on_sphere(norm, rng.standard_normal((b.shape[1], pool)))
    k = activation.random_coefficients(pool, rng)
    best, found = np.full(pool, -np.inf), W.copy()
    first, second = np.zeros_like(W), np.zeros_like(W)
    for t in range(1, steps + 2):
        z = b @ W
        score, d_a = objective(activation(z, k))
        better = score > best
        best, found = np.where(better, score, best), np.where(better, W, found)
        d_W = b.T @ (d_a * activation.slope(z, k))
        first, second = 0.9 * first + 0.1 * d_W, 0.999 * second + 0.001 * d_W**2
        size = np.sqrt(second / (1 - 0.999**t)) + 1e-300
        W = on_sphere(norm, W + rate * norm * first / (1 - 0.9**t) / size)
    return found, k, best


def gradient_norm(place):
    """The objective |E[a_p g^T]|^2 at a place, each unit by itself, with its derivative."""

    def objective(a_p):
        D = moment(a_p, place.g)
        return (D**2).sum(axis=1), 2 / len(a_p) * place.g @ D.T

    return objective
