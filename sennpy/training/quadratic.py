"""The quadratic model of a loss with weight decay at a network, by F or by products with it.

q(step) = -g^T step + 1/2 step^T (F + decay D) step for theta - step, with D = 1 for weights and
biases and 0 for the coefficients of activations, of which the function sees only the direction.
"""

import numpy as np

from ..curvature.fisher import fisher_matrix, fisher_product, fisher_trace, output_directions
from ..curvature.preconditioner import preconditioner
from ..curvature.solvers import conjugate_gradient, solve_damped
from ..nn.shapes import flattened

TOLERANCE = 1e-3  # of conjugate gradients, relative: a step that is damped need not be exact
SATURATED = 1e-4  # of F for the euclidean metric: where a softmax is sure, its own says nothing
ROUNDING = 1e-8  # damping, in units of F's mean diagonal, of what has no other


class Quadratic:
    """What both models share.

    Attributes
    ----------
    theta : (P,) array
    decayed : (P,) array
        1 where a parameter decays, else 0: the diagonal of D.
    gradient : (P,) array
        Of the loss alone.
    unit : float
        F's mean diagonal, in which damping is measured.
    """

    def __init__(self, trace, u, g_y):
        net = trace.network
        self.trace, self.u, self.theta = trace, u, net.parameters
        ones = [np.ones_like(W) for W in net.weights], [np.zeros_like(k) for k in net.coefficients]
        self.decayed = flattened(*ones)
        self.gradient = net.vjp(trace, g_y) / len(g_y)
        euclidean = fisher_trace(trace, output_directions(trace.outputs))
        total = max(float(fisher_trace(trace, u)), SATURATED * float(euclidean))
        self.unit = total / len(self.theta) if total > 0 else 1.0

    def penalty(self, theta, decay):
        """decay/2 ||D theta||^2, a float."""
        return decay / 2 * float(self.decayed @ theta**2)

    def slope(self, decay):
        """Gradient of loss and penalty, (P,)."""
        return self.gradient + decay * self.decayed * self.theta

    def drop(self, step, slope, damping):
        """What the model foretells of a step that solves for `slope` at a damping, a float."""
        return 0.5 * float(slope @ step + damping * self.unit * (step @ step))


class DenseModel(Quadratic):
    """With F (P, P) itself."""

    def __init__(self, trace, u, g_y):
        super().__init__(trace, u, g_y)
        self.F = fisher_matrix(trace, u)

    def solve(self, b, decay, damping):
        """(F + decay D + damping unit I)^{-1} b, (P,)."""
        return solve_damped(self.F + decay * np.diag(self.decayed), b, damping * self.unit)

    def determined(self, decay):
        """gamma = Tr[D - decay D (F + decay D)^{-1}], of weights and biases; a float."""
        damped = self.F + np.diag(decay * self.decayed + ROUNDING * self.unit)
        idle = decay * np.linalg.inv(damped).diagonal()
        return float(self.decayed @ (1 - idle))


class LargeModel(Quadratic):
    """With products F v, and Kronecker factors as preconditioner."""

    def __init__(self, trace, u, g_y, iterations):
        super().__init__(trace, u, g_y)
        self.iterations = iterations

    def solve(self, b, decay, damping):
        """As `DenseModel.solve`, by conjugate gradients."""
        net, d = self.trace.network, damping * self.unit
        rough = preconditioner(self.trace, self.u, decay + d)
        shift = decay * self.decayed + d
        solution, _, _ = conjugate_gradient(
            lambda v: fisher_product(self.trace, self.u, v) + shift * v,
            b, d, self.iterations, TOLERANCE, lambda v: rough(net, v),
        )  # fmt: skip
        return solution

    def determined(self, decay):
        """As `DenseModel.determined`, with A (x) G for the blocks of F."""
        layers = preconditioner(self.trace, self.u, decay + ROUNDING * self.unit).layers
        return sum(float((1 - decay / eigenvalues).sum()) for _, _, eigenvalues in layers)
