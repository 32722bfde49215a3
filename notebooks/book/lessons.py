"""The notebooks as pages of the book: solutions folded, labels linked, figures in words."""

import re
from base64 import b64decode
from hashlib import sha256
from itertools import groupby

from pages import with_labels

LINK = re.compile(r"(!?\[[^]]*\])\(([^)\s]+)\)")
FOLDED = re.compile(  # what notebooks/folding.py puts around the text of a solution
    r"\A<details><summary>Solution</summary>\n\n(.*)\n\n</details>\Z", re.S
)
UNFOLD, FOLD = '<details class="solution"><summary>Solution</summary>', "</details>"


def is_solution(cell):
    """Whether a cell bears the tag of a solution."""
    return "solution" in cell["metadata"].get("tags", [])


def heading(notebook):
    """The title of a notebook (as JSON)."""
    return "".join(notebook["cells"][0]["source"]).splitlines()[0].removeprefix("# ")


def mentioned(notebooks):
    """Names of all notebooks that notebooks (as JSON) link to."""
    texts = ("".join(cell["source"]) for n in notebooks.values() for cell in n["cells"])
    return {linked(link) for text in texts for _, link in LINK.findall(text)} - {""}


def prepared(notebook, there):
    """A notebook with its solutions folded, its labels linked, and no links to those not there."""
    cells = []
    for solved, run in groupby(notebook["cells"], is_solution):
        run = [cell if cell["cell_type"] == "code" else relinked(cell, there) for cell in run]
        if solved:
            run = [html(f"open{len(cells)}", UNFOLD), *run, html(f"close{len(cells)}", FOLD)]
        cells += run
    return {**notebook, "cells": cells}


def html(name, source):
    """A text cell of nothing but HTML."""
    return {"cell_type": "markdown", "id": name, "metadata": {}, "source": source}


def relinked(cell, there):
    """A text cell whose labels and links lead somewhere; not folded by itself."""
    source = LINK.sub(
        lambda m: m[0] if linked(m[2]) in {"", *there} else m[1].strip("[]"),
        FOLDED.sub(r"\1", "".join(cell["source"])),
    )
    return {**cell, "source": with_labels(source)}


def with_downloads(page, name):
    """A page with links below its title to the notebook itself, with and without solutions."""
    links = (
        f"{{download}}`Notebook <downloads/{name}.ipynb>` "
        f"{{download}}`Without solutions <downloads/exercises/{name}.ipynb>`"
    )
    first, *others = page["cells"]
    title, _, rest = first["source"].partition("\n")
    return {**page, "cells": [{**first, "source": f"{title}\n\n{links}\n{rest}"}, *others]}


def in_words(notebook):
    """What each figure of a notebook (as JSON) shows, by the name of its file in the book."""
    return {
        sha256(b64decode("".join(data["image/png"]))).hexdigest(): "".join(data["text/plain"])
        for cell in notebook["cells"]
        for output in cell.get("outputs", [])
        if "image/png" in (data := output.get("data", {}))
    }


def linked(link):
    """The notebook that a link leads to; empty if it leads elsewhere."""
    return link.partition("#")[0].removesuffix(".ipynb") if re.search(r"\.ipynb(#|$)", link) else ""
