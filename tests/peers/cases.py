"""Random networks with data, and the same networks in torch.

A layer of torch computes x W^T + b with W (n_out, n_in); here it is a W with W (n_in + 1, n_out),
the bias in the last row. So both list the same parameters in another order, see `places`.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch

from sennpy import MLP, Rational, ReLU, SoftmaxCrossEntropy, SquaredError, Tanh

SIZES = ((3, 4, 2), (2, 4, 3, 3), (3, 3, 4, 3, 2))  # one to three hidden layers
ACTIVATIONS = (Rational(), Tanh(), ReLU())
LOSSES = (SquaredError(), SoftmaxCrossEntropy())
N = 40


@dataclass(frozen=True, eq=False)
class Case:
    """A network of sennpy, samples X (N, n_in) and targets t for a loss.

    `scale` turns the value of torch's loss into ours: MSELoss is the mean over samples *and
    outputs* of the square, ours the mean over samples of half the sum over outputs.
    """

    net: MLP
    X: np.ndarray
    t: np.ndarray
    loss: object

    def __str__(self):
        kinds = type(self.net.activation).__name__, type(self.loss).__name__
        return "-".join(["x".join(map(str, self.net.sizes)), *kinds])

    @property
    def squared(self):
        return isinstance(self.loss, SquaredError)

    @property
    def outputs(self):
        """m."""
        return self.net.sizes[-1]

    @cached_property
    def trace(self):
        return self.net.forward(self.X)

    @cached_property
    def g_y(self):
        """Output gradients (N, m), of each sample's own loss."""
        return self.loss.gradient(self.trace.outputs, self.t)

    @cached_property
    def gradient(self):
        """(P,), of the mean loss."""
        return self.net.vjp(self.trace, self.g_y) / len(self.X)

    @cached_property
    def data(self):
        """Inputs and targets as tensors."""
        return torch.tensor(self.X), torch.tensor(self.t)

    @property
    def torch_loss(self):
        return torch.nn.MSELoss() if self.squared else torch.nn.CrossEntropyLoss()

    @property
    def scale(self):
        return self.outputs / 2 if self.squared else 1.0


def case(sizes, activation, loss, seed):
    """Weights, inputs and targets at random, drawn anew while a layer of ReLU is 0 throughout."""
    rng = np.random.default_rng(seed)
    dead = True
    while dead:
        net = MLP.random(sizes, activation, rng)
        X, m = rng.standard_normal((N, sizes[0])), sizes[-1]
        dead = not all(a[:, :-1].any() for a in net.forward(X).inputs)
    squared = isinstance(loss, SquaredError)
    t = rng.standard_normal((N, m)) if squared else rng.integers(m, size=N)
    return Case(net, X, t, loss)


CASES = [
    case(sizes, activation, loss, seed)
    for seed, (sizes, activation, loss) in enumerate(
        (sizes, activation, loss)
        for sizes in SIZES
        for activation in ACTIVATIONS
        for loss in LOSSES
    )
]


# --- The network in torch ------------------------------------------------------------------------


class RationalUnits(torch.nn.Module):
    """alpha z + (beta + gamma z) / (1 + z^2) with (v, c, l) of each unit in the columns of k."""

    def __init__(self, k, learned=True):
        super().__init__()
        k = torch.tensor(k)
        if learned:
            self.k = torch.nn.Parameter(k)
        else:
            self.register_buffer("k", k)

    def forward(self, z):
        v, c, l = self.k / self.k.square().sum(0).sqrt()
        return l * z + (c + 2 * v * z) / (1 + z**2)


def linear(W):
    """A layer of torch with the weights W (n_in + 1, n_out)."""
    layer = torch.nn.Linear(len(W) - 1, W.shape[1])
    layer.weight = torch.nn.Parameter(torch.tensor(W[:-1].T.copy()))
    layer.bias = torch.nn.Parameter(torch.tensor(W[-1].copy()))
    return layer


def units(net, l, learned=True):
    """The activation of hidden layer l."""
    if isinstance(net.activation, Rational):
        return RationalUnits(net.coefficients[l], learned)
    return torch.nn.Tanh() if isinstance(net.activation, Tanh) else torch.nn.ReLU()


def twin(net, learned=True):
    """The network as a torch module; with `learned` False, (v, c, l) are constants of it."""
    modules = [linear(net.weights[0])]
    for l, W in enumerate(net.weights[1:]):
        modules += [units(net, l, learned), linear(W)]
    return torch.nn.Sequential(*modules)


def places(net, learned=True):
    """Where torch's parameters, in its order, stand in our flat vector: (P,) of int.

    With `learned` False, those of the linear layers alone, as `twin` has them.
    """
    weights, coefficients = net.split(np.arange(net.num_parameters))
    found = []
    for l, W in enumerate(weights):
        found += [W[:-1].T, W[-1]]
        if learned and l < len(coefficients):
            found.append(coefficients[l])
    return np.concatenate([part.ravel() for part in found])
