"""`sennpy bench`: times beside what is wanted, the NumPy twins, and what cannot be saved."""

import os
from pathlib import Path

from ..versions import versions
from ..writing import table, write_json
from .shared import add_json, add_parser, command_line, conclude, positive, write_picture

GROUPS = ("langevin", "proposals", "profile", "layers", "steps", "large-steps", "runs", "mnist",
          "first-calls")  # fmt: skip
STUDIES = ("searches", "scaling", "residuals")


def add(commands):
    """Make the parser."""
    command = add_parser(
        commands,
        "bench",
        "time searches, training steps, whole runs and first calls",
        [
            "sennpy bench                     all timings, some minutes",
            "sennpy bench langevin steps      two groups of them",
            "sennpy bench searches            which search finds most in how little time; a figure",
            "sennpy bench scaling             how times grow with the sizes; a figure",
            "sennpy bench residuals           what conjugate gradients leave; a figure",
        ],
    )
    command.add_argument(
        "groups", nargs="*", metavar="GROUP",
        help=f"of {', '.join(GROUPS)} (default all), or one of {', '.join(STUDIES)}",
    )  # fmt: skip
    command.add_argument(
        "--repeat", type=positive, default=5, metavar="N", help="repetitions (default 5)"
    )
    command.add_argument(
        "--out", type=Path, default=Path("figures"), help="folder to write to (default figures)"
    )
    add_json(command)
    command.set_defaults(command=bench)


def bench(arguments, argv):
    """`sennpy bench`."""
    asked = arguments.groups or list(GROUPS)
    unknown = [group for group in asked if group not in GROUPS + STUDIES]
    if unknown:
        raise ValueError(f"GROUP is {unknown[0]!r}, expected one of {', '.join(GROUPS + STUDIES)}.")
    if set(asked) & set(STUDIES):
        if len(asked) > 1:
            raise ValueError(f"{' and '.join(STUDIES)} are run alone, not with other groups.")
        studies = {"searches": searches, "scaling": scaling, "residuals": residuals}
        return studies[asked[0]](arguments, argv)
    from ..benchmarks import compiling, searching, training
    from ..benchmarks.timing import HEADER

    makers = dict(
        zip(
            GROUPS,
            (searching.langevin, searching.many_proposals, searching.profile, searching.layers,
             training.steps, training.large_steps, training.whole_runs, training.mnist_run,
             compiling.first_calls),
            strict=True,
        )
    )  # fmt: skip
    timings = []
    for group in dict.fromkeys(asked):
        for timing in makers[group](arguments.repeat):
            timings.append(timing)
            print("  ".join(cell for cell in timing.row() if cell), flush=True)
    print()
    print(table(HEADER, [timing.row() for timing in timings]))
    content = header(argv) | {"timings": {t.name: t.as_dict() for t in timings}}
    path = arguments.out / ("-".join(["bench", *dict.fromkeys(arguments.groups)]) + ".json")
    write_json(path, content)
    return conclude(arguments, content, path)


def header(argv):
    """What the JSON of a bench begins with."""
    return {
        "command": command_line(argv),
        "cores": os.cpu_count(),
        "versions": versions(),
    }


def searches(arguments, argv):
    """`sennpy bench searches`: best score against time, on states of real trainings."""
    from ..benchmarks import figures
    from ..benchmarks.duel import duel, medians, verdict

    rows = duel()
    curves, found = medians(rows), verdict(rows)
    print(
        f"profile reaches {found['bound_over_chains']:.3f} of what 100 chains x 3000 steps reach, "
        f"in 1/{1 / found['time_over_chains_seconds']:.0f} of their time (medians over the states)"
    )
    return picture(arguments, argv, "bench-searches", {"rows": rows, "verdict": found},
                   figures.score_against_time, curves)  # fmt: skip


def scaling(arguments, argv):
    """`sennpy bench scaling`: how times grow with the sizes."""
    from ..benchmarks import figures
    from ..benchmarks.scaling import scaling as measure

    found = measure(arguments.repeat)
    return picture(arguments, argv, "bench-scaling", {"sweeps": found},
                   figures.time_against_sizes, found)  # fmt: skip


def residuals(arguments, argv):
    """`sennpy bench residuals`: what conjugate gradients leave, with and without K-FAC factors."""
    from ..benchmarks import figures
    from ..benchmarks.solving import residuals as measure

    curves = measure()
    return picture(arguments, argv, "bench-residuals", {"curves": curves},
                   figures.residual_against_products, curves)  # fmt: skip


def picture(arguments, argv, stem, content, draw, what):
    """Write a JSON and its picture; the exit status."""
    from ..benchmarks import figures

    return write_picture(arguments, stem, header(argv) | content, figures.bench_figure(draw, what))
