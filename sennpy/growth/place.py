"""Where a network could grow: the view of it at a look, and the statistics of each place."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from ..curvature.fisher import output_directions
from ..curvature.kfac import gradient_factor
from ..expansion.eta import network_score
from ..expansion.layer_score import delta_eta_supremum, explained
from ..expansion.moments import basis, moment, residual, samples
from ..nn.activation import Activation
from ..nn.losses import Loss, as_loss
from ..nn.mlp import MLP, as_network
from ..validation import as_array

LARGEST_VALUE = 1e75  # of an activation or gradient: F holds products of four


@dataclass(frozen=True, eq=False)
class View:
    """A network on the samples of a look, and the moment of the training at which it is taken.

    Parameters
    ----------
    net : MLP
        In float64.
    X : (N, n_in) array
    t : array
        Targets, as the loss takes them.
    loss : Loss
    metric : "euclidean", "true", "sampled" or "empirical"
        The output metric, see `output_directions`.
    u : (R, N, m) array
        Its directions.
    epoch : int
    made : tuple of Change
        The additions made at this epoch already.
    """

    net: MLP
    X: np.ndarray
    t: np.ndarray
    loss: Loss
    metric: str
    u: np.ndarray
    epoch: int = 0
    made: tuple = ()

    @classmethod
    def of(cls, net, X, t, loss, metric="euclidean", rng=None, epoch=0, made=()):
        """The view of a network on checked data, in float64.

        Parameters
        ----------
        net : MLP
        X : (N, n_in) array
        t : array
            Targets, as the loss takes them.
        loss : Loss
        metric : "euclidean", "true", "sampled" or "empirical"
        rng : None, int or numpy.random.Generator
            For metric "sampled".
        epoch : int
        made : tuple of Change

        Raises
        ------
        TypeError, ValueError
            If they do not fit together.
        """
        net, X = as_network(net).astype(np.float64), as_array("X", X).astype(np.float64)
        t = as_loss(loss).targets(net(X), t)
        u = output_directions(net(X), metric, loss, t, rng)
        return cls(net, X, t, loss, metric, u, epoch, made)

    @cached_property
    def trace(self):
        """The network's forward pass."""
        return self.net.forward(self.X)

    @cached_property
    def g_y(self):
        """Output gradients, (N, m)."""
        return self.loss.gradient(self.trace.outputs, self.t)

    @cached_property
    def lam(self):
        """lambda = mean ||g_y||^2, a float."""
        return float((self.g_y**2).sum() / len(self.g_y))

    @cached_property
    def backpropagated(self):
        """Per layer, the gradient g (N, n_out) and the metric's directions (R, N, n_out)."""
        both = self.net.backward(self.trace, np.concatenate([self.g_y[None], self.u]))
        return [(layer[0], layer[1:]) for layer in both]

    @cached_property
    def eta(self):
        """The dense score of the network (eq. (3)), a float."""
        return self.score_of(self.net, self.trace)

    def score_of(self, net, trace=None):
        """The dense score of a network with the same outputs, see `network_score`."""
        trace = net.forward(self.X) if trace is None else trace
        gradient = net.vjp(trace, self.g_y) / len(self.g_y)
        return network_score(net, trace, self.u, gradient)

    def increase(self, change):
        """What a change that leaves the outputs as they are adds to the dense score, at least 0."""
        key = id(change.operation)
        if key not in self.increases:
            gain = self.score_of(change(self.net)) - self.eta
            self.increases[key] = max(gain, 0.0), change.operation  # kept, so that its id is
        return self.increases[key][0]

    @cached_property
    def increases(self):
        """What was asked of `increase` already, by the id of the operation."""
        return {}

    @property
    def overflows(self):
        """Whether values are too large, or no numbers, for a look to be taken."""
        with np.errstate(over="ignore", invalid="ignore"):
            gradients = [array for pair in self.backpropagated for array in pair]
            values = [*self.trace.inputs, *gradients]
            return not all(np.abs(value).max() < LARGEST_VALUE for value in values)

    def place(self, kind, index):
        """The `Place` for neurons in hidden layer `index`, or for a layer before layer `index`."""
        receiver = index + 1 if kind == "neuron" else index
        g, directions = self.backpropagated[receiver]
        hidden = kind == "neuron"
        return Place.of(
            self.trace.inputs[index], self.trace.inputs[receiver], g, gradient_factor(directions),
            self.net.weights[receiver], self.net.activation, kind=kind, index=index,
            W_in=self.net.weights[index] if hidden else None,
            coefficients=self.net.coefficients[index] if hidden else None, view=self,
            directions=directions,
        )  # fmt: skip

    def places(self, layers=True):
        """(kind, index) of each hidden layer and, if `layers`, of the front of each layer."""
        wider = [("neuron", index) for index in range(len(self.net.weights) - 1)]
        deeper = [("layer", index) for index in range(len(self.net.weights))]
        return wider + deeper if layers else wider


