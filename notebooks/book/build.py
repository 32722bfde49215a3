"""Builds the book: puts its pages together in build/book-source, and Sphinx makes build/book.

python notebooks/book/build.py
"""

import json
import os
import runpy
import shutil
import subprocess
import sys
from pathlib import Path

from lessons import LINK, heading, mentioned, prepared, with_downloads
from pages import api, copied_pictures, course, landing, peers, register, sheets
from studies import pages as of_studies

from sennpy.studies.claims import records_of

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
SOURCE, BOOK = ROOT / "build" / "book-source", ROOT / "build" / "book"
sys.path.append(str(HERE.parent))  # blank.py and what it imports
blank = runpy.run_path(str(HERE.parent / "blank.py"))["blank"]
KERNELS = {"NUMBA_DISABLE_JIT": "1"}  # they are functions with docstrings then


def of_the_readme(match):
    """A link of the README as one of the book: to its pages, or no link."""
    text, link = match.groups()
    if link.startswith(("https://", "#")) or text.startswith("!"):
        return match[0]
    page = {"notebooks/README.md": "course.md"}.get(link, Path(link).name)
    return f"{text}({page})" if (SOURCE / page).exists() else text.strip("[]")


def write(name, text):
    """Write one page of the source, with the pictures that it shows."""
    path = SOURCE / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(copied_pictures(text, SOURCE), encoding="utf-8")


def main():
    """Put the source together and run Sphinx; warnings are errors."""
    shutil.rmtree(SOURCE, ignore_errors=True)
    shutil.rmtree(BOOK, ignore_errors=True)
    notebooks = {
        path.stem: json.loads(path.read_text(encoding="utf-8"))
        for path in sorted((ROOT / "notebooks").glob("*.ipynb"))
    }
    absent = sorted(mentioned(notebooks) - set(notebooks))
    if absent:
        print("not there yet, so not linked:", ", ".join(absent))
    titles = {name: heading(notebook) for name, notebook in notebooks.items()}
    for name, notebook in notebooks.items():
        page = with_downloads(prepared(notebook, notebooks), name)
        write(f"{name}.ipynb", json.dumps(page))
        for folder, content in {"": notebook, "exercises/": blank(notebook)}.items():
            write(f"downloads/{folder}{name}.ipynb", json.dumps(content, indent=1))
    lessons = (ROOT / "notebooks" / "README.md").read_text(encoding="utf-8")
    write("course.md", course(lessons, titles))
    write("equations.md", register(titles, notebooks))
    for name, text in sheets().items():
        write(name, text)
    record = (ROOT / "figures" / "peers.json").read_text(encoding="utf-8")
    write("peers.md", peers(json.loads(record)))
    for name, text in of_studies(records_of(ROOT / "figures")).items():
        write(f"studies/{name}", text)
    for picture in (ROOT / "figures").glob("study-*.png"):
        shutil.copy(picture, SOURCE / "studies" / picture.name)
    for name, text in api().items():
        write(f"api/{name}", text)
    readme = LINK.sub(of_the_readme, (ROOT / "README.md").read_text(encoding="utf-8"))
    write("index.md", landing(readme, notebooks))  # last: it links what is there
    command = ["sphinx", "-q", "-W", "--keep-going", "-c", HERE, "-d", SOURCE / ".doctrees"]
    paths = os.pathsep.join([str(HERE), str(ROOT)])
    settings = {**os.environ, "PYTHONPATH": paths, **KERNELS}
    done = subprocess.run([sys.executable, "-m", *command, SOURCE, BOOK], env=settings)
    if done.returncode:
        sys.exit(done.returncode)
    print(f"open {(BOOK / 'index.html').relative_to(ROOT)}")


if __name__ == "__main__":
    main()
