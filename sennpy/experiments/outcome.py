"""What growing one network leaves, whatever the experiment."""

from dataclasses import dataclass
from typing import ClassVar

from ..nn.mlp import MLP
from ..training.history import History
from ..training.settings import Settings


@dataclass(frozen=True)
class Outcome:
    """One network grown from its start.

    Attributes
    ----------
    settings : Settings
        Those that it was grown with.
    network : MLP
    history : History
    seconds : float
        Of the training, over all processes that it went through.
    """

    MEASURES: ClassVar = ()  # names of the attributes that are numbers of this experiment

    settings: Settings
    network: MLP
    history: History
    seconds: float

    @property
    def seed(self):
        """Of the start and all else that was drawn."""
        return self.settings.seed

    @property
    def hidden(self):
        """Neurons in each hidden layer, as a list."""
        return list(self.network.sizes[1:-1])

    def numbers(self):
        """The outcome in plain values."""
        return {
            "seed": self.seed,
            **{name: getattr(self, name) for name in self.MEASURES},
            "hidden": self.hidden,
            "additions": len(self.history.additions),
            "epochs": len(self.history.epochs),
            "seconds": round(self.seconds, 2),
        }
