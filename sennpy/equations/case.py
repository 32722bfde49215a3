"""What an equation is checked on: a network with its data, a place in it, and a proposal there."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..curvature.fisher import output_directions
from ..curvature.kfac import kronecker_factors
from ..expansion.grow import widen
from ..nn.activations import Rational
from ..nn.mlp import MLP
from . import by_hand

LARGEST = 5e8  # operations: a statement that needs singular values of a larger J is not checked
UNCLEAR = 1e-4  # a side that rounding may move by more than this says nothing


class DoesNotApply(Exception):
    """Why a statement does not apply to a case."""


class RoundingDecides(DoesNotApply):
    """Why a case is left out: rounding may change a side by so much, `by`, that it says nothing."""

    def __init__(self, by, what="too ill-conditioned"):
        super().__init__(f"{what}: rounding alone may change it by {by:.0e}")
        self.by = by


@dataclass(frozen=True, eq=False)
class Problem:
    """A network and its data, with what does not depend on a place, all of it by hand.

    Attributes
    ----------
    net : MLP
    X : (N, n_in) array
    t : array
    loss : SquaredError or SoftmaxCrossEntropy
    """

    net: MLP
    X: np.ndarray
    t: np.ndarray
    loss: object

    @property
    def N(self):
        return len(self.X)

    def outputs(self, theta):
        """Outputs (N, m) at parameters theta (P,), which may be complex."""
        name = type(self.net.activation).__name__
        return by_hand.outputs(theta, self.net.sizes, name, self.X)

    def jacobian_of(self, chosen, X):
        """(n, m, k): derivatives of the outputs for X (n, n_in) in k chosen parameters."""
        theta = self.net.parameters
        name = type(self.net.activation).__name__

        def moved(part):
            whole = theta.astype(complex)
            whole[chosen] = part
            return by_hand.outputs(whole, self.net.sizes, name, X)

        return by_hand.complex_step(moved, theta[chosen])

    @cached_property
    def trace(self):
        """The package's forward pass, for the arrays that statements about a layer begin with."""
        return self.net.forward(self.X)

    @cached_property
    def J(self):
        """(N m, P), by complex steps."""
        return jacobian(self, self.net)

    @cached_property
    def g_y(self):
        """(N, m), by complex steps through the loss."""
        y = self.outputs(self.net.parameters)
        return by_hand.output_gradients(type(self.loss).__name__, y, self.t)

    @property
    def lam(self):
        """lambda = (1/N) ||g_y||^2."""
        return float((self.g_y**2).sum() / self.N)

    @cached_property
    def gradient(self):
        """g = J^T g_y / N, shape (P,)."""
        return self.J.T @ self.g_y.ravel() / self.N

    def eta(self, J):
        """(1/N) ||P g_y||^2 for a Jacobian (N m, P)."""
        return by_hand.explained(J, self.g_y.ravel()) / self.N

    @cached_property
    def eta_c(self):
        """The score of the network as it is."""
        return self.eta(self.J)

    @cached_property
    def tolerance_c(self):
        """`tolerance` of the network as it is."""
        return self.tolerance(self.J)

    def tolerance(self, J):
        """What rounding may do to a dense score, in units of lambda."""
        return clear(by_hand.rounding(J, self.g_y.ravel()))


@dataclass(frozen=True, eq=False)
class Layer:
    """What a statement about one layer begins with.

    Attributes
    ----------
    a : (N, n + 1) array
        Inputs, homogeneous.
    g : (N, n_out) array
        Pre-activation gradients.
    R : (m N, n_out) array
        Backpropagated output directions, of which G is the mean square.
    G : (n_out, n_out) array
        As `kronecker_factors` gives it: for the side that calls the package.
    W : (n + 1, n_out) array
    """

    a: np.ndarray
    g: np.ndarray
    R: np.ndarray
    G: np.ndarray
    W: np.ndarray

    @cached_property
    def roots(self):
        """T and T^+ with G = T T^T."""
        return by_hand.roots(self.R, len(self.a))

    @cached_property
    def white(self):
        """g G^{-1/2}, shape (N, rank)."""
        return self.g @ self.roots[1]

    @cached_property
    def white_r(self):
        """g_r G^{-1/2}, shape (N, rank)."""
        return by_hand.left_over(self.a, self.white)

    @property
    def most(self):
        """E[g^T G^{-1} g], the largest score that inputs of any kind could give."""
        return float((self.white**2).mean(axis=0).sum())

    def eta(self, a):
        """eta_l for inputs a (N, n): what they explain of the whitened gradient."""
        return by_hand.explained(a, self.white) / len(a)

    def tolerance_of_residual(self):
        """What rounding may do to g_r, in units of the largest g: a share's root, not the share."""
        share = by_hand.unclear(self.a, self.g)
        size = np.linalg.norm(self.g) / (np.abs(self.g).max() or 1.0)
        return clear(10 * by_hand.EPS * by_hand.condition(self.a) ** 2 + size * share**0.5)

    def tolerance(self, *inputs):
        """What rounding may do to scores with these inputs, in units of `most`."""
        of_G = 10 * by_hand.EPS * by_hand.condition(self.R) ** 2
        return clear(of_G + sum(by_hand.rounding(a, self.white) for a in inputs))


