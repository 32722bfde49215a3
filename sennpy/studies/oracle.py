"""What a criterion's score says of what its proposal brings, once it is trained.

Intervals draw whole trainings (task, seed) anew: states and proposals of one are not independent.
"""

import warnings
from dataclasses import replace

import numpy as np

from ..growth.change import EXACTLY
from ..growth.criteria import per_event
from ..growth.place import View
from ..training.errors import TrainingDiverged, TrainingWarning
from ..training.senn import SENN
from . import growing
from .statistics import Interval, interval_of, rank_correlation
from .verdict import DOES_NOT, HOLDS, OPEN, Verdict

QUESTION = "Does a criterion's score tell how far the loss falls when its proposal is trained?"
SEEDS, VERSION = 2, 1
CRITERIA = (
    "senn exact", "senn bound", "senn profile", "gradmax", "gradmax fan-out 0", "natural gradmax",
    "tiny", "splitting", "firefly", "nest", "north", "cascade",
    "net2net", "random fan-out 0", "random fan-in 0",
)  # fmt: skip
STATES, SHORT, DRAWS = (10, 20, 40), 30, 300
YARDSTICKS = ("score", "bound", "exact", "dense")


def grid(seeds=SEEDS, quick=False):
    """A configuration for each task, seed and state."""
    return [
        {"task": task, "seed": seed, "state": state, "epochs": 3 if quick else SHORT,
         "criteria": list(("senn exact", "gradmax", "splitting") if quick else CRITERIA)}
        for task in (("moons",) if quick else growing.TOYS)
        for seed in range(seeds) for state in (STATES[:2] if quick else STATES)
    ]  # fmt: skip


def run(config):
    """Of every criterion's proposal at one state: its scores, and the falls of the loss, twice.

    The two trainings of a proposal differ in their batches, halves of the data; "still" are the
    falls without any addition.
    """
    task, seed, state = (
        growing.TASKS[config["task"]](config["seed"]),
        config["seed"],
        config["state"],
    )
    proposer, _ = per_event("random fan-out 0")
    net, _ = growing.grown(task, seed, proposer, [5], 1, state)
    view = View.of(net, task.X, task.t, task.loss)
    place, before = view.place("neuron", 0), float(task.loss.value(net(task.X), task.t))

    def falls(start):
        return [fall(task, start, batch, before, config["epochs"]) for batch in (1, 2)]

    row = {"loss": before, "eta": float(view.eta), "still": falls(net), "proposals": []}
    for name in config["criteria"]:
        changes = per_event(name)[0].changes(place, np.random.default_rng([seed, state]))
        if changes:
            best = max(changes, key=lambda change: change.score).measured(place)
            keeps = best.operation.preserves(net) == EXACTLY
            row["proposals"].append({
                "criterion": name, "score": float(best.score), "exact": best.exact,
                "bound": best.bound, "dense": float(view.increase(best)) if keeps else None,
                "falls": falls(best(net)),
            })  # fmt: skip
    return row


def fall(task, net, seed, before, epochs):
    """How far the loss falls in a training on halves of the data; None if it diverges."""
    batch = -(-len(task.X) // 2)
    settings = growing.plan(per_event("random fan-out 0")[0], seed, [epochs + 1], 1, epochs)
    try:
        with warnings.catch_warnings():  # a loss that rises is what is measured here
            warnings.simplefilter("ignore", TrainingWarning)
            after, _ = SENN(task.loss, replace(settings, batch_size=batch)).fit(net, task.X, task.t)
    except TrainingDiverged:
        return None
    return before - float(task.loss.value(after(task.X), task.t))


def proposals(rows, name):
    """Of a criterion, or of all if None: (row, proposal) whose trainings ended."""
    return [
        (row, one)
        for row in rows
        for one in row["proposals"]
        if name in (None, one["criterion"]) and None not in one["falls"] + row["still"]
    ]


def gained(row, one):
    """What the proposal brought beside training without it, of the loss before; a float."""
    return float(np.mean(one["falls"]) - np.mean(row["still"])) / row["loss"]


def reliability(found):
    """Spearman of the gain by one training's batches with that by another's, an Interval."""
    first, again = (
        [(one["falls"][i] - row["still"][i]) / row["loss"] for row, one in found] for i in (0, 1)
    )
    return clustered(first, again, [row for row, _ in found])


def correlation(found, yardstick):
    """Spearman of a yardstick, per loss before, with the gain, an Interval."""
    found = [(row, one) for row, one in found if one[yardstick] is not None]
    scores = [one[yardstick] / row["loss"] for row, one in found]
    return clustered(scores, [gained(row, one) for row, one in found], [row for row, _ in found])


def clustered(a, b, rows):
    """Spearman of a with b, its interval by drawing trainings anew; NaN if it has no interval.

    It has none of fewer than three trainings, or of values that are all alike.
    """
    groups = {}
    for i, row in enumerate(rows):
        groups.setdefault((row["task"], row["seed"]), []).append(i)
    if len(groups) < 3 or np.ptp(a) == 0 or np.ptp(b) == 0:
        return Interval(np.nan, np.nan, np.nan)
    a, b, groups, rng = np.array(a), np.array(b), list(groups.values()), np.random.default_rng(0)

    def drawn(some):
        chosen = np.concatenate([groups[i] for i in some])
        return rank_correlation(a[None, chosen], b[None, chosen])[0]

    many = np.array([drawn(rng.integers(len(groups), size=len(groups))) for _ in range(DRAWS)])
    estimate = float(drawn(range(len(groups))))
    return interval_of(estimate, many[np.isfinite(many)], 0.95)


def table(rows):
    """A line a criterion, and one of all: correlations, reliability, and the share realised."""
    lines = []
    names = dict.fromkeys(one["criterion"] for row in rows for one in row["proposals"])
    for name in (*names, None):
        found = proposals(rows, name)
        line = {"criterion": name or "all", "proposals": len(found)}
        for yardstick in YARDSTICKS if name else YARDSTICKS[1:]:
            line[yardstick] = known(correlation(found, yardstick))
        line["retest"] = known(reliability(found))
        shares = [gained(row, one) * row["loss"] / (one["exact"] / 2)
                  for row, one in found if one["exact"] > 0]  # fmt: skip
        line["realised of exact/2"] = float(np.median(shares)) if shares else None
        lines.append(line)
    return lines


def known(interval):
    """The estimate; None for NaN."""
    return None if np.isnan(interval.estimate) else interval.estimate


def verdicts(rows):
    """Whether each criterion's own score, and each yardstick over all, goes with the gain."""
    names = dict.fromkeys(one["criterion"] for row in rows for one in row["proposals"])
    said = []
    for name, yardstick in [*((n, "score") for n in names), *((None, y) for y in YARDSTICKS[1:])]:
        found = proposals(rows, name)
        told = correlation(found, yardstick)
        if known(told) is None:
            continue
        word = HOLDS if told.low > 0 else DOES_NOT if told.high < 0 else OPEN
        text = f"the {yardstick} of {name or 'all criteria'} ranks what proposals bring (Spearman)"
        said.append(
            Verdict(
                "criteria", text, *told, word, len({(row["task"], row["seed"]) for row, _ in found})
            )
        )
    return said
