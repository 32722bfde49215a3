"""What a training leaves on record: epochs, looks, additions."""

import math
from dataclasses import asdict, dataclass, field


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
class Candidate:
    """One place where a look considered growing.

    Attributes
    ----------
    kind : "neuron" or "layer"
    place : int
        The hidden layer to widen, or the layer to insert in front of.
    exact, bound, supremum : float or None
        Delta eta, Delta eta' (for a layer the surrogate of (E16)), and what no proposal can exceed,
        all at the receiving layer; None where no proposal was made. None is looked for where even
        the supremum would not pass.
    dense : float or None
        Increase of the whole network's dense eta; None where F would be too large.
    eta_layer : float or None
        Score of the receiving layer.
    score : float or None
        What was held against the thresholds: `exact` for neurons, for a layer see
        `Search.layer_score`, over layer_cost.
    ratio, share : float or None
        score in units of the layer's eta and of lambda.
    margin_tau, margin_alpha : float or None
        ratio - tau and share - alpha.
    condition_A, condition_proposal, condition_G : float or None
        Condition numbers of A_c, of the proposal (A_p, for a layer W_q), and of G.
    chosen : bool
    reason : str
        Why it was not chosen; empty if it was.
    """

    kind: str
    place: int
    exact: float | None = None
    bound: float | None = None
    supremum: float | None = None
    dense: float | None = None
    eta_layer: float | None = None
    score: float | None = None
    ratio: float | None = None
    share: float | None = None
    margin_tau: float | None = None
    margin_alpha: float | None = None
    condition_A: float | None = None
    condition_proposal: float | None = None
    condition_G: float | None = None
    chosen: bool = False
    reason: str = ""

    def __str__(self):
        where = f"{self.kind} {'in' if self.kind == 'neuron' else 'before'} layer {self.place}"
        if self.score is None:
            return f"{where}: {self.reason}"
        dense = "" if self.dense is None else f", dense {self.dense:.3g}"
        return (
            f"{where}: exact {self.exact:.3g} (bound {self.bound:.3g}{dense}); "
            f"score {self.score:.3g} = {self.ratio:.2g} eta = {self.share:.2g} lambda"
        )


@dataclass(frozen=True)
class LookRecord:
    """One look at all places.

    Attributes
    ----------
    epoch : int
    eta : float or None
        Dense score of the whole network, undamped; None where F would be too large.
    lam, tau, alpha : float
        alpha in units of lambda.
    candidates : tuple of Candidate
    """

    epoch: int
    eta: float | None
    lam: float
    tau: float
    alpha: float
    candidates: tuple

    def __str__(self):
        chosen = [c for c in self.candidates if c.chosen]
        scored = [c for c in self.candidates if c.score is not None]
        if chosen:
            return f"epoch {self.epoch:4d}    best is a {chosen[0]}"
        if not scored:
            full = all(c.supremum is None for c in self.candidates)
            why = "no place to grow" if full else "no proposal could pass, not even the supremum"
            return f"epoch {self.epoch:4d}    {why}"
        best = max(scored, key=lambda c: c.score)
        return f"epoch {self.epoch:4d}    nothing passes; best is a {best}; too low: {best.reason}"


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


def finite(value):
    """A copy of nested lists and dicts in which numbers that JSON cannot hold are None."""
    if isinstance(value, dict):
        return {key: finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
