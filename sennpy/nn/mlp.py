"""The multi-layer perceptron: forward, backward, and the Jacobian's products, by hand.

Layer l computes z = a W with a (N, n_in + 1) its inputs and a constant 1, so that the last row of
W (n_in + 1, n_out) is the bias; hidden layers apply the activation to z, the last layer does not.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from ..validation import as_array, as_count, as_float_type, as_numbers, as_rectangular, as_rng
from .activations import Activation, Rational


class Trace(NamedTuple):
    """What a forward pass leaves behind for backpropagation.

    Attributes
    ----------
    inputs : per layer, (N, n_in + 1) array
        Homogeneous: the last column is 1.
    preactivations : per layer, (N, n_out) array
    slopes : per hidden layer, (N, n_out) array
        d sigma / d z.
    coefficient_slopes : per hidden layer, (num_coefficients, N, n_out) array
        d sigma / d (v, c, l).
    outputs : (N, m) array
    """

    inputs: tuple
    preactivations: tuple
    slopes: tuple
    coefficient_slopes: tuple
    outputs: np.ndarray


@dataclass(frozen=True, eq=False)
class MLP:
    """A network as a value: it never changes; `replace` and the functions of `grow` make new ones.

    Parameters
    ----------
    weights : per layer, (n_in + 1, n_out) array
        The last row is the bias.
    coefficients : per hidden layer, (num_coefficients, n_out) array
        The activation's own parameters: (v, c, l) for Rational, no rows for Tanh and ReLU.
    activation : Activation

    Raises
    ------
    TypeError, ValueError
        If shapes do not chain, an entry is not finite, or a neuron has (v, c, l) = 0.

    Notes
    -----
    The flat parameter vector lists layer by layer: the weights row by row, then v, c and l of its
    neurons.
    """

    weights: tuple
    coefficients: tuple = ()
    activation: Activation = Rational()

    def __post_init__(self):
        if not isinstance(self.activation, Activation):
            raise TypeError(
                f"activation is {self.activation!r}, expected Rational(), Tanh() or ReLU()."
            )
        weights = finite("weights", self.weights)
        coefficients = finite("coefficients", self.coefficients)
        check_shapes(weights, coefficients, self.activation)
        dtype = np.result_type(*weights, *(k for k in coefficients if k.size))
        object.__setattr__(self, "weights", frozen(weights, dtype))
        object.__setattr__(self, "coefficients", frozen(coefficients, dtype))

    @classmethod
    def random(cls, sizes, activation=Rational(), rng=None):
        """Weights N(0, 1/fan_in), biases N(0, 1), coefficients N(0, 1), as in section 7.

        Parameters
        ----------
        sizes : sequence of int
            (inputs, hidden ..., outputs), at least two.
        activation : Activation
        rng : None, int or numpy.random.Generator
        """
        rng = as_rng(rng)
        sizes = [as_count(f"sizes[{i}]", size) for i, size in enumerate(listed("sizes", sizes))]
        if len(sizes) < 2:
            raise ValueError(f"sizes is {sizes}, expected (inputs, hidden ..., outputs).")
        if not isinstance(activation, Activation):
            raise TypeError(f"activation is {activation!r}, expected Rational(), Tanh() or ReLU().")
        weights, coefficients = [], []
        for n_in, n_out in pairwise(sizes):
            scale = np.append(np.full(n_in, n_in**-0.5), 1.0)
            weights.append(scale[:, None] * rng.standard_normal((n_in + 1, n_out)))
            coefficients.append(activation.random_coefficients(n_out, rng))
        return cls(tuple(weights), tuple(coefficients[:-1]), activation)

    def __repr__(self):
        return f"MLP(sizes={self.sizes}, activation={self.activation})"

    @property
    def sizes(self):
        """(inputs, hidden ..., outputs)."""
        return (len(self.weights[0]) - 1, *(W.shape[1] for W in self.weights))

    @property
    def num_parameters(self):
        """P, the length of the flat parameter vector."""
        return sum(block.size for block in self.blocks())

    @property
    def dtype(self):
        """Floating-point type of all parameters."""
        return self.weights[0].dtype

    @property
    def parameters(self):
        """A copy of all parameters as one vector (P,)."""
        return np.concatenate([block.ravel() for block in self.blocks()])

    def blocks(self):
        """The parameter arrays in flat order: W_0, k_0, W_1, k_1, ..., W_L."""
        hidden = zip(self.weights, self.coefficients, strict=False)
        return [block for pair in hidden for block in pair] + [self.weights[-1]]

    def split(self, theta, name="theta"):
        """Cut a flat vector (P,) into arrays of its type, as `weights` and `coefficients`."""
        theta = as_rectangular(name, theta)
        if theta.shape != (self.num_parameters,):
            raise ValueError(
                f"{name} has shape {theta.shape}, but the network has {self.num_parameters} "
                f"parameters (net.sizes = {self.sizes})."
            )
        ends = np.cumsum([block.size for block in self.blocks()])[:-1]
        parts = [
            part.reshape(block.shape)
            for part, block in zip(np.split(theta, ends), self.blocks(), strict=True)
        ]
        return tuple(parts[0::2]), tuple(parts[1::2])

    def replace(self, theta):
        """The same network with other parameters theta (P,); they may be complex (complex step)."""
        theta = as_array("theta", theta, complex_ok=True)
        return MLP(*self.split(theta), self.activation)

    def astype(self, dtype):
        """The same network in another floating-point type."""
        return self.replace(self.parameters.astype(as_float_type("dtype", dtype)))

    def __call__(self, X):
        """Outputs (N, m) for inputs X (N, n_in)."""
        return self.forward(X).outputs

    def forward(self, X):
        """Outputs for X (N, n_in), with everything that backpropagation needs: a `Trace`."""
        X = as_array("X", X)
        if X.ndim != 2:
            raise ValueError(
                f"X has shape {X.shape}, expected (N, {self.sizes[0]}): one row a sample."
            )
        if X.shape[1] != self.sizes[0]:
            raise ValueError(
                f"X has {X.shape[1]} columns, but the network takes {self.sizes[0]} "
                f"(net.sizes = {self.sizes})."
            )
        sigma = self.activation
        inputs = [homogeneous(X.astype(self.dtype, copy=False))]
        preactivations, slopes, coefficient_slopes = [], [], []
        for W, k in zip(self.weights, self.coefficients, strict=False):
            z = inputs[-1] @ W
            preactivations.append(z)
            slopes.append(sigma.slope(z, k))
            coefficient_slopes.append(sigma.coefficient_slopes(z, k))
            inputs.append(homogeneous(sigma(z, k)))
        outputs = inputs[-1] @ self.weights[-1]
        return Trace(
            tuple(inputs),
            (*preactivations, outputs),
            tuple(slopes),
            tuple(coefficient_slopes),
            outputs,
        )

    def backward(self, trace, u):
        """Backpropagate output gradients u (..., N, m).

        Returns
        -------
        per layer, (..., N, n_out) array
            Gradients with respect to the layer's pre-activations.
        """
        u = as_numbers("u", u, complex_ok=True)
        if u.shape[-2:] != self.check(trace).outputs.shape:
            raise ValueError(
                f"u has shape {u.shape}, but the outputs have shape {trace.outputs.shape}."
            )
        g = [u]
        for W, slope in zip(reversed(self.weights[1:]), reversed(trace.slopes), strict=True):
            g.append((g[-1] @ W[:-1].T) * slope)
        return tuple(reversed(g))

    def vjp(self, trace, u):
        """J^T u, shape (P,), for u (N, m)."""
        g = self.backward(trace, u)
        if g[-1].ndim != 2:
            raise ValueError(
                f"u has shape {g[-1].shape}, but the outputs have shape {trace.outputs.shape}."
            )
        blocks = []
        for l, a in enumerate(trace.inputs):
            blocks.append(a.T @ g[l])
            if l < len(trace.slopes):
                h = g[l + 1] @ self.weights[l + 1][:-1].T
                blocks.append((trace.coefficient_slopes[l] * h).sum(axis=1))
        return np.concatenate([block.ravel() for block in blocks])

    def jvp(self, trace, v):
        """J v, shape (N, m), for a direction v (P,) in the parameters."""
        d_weights, d_coefficients = self.split(as_numbers("v", v, complex_ok=True), "v")
        self.check(trace)
        dz = trace.inputs[0] @ d_weights[0]
        for l, slope in enumerate(trace.slopes):
            dk = d_coefficients[l][:, None, :]
            da = slope * dz + (trace.coefficient_slopes[l] * dk).sum(axis=0)
            dz = da @ self.weights[l + 1][:-1] + trace.inputs[l + 1] @ d_weights[l + 1]
        return dz

    def per_sample_gradients(self, trace, u):
        """J_n^T u_n for each sample, shape (..., N, P), for u (..., N, m)."""
        g = self.backward(trace, u)
        blocks = []
        for l, a in enumerate(trace.inputs):
            blocks.append(a[:, :, None] * g[l][..., None, :])
            if l < len(trace.slopes):
                h = g[l + 1] @ self.weights[l + 1][:-1].T
                blocks.append(np.moveaxis(trace.coefficient_slopes[l], 0, 1) * h[..., None, :])
        return np.concatenate([b.reshape(*b.shape[:-2], -1) for b in blocks], axis=-1)

    def jacobian(self, trace):
        """J = dy/dtheta, shape (N, m, P): row (n, o) is the gradient of output o at sample n."""
        N, m = self.check(trace).outputs.shape
        directions = np.broadcast_to(np.eye(m, dtype=self.dtype)[:, None, :], (m, N, m))
        return np.moveaxis(self.per_sample_gradients(trace, directions), 0, 1)

    def check(self, trace):
        """Return the trace, or raise unless it is one of a network with these sizes."""
        if not isinstance(trace, Trace):
            raise TypeError(f"trace is of type {type(trace).__name__}, expected net.forward(X).")
        sizes = (*(a.shape[1] - 1 for a in trace.inputs), trace.outputs.shape[1])
        if sizes != self.sizes:
            raise ValueError(
                f"trace comes from a network with sizes {sizes}, expected one of this network "
                f"(net.sizes = {self.sizes})."
            )
        return trace


def as_network(net):
    """Return `net` if it is an MLP, else raise TypeError."""
    if not isinstance(net, MLP):
        raise TypeError(f"net is of type {type(net).__name__}, expected an MLP.")
    return net


def homogeneous(a):
    """Append a constant 1 to activations: (N, n) to (N, n + 1)."""
    return np.concatenate([a, np.ones((len(a), 1), dtype=a.dtype)], axis=1)


def listed(name, values):
    """`values` as a list, or TypeError if it cannot be one."""
    try:
        return list(values)
    except TypeError:
        raise TypeError(f"{name} is {values!r}, expected a sequence, one entry a layer.") from None


def finite(name, arrays):
    """The arrays checked; those without entries (no coefficients) pass."""
    return [
        as_array(f"{name}[{l}]", array, complex_ok=True, empty_ok=True)
        for l, array in enumerate(listed(name, arrays))
    ]


def frozen(arrays, dtype):
    """Read-only copies, as a tuple."""
    copies = tuple(np.array(a, dtype=dtype) for a in arrays)
    for array in copies:
        array.flags.writeable = False
    return copies


def check_shapes(weights, coefficients, activation):
    """Raise ValueError unless the arrays chain into a network."""
    if not weights or any(W.ndim != 2 or len(W) < 2 or not W.shape[1] for W in weights):
        raise ValueError(
            f"weights have shapes {[W.shape for W in weights]}, expected (n_in + 1, n_out) for "
            "each of at least one layer, the last row being the bias."
        )
    for l in range(len(weights) - 1):
        if len(weights[l + 1]) != weights[l].shape[1] + 1:
            raise ValueError(
                f"weights[{l + 1}] has shape {weights[l + 1].shape}, but layer {l} has "
                f"{weights[l].shape[1]} outputs: {weights[l].shape[1] + 1} rows are expected."
            )
    expected = [(activation.num_coefficients, W.shape[1]) for W in weights[:-1]]
    if [k.shape for k in coefficients] != expected:
        raise ValueError(
            f"coefficients have shapes {[k.shape for k in coefficients]}, expected {expected} for "
            f"{activation} and these weights."
        )
    for l, k in enumerate(coefficients):
        if k.size and not np.abs(k).max(axis=0).all():
            raise ValueError(
                f"a neuron of hidden layer {l} has (v, c, l) = (0, 0, 0), which is no function; "
                "use (0, 0, 1)."
            )
