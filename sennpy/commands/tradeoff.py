"""`sennpy tradeoff`: what it costs to be strict about additions, and what not to be."""

from ..versions import versions
from ..writing import table
from .keeping import keeping, keeping_options
from .shared import add_parser, command_line, measuring, positive, progress, write_picture

QUICK = {"levels": (0.0, 1.25), "names": ("noise-labels-400", "iris")}


def add(commands):
    """Make the parser."""
    command = add_parser(
        commands,
        "tradeoff",
        "measure what more or fewer standard errors cost, on noise and on rows of the battery",
        [
            "sennpy tradeoff            some minutes on two cores",
            "sennpy tradeoff --quick    two levels, two rows: whether everything works",
        ],
    )
    measuring(command)
    command.add_argument("--seeds", type=positive, default=8, metavar="N", help="draws (default 8)")
    keeping_options(command)
    command.set_defaults(command=tradeoff)


def tradeoff(arguments, argv):
    """`sennpy tradeoff`."""
    from ..experiments.battery import figures
    from ..experiments.battery import tradeoff as experiment
    from ..training.settings import Settings

    settings, draws = Settings(), range(arguments.seed, arguments.seed + arguments.seeds)
    cut = QUICK if arguments.quick else {}
    name = "tradeoff-quick" if arguments.quick else "tradeoff"
    with keeping(arguments, name, settings.as_dict()) as store:
        jobs = arguments.jobs or -1
        runs = experiment.run(settings, jobs, progress, draws, **cut, store=store)
        print(printed(runs))
        content = {
            "command": command_line(argv), "seed": arguments.seed, "versions": versions(),
            "settings": settings.as_dict(), "runs": runs,
        }  # fmt: skip
        return write_picture(arguments, name, content, figures.tradeoff_figure(runs))


def printed(runs):
    """A line a level: the share of false additions, then the median test figure of each row."""
    from ..experiments.battery import tradeoff as experiment
    from ..experiments.battery.rows import ROWS

    levels, false = experiment.false_additions(runs)
    names = [n for n in dict.fromkeys(run["row"] for run in runs) if not n.startswith("noise")]
    found = [experiment.medians(runs, name, ROWS[name].metric)[1] for name in names]
    rows = [
        [f"{level:g}", f"{share:.2f}", *(f"{values[i]:.4g}" for values in found)]
        for i, (level, share) in enumerate(zip(levels, false, strict=True))
    ]
    return table(["z", "grew on noise", *names], rows)
