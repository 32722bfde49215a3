"""When to add: rules that judge what was proposed at a place."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from ..expansion.decide import decide, max_simultaneous_additions
from ..validation import as_choice, as_count, as_number, keep_plain
from ..writing import described


class Verdict(NamedTuple):
    """What an acceptance rule says of the changes proposed at a place.

    Parameters
    ----------
    passes : bool
    change : Change or None
        The one that is accepted, or the best of those that are not; None if there was none.
    worth : float
        By which the look compares places; larger is better.
    reason : str
        Why it does not pass; empty if it does.
    """

    passes: bool
    change: object = None
    worth: float = 0.0
    reason: str = ""


class Acceptance:
    """Judges the changes that were proposed at a place; a subclass gives `judge`.

    Attributes
    ----------
    unit : str
        Of a verdict's worth: "loss", so that the record holds it against eta and lambda, or another
        of its own.
    """

    unit = "loss"

    def could_pass(self, place):
        """Whether any change at a place could pass: if not, none is looked for.

        Parameters
        ----------
        place : Place

        Returns
        -------
        bool
            If False, `judge(place, [])` gives the reason.
        """
        return True

    def judge(self, place, changes):
        """Decide on what was proposed at a place.

        Parameters
        ----------
        place : Place
        changes : list of Change
            With `exact` and `bound` filled in; empty where nothing was proposed, or could pass.

        Returns
        -------
        Verdict
        """
        raise NotImplementedError

    def limit(self, lam, metric):
        """A bound on the additions made at one time, a float; infinite for a rule without one."""
        return float("inf")

    def check(self, cooldown, backoff):
        """Raise ValueError if the rule cannot work with looks at such times (see `Settings`)."""

    def as_dict(self):
        """Plain values for the record: the name of the rule and its parameters."""
        return described(self)


class ByWhatIsLeft(Acceptance):
    """One change a look: that of which most is left, if that is above 0; a subclass gives `lefts`.

    Attributes
    ----------
    lacks : str
        What a change of which nothing is left is short of.
    """

    lacks = "what chance brings"

    def could_pass(self, place):
        return not self.obstacle(place)

    def obstacle(self, place):
        """Why nothing that is found at a place could pass; empty if something could."""
        if place.view.made:
            return "one addition a look: the next is judged when this one is trained"
        return "" if place.supremum > 0 else "nothing is left to explain"

    def judge(self, place, changes):
        if not changes:
            return Verdict(False, reason=self.obstacle(place) or "nothing was proposed")
        lefts = self.lefts(place, changes)
        best = int(np.argmax(lefts))
        left = float(lefts[best])
        reason = "" if left > 0 else f"{-left:.3g} {self.unit} short of {self.lacks}"
        return Verdict(not reason, changes[best], left, reason)

    def lefts(self, place, changes):
        """What is left of each change when chance has had its share, a list of floats."""
        raise NotImplementedError


@dataclass(frozen=True)
class Thresholds(Acceptance):
    """The paper's rule: an increase above tau eta_c and above alpha lambda.

    Parameters
    ----------
    tau : float
        Least increase in units of the receiving layer's score, at least 0.
    alpha : float
        Least increase in units of lambda, at least 0.
    layer_cost : float
        What an inserted layer's score is divided by, positive.
    by : "exact" or "own"
        What is held against the thresholds: the exact increase, of a layer for each direction in
        which its inputs vary (`Place.rank`); or the proposer's own score as it is.
    dense : bool
        Whether a layer counts with at most the increase of the whole network's dense score. The
        receiving layer's block of F does not know the coefficients of the units around it, so that
        a second layer beside a first looks as good as the first did; the dense score tells them
        apart. Without it one layer is added at a time, and trained before the next is looked for.

    Notes
    -----
    Paper: (E13).

    A square layer has as many units as its inputs have columns, since only so can the next layer
    undo it: how many is no choice of the proposal. What it costs is therefore the rank of its
    inputs, and a feature that is there three times, or a constant one, makes no layer dearer.
    """

    tau: float = 1.0
    alpha: float = 0.02
    layer_cost: float = 5.0
    by: str = "exact"
    dense: bool = True

    def __post_init__(self):
        for name in ("tau", "alpha"):
            as_number(name, getattr(self, name), at_least=0)
        as_number("layer_cost", self.layer_cost, above=0)
        as_choice("by", self.by, ("exact", "own"))
        if not isinstance(self.dense, bool):
            raise TypeError(f"dense is {self.dense!r}, expected True or False.")
        keep_plain(self)

    def could_pass(self, place):
        return not (self.one_by_one(place) or self.too_low(place, self.most(place)))

    def judge(self, place, changes):
        if not changes:
            reason = self.one_by_one(place) or self.too_low(place, self.most(place))
            return Verdict(False, reason=reason or "nothing was proposed")
        worths = [self.worth(place, change) for change in changes]
        worth = max(worths)
        reason = self.too_low(place, worth, "")
        return Verdict(not reason, changes[worths.index(worth)], worth, reason)

    def worth(self, place, change):
        """What is held against the thresholds, a float."""
        if self.by == "own":
            return change.score / (self.layer_cost if change.kind == "layer" else 1)
        if change.kind != "layer":
            return change.exact
        increase = change.exact
        if self.dense:
            increase = min(increase, place.view.increase(change))
        return increase / place.rank / self.layer_cost

    def limit(self, lam, metric):
        """Theorem 3.1's bound, for the metric in which lambda bounds eta."""
        if not (self.tau and self.alpha and lam > 0 and metric == "euclidean"):
            return float("inf")
        return max_simultaneous_additions(lam, self.alpha * lam, self.tau)

    def most(self, place):
        """What no change at the place can be worth more than, a float."""
        if place.kind == "neuron":
            return place.supremum
        if self.by == "own":
            return place.supremum / self.layer_cost
        most = place.supremum
        if self.dense and place.view.metric == "euclidean":  # where lambda bounds the dense score
            most = min(most, max(place.view.lam - place.view.eta, 0.0))
        return most / place.rank / self.layer_cost

    def too_low(self, place, worth, whose="even the supremum is too low: "):
        """Which threshold a score misses, and by how much; empty if none."""
        lam = place.view.lam
        decision = decide(max(worth, 0.0), place.eta, lam, self.tau, self.alpha)
        return "" if decision.passes else whose + decision.reason

    def one_by_one(self, place):
        """Why a second layer must wait; empty if it need not."""
        waits = self.by == "exact" and not self.dense and place.kind == "layer"
        if waits and any(change.kind == "layer" for change in place.view.made):
            return "one layer at a time, where layers are not held to the dense score"
        return ""


