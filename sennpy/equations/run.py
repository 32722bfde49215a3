"""Running the register: over cases, into a table."""

from dataclasses import dataclass

import numpy as np

from ..writing import table
from .draws import random_case
from .register import REGISTER
from .results import evaluate, number, verdict


@dataclass(frozen=True, eq=False)
class Report:
    """What a run of the register found.

    Attributes
    ----------
    results : list of Result
    strains : list of Strain
        Where an assumption of the paper is strained; empty for random cases.
    """

    results: list
    strains: list

    @property
    def ok(self):
        """Whether nothing fails; what does not apply cannot."""
        return all(result.ok is not False for result in self.results)

    def __getitem__(self, label):
        """The `Result` of a label."""
        for result in self.results:
            if result.equation.label == label:
                return result
        raise KeyError(f"{label!r} was not run; labels are {labels()}.")

    def as_dict(self):
        """Plain values for JSON."""
        return {
            "ok": self.ok,
            "equations": [result.as_dict() for result in self.results],
            "strains": [strain.as_dict() for strain in self.strains],
        }

    def __str__(self):
        rows = [
            [r.equation.label, r.equation.statement, number(r.error), number(r.slack),
             str(r.cases), verdict(r.ok)]
            for r in self.results if r.cases
        ]  # fmt: skip
        text = []
        if rows:
            header = ["label", "statement", "worst error", "least slack", "cases", ""]
            text.append(table(*aligned(header, rows)))
        text += [line for r in self.results for line in r.omission]
        text += [
            f"{r.equation.label} does not apply: {r.reason}" for r in self.results if not r.cases
        ]
        if self.strains:
            rows = [[s.what, s.where, number(s.value), s.meaning] for s in self.strains]
            text += ["", table(*aligned(["strain", "where", "value", "meaning"], rows))]
        return "\n".join(text)

    def _repr_markdown_(self):
        lines = ["| label | statement | worst error | least slack | cases | |",
                 "|---|---|---|---|---|---|"]  # fmt: skip
        for r in self.results:
            numbers = f"{number(r.error)} | {number(r.slack)} | {r.cases} | {verdict(r.ok)}"
            if not r.cases:
                numbers = f" | | 0 | does not apply: {r.reason}"
            lines.append(f"| {r.equation.label} | {r.equation.statement} | {numbers} |")
        for r in self.results:
            lines += ["", *r.omission] if r.omission else []
        if self.strains:
            lines += ["", "| strain | where | value | meaning |", "|---|---|---|---|"]
            lines += [
                f"| {s.what} | {s.where} | {number(s.value)} | {s.meaning} |" for s in self.strains
            ]
        return "\n".join(lines)


def run(which=None, draws=200, seed=0):
    """Check equations on random small cases.

    Parameters
    ----------
    which : sequence of str, optional
        Labels; all of them if not given.
    draws : int
    seed : int

    Returns
    -------
    Report
    """
    rng = np.random.default_rng(seed)
    chosen = [find(label) for label in which] if which else list(REGISTER.values())
    return Report(evaluate(chosen, (random_case(rng) for _ in range(draws))), [])


def find(label):
    """The entry of a label; "3.2" and "E5" will do; ValueError if there is none."""
    text = label.strip()
    for name in REGISTER:
        short = name.strip("()").split(" ")[-1].strip("()")
        if text == name or text.strip("()").lower() in (short.lower(), name.lower()):
            return REGISTER[name]
    raise ValueError(f"there is no equation {label!r}; labels are {labels()}.")


def labels():
    """All labels, for messages."""
    return ", ".join(REGISTER)


def aligned(header, rows):
    """Header and rows with the texts of the second column padded to one length."""
    width = max(len(row[1]) for row in rows)
    first, *rest = [[row[0], row[1].ljust(width), *row[2:]] for row in [header, *rows]]
    return first, rest
