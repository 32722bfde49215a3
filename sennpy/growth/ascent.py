"""The climb to a maximum of the score: projected BFGS in a box, with a matrix or with vectors."""

import numpy as np


def climb(evaluate, start, reach, iterations, tolerance):
    """The end (d,) of an ascent from `start` (d,) in the box |w_i| <= reach.

    The inverse Hessian is estimated from steps and changes of the gradient (BFGS), and forgotten
    where it leads nowhere. An entry at its limit stays there while the gradient points outwards. A
    step that does not gain is halved; the climb ends where steepest ascent gains less than
    `tolerance` of the score, or after so many iterations.

    Parameters
    ----------
    evaluate : callable
        Maps w (d,) to its score and the gradient (d,); a score may be NaN where there is none.
    start : (d,) array
    reach : float
    iterations : int
    tolerance : float

    Returns
    -------
    (d,) array
    """
    w, H = np.clip(start, -reach, reach), None
    score, g = evaluate(w)
    for _ in range(iterations):
        free = free_gradient(w, g, reach)
        if not np.abs(free).max() > 0:
            break
        p, t, steepest = direction(H, free), 1.0, H is None
        while t > 1e-6:
            end = np.clip(w + t * p, -reach, reach)
            value, after = evaluate(end)
            s, gain = end - w, value - score
            if gain > max(1e-4 * (free @ s), 0):
                break
            t /= 2
        else:
            if steepest:
                break
            H = None
            continue
        y = np.where(s != 0, g - after, 0.0)  # of -score, so that s y > 0 at a maximum
        w, score, g, H = end, value, after, learn(H, s, y)
        if gain <= tolerance * score:
            if steepest:
                break
            H = None
    return w


def free_gradient(w, g, reach):
    """The gradient g (d,) without the entries that point out of the box."""
    at_limit = np.abs(w) >= reach * (1 - 1e-8)
    return np.where(at_limit & (g * w > 0), 0.0, g)


def direction(H, free):
    """Where to go, (d,): H (d, d) times the gradient, or along it if H is None."""
    if H is None:
        return 0.1 * free / np.abs(free).max()
    return np.where(free == 0, 0.0, H @ free)


def learn(H, s, y):
    """BFGS: the inverse Hessian after a step s (d,) that changed the gradient by -y (d,).

    The step that teaches the first one gives its size too; one that shows no curvature is ignored.
    """
    curvature = s @ y
    if not curvature > 1e-12 * np.sqrt((s @ s) * (y @ y)):
        return H
    if H is None:
        H = np.eye(len(s)) * (curvature / (y @ y))
    turn = H @ y
    cross = np.outer(turn, s)
    return H + ((1 + y @ turn / curvature) * np.outer(s, s) - cross - cross.T) / curvature


def climb_with_vectors(evaluate, start, reach, iterations, tolerance):
    """`climb` where a matrix (d, d) is too much: scipy's L-BFGS-B, which keeps a few vectors."""
    from scipy.optimize import minimize  # here: it takes as long to import as all else

    start = np.clip(start, -reach, reach)
    unit = max(evaluate(start)[0], np.finfo(float).tiny)

    def descend(w):
        score, gradient = evaluate(w)
        if not np.isfinite(score):  # worse than any start: the line search turns back
            return 0.0, np.zeros(len(w))
        return -score / unit, -gradient / unit

    return minimize(
        descend, start, jac=True, method="L-BFGS-B", bounds=[(-reach, reach)] * len(start),
        options={"maxiter": iterations, "ftol": tolerance},
    ).x  # fmt: skip
