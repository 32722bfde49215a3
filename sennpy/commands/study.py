"""`sennpy study`: what the paper claims and leaves open, measured."""

from pathlib import Path

from ..versions import versions
from ..writing import table, write_json
from .shared import (
    add_json,
    add_parser,
    command_line,
    conclude,
    positive,
    progress,
    write_picture,
)


def add(commands):
    """Make the parser."""
    command = add_parser(
        commands,
        "study",
        "measure what the paper claims: list the studies, or run one",
        [
            "sennpy study                     lists them",
            "sennpy study task_size --quick   a few seconds: whether everything works",
            "sennpy study task_size           minutes on two cores; go on with the same command",
            "sennpy study --claims            what those on record say of the paper's claims",
        ],
    )
    command.add_argument("name", nargs="?", metavar="NAME", help="of the study; without it: a list")
    command.add_argument("--seeds", type=positive, metavar="N", help="how many (default its own)")
    command.add_argument(
        "--jobs", type=positive, metavar="N", help="processes (default: one a core)"
    )
    command.add_argument(
        "--dask", metavar="ADDRESS", help="run on the Dask cluster with this scheduler instead"
    )
    command.add_argument(
        "--store", dest="file", type=Path, metavar="FILE",
        help="SQLite file that keeps each run as it ends; without it, one beside what is written, "
        "until that is written",
    )  # fmt: skip
    command.add_argument(
        "--claims", action="store_true",
        help="instead: what the studies on record in the folder say of the paper's claims",
    )  # fmt: skip
    command.add_argument(
        "--out", type=Path, default=Path("figures"), help="folder to write to (default figures)"
    )
    command.add_argument(
        "--quick", action="store_true", help="cut short, to see whether everything works"
    )
    add_json(command)
    command.set_defaults(command=study)


def study(arguments, argv):
    """`sennpy study`."""
    if arguments.claims:
        return tell_claims(arguments, argv)
    if arguments.name is None:
        return tell_studies(arguments)
    from ..studies import study as frame

    module = frame.study_named(arguments.name)
    name = f"study-{arguments.name}{'-quick' * arguments.quick}"
    arguments.out.mkdir(parents=True, exist_ok=True)
    configs = module.grid(arguments.seeds or module.SEEDS, arguments.quick)
    arguments.store = frame.store_of(module, arguments.file or arguments.out / f"{name}.sqlite")
    jobs = arguments.jobs or -1
    rows = frame.collect(module, configs, arguments.store, jobs, progress, arguments.dask)
    content = content_of(arguments, argv, module, rows)
    print(f"{module.QUESTION}\n\n{printed(content['table'])}\n\n{told(content['verdicts'])}")
    figure = frame.picture_of(arguments.name)(rows)
    status = write_picture(arguments, name, content, figure)
    if arguments.file is None:
        arguments.store.remove()
    return status


def tell_studies(arguments):
    """Print the studies with their questions; the exit status."""
    from ..studies import study as frame

    found = {name: frame.named(name).QUESTION for name in frame.names()}
    print(table(["study", "question"], [[name, asked] for name, asked in found.items()], left=2))
    arguments.summary = {"studies": found}
    return 0


def tell_claims(arguments, argv):
    """Print and write what the records of a folder say of each claim; the exit status.

    Raises
    ------
    ValueError
        If a study is named, too, or a record is damaged.
    """
    from ..studies.claims import judged_claims, records_of

    if arguments.name is not None:
        raise ValueError(f"--claims is of all studies on record, but {arguments.name} is named.")
    records = records_of(arguments.out)
    found = judged_claims(records)
    print(table(["claim", "verdict", "verdicts", "studies"], [
        [claim["sentence"], claim["verdict"], len(claim["verdicts"]),
         " ".join(dict.fromkeys(verdict["study"] for verdict in claim["verdicts"]))]
        for claim in found
    ], left=2))  # fmt: skip
    content = {"command": command_line(argv), "versions": versions(), "claims": found}
    write_json(arguments.out / "claims.json", content)
    return conclude(arguments, content, arguments.out / "claims.json")


def content_of(arguments, argv, module, rows):
    """What is written of a study."""
    return {
        "command": command_line(argv), "study": arguments.name, "question": module.QUESTION,
        "version": module.VERSION, "seeds": len({row["seed"] for row in rows}),
        "versions": versions(), "table": module.table(rows),
        "verdicts": [verdict.as_dict() for verdict in module.verdicts(rows)], "rows": rows,
    }  # fmt: skip


def printed(lines):
    """A table of dicts as text."""
    if not lines:
        return "(no line)"
    header = list(dict.fromkeys(name for line in lines for name in line))
    return table(header, [[shown(line.get(name)) for name in header] for line in lines])


def shown(value):
    """A cell of a table."""
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, list):
        return "-".join(map(shown, value))
    return "" if value is None else str(value)


def told(verdicts):
    """Verdicts, a line each; one without an estimate is its text alone."""
    return "\n".join(f"{v['claim']}: {v['verdict']}. {v['text']}{numbers(v)}" for v in verdicts)


def numbers(v):
    """What a verdict goes by, as text."""
    if v["estimate"] is None:
        return ""
    interval = f"[{shown(v['low'])}, {shown(v['high'])}]"
    return f": {shown(v['estimate'])} {interval}, n = {v['seeds']}"
