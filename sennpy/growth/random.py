"""The plainest proposals: the best of independent draws."""

from dataclasses import dataclass

from ..validation import as_count, keep_plain
from .search import Search, best_draws


@dataclass(frozen=True)
class RandomSearch(Search):
    """The best of independent draws from the prior.

    Parameters
    ----------
    proposals : int
        How many are drawn.
    """

    proposals: int = 300

    def __post_init__(self):
        as_count("proposals", self.proposals)
        keep_plain(self)

    def trails(self, objective, place, rng):
        best = best_draws(objective, rng, self.proposals, 1)
        return best, best
