"""Check your own answers to the exercises of the course, or ask for a hint.

    from sennpy.course import check, hint

    check("06.1", [4 / 3, 2])    right, or what is wrong with it
    hint("06.1")                 where to look; once more: what to do

A number is that of a notebook and of an exercise in it. What an answer consists of stands in the
exercise, and is said by `check` where it is given something else. Neither tells the solution.
"""

from .answer import Answer
from .exercise import Exercise, Mistake
from .lessons import exercise, numbers

__all__ = ["check", "hint", "numbers", "exercise", "Answer", "Exercise", "Mistake"]

_asked = {}


def check(number, value):
    """Whether a value answers an exercise, and if not, what is wrong with it.

    Parameters
    ----------
    number : str
        Such as "06.3": notebook 06, exercise 3.
    value : number, str, bool, array, or a list of such
        What the exercise asks for.

    Returns
    -------
    Answer
        True where the value is right; shown as a sentence.

    Raises
    ------
    ValueError
        If there is no such exercise, naming those of the notebook.
    """
    return exercise(number).judged(value)


def hint(number):
    """A hint for an exercise: first where to look, when asked again what to do; never the solution.

    Parameters
    ----------
    number : str
        As for `check`.

    Returns
    -------
    Answer
        Shown as the hint.

    Raises
    ------
    ValueError
        If there is no such exercise.
    """
    hints = exercise(number).hints
    given = _asked.get(number, 0)
    _asked[number] = min(given + 1, len(hints) - 1)
    return Answer(True, f"Hint {given + 1} of {len(hints)}: {hints[given]}")
