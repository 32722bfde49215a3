"""The exercises as assignments in nbgrader's format, and a grader that needs no nbgrader.

    python notebooks/assignments.py                   writes build/assignments/source and release
    python notebooks/assignments.py 01 06             only these notebooks
    python notebooks/assignments.py --grade FILE      runs a submission, prints points and remarks

`source/` is the teacher's, with solutions between nbgrader's marks, `release/` the students'. Each
exercise has a cell that sets `answer_06_1`, and a locked one, worth a point, that asks `check`.
"""

import argparse
import ast
import json
import os
import re
import sys
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

from folding import is_solution, number, unfolded

HERE = Path(__file__).parent
BUILD = HERE.parent / "build" / "assignments"
TITLE = re.compile(r"### Exercise (\d+)")
BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"


def text(cell):
    """The source of a cell as one string."""
    return "".join(cell["source"])


def handed_in(code):
    """{number: expression} of the calls check(number, expression) in a piece of code."""
    calls = [node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Call)]
    return {
        call.args[0].value: ast.get_source_segment(code, call.args[1])
        for call in calls
        if isinstance(call.func, ast.Name) and call.func.id == "check" and len(call.args) == 2
    }


def code_cell(lines, name, grade):
    """A code cell with nbgrader's metadata: one that is graded is locked, any other a solution."""
    facts = {"grade": grade, "grade_id": name, "locked": grade, "schema_version": 3,
             "solution": not grade, "task": False} | ({"points": 1} if grade else {})  # fmt: skip
    return {"cell_type": "code", "execution_count": None, "id": name, "outputs": [],
            "metadata": {"nbgrader": facts}, "source": lines.splitlines(keepends=True)}  # fmt: skip


def without_outputs(cell):
    """A cell as it is before it runs."""
    return cell | ({"outputs": [], "execution_count": None} if cell["cell_type"] == "code" else {})


def assignment(notebook, name, solved):
    """A notebook (as JSON) as an assignment: with its solutions if `solved`, else without.

    Parameters
    ----------
    notebook : dict
    name : str
        Its number, such as "06" or "07b".
    solved : bool

    Raises
    ------
    ValueError
        If the solution of an exercise does not hand anything in to `check`.
    """
    cells, solutions, asked = [], [], None
    for cell in [*notebook["cells"], None]:
        if cell is not None and is_solution(cell):
            solutions.append(cell)
            continue
        if solutions:
            cells += exercise_cells(asked, solutions, solved)
            solutions = []
        if cell is not None:
            title = TITLE.search(text(cell)) if cell["cell_type"] == "markdown" else None
            asked = f"{name}.{title.group(1)}" if title else asked
            cells.append(without_outputs(cell))
    return {**notebook, "cells": cells}


def exercise_cells(number, solutions, solved):
    """The cells in the place of an exercise's solution: its answer, and what grades it."""
    code = "\n\n".join(unfolded(text(c)) for c in solutions if c["cell_type"] == "code")
    expression = handed_in(code).get(number)
    if expression is None:
        raise ValueError(f"the solution of exercise {number} does not call check({number!r}, ...).")
    variable = "answer_" + number.replace(".", "_")
    if solved:
        answer = f"{BEGIN}\n{code}\n{variable} = {expression}\n{END}"
    else:
        answer = f"{variable} = ...  # see what hint({number!r}) says, if you like"
    asked = (
        f"from sennpy.course import check\n\nverdict = check({number!r}, {variable})\n"
        "assert verdict, verdict"
    )
    identity = number.replace(".", "-")
    return [
        code_cell(answer, f"answer-{identity}", False),
        code_cell(asked, f"points-{identity}", True),
    ]


def grade(notebook):
    """[(exercise, right, remark)] of a submission, run from its first cell to its last here."""
    os.environ.setdefault("MPLBACKEND", "agg")
    namespace, found = {"__name__": "submission"}, []
    for cell in notebook["cells"]:
        if cell["cell_type"] != "code":
            continue
        facts = cell["metadata"].get("nbgrader", {})
        try:
            with redirect_stdout(StringIO()):
                exec(compile(text(cell), "<submission>", "exec"), namespace)
            remark = ""
        except Exception as error:  # whatever a student's code does, the rest is graded
            remark = str(error) or type(error).__name__
        if facts.get("grade"):
            found.append((facts["grade_id"].removeprefix("points-"), not remark, remark))
    return found


def main(argv=None):
    """Write assignments, or grade one; the exit status."""
    arguments = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    arguments.add_argument(
        "notebooks", nargs="*", help="their numbers, as 06; all if none is given"
    )
    arguments.add_argument("--grade", type=Path, metavar="FILE", help="run and grade a submission")
    given = arguments.parse_args(argv)
    if given.grade:
        results = grade(json.loads(given.grade.read_text(encoding="utf-8")))
        for exercise, right, remark in results:
            print(f"{exercise}: {'1 point' if right else '0 points. ' + remark}")
        print(f"{sum(right for _, right, _ in results)} of {len(results)} points")
        return 0
    paths = [
        p
        for p in sorted(HERE.glob("*.ipynb"))
        if not given.notebooks or number(p.stem) in given.notebooks
    ]
    for path in paths:
        notebook = json.loads(path.read_text(encoding="utf-8"))
        for folder, solved in (("source", True), ("release", False)):
            target = BUILD / folder / number(path.stem) / path.name
            target.parent.mkdir(parents=True, exist_ok=True)
            made = json.dumps(assignment(notebook, number(path.stem), solved), indent=1) + "\n"
            target.write_text(made, encoding="utf-8")
    print(f"{len(paths)} assignments in {os.path.relpath(BUILD)}/source and release")
    return 0


if __name__ == "__main__":
    sys.exit(main())
