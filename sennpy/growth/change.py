"""A change: one way to alter a network, with what it is worth.

The operations `Widen`, `Deepen`, `Split` and `Prune` are values that turn a network into another;
each can tell what the parameter directions that it opens are worth at its place.
"""

from dataclasses import dataclass, replace

import numpy as np

from ..expansion.grow import deepen, hidden_layer, widen
from ..expansion.insertion import opened_increase
from ..expansion.layer_score import explained
from ..expansion.moments import CUTOFF, basis, moment, residual, whitener
from ..expansion.removal import prune
from ..nn.mlp import MLP
from ..validation import as_array, as_count

EXACTLY, NEARLY, NOT = "exactly", "to O(eps)", "no"


@dataclass(frozen=True, eq=False)
class Widen:
    """k new neurons in a hidden layer.

    Parameters
    ----------
    layer : int
    weights : (n_in + 1, k) array
        Incoming, the last row being the bias.
    coefficients : (num_coefficients, k) array, optional
        (v, c, l); may be left out for activations that have none.
    outgoing : (k, n_out) array, optional
        Outgoing weights; 0 if not given, and then the function stays (E1).
    """

    layer: int
    weights: np.ndarray
    coefficients: np.ndarray | None = None
    outgoing: np.ndarray | None = None
    kind = "neuron"

    def __call__(self, net):
        return widen(net, self.layer, self.weights, self.coefficients, self.outgoing)

    @property
    def units(self):
        """How many neurons it adds."""
        return self.weights.shape[1]

    def preserves(self, net):
        """Whether the function stays: with outgoing weights of 0, or units that are silent."""
        if self.outgoing is None or not np.any(self.outgoing):
            return EXACTLY
        silent = net.activation(np.zeros((1, self.units)), self.filled(net.activation))
        return EXACTLY if not (np.any(self.weights) or np.any(silent)) else NOT

    def filled(self, activation):
        """The coefficients, (num_coefficients, k)."""
        return np.zeros((0, self.units)) if self.coefficients is None else self.coefficients

    def worth(self, place):
        """(exact, bound) of the directions it opens: (E8), Theorem 3.2, or (E5) beside outgoing."""
        z, k = place.inputs @ self.weights, self.filled(place.activation)
        a_p = place.activation(z, k)
        if self.outgoing is None or not np.any(self.outgoing):
            return neurons_worth(place, a_p)
        slope, coefficient_slopes = place.activation.slopes(z, k, a_p)
        free = np.eye(place.G.shape[0])
        features, outgoing = [], []
        for j, o in enumerate(np.asarray(self.outgoing, dtype=np.float64)):
            of_weights = place.inputs * slope[:, [j]]
            of_coefficients = coefficient_slopes[:, :, j].T
            features += [np.repeat(a_p[:, [j]], len(free), axis=1), of_weights, of_coefficients]
            outgoing += [free, np.tile(o, (of_weights.shape[1] + of_coefficients.shape[1], 1))]
        return directions_worth(place, np.hstack(features), np.vstack(outgoing))


@dataclass(frozen=True, eq=False)
class Deepen:
    """A square layer in front of another, at first the identity (E2).

    Parameters
    ----------
    position : int
        The layer that the new one stands before.
    weights : (n + 1, n) array
        W_q, with its shift as the last row.
    """

    position: int
    weights: np.ndarray
    kind = "layer"

    def __call__(self, net):
        return deepen(net, self.position, self.weights)

    @property
    def units(self):
        """How many neurons it adds."""
        return self.weights.shape[1]

    def preserves(self, net):
        """Exactly: the next layer undoes it."""
        return EXACTLY

    def worth(self, place):
        """(exact, bound) of the coefficients that it frees (E16)."""
        phi, _ = place.activation.identity_directions(place.a_c @ self.weights)
        u = np.linalg.solve(self.weights[:-1], place.W[:-1])
        features = np.moveaxis(phi, 0, 1).reshape(len(place.a_c), -1)
        return directions_worth(place, features, np.tile(u, (len(phi), 1)))


