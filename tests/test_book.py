"""The pages that `make book` makes; `make book-check` looks at them in a browser."""

import json
import os
import re
import subprocess
import sys
from base64 import b64encode
from collections import Counter
from hashlib import sha256
from pathlib import Path

import conf
import lessons
import pages
import pdf
import pytest
import studies
from readme_table import FIRST, LAST, readme_table
from test_colours import DIMMED

from sennpy import SENN
from sennpy.equations import REGISTER
from sennpy.growth.released import released_step
from sennpy.studies.claims import records_of

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
        return pages.register(TITLES, NOTEBOOKS)


@pytest.mark.parametrize("label", REGISTER)
def test_an_equation_stands_on_its_page_with_what_computes_it(register, label):
    _, found, rest = register.partition(f"\n({pages.anchor(label)})=\n### {label}\n")
    entry, equation = rest.partition("\n###")[0], REGISTER[label]
    assert found and f"$$\n{equation.latex}\n$$" in entry
    for thing in equation.implementations:
        assert f"<{thing.__module__}.{thing.__qualname__}>" in entry
    assert (f"({equation.notebook}.ipynb#" in entry) == (equation.notebook in NOTEBOOKS)


@pytest.mark.parametrize("label", REGISTER)
def test_an_equation_leads_to_the_section_that_derives_it(label):
    notebook = NOTEBOOKS[REGISTER[label].notebook]
    place = pages.derivation(label, notebook)
    (section,) = [
        text for text in sections(notebook) if pages.slug(text.partition("\n")[0]) == place
    ]
    assert label in section and "$$" in section
    named = [text for text in sections(notebook) if label in text.partition("\n")[0]]
    assert not named or section in named


def sections(notebook):
    """The lessons of a notebook, each with its heading first."""
    cells = ("".join(c["source"]) for c in notebook["cells"] if c["cell_type"] == "markdown")
    return re.split(r"^## ", "\n\n".join(cells), flags=re.M)[1:]


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_the_anchors_of_lessons_are_told_apart_without_their_numbers(name):
    places = [pages.slug(text.partition("\n")[0]) for text in sections(NOTEBOOKS[name])]
    assert all(places) and len(set(places)) == len(places)
    assert not any(place[0].isdigit() for place in places)


def test_an_anchor_does_not_change_with_its_number():
    assert pages.slug("3. The block inverse, step by step") == "the-block-inverse-step-by-step"
    assert pages.slug("12. The block inverse, step by step") == pages.slug(
        "The block inverse, step by step"
    )


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


