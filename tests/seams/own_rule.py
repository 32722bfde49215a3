"""An acceptance rule of one's own: the most score for a parameter, within a budget."""

from dataclasses import dataclass

from sennpy import Acceptance, Verdict


@dataclass(frozen=True)
class Budget(Acceptance):
    parameters: int = 40
    least: float = 0.002  # of lambda, for each new parameter

    def judge(self, place, changes):
        net, best = place.view.net, Verdict(False, reason="nothing was proposed")
        for change in changes:
            new = change(net).num_parameters - net.num_parameters
            worth = change.exact / new
            if net.num_parameters + new > self.parameters:
                best = max(
                    best, Verdict(False, change, worth, "over budget"), key=lambda v: v.worth
                )
            elif worth > self.least * place.view.lam:
                return Verdict(True, change, worth)
        return best
