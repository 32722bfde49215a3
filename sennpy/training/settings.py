"""The settings of a training: frozen, validated, few."""

from dataclasses import dataclass

from ..growth.acceptance import Acceptance, Thresholds
from ..growth.crossfit import CrossFitted
from ..growth.honest import HonestLook
from ..growth.look import Limits
from ..growth.named import proposer_named
from ..growth.proposer import Proposer
from ..validation import as_choice, as_count, as_number
from .levenberg import LevenbergMarquardt
from .optimiser import NaturalGradient, Optimiser


@dataclass(frozen=True)
class Settings:
    """How a network is trained, and when it grows.

    Parameters
    ----------
    epochs : int
        Passes over the training data, at most.
    proposer : "random", "mala", "profile" or Proposer
        How additions are found.
    acceptance : Acceptance
        Which of them are made.
    optimiser : Optimiser
        How steps are taken.
    cooldown : int
        Epochs from an addition to the next look.
    backoff : float
        A look without an addition makes the time to the next so many times as long; 1 keeps it.
    patience : int or None
        After so many epochs in a row that changed the loss by less than `tolerance` of it there is
        a look after each, and the training ends when as many looks in a row have added nothing.
        None trains all epochs.
    tolerance : float
        Positive. Of a log likelihood that is smaller, 0.01 nats stand for the loss.
    keep : "last" or "best"
        Which network is returned: that of the last epoch, or that of least loss on the validation
        data.
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

    epochs: int = 200
    proposer: str | Proposer = CrossFitted()
    acceptance: Acceptance = HonestLook()
    optimiser: Optimiser = LevenbergMarquardt()
    cooldown: int = 8
    backoff: float = 2.0
    patience: int | None = 3
    tolerance: float = 1e-4
    keep: str = "last"
    layer_cooldown: int = 1
    max_width: int = 64
    max_depth: int = 2
    batch_size: int | None = None
    look_samples: int = 10_000
    dtype: str = "float64"
    seed: int = 0

    def __post_init__(self):
        for name in ("cooldown", "layer_cooldown", "max_width", "look_samples"):
            as_count(name, getattr(self, name))
        for name in ("epochs", "max_depth", "seed"):
            as_count(name, getattr(self, name), at_least=0)
        for name in ("batch_size", "patience"):
            if getattr(self, name) is not None:
                as_count(name, getattr(self, name))
        as_number("backoff", self.backoff, at_least=1)
        as_number("tolerance", self.tolerance, above=0)
        as_choice("keep", self.keep, ("last", "best"))
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
        self.acceptance.check(self.cooldown, self.backoff)

    @classmethod
    def by_thresholds(cls, **changes):
        """Settings with the paper's rule (E13) on a fixed schedule, and a fixed number of epochs.

        Looks every 30 epochs for the neuron or the square layer of largest score, steps of 0.1 with
        a damping of 0.1, 400 epochs; `changes` are settings that are to be others.
        """
        fixed = {
            "epochs": 400, "proposer": "profile", "acceptance": Thresholds(),
            "optimiser": NaturalGradient(), "cooldown": 30, "backoff": 1.0, "patience": None,
            "max_depth": 4,
        }  # fmt: skip
        return cls(**fixed | changes)

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
