"""`sennpy golden`: worked values for those who port SENN to another language."""

import os
from pathlib import Path

from .shared import add_json, add_parser, conclude


def add(commands):
    """Make the parser."""
    command = add_parser(
        commands,
        "golden",
        "write worked values of every quantity, for those who port SENN",
        ["sennpy golden                writes tests/data/golden.json"],
    )
    command.add_argument(
        "--out", type=Path, default=Path("tests/data"), help="folder (default tests/data)"
    )
    add_json(command)
    command.set_defaults(command=golden)


def golden(arguments, argv):
    """`sennpy golden`."""
    from ..experiments import golden as worked

    path = arguments.out / "golden.json"
    partial = path.with_name(path.name + ".partial")
    values = worked.golden()
    partial.write_text(worked.text(values) + "\n", encoding="utf-8")
    os.replace(partial, path)
    return conclude(arguments, values, path)
