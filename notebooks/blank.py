"""Writes the blank notebooks: those in this folder without the solutions to their exercises.

python notebooks/blank.py    writes notebooks/exercises/*.ipynb, and copies the pages they link to
"""

import json
import shutil
from pathlib import Path

from sennpy.writing import write_text

HERE = Path(__file__).parent
EMPTY = "# Your solution\n"


def is_solution(cell):
    """Whether a cell bears the tag of a solution."""
    return "solution" in cell["metadata"].get("tags", [])


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


def main():
    """Write the blank notebooks and say where."""
    folder = HERE / "exercises"
    folder.mkdir(exist_ok=True)
    notebooks = sorted(HERE.glob("*.ipynb"))
    for path in notebooks:
        notebook = blank(json.loads(path.read_text(encoding="utf-8")))
        text = json.dumps(notebook, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
        write_text(folder / path.name, text)
    for page in [*HERE.glob("*.md"), *HERE.glob("*.svg")]:
        if page.name != "README.md":
            shutil.copy(page, folder)
    print(f"{len(notebooks)} notebooks without solutions in {folder.relative_to(HERE.parent)}")


if __name__ == "__main__":
    main()
