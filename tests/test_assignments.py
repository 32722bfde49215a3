"""Assignments: a correct and a wrong submission get the grade they deserve."""

import importlib.util
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[1] / "notebooks"
sys.path.insert(0, str(FOLDER))
spec = importlib.util.spec_from_file_location("assignments", FOLDER / "assignments.py")
assignments = importlib.util.module_from_spec(spec)
spec.loader.exec_module(assignments)


def cell(kind, source, *tags):
    outputs = {"outputs": ["old"], "execution_count": 7} if kind == "code" else {}
    return {"cell_type": kind, "metadata": {"tags": list(tags)}, "source": source} | outputs


NOTEBOOK = {
    "cells": [
        cell("markdown", "# 06 The lower bound"),
        cell("code", "import numpy as np\nfrom sennpy.course import check"),
        cell("markdown", "### Exercise 1 (easy)\n\nBound and exact increase?"),
        cell("code", "two = 4 / 3, 2.0", "solution"),
        cell("markdown", "As on the board.", "solution"),
        cell("code", 'assert check("06.1", (*two, 2 / 3, 2.0))', "solution"),
        cell("markdown", "### Exercise 5 (open-ended)\n\nWhich?"),
        cell("code", 'check("06.5",\n      "centred")', "solution"),
        cell("markdown", "**What to remember**"),
    ]
}


def submission(**answers):
    """The students' notebook with answers, as code, filled in."""
    notebook = assignments.assignment(NOTEBOOK, "06", solved=False)
    for one in notebook["cells"]:
        name = assignments.text(one).split(" = ")[0]
        if name in answers:
            one["source"] = f"{name} = {answers[name]}"
    return notebook


def points(notebook):
    return [right for _, right, _ in assignments.grade(notebook)]


def test_the_teachers_version_gets_every_point():
    solved = assignments.assignment(NOTEBOOK, "06", solved=True)
    assert points(solved) == [True, True]
    answers = [c for c in solved["cells"] if c["metadata"].get("nbgrader", {}).get("solution")]
    assert all(
        assignments.text(c).startswith("### BEGIN SOLUTION")
        and assignments.text(c).endswith("### END SOLUTION")
        for c in answers
    )


def test_a_correct_submission_gets_every_point():
    right = submission(answer_06_1="(4 / 3, 2, 2 / 3, 2)", answer_06_5="'centred'")
    assert points(right) == [True, True]


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ({}, [False, False]),
        ({"answer_06_1": "(4 / 3, 4 / 3, 2 / 3, 2 / 3)"}, [False, False]),
        ({"answer_06_5": "'centred'"}, [False, True]),
        ({"answer_06_1": "1 / 0", "answer_06_5": "'centred'"}, [False, True]),
    ],
)
def test_a_wrong_submission_gets_what_it_deserves(answers, expected):
    assert points(submission(**answers)) == expected


def test_the_remark_says_what_is_wrong():
    wrong = submission(answer_06_1="(4 / 3, 4 / 3, 2 / 3, 2 / 3)")
    (_, _, remark), _ = assignments.grade(wrong)
    assert "the bound is given for the exact increase" in remark


def test_students_see_neither_solutions_nor_outputs():
    released = assignments.assignment(NOTEBOOK, "06", solved=False)
    told = "\n".join(assignments.text(c) for c in released["cells"])
    assert "4 / 3" not in told and "As on the board" not in told and "centred" not in told
    assert not any(c.get("outputs") or c.get("execution_count") for c in released["cells"])


def test_cells_bear_what_nbgrader_reads():
    cells = assignments.assignment(NOTEBOOK, "06", solved=True)["cells"]
    marked = [c["metadata"]["nbgrader"] for c in cells if "nbgrader" in c["metadata"]]
    assert [m["grade_id"] for m in marked] == [
        "answer-06-1", "points-06-1", "answer-06-5", "points-06-5",
    ]  # fmt: skip
    for m in marked:
        assert m["schema_version"] == 3 and m["grade"] == m["locked"] == (not m["solution"])
        assert m.get("points") == (1 if m["grade"] else None)


def test_a_solution_that_hands_nothing_in_is_named():
    silent = {"cells": [NOTEBOOK["cells"][2], NOTEBOOK["cells"][3]]}
    with pytest.raises(ValueError, match=r"exercise 06\.1 does not call check"):
        assignments.assignment(silent, "06", solved=True)
