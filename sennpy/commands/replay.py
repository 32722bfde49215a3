"""`sennpy replay FILE.json`: run the command on record again and compare its numbers."""

import contextlib
import io
import json
import shlex
import tempfile
from pathlib import Path

from ..versions import versions
from ..writing import table
from .agreement import ABSOLUTE, RELATIVE, agreement
from .shared import add_json, add_parser

PROGRAM = "python -m sennpy "
SHOWN = 10  # differences that are spelled out


def add(commands):
    """Make the parser."""
    command = add_parser(
        commands,
        "replay",
        "run the command that wrote a JSON file again, and compare the numbers",
        [
            "sennpy replay figures/half-moons.json",
            "sennpy replay figures/digits.json --out again    keep numbers and picture there",
        ],
    )
    command.add_argument("file", type=Path, metavar="FILE.json", help="what an experiment wrote")
    command.add_argument(
        "--out", type=Path, help="folder for what is made anew (default a temporary one)"
    )
    add_json(command)
    command.set_defaults(command=replay)


def replay(arguments, argv):
    """`sennpy replay FILE.json`: exit status 1 when a number differs."""
    file = arguments.file
    recorded = read_record(file)
    again, words = parsed_command(file, recorded["command"], arguments.parser)
    again.out = arguments.out or Path(tempfile.mkdtemp(prefix="sennpy-replay-"))
    if again.out.resolve() == file.parent.resolve():
        raise ValueError(f"--out is the folder of {file}, expected another: it is not overwritten.")
    print(f"{file}: {recorded['command']}")
    again.command(again, words)

    (written,) = (name for name in again.summary["files"] if name.endswith(".json"))
    changed = changed_versions(recorded["versions"], versions())
    parts = agreement(recorded, read_record(Path(written)), exact=not changed)
    differences = [sentence for part in parts for sentence in part.differences]
    print()
    print(demand(changed))
    rows = [[p.name, p.values, len(p.differences), f"{p.largest:.1e}"] for p in parts]
    print(table(["part", "values", "differ", "largest relative difference"], rows))
    for sentence in differences[:SHOWN]:
        print(f"  {sentence}")
    if len(differences) > SHOWN:
        print(f"  and {len(differences) - SHOWN} more")
    within = "" if not changed else " to within that"
    print(f"{len(differences)} values differ." if differences else f"All numbers agree{within}.")
    arguments.summary = {
        "file": str(file),
        "command": recorded["command"],
        "changed_versions": changed,
        "parts": [part._asdict() for part in parts],
        "agrees": not differences,
        "files": again.summary["files"],
    }
    return 1 if differences else 0


def read_record(file):
    """The content of a JSON file that an experiment wrote.

    Raises
    ------
    ValueError
        If it is something else.
    """
    expected = "expected a file that an experiment of sennpy wrote, such as figures/half-moons.json"
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:  # UnicodeDecodeError is one
        raise ValueError(f"{file} is not JSON ({error}), {expected}.") from None
    if not isinstance(content, dict):
        raise ValueError(f"{file} holds a {type(content).__name__}, {expected}.")
    for name, kind in (("command", str), ("versions", dict)):
        if not isinstance(content.get(name), kind):
            raise ValueError(f'{file} has no "{name}" on record, {expected}.')
    return content


def parsed_command(file, command, parser):
    """A command on record: the arguments that the command line's parser makes of it, and its words.

    Raises
    ------
    ValueError
        If this version does not know the command, or it is no experiment.
    """
    if not command.startswith(PROGRAM):
        raise ValueError(f"{file} records {command!r}, expected {PROGRAM}...")
    told = io.StringIO()
    try:
        words = shlex.split(command.removeprefix(PROGRAM))
        with contextlib.redirect_stderr(told), contextlib.redirect_stdout(told):
            arguments = parser.parse_args(words)
    except (SystemExit, ValueError) as error:  # of argparse, of shlex
        reason = (told.getvalue().strip() or str(error)).splitlines()[-1]
        raise ValueError(f"{file} records {command!r}, not a command here: {reason}") from None
    if arguments.command is replay or "out" not in arguments:
        raise ValueError(f"{file} records {command!r}, which is no experiment.")
    arguments.json = False
    return arguments, words


def changed_versions(recorded, here):
    """Names of the versions that differ, each with (on record, here)."""
    names = [*recorded, *(name for name in here if name not in recorded)]
    pairs = {name: (recorded.get(name), here.get(name)) for name in names}
    return {name: list(pair) for name, pair in pairs.items() if pair[0] != pair[1]}


def spelled(version):
    """A version, or a list of them, or None, in words."""
    return "; ".join(version) if isinstance(version, list) else version or "nothing"


def demand(changed):
    """One or more lines on what is asked of the numbers, and why."""
    if not changed:
        return "The versions are those on record, so every number must be the same."
    lines = ["Not as on record:"]
    for name, (before, now) in changed.items():
        lines.append(f"  {name}: {spelled(before)} on record, {spelled(now)} here")
    lines.append(
        f"so floats may differ by {RELATIVE:g} of the larger plus {ABSOLUTE:g}; and of the\n"
        "proposals that a search found, only place and choice must be the same."
    )
    return "\n".join(lines)
