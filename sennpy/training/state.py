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
    """

    network: MLP
    epoch: int
    looks: int
    looked: int
    generator: dict
    memory: object
    history: History
    seconds: float

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

    def with_record(self, record):
        """The state with one more record in its history."""
        return replace(self, history=self.history.with_record(record))