@dataclass(frozen=True, eq=False)
class Place:
    """A receiving layer, and the inputs from which proposals for it are made.

    Parameters
    ----------
    inputs : (N, n_in + 1) array
        Inputs of the proposed units, homogeneous.
    a_c : (N, n_c) array
        What the receiving layer receives now.
    g : (N, n_out) array
        Gradients of its pre-activations.
    g_r : (N, n_out) array
        Their residual given a_c (Lemma A.6).
    G : (n_out, n_out) array
        Its gradient factor.
    W : (n_c, n_out) array
        Its weights.
    eta : float
        Its score eta_l, the eta_c of (E13).
    activation : Activation
        Of the proposed units.
    kind : "neuron" or "layer"
        Whether neurons could join a hidden layer here, or a layer stand in front of another.
    index : int
        Of that layer.
    W_in : (n_in + 1, n) array or None
        Incoming weights of the neurons that are there already.
    coefficients : (num_coefficients, n) array or None
        Theirs.
    view : View or None
        The whole network; None for a place made from arrays.
    directions : (R, N, n_out) array or None
        The metric's directions at its pre-activations, of which G is the mean square; None for a
        place made from arrays.
    """

    inputs: np.ndarray
    a_c: np.ndarray
    g: np.ndarray
    g_r: np.ndarray
    G: np.ndarray
    W: np.ndarray
    eta: float
    activation: Activation
    kind: str = "neuron"
    index: int = 0
    W_in: np.ndarray | None = None
    coefficients: np.ndarray | None = None
    view: View | None = None
    directions: np.ndarray | None = None

    @classmethod
    def of(cls, inputs, a_c, g, G, W, activation, **more):
        """A place from its arrays, in float64, with the residual gradient and the score."""
        inputs, a_c, g, G, W = samples(
            inputs=(inputs, "N n_in+1"), a_c=(a_c, "N n_c"), g=(g, "N n_out"),
            G=(G, "n_out n_out"), W=(W, "n_c n_out"),
        )  # fmt: skip
        q = basis(a_c)
        g_r, eta = residual(q, g), explained(q, g, G)
        place = cls(inputs, a_c, g, g_r, G, W, eta, activation, **more)
        vars(place)["q"] = q
        return place

    @cached_property
    def q(self):
        """The `basis` of a_c, (N, rank)."""
        return basis(self.a_c)

    @cached_property
    def rank(self):
        """How many directions of the inputs vary, at least 1: as many columns would do."""
        q = self.q if self.inputs is self.a_c else basis(self.inputs)
        return max(q.shape[1] - 1, 1)

    @cached_property
    def A(self):
        """E[a_c a_c^T], (n_c, n_c)."""
        return moment(self.a_c, self.a_c)

    @cached_property
    def supremum(self):
        """What no proposal here can exceed (E9), a float."""
        return delta_eta_supremum(self.g_r, self.G)

    @cached_property
    def u(self):
        """Output directions (R, N, n_out) of which G is the mean: where none are known, its own."""
        if self.directions is not None:
            return self.directions
        V = np.linalg.eigh(self.G)
        roots = (np.sqrt(np.maximum(V.eigenvalues, 0)) * V.eigenvectors).T
        return np.broadcast_to(roots[:, None], (len(roots), *self.g.shape))

    def take(self, some):
        """The place on some of the samples, given by their numbers; of no view."""
        u = self.u[:, some]
        return Place.of(
            self.inputs[some], self.a_c[some], self.g[some], gradient_factor(u), self.W,
            self.activation, kind=self.kind, index=self.index, W_in=self.W_in,
            coefficients=self.coefficients, directions=u,
        )  # fmt: skip

    def receiving(self, a_p):
        """The same place once neurons with activations a_p (N, k) are among the inputs."""
        new = basis(a_p, after=self.q)
        a_c = np.hstack([self.a_c, a_p])
        W = np.vstack([self.W, np.zeros((a_p.shape[1], self.W.shape[1]))])
        eta = self.eta + explained(new, self.g, self.G)
        place = replace(self, a_c=a_c, g_r=residual(new, self.g_r), W=W, eta=eta)
        vars(place)["q"] = np.hstack([self.q, new])
        return place

    def with_statistics(self, a_c, g, G, W):
        """The same place with other statistics of its receiving layer."""
        found = Place.of(self.inputs, a_c, g, G, W, self.activation)
        return replace(self, a_c=found.a_c, g=found.g, g_r=found.g_r, G=found.G, W=found.W,
                       eta=found.eta, directions=None)  # fmt: skip
