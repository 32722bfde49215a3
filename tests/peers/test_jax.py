"""The network in jax, on our own flat vector: no order of parameters is to be turned.

Derivatives are jax's, the losses are written out with our conventions: 1/2 ||y - t||^2 and
-log softmax(y)_t a sample, the mean over samples.
"""

import jax
import jax.numpy as jnp
import pytest
from agreement import Row
from cases import CASES

from sennpy import Rational, ReLU
from sennpy.equations.case import Problem
from sennpy.equations.strain import hessian

SOME = CASES[6:12]  # two hidden layers, every activation and loss: each is compiled anew
OWN = "none: our order and our conventions, written in jax"


def outputs(theta, case):
    """y (N, m) at the flat parameters theta (P,)."""
    a, start = jnp.asarray(case.X), 0

    def take(rows, columns):
        nonlocal start
        start += rows * columns
        return theta[start - rows * columns : start].reshape(rows, columns)

    for l, (n, n_out) in enumerate(zip(case.net.sizes, case.net.sizes[1:], strict=False)):
        W = take(n + 1, n_out)
        z = a @ W[:n] + W[n]
        if l == len(case.net.sizes) - 2:
            return z
        if isinstance(case.net.activation, Rational):
            v, c, l_ = take(3, n_out)
            a = (l_ * z + (c + 2 * v * z) / (1 + z * z)) / jnp.sqrt(v**2 + c**2 + l_**2)
        else:
            a = jax.nn.relu(z) if isinstance(case.net.activation, ReLU) else jnp.tanh(z)


def loss(theta, case):
    """The mean loss."""
    y = outputs(theta, case)
    if case.squared:
        return ((y - case.t) ** 2).sum() / 2 / len(y)
    return -jax.nn.log_softmax(y)[jnp.arange(len(y)), case.t].mean()


def wanted(quantity, ours, theirs, tolerance=1e-12):
    return Row("jax", quantity, ours, theirs, OWN, tolerance)


OUTPUTS = wanted("outputs y", "net(X)", "jax.numpy")
VALUE = wanted("loss", "loss.value", "jax.numpy")
GRADIENT = wanted("gradient", "net.vjp", "jax.grad")
JACOBIAN = wanted("Jacobian", "net.jacobian", "jax.jacfwd")
JVP = wanted("J v", "net.jvp", "jax.jvp")
HESSIAN = wanted("Hessian of the loss", "equations.strain.hessian", "jax.hessian", 1e-11)


@pytest.mark.parametrize("case", SOME, ids=str)
def test_network(case):
    theta = jnp.asarray(case.net.parameters)
    OUTPUTS.agrees(case.trace.outputs, outputs(theta, case))
    VALUE.agrees(float(case.loss.value(case.trace.outputs, case.t)), loss(theta, case))
    GRADIENT.agrees(case.gradient, jax.jit(jax.grad(lambda p: loss(p, case)))(theta))
    J = jax.jit(jax.jacfwd(lambda p: outputs(p, case)))(theta)
    JACOBIAN.agrees(case.net.jacobian(case.trace), J)
    v = jnp.asarray(case.gradient)
    _, Jv = jax.jvp(lambda p: outputs(p, case), (theta,), (v,))
    JVP.agrees(case.net.jvp(case.trace, case.gradient), Jv)
    H = hessian(Problem(case.net, case.X, case.t, case.loss))
    HESSIAN.agrees(H, jax.jit(jax.hessian(lambda p: loss(p, case)))(theta))
