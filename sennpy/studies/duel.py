"""The growth criteria against each other: one start, one schedule, one optimiser."""

import time

import numpy as np

from ..training.errors import TrainingDiverged
from . import growing
from .family import decided, described
from .statistics import ranks

QUESTION = "Which growth criterion gives the least loss under one schedule?"
SEEDS, VERSION = 3, 2
CONTROL = "random fan-out 0"
LARGE, LONGER = "large", "large, longer"  # from the start; the latter with more epochs
GROWN = (
    "senn exact", "senn bound", "senn profile", "gradmax", "gradmax fan-out 0", "natural gradmax",
    "tiny", "splitting", "firefly", "nest", "north", "cascade",
    "net2net", CONTROL, "random fan-in 0",
)  # fmt: skip
EVENTS, EPOCHS = tuple(range(5, 45, 5)), 60
LONG = 5  # times as many epochs: more than a grown training takes in seconds
NOTHING = dict.fromkeys(("train", "test", "anytime", "neurons", "parameters", "training_seconds"))


def grid(seeds=SEEDS, quick=False):
    """A configuration for each task, seed and competitor; of the digits one seed."""
    names = ("senn exact", "gradmax", CONTROL) if quick else GROWN
    events, epochs = list(EVENTS[: 2 if quick else 8]), 12 if quick else EPOCHS
    return [
        {"task": task, "criterion": name, "seed": seed, "events": events,
         "epochs": epochs * (LONG if name == LONGER and task != "digits" else 1)}
        for task in (("moons",) if quick else growing.TASKS)
        for seed in range(1 if task == "digits" else seeds) for name in (*names, LARGE, LONGER)
    ]  # fmt: skip


def run(config):
    """Logarithms of the losses of one training, its size, and how long it took."""
    task, seed, name = (
        growing.TASKS[config["task"]](config["seed"]),
        config["seed"],
        config["criterion"],
    )
    events, epochs, began = config["events"], config["epochs"], time.perf_counter()
    try:
        if name in (LARGE, LONGER):  # with as many parameters as the grown ones have at the end
            proposer, _ = growing.per_event(CONTROL)
            width = 1 + len(events)
            net, history = growing.grown(task, seed, proposer, [epochs + 1], 1, epochs, width)
        else:
            net, history = growing.grown_by(name, task, seed, events, 1, epochs)
    except TrainingDiverged:
        return dict(NOTHING)
    seconds = time.perf_counter() - began
    curve = np.log10(np.maximum(history.column("loss"), growing.LEAST_LOSS))
    return {
        "train": growing.log_loss(net, task.X, task.t, task.loss),
        "test": growing.log_loss(net, task.X_test, task.t_test, task.loss),
        "anytime": float(curve.mean()), "neurons": net.sizes[1], "parameters": net.num_parameters,
        "curve": [round(float(value), 4) for value in curve],
        "training_seconds": round(seconds, 3),
    }  # fmt: skip


def runs_of(rows, name):
    """Runs of a competitor that ended, by (task, seed)."""
    return {(row["task"], row["seed"]): row for row in rows
            if row["criterion"] == name and row["train"] is not None}  # fmt: skip


def differences(rows, name, metric, control=CONTROL):
    """Of each task: a competitor less a control on the seeds that both ended; lists of float."""
    own, others, groups = runs_of(rows, name), runs_of(rows, control), {}
    for key in sorted(own.keys() & others.keys()):
        groups.setdefault(key[0], []).append(own[key][metric] - others[key][metric])
    return list(groups.values())


def at_equal_time(rows, name):
    """Of each task: a competitor's training loss less the large one's after as many seconds.

    Each epoch of the large one counts for the same time; after its last its loss stays.
    """
    own, longer, groups = runs_of(rows, name), runs_of(rows, LONGER), {}
    for key in sorted(own.keys() & longer.keys()):
        large = longer[key]
        share = own[key]["training_seconds"] / max(large["training_seconds"], 1e-3)
        last = min(int(share * len(large["curve"])), len(large["curve"]) - 1)
        groups.setdefault(key[0], []).append(own[key]["train"] - large["curve"][last])
    return list(groups.values())


def ranked(rows):
    """Mean ranks of the competitors over tasks (means of their seeds), and Friedman's p.

    Returns
    -------
    dict, float
        Of tasks where every one has a run; ({}, None) if those are fewer than two.
    """
    names = [name for name in dict.fromkeys(row["criterion"] for row in rows) if name != LONGER]
    means = {}
    for name in names:
        of = {}
        for (task, _), row in runs_of(rows, name).items():
            of.setdefault(task, []).append(row["train"])
        means[name] = {task: float(np.mean(values)) for task, values in of.items()}
    common = set.intersection(*(set(of) for of in means.values()))
    if len(common) < 2:
        return {}, None
    found = ranks([[means[name][task] for name in names] for task in sorted(common)])
    return dict(zip(names, map(float, found.mean), strict=True)), found.p


def table(rows):
    """A line a competitor: medians, and means over tasks of the paired difference to the control.

    Its intervals are of the line alone; those of the verdicts hold together.
    """
    lines, (rank, p) = [], ranked(rows)
    for name in dict.fromkeys(row["criterion"] for row in rows):
        own = list(runs_of(rows, name).values())
        line = {"criterion": name, "runs": len(own)}
        for what in ("train", "test", "anytime", "neurons", "parameters", "training_seconds"):
            line[what] = float(np.median([row[what] for row in own])) if own else None
        line |= {"mean rank": rank.get(name), "Friedman's p": p}
        for metric in ("train", "test"):
            line |= described(f"{metric} - control", differences(rows, name, metric))
        line |= described("train - large", differences(rows, name, "train", LARGE))
        line |= described("train - large at equal time", at_equal_time(rows, name))
        lines.append(line)
    return lines


def verdicts(rows):
    """Whether each criterion ends below random units, and SENN's below a large network.

    All share one error of 5 %. Of log10 of the training loss; the large network has as many
    parameters as the grown at the end.
    """
    names = [
        n for n in dict.fromkeys(row["criterion"] for row in rows) if n not in (CONTROL, LONGER)
    ]
    text = "{} ends with less training loss (log10) than {}"
    asked = [(text.format(name, "random units with fan-out 0"), differences(rows, name, "train"))
             for name in names]  # fmt: skip
    senn = "senn exact"
    asked += [
        (text.format(senn, "one large from the start, in as many epochs"),
         differences(rows, senn, "train", LARGE)),
        (text.format(senn, "one large from the start, in as many seconds"),
         at_equal_time(rows, senn)),
    ]  # fmt: skip
    return [
        decided("criteria", sentence, groups, len(asked), below=True)
        for sentence, groups in asked if groups
    ]  # fmt: skip
