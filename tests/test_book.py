"""The pages that `make book` makes; `make book-check` looks at them in a browser."""

import json
import re
from collections import Counter
from pathlib import Path

import conf
import lessons
import pages
import pytest
from readme_table import FIRST, LAST, readme_table

from sennpy import SENN
from sennpy.equations import REGISTER
from sennpy.growth.released import released_step

ROOT = Path(__file__).parents[1]
NOTEBOOKS = {
    path.stem: json.loads(path.read_text(encoding="utf-8"))
    for path in sorted((ROOT / "notebooks").glob("*.ipynb"))
}
TITLES = {name: lessons.heading(notebook) for name, notebook in NOTEBOOKS.items()}


@pytest.fixture(scope="module")
def register():
    """The page of equations, computed on few cases."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pages, "DRAWS", 3)
        return pages.register(TITLES)


@pytest.mark.parametrize("label", REGISTER)
def test_an_equation_stands_on_its_page_with_what_computes_it(register, label):
    _, found, rest = register.partition(f"\n({pages.anchor(label)})=\n### {label}\n")
    entry, equation = rest.partition("\n###")[0], REGISTER[label]
    assert found and f"$$\n{equation.latex}\n$$" in entry
    for thing in equation.implementations:
        assert f"<{thing.__module__}.{thing.__qualname__}>" in entry
    assert (f"({equation.notebook}.ipynb)" in entry) == (equation.notebook in NOTEBOOKS)


def test_no_two_equations_share_an_address():
    assert len({pages.anchor(label) for label in REGISTER}) == len(REGISTER)


def test_every_module_has_one_place_in_the_reference():
    text = "\n".join(pages.api().values())
    documented = Counter(re.findall(r"^\.\. automodule:: (\S+)$", text, re.M))
    there = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for path in (ROOT / "sennpy").rglob("*.py")
        if path.stem != "__init__"
    }
    told_by_help = {name for name in there if name.split(".")[1] in pages.COMMAND_LINE}
    assert documented == Counter(there - told_by_help)


def test_the_landing_page_says_what_the_readme_says_but_for_the_table():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    page = pages.landing(readme, NOTEBOOKS).splitlines()
    table = f"{FIRST}{readme_table()}{LAST}".splitlines()
    assert [line for line in readme.splitlines() if line not in page] == [
        line for line in table if line not in page
    ]
    assert not [line for line in table if line in page and line.startswith("| ")]


def test_the_navigation_lists_the_notebooks_in_order():
    page = pages.landing((ROOT / "README.md").read_text(encoding="utf-8"), NOTEBOOKS)
    assert "\n".join(["course", *NOTEBOOKS, "```"]) in page


def test_the_pages_beside_the_notebooks_are_pages_of_the_book():
    found = pages.sheets()
    beside = {path.name for path in (ROOT / "notebooks").glob("*.md")} - {"README.md"}
    assert {name for name in found if name.endswith(".md")} == beside
    navigation = pages.landing((ROOT / "README.md").read_text(encoding="utf-8"), NOTEBOOKS)
    for name in beside:
        assert f"\n{name.removesuffix('.md')}\n" in navigation
    assert "{py:obj}`sennpy.expansion.decide.decide`" in found["symbols.md"]
    assert "| [Theorem 3.2](#label-theorem-3-2) |" in found["cheat_sheet.md"]


def test_the_course_links_every_notebook_that_is_there():
    readme = (ROOT / "notebooks" / "README.md").read_text(encoding="utf-8")
    linked = re.findall(r"\((\w+)\.ipynb\)", pages.course(readme, TITLES))
    assert sorted(linked) == list(NOTEBOOKS)


def test_a_type_of_two_meanings_is_that_of_its_module():
    of_training, of_a_chain = (
        conf.typed("state : State, optional", function) for function in (SENN.fit, released_step)
    )
    assert of_training == "state : ~sennpy.training.state.State, optional"
    assert of_a_chain == "state : ~sennpy.expansion.mala.State, optional"
    assert conf.typed("state : array", SENN.fit) == "state : array"


def text_cell(source, *tags):
    return {"cell_type": "markdown", "metadata": {"tags": list(tags)}, "source": source}


def sources(cells):
    return [cell["source"] for cell in lessons.prepared({"cells": cells}, NOTEBOOKS)["cells"]]


def test_solutions_that_follow_each_other_are_folded_together():
    cells = [text_cell("1"), text_cell("2", "solution"), text_cell("3", "solution"), text_cell("4")]
    assert sources(cells) == ["1", lessons.UNFOLD, "2", "3", lessons.FOLD, "4"]


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_code_and_outputs_stay_as_they_are(name):
    code = [cell for cell in NOTEBOOKS[name]["cells"] if cell["cell_type"] == "code"]
    page = lessons.prepared(NOTEBOOKS[name], NOTEBOOKS)["cells"]
    assert [cell for cell in page if cell["cell_type"] == "code"] == code
    assert len({cell["id"] for cell in page}) == len(page)


def test_a_link_to_a_notebook_that_is_not_there_becomes_its_text():
    there = next(iter(NOTEBOOKS))
    cells = [text_cell(f"[a]({there}.ipynb) [b](99_nothing.ipynb) [c](https://arxiv.org)")]
    assert sources(cells) == [f"[a]({there}.ipynb) b [c](https://arxiv.org)"]
    assert lessons.mentioned({"x": {"cells": cells}}) == {there, "99_nothing"}


def test_labels_lead_to_the_register_where_they_are_listed():
    (said,) = sources([text_cell("- **Labels:** (E1),\n  Theorem 3.2\n- (E3)")])
    assert said == ("- **Labels:** [(E1)](#label-e1),\n  [Theorem 3.2](#label-theorem-3-2)\n- (E3)")
