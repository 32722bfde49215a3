"""Makes slides of the notebooks, by nbconvert and reveal.js, in build/slides.

    python notebooks/slides.py          all
    python notebooks/slides.py 01 03    only these

Where a slide begins is decided here, from the text: a lesson or an exercise begins a slide, a step
with a displayed equation one below it, and its code appears at a key. What would not fit goes on
below. Solutions are left out. What a browser needs is copied beside the slides, so that they are
shown without a network: reveal.js from sphinx-revealjs; MathJax, jquery and require.js from
nbclassic.
"""

import argparse
import copy
import json
import re
import shutil
import sys
from pathlib import Path

from blank import is_solution

HERE = Path(__file__).parent
SLIDES = HERE.parent / "build" / "slides"
HEADING = re.compile(r"^(?=#{1,3} )", re.M)
LINES, WIDTH, PICTURE = 26, 80, 14  # of a slide; the height of a picture, in lines
MERMAID = re.compile(r'<script type="module">\s*import mermaid.*?</script>', re.S)

FONTS = '"HTML-CSS": {availableFonts: [], imageFont: null, webFont: "STIX-Web"},\n'
STYLE = "<style>.reveal :is(h1, h2, h3) { text-transform: none; }</style>\n"


def text(cell):
    """The source of a cell (as JSON) as one string."""
    return "".join(cell["source"])


def parts(cell):
    """A text cell as several, one from each heading to the next; a code cell as it is."""
    if cell["cell_type"] != "markdown":
        return [cell]
    pieces = [piece for piece in HEADING.split(text(cell)) if piece.strip()]
    return [{**cell, "id": f"{cell['id']}-{i}", "source": piece} for i, piece in enumerate(pieces)]


def height(cell):
    """How many lines a cell takes on a slide, about."""
    lines = sum(-(-max(len(line), 1) // WIDTH) for line in text(cell).rstrip("\n").split("\n"))
    for output in cell.get("outputs", []):
        if "image/png" in output.get("data", {}):
            lines += PICTURE
        else:
            printed = output.get("text", output.get("data", {}).get("text/plain", ""))
            lines += "".join(printed).count("\n") + 1
    return lines


def kind(cell, before, used):
    """Where a cell goes: "slide", "subslide", "fragment" or "-", on with what is there.

    Parameters
    ----------
    cell : dict
    before : dict or None
        The cell before it.
    used : int
        Lines that are taken on the slide.
    """
    words = text(cell)
    if cell["cell_type"] == "markdown":
        if before is None or re.match(r"#{1,2} ", words) or "**What to remember**" in words:
            return "slide"
        if words.startswith("### ") or "$$" in words or used + height(cell) > LINES:
            return "subslide"
        return "fragment"
    if used + height(cell) > LINES and used:
        return "subslide"
    step = before is not None and before["cell_type"] == "markdown" and "$$" in text(before)
    return "fragment" if step else "-"


def broken(notebook):
    """A notebook (as JSON) without solutions, cut into slides; the one that is given stays."""
    kept = [cell for cell in notebook["cells"] if not is_solution(cell)]
    cells, before, used = [], None, 0
    for cell in (part for whole in kept for part in parts(copy.deepcopy(whole))):
        where = kind(cell, before, used)
        used = height(cell) + (used if where in ("fragment", "-") else 0)
        cell["metadata"] = {**cell["metadata"], "slideshow": {"slide_type": where}}
        cells.append(cell)
        before = cell
    return {**notebook, "cells": cells}


def linked(notebook):
    """A notebook whose links to others lead to their slides."""
    cells = [
        {**cell, "source": re.sub(r"\((\w+)\.ipynb(#[^)]*)?\)", r"(\1.slides.html)", text(cell))}
        if cell["cell_type"] == "markdown" else cell
        for cell in notebook["cells"]
    ]  # fmt: skip
    return {**notebook, "cells": cells}


def copied(folder):
    """Copy what a browser needs; addresses by the names of the exporter's settings."""
    try:
        import nbclassic
        import sphinx_revealjs
    except ImportError as error:
        sys.exit(f"{error}; run make slides, which installs what it needs.")
    components = Path(nbclassic.__file__).parent / "static" / "components"
    reveal = Path(sphinx_revealjs.__file__).parent / "_static" / "revealjs"
    for name, source in {"reveal": reveal, "MathJax": components / "MathJax"}.items():
        shutil.copytree(source, folder / name, dirs_exist_ok=True)
    shutil.copy(components / "requirejs" / "require.js", folder)
    shutil.copy(components / "jquery" / "jquery.min.js", folder)
    return {
        "reveal_url_prefix": f"{folder.name}/reveal",
        "mathjax_url": f"{folder.name}/MathJax/MathJax.js?config=TeX-AMS-MML_HTMLorMML-full,Safe",
        "require_js_url": f"{folder.name}/require.js",
        "jquery_url": f"{folder.name}/jquery.min.js",
    }


def offline(page):
    """A page of slides with the fonts that are beside it, and nothing that would be fetched."""
    page, found = MERMAID.subn("", page)
    asked = "displayAlign: 'center',"
    if not found or page.count(asked) != 1:
        raise ValueError("nbconvert's page of slides is not as it was: see MERMAID and FONTS.")
    return page.replace(asked, FONTS + asked).replace("</head>", STYLE + "</head>")


def main():
    """Make the slides of the notebooks that the command line names."""
    parser = argparse.ArgumentParser(description="Make slides of the notebooks.")
    parser.add_argument("names", nargs="*", help="beginnings of names, as 01 (default: all)")
    wanted = tuple(parser.parse_args().names)
    paths = sorted(HERE.glob("*.ipynb"))
    chosen = [path for path in paths if not wanted or path.name.startswith(wanted)]
    if not chosen:
        parser.error(f"no notebook begins with {' or '.join(wanted)}: {[p.stem for p in paths]}")
    import nbformat
    from nbconvert import SlidesExporter

    (SLIDES / "static").mkdir(parents=True, exist_ok=True)
    exporter = SlidesExporter(reveal_theme="white", reveal_scroll=True, **copied(SLIDES / "static"))
    for path in chosen:
        notebook = linked(broken(json.loads(path.read_text(encoding="utf-8"))))
        page, _ = exporter.from_notebook_node(nbformat.reads(json.dumps(notebook), as_version=4))
        target = SLIDES / f"{path.stem}.slides.html"
        target.write_text(offline(page), encoding="utf-8")
    print(f"{len(chosen)} in {SLIDES.relative_to(HERE.parent)}, for example {target.name}")


if __name__ == "__main__":
    main()
