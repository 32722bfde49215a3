"""`sennpy doctor`: what is here, what is missing, and the command that mends it."""

import os
import platform
import re
import shutil
import sys
import tempfile
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import NamedTuple

from ..blas import blas
from ..datasets.idx import FILES, cache
from ..version import __version__
from ..writing import table
from .shared import add_json, add_parser

NEEDED = {"numpy": "1.24", "scipy": "1.10"}
USEFUL = {
    "scikit-learn": "1.2", "matplotlib": "3.7", "tqdm": "4.65", "numba": "0.57", "joblib": "1.2",
    "threadpoolctl": "3.0",
}  # fmt: skip
NOTEBOOKS = ("jupyter", "jupytext")
CACHE = "the user's cache"
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")


class Finding(NamedTuple):
    """One line of the report.

    Attributes
    ----------
    name : str
    found : str
        What there is, in words.
    mend : str
        The command that mends it; empty if nothing is wrong.
    needed : bool
        Whether sennpy does not work without it.
    """

    name: str
    found: str
    mend: str = ""
    needed: bool = False


def add(commands):
    """Make the parser."""
    command = add_parser(
        commands,
        "doctor",
        "tell what is installed and found, what is missing and how to mend it",
        [
            "sennpy doctor",
            "sennpy doctor --data FOLDER    look for MNIST there",
            "sennpy doctor --json",
        ],
    )
    command.add_argument("--data", type=Path, metavar="FOLDER", help="where to look for MNIST")
    add_json(command)
    command.set_defaults(command=doctor)


def doctor(arguments, argv):
    """`sennpy doctor`: exit status 1 when something that sennpy needs is missing or too old."""
    findings = examine(arguments.data)
    rows = [[f.name, state(f), f.found] for f in findings]
    print(table(["", "state", "found"], rows, left=3))
    mends = [f for f in findings if f.mend]
    if mends:
        print("\nto mend it:")
        print("\n".join(f"  {f.name}: {f.mend}" for f in mends))
    broken = [f.name for f in mends if f.needed]
    print(f"\nsennpy needs: {', '.join(broken)}." if broken else "\nAll that is needed is here.")
    arguments.summary = {
        "ok": not broken,
        "findings": [f._asdict() | {"state": state(f)} for f in findings],
    }
    return 1 if broken else 0


def state(finding):
    """A finding in one word: "ok", "broken", or "absent" for what one can do without."""
    return "ok" if not finding.mend else "broken" if finding.needed else "absent"


def examine(data=None):
    """All findings, as a list; `data` is the folder to look for MNIST in, if any."""
    return [
        python(sys.version_info[:3]),
        Finding("sennpy", f"{__version__} in {Path(__file__).parents[1]}"),
        *(package(name, least, needed=True) for name, least in NEEDED.items()),
        *(package(name, least) for name, least in USEFUL.items()),
        Finding("machine", f"{platform.system()} {platform.machine()}, CPUs: {os.cpu_count()}"),
        linear_algebra(),
        Finding("threads", ", ".join(f"{n}: {os.environ.get(n, 'not set')}" for n in THREADS)),
        numba_cache(Path(__file__).parents[1]),
        mnist(data),
        program("ffmpeg", "apt install ffmpeg, or brew install ffmpeg (for MP4)"),
        *(package(name, "0") for name in NOTEBOOKS),
    ]


def python(found):
    """The version of Python, (major, minor, micro)."""
    mend = "" if found >= (3, 10) else "install Python 3.10 or newer; make test PYTHON=python3.12"
    return Finding("python", ".".join(map(str, found)), mend, needed=True)


def package(name, least, needed=False):
    """An installed package, at least of a version, that can be imported."""
    mend = (
        f'python -m pip install "{name}>={least}"'
        if least != "0"
        else f"python -m pip install {name}"
    )
    try:
        found = version(name)
    except PackageNotFoundError:
        return Finding(name, "not installed", mend, needed)
    if numbers(found) < numbers(least):
        return Finding(name, f"{found}, which is older than {least}", mend, needed)
    if name == "numba":  # the one that refuses a newer NumPy, and says so only when imported
        try:
            import numba  # noqa: F401
        except ImportError as error:
            upgrade = "python -m pip install --upgrade numba"
            return Finding(name, f"{found}, but: {error}", upgrade, needed)
    return Finding(name, found, needed=needed)


def numbers(text):
    """A version's first two numbers, to compare."""
    return tuple(int(part) for part in re.findall(r"\d+", text)[:2])


def linear_algebra():
    """The libraries that NumPy and SciPy compute with, and their threads."""
    try:
        return Finding("linear algebra", "; ".join(blas()))
    except ImportError as error:  # what is missing has a line of its own
        return Finding("linear algebra", f"not known: {error}")


def numba_cache(package):
    """Where numba would keep what it compiles for a package, and whether it can."""
    named = os.environ.get("NUMBA_CACHE_DIR")
    folder = Path(named) if named else package / "__pycache__"
    if is_writable(folder):
        return Finding("numba cache", str(folder))
    mend = "export NUMBA_CACHE_DIR=FOLDER, one that can be written to"
    return Finding("numba cache", f"{folder} cannot be written to", mend)


def is_writable(folder):
    """Whether files can be made in a folder, or in the nearest above it if it is still to make."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    try:
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


def mnist(data):
    """Whether the four files of MNIST are where they are looked for."""
    folder, source = mnist_folder(data)
    missing = [name for name in FILES if not (folder / name).is_file()]
    found = f"{len(FILES) - len(missing)} of {len(FILES)} files in {folder} ({source})"
    if not missing:
        return Finding("MNIST", found)
    mend = f"put {', '.join(missing)} there, or leave {source} out and have them downloaded"
    if source == CACHE:
        mend = 'python -c "from sennpy.datasets import mnist; mnist()"'
    return Finding("MNIST", found, mend)


def mnist_folder(data):
    """The folder for MNIST, and what names it: `data`, else $SENNPY_DATA, else the user's cache."""
    for folder, source in ((data, "--data"), (os.environ.get("SENNPY_DATA"), "$SENNPY_DATA")):
        if folder:
            return Path(folder), source
    return cache(), CACHE


def program(name, mend):
    """A program on the path."""
    found = shutil.which(name)
    return Finding(name, found) if found else Finding(name, "not on the path", mend)
