"""The landscape of the score for one input: what a neuron would bring, wherever it is."""

import numpy as np

from ..nn.losses import SquaredError
from .compiled import profiled_neuron_objective
from .place import View


def landscape(net, X, t, locations, scales, loss=SquaredError()):
    """What one more neuron next to one input would add, over where and how wide it is.

    Parameters
    ----------
    net : MLP
        One input, at least one hidden layer.
    X : (N, 1) array
    t : array
        Targets, as the loss takes them.
    locations : (L,) array
        -bias / weight.
    scales : (S,) array
        1 / weight.
    loss : Loss

    Returns
    -------
    (S, L) array
        Delta eta' / eta_c at hidden layer 0, with the best coefficients.

    Notes
    -----
    Paper: Theorem 3.2, (E12).
    """
    place = View.of(net, X, t, loss).place("neuron", 0)
    objective = profiled_neuron_objective(place)
    scale, location = (grid.ravel() for grid in np.meshgrid(scales, locations, indexing="ij"))
    weights = np.stack([1 / scale, -location / scale])
    theta = np.linalg.solve(objective.inputs.to_weights, weights)
    scores, _ = objective.evaluate(theta.T)
    return scores.reshape(len(scales), len(locations)) / place.eta
