"""`sennpy battery`: the default settings on a table of tasks, each with what is to be reached."""

import os
from pathlib import Path

from ..versions import versions
from .keeping import keeping, keeping_options
from .shared import add_parser, command_line, measuring, positive, progress, write_picture

QUICK_SEEDS = 2


def add(commands):
    """Make the parser."""
    command = add_parser(
        commands,
        "battery",
        "measure the default settings on a table of tasks, beside others on the same data",
        [
            "sennpy battery --quick                  the small rows, two draws each, in seconds",
            "sennpy battery                          all of it, some twelve minutes on two cores",
            "sennpy battery --rows spiral-2 real     these rows, or groups of rows",
            "sennpy battery --rows mnist --data DIR  DIR holds the four .gz files",
        ],
    )
    measuring(command)
    command.add_argument(
        "--seeds", type=positive, metavar="N", help="draws of each row, instead of each row's own"
    )
    command.add_argument(
        "--rows", nargs="+", metavar="NAME", help="rows or groups of rows, instead of all"
    )
    command.add_argument(
        "--data", type=Path, metavar="DIR", help="folder of MNIST's four .gz files; else "
        "$SENNPY_DATA, else the cache; without them that row is skipped",
    )  # fmt: skip
    keeping_options(command)
    command.set_defaults(command=battery)


def battery(arguments, argv):
    """`sennpy battery`."""
    from ..experiments.battery import figures, rows, table, together
    from ..training.settings import Settings

    chosen, with_areas = rows.chosen(arguments.rows, arguments.quick)
    skipped = {}
    if any(row.name == "mnist" for row in chosen):
        lacks = together.mnist_lacks(arguments.data, os.environ.get("SENNPY_DATA"))
        skipped = {"mnist": lacks} if lacks else {}
        if not lacks:
            check_mnist(arguments.data)
    chosen = [row for row in chosen if row.name not in skipped]
    settings, jobs = Settings(), arguments.jobs or -1

    def seeds(row):
        number = arguments.seeds or (QUICK_SEEDS if arguments.quick else row.seeds)
        return range(arguments.seed, arguments.seed + number)

    content = {
        "command": command_line(argv), "seed": arguments.seed, "settings": settings.as_dict(),
        "versions": versions(), "skipped": skipped, "widths_tried_seconds": {},
        "areas_over_seconds": [],
    }  # fmt: skip
    with keeping(arguments, stem(arguments), settings.as_dict(), {"skipped": skipped}) as store:
        work = (chosen, seeds, settings, jobs, arguments.data, progress, store)
        content["runs"] = together.run_all(*work)
        if with_areas:
            tried, pairs = together.areas(settings, jobs, progress, store)
            content |= {"widths_tried_seconds": tried, "areas_over_seconds": pairs}
        print(table.printed(content))
        status = write_picture(arguments, stem(arguments), content, figures.battery_figure(content))
    arguments.summary["verdicts"] = table.verdicts(content)
    return status


def check_mnist(folder):
    """Tell what is wrong with the files before the training."""
    from ..datasets.idx import load

    load(folder)


def stem(arguments):
    """The file name without its ending: it tells which rows, if not all. What follows a point
    would count as the ending, so there is none.
    """
    parts = ["battery", *(arguments.rows or ()), *(["quick"] if arguments.quick else [])]
    return "-".join(parts).replace(".", "_")
