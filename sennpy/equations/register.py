"""What an entry of the register is: a labelled equation, and a check of its two sides."""

import inspect
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from .draws import random_case
from .follows import FOLLOWS_FROM
from .results import evaluate

REGISTER = {}  # label to Equation, in the order of the paper
ROOT = Path(__file__).parents[1]
DRAWS = 20  # random cases that a notebook shows an entry on


@dataclass(frozen=True, eq=False)
class Sides:
    """Both sides of a statement on one case.

    Attributes
    ----------
    what : str
        What is compared.
    relation : "=", "<=", "invariant" or "in the limit"
    left, right : array
        By different routes; `left` calls the package, if only one of them does.
    scale : float
        What differences are relative to; positive.
    tolerance : float
        Largest relative error that rounding excuses.
    """

    what: str
    relation: str
    left: np.ndarray
    right: np.ndarray
    scale: float
    tolerance: float

    @property
    def excess(self):
        """Relative error; for "<=" by how much left exceeds right, so that slack is negative."""
        difference = self.left - self.right
        if self.relation != "<=":
            difference = np.abs(difference)
        worst = float(np.max(difference / self.scale)) if difference.size else 0.0
        return worst if not np.isnan(worst) else np.inf

    @property
    def ok(self):
        """Whether the relation holds."""
        return self.excess <= self.tolerance

    @property
    def worst(self):
        """The pair of numbers that is furthest off."""
        difference = self.left - self.right
        if self.relation != "<=":
            difference = np.abs(difference)
        index = np.unravel_index(np.argmax(difference), difference.shape)
        return float(self.left[index]), float(self.right[index])


def compare(relation, what, left, right, scale=None, tolerance=1e-9):
    """`Sides` of arrays or numbers that must have the same shape, "<=" aside, which broadcasts."""
    left, right = np.asarray(left, dtype=float), np.asarray(right, dtype=float)
    if relation == "<=":
        left, right = np.broadcast_arrays(left, right)
    if left.shape != right.shape:
        raise ValueError(f"{what}: left has shape {left.shape}, right {right.shape}.")
    if scale is None:
        scale = np.abs(right).max(initial=0)
    return Sides(what, relation, left, right, abs(float(scale)) or 1.0, float(tolerance))


equal = partial(compare, "=")
at_most = partial(compare, "<=")
invariant = partial(compare, "invariant")
in_the_limit = partial(compare, "in the limit")


@dataclass(frozen=True, eq=False)
class Equation:
    """An entry of the register.

    Attributes
    ----------
    label : str
    statement : str
        One line.
    latex : str
    section : int
    implementations : tuple
        The functions and classes that compute it; their docstrings cite the label.
    notebook : str
        The one that derives it.
    check : callable
        From a `Case` to a list of `Sides`.
    """

    label: str
    statement: str
    latex: str
    section: int
    implementations: tuple
    notebook: str
    check: object

    @property
    def names(self):
        """The names of the implementations."""
        return [thing.__name__ for thing in self.implementations]

    @property
    def follows_from(self):
        """The labels that its derivation uses."""
        return FOLLOWS_FROM[self.label]

    @property
    def places(self):
        """File and line of each implementation, and of the check."""
        return [place(thing) for thing in (*self.implementations, self.check)]

    def _repr_markdown_(self):
        rng = np.random.default_rng(0)
        (result,) = evaluate([self], (random_case(rng) for _ in range(DRAWS)))
        return result._repr_markdown_()


def equation(label, statement, latex, *, section, implementations, notebook):
    """Enter the check below into the register."""

    def enter(check):
        REGISTER[label] = Equation(
            label, statement, latex, section, implementations, notebook, check
        )
        return check

    return enter


def place(thing):
    """`file:line` of a function or class, the file as seen from the package's folder."""
    line = inspect.getsourcelines(thing)[1]
    return f"{Path(inspect.getsourcefile(thing)).relative_to(ROOT.parent).as_posix()}:{line}"
