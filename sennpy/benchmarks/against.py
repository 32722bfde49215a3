"""This checkout and another in alternation: whole processes, which both can start.

Finer pieces have other names in another version; a process is started by what users type.
"""

from pathlib import Path
from statistics import median

from .timing import REPOSITORY, fresh, spelled
from .yardstick import too_busy, yardstick

RUN = "from sennpy.experiments import {0} as e; e.run(e.PRESETS['default'])"
PROCESSES = {
    "import numpy, scipy.linalg": "import numpy, scipy.linalg",  # of neither: what chance does
    "import sennpy": "import sennpy",
    "half-moons --quick": "from sennpy.cli import main; from tempfile import TemporaryDirectory\n"
    "with TemporaryDirectory() as out: main(['half-moons', '--quick', '--out', out])",
    "run regression": RUN.format("regression"),
    "run half_moons": RUN.format("half_moons"),
}
SLOWER = 1.1  # times the other's median
HEADER = ["", "here", "there", "here / there", "at most", ""]


def checkout(folder):
    """The folder of another checkout, absolute, or ValueError."""
    path = Path(folder).resolve()
    if not (path / "sennpy" / "__init__.py").is_file():
        raise ValueError(f"{folder} is no checkout of sennpy: there is no sennpy/__init__.py.")
    return path


def against(folder, repeat, yard=yardstick, run=fresh, processes=None):
    """Time processes of this checkout and of another in alternation, after one of each.

    Who goes first alternates too.

    Returns
    -------
    iterator of dict
        name; here_seconds, there_seconds, yard_seconds: lists.
    """
    there = checkout(folder)
    for name, code in (PROCESSES if processes is None else processes).items():
        seconds = {REPOSITORY: [], there: []}
        for place in seconds:
            run(code, 1, warm=False, folder=place)
        yards = [yard()]
        for i in range(repeat):
            for place in list(seconds)[:: 1 if i % 2 == 0 else -1]:
                seconds[place] += run(code, 1, warm=False, folder=place)[0]
                yards.append(yard())
        yield {
            "name": name, "here_seconds": seconds[REPOSITORY], "there_seconds": seconds[there],
            "yard_seconds": yards,
        }  # fmt: skip


def judged(line, on_record=None):
    """The line with its ratio of medians and the verdict: "ok", "SLOWER" or "too busy to tell"."""
    ratio = median(line["here_seconds"]) / median(line["there_seconds"])
    verdict = "ok" if ratio <= SLOWER else "SLOWER"
    if too_busy(line["yard_seconds"], on_record):
        verdict = "too busy to tell"
    return line | {"ratio_seconds": ratio, "verdict_seconds": verdict}


def row(line):
    """Cells of the printed table, of a `judged` line."""
    here, there = (spelled(median(line[f"{side}_seconds"])) for side in ("here", "there"))
    ratio = f"{line['ratio_seconds']:.2f}"
    return [line["name"], here, there, ratio, f"{SLOWER}", line["verdict_seconds"]]
