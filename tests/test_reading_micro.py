"""The page from micro.py's functions to the lessons that derive them, and that it cannot lag."""

import importlib.util
import inspect
import re
from pathlib import Path

import pytest
from test_house import CITATION, LABELS

from sennpy import micro

FOLDER = Path(__file__).parents[1] / "notebooks"
SPEC = importlib.util.spec_from_file_location("teaching", FOLDER / "teaching.py")
TEACHING = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(TEACHING)
PAGE = (FOLDER / "reading_micro.md").read_text(encoding="utf-8")
LINES = inspect.getsource(micro).splitlines()


def rows():
    """The cells of each row of the table."""
    found = [line.strip("| ").split(" | ") for line in PAGE.splitlines() if line.startswith("| `")]
    return [[cell.strip() for cell in row] for row in found]


def test_it_is_what_the_script_makes_of_micro_and_the_lessons():
    assert TEACHING.reading_micro() == PAGE


def test_it_has_every_function_once_at_its_line():
    names = [row[0].strip("`") for row in rows()]
    made = [
        n
        for n, f in inspect.getmembers(micro, inspect.isfunction)
        if f.__module__ == micro.__name__
    ]
    assert sorted(names) == sorted(made)
    for name, (_, line, *_) in zip(names, rows(), strict=True):
        assert LINES[int(line) - 1].startswith(f"def {name}(")


def test_each_is_derived_in_a_lesson_that_is_there():
    for name, _, _, _, where in rows():
        links = re.findall(r"\[(\d\db?), (\d+)\. ([^]]+)\]\((\w+)\.ipynb#\w", where)
        assert links, name
        for number, at, heading, notebook in links:
            source = (FOLDER / "source" / f"{notebook}.py").read_text(encoding="utf-8")
            assert notebook.startswith(number) and f"# ## {at}. {heading.strip()}\n" in source


@pytest.mark.parametrize("row", rows(), ids=lambda row: row[0].strip("`"))
def test_its_label_is_said_in_the_docstring_and_taught_where_it_leads(row):
    name, _, _, labels, where = row
    docstring = inspect.getdoc(getattr(micro, name.strip("`")))
    for label in CITATION.findall(labels):
        assert label in LABELS
        if not label.startswith("section"):
            assert label in docstring
            texts = [
                (FOLDER / "source" / f"{notebook}.py").read_text(encoding="utf-8")
                for notebook in re.findall(r"\((\w+)\.ipynb#", where)
            ]
            assert any(label in text for text in texts)
    said = [label for label in CITATION.findall(docstring) if not label.startswith("section")]
    assert set(said) <= set(CITATION.findall(labels)), "a label of the docstring is not told"


def test_a_new_function_or_lesson_is_noticed(monkeypatch):
    monkeypatch.setattr(TEACHING, "PLACES", {k: v for k, v in TEACHING.PLACES.items() if k != "E"})
    with pytest.raises(ValueError, match=r"differ in \['E'\]"):
        TEACHING.reading_micro()
    with pytest.raises(ValueError, match="no lesson 99"):
        TEACHING.lesson("03.99")


def test_the_whole_page_stands_below_the_table():
    assert f"```python\n{inspect.getsource(micro).rstrip()}\n```" in PAGE


def test_an_anchor_is_that_of_the_book():  # as MyST makes it: formulas are left out
    assert TEACHING.address("03_x", "2. The score, eq. (3)") == "03_x.ipynb#the-score-eq-3"
    assert TEACHING.address("01_x", r"6. $J^\top u$ and $J d$") == "01_x.ipynb#and"
