"""Random networks with random data, for timings whose numbers do not matter."""

import numpy as np

from ..nn.losses import SoftmaxCrossEntropy, SquaredError
from ..nn.mlp import MLP


def data_for(sizes, N, dtype=np.float64, seed=0):
    """A random network with random data: net, X, t and the loss (softmax for several outputs)."""
    rng = np.random.default_rng(seed)
    net, X = MLP.random(sizes, rng=rng).astype(dtype), rng.standard_normal((N, sizes[0]))
    if sizes[-1] == 1:
        return net, X.astype(dtype), rng.standard_normal((N, 1)), SquaredError()
    return net, X.astype(dtype), rng.integers(0, sizes[-1], N), SoftmaxCrossEntropy()
