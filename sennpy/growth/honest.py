"""The honest look: an addition is real if samples that it was not found on say so."""

from dataclasses import dataclass

from ..validation import as_number, keep_plain
from .acceptance import ByWhatIsLeft, Verdict

LEAST_FREE = 0.1  # share of the targets that are left to tell the noise by


@dataclass(frozen=True)
class HonestLook(ByWhatIsLeft):
    """What an addition brings to held-out samples, in nats, against a price for each neuron.

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
    unit, lacks = "nats", "its price"

    def __post_init__(self):
        for name in ("z", "price", "tau"):
            as_number(name, getattr(self, name), at_least=0)
        keep_plain(self)

    def obstacle(self, place):
        """As for all; and a supremum that does not pay for a neuron."""
        most, asked = self.nats(place, place.supremum), self.price
        too_low = f"even the supremum is too low: {most:.3g} nats, more than {asked:.3g} are asked"
        return super().obstacle(place) or ("" if most > asked else too_low)

    def judge(self, place, changes):
        verdict, least = super().judge(place, changes), self.tau * place.eta
        if verdict.passes and not verdict.change.gain > least:
            reason = f"gains {verdict.change.gain:.3g}, at most tau eta = {least:.3g}"
            return Verdict(False, verdict.change, verdict.worth, reason)
        return verdict

    def lefts(self, place, changes):
        return [self.left(place, change) for change in changes]

    def left(self, place, change):
        """Nats that are left of what a change brings when its neurons are paid for, a float."""
        if change.gains is None:
            raise TypeError(
                "HonestLook needs what a change brings to held-out samples (Change.gains): use it "
                "with a proposer that measures it, as CrossFitted()."
            )
        low = change.gain - self.z * change.error
        return float(self.nats(place, low) - self.price * change.units)

    def nats(self, place, gain):
        """The log likelihood that a gain a sample stands for, over all samples."""
        view = place.view
        size = view.trace.outputs.size
        free = max(size - view.net.num_parameters, LEAST_FREE * size)
        noise = view.loss.dispersion(view.trace.outputs, view.t, free)
        return len(view.X) * gain / (2 * noise) if noise > 0 else 0.0
