"""Assignments: a correct and a wrong submission get the grade they deserve."""

import importlib.util
import json
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
        cell("markdown", "### Exercise 4 (medium)\n\nWhich?"),
        cell("code", 'check("06.4",\n      ([1, -1], [1, -1], 1, 1))', "solution"),
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
    right = submission(answer_06_1="(4 / 3, 2, 2 / 3, 2)", answer_06_4="([1, -1], [1, -1], 1, 1)")
    assert points(right) == [True, True]


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ({}, [False, False]),
        ({"answer_06_1": "(4 / 3, 4 / 3, 2 / 3, 2 / 3)"}, [False, False]),
        ({"answer_06_4": "([1, -1], [1, -1], 1, 1)"}, [False, True]),
        ({"answer_06_1": "1 / 0", "answer_06_4": "([1, -1], [1, -1], 1, 1)"}, [False, True]),
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
    assert "4 / 3" not in told and "As on the board" not in told and "[1, -1]" not in told
    assert not any(c.get("outputs") or c.get("execution_count") for c in released["cells"])


def test_cells_bear_what_nbgrader_reads():
    cells = assignments.assignment(NOTEBOOK, "06", solved=True)["cells"]
    marked = [c["metadata"]["nbgrader"] for c in cells if "nbgrader" in c["metadata"]]
    assert [m["grade_id"] for m in marked] == [
        "answer-06-1", "points-06-1", "answer-06-4", "points-06-4",
    ]  # fmt: skip
    for m in marked:
        assert m["schema_version"] == 3 and m["grade"] == m["locked"] == (not m["solution"])
        assert m.get("points") == (1 if m["grade"] else None)


def test_a_solution_that_hands_nothing_in_is_named():
    silent = {"cells": [NOTEBOOK["cells"][2], NOTEBOOK["cells"][3]]}
    with pytest.raises(ValueError, match=r"exercise 06\.1 does not call check"):
        assignments.assignment(silent, "06", solved=True)


# --- A notebook of the course --------------------------------------------------------------------

COURSE = json.loads((FOLDER / "02_fisher.ipynb").read_text(encoding="utf-8"))


def handed(**answers):
    """How notebook 02 is graded if students fill answers in, given as code."""
    notebook = assignments.assignment(COURSE, "02", solved=False)
    for one in notebook["cells"]:
        name = assignments.text(one).split(" = ")[0]
        if name in answers:
            one["source"] = answers.pop(name)
    assert not answers
    return assignments.grade(notebook)


def test_the_teachers_version_of_a_notebook_gets_all_points():
    solved = assignments.grade(assignments.assignment(COURSE, "02", solved=True))
    assert [(name, right) for name, right, _ in solved] == [(f"02-{i}", True) for i in range(1, 5)]


def test_an_untouched_notebook_gets_none():
    assert [right for _, right, _ in handed()] == [False] * 4


def test_classic_mistakes_get_their_remarks():
    graded = handed(
        answer_02_1="answer_02_1 = (np.diag([2.0, 3]), np.diag([2.0, 3]), 15502)",
        answer_02_2="answer_02_2 = (F, F / 2)",
        answer_02_3="answer_02_3 = (7, 6, 4, 17)",
        answer_02_4="answer_02_4 = 1 / 0",
    )
    remarks = [remark for _, _, remark in graded]
    assert [right for _, right, _ in graded] == [False, False, True, False]
    assert "mean over the samples" in remarks[0] and "variance of the noise" in remarks[1]
    assert "answer_02_4" in remarks[3]


def test_all_notebooks_are_written_for_teachers_and_for_students(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(assignments, "BUILD", tmp_path)
    monkeypatch.setattr(assignments, "HERE", FOLDER)
    assert assignments.main([]) == 0
    notebooks = sorted(path.name for path in FOLDER.glob("*.ipynb"))
    for folder in ("source", "release"):
        assert sorted(path.name for path in (tmp_path / folder).glob("*/*")) == notebooks
    assert f"{len(notebooks)} assignments" in capsys.readouterr().out


def test_a_submission_is_graded_from_the_command_line(tmp_path, capsys):
    file = tmp_path / "handed_in.ipynb"
    file.write_text(
        json.dumps(submission(answer_06_4="([1, -1], [1, -1], 1, 1)")), encoding="utf-8"
    )
    assert assignments.main(["--grade", str(file)]) == 0
    assert "of 2 points" in capsys.readouterr().out
