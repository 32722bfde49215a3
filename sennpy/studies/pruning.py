"""Growing and shrinking: at each look the neuron that costs least by (E15) may go, or one be added.

A neuron goes if it costs less than a share `keep` alpha of lambda. With keep = 0 none goes; with
keep = 1 a neuron goes as soon as bringing it back is worth less than a new one must be; below lies
hysteresis, above it removal that is sure to be undone.
"""

from dataclasses import dataclass

import numpy as np

from ..growth.acceptance import Thresholds
from ..growth.acceptance import Verdict as Judgement
from ..growth.change import Change, Prune
from ..growth.profile import ProfileSearch
from ..training.optimiser import NaturalGradient
from ..training.settings import Settings
from ..validation import as_number, keep_plain
from .statistics import paired_bootstrap
from .trained import grouped, measured, middle, task_named, trained
from .verdict import DOES_NOT, HOLDS, OPEN, Verdict

QUESTION = (
    "Does removing neurons by (E15) make networks smaller at the same loss, without thrashing?"
)
SEEDS, VERSION = 6, 1
DATA = ("moons", "spiral", "function")
KEEP = (0.0, 0.1, 1.0, 10.0, 100.0)
ALPHA, COOLDOWN = 0.02, 10
TOLD = {
    0.1: "with hysteresis (neurons go below 0.1 alpha lambda)",
    1.0: "at the threshold itself (below alpha lambda)",
    10.0: "without hysteresis (below 10 alpha lambda)",
}
WORSE = float(np.log(1.05))  # of the test loss, that does not matter


@dataclass(frozen=True)
class GrowOrPrune(ProfileSearch):
    """What the search proposes, and the removal of each neuron of a layer that has several."""

    shrinks = True

    def changes(self, place, rng):
        n = 0 if place.kind == "layer" else place.W_in.shape[1]
        fewer = [Prune(place.index, j, place.view.X) for j in range(n if n > 1 else 0)]
        return [*super().changes(place, rng), *(Change(one, 0.0) for one in fewer)]


@dataclass(frozen=True)
class CheapOnesGo(Thresholds):
    """The paper's thresholds; the neuron that costs least goes first if it costs little.

    Parameters
    ----------
    keep : float
        In units of alpha lambda: what a neuron must cost (E15) to stay.
    """

    keep: float = 0.1

    def __post_init__(self):
        super().__post_init__()
        as_number("keep", self.keep, at_least=0)
        keep_plain(self)

    def could_pass(self, place):
        return True

    def judge(self, place, changes):
        fewer = [c for c in changes if c.kind == "prune" and not place.view.made]
        cheapest = max(fewer, key=lambda c: c.exact, default=None)
        if cheapest and -cheapest.exact < self.keep * self.alpha * place.view.lam:
            return Judgement(True, cheapest, place.supremum)
        return super().judge(place, [c for c in changes if c.kind != "prune"])


def grid(seeds, quick):
    """A training for each task, each share to keep and each seed."""
    return [
        {"task": task, "keep": keep, "seed": seed, "quick": quick}
        for task in (DATA[:1] if quick else DATA)
        for keep in ((0.0, 1.0, 10.0) if quick else KEEP)
        for seed in range(min(seeds, 2) if quick else seeds)
    ]


def settings_of(config):
    """The paper's rule, tau aside, with removal."""
    return Settings.by_thresholds(
        epochs=60 if config["quick"] else 300, cooldown=COOLDOWN, max_depth=1, max_width=24,
        proposer=GrowOrPrune(candidates=40, refined=1, iterations=15),
        acceptance=CheapOnesGo(tau=0.0, alpha=ALPHA, keep=config["keep"]),
        optimiser=NaturalGradient(step_size=0.2), seed=config["seed"],
    )  # fmt: skip


def run(config):
    """One training, with the sizes that it went through."""
    task, settings = task_named(config["task"], config["seed"]), settings_of(config)
    fit = trained(task, settings, hidden=(2,))
    changes = [(a.epoch, a.candidate.kind) for a in fit.history.additions]
    removed = [a for a in fit.history.additions if a.candidate.kind == "prune"]
    return measured(task, fit) | {
        "sizes": [int(sum(e.sizes[1:-1])) for e in fit.history.epochs][::COOLDOWN],
        "added": sum(kind != "prune" for _, kind in changes),
        "removed": len(removed),
        "thrashes": thrashes(changes),
        "moved": max((float(a.moved) for a in removed), default=0.0),
    }


def thrashes(changes):
    """How many removals an addition follows within a cooldown, of (epoch, kind) in order."""
    added = [epoch for epoch, kind in changes if kind != "prune"]
    return sum(
        any(0 <= epoch - gone <= COOLDOWN for epoch in added)
        for gone, kind in changes
        if kind == "prune"
    )


def table(rows):
    """A line for each task and share to keep: medians over seeds, thrashing in the mean."""
    return [
        {
            "task": task, "keep": keep,
            **{name: middle(some, name) for name in ("size", "test_loss", "train_loss")},
            **{name: float(np.mean([row[name] for row in some]))
               for name in ("added", "removed", "thrashes")},
            "largest": float(np.median([max(row["sizes"]) for row in some])),
        }
        for (task, keep), some in grouped(rows, "task", "keep")
    ]  # fmt: skip


def against_none(rows, keep, name, log=False):
    """Interval of the paired difference of a value to the run that removes nothing."""
    of = {(row["task"], row["seed"], row["keep"]): row[name] for row in rows}
    pairs = [(of[task, seed, k], of[task, seed, 0.0])
             for task, seed, k in of if k == keep and (task, seed, 0.0) in of]  # fmt: skip
    a, b = np.array(pairs, dtype=float).T
    return paired_bootstrap(np.log(a), np.log(b)) if log else paired_bootstrap(a, b, np.mean)


def verdicts(rows):
    """With hysteresis, and without: smaller, no worse, and without thrashing."""
    seeds, found = len({row["seed"] for row in rows}), []
    for keep, name in TOLD.items():
        if not any(row["keep"] == keep for row in rows):
            continue
        size = against_none(rows, keep, "size")
        word = HOLDS if size.high < 0 else DOES_NOT if size.low >= 0 else OPEN
        text = f"neurons fewer (negative) than without removal, {name}"
        found.append(Verdict("prune-smaller", text, *size, word, seeds))
        loss = against_none(rows, keep, "test_loss", log=True)
        word = HOLDS if loss.high <= WORSE else DOES_NOT if loss.low > WORSE else OPEN
        text = f"ln of the test loss over that without removal, {name} (at most ln 1.05 is asked)"
        found.append(Verdict("prune-no-worse", text, *loss, word, seeds))
        some = [row for row in rows if row["keep"] == keep]
        thrash = against_none(rows, keep, "thrashes")
        word = HOLDS if thrash.high <= 1 else DOES_NOT if thrash.low > 1 else OPEN
        looks = middle(some, "looks")
        text = f"removals that an addition followed at once, of {looks:g} looks, {name}"
        found.append(Verdict("prune-no-thrashing", f"{text} (at most 1)", *thrash, word, seeds))
    return found
