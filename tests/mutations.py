"""Classic mistakes in this mathematics, and the test that catches each (`make mutations`).

    python tests/mutations.py                 all: mistake, killer, seconds; fails on a survivor
    python tests/mutations.py pinv drift      those whose name holds one of these words
    python tests/mutations.py --hand-out 7 FOLDER
    python tests/mutations.py --hand-out easy FOLDER

The last two write a copy of the package and its tests with one mistake in it, for an exercise:
which line is wrong, and which law does it break? It is told by its number, by its name, or as one
of the hunts of notebooks/find_the_bug.md: easy, medium, hard. The mistakes are listed in
mistakes.py and in the files mistakes_*.py, one for some rooms each. All work is done on a copy in a
temporary folder; nothing here is changed.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from importlib import import_module
from pathlib import Path

from mistakes import Mistake

ROOT = Path(__file__).parents[1]
PARTS = ("sennpy", "tests", "figures", "notebooks", "pyproject.toml", "README.md", "Makefile")
APART = ("__pycache__", "mutations.py", "mistakes*.py", "test_mistakes*", "test_contributing.py")
HUNTS = {
    "easy": "Fisher without 1/N",
    "medium": "exact increase beside nothing",
    "hard": "factored damping: pi upside down",
}
LONGEST = 900  # seconds: a test that takes longer with a mistake hangs, and has so told it


def every_mistake():
    """What the lists of all files mistakes*.py hold, in the order of the files' names."""
    found = {}
    for file in sorted(Path(__file__).parent.glob("mistakes*.py")):
        for value in vars(import_module(file.stem)).values():
            if isinstance(value, list) and all(isinstance(one, Mistake) for one in value):
                found[id(value)] = value
    return [mistake for some in found.values() for mistake in some]


MISTAKES = every_mistake()


def mistake_of(which):
    """The mistake of a number, a name or a hunt; ValueError if there is none."""
    name = HUNTS.get(which, which)
    found = [m for i, m in enumerate(MISTAKES) if name in (m.name, str(i))]
    if not found:
        raise ValueError(
            f"{which!r} is no mistake, expected a number from 0 to {len(MISTAKES) - 1}, a name, or "
            f"one of {', '.join(HUNTS)}."
        )
    return found[0]


def hand_out(mistake, folder):
    """Write a copy with the mistake in it to a new folder."""
    folder.mkdir(parents=True)
    copy_to(folder)
    (folder / mistake.file).write_text(patched(mistake, folder), encoding="utf-8")


def copy_to(folder):
    """A copy of the package and its tests, without caches and what tells of the mistakes."""
    ignore = shutil.ignore_patterns(*APART)
    for part in PARTS:
        if (ROOT / part).is_dir():
            shutil.copytree(ROOT / part, folder / part, ignore=ignore)
        else:
            shutil.copy(ROOT / part, folder / part)


def patched(mistake, folder):
    """The text of the file with the mistake in it; ValueError unless it fits exactly once."""
    text = (folder / mistake.file).read_text(encoding="utf-8")
    if text.count(mistake.before) != 1:
        raise ValueError(
            f"{mistake.name}: {mistake.before!r} stands {text.count(mistake.before)} times in "
            f"{mistake.file}, expected once."
        )
    return text.replace(mistake.before, mistake.after)


def run(folder, killers):
    """Of pytest on some tests in a copy: its exit status, 0 if all pass, and what it says."""
    tests = [f"tests/{killer}" for killer in killers]
    command = [sys.executable, "-B", "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider"]
    told = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}
    environment = told | {"PYTHONPATH": str(folder)}
    try:
        done = subprocess.run(
            [*command, "-m", "", *tests], cwd=folder, env=environment, capture_output=True,
            text=True, timeout=LONGEST,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return 1, f"after {LONGEST} s it had not ended"
    if done.returncode not in (0, 1):
        raise RuntimeError(f"pytest could not run {tests}:\n{done.stdout}{done.stderr}")
    return done.returncode, done.stdout


def kill(mistakes):
    """Print mistake, killer and time of each; the names of the survivors."""
    survivors = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        copy_to(folder)
        status, said = run(folder, sorted({mistake.killer for mistake in mistakes}))
        if status:
            raise RuntimeError(f"a killer fails without any mistake:\n{said[-3000:]}")
        for mistake in mistakes:
            right = (folder / mistake.file).read_text(encoding="utf-8")
            (folder / mistake.file).write_text(patched(mistake, folder), encoding="utf-8")
            start = time.perf_counter()
            killed, _ = run(folder, [mistake.killer])
            seconds = time.perf_counter() - start
            (folder / mistake.file).write_text(right, encoding="utf-8")
            verdict = f"{seconds:4.1f} s" if killed else "SURVIVES"
            print(f"{mistake.name:<68} {verdict:>8}  {mistake.killer}", flush=True)
            survivors += [] if killed else [mistake.name]
    return survivors


def main():
    """Run or hand out; the exit status is 1 if a mistake survives."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("words", nargs="*", help="only mistakes whose name holds one of them")
    parser.add_argument("--hand-out", nargs=2, metavar=("WHICH", "FOLDER"))
    arguments = parser.parse_args()
    if arguments.hand_out:
        which, folder = arguments.hand_out[0], Path(arguments.hand_out[1])
        try:
            hand_out(mistake_of(which), folder)
        except (ValueError, FileExistsError) as error:
            parser.error(str(error))
        print(f"wrote {folder}: one line in {folder / 'sennpy'} is wrong")
        return 0
    chosen = [
        m for m in MISTAKES if not arguments.words or any(w in m.name for w in arguments.words)
    ]
    for mistake in MISTAKES:
        patched(mistake, ROOT)
    survivors = kill(chosen)
    print(f"{len(chosen) - len(survivors)} of {len(chosen)} mistakes are caught")
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())
