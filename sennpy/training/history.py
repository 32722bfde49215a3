"""What a training leaves on record: epochs, looks, additions."""

from dataclasses import asdict, dataclass, field

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
    eta : float
        g^T n with n the step's direction: (F + damping)^{-1} g, as far as the solver gets.
    lam : float
        lambda, the most that the dense eta could be for the euclidean metric.
    sizes : tuple of int
    progress : float
        Share of the loss that the epoch before took away; 0 in the first.
    seconds : float
        Since the start of the training.
    validation_loss, validation_accuracy : float or None
        After the epoch; accuracy for classification only.
    space : str
        Where solver "dense" decomposed: "parameter" (P, P) or "sample" (N m, N m), whichever is
        smaller; empty for other solvers.
    """

    epoch: int
    loss: float
    eta: float
    lam: float
    sizes: tuple
    progress: float
    seconds: float
    validation_loss: float | None = None
    validation_accuracy: float | None = None
    space: str = ""


@dataclass(frozen=True)
class AdditionRecord:
    """One addition.

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
        Infinite if tau or alpha is 0, or for another metric.
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


@dataclass
class History:
    """Everything on record of one training, oldest first.

    Parameters
    ----------
    epochs : list of EpochRecord
    looks : list of LookRecord
    additions : list of AdditionRecord
    """

    epochs: list = field(default_factory=list)
    looks: list = field(default_factory=list)
    additions: list = field(default_factory=list)

    def add(self, record):
        """File an EpochRecord, LookRecord or AdditionRecord; TypeError for anything else."""
        kinds = {EpochRecord: self.epochs, LookRecord: self.looks, AdditionRecord: self.additions}
        if type(record) not in kinds:
            raise TypeError(
                f"record is {record!r}, expected an EpochRecord, LookRecord or AdditionRecord."
            )
        kinds[type(record)].append(record)

    def column(self, name):
        """One attribute of all epochs, as a list."""
        return [getattr(record, name) for record in self.epochs]

    def as_dict(self):
        """Plain values for JSON, infinities as None."""
        return finite(asdict(self))
