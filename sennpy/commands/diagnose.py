"""`sennpy diagnose RECORD.json`: what a training on record shows to be wrong, and what to turn."""

from pathlib import Path

from .recorded import escaped, read_record
from .shared import add_json, add_parser


def add(commands):
    """Make the parser."""
    command = add_parser(
        commands,
        "diagnose",
        "tell from a record whether a training grew badly, and what to turn",
        [
            "sennpy diagnose figures/half-moons.json",
            "sennpy diagnose figures/mnist.json",
            "sennpy diagnose figures/digits.json --json",
        ],
    )
    command.add_argument(
        "record", type=Path, metavar="RECORD.json", help="written by an experiment"
    )
    add_json(command)
    command.set_defaults(command=diagnose)


def diagnose(arguments, argv):
    """`sennpy diagnose`: exit status 0 whatever was found."""
    from ..training.diagnosis import diagnosis

    findings = diagnosis(read_record(arguments.record))
    for finding in findings:
        print(f"{escaped(finding.sentence)}")
        print(f"  evidence: {escaped(finding.evidence)}")
        print(f"  turn:     {escaped(finding.turn)}")
    if not findings:
        print("Nothing in this record says that the training grew badly.")
    arguments.summary = {"findings": [finding._asdict() for finding in findings]}
    return 0
