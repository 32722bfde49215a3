"""The syllabus: in step with the notebooks, every lesson once, and no week longer than it is."""

import json
import re
import sys
from pathlib import Path

import pytest
from mutations import HUNTS

FOLDER = Path(__file__).parents[1] / "notebooks"
sys.path.append(str(FOLDER))
import syllabus  # noqa: E402
from teaching import PLACES  # noqa: E402

PAGE = (FOLDER / "syllabus.md").read_text(encoding="utf-8")
PARTS = {int(n): part for n, part in re.findall(r"^## Week (\d+):(.*?)(?=^## )", PAGE, re.M | re.S)}
NOTEBOOKS = {
    path.stem: json.loads(path.read_text(encoding="utf-8")) for path in FOLDER.glob("*.ipynb")
}


def text(name):
    """All that the text cells of a notebook say, from what students open."""
    cells = NOTEBOOKS[name]["cells"]
    return "\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "markdown")


def minutes(part, what):
    """The rows (minutes, cell) of a week's table."""
    rows = part.split(f"| {what} |\n|---:|---|\n")[1].split("\n\n")[0]
    return [(int(n), cell) for n, cell in re.findall(r"^\| (\d+) \| (.*) \|$", rows, re.M)]


def test_it_is_what_the_script_makes_of_the_notebooks():
    assert syllabus.syllabus() == PAGE


def test_there_are_twelve_weeks_with_every_notebook():
    assert list(PARTS) == list(range(1, 13))
    assert sorted(syllabus.MINUTES) == sorted(name.partition("_")[0] for name in NOTEBOOKS)


@pytest.mark.parametrize("week", PARTS)
def test_a_lecture_and_a_lab_last_as_long_as_they_are(week):
    assert sum(n for n, _ in minutes(PARTS[week], "lecture")) == 90
    assert sum(n for n, _ in minutes(PARTS[week], "lab")) == 90
    assert all(n > 0 for what in ("lecture", "lab") for n, _ in minutes(PARTS[week], what))


def test_every_lesson_is_held_once_and_in_order():
    held = [
        found.groups()
        for part in PARTS.values()
        for _, cell in minutes(part, "lecture")
        if (found := re.match(r"\[(\d\db?), (\d+)\. (.*)\]\((\w+)\.ipynb#", cell))
    ]
    for name in NOTEBOOKS:
        mine = [(int(at), heading) for number, at, heading, stem in held if stem == name]
        there = re.findall(r"^## (\d+)\. (.*)$", text(name), re.M)
        assert mine == [(int(at), heading) for at, heading in there]
        assert all(number == name.partition("_")[0] for number, *_, stem in held if stem == name)


def test_exercises_are_there_and_of_the_grade_that_is_told():
    for number, grade in re.findall(r"(\d\db?\.\d) \((\w[\w-]*)\)", PAGE):
        notebook, _, at = number.partition(".")
        (name,) = (name for name in NOTEBOOKS if name.startswith(f"{notebook}_"))
        assert f"### Exercise {at} ({grade})" in text(name)


def test_no_exercise_is_in_two_labs_and_all_are_somewhere_but_two():
    in_labs = [one for week in syllabus.WEEKS for one in week.exercises]
    handed_in = {one for week in syllabus.WEEKS for one in week.hand_in}
    assert len(in_labs) == len(set(in_labs))
    every = {one for notebook in syllabus.MINUTES for one in syllabus.exercises(notebook)}
    assert every - set(in_labs) - handed_in == {"09.4", "10.4", "11.3", "11.4"}
    assert set(in_labs) | handed_in <= every


def test_the_numbers_of_the_introduction_are_those_of_the_notebooks():
    lessons = sum(len(re.findall(r"^## \d+\. ", text(name), re.M)) for name in NOTEBOOKS)
    number = sum(len(re.findall(r"^### Exercise ", text(name), re.M)) for name in NOTEBOOKS)
    assert f"{len(NOTEBOOKS)} notebooks, {lessons} lessons, {number} exercises" in PAGE


def test_every_function_of_micro_is_read_once_by_the_week_it_is_derived_in():
    read = [
        name
        for part in PARTS.values()
        for _, cell in minutes(part, "lab")
        if "reading_micro" in cell
        for name in re.findall(r"`(\w+)`", cell)
    ]
    assert sorted(read) == sorted(PLACES)


def test_each_hunt_has_its_week():
    assert sorted(week.hunt for week in syllabus.WEEKS if week.hunt) == sorted(HUNTS)


def test_run_times_and_labels_are_those_of_the_headers():
    for name in NOTEBOOKS:
        first = re.sub(r"\n +", " ", "".join(NOTEBOOKS[name]["cells"][0]["source"]))
        for what in ("Labels", "Run time"):
            assert re.search(rf"\*\*{what}:\*\* (.*)", first)[1] in PAGE


def test_a_notebook_with_another_number_of_lessons_is_noticed(monkeypatch):
    monkeypatch.setitem(syllabus.MINUTES, "03", (15, 20))
    with pytest.raises(ValueError, match="notebook 03 has 6 lessons, MINUTES 2"):
        syllabus.syllabus()
