"""The growth criteria against each other: one start, one schedule, one optimiser."""

import time

import numpy as np

from ..training.errors import TrainingDiverged
from . import growing
from .statistics import bootstrap, paired_bootstrap
from .verdict import DOES_NOT, HOLDS, OPEN, Verdict

QUESTION = "Which growth criterion gives the least loss under one schedule?"
SEEDS, VERSION = 4, 1
CONTROL = "random fan-out 0"
COMPETITORS = (
    "senn exact", "senn bound", "senn profile", "gradmax", "gradmax fan-out 0", "natural gradmax",
    "tiny", "splitting", "firefly", "nest", "north", "cascade",
    "net2net", CONTROL, "random fan-in 0", "large",
)  # fmt: skip
EVENTS, EPOCHS = tuple(range(5, 45, 5)), 60


def grid(seeds=SEEDS, quick=False):
    """A configuration for each task, seed and competitor."""
    some = ("moons",) if quick else tuple(growing.TASKS)
    few = ("senn exact", "gradmax", CONTROL, "large") if quick else COMPETITORS
    return [
        {"task": task, "criterion": name, "seed": seed, "events": list(EVENTS[: 2 if quick else 8]),
         "epochs": 15 if quick else EPOCHS}
        for task in some for seed in range(1 if task == "digits" else seeds) for name in few
    ]  # fmt: skip


def run(config):
    """Logarithms of the losses of one training, its neurons, and how long it took."""
    task, seed, name = (
        growing.TASKS[config["task"]](config["seed"]),
        config["seed"],
        config["criterion"],
    )
    events, epochs, began = config["events"], config["epochs"], time.perf_counter()
    try:
        if name == "large":  # with as many parameters as the grown ones have at the end
            proposer, _ = growing.per_event(CONTROL)
            width = 1 + len(events)
            net, history = growing.grown(task, seed, proposer, [epochs + 1], 1, epochs, width)
        else:
            net, history = growing.grown_by(name, task, seed, events, 1, epochs)
    except TrainingDiverged:
        return {
            "train": None,
            "test": None,
            "anytime": None,
            "neurons": None,
            "training_seconds": None,
        }
    seconds = time.perf_counter() - began
    curve = np.log10(np.maximum(history.column("loss"), growing.LEAST_LOSS))
    return {
        "train": growing.log_loss(net, task.X, task.t, task.loss),
        "test": growing.log_loss(net, task.X_test, task.t_test, task.loss),
        "anytime": float(curve.mean()), "neurons": net.sizes[1],
        "curve": [round(float(value), 4) for value in curve],
        "training_seconds": round(seconds, 3),
    }  # fmt: skip


def differences(rows, name, metric):
    """Of a competitor and of the control, on the (task, seed) that both ended; two lists."""
    found = {(r["task"], r["seed"], r["criterion"]): r[metric] for r in rows}
    pairs = [
        (value, found.get((*key, CONTROL))) for (*key, one), value in found.items() if one == name
    ]
    return [list(side) for side in zip(*(p for p in pairs if None not in p), strict=True)] or [
        [],
        [],
    ]


def table(rows):
    """A line a competitor: medians, and medians of the paired difference to the control."""
    lines = []
    for name in dict.fromkeys(row["criterion"] for row in rows):
        own = [row for row in rows if row["criterion"] == name and row["train"] is not None]
        line = {"criterion": name, "runs": len(own)}
        for metric in ("train", "test", "anytime"):
            a, b = differences(rows, name, metric)
            found = paired_bootstrap(a, b) if a else (None,) * 3
            line |= {
                f"{metric} - control": found[0],
                f"{metric} low": found[1],
                f"{metric} high": found[2],
            }
            line[metric] = float(np.median([row[metric] for row in own])) if own else None
        line["neurons"] = float(np.median([row["neurons"] for row in own])) if own else None
        line["seconds"] = bootstrap([row["training_seconds"] for row in own])[0] if own else None
        lines.append(line)
    return lines


def verdicts(rows):
    """Whether each criterion ends below random units with fan-out 0: log10 of the training loss."""
    said = []
    for name in dict.fromkeys(row["criterion"] for row in rows):
        a, b = differences(rows, name, "train")
        if name == CONTROL or not a:
            continue
        found = paired_bootstrap(a, b)
        word = HOLDS if found.high < 0 else DOES_NOT if found.low > 0 else OPEN
        text = f"{name} ends with less training loss (log10) than random units with fan-out 0"
        said.append(Verdict("criteria", text, *found, word, len(a)))
    return said
