"""Where slides of the notebooks begin and what is on them; nothing is converted here."""

import importlib.util
import json
import re
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[1] / "notebooks"
sys.path.append(str(FOLDER))
SPEC = importlib.util.spec_from_file_location("slides", FOLDER / "slides.py")
SLIDES = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(SLIDES)
NOTEBOOKS = {
    path.stem: json.loads(path.read_text(encoding="utf-8"))
    for path in sorted(FOLDER.glob("*.ipynb"))
}
each = pytest.mark.parametrize("name", NOTEBOOKS)


def words(source, *tags):
    return {"cell_type": "markdown", "id": "w", "metadata": {"tags": list(tags)}, "source": source}


def code(source, printed="", *tags):
    outputs = [{"output_type": "stream", "text": printed}] if printed else []
    return {"cell_type": "code", "id": "c", "metadata": {"tags": list(tags)}, "source": source,
            "outputs": outputs}  # fmt: skip


def kinds(*cells):
    """(kind, text) of each cell of the slides."""
    made = SLIDES.broken({"cells": list(cells)})["cells"]
    return [(c["metadata"]["slideshow"]["slide_type"], SLIDES.text(c).strip()) for c in made]


def test_a_lesson_begins_a_slide_wherever_in_its_cell_it_stands():
    made = kinds(words("# Title\n\nHello."), words("So much.\n\n## 2. Next\n\nGo on."))
    assert made == [
        ("slide", "# Title\n\nHello."), ("fragment", "So much."), ("slide", "## 2. Next\n\nGo on."),
    ]  # fmt: skip


def test_a_step_goes_below_and_its_code_appears_at_a_key():
    made = kinds(words("# Title"), words("Then\n\n$$a = b$$"), code("assert a == b"), code("more"))
    assert [kind for kind, _ in made] == ["slide", "subslide", "fragment", "-"]


def test_code_without_a_step_goes_on_with_its_slide():
    assert [kind for kind, _ in kinds(words("# Title"), code("x = 1"))] == ["slide", "-"]


def test_what_does_not_fit_goes_on_below():
    long = code("x", "\n".join("line" for _ in range(20)))
    assert [k for k, _ in kinds(words("# Title"), long, long)] == ["slide", "-", "subslide"]
    assert SLIDES.height(words("x" * 3 * SLIDES.WIDTH)) == 3


def test_solutions_are_left_out_and_exercises_stay():
    cells = [
        words("## Exercises"),
        words("### Exercise 1 (easy)\n\nDo."),
        code("y", "", "solution"),
    ]
    made = kinds(*cells, words("Because.", "solution"))
    assert [kind for kind, _ in made] == ["slide", "subslide"]


def test_the_notebook_that_is_given_stays_as_it_is():
    given = {"cells": [words("# Title\n\n## 1. One"), code("x")]}
    before = json.dumps(given)
    SLIDES.broken(given)
    assert json.dumps(given) == before


def test_links_lead_to_slides():
    (cell,) = SLIDES.linked({"cells": [words("[x](02_fisher.ipynb#a) [y](symbols.md)")]})["cells"]
    assert cell["source"] == "[x](02_fisher.slides.html) [y](symbols.md)"


def test_a_page_fetches_nothing_and_one_of_another_form_is_refused():
    module = '<script type="module">\n  import mermaid from "https://x";\n</script>'
    page = SLIDES.offline(f"<head>{module}</head> displayAlign: 'center',")
    assert "https" not in page and "STIX-Web" in page
    with pytest.raises(ValueError, match="is not as it was"):
        SLIDES.offline("<head></head>")


@each
def test_every_word_and_every_line_of_code_is_on_a_slide_but_for_solutions(name):
    made = SLIDES.broken(NOTEBOOKS[name])["cells"]
    kept = [cell for cell in NOTEBOOKS[name]["cells"] if not SLIDES.is_solution(cell)]

    def all_words(cells):
        return re.sub(r"\s+", "", "".join(map(SLIDES.text, cells)))

    assert all_words(made) == all_words(kept)
    assert len({cell["id"] for cell in made}) == len(made)


@each
def test_each_lesson_begins_one_slide(name):
    made = SLIDES.broken(NOTEBOOKS[name])["cells"]
    begun = [c for c in made if c["metadata"]["slideshow"]["slide_type"] == "slide"]
    lessons = [SLIDES.text(c) for c in begun if SLIDES.text(c).startswith("## ")]
    source = "\n".join(SLIDES.text(c) for c in NOTEBOOKS[name]["cells"] if c["cell_type"] != "code")
    assert len(lessons) == len(re.findall(r"^## ", source, re.M))
    assert len(begun) == len(lessons) + 2  # the title, and what to remember


@each
def test_most_slides_fit(name):
    heights = []
    for cell in SLIDES.broken(NOTEBOOKS[name])["cells"]:
        if cell["metadata"]["slideshow"]["slide_type"] in ("slide", "subslide"):
            heights.append(0)
        heights[-1] += SLIDES.height(cell)
    assert sum(h > SLIDES.LINES for h in heights) <= 0.15 * len(heights)
