"""The settings of a training: frozen, validated, few."""

from dataclasses import dataclass, fields, is_dataclass

from ..curvature.natural_gradient import Damping
from ..growth.acceptance import Acceptance, Schedule, Thresholds
from ..growth.chains import MalaSearch
from ..growth.crossfit import CrossFitted
from ..growth.honest import HonestLook
from ..growth.look import Limits
from ..growth.named import proposer_named
from ..growth.profile import ProfileSearch
from ..growth.proposer import Proposer
from ..growth.random import RandomSearch
from ..growth.rules import HeldOut, InformationCriterion, PermutationNull
from ..validation import as_choice, as_count, as_number, keep_plain
from ..writing import plain
from .levenberg import LevenbergMarquardt
from .optimiser import SGD, NaturalGradient, Optimiser

SEAMS = (Acceptance, Optimiser, Proposer)
KINDS = (
    CrossFitted, MalaSearch, ProfileSearch, RandomSearch,
    HeldOut, HonestLook, InformationCriterion, PermutationNull, Schedule, Thresholds,
    SGD, LevenbergMarquardt, NaturalGradient, Damping,
)  # fmt: skip


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
        keep_plain(self)

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
        given = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return {
            name: value.as_dict() if isinstance(value, SEAMS) else plain(value)
            for name, value in given.items()
        }

    @classmethod
    def from_dict(cls, told, kinds=()):
        """The settings that `as_dict` told, from what JSON made of it.

        Parameters
        ----------
        told : dict
        kinds : sequence of type
            Proposers, rules and optimisers of one's own that may be named in it.

        Raises
        ------
        TypeError, ValueError
            For a class or a setting that is not known, or values that are refused.
        """
        known = {kind.__name__: kind for kind in (*KINDS, *kinds)}
        return cls(**{name: made(name, value, known) for name, value in told.items()})


def made(name, value, known):
    """A value of the settings from plain values: `known` are the classes, by name."""
    if not isinstance(value, dict):
        return tuple(value) if isinstance(value, list) else value
    kind = known.get(as_choice(f"class of {name}", value.get("class"), known))
    if not is_dataclass(kind):
        return kind()
    defaults = {field.name: field.default for field in fields(kind)}
    given = {}
    for key, item in value.items():
        if isinstance(item, dict) and "class" not in item and is_dataclass(defaults.get(key)):
            item = {"class": type(defaults[key]).__name__} | item  # one that stands within another
        if key != "class":
            given[key] = made(key, item, known)
    return kind(**given)
