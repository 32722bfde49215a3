"""What one forward pass leaves behind, and the network that it was made by."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np


@dataclass(frozen=True, eq=False, repr=False)
class Trace:
    """A forward pass: all that backpropagation needs.

    Attributes
    ----------
    network : MLP
        The one whose pass this is; the derivatives of another cannot be had from it.
    inputs : per layer, (N, n_in + 1) array
        Homogeneous: the last column is 1.
    preactivations : per layer, (N, n_out) array
    outputs : (N, m) array
        The last pre-activations.
    """

    network: object
    inputs: tuple
    preactivations: tuple
    outputs: np.ndarray

    def __repr__(self):
        return f"Trace(network={self.network}, samples={len(self.outputs)})"

    @cached_property
    def _slopes(self):
        """Both slopes of each hidden layer, worked out when backpropagation first asks."""
        net = self.network
        return [
            net.activation.slopes(z, k, a[:, :-1])
            for z, k, a in zip(self.preactivations, net.coefficients, self.inputs[1:], strict=False)
        ]

    @property
    def slopes(self):
        """Per hidden layer d sigma / d z, (N, n_out)."""
        return tuple(slope for slope, _ in self._slopes)

    @property
    def coefficient_slopes(self):
        """Per hidden layer d sigma / d (v, c, l), (num_coefficients, N, n_out)."""
        return tuple(of_coefficients for _, of_coefficients in self._slopes)

    def fits(self, net):
        """Whether the pass is that of `net`: its own, or one with equal parameters."""
        own = self.network
        return own is net or (
            own.sizes == net.sizes
            and type(own.activation) is type(net.activation)
            and vars(own.activation) == vars(net.activation)
            and all(map(np.array_equal, own.blocks(), net.blocks()))
        )

    def take(self, some):
        """The trace of some of the samples, given by a slice."""
        return Trace(
            self.network,
            tuple(a[some] for a in self.inputs),
            tuple(z[some] for z in self.preactivations),
            self.outputs[some],
        )


def propagate(net, X):
    """The `Trace` of X (N, n_in), which is in the network's type: z = a W, a = sigma(z)."""
    inputs, preactivations = [homogeneous(X)], []
    for W, k in zip(net.weights, net.coefficients, strict=False):
        preactivations.append(inputs[-1] @ W)
        inputs.append(homogeneous(net.activation(preactivations[-1], k)))
    outputs = inputs[-1] @ net.weights[-1]
    return Trace(net, tuple(inputs), (*preactivations, outputs), outputs)


def homogeneous(a):
    """Append a constant 1 to activations: (N, n) to (N, n + 1)."""
    N, n = a.shape
    with_one = np.empty((N, n + 1), dtype=a.dtype)
    with_one[:, :n], with_one[:, n] = a, 1
    return with_one
