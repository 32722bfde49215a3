"""Layers and networks at the edge of what numbers can hold, drawn by hypothesis."""

from typing import NamedTuple

import numpy as np
from hypothesis import strategies as st

SPOILED = ("plain", "deficient", "twice", "constant", "zero", "nothing")
seeds = st.integers(0, 2**32 - 1)


class HardLayer(NamedTuple):
    """A receiving layer as `strategies.ReceivingLayer`, with units in which its columns are."""

    a_c: np.ndarray
    a_p: np.ndarray
    g: np.ndarray
    G: np.ndarray
    units: tuple
    rng: np.random.Generator

    @property
    def in_units(self):
        """a_c, a_p, g and G of any units, from 1e-12 to 1e12."""
        c, p, g = self.units
        return self.a_c * c, self.a_p * p, self.g * g, self.G * np.outer(g, g)


def spoiled(a, how, rng):
    """a (N, n) with some columns made the mixtures of others, copies, constants or zeros."""
    a = a.copy()
    if how == "deficient":
        rank = max(1, a.shape[1] // 2)
        a = a[:, :rank] @ rng.uniform(0.5, 2, (rank, a.shape[1]))
    elif how == "twice":
        a[:, -1] = a[:, 0]
    elif how == "constant":
        a[:, -1] = 1.5
    elif how == "zero":
        a[:, 0] = 0.0
    elif how == "nothing":
        a[:] = 0.0
    return a


@st.composite
def units(draw, count):
    """Powers of two from 1e-12 to 1e12, each column its own, or one for all."""
    exponent = st.integers(-40, 40)
    if draw(st.booleans()):
        return np.full(count, 2.0 ** draw(exponent))
    return 2.0 ** np.array(draw(st.lists(exponent, min_size=count, max_size=count)), dtype=float)


@st.composite
def hard_layers(draw):
    """Few samples or many, and every kind of dependence, in a_c, a_p, g and G."""
    N, n_c, k, n_out = (draw(st.integers(1, most)) for most in (12, 8, 5, 4))
    rng = np.random.default_rng(draw(seeds))
    how = [draw(st.sampled_from(SPOILED)) for _ in range(4)]
    a_c, a_p, g, R = (
        spoiled(orthogonal(rows, n, rng), kind, rng)
        for kind, rows, n in zip(how, (N, N, N, 9), (n_c, k, n_out, n_out), strict=True)
    )
    if "deficient" not in how and draw(st.booleans()):  # whose rounding would be a direction
        a_c, a_p, g = (a.astype(np.float32) for a in (a_c, a_p, g))
    elif draw(st.booleans()):
        a_p = a_c @ rng.uniform(0.5, 2, (n_c, k))  # what is proposed is there already
    return HardLayer(a_c, a_p, g, R.T @ R / 9, tuple(draw(units(n)) for n in (n_c, k, n_out)), rng)


def orthogonal(N, n, rng):
    """A well-conditioned (N, n): random, its singular values from 1/2 to 2."""
    U, _, Vt = np.linalg.svd(rng.standard_normal((N, n)), full_matrices=False)
    return (U * rng.uniform(0.5, 2, len(Vt))) @ Vt * N**0.5