@dataclass(frozen=True)
class Schedule(Acceptance):
    """So many units at given epochs, each the proposer's best: whatever the score says.

    Parameters
    ----------
    epochs : tuple of int
        When to add; each must be an epoch of a look.
    units : int
        How many are added at each; a layer counts as one.
    """

    epochs: tuple = ()
    units: int = 1

    def __post_init__(self):
        if isinstance(self.epochs, str) or not isinstance(self.epochs, Sequence):
            raise TypeError(f"epochs is {self.epochs!r}, expected a sequence of epochs.")
        for i, epoch in enumerate(self.epochs):
            as_count(f"epochs[{i}]", epoch)
        as_count("units", self.units)
        keep_plain(self)

    def limit(self, lam, metric):
        """A bound on the additions made at one time, a float; infinite for a rule without one."""
        return float("inf")

    def check(self, cooldown, backoff):
        if backoff != 1:
            raise ValueError(
                f"Schedule needs looks at even times, but backoff is {backoff}; use "
                "Settings(backoff=1.0, ...)."
            )
        missed = [epoch for epoch in self.epochs if epoch % cooldown]
        if missed:
            raise ValueError(
                f"Schedule names epoch {missed[0]}, but looks are made every {cooldown} epochs "
                "(Settings(cooldown=...)): it would be missed."
            )

    def could_pass(self, place):
        return place.view.epoch in self.epochs and len(place.view.made) < self.units

    def judge(self, place, changes):
        if not self.could_pass(place):
            return Verdict(False, reason=f"{self.units} at each of the epochs {self.epochs}")
        if not changes:
            return Verdict(False, reason="nothing was proposed")
        best = max(changes, key=lambda change: change.score)
        return Verdict(True, best, best.score)
