"""What the cases say of an equation: both sides where it comes nearest to failing."""

import math
from dataclasses import dataclass

from ..writing import table
from .case import DoesNotApply, RoundingDecides


@dataclass(frozen=True, eq=False)
class Result:
    """An equation over several cases.

    Attributes
    ----------
    equation : Equation
        See `register`.
    cases : int
        On how many it was checked.
    sides : tuple of Sides
        Of each comparison that the check makes, the case that comes nearest to failing.
    reason : str
        Why it does not apply, if it applied to no case.
    left_out : int
        On how many further cases it says nothing, since rounding decides.
    rounding : str
        Why, of the one where rounding may do most.
    """

    equation: object
    cases: int
    sides: tuple
    reason: str = ""
    left_out: int = 0
    rounding: str = ""

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
            "left_out": self.left_out,
            "rounding": self.rounding,
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
        return "\n".join([*lines, table(header, rows), *self.omission])

    @property
    def omission(self):
        """A line on the cases that are left out, in a list; none if there are none."""
        if not (self.cases and self.left_out):
            return []
        where = plural(self.left_out, "case")
        return [f"{self.equation.label} leaves out {where}, as {self.rounding}"]

    def _repr_markdown_(self):
        e = self.equation
        title = f"**{e.label}** {e.statement}\n\n$${e.latex}$$\n"
        if not self.cases:
            return f"{title}\ndoes not apply: {self.reason}"
        left, right = self.main.worst
        return (
            f"{title}\n{self.main.what}: {left:.10g} and {right:.10g} "
            f"({self.main.relation}; {verdict(self.ok)} on {plural(self.cases, 'case')})"
            + "".join(f"\n\n{line}" for line in self.omission)
        )


def evaluate(equations, cases):
    """A `Result` for each equation, over all cases."""
    seen = {e.label: Tally(e) for e in equations}
    for case in cases:
        for tally in seen.values():
            tally.add(case)
    return [tally.result() for tally in seen.values()]


class Tally:
    """What the cases so far say of an equation."""

    def __init__(self, equation):
        self.equation, self.cases, self.worst, self.reasons = equation, 0, {}, []

    def add(self, case):
        """Check one more case."""
        try:
            found = self.equation.check(case)
        except DoesNotApply as reason:
            self.reasons.append(reason)
            return
        self.cases += 1
        for side in found:
            before = self.worst.get(side.what)
            if before is None or margin(side) > margin(before):
                self.worst[side.what] = side

    def result(self):
        """The `Result`."""
        unclear = [reason for reason in self.reasons if isinstance(reason, RoundingDecides)]
        most = str(max(unclear, key=lambda reason: reason.by)) if unclear else ""
        reasons = "" if self.cases else "; ".join(dict.fromkeys(map(str, self.reasons)))
        return Result(
            self.equation, self.cases, tuple(self.worst.values()), reasons, len(unclear), most
        )


def margin(side):
    """How near a comparison is to failing: what does fail first, then the largest excess."""
    return not side.ok, side.excess


def comparison(side):
    """Plain values of `Sides`: the worst pair, not whole arrays."""
    left, right = side.worst
    return {
        "what": side.what, "relation": side.relation, "left": left, "right": right,
        "ratio": left / right if right else None, "excess": side.excess,
        "tolerance": side.tolerance, "ok": side.ok,
    }  # fmt: skip


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
