"""Places where a network could grow, for the tests of what is searched for there."""

import numpy as np

from sennpy.growth.place import View
from sennpy.nn.activations import Rational
from sennpy.nn.losses import SquaredError
from sennpy.nn.mlp import MLP


def statistics(kind, place, sizes, activation=Rational(), N=30, seed=0):
    """Statistics at a place of a random network with random targets, and a generator."""
    rng = np.random.default_rng(seed)
    net, X = MLP.random(sizes, activation, rng), rng.standard_normal((N, sizes[0]))
    return at(net, X, rng.standard_normal((N, sizes[-1])), kind, place)


def regression(X, t, seed=0):
    """Statistics for neurons in the hidden layer of a random network with one of them."""
    return at(MLP.random((X.shape[1], 1, t.shape[1]), rng=seed), X, t, "neuron", 0)


def at(net, X, t, kind, place, proposer=None):
    """A place, Euclidean metric and squared error, as a proposer sees it if one is given."""
    found = View.of(net, X, t, SquaredError()).place(kind, place)
    return found if proposer is None else proposer.sees(found)
