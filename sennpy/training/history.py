"""What a training leaves on record: epochs, looks, additions."""

from dataclasses import dataclass, fields, is_dataclass

from ..growth.record import Candidate, LookRecord
from ..writing import finite


@dataclass(frozen=True)
class EpochRecord:
    """One epoch of training.

    Attributes
    ----------
    epoch : int
        From 1.
    loss : float
        Mean over samples, as the epoch's steps met it (before each step).
    eta : float or None
        g^T n with n the step's direction: (F + damping)^{-1} g, as far as the solver gets; None for
        an optimiser without one.
    lam : float
        lambda, the most that the dense eta could be for the euclidean metric.
    sizes : tuple of int
    progress : float
        Share of the loss that the epoch before took away; 0 in the first.
    seconds : float
        Since the start of the training, without interruptions.
    validation_loss, validation_accuracy : float or None
        After the epoch; accuracy for losses that have one.
    """

    epoch: int
    loss: float
    eta: float | None
    lam: float
    sizes: tuple
    progress: float
    seconds: float
    validation_loss: float | None = None
    validation_accuracy: float | None = None


@dataclass(frozen=True)
class AdditionRecord:
    """One addition, or another change of the network that was accepted.

    Attributes
    ----------
    epoch : int
    candidate : Candidate
    sizes : tuple of int
        After the addition.
    moved : float
        Largest change of an output, relative to the largest output, in float64.
    together : int
        N_s, the additions made so far at this epoch.
    limit : float
        Theorem 3.1's bound on N_s, which it proves for additions judged by one eta that stays below
        lambda: the dense one, or that of one layer next to the outputs, for the euclidean metric.
        Infinite if tau or alpha is 0, for another metric, or another rule.
    """

    epoch: int
    candidate: Candidate
    sizes: tuple
    moved: float
    together: int
    limit: float

    def __str__(self):
        return (
            f"epoch {self.epoch:4d}  + {self.candidate}; "
            f"sizes now {list(self.sizes)}, outputs moved {self.moved:.0e}"
        )


@dataclass(frozen=True)
class History:
    """Everything on record of one training, oldest first; a value, as the network is.

    Parameters
    ----------
    epochs : tuple of EpochRecord
    looks : tuple of LookRecord
    additions : tuple of AdditionRecord
    """

    epochs: tuple = ()
    looks: tuple = ()
    additions: tuple = ()
    _page = None  # who writes one: the package's door tells, since that room stands further down

    def with_record(self, record):
        """A history with one more record; TypeError for what is no record."""
        if isinstance(record, EpochRecord):
            return History((*self.epochs, record), self.looks, self.additions)
        if isinstance(record, LookRecord):
            return History(self.epochs, (*self.looks, record), self.additions)
        if isinstance(record, AdditionRecord):
            return History(self.epochs, self.looks, (*self.additions, record))
        raise TypeError(
            f"record is {record!r}, expected an EpochRecord, LookRecord or AdditionRecord."
        )

    def column(self, name):
        """One attribute of all epochs, as a list."""
        return [getattr(record, name) for record in self.epochs]

    def report(self, path, recorder=None, settings=None, name="A training"):
        """Write the growth X-ray of this training, one page of HTML: see `write_report`."""
        return History._page()(self, path, recorder, settings, name)

    def as_dict(self):
        """Plain values for JSON, infinities as None; proposals are told by their scores alone."""
        return finite(plain(self))


def plain(value):
    """Nested dicts and lists of plain values; a `Change` is left out."""
    if is_dataclass(value):
        found = {field.name: getattr(value, field.name) for field in fields(value)}
        return {key: plain(item) for key, item in found.items() if key != "change"}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return value
