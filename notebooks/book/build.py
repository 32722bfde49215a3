"""Builds the book: puts its pages together in build/book-source, and Sphinx makes build/book.

python notebooks/book/build.py
"""

import json
import os
import re
import shutil
import subprocess
import sys
from itertools import groupby
from pathlib import Path

from pages import LABEL, anchor, api, course, landing, register

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
SOURCE, BOOK = ROOT / "build" / "book-source", ROOT / "build" / "book"
LINK = re.compile(r"(!?\[[^]]*\])\(([^)\s]+)\)")
KERNELS = {"NUMBA_DISABLE_JIT": "1"}  # they are functions with docstrings then
UNFOLD, FOLD = '<details class="solution"><summary>Solution</summary>', "</details>"


def is_solution(cell):
    """Whether a cell bears the tag of a solution."""
    return "solution" in cell["metadata"].get("tags", [])


def heading(notebook):
    """The title of a notebook (as JSON)."""
    return "".join(notebook["cells"][0]["source"]).splitlines()[0].removeprefix("# ")


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
    """A text cell whose labels, where it lists them, lead to the register."""
    source = LINK.sub(
        lambda m: m[0] if linked(m[2]) in {"", *there} else m[1].strip("[]"),
        "".join(cell["source"]),
    )
    return {**cell, "source": re.sub(r"^- \*\*Labels:\*\*.*", with_labels, source, flags=re.M)}


def with_labels(match):
    """A line in which each label of the register is a link."""
    return LABEL.sub(lambda m: f"[{m[0]}](equations.md#{anchor(m[0])})", match[0])


def linked(link):
    """The notebook that a link leads to; empty if it leads elsewhere."""
    return link.partition("#")[0].removesuffix(".ipynb") if ".ipynb" in link else ""


def of_the_readme(match):
    """A link of the README as one of the book; the files of the repository it names are copied."""
    text, link = match.groups()
    if link.startswith("https://"):
        return match[0]
    if link == "notebooks/README.md":
        return f"{text}(course.md)"
    target = SOURCE / link
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(ROOT / link, target)
    return match[0]


def write(name, text):
    """Write one page of the source."""
    path = SOURCE / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def main():
    """Put the source together and run Sphinx; warnings are errors."""
    shutil.rmtree(SOURCE, ignore_errors=True)
    shutil.rmtree(BOOK, ignore_errors=True)
    notebooks = {
        path.stem: json.loads(path.read_text(encoding="utf-8"))
        for path in sorted((ROOT / "notebooks").glob("*.ipynb"))
    }
    for name, notebook in notebooks.items():
        write(f"{name}.ipynb", json.dumps(prepared(notebook, notebooks)))
    readme = LINK.sub(of_the_readme, (ROOT / "README.md").read_text(encoding="utf-8"))
    write("index.md", landing(readme, notebooks))
    lessons = (ROOT / "notebooks" / "README.md").read_text(encoding="utf-8")
    write("course.md", course(lessons, notebooks))
    write("equations.md", register({name: heading(n) for name, n in notebooks.items()}))
    for name, text in api().items():
        write(f"api/{name}", text)
    command = ["sphinx", "-q", "-W", "--keep-going", "-c", HERE, "-d", SOURCE / ".doctrees"]
    paths = os.pathsep.join([str(HERE), str(ROOT)])
    settings = {**os.environ, "PYTHONPATH": paths, **KERNELS}
    done = subprocess.run([sys.executable, "-m", *command, SOURCE, BOOK], env=settings)
    if done.returncode:
        sys.exit(done.returncode)
    print(f"open {(BOOK / 'index.html').relative_to(ROOT)}")


if __name__ == "__main__":
    main()
