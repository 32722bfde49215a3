"""Levenberg-Marquardt steps, with a weight decay that the data decide."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from ..curvature.fisher import KINDS, output_directions
from ..curvature.natural_gradient import chosen_solver
from ..validation import as_choice, as_count, as_number, keep_plain
from .optimiser import Measured, Optimiser, Scales, finite_loss, own
from .quadratic import DenseModel, LargeModel
from .units import in_units, out_of_units, unit_inputs

LEAST = 1e-8  # damping, in units of F's mean diagonal
START, NEW = 1.0, 1e-2  # damping at first; least damping of a network that has just grown
TRIALS = 10  # dampings that one step tries, each larger than the one before
FORETOLD = 1e-3  # share of what the model foretells by which the loss must drop
FIRST_DECAY, LARGEST_DECAY = 1e-2, 1e6
LEAST_FREE = 0.1  # share of the targets that are left to tell the noise by


class Memory(NamedTuple):
    """What the next step goes on from.

    Attributes
    ----------
    sizes : tuple of int
        Of the network.
    damping : float
        In units of F's mean diagonal.
    growth : float
        By which it is multiplied should a trial fail.
    decay : float
    steps : int
        Taken so far.
    """

    sizes: tuple
    damping: float = START
    growth: float = 2.0
    decay: float = FIRST_DECAY
    steps: int = 0


@dataclass(frozen=True)
class LevenbergMarquardt(Optimiser):
    """Natural-gradient steps whose damping follows from how well the last ones were foretold.

    They minimise loss + decay/2 ||w||^2, w being all weights and biases in units of the data (see
    `in_units`), so that units change nothing. A step is the minimum of the damped quadratic model;
    it is taken if the loss drops, else the damping grows. With decay "evidence" the decay is that
    under which the data are most likely, so that a network too large for them does not learn their
    noise: decay = s gamma / (N ||w||^2), gamma being the number of parameters that the data
    determine and s the loss's `dispersion`.

    Parameters
    ----------
    metric : "true", "euclidean", "sampled" or "empirical"
        The output metric of F, and of the scores; "true" makes F the Gauss-Newton matrix.
    solver : "auto", "dense" or "pcg"
        "auto" is dense as long as F is small. With "pcg" gamma is that of the Kronecker factors.
    decay : "evidence" or float
        At least 0.
    wait : int
        Steps before evidence has its say, from the start and from each addition, which it would
        judge before it has been trained; the decay is 0.01 at first.
    cg_iterations : int
        At most so many for solver "pcg".

    Raises
    ------
    TypeError, ValueError
        For a value out of its range, naming it.

    Notes
    -----
    Paper: (E4) and (E18). Nielsen's rule for the damping; MacKay's evidence, as Foresee and Hagan
    take it to Gauss-Newton steps.
    """

    metric: str = "true"
    solver: str = "auto"
    decay: str | float = "evidence"
    wait: int = 5
    cg_iterations: int = 30
    scales = Scales((0.0, np.inf), np.inf, 8.0, 100.0)
    descends = True

    def __post_init__(self):
        as_choice("metric", self.metric, KINDS)
        as_choice("solver", self.solver, ("auto", "dense", "pcg"))
        if isinstance(self.decay, str):
            as_choice("decay", self.decay, ("evidence",))
        else:
            as_number("decay", self.decay, at_least=0)
        as_count("wait", self.wait, at_least=0)
        as_count("cg_iterations", self.cg_iterations)
        keep_plain(self)

    def step(self, net, X, t, loss, rng, memory):
        memory = self.remembered(net, memory)
        t, shift, scale = loss.in_units(t)
        inputs, targets = unit_inputs(X), (shift, scale)
        own, X = in_units(net, inputs, targets), (X - inputs[0]) / inputs[1]
        trace = own.forward(X.astype(net.dtype, copy=False))
        value, g_y = finite_loss(loss, trace.outputs, t), loss.gradient(trace.outputs, t)
        model = self.model(trace, output_directions(trace.outputs, self.metric, loss, t, rng), g_y)
        memory = self.with_evidence(memory, model, loss, t)
        slope = model.slope(memory.decay)
        n = model.solve(slope, memory.decay, memory.damping)
        measured = Measured(*(
            float(number) * scale**2 for number in (value, slope @ n, (g_y**2).sum() / len(g_y))
        ))  # fmt: skip
        theta, memory = stepped(model, n, slope, value, loss, t, memory)
        if theta is None:
            return net, memory, measured
        return out_of_units(own.replace(theta), inputs, targets), memory, measured

    def memory_as_plain(self, memory):
        return None if own(memory, Memory) is None else memory._asdict()

    def memory_from_plain(self, plain):
        return None if plain is None else Memory(**plain)

    def remembered(self, net, memory):
        """The memory for a network: one that has grown gets damping and decay to start with."""
        if not isinstance(memory, Memory):
            decay = FIRST_DECAY if self.decay == "evidence" else float(self.decay)
            return Memory(net.sizes, decay=decay)
        if memory.sizes != net.sizes:
            return Memory(
                net.sizes, max(memory.damping, NEW),
                decay=min(memory.decay, FIRST_DECAY) if self.decay == "evidence" else memory.decay,
            )  # fmt: skip
        return memory

    def model(self, trace, u, g_y):
        """The quadratic model at a trace, for directions u (R, N, m) and gradients g_y (N, m)."""
        rows, P = len(u) * len(g_y), trace.network.num_parameters
        if chosen_solver(self.solver, max(rows, P), P) == "dense":
            return DenseModel(trace, u, g_y)
        return LargeModel(trace, u, g_y, self.cg_iterations)

    def with_evidence(self, memory, model, loss, t):
        """The memory with one more step on it, and with the decay of largest evidence."""
        counted = memory._replace(steps=memory.steps + 1)
        if self.decay != "evidence" or memory.steps < self.wait:
            return counted
        y, size = model.trace.outputs, model.penalty(model.theta, 2.0)
        gamma = model.determined(memory.decay)
        free = y.size - gamma - float((1 - model.decayed).sum())  # coefficients are determined, too
        noise = loss.dispersion(y, t, max(free, LEAST_FREE * y.size))
        decay = noise * max(gamma, LEAST) / (len(y) * size) if size > 0 else LARGEST_DECAY
        return counted._replace(decay=float(min(decay, LARGEST_DECAY)))


def stepped(model, n, slope, value, loss, t, memory):
    """Parameters (P,) at which loss and penalty are lower than `value` and the penalty, or None.

    `n` (P,) is the step at the memory's damping. Returns the memory after it, too.
    """
    net, X, decay = model.trace.network, model.trace.inputs[0][:, :-1], memory.decay
    damping, growth = memory.damping, memory.growth
    start = value + model.penalty(model.theta, decay)
    for _ in range(TRIALS):
        theta, foretold = model.theta - n, model.drop(n, slope, damping)
        with np.errstate(over="ignore", invalid="ignore"):
            now = loss.value(net.replace(theta)(X), t) + model.penalty(theta, decay)
        if foretold > 0 and start - now > FORETOLD * foretold:  # False if `now` is no number
            share = (start - now) / foretold
            damping = max(damping * max(1 / 3, 1 - (2 * share - 1) ** 3), LEAST)
            return theta, memory._replace(damping=float(damping), growth=2.0)
        damping, growth = damping * growth, 2 * growth
        n = model.solve(slope, decay, damping)
    return None, memory._replace(damping=START, growth=2.0)
