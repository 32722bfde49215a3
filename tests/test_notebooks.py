"""The notebooks: in step with their sources, executed in order, linked, and within the rules.

Nothing is executed here; `make notebooks-check` does that.
"""

import ast
import importlib.util
import json
import re
import shutil
import statistics
import subprocess
import sys
from pathlib import Path

import pytest
from test_house import CITATION, LABELS

FOLDER = Path(__file__).parents[1] / "notebooks"
SOURCES = {path.stem: path for path in sorted((FOLDER / "source").glob("*.py"))}
NOTEBOOKS = {
    path.stem: json.loads(path.read_text(encoding="utf-8"))
    for path in sorted(FOLDER.glob("*.ipynb"))
}
COURSE = list(SOURCES)
PAGES = {path.name for path in FOLDER.glob("*.md")} - {"README.md"}  # beside the notebooks
LINK = re.compile(r"\]\(([^)\s]+)\)")
each = pytest.mark.parametrize("name", SOURCES)
WIDTH = 82  # columns of code and of what it prints, which a page of the book shows whole

sys.path.insert(0, str(FOLDER))  # tools there import each other


def tool(name):
    """A file of the folder notebooks as a module."""
    spec = importlib.util.spec_from_file_location(name, FOLDER / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


BLANK, FOLDING, OUTCOMES = tool("blank"), tool("folding"), tool("outcomes")


def text(cell):
    """The source of a cell as one string."""
    return "".join(cell["source"])


def cells(name, kind):
    """Cells of a kind, "code" or "markdown"."""
    return [cell for cell in NOTEBOOKS[name]["cells"] if cell["cell_type"] == kind]


def prose(name):
    """All text cells as one string."""
    return "\n\n".join(text(cell) for cell in cells(name, "markdown"))


def is_solution(cell):
    return "solution" in cell["metadata"].get("tags", [])


def percent_cells(source):
    """(kind, text, tags) of the cells of a source in percent format."""
    for part in re.split(r"^# %%", source, flags=re.M)[1:]:
        marker, _, body = part.partition("\n")
        kind = "markdown" if "[markdown]" in marker else "code"
        body = body.strip("\n")
        if kind == "markdown":
            body = "\n".join(re.sub("^# ?", "", line) for line in body.split("\n"))
        tags = re.search(r"tags=(\[.*?\])", marker)
        yield kind, body, json.loads(tags.group(1)) if tags else []


def paragraphs(name):
    """Runs of cells that begin with a text cell: (text, code cells until the next text cell)."""
    runs = []
    for cell in NOTEBOOKS[name]["cells"]:
        if cell["cell_type"] == "markdown":
            runs.append((text(cell), []))
        elif runs:
            runs[-1][1].append(cell)
    return runs


def header(name):
    """What the list in the first cell says: "Labels", "Next", ... to the rest of the line."""
    first = re.sub(r"\n +", " ", text(cells(name, "markdown")[0]))
    return dict(re.findall(r"^- \*\*([^*:]+):?\*\*:? *(.*)$", first, re.M))


def outputs(name):
    return [out for cell in cells(name, "code") for out in cell["outputs"]]


def printed(output):
    """What an output shows to readers who see no pictures."""
    return "".join(output.get("text", output.get("data", {}).get("text/plain", "")))


# --- In step -------------------------------------------------------------------------------------


def test_each_source_has_its_notebook():
    assert SOURCES and list(SOURCES) == list(NOTEBOOKS)


@each
def test_source_and_notebook_hold_the_same_cells(name):
    stored = [
        (cell["cell_type"], text(cell), cell["metadata"].get("tags", []))
        for cell in NOTEBOOKS[name]["cells"]
    ]
    source = percent_cells(SOURCES[name].read_text(encoding="utf-8"))
    assert stored == [
        (kind, FOLDING.folded(kind, body) if "solution" in tags else body, tags)
        for kind, body, tags in source
    ]


@each
def test_every_cell_was_executed_and_in_order(name):
    counts = [cell["execution_count"] for cell in cells(name, "code")]
    assert counts == list(range(1, len(counts) + 1))


@each
def test_nothing_was_stored_that_depends_on_the_machine(name):
    assert NOTEBOOKS[name]["metadata"]["language_info"] == {"name": "python"}
    assert "widgets" not in NOTEBOOKS[name]["metadata"]
    for cell in NOTEBOOKS[name]["cells"]:
        assert set(cell["metadata"]) <= {"tags", "jupyter"}
    for output in outputs(name):
        assert not re.search(r"\bnp\.\w+\(| at 0x|<Axes|<Axes3D|/tmp/|/home/", printed(output))


# --- Outputs -------------------------------------------------------------------------------------


@each
def test_no_output_is_an_error_or_a_warning(name):
    for output in outputs(name):
        assert output["output_type"] != "error"
        assert output.get("name") != "stderr"
        assert not re.search(r"Warning|Traceback", printed(output))


def has_picture(cell):
    return any("image/png" in output.get("data", {}) for output in cell["outputs"])


@each
def test_there_is_a_picture(name):
    assert any(has_picture(cell) for cell in cells(name, "code"))


@each
def test_a_cell_that_ends_with_a_picture_shows_it(name):
    for cell in cells(name, "code"):
        if text(cell).split("\n")[-1].startswith(("plots.", "figures.")):
            assert has_picture(cell), text(cell)


# --- Cells ---------------------------------------------------------------------------------------


def lines(code):
    """The lines of a piece of code that are neither empty nor a comment."""
    return [line for line in code.split("\n") if line.strip() and not line.strip().startswith("#")]


def statements(code):
    """Number of statements, a `for` or `def` counting one more than its body: lines, unwrapped."""
    return sum(isinstance(node, ast.stmt) for node in ast.walk(ast.parse(code.rstrip(";"))))


@each
def test_code_cells_are_short(name):
    code = [text(cell) for cell in cells(name, "code")]
    assert max(len(lines(c)) for c in code) <= 15
    assert statistics.median(statements(c) for c in code) <= 3


@each
def test_code_and_what_it_prints_fit_the_page(name):
    drawn = {"image/png", "text/html"}  # whose text says in words what there is to see
    shown = [out for out in outputs(name) if not drawn & set(out.get("data", {}))]
    printed_lines = [line for out in shown for line in printed(out).split("\n")]
    code = [line for cell in cells(name, "code") for line in text(cell).split("\n")]
    assert [line for line in code + printed_lines if len(line) > WIDTH] == []


@each
def test_solutions_are_hidden_and_their_bars_say_nothing(name):
    solutions = [cell for cell in NOTEBOOKS[name]["cells"] if is_solution(cell)]
    for cell in solutions:
        if cell["cell_type"] == "code":
            assert cell["metadata"]["jupyter"]["source_hidden"]
            assert cell["metadata"]["jupyter"]["outputs_hidden"]
            assert text(cell).split("\n")[0] == "# solution"
        else:
            assert re.fullmatch(
                r"<details><summary>Solution</summary>\n\n.*\n\n</details>", text(cell), re.S
            )


@each
def test_what_break_it_asks_is_answered_below(name):
    for said, shown in paragraphs(name):
        _, asked, rest = said.partition("*Break it")
        if asked:
            assert shown or "<details><summary>Answer</summary>" in rest, said


@each
def test_every_displayed_step_is_asserted_below(name):
    for said, shown in paragraphs(name):
        if "$$" in said:
            assert any(re.search(r"^\s*assert ", text(cell), re.M) for cell in shown), said


@each
def test_chance_is_seeded_and_nothing_is_timed(name):
    for cell in cells(name, "code"):
        assert not re.search(
            r"default_rng\(\)|rng=None|^import time|^%time|perf_counter|tqdm", text(cell), re.M
        )


# --- Parts ---------------------------------------------------------------------------------------


@each
def test_the_header_says_what_the_reader_gets(name):
    assert text(cells(name, "markdown")[0]).startswith(f"# {name.partition('_')[0]} ")
    assert {"You will be able to", "You need", "Labels", "Run time"} <= set(header(name))


@each
def test_the_header_links_its_neighbours(name):
    at = COURSE.index(name)
    neighbours = {"Previous": COURSE[max(at - 1, 0)], "Next": COURSE[min(at + 1, len(COURSE) - 1)]}
    for which, neighbour in neighbours.items():
        if neighbour != name:
            assert LINK.findall(header(name)[which]) == [f"{neighbour}.ipynb"]


@each
def test_links_resolve(name):
    for link in LINK.findall(prose(name)):
        stem, extension = link.split("#")[0].rpartition(".")[::2]
        notebook = extension == "ipynb" and stem in COURSE
        assert link.startswith("https://") or notebook or link in PAGES, link


@each
def test_only_labels_of_the_paper_are_cited(name):
    cited = CITATION.findall(SOURCES[name].read_text(encoding="utf-8"))
    assert {re.sub("^[Ss]ections?", "section", label) for label in cited} <= LABELS


def test_the_course_covers_every_label():
    promised = " ".join(header(name)["Labels"] for name in NOTEBOOKS)
    equations = {label for label in LABELS if not label.startswith("section")}
    assert equations <= set(CITATION.findall(promised))


@each
def test_the_labels_of_the_header_are_taught(name):
    taught = "\n".join(said for said, _ in paragraphs(name)[1:])
    for label in CITATION.findall(header(name)["Labels"]):
        assert label in taught, label


@each
def test_there_are_three_exercises_with_solutions(name):
    exercises = [shown for said, shown in paragraphs(name) if said.startswith("### Exercise")]
    assert len(exercises) >= 3
    assert all(any(is_solution(cell) for cell in shown) for shown in exercises)


@each
def test_it_ends_with_what_to_remember(name):
    last = text(NOTEBOOKS[name]["cells"][-1])
    assert last.startswith('<div class="alert alert-info">') and "**What to remember**" in last


# --- The blank versions --------------------------------------------------------------------------


@each
def test_the_blank_version_keeps_everything_but_the_solutions(name):
    kept = BLANK.blank(NOTEBOOKS[name])["cells"]
    ours = [cell for cell in NOTEBOOKS[name]["cells"] if not is_solution(cell)]
    empty = [cell for cell in kept if text(cell) == BLANK.EMPTY]
    assert [cell for cell in kept if cell not in empty] == ours
    assert len(empty) >= 3 and not any(cell["outputs"] for cell in empty)


def test_the_pages_that_blank_notebooks_link_to_lie_beside_them(tmp_path, monkeypatch):
    for path in [*FOLDER.glob("0[01]*.ipynb"), *FOLDER.glob("*.md"), *FOLDER.glob("*.svg")]:
        shutil.copy(path, tmp_path)
    monkeypatch.setattr(BLANK, "HERE", tmp_path)
    BLANK.main([])
    assert {path.name for path in (tmp_path / "exercises").glob("*.md")} == PAGES


def test_what_was_changed_is_kept_until_asked_otherwise(tmp_path, monkeypatch, capsys):
    for path in FOLDER.glob("0[12]*.ipynb"):
        shutil.copy(path, tmp_path)
    monkeypatch.setattr(BLANK, "HERE", tmp_path)
    BLANK.main([])
    mine, other = sorted((tmp_path / "exercises").glob("*.ipynb"))
    untouched, stale = mine.read_text(encoding="utf-8"), other.read_text(encoding="utf-8")
    mine.write_text("my answers", encoding="utf-8")
    source = tmp_path / other.name
    source.write_text(
        source.read_text(encoding="utf-8").replace("## Exercises", "## Problems"), encoding="utf-8"
    )
    capsys.readouterr()
    BLANK.main([])
    assert mine.read_text(encoding="utf-8") == "my answers"
    assert f"kept as you have changed them: {mine.name}" in capsys.readouterr().out
    assert other.read_text(encoding="utf-8") != stale  # follows its notebook
    BLANK.main(["--anew"])
    assert mine.read_text(encoding="utf-8") == untouched
    BLANK.main([])
    assert "kept as" not in capsys.readouterr().out


@each
def test_the_blank_version_runs_without_the_solutions(name):
    code = "\n".join(text(c).rstrip(";") for c in cells(name, "code") if not is_solution(c))
    done = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "--isolated", "--select", "F821", "-"],
        input=code, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


