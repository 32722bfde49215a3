"""Pictures to move that need no kernel: HTML with its data and its script, for notebooks and pages.

    explorables.run(watched, X, t)                    a training, look by look
    explorables.projection(J, g_y)                    drag g_y: eta, lambda and the shadow
    explorables.proposal(x, a_c, g)                   a neuron's place: bound, exact increase, R^2
    explorables.walkers(x, a_c, g, eta_c, starts)     Langevin walkers, step by step
    explorables.decision_plane(eta, rest, gains)      the thresholds while a layer trains
    explorables.stingy_adversary()                    how many additions, against Theorem 3.1

Each returns an `Explorable`, which a notebook shows; `save` writes a page of its own. What moves is
computed in the page by the formulas of the paper, from data that are put in here.
"""

from .deciding import decision_plane, stingy_adversary
from .fragment import Explorable
from .proposing import proposal, walkers
from .running import run
from .shadow import projection

__all__ = [
    "Explorable",
    "decision_plane",
    "projection",
    "proposal",
    "run",
    "stingy_adversary",
    "walkers",
]
