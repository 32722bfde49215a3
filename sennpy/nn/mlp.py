"""The multi-layer perceptron: forward, backward, and the Jacobian's products, by hand.

Layer l computes z = a W with a (N, n_in + 1) its inputs and a constant 1, so that the last row of
W (n_in + 1, n_out) is the bias; hidden layers apply the activation to z, the last layer does not.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from ..kernels import enabled
from ..validation import as_array, as_count, as_float_type, as_numbers, as_rectangular, as_rng
from .activations import Activation, Rational
from .shapes import check_neurons, check_shapes, finite, frozen, listed


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
        theta = np.array(as_array("theta", theta, complex_ok=True))
        theta.flags.writeable = False
        weights, coefficients = self.split(theta)
        check_neurons(coefficients)
        net = object.__new__(MLP)  # shapes and type are those of a network that was checked
        parts = {"weights": weights, "coefficients": coefficients, "activation": self.activation}
        for name, value in parts.items():
            object.__setattr__(net, name, value)
        return net

    def astype(self, dtype):
        """The same network in another floating-point type."""
        return self.replace(self.parameters.astype(as_float_type("dtype", dtype)))

    def __call__(self, X):
        """Outputs (N, m) for inputs X (N, n_in)."""
        a = homogeneous(self.inputs(X))
        for W, k in zip(self.weights, self.coefficients, strict=False):
            a = homogeneous(self.activation(a @ W, k))
        return a @ self.weights[-1]

    def inputs(self, X):
        """X (N, n_in) in the network's type, or raise TypeError/ValueError."""
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
        return X.astype(self.dtype, copy=False)

    def forward(self, X):
        """Outputs for X (N, n_in), with everything that backpropagation needs: a `Trace`."""
        inputs, preactivations, slopes, coefficient_slopes = (
            [homogeneous(self.inputs(X))],
            [],
            [],
            [],
        )
        for W, k in zip(self.weights, self.coefficients, strict=False):
            z = inputs[-1] @ W
            value, slope, coefficient_slope = self.activation.with_slopes(z, k)
            preactivations.append(z)
            slopes.append(slope)
            coefficient_slopes.append(coefficient_slope)
            inputs.append(homogeneous(value))
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

    def outputs_and_jacobian(self, X):
        """y (N, m) and J (N, m, P) for X (N, n_in), without the trace: compiled where it can be."""
        compilable = type(self.activation) is Rational and self.dtype == np.float64
        if not (compilable and enabled()):
            trace = self.forward(X)
            return trace.outputs, self.jacobian(trace)
        from ..kernels.jacobian import rational_jacobian

        X = np.ascontiguousarray(self.inputs(X))
        y = np.empty((len(X), self.sizes[-1]))
        J = np.empty((*y.shape, self.num_parameters))
        rational_jacobian(self.parameters, np.array(self.sizes), X, y, J)
        return y, J

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
    N, n = a.shape
    with_one = np.empty((N, n + 1), dtype=a.dtype)
    with_one[:, :n], with_one[:, n] = a, 1
    return with_one
