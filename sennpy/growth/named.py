"""The proposers by name."""

from ..validation import as_choice
from .chains import MalaSearch
from .profile import ProfileSearch
from .proposer import Proposer
from .random import RandomSearch

PROPOSERS = {"random": RandomSearch, "mala": MalaSearch, "profile": ProfileSearch}


def proposer_named(proposer):
    """A `Proposer` from its name or from itself; ValueError for an unknown name."""
    if isinstance(proposer, Proposer):
        return proposer
    if not isinstance(proposer, str):
        raise TypeError(
            f"proposer is {proposer!r}, expected a Proposer such as ProfileSearch(), or one of "
            f"{', '.join(map(repr, PROPOSERS))}."
        )
    return PROPOSERS[as_choice("proposer", proposer, PROPOSERS)]()
