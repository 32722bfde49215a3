"""The multi-layer perceptron, a value: its parameters, and the doors to `trace` and `backprop`.

Layer l computes z = a W with a (N, n_in + 1) its inputs and a constant 1, so that the last row of
W (n_in + 1, n_out) is the bias; hidden layers apply the activation to z, the last layer does not.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from ..validation import as_array, as_count, as_float_type, as_numbers, as_rectangular, as_rng
from . import backprop
from .activation import Activation, as_activation
from .activations import Rational
from .shapes import check_neurons, check_shapes, finite, flat_order, frozen, listed
from .trace import Trace, propagate


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
        If shapes do not chain, an entry is not finite, or the coefficients of a neuron make no
        function, as (v, c, l) = 0 for Rational.

    Notes
    -----
    The flat parameter vector lists layer by layer: the weights row by row, then v, c and l of its
    neurons.
    """

    weights: tuple
    coefficients: tuple = ()
    activation: Activation = Rational()
    _exports = None  # who writes files: the package's door tells, since that room is further down

    def __post_init__(self):
        as_activation(self.activation)
        weights = finite("weights", self.weights)
        coefficients = finite("coefficients", self.coefficients)
        check_shapes(weights, coefficients, self.activation)
        check_neurons(coefficients, self.activation)
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
        as_activation(activation)
        weights, coefficients = [], []
        for n_in, n_out in pairwise(sizes):
            scale = np.append(np.full(n_in, n_in**-0.5), 1.0)
            weights.append(scale[:, None] * rng.standard_normal((n_in + 1, n_out)))
            coefficients.append(activation.random_coefficients(n_out, rng))
        return cls(tuple(weights), tuple(coefficients[:-1]), activation)

    def __reduce__(self):  # by way of the constructor: copies and pickles are read-only, too
        return type(self), (self.weights, self.coefficients, self.activation)

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
        return flat_order(self.weights, self.coefficients)

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
        check_neurons(coefficients, self.activation)
        net = object.__new__(MLP)  # shapes and type are those of a network that was checked
        parts = {"weights": weights, "coefficients": coefficients, "activation": self.activation}
        for name, value in parts.items():
            object.__setattr__(net, name, value)
        return net

    def astype(self, dtype):
        """The same network in another floating-point type; TypeError for a complex one."""
        dtype = as_float_type("dtype", dtype)
        return self.replace(as_real("the network", self).parameters.astype(dtype))

    def __call__(self, X):
        """Outputs (N, m) for inputs X (N, n_in)."""
        return self.forward(X).outputs

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
        return propagate(self, self.inputs(X))

    def backward(self, trace, u):
        """Backpropagate output gradients u (..., N, m).

        Returns
        -------
        per layer, (..., N, n_out) array
            Gradients with respect to the layer's pre-activations.
        """
        return backprop.backpropagate(*self.checked(trace, u))[0]

    def vjp(self, trace, u):
        """J^T u, shape (P,), for u (N, m)."""
        return backprop.vjp(*self.checked(trace, u, many=False))

    def jvp(self, trace, v):
        """J v, shape (N, m), for a direction v (P,) in the parameters."""
        moved = self.split(as_numbers("v", v, complex_ok=True), "v")
        return backprop.jvp(self.check(trace), *moved)

    def per_sample_gradients(self, trace, u):
        """J_n^T u_n for each sample, shape (..., N, P), for u (..., N, m)."""
        return backprop.per_sample_gradients(*self.checked(trace, u))

    def jacobian(self, trace):
        """J = dy/dtheta, shape (N, m, P): row (n, o) is the gradient of output o at sample n."""
        return backprop.jacobian(self.check(trace))

    def to_numpy_source(self, path):
        """Write it as a Python file that needs NumPy alone: see `sennpy.to_numpy_source`."""
        return MLP._exports.to_numpy_source(self, path)

    def to_onnx(self, path):
        """Write it as an ONNX model: see `sennpy.to_onnx`."""
        return MLP._exports.to_onnx(self, path)

    def check(self, trace):
        """Return the trace, or raise unless it is one of this very network.

        Raises
        ------
        TypeError
            If it is no trace.
        ValueError
            If another network made it: one of other sizes, or with other parameters.
        """
        if not isinstance(trace, Trace):
            raise TypeError(f"trace is of type {type(trace).__name__}, expected net.forward(X).")
        if trace.network.sizes != self.sizes:
            raise ValueError(
                f"trace comes from a network with sizes {trace.network.sizes}, expected one of "
                f"this network (net.sizes = {self.sizes})."
            )
        if not trace.fits(self):
            raise ValueError(
                "trace comes from another network of these sizes, whose parameters or activation "
                "differ; after net.replace(theta) call forward(X) of the new network anew."
            )
        return trace

    def checked(self, trace, u, many=True):
        """A trace of this network and output gradients u (..., N, m) for it, or raise."""
        u = as_numbers("u", u, complex_ok=True)
        shape = self.check(trace).outputs.shape
        if u.shape[-2:] != shape or not (many or u.ndim == 2):
            raise ValueError(f"u has shape {u.shape}, but the outputs have shape {shape}.")
        return trace, u


def as_network(net):
    """Return `net` if it is an MLP with real parameters, else raise TypeError."""
    if not isinstance(net, MLP):
        raise TypeError(f"net is of type {type(net).__name__}, expected an MLP.")
    return as_real("net", net)


def as_real(name, net):
    """Return an MLP if its parameters are real, else raise TypeError."""
    if net.dtype.kind == "c":
        raise TypeError(
            f"{name} has complex parameters, which only the complex step needs; expected real ones "
            "(net.replace(net.parameters.real))."
        )
    return net
