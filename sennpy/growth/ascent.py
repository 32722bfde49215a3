"""The climb to a maximum of the score: projected BFGS in a box."""

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
    w, I = np.clip(start, -reach, reach), np.eye(len(start))
    score, g = evaluate(w)
    H, fresh = I, True
    for _ in range(iterations):
        at_limit = np.abs(w) >= reach * (1 - 1e-8)
        free = np.where(at_limit & (g * w > 0), 0.0, g)
        steep = np.abs(free).max()
        if not steep > 0:
            break
        p = 0.1 * free / steep if fresh else np.where(free == 0, 0.0, H @ free)
        steepest, t = fresh, 1.0
        while t > 1e-6:
            end = np.clip(w + t * p, -reach, reach)
            value, after = evaluate(end)
            s, gain = end - w, value - score
            if gain > max(1e-4 * (free @ s), 0):
                break
            t /= 2
        else:
            if fresh:
                break
            H, fresh = I, True
            continue
        y = np.where(s != 0, g - after, 0.0)  # of -score, so that s y > 0 at a maximum
        curvature = s @ y
        if curvature > 1e-12 * np.sqrt((s @ s) * (y @ y)):
            if fresh:
                H, fresh = I * (curvature / (y @ y)), False
            turn = H @ y
            cross = np.outer(turn, s)
            H = H + ((1 + y @ turn / curvature) * np.outer(s, s) - cross - cross.T) / curvature
        w, score, g = end, value, after
        if gain <= tolerance * score:
            if steepest:
                break
            H, fresh = I, True
    return w
