"""Section 2. How to add: without changing the function."""

from functools import partial

import numpy as np

from ..expansion.grow import deepen, widen
from ..nn.activations import Rational
from . import by_hand
from .register import equal, equation

entry = partial(equation, section=2)
outputs_by_hand = "outputs after = outputs before, by the formulas of the paper"


@entry(
    "(E1)",
    "new neurons with zero outgoing weights leave the function as it is",
    r"(0 + W_{i+1}) \circ (\sigma_p + \sigma_i) \circ (W_p + W_i) "
    r"= W_{i+1} \circ \sigma_i \circ W_i",
    implementations=(widen,),
    notebook="04_how_to_add",
)
def e1(case):
    case.needs_neurons()
    p = case.problem
    wider = widen(p.net, case.place, case.weights, case.coefficients)
    return [equal(outputs_by_hand, wider(p.X), p.outputs(p.net.parameters), tolerance=1e-11)]


@entry(
    "(E2)",
    "a layer that starts as the identity, undone by the next, leaves the function as it is",
    r"(W_i W_q^{-1}) \circ (\sigma_q = \mathrm{id}) \circ W_q = W_i",
    implementations=(deepen,),
    notebook="04_how_to_add",
)
def e2(case):
    case.needs_rational("the identity")
    p = case.problem
    deeper = deepen(p.net, case.place, case.square)
    return [equal(outputs_by_hand, deeper(p.X), p.outputs(p.net.parameters), tolerance=1e-9)]


@entry(
    "(E3)",
    "the rational activation, its slope, and its coefficients at which it is the identity",
    r"\sigma(x) = \alpha x + \frac{\beta + \gamma x}{1 + x^2}, \qquad "
    r"\sigma = \mathrm{id} \text{ at } (\alpha, \beta, \gamma) = (1, 0, 0)",
    implementations=(Rational,),
    notebook="04_how_to_add",
)
def e3(case):
    case.needs_rational("rational")
    sigma, k = case.problem.net.activation, case.coefficients
    z = case.problem.trace.inputs[case.place] @ case.weights
    slope = np.imag(by_hand.rational(z + 1j * by_hand.STEP, *k)) / by_hand.STEP
    same = {"scale": 1 + np.abs(z).max(), "tolerance": 1e-12}  # its terms may cancel
    return [
        equal("sigma(z) = the formula", sigma(z, k), by_hand.rational(z, *k), **same),
        equal("d sigma/dz = its complex step", sigma.slope(z, k), slope, **same),
        equal("identity", sigma(z, sigma.identity_coefficients(z.shape[1])), z, tolerance=0),
    ]
