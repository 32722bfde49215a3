"""Writes the blank notebooks: those in this folder without the solutions to their exercises.

    python notebooks/blank.py           writes notebooks/exercises/ and the pages they link to
    python notebooks/blank.py --anew    also those that you have changed

What you have changed since it was written is kept, unless you ask otherwise.
"""

import argparse
import json
import shutil
from hashlib import sha256
from pathlib import Path

from folding import is_solution

from sennpy.writing import write_text

HERE = Path(__file__).parent
EMPTY = "# Your solution\n"
WRITTEN = ".written.json"  # file name to a hash of what was written


def blank(notebook):
    """A notebook (as JSON) in which each run of solution cells has become one empty cell."""
    cells = []
    for i, cell in enumerate(notebook["cells"]):
        if not is_solution(cell):
            cells.append(cell)
        elif i == 0 or not is_solution(notebook["cells"][i - 1]):
            cells.append(
                {
                    "cell_type": "code",
                    "execution_count": None,
                    "id": cell["id"],
                    "metadata": {},
                    "outputs": [],
                    "source": [EMPTY],
                }
            )
    return {**notebook, "cells": cells}


def digest(text):
    """What tells whether a text has changed."""
    return sha256(text.encode()).hexdigest()


def main(argv=None):
    """Write the blank notebooks, and say where and which were kept."""
    arguments = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    arguments.add_argument("--anew", action="store_true", help="those too that were changed")
    anew = arguments.parse_args(argv).anew
    folder = HERE / "exercises"
    folder.mkdir(exist_ok=True)
    list_of_written = folder / WRITTEN
    known = json.loads(list_of_written.read_text()) if list_of_written.exists() else {}
    kept, notebooks = [], sorted(HERE.glob("*.ipynb"))
    for path in notebooks:
        notebook, target = blank(json.loads(path.read_text(encoding="utf-8"))), folder / path.name
        text = json.dumps(notebook, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
        there = target.read_text(encoding="utf-8") if target.exists() else None
        if there is None or anew or known.get(path.name) == digest(there):
            write_text(target, text)
            known[path.name] = digest(text)
        else:
            kept.append(path.name)
    write_text(list_of_written, json.dumps(known, indent=1) + "\n")
    for page in [*HERE.glob("*.md"), *HERE.glob("*.svg")]:
        if page.name != "README.md":
            shutil.copy(page, folder)
    print(f"{len(notebooks)} notebooks without solutions in {folder.relative_to(HERE.parent)}")
    if kept:
        print("kept as you have changed them:", *kept, "(--anew writes them again)")


if __name__ == "__main__":
    main()
