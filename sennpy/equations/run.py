"""Running the register: over cases, into a table."""

import math
from dataclasses import dataclass

import numpy as np

from ..report import table
from .case import DoesNotApply
from .draws import random_case
from .register import REGISTER, Equation


@dataclass(frozen=True, eq=False)
class Result:
    """An equation over several cases.

    Attributes
    ----------
    equation : Equation
    cases : int
        On how many it was checked.
    sides : tuple of Sides
        Of each comparison that the check makes, the case that comes nearest to failing.
    reason : str
        Why it does not apply, if it applied to no case.
    """

    equation: Equation
    cases: int
    sides: tuple
    reason: str = ""

    @property
    def ok(self):
        """Whether all relations hold on all cases; None if there was none."""
        return all(side.ok for side in self.sides) if self.cases else None

    @property
    def error(self):
        """Worst relative error of its equalities; None if it has none."""
        return max((s.excess for s in self.sides if s.relation != "<="), default=None)

    @property
    def slack(self):
        """Smallest relative slack of its inequalities; None if it has none."""
        slacks = [0.0 - s.excess for s in self.sides if s.relation == "<="]
        return min(slacks, default=None)

    @property
    def main(self):
        """The comparison to show: the first that fails, else the first."""
        return next((side for side in self.sides if not side.ok), self.sides[0])

    def as_dict(self):
        """Plain values for JSON."""
        return {
            "label": self.equation.label,
            "statement": self.equation.statement,
            "section": self.equation.section,
            "implementations": self.equation.names,
            "notebook": self.equation.notebook,
            "cases": self.cases,
            "ok": self.ok,
            "reason": self.reason,
            "error": self.error,
            "slack": self.slack,
            "comparisons": [comparison(side) for side in self.sides],
        }

    def __str__(self):
        e = self.equation
        lines = [f"{e.label}: {e.statement}", "", f"  {e.latex}", ""]
        lines += [f"  {where}" for where in e.places[:-1]] + [f"  {e.places[-1]} (the check)", ""]
        if not self.cases:
            return "\n".join([*lines, f"does not apply: {self.reason}"])
        rows = [
            [s.what, s.relation, *(f"{value:.10g}" for value in s.worst), quotient(*s.worst),
             number(s.excess), number(s.tolerance), verdict(s.ok)]
            for s in self.sides
        ]  # fmt: skip
        header = ["of " + plural(self.cases, "case"), "relation", "left", "right", "left/right",
                  "error", "allowed", ""]  # fmt: skip
        return "\n".join([*lines, table(header, rows)])

    def _repr_markdown_(self):
        e = self.equation
        title = f"**{e.label}** {e.statement}\n\n$${e.latex}$$\n"
        if not self.cases:
            return f"{title}\ndoes not apply: {self.reason}"
        left, right = self.main.worst
        return (
            f"{title}\n{self.main.what}: {left:.10g} and {right:.10g} "
            f"({self.main.relation}; {verdict(self.ok)} on {plural(self.cases, 'case')})"
        )


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


def evaluate(equations, cases):
    """A `Result` for each equation, over all cases."""
    counts, worst = {e.label: 0 for e in equations}, {e.label: {} for e in equations}
    reasons = {e.label: [] for e in equations}
    for case in cases:
        for e in equations:
            try:
                found = e.check(case)
            except DoesNotApply as reason:
                if str(reason) not in reasons[e.label]:
                    reasons[e.label].append(str(reason))
                continue
            counts[e.label] += 1
            for side in found:
                before = worst[e.label].get(side.what)
                if before is None or margin(side) > margin(before):
                    worst[e.label][side.what] = side
    return [
        Result(e, counts[e.label], tuple(worst[e.label].values()),
               "" if counts[e.label] else "; ".join(reasons[e.label]))
        for e in equations
    ]  # fmt: skip


def margin(side):
    """How near a comparison is to failing: what does fail first, then the largest excess."""
    return not side.ok, side.excess


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


def comparison(side):
    """Plain values of `Sides`: the worst pair, not whole arrays."""
    left, right = side.worst
    return {
        "what": side.what, "relation": side.relation, "left": left, "right": right,
        "ratio": left / right if right else None, "excess": side.excess,
        "tolerance": side.tolerance, "ok": side.ok,
    }  # fmt: skip


def aligned(header, rows):
    """Header and rows with the texts of the second column padded to one length."""
    width = max(len(row[1]) for row in rows)
    first, *rest = [[row[0], row[1].ljust(width), *row[2:]] for row in [header, *rows]]
    return first, rest


def number(value):
    """Three digits, or a dash for None."""
    if value is None:
        return "-"
    return f"{value:.2g}" if not math.isfinite(value) or abs(value) < 1e-3 else f"{value:.3g}"


def quotient(left, right):
    """left / right as text; a missing factor is seen at a glance."""
    return f"{left / right:.10g}" if right else "-"


def plural(count, noun):
    """1 case, 2 cases."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


def verdict(ok):
    """ok or FAILS."""
    return "ok" if ok else "FAILS"
