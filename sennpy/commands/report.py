"""`sennpy report RECORD.json`: a page that shows a training on record, look by look."""

import shlex
import tempfile
from pathlib import Path

from ..datasets.idx import offline
from ..versions import versions
from ..writing import check_writable, write_text
from .agreement import agreement
from .recorded import check_wishes, parsed_command, read_record
from .replay import changed_versions
from .reporting import how_again
from .shared import add_json, add_parser

EXPERIMENTS = ("half-moons", "regression", "digits", "mnist")  # with a flag --report


def add(commands):
    """Make the parser."""
    command = add_parser(
        commands,
        "report",
        "make a page of a training on record: each look, and why it grew there",
        [
            "sennpy report figures/half-moons.json --out half-moons.html",
            "sennpy report figures/half-moons.json --replay   trains again, for its networks",
        ],
    )
    command.add_argument(
        "record", type=Path, metavar="RECORD.json", help="written by an experiment"
    )
    command.add_argument(
        "--out", dest="page", type=Path, metavar="PAGE.html",
        help="the page (default RECORD.html, beside the record)",
    )  # fmt: skip
    command.add_argument(
        "--replay", action="store_true",
        help="train again, since a record has no weights: the page then has the networks",
    )  # fmt: skip
    command.add_argument(
        "--yes", action="store_true",
        help="with --replay: train whatever the record asks for, however long",
    )  # fmt: skip
    add_json(command)
    command.set_defaults(command=report)


def report(arguments, argv):
    """`sennpy report RECORD.json`."""
    from ..report import Training, write_reports

    file, record = arguments.record, read_record(arguments.record)
    page = arguments.page or file.with_suffix(".html")
    if page.suffix == ".json":
        raise ValueError(f"--out is {page}, expected a page, as {page.with_suffix('.html')}.")
    check_writable(page)
    try:
        training = Training.of(record, name=file.stem, **how_again(shlex.quote(file.name)))
    except ValueError as error:
        raise ValueError(f"{file}: {error}") from None
    if arguments.replay:
        text = trained_again(arguments, record)
        write_text(page, text)
        size = len(text.encode("utf-8"))
    elif arguments.yes:
        raise ValueError("--yes goes with --replay, which is missing.")
    else:
        size = write_reports([training], page)
        print("Without --replay it shows what the record holds, which is no weights.")
    print(f"wrote {page}, {size} bytes")
    arguments.summary = {"record": str(file), "bytes": size, "files": [str(page)]}
    return 0


def trained_again(arguments, record):
    """The page of the training on record, made again; ValueError if its numbers are others."""
    file = arguments.record
    again, words = parsed_command(file, record["command"], arguments.parser)
    if again.COMMAND not in EXPERIMENTS:
        raise ValueError(f"{file} records {record['command']!r}, which makes no such page.")
    if not arguments.yes:
        check_wishes(file, again)
    with tempfile.TemporaryDirectory(prefix="sennpy-report-") as folder, offline(True):
        again.out, again.report = Path(folder), True
        again.command(again, words)
        (written,) = (Path(name) for name in again.summary["files"] if name.endswith(".json"))
        exact = not changed_versions(record["versions"], versions())
        parts = agreement(record, read_record(written), exact=exact)
        differ = sum(len(part.differences) for part in parts)
        if differ:
            raise ValueError(
                f"{file}: made again, {differ} values differ, so that its networks are not those "
                f"on record; `sennpy replay {file}` tells which."
            )
        return written.with_suffix(".html").read_text(encoding="utf-8")
