"""GradMax: silent units whose outgoing weights give the largest gradient at birth."""

import numpy as np

from sennpy import Change, Proposer, Widen


class GradMax(Proposer):
    """One unit with fan-in 0; (v, c, l) = (0, 0, 1) has slope 1 at 0, so its score is s_1^2."""

    def changes(self, place, rng):
        if place.kind != "neuron":
            return []
        M = place.inputs.T @ place.g / len(place.g)
        _, s, Vt = np.linalg.svd(M)
        norm = np.linalg.norm(place.W[:-1], axis=1).mean()
        silent, identity = np.zeros((len(M), 1)), np.array([[0.0], [0.0], [1.0]])
        return [Change(Widen(place.index, silent, identity, 0.5 * norm * Vt[:1]), s[0] ** 2)]
