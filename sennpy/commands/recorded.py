"""Records of experiments, read with suspicion: what they hold, run, and ask for."""

import contextlib
import io
import shlex
from pathlib import Path

from ..reading import read_json

PROGRAM = "python -m sennpy "
LARGEST, LONGEST = 1 << 26, 5000  # bytes of a record, characters of its command
EXPECTED = "expected a file that an experiment of sennpy wrote, such as figures/half-moons.json"
# What a record may ask for before somebody has said yes. Whatever else is a number is counted, too.
MOST = {"seeds": 100, "jobs": 64, "repeat": 100, "limit": 60_000}
MOST_OF_OTHERS, MOST_TRAININGS = 10_000, 1000
NO_SIZES = ("seed", "case", "size")
READ = ("data", "task", "model")  # files that are looked at, and nothing more


def read_record(file):
    """The content of a JSON file that an experiment wrote.

    Raises
    ------
    OSError
        If it is not there.
    ValueError
        If it is something else.
    """
    try:
        content = read_json(file, LARGEST)
    except ValueError as error:
        raise ValueError(f"{str(error).rstrip('.')}; {EXPECTED}.") from None
    if not isinstance(content, dict):
        raise ValueError(f"{file} holds a {type(content).__name__}, {EXPECTED}.")
    for name, kind in (("command", str), ("versions", dict)):
        if not isinstance(content.get(name), kind):
            raise ValueError(f'{file} has no "{name}" on record, {EXPECTED}.')
    for name, version in content["versions"].items():
        listed = version if isinstance(version, list) else [version]
        if version is not None and not all(isinstance(part, str) for part in listed):
            raise ValueError(f"{file} has {version!r:.99} for the version of {name!r}, {EXPECTED}.")
    return content


def parsed_command(file, command, parser):
    """A command on record: the arguments that the command line's parser makes of it, and its words.

    Raises
    ------
    ValueError
        If this version does not know the command, or it is no experiment.
    """
    if not command.startswith(PROGRAM):
        raise ValueError(f"{file} records {command!r:.999}, expected {PROGRAM}...")
    if not command.isprintable() or len(command) > LONGEST:
        what = "longer than any command" if command.isprintable() else "which cannot all be shown"
        raise ValueError(f"{file} records {command!r:.999}, {what}.")
    told = io.StringIO()
    try:
        words = shlex.split(command.removeprefix(PROGRAM))
        with contextlib.redirect_stderr(told), contextlib.redirect_stdout(told):
            arguments = parser.parse_args(words)
    except (SystemExit, ValueError) as error:  # of argparse, of shlex
        reason = (told.getvalue().strip() or str(error)).splitlines()[-1]
        raise ValueError(f"{file} records {command!r}, not a command here: {reason}") from None
    gathers = getattr(arguments, "claims", False)  # from other records
    if "out" not in arguments or arguments.COMMAND == "replay" or gathers:
        raise ValueError(f"{file} records {command!r}, which is no experiment.")
    arguments.json = False
    return arguments, words


def check_wishes(file, arguments):
    """ValueError that lists what a command on record asks for, if that is more than it may.

    It may not ask for much time, memory or processes, nor for files other than those it reads.
    """
    found = [wish for name, value in vars(arguments).items() for wish in wishes(name, value)]
    sweep, seeds = getattr(arguments, "sweep", None), getattr(arguments, "seeds", None) or 1
    if sweep and len(sweep) * seeds > MOST_TRAININGS:
        found.append(f"{len(sweep) * seeds} trainings (at most {MOST_TRAININGS})")
    if found:
        raise ValueError(
            f"{file} asks for {', '.join(found)}; if that is what you want, "
            f"`sennpy replay {file} --yes` does it."
        )


def wishes(name, value):
    """In words, what an option asks for that is more than it may; an empty list if it is not."""
    option = f"--{name.replace('_', '-')}"
    if isinstance(value, Path) and name != "out" and name not in READ:
        return [f"the file or folder {option} {value}"]
    if name in NO_SIZES:
        return []
    numbers = value if isinstance(value, list) else [value]
    most = MOST.get(name, MOST_OF_OTHERS)
    return [
        f"{option} {number} (at most {most})"
        for number in numbers
        if isinstance(number, int) and not isinstance(number, bool) and number > most
    ][:10]


def escaped(text):
    """A text of a record as it can be printed: what is not printable as in Python's literals."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
