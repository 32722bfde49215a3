"""Rules beside the default one: other ways to tell a real addition from what chance brings.

They are to be compared; the default is `HonestLook`.
"""

from dataclasses import dataclass

import numpy as np

from ..validation import as_choice, as_count, as_number, keep_plain
from .acceptance import ByWhatIsLeft
from .honest import HonestLook
from .profile import ProfileSearch
from .proposer import Proposer


@dataclass(frozen=True)
class InformationCriterion(ByWhatIsLeft):
    """The increase on the samples it was found on, in nats, against a price for each free number.

    A fixed model that is too large by one number gains half a nat by chance. Akaike asks for one,
    Schwarz for ln(N) / 2. Neither knows that the number was searched for.

    Parameters
    ----------
    criterion : "aic" or "bic"
        The price of a free number: 1 nat, or ln(N) / 2.

    Notes
    -----
    Paper: (E8) for the increase; nats as in `HonestLook.nats`.
    """

    criterion: str = "bic"
    unit = "nats"

    def __post_init__(self):
        as_choice("criterion", self.criterion, ("aic", "bic"))
        keep_plain(self)

    def obstacle(self, place):
        """As for all; and a supremum that pays for no neuron."""
        most, asked = HonestLook().nats(place, place.supremum), self.price(place)
        too_low = f"even the supremum is too low: {most:.3g} nats, more than {asked:.3g} are asked"
        return super().obstacle(place) or ("" if most > asked else too_low)

    def lefts(self, place, changes):
        price, nats = self.price(place), HonestLook().nats
        return [nats(place, change.exact) - change.units * price for change in changes]

    def price(self, place):
        """Nats that a neuron must bring, a float."""
        each = 1.0 if self.criterion == "aic" else np.log(len(place.g)) / 2
        return float(each * numbers_of_neuron(place))


@dataclass(frozen=True)
class PermutationNull(ByWhatIsLeft):
    """The increase against what the same search finds when the residuals are dealt out anew.

    Rows of the residual gradient are permuted: what the inputs say of it is gone, its values stay.
    A change passes if of all increases, its own among them, at most a share `level` is as high.
    They are compared as shares of their suprema, since a permuted residual loses what the current
    inputs happen to explain of it.

    Parameters
    ----------
    draws : int
        Permutations at a look, at most; fewer where it is clear sooner that nothing passes.
    level : float
        At least 1 / (draws + 1), below 1.
    proposer : Proposer
        The search; the one that proposes, lest two searches be compared.
    seed : int
        Of the permutations; they differ from place to place and from epoch to epoch.

    Notes
    -----
    Paper: (E19), for searched directions.
    """

    draws: int = 19
    level: float = 0.05
    proposer: Proposer = ProfileSearch(candidates=40, refined=1, iterations=15)
    unit = "of the loss"
    seed: int = 0

    def __post_init__(self):
        as_count("draws", self.draws)
        as_count("seed", self.seed, at_least=0)
        as_number("level", self.level, above=0)
        if self.level >= 1 or self.level * (self.draws + 1) < 1 - 1e-9:
            raise ValueError(
                f"level is {self.level}, expected from 1 / (draws + 1) = "
                f"{1 / (self.draws + 1):.3g} to below 1: with {self.draws} draws nothing is rarer."
            )
        if not isinstance(self.proposer, Proposer):
            raise TypeError(f"proposer is {self.proposer!r}, expected a Proposer.")
        keep_plain(self)

    def lefts(self, place, changes):
        share = np.array([change.exact / place.supremum for change in changes])
        allowed = int(self.level * (self.draws + 1) + 1e-9)  # own one included
        nulls = np.empty((0, len(changes)))
        for found in self.found_by_chance(place):
            nulls = np.vstack([nulls, [found.get(change.units, 0.0) for change in changes]])
            if ((nulls >= share).sum(axis=0) >= allowed).all():
                break  # none can pass any more
        bars = np.sort(nulls, axis=0)[-min(allowed, len(nulls))]
        return list((share - bars) * place.supremum)

    def found_by_chance(self, place):
        """For each permutation the best share of the supremum, by the number of new neurons."""
        kind = ("neuron", "layer").index(place.kind)
        rng = np.random.default_rng([self.seed, place.view.epoch, kind, place.index])
        for _ in range(self.draws):
            dealt = place.g_r[rng.permutation(len(place.g_r))]
            null = place.with_statistics(place.a_c, dealt, place.G, place.W)
            found = {}
            for change in self.proposer.changes(null, rng):
                share = change.measured(null).exact / null.supremum if null.supremum else 0.0
                found[change.units] = max(share, found.get(change.units, 0.0))
            yield found


@dataclass(frozen=True)
class HeldOut(ByWhatIsLeft):
    """A validation split: the mean gain of samples that were held out once must be above 0.

    No error of that mean is asked for, and of several changes the best on those samples is taken.

    Parameters
    ----------
    share : float
        Of the samples, in (0, 0.5]: needs a proposer that holds out so many (`Change.gains`), as
        CrossFitted(folds=round(1 / share), held_out=1) does.

    Notes
    -----
    Paper: (E20), one fold of it.
    """

    share: float = 0.2
    unit = "loss"

    def __post_init__(self):
        as_number("share", self.share, above=0)
        if self.share > 0.5:
            raise ValueError(f"share is {self.share}, expected at most 0.5.")
        keep_plain(self)

    def lefts(self, place, changes):
        N, folds = len(place.g), round(1 / self.share)
        for change in changes:
            if change.gains is None or len(change.gains) > -(-N // folds):
                held = "none" if change.gains is None else len(change.gains)
                raise ValueError(
                    f"{held} of {N} samples were held out, expected a share of {self.share}: use "
                    f"HeldOut with CrossFitted(folds={folds}, held_out=1)."
                )
        return [change.gains.mean() for change in changes]


def numbers_of_neuron(place):
    """Free numbers of a neuron at a place: weights in, coefficients and weights out, an int."""
    return place.inputs.shape[1] + place.activation.num_coefficients + place.g.shape[1]
