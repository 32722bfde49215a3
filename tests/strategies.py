"""What the tests draw: hypothesis chooses sizes and a seed, numpy makes arrays from the seed."""

from typing import NamedTuple

import numpy as np
from hypothesis import assume
from hypothesis import strategies as st

from sennpy.nn.activations import Rational, ReLU, Tanh
from sennpy.nn.losses import SoftmaxCrossEntropy, SquaredError
from sennpy.nn.mlp import MLP

ACTIVATIONS = (Rational(), Tanh(), ReLU())
KINK = 1e-6  # ReLU has no derivative at 0, so pre-activations nearer than this are not drawn


class Problem(NamedTuple):
    """A network with inputs for it, and a generator for whatever else a test needs."""

    net: MLP
    X: np.ndarray
    rng: np.random.Generator

    @property
    def trace(self):
        return self.net.forward(self.X)

    def output_like(self):
        """A random array (N, m)."""
        return self.rng.standard_normal((len(self.X), self.net.sizes[-1]))

    def parameter_like(self):
        """A random vector (P,)."""
        return self.rng.standard_normal(self.net.num_parameters)


class Objective(NamedTuple):
    """A network, inputs, and a loss with targets for it."""

    net: MLP
    X: np.ndarray
    loss: object
    t: np.ndarray

    @property
    def trace(self):
        return self.net.forward(self.X)


seeds = st.integers(0, 2**32 - 1)


@st.composite
def problems(
    draw,
    hidden=(0, 4),
    max_width=8,
    outputs=(1, 4),
    samples=(1, 20),
    activations=ACTIVATIONS,
):
    """A random network of `hidden` layers with standard normal inputs."""
    widths = draw(
        st.lists(st.integers(1, max_width), min_size=hidden[0] + 1, max_size=hidden[1] + 1)
    )
    sizes = (*widths, draw(st.integers(*outputs)))
    N = draw(st.integers(*samples))
    activation = draw(st.sampled_from(activations))
    rng = np.random.default_rng(draw(seeds))
    net = MLP.random(sizes, activation, rng)
    X = rng.standard_normal((N, sizes[0]))
    if isinstance(activation, ReLU):
        assume(all(np.abs(z).min() > KINK for z in net.forward(X).preactivations[:-1]))
    return Problem(net, X, rng)


def small_problems(**sizes):
    """Problems whose dense matrices are cheap: at most 2 hidden layers of 4 neurons, 3 outputs."""
    return problems(**({"hidden": (0, 2), "max_width": 4, "outputs": (1, 3)} | sizes))


@st.composite
def objectives(draw, losses=(SquaredError(), SoftmaxCrossEntropy()), **sizes):
    """A small problem with a loss and random targets (softmax has at least 2 outputs)."""
    loss = draw(st.sampled_from(losses))
    if isinstance(loss, SoftmaxCrossEntropy):
        sizes = {"outputs": (2, 3)} | sizes
    net, X, rng = draw(small_problems(**sizes))
    return Objective(net, X, loss, random_targets(loss, len(X), net.sizes[-1], rng))


def random_targets(loss, N, m, rng):
    """Targets for N samples and m outputs, as the loss takes them."""
    if isinstance(loss, SoftmaxCrossEntropy):
        return rng.integers(m, size=N)
    return rng.standard_normal((N, m))
