"""What a look leaves on record: each place that was considered, and why it was chosen or not."""

from dataclasses import dataclass


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
