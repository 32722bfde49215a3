"""The other side: each quantity by a route that shares no code with what it is compared to.

Derivatives are complex steps through the formulas of the paper. Nothing here forms a Fisher matrix,
a moment or an inverse: a score is what a regression explains, by singular values.
"""

from itertools import pairwise

import numpy as np

STEP = 1e-200  # of a complex step: nothing is subtracted, so it cannot be too small
CUT = 1e-6  # a direction with a smaller singular value counts as absent (1e-12 of a moment)
ABSENT = 1e-14  # below it a singular value is rounding, whatever the route
EPS = np.finfo(float).eps


def complex_step(function, x):
    """Derivatives of function at x, one entry of x after another; they are the last axis."""
    columns = []
    for index in np.ndindex(x.shape):
        moved = x.astype(complex)
        moved[index] += 1j * STEP
        columns.append(np.imag(function(moved)) / STEP)
    return np.stack(columns, axis=-1)


def rational(z, v, c, l):
    """alpha z + (beta + gamma z) / (1 + z^2), as (E3) writes it."""
    s = np.sqrt(v * v + c * c + l * l)
    alpha, beta, gamma = l / s, c / s, 2 * v / s
    return alpha * z + (beta + gamma * z) / (1 + z * z)


ACTIVATIONS = {
    "Rational": lambda z, k: rational(z, *k),
    "Tanh": lambda z, k: np.tanh(z),
    "ReLU": lambda z, k: z * (z.real > 0),
}


def outputs(theta, sizes, activation, X):
    """Outputs (N, m) of the network with flat parameters theta (P,), cut up as they are used."""
    count, used, a = (3 if activation == "Rational" else 0), 0, X

    def take(rows, columns):
        nonlocal used
        used += rows * columns
        return theta[used - rows * columns : used].reshape(rows, columns)

    for n_in, n_out in pairwise(sizes[:-1]):
        z = a @ take(n_in, n_out) + take(1, n_out)
        a = ACTIVATIONS[activation](z, take(count, n_out))
    return a @ take(*sizes[-2:]) + take(1, sizes[-1])


def sample_losses(loss, y, t):
    """l(y_n, t_n) of every sample (N,): 1/2 ||y - t||^2 or -log softmax(y)_t."""
    if loss == "SquaredError":
        return ((y - t) ** 2).sum(axis=1) / 2
    shifted = y - y.real.max(axis=1, keepdims=True)
    return np.log(np.exp(shifted).sum(axis=1)) - shifted[np.arange(len(y)), t]


def output_gradients(loss, y, t):
    """g_y (N, m): a complex step in one output of all samples at a time."""
    return complex_step(lambda shift: sample_losses(loss, y + shift, t), np.zeros(y.shape[1]))


def singular(a):
    """Singular vectors U and values s of a's columns, each first scaled to length 1."""
    norms = np.sqrt((a**2).sum(axis=0))
    return np.linalg.svd(a / np.where(norms > 0, norms, 1), full_matrices=False)[:2]


def span(a):
    """Orthonormal columns with the same range as a (n, k)."""
    U, s = singular(a)
    return U[:, s > CUT * s[0]]


def explained(a, b):
    """||P b||^2, P the projection onto range(a): a (n, k), b (n,) or (n, m)."""
    return float(((span(a).T @ b) ** 2).sum())


def regression(a, b):
    """Coefficients of the least-squares fit of b (n,) by a's columns, those redundant aside."""
    norms = np.sqrt((a**2).sum(axis=0))
    scale = np.where(norms > 0, norms, 1)
    return np.linalg.lstsq(a / scale, b, rcond=CUT)[0] / scale


def predicted(a, b, at):
    """What the least-squares fit of b (n, m) by a's columns says at other rows `at`, (N, m)."""
    return np.column_stack([at @ regression(a, column) for column in b.T])


def ridge_explained(a, b, d):
    """||b||^2 less the least of ||b - a s||^2 + sum_i d_i ||s_i||^2: a (n, k), b (n, m), d (k,).

    One plain regression: the damping stands below a as rows of its own.
    """
    stacked = np.vstack([a, np.diag(np.sqrt(np.broadcast_to(d, a.shape[1])))])
    Q = np.linalg.qr(stacked)[0][: len(a)]
    return float(((Q.T @ b) ** 2).sum())


def dependent(a):
    """Whether some of a's columns (n, k) are mixtures of the others."""
    return span(a).shape[1] < a.shape[1]


def new_part(a, b):
    """`left_over` of each column of b, or 0 where that is rounding."""
    rest = left_over(a, b)
    return np.where((rest**2).sum(axis=0) > CUT**2 * (b**2).sum(axis=0), rest, 0.0)


def left_over(a, b):
    """b - P b: what a regression of b on a leaves."""
    Q = span(a)
    rest = b - Q @ (Q.T @ b)
    return rest - Q @ (Q.T @ rest)  # the second pass removes what rounding left


def roots(R, N):
    """T and its pseudo-inverse, both (n_out, rank), with G = R^T R / N = T T^T: no G is formed."""
    norms = np.sqrt((R**2).sum(axis=0))
    scale = np.where(norms > 0, norms, 1)
    _, s, Vt = np.linalg.svd(R / scale / N**0.5, full_matrices=False)
    kept = s > CUT * s[0]
    V, s = Vt[kept].T, s[kept]
    return scale[:, None] * V * s, V / s / scale[:, None]


def bound(a_p, white):
    """Delta eta' from activations a_p (N, k), which may be complex, and whitened residuals."""
    D = a_p.T @ white / len(white)
    return np.trace(np.linalg.solve(a_p.T @ a_p / len(white), D @ D.T))


def condition(a):
    """Condition number of a's columns, scaled to length 1, among those that count."""
    return spread(singular(a)[1])


def spread(s):
    """Ratio of the largest singular value to the smallest that counts; 1 if all are 0."""
    return float(s[0] / s[s > CUT * s[0]].min()) if s[0] > 0 else 1.0


def rounding(a, b):
    """How far rounding may move ||P b||^2 / ||b||^2 when it is computed from a's moments.

    Moments square the condition number; and a direction that is neither clearly there nor clearly
    absent may be counted by one route and not by the other, with all that it explains of b.
    """
    return 10 * EPS * condition(a) ** 2 + unclear(a, b)


def unclear(a, b):
    """The share of ||b||^2 along directions of a's columns that are neither there nor absent."""
    U, s = singular(a)
    near = (s > ABSENT * s[0]) & (s < 3 * CUT * s[0])
    return float(((U[:, near].T @ b) ** 2).sum() / max((b**2).sum(), np.finfo(float).tiny))


def drowned(a, b):
    """What steps by a^T a may miss of ||P b||^2, in units of ||b||^2, for lack of units.

    Along a singular vector they are off by rounding over its share of the largest eigenvalue; what
    they miss of a maximum is the square of that.
    """
    U, s, _ = np.linalg.svd(a, full_matrices=False)
    U, s = U[:, : span(a).shape[1]], s[: span(a).shape[1]]
    share = (U.T @ b) ** 2 / max(b @ b, np.finfo(float).tiny)
    off = np.minimum(100 * EPS * s[:1] ** 2, s**2) / np.where(s > 0, s**2, 1.0)
    return float(share @ np.where(s > 0, off, 1.0) ** 2)
