"""The register: every labelled equation as something to run, both of its sides, and their error.

A file a section: `how_to_add`, `where_to_add`, `what_to_add`, `when_to_add`, `when_to_remove`,
`differences`; and ours, `when_it_is_real`. Each check computes one side with the package and the
other by hand (`by_hand`).

    from sennpy import equations
    equations.REGISTER["Theorem 3.2"]     # in a notebook: its formula, and both sides
    print(equations.run())                # all of them, on random cases
    print(equations.check(net, X, t, loss))
"""

# isort: off
from . import how_to_add, where_to_add, what_to_add, when_to_add, when_to_remove, differences  # noqa: F401
from . import when_it_is_real  # noqa: F401

# isort: on
from .case import Case, DoesNotApply, Problem, RoundingDecides
from .draws import random_case
from .own import check
from .register import REGISTER, Equation, Sides
from .results import Result
from .run import Report, find, run
from .strain import Strain

__all__ = [
    "REGISTER",
    "Case",
    "DoesNotApply",
    "Equation",
    "Problem",
    "Report",
    "Result",
    "RoundingDecides",
    "Sides",
    "Strain",
    "check",
    "find",
    "random_case",
    "run",
]
