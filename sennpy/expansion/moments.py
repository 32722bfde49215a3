"""The linear algebra of the scores: bases of arrays, and inverses of their moments.

One rule decides what counts. In an array with one row a sample, columns are taken in their order,
and one counts if those before it leave more than CUTOFF of its own length (`basis`). Where only a
moment is known, its eigenvectors count, with variables scaled to one size (`whitener`). So what is
absent, or explained but for rounding, brings nothing, and singular cases need no other formula.
"""

import numpy as np
from scipy.linalg import qr

from ..validation import as_arrays

CUTOFF = 1e-12  # share of a column's length, or of a moment's largest eigenvalue, that is rounding


def moment(a, b):
    """E[a b^T], the mean over samples: (N, n) and (N, k) to (n, k)."""
    return a.T @ b / len(a)


def basis(a, after=None):
    """q (N, rank) with E[q q^T] = I: the directions of a (N, n) that `after`, a basis, lacks.

    Making a short share long makes its rounding long, too, which may lie along `after`. So that is
    taken out once more: what loses more than half its length to it was rounding alone.
    """
    Q = in_order(unit_columns(a, after)[0])[0]
    if after is not None:
        Q = residual(after, Q)
        Q = orthonormal(Q[:, np.linalg.norm(Q, axis=0) > 0.5])[0]
    return Q * np.sqrt(len(a))


def whitened(a, after=None):
    """The `basis` q (N, rank) and T (n, rank) with q = a T, so that T T^T inverts E[a a^T].

    With `after`, a stands for what that leaves of it. A column that does not count has zeros in T.
    """
    unit, scale = unit_columns(a, after)
    Q, R, counted = in_order(unit)
    T = np.zeros((len(scale), len(counted)))
    T[counted] = scale[counted, None] * np.linalg.inv(R)
    return Q * np.sqrt(len(a)), T


def unit_columns(a, after=None):
    """a (N, n) with columns of length 1, in Fortran's order, less what `after` explains of them.

    Returns the scale (n,) with a * scale of mean square 1 besides; columns of zeros stay.
    """
    scale = inverse_root(np.einsum("sn,sn->n", a, a) / len(a))
    unit = np.multiply(a, scale / np.sqrt(len(a)), order="F")
    return (unit if after is None else residual(after, unit)), scale


def in_order(unit):
    """Q (N, rank), R (rank, rank), counted (rank,): unit[:, counted] = Q R with Q^T Q = I.

    A column of unit (N, n) counts if the counted ones before leave more of it than CUTOFF. A first
    Q R goes through all columns. Where one is too short there, rounding has become a direction: it
    is taken out, with all others that have no more than that besides what is sure, until none is.
    """
    counted = np.flatnonzero(unit.any(axis=0))
    Q, R = orthonormal(unit[:, counted])
    left = R
    while not (sure := is_long(left)).all():
        beside = np.linalg.norm(left[~sure[: len(left)]], axis=0)
        stays = sure | (beside > CUTOFF)
        counted, left = counted[stays], np.linalg.qr(left[:, stays], mode="r")
    if len(counted) < R.shape[1]:
        Q, R = orthonormal(unit[:, counted])
    return Q, R, counted


def is_long(R):
    """Which columns (n,) of an upper triangular R (rows, n) those before them do not explain."""
    long = np.zeros(R.shape[1], dtype=bool)
    long[: len(R)] = np.abs(R.diagonal()) > CUTOFF
    return long


def orthonormal(a):
    """Q and R of a (N, n) by Householder's reflections; Q is (N, min(N, n))."""
    if not a.size:
        return a, np.zeros((0, 0))
    return qr(a, mode="economic", overwrite_a=True, check_finite=False)


def residual(q, b):
    """What a basis q (N, rank) leaves of b (N, n), taken twice: the second removes rounding."""
    for _ in range(2):
        b = b - q @ moment(q, b)
    return b


def whitener(S, unit=None):
    """T (..., n, n) with T T^T the pseudo-inverse of S (..., n, n), and T^T S T = I but for zeros.

    Directions with less than CUTOFF of the largest, each variable first scaled to a diagonal of 1,
    get a column of zeros; with `unit` (..., n), variables are scaled by it and CUTOFF is of 1.
    """
    scale = inverse_root(np.einsum("...ii->...i", S) if unit is None else np.asarray(unit))
    eigenvalues, V = np.linalg.eigh(scale[..., :, None] * S * scale[..., None, :])
    largest = eigenvalues[..., -1:] if unit is None else 1.0
    root = inverse_root(eigenvalues, CUTOFF * largest)
    return scale[..., :, None] * V * root[..., None, :]


def inverse_root(x, least=0.0):
    """1 / sqrt(x) where x is above `least` and 0, else 0."""
    counts = x > np.maximum(least, 0.0)
    return np.where(counts, 1 / np.sqrt(np.where(counts, x, 1.0)), 0.0)


def inverse_form(S, b, unit=None):
    """b^T S^{-1} b, a float of at least 0, for b (n,) in the directions of S that count."""
    return float(((whitener(S, unit).T @ b) ** 2).sum())


def solve_spd(S, B, unit=None):
    """S^{-1} B for a positive semi-definite S (..., n, n), in the directions `whitener` keeps."""
    T = whitener(S, unit)
    return T @ (np.swapaxes(T, -1, -2) @ B)


def samples(**named):
    """`as_arrays` in float64."""
    return [array.astype(np.float64, copy=False) for array in as_arrays(**named)]
