"""The settings of a training: frozen, validated, few."""

from dataclasses import dataclass

from ..growth.acceptance import Acceptance, Thresholds
from ..growth.look import Limits
from ..growth.named import proposer_named
from ..growth.proposer import Proposer
from ..validation import as_choice, as_count
from .optimiser import NaturalGradient, Optimiser


@dataclass(frozen=True)
class Settings:
    """How a network is trained, and when it grows.

    Parameters
    ----------
    epochs : int
        Passes over the training data.
    proposer : "random", "mala", "profile" or Proposer
        How additions are found.
    acceptance : Acceptance
        Which of them are made; the paper's thresholds unless given.
    optimiser : Optimiser
        How steps are taken; the natural gradient unless given.
    cooldown : int
        Epochs between looks.
    layer_cooldown : int
        Every how many looks, from the first, layers are considered too.
    max_width, max_depth : int
        Caps on neurons in a hidden layer and on hidden layers.
    batch_size : int or None
        Samples a step; None takes all.
    look_samples : int
        A look uses at most so many samples, drawn anew each time.
    dtype : "float64" or "float32"
        Of the training; scores are always float64.
    seed : int
        Of everything random in `SENN.fit`.

    Raises
    ------
    TypeError, ValueError
        For a value out of its range, naming the setting.

    Notes
    -----
    Paper: section 7, (E13).
    """

    epochs: int = 400
    proposer: str | Proposer = "profile"
    acceptance: Acceptance = Thresholds()
    optimiser: Optimiser = NaturalGradient()
    cooldown: int = 30
    layer_cooldown: int = 1
    max_width: int = 64
    max_depth: int = 4
    batch_size: int | None = None
    look_samples: int = 10_000
    dtype: str = "float64"
    seed: int = 0

    def __post_init__(self):
        for name in ("cooldown", "layer_cooldown", "max_width", "look_samples"):
            as_count(name, getattr(self, name))
        for name in ("epochs", "max_depth", "seed"):
            as_count(name, getattr(self, name), at_least=0)
        if self.batch_size is not None:
            as_count("batch_size", self.batch_size)
        as_choice("dtype", self.dtype, ("float64", "float32"))
        proposer_named(self.proposer)
        for name, kind, example in [
            ("acceptance", Acceptance, "Thresholds(tau=1.0, alpha=0.02)"),
            ("optimiser", Optimiser, "NaturalGradient(step_size=0.1)"),
        ]:
            if not isinstance(getattr(self, name), kind):
                raise TypeError(
                    f"{name} is {getattr(self, name)!r}, expected an {kind.__name__} such as "
                    f"{example}."
                )
        self.acceptance.check(self.cooldown)

    @property
    def limits(self):
        """The caps on the size, `Limits`."""
        return Limits(self.max_width, self.max_depth)

    def as_dict(self):
        """Plain values for JSON; an object becomes its class name and parameters."""
        plain = {name: getattr(self, name) for name in self.__dataclass_fields__}
        seams = {"acceptance": self.acceptance, "optimiser": self.optimiser}
        if isinstance(self.proposer, Proposer):
            seams["proposer"] = self.proposer
        return plain | {name: seam.as_dict() for name, seam in seams.items()}
