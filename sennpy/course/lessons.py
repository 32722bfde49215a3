"""Where the exercises stand: a file a notebook, read when one of its exercises is asked for."""

from importlib import import_module
from pathlib import Path

HERE = Path(__file__).parent


def notebooks():
    """The two digits of each notebook that has exercises, in order."""
    return sorted(file.stem.removeprefix("lesson_") for file in HERE.glob("lesson_*.py"))


def exercises(notebook):
    """The exercises of a notebook, in order: a tuple of `Exercise`."""
    return import_module(f".lesson_{notebook}", __package__).EXERCISES


def numbers():
    """The numbers of all exercises, in order: a list of str."""
    return [one.number for notebook in notebooks() for one in exercises(notebook)]


def exercise(number):
    """The exercise of a number such as "06.3"; ValueError, naming those there are, otherwise."""
    known = notebooks()
    notebook = number.split(".")[0] if isinstance(number, str) else None
    if notebook not in known:
        raise ValueError(
            f"there is no exercise {number!r}: give the notebook, {known[0]} to {known[-1]}, and "
            f"the exercise, as in '{known[0]}.1'."
        )
    found = {one.number: one for one in exercises(notebook)}
    if number not in found:
        raise ValueError(f"there is no exercise {number!r}; notebook {notebook} has {list(found)}.")
    return found[number]
