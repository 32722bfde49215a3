"""A look: what is proposed at every place, and which proposal, if any, is accepted."""

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from ..expansion.decide import relative_score
from .acceptance import Verdict
from .change import EXACTLY, Change
from .record import Candidate, LookRecord

SMALL = 1000  # parameters up to which the dense scores go on record though nobody asked for them


@dataclass(frozen=True)
class Limits:
    """How large a network may grow.

    Parameters
    ----------
    max_width, max_depth : int
        Neurons in a hidden layer, and hidden layers.
    """

    max_width: int
    max_depth: int

    def room(self, net, kind, index):
        """How many neurons a hidden layer, or a narrow one inserted before `index`, can take."""
        sizes = net.sizes[index : index + 2]
        return self.max_width - (sizes[1] if kind == "neuron" else min(sizes))

    def obstacle(self, net, kind, index, narrow=False):
        """Why nothing can be added at a place, whatever its score; empty if something can."""
        if kind == "neuron":
            full = net.sizes[index + 1] >= self.max_width
            return f"the layer is at max_width = {self.max_width}" if full else ""
        n = min(net.sizes[index : index + 2]) if narrow else net.sizes[index]
        if len(net.weights) > self.max_depth:
            return f"the network is at max_depth = {self.max_depth}"
        if n > self.max_width:
            shape = "narrow" if narrow else "square"
            return f"a {shape} layer would have {n} neurons (max_width = {self.max_width})"
        try:
            net.activation.identity_coefficients(n)
            net.activation.identity_directions(np.zeros((1, n)))
        except ValueError as error:
            return str(error)
        return ""


class Look(NamedTuple):
    """Outcome of `look`: the record, and the accepted change, or None."""

    record: LookRecord
    change: Change | None


def look(view, proposer, acceptance, limits, rng, layers=True):
    """Consider every hidden layer and, if `layers`, every insertion place; choose the best.

    Parameters
    ----------
    view : View
        The network on the samples of the look.
    proposer : Proposer
    acceptance : Acceptance
    limits : Limits
    rng : numpy.random.Generator
    layers : bool

    Returns
    -------
    Look

    Notes
    -----
    Paper: (E13); the addition is made at the best location.
    """
    candidates = [
        consider(view, kind, index, proposer, acceptance, limits, rng)
        for kind, index in view.places(layers)
    ]
    passing = [i for i, c in enumerate(candidates) if c.score is not None and not c.reason]
    chosen = max(passing, key=lambda i: candidates[i].score, default=None)
    for i in passing:
        why = {"chosen": True} if i == chosen else {"reason": "another passes with a higher score"}
        candidates[i] = replace(candidates[i], **why)
    record = LookRecord(
        view.epoch, dense_eta(view), view.lam,
        proposer.as_dict(), acceptance.as_dict(), tuple(candidates),
    )  # fmt: skip
    return Look(record, None if chosen is None else candidates[chosen].change)


def consider(view, kind, index, proposer, acceptance, limits, rng):
    """What a proposer and an acceptance rule make of one place: a `Candidate`, not yet chosen."""
    obstacle = limits.obstacle(view.net, kind, index, proposer.narrow)
    if obstacle and (kind == "layer" or not proposer.shrinks):
        return Candidate(kind, index, reason=obstacle)
    place = view.place(kind, index)
    seen = proposer.sees(place)
    known = {"supremum": seen.supremum, "eta_layer": seen.eta}
    if not acceptance.could_pass(seen):
        return Candidate(kind, index, reason=acceptance.judge(seen, []).reason, **known)
    changes = list(proposer.changes(seen, rng))
    for change in changes:
        as_made("changes", change, Change, proposer)
    if kind == "neuron" or proposer.narrow:
        room = limits.room(view.net, kind, index)
        changes = [change for change in changes if change.units <= room]
    verdict = acceptance.judge(seen, [change.measured(place) for change in changes])
    change = as_made("judge", verdict, Verdict, acceptance).change
    reason = "" if verdict.passes else verdict.reason or "refused"
    if change is None:
        return Candidate(kind, index, reason=reason, **known)
    preserves = change.operation.preserves(view.net)
    dense = dense_increase(view, change) if preserves == EXACTLY else None
    relative = dict.fromkeys(("ratio", "share"))
    if acceptance.unit == "loss":
        worth = max(float(verdict.worth), 0.0)
        relative = {"ratio": relative_score(worth, seen.eta),
                    "share": relative_score(worth, view.lam)}  # fmt: skip
    return Candidate(
        change.kind, index, float(change.score), change.exact, change.bound, dense, **known,
        score=float(verdict.worth), **relative, honest=change.gain, error=change.error,
        preserves=preserves, reason=reason, change=change,
    )  # fmt: skip


def as_made(method, made, kind, seam):
    """Return what a seam's method has made, or raise TypeError unless it is of its kind."""
    if not isinstance(made, kind):
        raise TypeError(
            f"{type(seam).__name__}.{method} gave a {type(made).__name__}, expected "
            f"{'a list of Change' if kind is Change else 'a ' + kind.__name__}."
        )
    return made


def dense_eta(view):
    """The dense score for the record: if a rule has asked for it, or it costs little; else None."""
    return view.eta if "eta" in vars(view) or view.net.num_parameters <= SMALL else None


def dense_increase(view, change):
    """`View.increase` for the record, on the same terms."""
    known = id(change.operation) in view.increases
    return view.increase(change) if known or change(view.net).num_parameters <= SMALL else None
