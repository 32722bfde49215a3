"""Net2Wider: a copy of a unit that is there, with a little noise."""

from dataclasses import dataclass

import numpy as np

from ...validation import as_number, keep_plain
from ..change import Change, Split
from ..proposer import Proposer


@dataclass(frozen=True)
class Net2Net(Proposer):
    """A random unit becomes two, w + d and w - d, with half of its outgoing weights each.

    An exact duplicate has Delta eta = 0. There is no score; one that is random chooses the place.
    Source: Chen et al., Net2Net (arXiv 1511.05641), where one of the two alone is moved.

    Parameters
    ----------
    noise : float
        Norm of d, in units of |w|; 0 is the exact duplicate.
    """

    noise: float = 1e-2

    def __post_init__(self):
        as_number("noise", self.noise, at_least=0)
        keep_plain(self)

    def changes(self, place, rng):
        if place.kind != "neuron":
            return []
        unit = int(rng.integers(place.W_in.shape[1]))
        w, d = place.W_in[:, unit], rng.standard_normal(len(place.W_in))
        d *= self.noise * np.linalg.norm(w) / np.linalg.norm(d)
        return [Change(Split(place.index, unit, d), float(rng.random()))]
