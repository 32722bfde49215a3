"""An exercise of the course as `check` knows it: what it asks for, its answer, its mistakes."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.linalg import LinAlgError

from .answer import ORDINALS, Answer, agree, as_given, slip


class Mistake(NamedTuple):
    """A classic mistake, which its number gives away.

    Parameters
    ----------
    value : callable
        Without arguments; what the mistake leads to, of the kind of the answer.
    text : str
        What was done, without what should be.
    """

    value: Callable
    text: str


@dataclass(frozen=True)
class Exercise:
    """What `check` and `hint` know of an exercise.

    Parameters
    ----------
    number : str
        Such as "06.3".
    asks : str
        What an answer consists of: quantities, shapes and order, for a message.
    hints : tuple of two str
        Where to look; what to do.
    answer : callable, optional
        Without arguments: a number, str, bool or array, or a tuple of such.
    mistakes : tuple of Mistake
    judge : callable, optional
        Takes a value and returns "" if it is right, else what is wrong: for exercises with many
        right answers. Exactly one of `answer` and `judge` is given.
    samples : int, optional
        N, where a mean may be taken for a sum.
    rtol : float
        Relative to the answer's largest entry: 5e-3 for what is read off with three digits.
    """

    number: str
    asks: str
    hints: tuple
    answer: Callable | None = None
    mistakes: tuple = ()
    judge: Callable | None = None
    samples: int | None = None
    rtol: float = 5e-3

    def __post_init__(self):
        if (self.answer is None) == (self.judge is None):
            raise TypeError(f"exercise {self.number} needs either an answer or a judge.")
        if len(self.hints) != 2:
            raise ValueError(f"exercise {self.number} has {len(self.hints)} hints, expected two.")

    def judged(self, value):
        """The `Answer` to a value."""
        wrong = self.fault(value)
        return Answer(not wrong, f"{self.number}: {wrong or 'right'}.")

    def fault(self, value):
        """What is wrong with a value; empty if it is right."""
        if self.judge is not None:
            try:
                return self.judge(value)
            except (TypeError, ValueError, LookupError, AttributeError, LinAlgError) as error:
                return f"asked for is {self.asks}; what was given cannot be judged ({error})"
        answer = self.answer()
        if same(value, answer, self.rtol):
            return ""
        for mistake in self.mistakes:
            if same(value, mistake.value(), self.rtol):
                return mistake.text
        return self.unlike(value, answer)

    def unlike(self, value, answer):
        """What is wrong with a value that is no known mistake as a whole: its shape, or a part."""
        if not isinstance(answer, tuple):
            return self.part(value, answer)
        if not isinstance(value, (tuple, list, np.ndarray)) or len(value) != len(answer):
            return f"asked for are {len(answer)} values: {self.asks}"
        faults = [
            f"the {ORDINALS[i]} of {len(answer)} values: {self.part(given, right)}"
            for i, (given, right) in enumerate(zip(value, answer, strict=True))
            if not agree(given, right, self.rtol)
        ]
        return "; ".join(faults)

    def part(self, value, answer):
        """What is wrong with one value."""
        if isinstance(answer, (str, bool)):
            return f"not so; asked for is {self.asks}"
        array = as_given(value)
        if array.dtype.kind not in "biuf":
            return f"{type(value).__name__} was given; asked for is {self.asks}"
        text = slip(array, answer, self.samples, self.rtol)
        return text or f"not yet, and none of the usual slips; asked for is {self.asks}"


def same(value, answer, rtol):
    """Whether a value is an answer, part by part where that is a tuple."""
    if not isinstance(answer, tuple):
        return agree(value, answer, rtol)
    if not isinstance(value, (tuple, list, np.ndarray)) or len(value) != len(answer):
        return False
    return all(agree(*pair, rtol) for pair in zip(value, answer, strict=True))
