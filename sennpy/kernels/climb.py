"""The climb of a bound with the best coefficients: projected BFGS. Twin: growth/ascent.py."""

import numpy as np

from . import inlined, jit
from .profile import profiled_bound


@jit
def dot(a, b):
    """The product of two vectors."""
    total = 0.0
    for i in range(len(a)):
        total += a[i] * b[i]
    return total


@inlined
def free_gradient(w, g, reach, free):
    """g (d,) without the entries that point out of the box, in `free`; the largest of it.

    Twin: `ascent.free_gradient`.
    """
    steep = 0.0
    for i in range(len(w)):
        outwards = abs(w[i]) >= reach * (1 - 1e-8) and g[i] * w[i] > 0
        free[i] = 0.0 if outwards else g[i]
        steep = max(steep, abs(free[i]))
    return steep


@inlined
def direction(H, fresh, free, steep, p):
    """Where to go, p (d,): H (d, d) times the gradient, or along it if nothing is known yet.

    Twin: `ascent.direction`.
    """
    for i in range(len(p)):
        p[i] = 0.1 * free[i] / steep if fresh else dot(H[i], free)
        if free[i] == 0:
            p[i] = 0.0


@inlined
def learn(H, fresh, s, y, turn):
    """BFGS: H (d, d) after a step s (d,) that changed the gradient by -y (d,); whether it is fresh.

    turn (d,) is room to work in. Twin: `ascent.learn`.
    """
    curvature = dot(s, y)
    if not curvature > 1e-12 * np.sqrt(dot(s, s) * dot(y, y)):
        return fresh
    if fresh:
        H[:] = 0.0
        for i in range(len(s)):
            H[i, i] = curvature / dot(y, y)
    for i in range(len(s)):
        turn[i] = dot(H[i], y)
    stretch = 1 + dot(y, turn) / curvature
    for i in range(len(s)):
        for j in range(len(s)):
            H[i, j] += (stretch * s[i] * s[j] - turn[i] * s[j] - s[i] * turn[j]) / curvature
    return False


@jit
def climb(x, r, ridge, cutoff, start, reach, iterations, tolerance, w):
    """Maximise `profiled_bound` in the box |w_i| <= reach, from start (d,), by projected BFGS.

    Leaves the end in w (d,), returns its score. Twin: `ascent.climb`.
    """
    d = x.shape[1]
    q, z, H, turn = np.empty(3), np.empty(len(x)), np.empty((d, d)), np.empty(d)
    g, free, p = np.empty(d), np.empty(d), np.empty(d)
    end, after, s, y = np.empty(d), np.empty(d), np.empty(d), np.empty(d)
    for i in range(d):
        w[i] = min(max(start[i], -reach), reach)
    score, fresh = profiled_bound(x, r, ridge, cutoff, w, q, g, z), True
    for _ in range(iterations):
        steep = free_gradient(w, g, reach, free)
        if not steep > 0:
            break
        direction(H, fresh, free, steep, p)
        steepest, gain, t, value = fresh, 0.0, 1.0, score
        while t > 1e-6:
            for i in range(d):
                end[i] = min(max(w[i] + t * p[i], -reach), reach)
                s[i] = end[i] - w[i]
            value = profiled_bound(x, r, ridge, cutoff, end, q, after, z)
            gain = value - score
            if gain > max(1e-4 * dot(free, s), 0.0):
                break
            t /= 2
            gain = 0.0
        if gain <= 0:
            if fresh:
                break
            fresh = True
            continue
        for i in range(d):
            y[i] = g[i] - after[i] if s[i] != 0 else 0.0  # of -score: s y > 0 at a maximum
        fresh = learn(H, fresh, s, y, turn)
        for i in range(d):
            w[i], g[i] = end[i], after[i]
        score = value
        if gain <= tolerance * score:
            if steepest:
                break
            fresh = True
    return score
