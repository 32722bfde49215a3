"""What a network says of data, in plain NumPy: no line of it is the package's."""

import numpy as np


def outputs(net, X):
    """Outputs (N, m) of a rational network, from its arrays, in float64."""
    a = np.asarray(X, dtype=float)
    *hidden, last = [np.asarray(W, dtype=float) for W in net.weights]
    for W, k in zip(hidden, net.coefficients, strict=True):
        v, c, l = np.asarray(k, dtype=float)
        z = a @ W[:-1] + W[-1]
        a = (l * z + (c + 2 * v * z) / (1 + z * z)) / np.sqrt(v * v + c * c + l * l)
    return a @ last[:-1] + last[-1]


def accuracy(net, X, t):
    """The share of samples whose largest output is that of their label."""
    y = outputs(net, X)
    return sum(int(np.argmax(row)) == label for row, label in zip(y, t, strict=True)) / len(t)


def cross_entropy(net, X, t):
    """Mean of -log of the share that the softmax gives the label, in nats."""
    y = outputs(net, X)
    y = y - y.max(axis=1)[:, None]
    shares = np.exp(y) / np.exp(y).sum(axis=1)[:, None]
    return float(np.mean([-np.log(shares[n, label]) for n, label in enumerate(t)]))


def mean_square(net, X, t):
    """mean((y - t)^2), over samples and outputs."""
    return float(np.mean((outputs(net, X) - t) ** 2))
