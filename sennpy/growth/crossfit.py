"""Proposals that are measured on samples which they were not found on."""

from dataclasses import dataclass

import numpy as np

from ..expansion.damped import honest_increases
from ..validation import as_count, as_number, keep_plain
from .change import Change, Widen
from .insert import Insert
from .profile import ProfileSearch
from .proposer import Proposer

SURE = 2.0  # standard errors


@dataclass(frozen=True)
class CrossFitted(Proposer):
    """k neurons together, for several k, each with what it brings to samples that were held out.

    The samples are cut into `folds` parts. For each of them a search on the rest finds neurons, one
    after another, and fits their step; what that brings to the part is on record, sample by sample
    (`Change.gains`). What is proposed is found on all samples. No more folds are looked at once
    those before say that every k loses; what is then proposed is what the last of them found. At
    the front of a layer neurons come with a narrow layer (`Insert`) that they join.

    Parameters
    ----------
    search : ProfileSearch
        Finds one neuron after another.
    counts : tuple of int
        The k, rising.
    folds : int
        At least 2.
    held_out : int
        No more folds are looked at than it takes to hold out so many samples.
    samples : int
        A search sees at most so many, drawn anew.
    ridge : float
        Of the step, see `honest_increase`.

    Notes
    -----
    Paper: (E20).
    """

    search: ProfileSearch = ProfileSearch(candidates=40, refined=1, iterations=15)
    counts: tuple = (1, 2, 4, 8)
    folds: int = 5
    held_out: int = 500
    samples: int = 2000
    ridge: float = 1e-2
    narrow = True

    def __post_init__(self):
        if not isinstance(self.search, ProfileSearch):
            raise TypeError(f"search is {self.search!r}, expected a ProfileSearch.")
        counts = [as_count(f"counts[{i}]", k) for i, k in enumerate(self.counts)]
        if not counts or counts != sorted(set(counts)):
            raise ValueError(f"counts is {self.counts}, expected rising numbers of neurons.")
        if as_count("folds", self.folds) < 2:
            raise ValueError(f"folds is {self.folds}, expected at least 2.")
        as_count("held_out", self.held_out)
        as_count("samples", self.samples)
        as_number("ridge", self.ridge, at_least=0)
        keep_plain(self)

    def changes(self, place, rng):
        N = len(place.inputs)
        if 2 * self.folds > N:
            return []  # too few to hold out any
        gains = np.full((len(self.counts), N), np.nan)
        parts = np.array_split(rng.permutation(N), self.folds)
        for part in parts[: -(-self.held_out * self.folds // N)]:
            fitted = np.ones(N, dtype=bool)
            fitted[part] = False
            weights, coefficients = self.found(place, np.flatnonzero(fitted), rng)
            a_p = place.activation(place.inputs @ weights, coefficients)
            statistics = place.a_c, a_p, place.g, place.u
            q = honest_increases(*statistics, fitted, self.ridge, self.counts)
            gains[:, part] = q[:, part]
            if hopeless(gains[:, np.isfinite(gains[0])]):
                break
        else:
            weights, coefficients = self.found(place, np.arange(N), rng)
        return [
            self.change(place, weights[:, :k], coefficients[:, :k], q[np.isfinite(q)])
            for k, q in zip(self.counts, gains, strict=True)
        ]

    def found(self, place, some, rng):
        """Weights (n_in + 1, k) and coefficients of the most neurons, found on some samples."""
        if len(some) > self.samples:
            some = np.sort(rng.choice(some, self.samples, replace=False))
        operation = self.search.neurons(place.take(some), self.counts[-1], rng).operation
        return operation.weights, operation.coefficients

    def change(self, place, weights, coefficients, gains):
        """The `Change` that they are, with its gains."""
        kind = Widen if place.kind == "neuron" else Insert
        operation = kind(place.index, weights, coefficients)
        return Change(operation, float(gains.mean()), gains=gains)


def hopeless(gains):
    """Whether gains (rows, B) of B samples are below 0 by SURE standard errors in each row."""
    return bool((gains.mean(axis=1) + SURE * gains.std(axis=1) / gains.shape[1] ** 0.5 < 0).all())
