"""`sennpy bench`: ratios within one run beside what is wanted, and seconds beside them."""

import json
import os
from pathlib import Path
from statistics import median

from ..extras import require
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
            "sennpy bench --against ../before whole processes of two checkouts in alternation",
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
    command.add_argument(
        "--against", type=Path, metavar="FOLDER",
        help="another checkout: time whole processes of both in alternation, instead of groups",
    )  # fmt: skip
    add_json(command)
    command.set_defaults(command=bench)


def bench(arguments, argv):
    """`sennpy bench`; 1 if a line that could be judged missed what is wanted, else 0."""
    asked = list(dict.fromkeys(arguments.groups or GROUPS))
    unknown = [group for group in asked if group not in GROUPS + STUDIES]
    if unknown:
        raise ValueError(f"GROUP is {unknown[0]!r}, expected one of {', '.join(GROUPS + STUDIES)}.")
    require("numba")  # or twins would be timed against themselves
    if arguments.against is not None:
        if arguments.groups:
            raise ValueError("--against times whole processes: it is given without groups.")
        return compare(arguments, argv)
    if set(asked) & set(STUDIES):
        if len(asked) > 1:
            raise ValueError(f"{' and '.join(STUDIES)} are run alone, not with other groups.")
        studies = {"searches": searches, "scaling": scaling, "residuals": residuals}
        return studies[asked[0]](arguments, argv)
    from ..benchmarks.timing import HEADER, Clock

    timings, fastest, clock = [], on_record(), Clock(arguments.repeat)
    for group in asked:
        for timing in makers()[group](clock):
            timings.append(timing)
            fastest = min(filter(None, [fastest, *timing.yard_seconds]))
            print("  ".join(cell for cell in timing.row(fastest) if cell), flush=True)
    print()
    print(table(HEADER, [timing.row(fastest) for timing in timings]))
    verdicts = [timing.verdict(fastest) for timing in timings]
    print(summary(verdicts))
    content = header(argv) | {
        "yardstick_seconds": yardsticks(timings),
        "timings": {t.name: t.as_dict(fastest) for t in timings},
    }
    path = arguments.out / ("-".join(["bench", *dict.fromkeys(arguments.groups)]) + ".json")
    write_json(path, content)
    return conclude(arguments, content, path) or int("MISSED" in verdicts)


def makers():
    """What makes the timings of each group, from a `Clock`."""
    from ..benchmarks import compiling, searching, training

    return dict(
        zip(
            GROUPS,
            (searching.langevin, searching.many_proposals, searching.profile, searching.layers,
             training.steps, training.large_steps, training.whole_runs, training.mnist_run,
             compiling.first_calls),
            strict=True,
        )
    )  # fmt: skip


def on_record(path=None):
    """The yardstick's seconds in figures/bench.json, if they are there and of this machine."""
    from ..benchmarks.timing import REPOSITORY
    from ..benchmarks.yardstick import machine

    path = REPOSITORY / "figures" / "bench.json" if path is None else path
    if not path.is_file():
        return None
    known = json.loads(path.read_text(encoding="utf-8")).get("yardstick_seconds", {})
    return known.get("fastest") if known.get("machine") == machine() else None


def yardsticks(timings):
    """The machine, and the yardstick's fastest and median seconds on it during these timings."""
    from ..benchmarks.yardstick import machine

    yards = [seconds for timing in timings for seconds in timing.yard_seconds]
    if not yards:  # all was left out
        return {"machine": machine(), "fastest": None, "median": None}
    return {"machine": machine(), "fastest": min(yards), "median": median(yards)}


def summary(verdicts):
    """How many lines were judged, and how."""
    told = {word: verdicts.count(word) for word in ("ok", "MISSED", "too busy to tell")}
    return ", ".join(f"{number} {word}" for word, number in told.items() if number)


def compare(arguments, argv):
    """`sennpy bench --against FOLDER`; 1 if a line that could be judged is slower by over 10%."""
    from ..benchmarks.against import HEADER, against, judged, row

    lines, fastest = [], on_record()
    for line in against(arguments.against, arguments.repeat):
        lines.append(line)
        fastest = min(filter(None, [fastest, *line["yard_seconds"]]))
        print("  ".join(row(judged(line, fastest))), flush=True)
    lines = [judged(line, fastest) for line in lines]
    print()
    print(table(HEADER, [row(line) for line in lines]))
    content = header(argv) | {"lines": lines}
    path = arguments.out / "bench-against.json"
    write_json(path, content)
    slower = any(line["verdict_seconds"] == "SLOWER" for line in lines)
    return conclude(arguments, content, path) or int(slower)


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