@pytest.mark.parametrize("script", ["build", "pdf"])
def test_a_script_of_the_book_finds_what_it_needs_when_it_is_run(script):
    folder = ROOT / "notebooks" / "book"
    code = f"import runpy; runpy.run_path({str(folder / script)!r} + '.py')"  # not as __main__
    paths = os.pathsep.join([str(folder), str(ROOT)])  # as Python has it that runs the script
    done = subprocess.run(
        [sys.executable, "-c", code], env=os.environ | {"PYTHONPATH": paths}, cwd=folder.parents[1],
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_the_file_to_print_has_every_page_of_the_course_and_a_list_of_them(monkeypatch):
    monkeypatch.setattr(pdf, "register", lambda titles, notebooks: "# The equations\n")
    found = pdf.sources()
    beside = {path.name for path in (ROOT / "notebooks").glob("*.md")} - {"README.md"}
    assert {f"{name}.ipynb" for name in NOTEBOOKS} | beside <= set(found)
    listed = re.search(r":maxdepth: 2\n\n(.*?)\n```", found["index.md"], re.S)[1].split("\n")
    written = [name.rpartition(".")[0] for name in found if name.endswith((".md", ".ipynb"))]
    assert sorted([*listed, "index"]) == sorted(written)


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


def test_labels_lead_to_the_register():
    (said,) = sources([text_cell("- **Labels:** (E1),\n  Theorem 3.2\n- (E3)")])
    assert said == (
        "- **Labels:** [(E1)](#label-e1),\n  [Theorem 3.2](#label-theorem-3-2)\n- [(E3)](#label-e3)"
    )


@pytest.mark.parametrize(
    "text",
    [
        "## 3. The bound (E8)",
        "`(E8)`",
        "$x = (E8)$ and $$\n(E8)\n$$",
        "[the bound (E8)](06_the_lower_bound.ipynb)",
        '<img alt="(E8)">',
        "```\n(E8)\n```",
    ],
)
def test_labels_stay_as_they_are_where_a_link_would_break_something(text):
    assert pages.with_labels(text) == text
    linked = "[(E8)](#label-e8)"
    assert pages.with_labels(f"(E8)\n{text}\nso (E8)") == f"{linked}\n{text}\nso {linked}"


def test_a_notebook_can_be_taken_away_with_and_without_its_solutions():
    page = lessons.with_downloads(lessons.prepared(NOTEBOOKS["02_fisher"], NOTEBOOKS), "02_fisher")
    title, links = page["cells"][0]["source"].split("\n")[:3:2]
    assert title.startswith("# 02 ")
    for place in ("downloads/02_fisher.ipynb", "downloads/exercises/02_fisher.ipynb"):
        assert f"<{place}>`" in links and "{download}`" in links


def test_a_figure_is_told_in_the_words_of_its_output():
    png = b64encode(b"a picture").decode()
    output = {"data": {"image/png": [png], "text/plain": ["Loss.", " Across: epoch."]}}
    cells = [text_cell("1"), {"outputs": [output, {"data": {"text/plain": ["3"]}}, {"text": "4"}]}]
    name = sha256(b"a picture").hexdigest()
    assert lessons.in_words({"cells": cells}) == {name: "Loss. Across: epoch."}


@pytest.fixture(scope="module")
def css():
    """The book's style, without line ends."""
    return " ".join((ROOT / "notebooks/book/static/book.css").read_text("utf-8").split())


def test_nothing_is_cut_off_by_the_style(css):
    assert ".cell_output pre, div.output pre { white-space: pre-wrap;" in css
    assert re.search(r"@media print, \(min-width: \d+px\) { pre { white-space: pre-wrap", css)
    assert "div.math { overflow-x: auto;" in css


def test_figures_are_dimmed_as_much_as_their_colours_allow(css):
    assert set(re.findall(r"filter: brightness\(([\d.]+)\)", css)) == {str(DIMMED)}


def test_the_source_stands_in_the_book():
    assert "sphinx.ext.viewcode" in conf.extensions


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_every_stored_figure_is_told_by_its_axes_or_its_title(name):
    for words in lessons.in_words(NOTEBOOKS[name]).values():
        assert len(words.split()) > 8 and not words.startswith("<Figure"), (
            f"{name}: make notebooks writes what a figure shows, but there stands {words!r}"
        )
        assert " Across: " in words or words.count(". ") >= 1  # axes, or a title and what is drawn


def test_a_study_has_a_page_with_its_picture_in_words_its_table_and_its_verdicts():
    records = records_of(ROOT / "figures")
    found = studies.pages(records)
    assert set(found) == {"index.md", *(f"{name}.md" for name in records)} and records
    for name, record in records.items():
        assert record["question"] in found[f"{name}.md"] and f"({name}.md)" in found["index.md"]
        words, picture = re.search(r"!\[(.+)\]\((.+)\)", found[f"{name}.md"]).groups()
        assert picture == f"study-{name}.png"
        assert re.search(r"every run a dot|a dot a (run|training|pair|task and seed)", words), name
        assert found[f"{name}.md"].count("\n- ") == len(record["verdicts"])
        lines = [line for line in found[f"{name}.md"].splitlines() if line.startswith("| ")]
        assert len(lines) == len(record["table"]) + 2