# --- What make notebooks-check compares ----------------------------------------------------------


def prints(text, pictures=0):
    """An executed cell that printed a text and drew pictures."""
    drawn = [{"output_type": "display_data", "data": {"image/png": "", "text/plain": "<Figure>"}}]
    stream = {"output_type": "stream", "name": "stdout", "text": text}
    return {"cell_type": "code", "source": "code", "outputs": [stream, *drawn * pictures]}


@pytest.mark.parametrize(
    "other", ["eta 0.25001 of 3", "eta  0.25  of\n3", "eta 0.25 of 3.00"], ids=str
)
def test_rounding_and_spaces_are_no_difference(other):
    assert OUTCOMES.agree(prints("eta 0.25 of 3", 1), prints(other, 1))
    assert OUTCOMES.agree(prints("[0. 1e-17]"), prints("[-0.  -3e-18]"))


@pytest.mark.parametrize(
    "other",
    ["eta 0.26 of 3", "lambda 0.25 of 3", "eta 0.25 of", "eta 0.25 of 3 Warning: 1", ""],
    ids=str,
)
def test_other_numbers_or_words_are_a_difference(other):
    assert not OUTCOMES.agree(prints("eta 0.25 of 3"), prints(other))


def test_a_missing_picture_is_a_difference():
    assert not OUTCOMES.agree(prints("", 1), prints("", 0))


def test_a_difference_is_reported_with_its_cell():
    one, other = {"cells": [prints("1"), prints("2")]}, {"cells": [prints("1"), prints("3")]}
    assert OUTCOMES.differences(one, one) == []
    (said,) = OUTCOMES.differences(one, other)
    assert "code" in said and "2.0" in said and "3.0" in said


def test_other_cells_are_a_difference():
    other = {"cells": [{**prints("1"), "source": "changed"}]}
    assert OUTCOMES.differences({"cells": [prints("1")]}, other)
