"""The proposers by name."""

from ..validation import as_choice
from .chains import MalaSearch
from .profile import ProfileSearch
from .proposer import Search
from .random import RandomSearch

SEARCHES = {"random": RandomSearch, "mala": MalaSearch, "profile": ProfileSearch}


def as_search(search):
    """A `Search` from its name or from itself; ValueError for an unknown name."""
    return (
        search if isinstance(search, Search) else SEARCHES[as_choice("search", search, SEARCHES)]()
    )
