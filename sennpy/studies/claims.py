"""What the paper claims and leaves open, and what the studies on record say of each.

A claim is judged by the verdicts of studies that bear one of its ids; whoever writes a study adds
nothing here unless it judges a claim that is not listed.
"""

from typing import NamedTuple

from ..reading import read_json
from .verdict import DOES_NOT, HOLDS, IN_PART, OPEN

NOT_MEASURED = "not measured"
LARGEST = 1 << 20  # bytes of a record
SPELLED = 4  # verdicts of one claim that a table shows one by one


class Claim(NamedTuple):
    """A sentence of the paper, or a question that it leaves.

    Attributes
    ----------
    name, sentence, where : str
    ids : tuple of str
        Of the verdicts that judge it.
    """

    name: str
    sentence: str
    where: str
    ids: tuple


CLAIMS = (
    Claim("fewer-neurons", "Comparable accuracy with 2 to 5 times fewer neurons than fixed width",
          "section 7", ("fewer-neurons",)),
    Claim("anytime", "Good anytime performance", "section 7", ("anytime",)),
    Claim("wider-or-deeper", "Wider for simple tasks, deeper for complex ones", "section 7",
          ("wider-or-deeper",)),
    Claim("size-follows-data", "Size adapts to the amount of data", "section 7",
          ("size-follows-data",)),
    Claim("bounded-additions", "The number of additions is bounded", "Theorem 3.1, (E14)",
          ("bounded-additions",)),
    Claim("undisturbed", "Additions do not disturb what was learned, nor the training after",
          "(E1), (E2)", ("undisturbed",)),
    Claim("bound-decides", "The bound Delta eta' is good enough to decide by", "Theorem 3.2",
          ("bound-decides", "bound-tight")),
    Claim("kronecker-decides", "Kronecker factors are good enough to decide by", "section 7",
          ("kronecker-decides",)),
    Claim("langevin-starts", "Langevin proposals find good starts", "section 7",
          ("langevin-starts",)),
    Claim("signs-of-failure", "Growth too slow or too fast comes of tau and alpha", "section 8",
          ("signs-of-failure",)),
    Claim("other-criteria", "Open: the score against other growth criteria", "section 8",
          ("criteria",)),
    Claim("one-at-a-time", "Open: one neuron a look, or several", "section 8", ("one-at-a-time",)),
    Claim("diagonal-decides", "Open: the diagonal of the Fisher matrix to decide by", "section 8",
          ("diagonal-decides",)),
    Claim("h-is-f", "Open: H against F", "section 8", ("h-is-f", "promise")),
    Claim("sensitivity", "Open: sensitivity to tau, alpha, damping", "section 8", ("sensitivity",)),
    Claim("size-fits-task", "Open: thresholds add what a task needs, and nothing on noise, as "
          "other rules do", "(E13)", ("nothing-on-noise", "size-fits-task")),
    Claim("prune", "Open: growing and shrinking by the same scores", "(E15)",
          ("prune-smaller", "prune-no-worse", "prune-no-thrashing")),
)  # fmt: skip


def records_of(folder):
    """The records of all studies in a folder, without the quick ones, by name.

    Raises
    ------
    ValueError
        If a file is none, naming it.
    """
    files = [file for file in sorted(folder.glob("study-*.json")) if "-quick" not in file.stem]
    found = {}
    for file in files:
        record = read_json(file, LARGEST)
        lacks = [name for name in ("command", "study", "verdicts") if name not in record]
        if lacks:
            raise ValueError(f"{file} has no {', '.join(lacks)}: it is no record of a study.")
        found[record["study"]] = record
    return found


def judged_claims(records):
    """What records say of each claim: a dict a claim, in the order of `CLAIMS`.

    Returns
    -------
    list of dict
        claim, sentence, where, verdict, commands, and the verdicts with the name of their study.
    """
    found = []
    for claim in CLAIMS:
        told = [
            {"study": name} | verdict
            for name, record in records.items()
            for verdict in record["verdicts"]
            if verdict["claim"] in claim.ids
        ]
        commands = [records[name]["command"] for name in dict.fromkeys(v["study"] for v in told)]
        found.append({
            "claim": claim.name, "sentence": claim.sentence, "where": claim.where,
            "verdict": together([verdict["verdict"] for verdict in told]),
            "commands": commands, "verdicts": told,
        })  # fmt: skip
    return found


def together(words):
    """The word for several verdicts: that of all if they agree, else by whether any holds."""
    if not words:
        return NOT_MEASURED
    if len(set(words)) == 1:
        return words[0]
    if HOLDS in words or IN_PART in words:
        return IN_PART
    return DOES_NOT if DOES_NOT in words else OPEN


def markdown(found):
    """Judged claims as the README's table: claim, where, measurement, verdict, command."""
    lines = ["| claim | where | what we measured (with 95 % intervals) | verdict | command |",
             "|---|---|---|---|---|"]  # fmt: skip
    for claim in found:
        said = "<br>".join(measurements(claim["verdicts"]))
        commands = "<br>".join(f"`{c.removeprefix('python -m ')}`" for c in claim["commands"])
        lines.append(
            f"| {claim['sentence']} | {claim['where']} | {said} | {claim['verdict']} | {commands} |"
        )
    return "\n".join(lines) + "\n"


def measurements(told):
    """A claim's verdicts in words; of more than `SPELLED` the first of each study and word."""
    if len(told) <= SPELLED:
        return [measurement(verdict) for verdict in told]
    groups = {}
    for verdict in told:
        groups.setdefault((verdict["study"], verdict["verdict"]), []).append(verdict)
    return [
        f"{study}, {len(group)} of {len(told)} {word}: {measurement(group[0])}"
        for (study, word), group in groups.items()
    ]


def measurement(verdict):
    """A verdict's numbers in words."""
    at = [verdict[name] for name in ("estimate", "low", "high")]
    shown = ["?" if value is None else f"{value:.3g}" for value in at]
    text = verdict["text"].replace("|", "\\|")
    said = f"{shown[0]} [{shown[1]}, {shown[2]}], n = {verdict['seeds']}"
    return f"{text}: {said}: {verdict['verdict']}"
