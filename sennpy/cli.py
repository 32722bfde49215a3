"""The command line: `python -m sennpy COMMAND`, or `sennpy COMMAND`."""

import argparse
import contextlib
import json
import os
import sys

from .commands import (
    battery,
    bench,
    chance,
    compare,
    diagnose,
    digits,
    doctor,
    equations,
    half_moons,
    mnist,
    regression,
    replay,
    report,
    study,
    tables,
    tradeoff,
)
from .commands.keeping import how_to_go_on
from .experiments.interruption import Terminated, heeded, status_of
from .extras import advice
from .version import __version__
from .writing import finite

COMMANDS = {
    "experiments": (half_moons, regression, mnist, digits),
    "measurements": (battery, tables, chance, tradeoff, study, compare, bench),
    "the mathematics": (equations,),
    "afterwards, and when something is amiss": (replay, report, diagnose, doctor),
}
ABOUT = """\
Self-Expanding Neural Networks: grow one, look at it, and make its numbers again.

first things to try:
  sennpy half-moons --quick   grows a small network, in a second or two
  sennpy half-moons           the same in full, with its picture in figures/
  sennpy doctor               tells what is missing, if something does not work
"""
STATUSES = """\
sennpy COMMAND --help shows a command's options and examples; with --json it prints numbers for
machines on stdout, and nothing else.

exit status: 0 all is well; 1 an error, or numbers that differ; 2 words it does not know;
130 stopped by Ctrl-C; 143 stopped by SIGTERM. A training that is stopped ends its epoch first, a
second signal does not wait for that; what was done is kept, and how to go on from it is told.
"""


def main(argv=None):
    """Run a command; the exit status, as `sennpy --help` tells it."""
    argv = sys.argv[1:] if argv is None else list(argv)
    try:
        try:
            with heeded():
                return run(argv)
        finally:
            if sys.stdout is not None:  # it is, where the terminal has none
                sys.stdout.flush()
    except BrokenPipeError:  # the reader, such as `head`, has gone: no more to say, now or at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def run(argv):
    """Run a command; the exit status. BrokenPipeError passes."""
    top = parser()
    if not argv:
        print(top.format_help(), end="")
        return 0
    arguments = top.parse_args(argv)
    try:
        return run_command(arguments, argv)
    except BrokenPipeError:
        tell(how_to_go_on(arguments, argv))
        raise
    except KeyboardInterrupt as error:
        what = "terminated" if isinstance(error, Terminated) else "interrupted"
        status = status_of(error)
    except ModuleNotFoundError as error:
        what, status = f"{advice(error)}; `sennpy doctor` tells what else is missing", 1
    except (ValueError, TypeError, OSError, RuntimeError, MemoryError) as error:
        what, status = error, 1
    tell(f"sennpy: {what}", how_to_go_on(arguments, argv))
    return status


def tell(*said):
    """Print what is not empty on stderr, a line each."""
    for line in filter(None, said):
        print(line, file=sys.stderr)


def run_command(arguments, argv):
    """Run a command with its arguments; the exit status."""
    if getattr(arguments, "out", None) is not None:
        arguments.out.mkdir(parents=True, exist_ok=True)  # to fail before the training
    if not arguments.json:
        return arguments.command(arguments, argv)
    with contextlib.redirect_stdout(sys.stderr):
        status = arguments.command(arguments, argv)
    print(json.dumps(finite(arguments.summary), indent=1))
    return status


def parser():
    """The argument parser of all commands."""
    top = argparse.ArgumentParser(
        prog="sennpy",
        usage="sennpy COMMAND ...",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument("--version", action="version", version=f"sennpy {__version__}")
    commands = top.add_subparsers(
        dest="COMMAND", required=True, prog="sennpy", help=argparse.SUPPRESS
    )
    listed = []
    for group, members in COMMANDS.items():
        known = len(commands.choices)
        for command in members:
            command.add(commands)
        listed.append(f"\n{group}:\n")
        for name, command in list(commands.choices.items())[known:]:
            listed.append(f"  {name:<12}  {command.description}\n")
    top.description = ABOUT + "".join(listed)
    top.epilog = STATUSES
    top.set_defaults(parser=top)  # for `replay`, which runs a command on record
    return top
