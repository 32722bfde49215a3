"""The honest look: an addition is real if samples that it was not found on say so."""

from dataclasses import dataclass

import numpy as np

from ..validation import as_number
from .acceptance import Acceptance, Verdict

LEAST_FREE = 0.1  # share of the targets that are left to tell the noise by


@dataclass(frozen=True)
class HonestLook(Acceptance):
    """What an addition brings to held-out samples, in nats, against the numbers that it frees.

    Of the gains q_n that a proposer has measured (`Change.gains`) it takes the mean less z standard
    errors. In units of the noise, N / (2 dispersion) times that is the log likelihood gained on all
    samples. It must exceed `price` for each new neuron; of what passes, the change is made that has
    most left. What a search finds by chance has no price: held-out samples gain nothing from it.

    Parameters
    ----------
    z : float
        Standard errors, at least 0.
    price : float
        Nats for each new neuron, at least 0.
    tau : float
        Least mean gain in units of the receiving layer's score, as in (E13); at least 0.

    Notes
    -----
    Paper: (E20).
    """

    z: float = 1.25
    price: float = 1.0
    tau: float = 0.0
    unit = "nats"

    def __post_init__(self):
        for name in ("z", "price", "tau"):
            as_number(name, getattr(self, name), at_least=0)

    def could_pass(self, place):
        return not self.obstacle(place)

    def obstacle(self, place):
        """Why nothing that is found at a place could pass; empty if something could."""
        if place.view.made:
            return "one addition a look: the next is judged when this one is trained"
        most, asked = self.nats(place, place.supremum), self.price
        if most <= asked:
            return f"even the supremum is too low: {most:.3g} nats, more than {asked:.3g} are asked"
        return ""

    def judge(self, place, changes):
        if not changes:
            return Verdict(False, reason=self.obstacle(place) or "nothing was proposed")
        best = max(changes, key=lambda change: self.left(place, change))
        left, gain = self.left(place, best), best.gains.mean()
        if not left > 0:
            return Verdict(False, best, left, f"{-left:.3g} nats short of its price")
        if not gain > self.tau * place.eta:
            return Verdict(False, best, left, f"gains {gain:.3g}, at most tau eta = "
                           f"{self.tau * place.eta:.3g}")  # fmt: skip
        return Verdict(True, best, left)

    def left(self, place, change):
        """Nats that are left of what a change brings when its neurons are paid for, a float."""
        if change.gains is None:
            raise TypeError(
                "HonestLook needs what a change brings to held-out samples (Change.gains): use it "
                "with a proposer that measures it, as CrossFitted()."
            )
        low = change.gains.mean() - self.z * change.gains.std() / np.sqrt(len(change.gains))
        return float(self.nats(place, low) - self.price * change.units)

    def nats(self, place, gain):
        """The log likelihood that a gain a sample stands for, over all samples."""
        view = place.view
        size = view.trace.outputs.size
        free = max(size - view.net.num_parameters, LEAST_FREE * size)
        noise = view.loss.dispersion(view.trace.outputs, view.t, free)
        return len(view.X) * gain / (2 * noise) if noise > 0 else 0.0
