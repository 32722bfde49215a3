"""Section 9. Where the released code differs: its Langevin kernel."""

from functools import partial

import numpy as np

from ..growth.released import released_state, released_step
from .register import equal, equation, in_the_limit

entry = partial(equation, section=9)


@entry(
    "(E17)",
    "the released kernel with zero score and an N(0, 1) prior has variance 1/3, not 1",
    r"\log\frac{q(y|x)\, a(x, y)}{q(x|y)\, a(y, x)} \to -\tfrac32 (y^2 - x^2) "
    r"\quad (r \to 0), \text{ so } p \propto e^{-3 x^2 / 2}",
    implementations=(released_step,),
    notebook="07b_closed_form_and_twins",
)
def e17(case):
    r, (x, xi) = 1e-6, case.rng.standard_normal((2, 1, 1))
    keep, spread = 1 - r + r**2 / 2, np.sqrt(2 * r) * (1 - r / 2)  # of a midpoint step

    def nothing(s):
        return np.zeros(len(s)), np.zeros_like(s)

    def forward(s, noise):
        state = released_state(nothing, s)
        return released_step(nothing, state, r, 1.0, noise, np.array([-np.inf]))

    y, there = forward(x, xi)
    _, back = forward(y.position, (x - keep * y.position) / spread)
    y = y.position
    ratio = np.log(there / back) + ((x - keep * y) ** 2 - (y - keep * x) ** 2)[0] / spread**2 / 2
    return [
        equal("the proposal", y, keep * x + spread * xi, 1.0),
        in_the_limit("log of the ratio of flows", ratio, -1.5 * (y**2 - x**2)[0], np.sqrt(r),
                     1e-3),
    ]  # fmt: skip