@dataclass(frozen=True, eq=False)
class Case:
    """A problem, a place, and what is proposed there.

    Attributes
    ----------
    problem : Problem
    place : int
        Proposed neurons join hidden layer `place`, a proposed layer stands in front of layer
        `place`.
    weights : (n_in + 1, k) array
        Incoming weights of the neurons.
    coefficients : (num_coefficients, k) array
    square : (n + 1, n) array
        W_q of the proposed layer.
    seed : int
        Of further draws that a check makes.
    """

    problem: Problem
    place: int
    weights: np.ndarray
    coefficients: np.ndarray
    square: np.ndarray
    seed: int

    @property
    def rng(self):
        """A generator, the same for each check."""
        return np.random.default_rng(self.seed)

    def layer(self, l):
        """The `Layer` number l."""
        p = self.problem
        g = p.net.backward(p.trace, p.g_y)[l]
        R = p.net.backward(p.trace, output_directions(p.trace.outputs))[l]
        R = R.reshape(-1, R.shape[-1])
        if not R.any():
            raise DoesNotApply(f"layer {l} reaches no output: its G is 0")
        return Layer(p.trace.inputs[l], g, R, kronecker_factors(p.net, p.X)[l].G, p.net.weights[l])

    @cached_property
    def here(self):
        """The layer at the place itself, that an inserted layer would feed."""
        return self.layer(self.place)

    @cached_property
    def receiver(self):
        """The layer that receives the proposed neurons."""
        self.needs_neurons()
        return self.layer(self.place + 1)

    @cached_property
    def a_p(self):
        """Activations (N, k) of the proposed neurons."""
        self.needs_neurons()
        z = self.problem.trace.inputs[self.place] @ self.weights
        a_p = by_hand.ACTIVATIONS[type(self.problem.net.activation).__name__](z, self.coefficients)
        if not a_p.any(axis=0).all():
            raise DoesNotApply("a proposed neuron is silent on all samples")
        return a_p

    @cached_property
    def wider(self):
        """The network with the proposed neurons, its Jacobian, and which columns are new."""
        self.needs_neurons()
        net = self.problem.net
        ones = net.replace(np.ones(net.num_parameters))
        marked = widen(ones, self.place, 2 + 0 * self.weights, 2 + 0 * self.coefficients)
        wider = widen(net, self.place, self.weights, self.coefficients)
        return wider, jacobian(self.problem, wider), marked.parameters != 1

    def needs_neurons(self):
        """Raise unless there is a hidden layer at the place."""
        if self.place >= len(self.problem.net.weights) - 1:
            raise DoesNotApply("the last layer is not hidden: no neuron can join it")

    def needs_rational(self, what):
        """Raise unless the activation has coefficients."""
        if not isinstance(self.problem.net.activation, Rational):
            raise DoesNotApply(f"{self.problem.net.activation} cannot be {what}")


def jacobian(problem, net):
    """J (N m, P) of a network on the problem's inputs, by complex steps."""
    rows, P = problem.N * net.sizes[-1], net.num_parameters
    if rows * P**2 > LARGEST:
        raise DoesNotApply(f"J is {rows} by {P}, too large for this; fewer samples would do")
    name = type(net.activation).__name__
    J = by_hand.complex_step(
        lambda theta: by_hand.outputs(theta, net.sizes, name, problem.X), net.parameters
    )
    return J.reshape(-1, net.num_parameters)


def columns(net, l):
    """Where in the flat parameters the biases of layer l stand, and all its weights."""
    blocks = [np.full(block.shape, i) for i, block in enumerate(net.blocks())]
    flat = np.concatenate([block.ravel() for block in blocks])
    weights = np.flatnonzero(flat == 2 * l)
    return weights[-net.weights[l].shape[1] :], weights


def clear(rounding):
    """1e-9 more than what rounding may do, or `RoundingDecides` if that is too much."""
    if not rounding <= UNCLEAR:
        raise RoundingDecides(rounding)
    return 1e-9 + rounding


def clear_share(increase, tolerance, what):
    """`RoundingDecides` if rounding, `tolerance`, may be more than a tenth of a positive number."""
    if not 10 * tolerance <= increase:
        raise RoundingDecides(tolerance / abs(increase) if increase else np.inf, what)
