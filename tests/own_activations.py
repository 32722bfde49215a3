"""Activations of one's own, of which the package knows nothing."""

from dataclasses import dataclass

import numpy as np

from sennpy import Activation


@dataclass(frozen=True)
class Waves(Activation):
    """(v sin z + c cos z + l z) / sqrt(v^2 + c^2 + l^2): the identity at (0, 0, 1)."""

    num_coefficients = 3

    def basis(self, z):
        return np.stack([np.sin(z), np.cos(z), z])

    def basis_slope(self, z):
        return np.stack([np.cos(z), -np.sin(z), np.ones_like(z)])

    def __call__(self, z, k):
        return np.einsum("bn,bsn->sn", k / size(k), self.basis(z))

    def slope(self, z, k):
        return np.einsum("bn,bsn->sn", k / size(k), self.basis_slope(z))

    def curvature(self, z, k):
        return -(k[0] * np.sin(z) + k[1] * np.cos(z)) / size(k)

    def coefficient_slopes(self, z, k):
        return (self.basis(z) - (k / size(k))[:, None, :] * self(z, k)) / size(k)

    def identity_coefficients(self, n):
        return np.array([0.0, 0.0, 1.0])[:, None] * np.ones(n)

    def identity_directions(self, z):
        return self.basis(z)[:2], self.basis_slope(z)[:2]


def size(k):
    """sqrt(v^2 + c^2 + l^2) of each neuron."""
    return np.sqrt((k * k).sum(axis=0))


@dataclass(frozen=True)
class PReLU(Activation):
    """max(z, 0) + k min(z, 0), one slope k a neuron: the identity at k = 1."""

    num_coefficients = 1

    def __call__(self, z, k):
        return np.where(z.real > 0, z, k * z)

    def slope(self, z, k):
        return np.where(z.real > 0, 1, k + 0 * z)

    def curvature(self, z, k):
        return 0 * z

    def coefficient_slopes(self, z, k):
        return np.where(z.real > 0, 0, z)[None]

    def identity_coefficients(self, n):
        return np.ones((1, n))

    def identity_directions(self, z):
        return np.where(z.real > 0, 0, z)[None], np.where(z.real > 0, 0, 1 + 0 * z)[None]


OWN = (Waves(), PReLU())
