"""Writes the syllabus: twelve weeks of one lecture and one lab, with times.

    python notebooks/syllabus.py    writes syllabus.md

What is decided here are the weeks and the minutes of each lesson; titles, exercises, labels and run
times are read from the notebooks' sources, functions from micro.py. A test keeps them in step.
"""

import re
from typing import NamedTuple

from teaching import HERE, MADE, PLACES, address, lesson, title

LECTURE = LAB = 90
QUIZ = 5  # at the beginning of each lecture
GRADES = {"easy": 10, "medium": 20}  # minutes of an exercise; the others are for home
READING, HUNT, SETTING_UP = 10, 20, 30
MINUTES = {  # of each lesson of a notebook, in a lecture
    "00": (20, 10, 20, 15, 15, 5),
    "01": (10, 10, 15, 10, 20, 15, 5),
    "02": (15, 15, 20, 15, 10, 5, 5),
    "03": (15, 20, 15, 10, 15, 10),
    "04": (10, 15, 10, 15, 10, 10, 15),
    "05": (5, 10, 15, 15, 10, 10, 10, 10),
    "06": (10, 5, 10, 10, 15, 10, 5, 5, 10, 5),
    "07": (5, 10, 15, 20, 5),
    "07b": (10, 10, 5, 5),
    "08": (10, 15, 20, 10, 15, 5, 5, 5, 15, 10, 15, 5),
    "09": (5, 5, 5, 5, 5, 5),
    "10": (5, 5, 5, 5, 5),
    "11": (5, 5, 5, 5, 5, 5),
    "12": (5, 10, 10, 5, 10, 10, 5),
    "13": (5, 5, 5, 5, 5, 5),
    "14": (5, 5, 5, 5, 5, 5, 5, 5),
}


class Week(NamedTuple):
    """A week: its name, its lessons "03.2" to "03.6", exercises for the lab and to hand in."""

    name: str
    lessons: tuple
    exercises: tuple
    hand_in: tuple
    hunt: str = ""


WEEKS = (
    Week("A network that grows", (("00", 1, 6),), ("00.1", "00.2"), ("00.3",)),
    Week("Derivatives by hand", (("01", 1, 7),), ("01.1", "01.2", "01.3"), ("01.3", "01.4")),
    Week("The Fisher matrix", (("02", 1, 7),), ("02.1", "02.2", "02.3"), ("02.3", "02.4"), "easy"),
    Week("The score", (("03", 1, 6),), ("03.1", "03.2", "03.3"), ("03.3", "03.4")),
    Week("How to add", (("04", 1, 7),), ("04.1", "04.2", "04.3"), ("04.3", "04.4")),
    Week("Kronecker factors", (("05", 1, 8),), ("05.1", "05.2", "05.3", "05.4"),
         ("05.4", "05.5"), "hard"),
    Week("The lower bound", (("06", 1, 10),), ("06.1", "06.2", "06.3", "06.4"),
         ("06.4", "06.5"), "medium"),
    Week("Searching", (("07", 1, 5), ("07b", 1, 4)), ("07.1", "07.2", "07b.1", "07b.2"),
         ("07.3", "07b.3")),
    Week("When to add, and how many", (("08", 1, 8),), ("08.1", "08.2", "08.3", "08.4"),
         ("08.4", "08.7")),
    Week("What is real", (("08", 9, 12), ("14", 1, 8)),
         ("08.5", "08.6", "14.1", "14.2", "14.3"), ("14.3", "14.4")),
    Week("The paper's experiments", (("09", 1, 6), ("10", 1, 5), ("11", 1, 6)),
         ("09.1", "09.2", "10.1", "10.2", "11.1", "11.2"), ("09.3", "10.3")),
    Week("What grows best, and a criterion of your own", (("12", 1, 7), ("13", 1, 6)),
         ("12.1", "12.2", "12.3", "13.1", "13.2"), ("12.4", "13.3", "13.4")),
)  # fmt: skip


def source(notebook):
    """The text of a notebook's source, by its number."""
    (path,) = (HERE / "source").glob(f"{notebook}_*.py")
    return path.read_text(encoding="utf-8")


def count(notebook):
    """Number of lessons of a notebook."""
    return len(re.findall(r"^# ## \d+\. ", source(notebook), re.M))


def exercises(notebook):
    """Number to grade of a notebook's exercises: {"03.1": "easy"}."""
    found = re.findall(r"^# ### Exercise (\d+) \(([^)]+)\)", source(notebook), re.M)
    return {f"{notebook}.{number}": grade for number, grade in found}


def told(notebook, what):
    """What the header of a notebook says of its "Labels" or "Run time"."""
    text = re.sub(r"\n#  +", " ", source(notebook))
    return re.search(rf"^# - \*\*{what}:\*\* (.*)$", text, re.M)[1]


