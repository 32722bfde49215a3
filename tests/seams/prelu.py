"""PReLU: max(z, 0) + k min(z, 0) with a learnable k; at k = 1 it is the identity."""

import numpy as np

from sennpy import Activation


class PReLU(Activation):
    num_coefficients = 1

    def __call__(self, z, k):
        return np.where(z > 0, z, k[0] * z)

    def slope(self, z, k):
        return np.where(z > 0, 1.0, k[0])

    def coefficient_slopes(self, z, k):
        return np.where(z > 0, 0.0, z)[None]

    def identity_coefficients(self, n):
        return np.ones((1, n))

    def identity_directions(self, z):
        return np.where(z > 0, 0.0, z)[None], np.where(z > 0, 0.0, 1.0)[None]
