"""What a criterion's score says of what its proposal brings, once it is trained.

Ranks are compared among the proposals of one state alone: there they share the loss, and what the
training would have brought without them. Intervals draw whole trainings (task, seed) anew.
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
from .family import decided, described, nested
from .statistics import rank_correlation

QUESTION = "Does a criterion's score tell how far the loss falls when its proposal is trained?"
SEEDS, VERSION = 3, 2
CRITERIA = (
    "senn exact", "senn bound", "senn profile", "gradmax", "gradmax fan-out 0", "natural gradmax",
    "tiny", "splitting", "firefly", "nest", "north", "cascade",
    "net2net", "random fan-out 0", "random fan-in 0",
)  # fmt: skip
TASKS = ("moons", "circles", "spiral", "checkerboard", "friedman1", "regression", "digits")
STATES, SHORT = (10, 30), 30
PROPOSALS = 4  # of a criterion at a state, each from another half of the samples
YARDSTICKS = ("bound", "exact", "dense")


def grid(seeds=SEEDS, quick=False):
    """A configuration for each task, seed and state; of the digits, which cost most, fewer."""
    if quick:
        return [
            {"task": "moons", "seed": seed, "state": 10, "epochs": 2, "draws": 3,
             "criteria": ["senn exact", "gradmax", "splitting"]} for seed in range(seeds)
        ]  # fmt: skip
    return [
        {"task": task, "seed": seed, "state": state, "epochs": SHORT, "draws": PROPOSALS,
         "criteria": list(CRITERIA)}
        for task in TASKS
        for seed in range(min(seeds, 2) if task == "digits" else seeds)
        for state in (STATES[:1] if task == "digits" else STATES)
    ]  # fmt: skip


def run(config):
    """Of every criterion's proposals at one state: its scores, and the falls of the loss, twice.

    The two trainings of a proposal differ in their batches, halves of the data; "still" are the
    falls without any addition. The yardsticks are of all samples, the own score of those that the
    criterion proposed from.
    """
    seed, state = config["seed"], config["state"]
    task = growing.TASKS[config["task"]](seed)
    net, _ = growing.grown(task, seed, per_event("random fan-out 0")[0], [5], 1, state)
    view = View.of(net, task.X, task.t, task.loss)
    before = float(task.loss.value(net(task.X), task.t))

    def falls(start):
        return [fall(task, start, batch, before, config["epochs"]) for batch in (1, 2)]

    found = []
    for name in config["criteria"]:
        for draw in range(config["draws"]):
            best = proposed(name, net, task, [seed, state, draw])
            if best is not None:
                found.append(told(name, best, view) | {"falls": falls(best(net))})
    return {"loss": before, "eta": float(view.eta), "still": falls(net), "proposals": found}


def proposed(name, net, task, seeds):
    """The best change that a criterion proposes from half of the samples; None if it has none."""
    rng = np.random.default_rng(seeds)
    half = rng.permutation(len(task.X))[: len(task.X) // 2]
    place = View.of(net, task.X[half], task.t[half], task.loss).place("neuron", 0)
    changes = per_event(name)[0].changes(place, rng)
    return max(changes, key=lambda change: change.score) if changes else None


def told(name, change, view):
    """A change's own score and the yardsticks of a view; dense only where the function stays."""
    best = change.measured(view.place("neuron", 0))
    keeps = best.operation.preserves(view.net) == EXACTLY
    return {
        "criterion": name, "score": float(best.score), "exact": best.exact, "bound": best.bound,
        "dense": float(view.increase(best)) if keeps else None,
    }  # fmt: skip


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


def proposals(row, name=None):
    """Of a criterion at a state, or of all: those whose trainings ended."""
    return [one for one in row["proposals"]
            if name in (None, one["criterion"]) and None not in one["falls"]]  # fmt: skip


def mean_fall(one):
    """How far the loss fell with a proposal, the mean of its trainings."""
    return float(np.mean(one["falls"]))


def correlations(rows, name, value, other=mean_fall):
    """Spearman of two values of proposals within each state, meaned over those of a training.

    Parameters
    ----------
    rows : list of dict
    name : str or None
        Of one criterion's proposals, or of all.
    value, other : function of a proposal
        Where `value` gives None a proposal is left out.

    Returns
    -------
    list of [float]
        One of each training that has any: states where either is the same for all, or that have
        fewer than three proposals, have no ranks to compare.
    """
    groups = {}
    for row in rows:
        known = [one for one in proposals(row, name) if value(one) is not None]
        if len(known) > 2:
            a, b = (np.array([[f(one) for one in known]]) for f in (value, other))
            found = rank_correlation(a, b)[0]
            if np.isfinite(found):
                groups.setdefault((row["task"], row["seed"]), []).append(found)
    return [[float(np.mean(found))] for found in groups.values()]


def retest(rows, name):
    """Correlations of a proposal's two trainings, as `correlations`: what no score can surpass."""
    return correlations(rows, name, lambda one: one["falls"][0], lambda one: one["falls"][1])


def realised(rows, name):
    """All that the proposals brought over all that exact Delta eta / 2 foretold, a float.

    Of those that leave the function as it is; what a proposal brought is beside the mean of the
    trainings without it. None if nothing was foretold.
    """
    brought = foretold = 0.0
    for row in rows:
        if None not in row["still"]:
            for one in proposals(row, name):
                if one["dense"] is not None:
                    brought += mean_fall(one) - float(np.mean(row["still"]))
                    foretold += one["exact"] / 2
    return brought / foretold if foretold > 0 else None


def criteria(rows):
    """The names that the rows have, in their order."""
    return list(dict.fromkeys(one["criterion"] for row in rows for one in row["proposals"]))


def table(rows):
    """A line a criterion, and one of all: correlations, retest, and the share realised."""
    lines = []
    for name in (*criteria(rows), None):
        line = {"criterion": name or "all",
                "proposals": sum(len(proposals(row, name)) for row in rows)}  # fmt: skip
        for what in ("score",) if name else YARDSTICKS:
            groups = correlations(rows, name, lambda one, what=what: one[what])
            line |= described(what, groups)
            line["trainings"] = len(groups)
        again = retest(rows, name)
        line["retest"] = nested(again).estimate if again else None
        line["realised of exact/2"] = realised(rows, name)
        lines.append(line)
    return lines


def verdicts(rows):
    """Whether each criterion's own score, and each yardstick over all, ranks the falls of the loss.

    All share one error of 5 %.
    """
    asked = [*((name, "score") for name in criteria(rows)), *((None, y) for y in YARDSTICKS)]
    said = []
    for name, what in asked:
        groups = correlations(rows, name, lambda one, what=what: one[what])
        if len(groups) > 1:
            text = (f"{what} of {name or 'the proposals of all criteria'} ranks, at a state, how "
                    "far the loss falls (mean Spearman)")  # fmt: skip
            said.append(decided("criteria", text, groups, len(asked)))
    return said
