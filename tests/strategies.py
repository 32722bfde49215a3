"""What the tests draw: hypothesis chooses sizes and a seed, numpy makes arrays from the seed."""

from typing import NamedTuple

import numpy as np
from hypothesis import assume
from hypothesis import strategies as st

from sennpy.expansion.grow import deepen, widen
from sennpy.nn.activations import Rational, ReLU, Tanh
from sennpy.nn.losses import SoftmaxCrossEntropy, SquaredError
from sennpy.nn.mlp import MLP

ACTIVATIONS = (Rational(), Tanh(), ReLU())
SMOOTH = (Rational(), Tanh())
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


def assume_condition(*matrices, below=1e3, full_rank=False):
    """Draw again unless every matrix, its columns scaled to norm 1, is this well conditioned.

    Singular directions (under 1e-12 of the largest) do not count, unless `full_rank` is asked for.
    """
    for matrix in matrices:
        norms = np.linalg.norm(matrix, axis=0)
        s = np.linalg.svd(matrix / np.where(norms > 0, norms, 1), compute_uv=False)
        counted = s if full_rank else s[s > 1e-12 * s[0]]
        assume(s[0] < below * counted.min(initial=np.inf))


class Outputs(NamedTuple):
    """A Jacobian J (N, m, P) and output gradients g_y (N, m), with a generator."""

    J: np.ndarray
    g_y: np.ndarray
    rng: np.random.Generator

    @property
    def flat(self):
        """J (N m, P)."""
        return self.J.reshape(-1, self.J.shape[-1])

    @property
    def F(self):
        return self.flat.T @ self.flat / len(self.J)

    @property
    def g(self):
        return self.flat.T @ self.g_y.ravel() / len(self.J)

    @property
    def lam(self):
        return (self.g_y**2).sum() / len(self.g_y)


@st.composite
def outputs(draw, *ranks):
    """Jacobians with full rank of their "rows" or "columns", or "any" rank; unsaid, all three."""
    N, m = draw(st.integers(2, 8)), draw(st.integers(1, 3))
    rank = draw(st.sampled_from(ranks or ("any", "rows", "columns")))
    least, most = {"any": (0, 2), "rows": (1, 2), "columns": (0, 1)}[rank]
    P = draw(st.integers(max(2, least * N * m), most * N * m))
    rng = np.random.default_rng(draw(seeds))
    J = rng.standard_normal((N * m, P))
    if rank == "any":
        r = draw(st.integers(1, min(N * m, P)))
        J = J[:, :r] @ rng.standard_normal((r, P))
    assume_condition(J, below=300)
    return Outputs(J.reshape(N, m, P), rng.standard_normal((N, m)), rng)


class ReceivingLayer(NamedTuple):
    """A layer: inputs a_c, proposed neurons a_p, gradients g, their factor G; and a generator."""

    a_c: np.ndarray
    a_p: np.ndarray
    g: np.ndarray
    G: np.ndarray
    rng: np.random.Generator

    @property
    def g_r(self):
        """Residual gradient (Lemma A.6), through least squares."""
        return left_over(self.a_c, self.g)


@st.composite
def receiving_layers(draw, neurons=(1, 3), outputs=(1, 4)):
    """A well-conditioned layer with 1 to 5 inputs (a constant last) whose arrays are correlated."""
    n_c, k, n_out = (
        draw(st.integers(1, 5)),
        draw(st.integers(*neurons)),
        draw(st.integers(*outputs)),
    )
    N = n_c + k + n_out + draw(st.integers(2, 15))
    rng = np.random.default_rng(draw(seeds))
    a_c = np.hstack([rng.standard_normal((N, n_c - 1)), np.ones((N, 1))])
    a_p = rng.standard_normal((N, k)) + a_c @ rng.standard_normal((n_c, k))
    mixed = np.hstack([a_c, a_p]) @ rng.standard_normal((n_c + k, n_out))
    g = rng.standard_normal((N, n_out)) + mixed
    G = spd(n_out, rng)
    assume_condition(np.hstack([a_c, a_p]), a_p, g, below=30)
    return ReceivingLayer(a_c, a_p, g, G, rng)


def spd(n, rng):
    """A random positive definite matrix (n, n) with condition number at most 30."""
    Q = np.linalg.qr(rng.standard_normal((n, n)))[0]
    return (Q * rng.uniform(0.1, 3, n)) @ Q.T


def invertible(n, rng):
    """A random invertible matrix (n, n), neither symmetric nor orthogonal, condition up to 30."""
    U, V = (np.linalg.qr(rng.standard_normal((n, n)))[0] for _ in range(2))
    return (U * rng.uniform(0.1, 3, n)) @ V


def left_over(a, b):
    """What is left of the columns of b when those of a are regressed out, through QR."""
    for _ in range(2):  # the second pass removes what rounding left
        Q = np.linalg.qr(a)[0]
        b = b - Q @ (Q.T @ b)
    return b


class Growth(NamedTuple):
    """A network, inputs, a generator, the network grown, and which parameters are new (P,)."""

    net: MLP
    X: np.ndarray
    rng: np.random.Generator
    grown: MLP
    is_new: np.ndarray


@st.composite
def widened(draw, **sizes):
    """One or two neurons more in some hidden layer of a small network."""
    sizes = {"hidden": (1, 2), "samples": (6, 20), "activations": SMOOTH} | sizes
    net, X, rng = draw(small_problems(**sizes))
    layer, k = draw(st.integers(0, len(net.weights) - 2)), draw(st.integers(1, 2))
    new = rng.standard_normal((net.sizes[layer] + 1, k))
    q = rng.standard_normal((net.activation.num_coefficients, k))
    marked = widen(net.replace(np.ones(net.num_parameters)), layer, 2 + 0 * new, 2 + 0 * q)
    return Growth(net, X, rng, widen(net, layer, new, q), marked.parameters != 1)


@st.composite
def deepened(draw, **sizes):
    """A layer inserted somewhere in a small network; its weights and coefficients are the new."""
    sizes = {"max_width": 3, "samples": (6, 20)} | sizes
    net, X, rng = draw(small_problems(**sizes, activations=(Rational(),)))
    position = draw(st.integers(0, len(net.weights) - 1))
    n = net.sizes[position]
    weights = np.vstack([invertible(n, rng), rng.standard_normal((1, n))])
    deep = deepen(net, position, weights)
    is_new = [np.full(block.size, i // 2 == position) for i, block in enumerate(deep.blocks())]
    return Growth(net, X, rng, deep, np.concatenate(is_new))
