"""`sennpy tables`: the estimators beside scikit-learn's on the same folds."""

from ..versions import versions
from .keeping import keeping, keeping_options
from .shared import add_parser, command_line, measuring, positive, progress, write_picture

QUICK = ("iris",)


def add(commands):
    """Make the parser."""
    command = add_parser(
        commands,
        "tables",
        "compare the estimators with scikit-learn's on the same folds of eight sets of data",
        [
            "sennpy tables --quick        iris, once in five folds: whether everything works",
            "sennpy tables                all eight, ten times in five folds",
            "sennpy tables --repeats 2    fewer times",
        ],
    )
    measuring(command)
    command.add_argument(
        "--repeats", type=positive, metavar="N",
        help="times that each set is parted into five folds (default 10; with --quick 1)",
    )  # fmt: skip
    keeping_options(command)
    command.set_defaults(command=tables)


def tables(arguments, argv):
    """`sennpy tables`."""
    from ..experiments.tables import data, figures, run
    from ..training.settings import Settings

    names = QUICK if arguments.quick else data.NAMES
    repeats = arguments.repeats or (1 if arguments.quick else 10)
    name, settings = "tables-quick" if arguments.quick else "tables", Settings().as_dict()
    with keeping(arguments, name, settings) as store:
        rows = run.run(names, repeats, arguments.seed, arguments.jobs or -1, progress, store)
        lines = run.table(rows)
        print(run.printed(lines))
        content = {
            "command": command_line(argv), "seed": arguments.seed, "repeats": repeats,
            "settings": settings, "versions": versions(), "rows": rows, "table": lines,
            "verdicts": run.verdicts(lines),
        }  # fmt: skip
        return write_picture(arguments, name, content, figures.tables_figure(rows, lines))
