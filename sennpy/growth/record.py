"""What a look leaves on record: each place that was considered, and why it was chosen or not."""

from dataclasses import dataclass, field

from .change import Change


@dataclass(frozen=True)
class Candidate:
    """One place where a look considered growing.

    Attributes
    ----------
    kind : "neuron", "layer", or the kind of another change
    place : int
        The hidden layer that would change, or the layer to insert in front of.
    own : float or None
        The proposer's own score, in its own units; None where nothing was proposed. Nothing is
        looked for where no proposal could pass.
    exact, bound : float or None
        Delta eta and Delta eta' of the directions that it opens, at the receiving layer.
    dense : float or None
        Increase of the whole network's dense score; None unless the acceptance rule goes by it, or
        it costs little.
    supremum, eta_layer : float or None
        What no proposal at the place can exceed, and the score of the receiving layer, both in the
        statistics by which the proposer goes; None where nothing can be added at all.
    score : float or None
        What the acceptance rule held against its thresholds.
    ratio, share : float or None
        score in units of eta_layer and of lambda; None for a rule in other units than the loss's.
    preserves : str
        Whether the function stays: "exactly", "to O(eps)" or "no"; empty without a proposal.
    chosen : bool
    reason : str
        Why it was not chosen; empty if it was.
    honest, error : float or None
        What it brings to held-out samples in the mean (E20), and the standard error of that; None
        where none were held out.
    change : Change or None
        The proposal itself; not written to files.
    """

    kind: str
    place: int
    own: float | None = None
    exact: float | None = None
    bound: float | None = None
    dense: float | None = None
    supremum: float | None = None
    eta_layer: float | None = None
    score: float | None = None
    ratio: float | None = None
    share: float | None = None
    preserves: str = ""
    chosen: bool = False
    reason: str = ""
    honest: float | None = None
    error: float | None = None
    change: Change | None = field(default=None, repr=False, compare=False)

    def __str__(self):
        where = f"{self.kind} {'before' if self.kind == 'layer' else 'in'} layer {self.place}"
        if self.score is None:
            return f"{where}: {self.reason}"
        dense = "" if self.dense is None else f", dense {self.dense:.3g}"
        found = f"{where}: exact {self.exact:.3g} (bound {self.bound:.3g}{dense}); "
        if self.honest is not None:
            found += f"held out {self.honest:.3g} +- {self.error:.1g}; "
        if self.ratio is None:
            return f"{found}score {self.score:.3g}"
        return f"{found}score {self.score:.3g} = {self.ratio:.2g} eta = {self.share:.2g} lambda"


@dataclass(frozen=True)
class LookRecord:
    """One look at all places.

    Attributes
    ----------
    epoch : int
    eta : float or None
        Dense score of the whole network, undamped; None unless the acceptance rule goes by it, or
        it costs little.
    lam : float
        lambda.
    proposer, acceptance : dict
        Who proposed and who judged: the name of the class and its parameters.
    candidates : tuple of Candidate
    """

    epoch: int
    eta: float | None
    lam: float
    proposer: dict
    acceptance: dict
    candidates: tuple

    @property
    def tau(self):
        """The threshold tau, None for a rule without one."""
        return self.acceptance.get("tau")

    @property
    def alpha(self):
        """The threshold alpha in units of lambda, None for a rule without one."""
        return self.acceptance.get("alpha")

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
