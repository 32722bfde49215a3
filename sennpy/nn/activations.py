"""The activations: Rational, Tanh and ReLU, with their derivatives written out.

An activation maps pre-activations z (N, n) and its own learnable coefficients k
(num_coefficients, n) to values (N, n). Rational has three coefficients a neuron, Tanh and ReLU have
none. Every formula is analytic (the absolute values in `norm` scale and cancel; ReLU is, away from
its kink), so a complex step through it gives derivatives to machine precision.
"""

from dataclasses import dataclass

import numpy as np

from ..validation import as_numbers
from .activation import Activation, register_activation


def rational_parts(z):
    """z/(1+z^2) and 1/(1+z^2), of which basis and slopes are made; each (N, n)."""
    w = 1 / (1 + z * z)
    return z * w, w


def rational_basis(z):
    """The three functions a rational neuron is made of: 2z/(1+z^2), 1/(1+z^2), z.

    Parameters
    ----------
    z : (N, n) array

    Returns
    -------
    (3, N, n) array
        In the order of the coefficients (v, c, l).

    Notes
    -----
    Paper: (E3), (E12).
    """
    zw, w = rational_parts(z)
    return np.stack([2 * zw, w, z])


def rational_basis_slope(z):
    """Derivatives in z of `rational_basis`, shape (3, N, n)."""
    zw, w = rational_parts(z)  # z**2 * w**2 would overflow far out; (z*w)**2 does not
    return np.stack([2 * (w * w - zw * zw), -2 * zw * w, np.ones_like(z)])


@register_activation
@dataclass(frozen=True)
class Rational(Activation):
    """sigma(z) = (2 v z/(1+z^2) + c/(1+z^2) + l z) / sqrt(v^2 + c^2 + l^2).

    In the paper's letters alpha = l/s, beta = c/s, gamma = 2v/s with s the square root. It is the
    identity, to the last bit, at (v, c, l) = (0, 0, 1).

    Notes
    -----
    Paper: (E3).
    """

    num_coefficients = 3

    def basis(self, z):
        return rational_basis(z)

    def basis_slope(self, z):
        return rational_basis_slope(z)

    def __call__(self, z, k):
        z, k = neurons(z, k)
        q, (zw, w) = k / norm(k), rational_parts(z)
        return 2 * q[0] * zw + q[1] * w + q[2] * z

    def slope(self, z, k):
        """d sigma / d z, shape (N, n)."""
        return self.slopes(*neurons(z, k), self(z, k))[0]

    def coefficient_slopes(self, z, k):
        """d sigma / d (v, c, l), shape (3, N, n): sigma sees only the direction q of k."""
        return self.slopes(*neurons(z, k), self(z, k))[1]

    def slopes(self, z, k, value):
        size = norm(k)
        q, (zw, w) = k / size, rational_parts(z)
        slope = 2 * (q[0] * (w * w - zw * zw) - q[1] * (zw * w)) + q[2]
        of_coefficients = q[:, None, :] * value
        for d, phi in zip(of_coefficients, (2 * zw, w, z), strict=True):
            np.divide(np.subtract(phi, d, out=d), size, out=d)
        return slope, of_coefficients

    def curvature(self, z, k):
        z, k = neurons(z, k)
        q, (zw, w) = k / norm(k), rational_parts(z)
        return 2 * (q[1] * w * (3 * zw**2 - w**2) + 2 * q[0] * zw * (zw**2 - 3 * w**2))

    def check(self, k):
        if not np.abs(k).max(axis=0, initial=0).all():
            raise ValueError(
                "a neuron has (v, c, l) = (0, 0, 0), which is no function; use (0, 0, 1)."
            )

    def identity_coefficients(self, n):
        return np.array([0.0, 0.0, 1.0])[:, None] * np.ones(n)

    def identity_directions(self, z):
        """2z/(1+z^2) and 1/(1+z^2), of v and c; the derivative in l vanishes at (0, 0, 1)."""
        return self.basis(z)[:2], self.basis_slope(z)[:2]


def neurons(z, k):
    """Pre-activations (N, n) and coefficients (3, n) as arrays, or raise TypeError/ValueError."""
    z, k = as_numbers("z", z, complex_ok=True), as_numbers("k", k, complex_ok=True)
    if z.ndim != 2 or k.shape != (3, z.shape[1]):
        raise ValueError(
            f"z has shape {z.shape} and k {k.shape}, expected (N, n) and (3, n): v, c and l of "
            "each neuron."
        )
    return z, k


def norm(k):
    """s = sqrt(v^2 + c^2 + l^2) of each neuron, shape (n,)."""
    largest = np.abs(k).max(axis=0)  # keeps 1e-200 squared from being 0, and cancels
    v, c, l = k / largest
    return largest * np.sqrt(v * v + c * c + l * l)


@register_activation
@dataclass(frozen=True)
class Tanh(Activation):
    """sigma(z) = tanh(z)."""

    def __call__(self, z, k):
        return np.tanh(as_numbers("z", z, complex_ok=True))

    def slope(self, z, k):
        """d sigma / d z, shape (N, n)."""
        return 1 - self(z, k) ** 2

    def slopes(self, z, k, value):
        return 1 - value**2, self.coefficient_slopes(z, k)

    def curvature(self, z, k):
        value = self(z, k)
        return -2 * value * (1 - value**2)


@register_activation
@dataclass(frozen=True)
class ReLU(Activation):
    """sigma(z) = max(z, 0); its slope at the kink is taken as 0."""

    def __call__(self, z, k):
        z = as_numbers("z", z, complex_ok=True)
        return np.where(z.real > 0, z, 0)

    def slope(self, z, k):
        """d sigma / d z, shape (N, n)."""
        z = as_numbers("z", z, complex_ok=True)
        return np.where(z.real > 0, 1, 0).astype(z.dtype)

    def curvature(self, z, k):
        return np.zeros_like(as_numbers("z", z, complex_ok=True))
