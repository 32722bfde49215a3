"""How fast conjugate gradients solve for a step: what is left after so many products with F."""

import numpy as np

from ..curvature.fisher import fisher_product, output_directions
from ..curvature.natural_gradient import Damping, solve
from ..curvature.preconditioner import preconditioner
from ..datasets import digits as scanned
from ..experiments import digits
from ..nn.losses import SoftmaxCrossEntropy
from .problems import data_for

DAMPING = Damping(0.1)
PRODUCTS = (1, 2, 3, 5, 7, 10, 15, 20, 30, 50, 70, 100)


class Step:
    """One damped natural-gradient step to be solved for, with Kronecker factors at hand."""

    def __init__(self, net, X, t, loss):
        self.net, self.trace = net, net.forward(X)
        self.u = output_directions(self.trace.outputs)
        self.gradient = net.vjp(self.trace, loss.gradient(self.trace.outputs, t)) / len(X)
        self.kept = preconditioner(self.trace, self.u, DAMPING.amount(self.trace, self.u))
        self.exact = net.astype(np.float64), X.astype(np.float64)

    def solve(self, solver, steps):
        """The `NaturalStep` after so many steps of solver "cg" or "pcg"."""
        return solve(
            self.trace, self.u, self.gradient, solver, DAMPING, steps, 0.0,
            precondition=self.kept if solver == "pcg" else None,
        )  # fmt: skip

    def residual(self, found):
        """||(F + d I) n - g|| / ||g|| by a product in float64: the one that CG updates drifts."""
        net, X = self.exact
        trace, n = net.forward(X), found.direction.astype(np.float64)
        u, g = output_directions(trace.outputs), self.gradient.astype(np.float64)
        left = fisher_product(trace, u, n) + found.damping * n - g
        return float(np.sqrt(left @ left / (g @ g)))


def problems():
    """name: Step, on random data and on scanned digits at the end of a training."""
    sizes, N = (784, 128, 10), 1024
    yield f"random, {N} x 784-128-10", Step(*data_for(sizes, N))
    run, data = digits.run(digits.PRESETS["default"]), scanned(0)
    name = f"digits, trained, {len(data.X)} x {'-'.join(map(str, run.network.sizes))}"
    yield name, Step(run.network, data.X, data.t, SoftmaxCrossEntropy())


def residuals(tell=print):
    """What is left after so many products with F, with and without the Kronecker factors.

    Returns
    -------
    dict
        Problem: {"products": list of int, "cg": residuals, "pcg": residuals}.
    """
    curves = {}
    for name, step in problems():
        curves[name] = {"products": list(PRODUCTS)}
        for solver in ("cg", "pcg"):
            left = [step.residual(step.solve(solver, steps)) for steps in PRODUCTS]
            curves[name][solver] = left
            some = ", ".join(f"{left[PRODUCTS.index(k)]:.1e} after {k}" for k in (3, 20, 100))
            tell(f"{name}, {solver}: {some}")
    return curves