def lecture(week):
    """(minutes, what) of the lecture of a week."""
    rows = [(QUIZ, "what the course is, and how it is checked" if week is WEEKS[0]
             else "[the quiz](quiz.md) of the week before")]  # fmt: skip
    for notebook, first, last in week.lessons:
        if len(MINUTES[notebook]) != count(notebook):
            counts = f"{count(notebook)} lessons, MINUTES {len(MINUTES[notebook])}"
            raise ValueError(f"notebook {notebook} has {counts}.")
        for at in range(first, last + 1):
            name, heading = lesson(f"{notebook}.{at}")
            link = f"[{notebook}, {heading}]({address(name, heading)})"
            rows.append((MINUTES[notebook][at - 1], link))
    return rows


def taught(week):
    """Functions of micro.py that are derived first in a week's lessons."""
    lessons = {
        f"{notebook}.{at}"
        for notebook, first, last in week.lessons
        for at in range(first, last + 1)
    }
    return [function for function, (_, first, *_) in PLACES.items() if first in lessons]


def lab(week):
    """(minutes, what) of the lab of a week."""
    rows = (
        [(SETTING_UP, "`make lab`, `make exercises`, a first `check`")] if week is WEEKS[0] else []
    )
    if taught(week):
        names = ", ".join(f"`{name}`" for name in taught(week))
        rows.append((READING, f"[reading micro.py](reading_micro.md): {names}"))
    for number in week.exercises:
        grade = exercises(number.partition(".")[0])[number]
        rows.append((GRADES[grade], f"exercise {number} ({grade})"))
    if week.hunt:
        rows.append((HUNT, f"[find the bug](find_the_bug.md): {week.hunt}"))
    left = LAB - sum(minutes for minutes, _ in rows)
    if left < 0:
        raise ValueError(f"the lab of {week.name!r} takes {LAB - left} minutes.")
    return [*rows, (left, "to finish, and for questions")] if left else rows


def table(heading, rows):
    """A table of minutes."""
    lines = ["", f"| minutes | {heading} |", "|---:|---|"]
    return [*lines, *(f"| {minutes} | {what} |" for minutes, what in rows)]


def syllabus():
    """The page."""
    number = sum(len(exercises(notebook)) for notebook in MINUTES)
    lessons = sum(map(count, MINUTES))
    lines = [
        "# Twelve weeks", "", MADE.replace("teaching", "syllabus"),
        f"A plan for a course of one lecture and one lab a week, {LECTURE} minutes each: "
        f"{len(MINUTES)} notebooks, {lessons} lessons, {number} exercises. In the lecture the "
        "notebook is run, cell by cell; each \"Break it\" is a question to the room before the "
        "cell is run. In the lab students work in the blank notebooks (`make exercises`), ask "
        "`sennpy.course` for hints, and check their answers there; `make assignments` makes what "
        "is graded by itself. Open-ended exercises are for home: they have no single answer, and "
        "half of what is handed in is the reason why.",
        "",
        "| week | | notebooks | labels | they run for | hand in |",
        "|---:|---|---|---|---|---|",
    ]  # fmt: skip
    for i, week in enumerate(WEEKS, start=1):
        names = [notebook for notebook, *_ in week.lessons]
        cells = [
            str(i), week.name,
            ", ".join(f"[{name}]({lesson(f'{name}.1')[0]}.ipynb)" for name in names),
            "; ".join(told(name, "Labels") for name in names),
            "; ".join(told(name, "Run time") for name in names),
            ", ".join(week.hand_in),
        ]  # fmt: skip
        lines.append(f"| {' | '.join(cells)} |")
    for i, week in enumerate(WEEKS, start=1):
        lines += ["", f"## Week {i}: {week.name}"]
        lines += [*table("lecture", lecture(week)), *table("lab", lab(week))]
        grades = [f"{one} ({exercises(one.partition('.')[0])[one]})" for one in week.hand_in]
        last_two = " and ".join(grades[-2:])
        lines += ["", f"Hand in: exercise {', '.join([*grades[:-2], last_two])}."]
    first, _ = lesson("00.1")
    lines += [
        "", "## Before the first week", "",
        f"`make lab` on every machine, and [{title(first)}]({first}.ipynb) run once, so that "
        "kernels are compiled. [The cheat sheet](cheat_sheet.md) and "
        "[the symbols](symbols.md) printed, a copy each. `make slides` makes "
        "slides of all notebooks, `make pdf` the whole course as one file.",
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def main():
    """Write it."""
    (HERE / "syllabus.md").write_text(syllabus(), encoding="utf-8")
    print("written: syllabus.md")


if __name__ == "__main__":
    main()
