"""Pruning in the loop: at each look the neuron that costs least may go, before any is added."""

from sennpy import Change, ProfileSearch, Prune, Thresholds, Verdict


class GrowOrPrune(ProfileSearch):
    shrinks = True

    def changes(self, place, rng):
        n = 0 if place.kind == "layer" else place.W_in.shape[1]
        fewer = [Prune(place.index, j, place.view.X) for j in range(n if n > 1 else 0)]
        return [*super().changes(place, rng), *(Change(one, 0.0) for one in fewer)]


class CheapOnesGo(Thresholds):
    def could_pass(self, place):
        return True

    def judge(self, place, changes):
        fewer = [c for c in changes if c.kind == "prune" and not place.view.made]
        cheapest = max(fewer, key=lambda c: c.exact, default=None)  # (E15)
        if cheapest and -cheapest.exact < 0.001 * place.view.lam:
            return Verdict(True, cheapest, place.supremum)
        return super().judge(place, [c for c in changes if c.kind != "prune"])
