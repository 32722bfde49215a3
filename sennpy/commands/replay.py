"""`sennpy replay FILE.json`: run the command on record again and compare its numbers."""

import tempfile
from pathlib import Path

from ..datasets.idx import offline
from ..versions import versions
from ..writing import table
from .agreement import ABSOLUTE, RELATIVE, agreement
from .recorded import check_wishes, escaped, parsed_command, read_record
from .shared import add_json, add_parser

SHOWN = 10  # differences that are spelled out
PARTS, NAME, SENTENCE = 50, 60, 800  # parts that are shown, characters of a name and of a sentence


def add(commands):
    """Make the parser."""
    command = add_parser(
        commands,
        "replay",
        "run the command that wrote a JSON file again, and compare the numbers",
        [
            "sennpy replay figures/half-moons.json",
            "sennpy replay figures/digits.json --out again    keep numbers and picture there",
            "sennpy replay figures/mnist.json --download      fetch MNIST if it is not there",
        ],
    )
    command.add_argument("file", type=Path, metavar="FILE.json", help="what an experiment wrote")
    command.add_argument(
        "--out", type=Path, help="folder for what is made anew (default a temporary one)"
    )
    command.add_argument(
        "--download", action="store_true", help="data that are not there may be downloaded"
    )
    command.add_argument(
        "--yes", action="store_true", help="run it whatever it asks for: how long, how large, where"
    )
    add_json(command)
    command.set_defaults(command=replay)


def replay(arguments, argv):
    """`sennpy replay FILE.json`: exit status 1 when a number differs."""
    file = arguments.file
    recorded = read_record(file)
    again, words = parsed_command(file, recorded["command"], arguments.parser)
    if not arguments.yes:
        check_wishes(file, again)
    again.out = arguments.out or Path(tempfile.mkdtemp(prefix="sennpy-replay-"))
    if again.out.resolve() == file.parent.resolve():
        raise ValueError(f"--out is the folder of {file}, expected another: it is not overwritten.")
    print(f"{file}: {recorded['command']}")
    with offline(not arguments.download):
        again.command(again, words)

    (written,) = (name for name in again.summary["files"] if name.endswith(".json"))
    changed = changed_versions(recorded["versions"], versions())
    parts = agreement(recorded, read_record(Path(written)), exact=not changed)
    print()
    print(demand(changed, unknown=sorted(set(recorded["versions"]) - set(versions()))))
    agrees = tell(parts, " to within that" if changed else "")
    arguments.summary = {
        "file": str(file),
        "command": recorded["command"],
        "changed_versions": changed,
        "parts": [part._asdict() for part in parts],
        "agrees": agrees,
        "files": again.summary["files"],
    }
    return 0 if agrees else 1


def tell(parts, within):
    """Print how the parts compare; whether they agree, in numbers that were measured."""
    differences = [sentence for part in parts for sentence in part.differences]
    rows = [
        [escaped(p.name[:NAME]), p.values, len(p.differences), f"{p.largest:.1e}"]
        for p in parts[:PARTS]
    ]
    print(table(["part", "values", "differ", "largest relative difference"], rows))
    if len(parts) > PARTS:
        print(f"  and {len(parts) - PARTS} more")
    for sentence in differences[:SHOWN]:
        print(f"  {escaped(sentence[:SENTENCE])}")
    if len(differences) > SHOWN:
        print(f"  and {len(differences) - SHOWN} more")
    measured = sum(part.measured for part in parts)
    if differences:
        print(f"{len(differences)} values differ.")
    elif not measured:
        print("There is nothing to agree with: the record holds no number that was measured.")
    else:
        print(f"All numbers agree{within}.")
    return measured > 0 and not differences


def changed_versions(recorded, here):
    """Names of the versions here that differ, each with (on record, here)."""
    pairs = {name: (recorded.get(name), now) for name, now in here.items()}
    return {name: list(pair) for name, pair in pairs.items() if pair[0] != pair[1]}


def spelled(version):
    """A version, or a list of them, or None, in words."""
    told = "; ".join(version) if isinstance(version, list) else version or "nothing"
    return escaped(told[:SENTENCE])


def demand(changed, unknown=()):
    """One or more lines on what is asked of the numbers, and why."""
    lines = []
    if unknown:
        names = ", ".join(escaped(name[:NAME]) for name in unknown[:SHOWN])
        lines.append(f"Versions of what is not used here count for nothing: {names}.")
    if not changed:
        lines.append("The versions are those on record, so every number must be the same.")
        return "\n".join(lines)
    lines.append("Not as on record:")
    for name, (before, now) in changed.items():
        lines.append(f"  {name}: {spelled(before)} on record, {spelled(now)} here")
    lines.append(
        f"so floats may differ by {RELATIVE:g} of the larger plus {ABSOLUTE:g}; and of the\n"
        "proposals that a search found, only place and choice must be the same."
    )
    return "\n".join(lines)
