"""Where a training stands, as a value: what it needs to go on as if it had never stopped."""

from dataclasses import dataclass, replace

import numpy as np

from ..nn.mlp import MLP
from .history import History


class Unseeded(np.random.bit_generator.ISeedSequence):
    """Zeros for a bit generator whose state is set at once: to seed it takes a third of a step."""

    def generate_state(self, n_words, dtype=np.uint32):
        """So many zeros."""
        return np.zeros(n_words, dtype)


@dataclass(frozen=True, eq=False)
class State:
    """A training after so many epochs.

    Parameters
    ----------
    network : MLP
        In the type that it trains in.
    epoch : int
        Epochs that are done.
    looks : int
        Looks that are done.
    looked : int
        The epoch of the last of them; 0 before the first.
    generator : dict
        State of the bit generator of all that is random.
    memory : object
        The optimiser's.
    history : History
    seconds : float
        That the training took so far.
    idle : int
        Looks in a row, up to now, that added nothing.
    still : int
        Epochs in a row, up to now, in which the loss stood still.
    best : (float, MLP) or None
        The least loss on validation data so far, and the network that had it.
    """

    network: MLP
    epoch: int
    looks: int
    looked: int
    generator: dict
    memory: object
    history: History
    seconds: float
    idle: int = 0
    still: int = 0
    best: tuple | None = None

    @classmethod
    def at_start(cls, net, seed):
        """The state before the first epoch; an int `seed` decides all that is random."""
        rng = np.random.default_rng([seed, 1])
        return cls(net, 0, 0, 0, rng.bit_generator.state, None, History(), 0.0)

    def rng(self):
        """A generator that draws what this training would draw next."""
        rng = np.random.Generator(np.random.PCG64(Unseeded()))
        rng.bit_generator.state = self.generator
        return rng

    def is_due(self, settings):
        """Whether a look is to be made before the next epoch."""
        wait = round(settings.cooldown * settings.backoff**self.idle)
        return self.looked < self.epoch and (
            self.epoch >= self.looked + wait or self.is_still(settings)
        )

    def is_still(self, settings):
        """Whether the loss has stood still for as long as the settings wait."""
        return settings.patience is not None and self.still >= settings.patience

    def has_converged(self, settings):
        """Whether the training is at its end: the loss stands still, and so does the network."""
        looked = self.looked == self.epoch
        return looked and self.is_still(settings) and self.idle >= settings.patience

    def with_record(self, record):
        """The state with one more record in its history."""
        return replace(self, history=self.history.with_record(record))