@dataclass(frozen=True, eq=False)
class Split:
    """A neuron becomes two, w + offset and w - offset, each with half of its outgoing weights.

    Parameters
    ----------
    layer, unit : int
    offset : (n_in + 1,) array
        eps v; the outputs move by O(eps^2).
    """

    layer: int
    unit: int
    offset: np.ndarray
    kind = "split"
    units = 1

    def __call__(self, net):
        layer = hidden_layer(net, self.layer)
        unit = as_count("unit", self.unit, at_least=0, below=net.sizes[layer + 1])
        offset = as_array("offset", self.offset)
        weights, coefficients = list(net.weights), list(net.coefficients)
        W, k, following = weights[layer], coefficients[layer], weights[layer + 1]
        if offset.shape != W[:, unit].shape:
            raise ValueError(f"offset has shape {offset.shape}, expected ({len(W)},).")
        W = np.insert(W, unit + 1, W[:, unit] - offset, axis=1)
        W[:, unit] += offset
        following = np.insert(following, unit + 1, following[unit], axis=0)
        following[unit : unit + 2] /= 2
        weights[layer], weights[layer + 1] = W, following
        coefficients[layer] = np.insert(k, unit + 1, k[:, unit], axis=1)
        whole = tuple(w.astype(net.dtype) for w in weights)
        return MLP(whole, tuple(coefficients), net.activation)

    def preserves(self, net):
        """To O(eps), and better."""
        return NEARLY

    def worth(self, place):
        """(exact, bound) of what the two differ by, in value and in slopes (E5).

        The difference of their outgoing weights opens that of their activations, freely; those of
        incoming weights and coefficients open that of their slopes, along the outgoing weights. A
        duplicate, offset 0, opens nothing.
        """
        k, w = place.coefficients[:, [self.unit]], place.W_in[:, self.unit]
        z = place.inputs @ np.column_stack([w + self.offset, w - self.offset])
        k = np.repeat(k, 2, axis=1)
        a_p = place.activation(z, k)
        slope, coefficient_slopes = place.activation.slopes(z, k, a_p)
        free, o = np.eye(len(place.G)), place.W[self.unit]
        value = np.diff(a_p, axis=1)
        fixed = np.hstack([place.inputs * np.diff(slope, axis=1),
                           np.diff(coefficient_slopes, axis=2)[:, :, 0].T])  # fmt: skip
        features = np.hstack([np.repeat(value, len(free), axis=1), fixed])
        return directions_worth(place, features, np.vstack([free, np.tile(o, (fixed.shape[1], 1))]))


@dataclass(frozen=True, eq=False)
class Prune:
    """A neuron goes.

    Parameters
    ----------
    layer, unit : int
    X : (N, n_in) array, optional
        With it the others take over what they can explain of it on X.
    """

    layer: int
    unit: int
    X: np.ndarray | None = None
    kind = "prune"
    units = -1

    def __call__(self, net):
        return prune(net, self.layer, self.unit, self.X)

    def preserves(self, net):
        """Not in general."""
        return NOT

    def worth(self, place):
        """Minus what re-enabling the neuron would bring, twice: nothing is estimated.

        (E15) as `removal_costs` has it, for one neuron, by what the others leave of it: nothing of
        one that they explain, which so costs nothing, and whether they explain one another or not.
        """
        own, root = place.a_c[:, [self.unit]], whitener(place.G)
        rest = residual(basis(np.delete(place.a_c, self.unit, axis=1)), own)
        size = float((rest**2).mean())
        if size <= CUTOFF**2 * (own**2).mean():
            return 0.0, 0.0
        n = moment(rest, place.g @ root) / size
        cost = float(((n - place.W[self.unit] @ place.G @ root) ** 2).sum() * size)
        return -cost, -cost


def neurons_worth(place, a_p):
    """(exact, bound) of neurons with activations a_p (N, k): `delta_eta`, `delta_eta_bound`."""
    exact = explained(basis(a_p, after=place.q), place.g, place.G)
    return exact, explained(basis(a_p), place.g_r, place.G)


def directions_worth(place, features, outgoing):
    """`opened_delta_eta` of directions features (N, p) times outgoing (p, n_out)."""
    if not features.any():
        return 0.0, 0.0
    exact = opened_increase(place.q, features, outgoing, place.g, place.G)
    return exact, opened_increase(None, features, outgoing, place.g_r, place.G)


@dataclass(frozen=True, eq=False)
class Change:
    """What a proposer proposes.

    Parameters
    ----------
    operation : Widen, Deepen, Split, Prune, or another with `kind`, `units`, `preserves`, `worth`
        Called with a network, gives the changed one.
    score : float
        The proposer's own, in its own units; larger is better.
    exact, bound : float, optional
        Delta eta and Delta eta' of the directions that it opens at its place, in units of the loss:
        the yardsticks that all changes share. The look fills them in.
    trail : object, optional
        How it was found, for pictures: of our searches (starts, ends), each (R, n_in + 1) or
        wider.
    gains : (B,) array, optional
        What it brings to each of B samples that were held out (E20), in units of the loss.
    """

    operation: object
    score: float
    exact: float | None = None
    bound: float | None = None
    trail: object = None
    gains: np.ndarray | None = None

    def __call__(self, net):
        """The changed network."""
        return self.operation(net)

    @property
    def kind(self):
        """ "neuron", "layer", "split" or "prune"."""
        return self.operation.kind

    @property
    def units(self):
        """How many neurons it adds; -1 for one that goes."""
        return self.operation.units

    @property
    def gain(self):
        """Mean of the gains, a float; None where none were measured."""
        return None if self.gains is None else float(self.gains.mean())

    @property
    def error(self):
        """Standard error of `gain`."""
        return None if self.gains is None else float(self.gains.std() / len(self.gains) ** 0.5)

    def measured(self, place):
        """The same with the yardsticks filled in, from the statistics of its `Place`."""
        exact, bound = self.operation.worth(place)
        return replace(self, exact=float(exact), bound=float(bound))
