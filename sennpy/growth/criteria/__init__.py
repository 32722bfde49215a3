"""The literature's growth criteria, each a `Proposer`, and how each is made by name.

`CRITERIA[name].make(k)` proposes k units an event. Where `together` is false one change adds one
unit, and an event is k changes, each on the network that the one before has made: so for what
replaces a unit (splits, copies), and for searches. `per_event` says how many changes those are.
"""

from collections.abc import Callable
from typing import NamedTuple

from ...validation import as_choice, as_count
from ..chains import MalaSearch
from ..profile import ProfileSearch
from .cascade import CascadeCorrelation
from .chance import RandomFanIn, RandomFanOut
from .firefly import Firefly
from .gradmax import GradMax, GradMaxFanOut
from .natural_gradmax import NaturalGradMax
from .nest import Nest
from .net2net import Net2Net
from .north import North
from .senn import BestDrawn
from .splitting import Splitting
from .tiny import Tiny


class Criterion(NamedTuple):
    """How a criterion is made.

    Attributes
    ----------
    make : callable
        make(k) gives a Proposer.
    together : bool
        Whether one change adds all k units.
    """

    make: Callable
    together: bool = True


CRITERIA = {
    "senn exact": Criterion(lambda k: BestDrawn(k)),
    "senn bound": Criterion(lambda k: BestDrawn(k, exact=False)),
    "senn mala": Criterion(lambda k: MalaSearch(), together=False),
    "senn profile": Criterion(lambda k: ProfileSearch(), together=False),
    "gradmax": Criterion(GradMax),
    "gradmax fan-out 0": Criterion(GradMaxFanOut),
    "natural gradmax": Criterion(NaturalGradMax),
    "tiny": Criterion(Tiny),
    "tiny unprojected": Criterion(lambda k: Tiny(k, projected=False)),
    "splitting": Criterion(lambda k: Splitting(), together=False),
    "firefly": Criterion(lambda k: Firefly(), together=False),
    "net2net": Criterion(lambda k: Net2Net(), together=False),
    "nest": Criterion(Nest),
    "north": Criterion(North),
    "cascade": Criterion(CascadeCorrelation),
    "random fan-out 0": Criterion(RandomFanOut),
    "random fan-in 0": Criterion(RandomFanIn),
}


def per_event(name, k=1):
    """The Proposer of a name, and how many of its changes make k units: its Schedule's units."""
    criterion = CRITERIA[as_choice("criterion", name, CRITERIA)]
    return criterion.make(as_count("k", k)), 1 if criterion.together else k
