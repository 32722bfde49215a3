"""Pruning in the loop: at each look the neuron that costs least may go, before any is added."""

from sennpy import Change, ProfileSearch, Prune, Thresholds, Verdict, removal_costs


class GrowOrPrune(ProfileSearch):
    shrinks = True

    def changes(self, place, rng):
        found = super().changes(place, rng)
        if place.kind == "neuron" and place.W_in.shape[1] > 1:
            costs = removal_costs(place.a_c, place.g, place.G, place.W)[:-1]
            found.append(Change(Prune(place.index, costs.argmin(), place.view.X), -costs.min()))
        return found


class CheapOnesGo(Thresholds):
    def could_pass(self, place):
        return True

    def judge(self, place, changes):
        for change in (c for c in changes if c.kind == "prune" and not place.view.made):
            if -change.exact < 0.001 * place.view.lam:  # (E15)
                return Verdict(True, change, place.supremum)
        return super().judge(place, [c for c in changes if c.kind != "prune"])
