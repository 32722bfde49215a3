"""The command line: `python -m sennpy COMMAND`, or `sennpy COMMAND`."""

import argparse
import sys

from . import __version__
from .commands import digits, half_moons, mnist

COMMANDS = (half_moons, digits, mnist)


def main(argv=None):
    """Run a command; the exit status: 0, or 1 after an error, 2 for words it does not know."""
    argv = sys.argv[1:] if argv is None else list(argv)
    arguments = parser().parse_args(argv)
    try:
        arguments.out.mkdir(parents=True, exist_ok=True)  # if that fails, then before the training
        return arguments.command(arguments, argv)
    except (ValueError, TypeError, OSError, RuntimeError) as error:
        print(f"sennpy: {error}", file=sys.stderr)
        return 1


def parser():
    """The argument parser of all commands."""
    top = argparse.ArgumentParser(prog="sennpy", description=__doc__.splitlines()[0])
    top.add_argument("--version", action="version", version=f"sennpy {__version__}")
    commands = top.add_subparsers(required=True, metavar="COMMAND")
    for command in COMMANDS:
        command.add(commands)
    return top
