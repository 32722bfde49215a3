"""Open question 3: how size and test loss depend on each setting, and what the defaults stand on.

Maps of three by three around the value that is set by default, on toy, tabular and image data; a
map varies two settings, the others stay. Nothing is tuned here. What a better choice would have
brought is told without looking: the best cell is chosen on the other seeds.
"""

from dataclasses import replace

import numpy as np

from ..curvature.natural_gradient import Damping
from ..growth.acceptance import Thresholds
from ..growth.chains import MalaSearch
from ..growth.crossfit import CrossFitted
from ..growth.honest import HonestLook
from ..growth.random import RandomSearch
from ..training.errors import TrainingDiverged
from ..training.optimiser import NaturalGradient
from ..training.settings import Settings
from .statistics import bootstrap
from .trained import grouped, log_ratio, measured, middle, signs, task_named, trained
from .verdict import DOES_NOT, HOLDS, OPEN, Verdict

QUESTION = "How do size and test loss depend on the settings, and what do the defaults stand on?"
SEEDS, VERSION = 3, 1
DATA = ("moons", "spiral", "wine", "digits")
# map: two settings with three values each, the one in the middle being the default
MAPS = {
    "thresholds": {"tau": (0.25, 1.0, 4.0), "alpha": (0.0025, 0.02, 0.16)},
    "steps": {"damping": (0.01, 0.1, 1.0), "cooldown": (10, 30, 90)},
    "langevin": {"temperature": (0.1, 1.0, 10.0), "chains": (5, 20, 80)},
    "layers": {"layer_cost": (0.5, 5.0, 50.0), "proposals": (30, 300, 3000)},
    "honest": {"z": (0.0, 1.25, 2.5), "folds": (3, 5, 10)},
    "looks": {"cooldown": (4, 8, 16), "backoff": (1.0, 2.0, 4.0)},
}
OF_DEFAULT = ("honest", "looks")
EPOCHS = {"toy": 200, "digits": 30}
WORTH_IT = float(np.log(1.1))  # a tenth of the test loss


def grid(seeds, quick):
    """All cells of all maps on all data; `quick` some of one map on one."""
    names = ("thresholds",) if quick else tuple(MAPS)
    return [
        {"task": task, "map": name, "x": x, "y": y, "seed": seed, "quick": quick}
        for task in (DATA[:1] if quick else DATA)
        for name in names
        for x, y in cells(name, quick)
        for seed in range(min(seeds, 2) if quick else seeds)
    ]


def cells(name, quick=False):
    """(x, y) of a map; `quick`: its middle and two corners."""
    xs, ys = MAPS[name].values()
    if quick:
        return list(zip(xs, ys, strict=True))
    return [(x, y) for x in xs for y in ys]


def settings_of(config):
    """The `Settings` of a cell."""
    first, second = MAPS[config["map"]]
    told = {first: config["x"], second: config["y"]}
    epochs = EPOCHS["digits" if config["task"] == "digits" else "toy"]
    if config["quick"]:
        epochs //= 4
    shared = {"epochs": epochs, "seed": config["seed"], "max_width": 16}
    if config["map"] in OF_DEFAULT:
        return Settings(
            acceptance=HonestLook(z=told.get("z", 1.25)),
            proposer=CrossFitted(folds=told.get("folds", 5)),
            cooldown=told.get("cooldown", 8), backoff=told.get("backoff", 2.0), **shared,
        )  # fmt: skip
    proposer = RandomSearch(told.get("proposals", 300))
    if config["map"] == "langevin":
        proposer = MalaSearch(chains=told["chains"], bursts=5, temperature=told["temperature"])
    rule = Thresholds(
        **{name: told[name] for name in ("tau", "alpha", "layer_cost") if name in told},
        dense=config["task"] != "digits",
    )
    damping = Damping(told.get("damping", 0.1))
    solver = "kfac" if config["task"] == "digits" else "auto"
    made = Settings.by_thresholds(
        proposer=proposer, acceptance=rule, cooldown=told.get("cooldown", 30), max_depth=2,
        optimiser=NaturalGradient(solver, damping, step_size=0.2), **shared,
    )  # fmt: skip
    return replace(made, cooldown=min(10, made.cooldown)) if config["task"] == "digits" else made


def run(config):
    """One training; one that diverged has no losses on record."""
    task, settings = task_named(config["task"], config["seed"]), settings_of(config)
    try:
        fit = trained(task, settings)
    except TrainingDiverged as error:
        history = error.state.history
        size = int(sum(error.network.sizes[1:-1]))
        lost = {"diverged": True, "size": size, "test_loss": None, "train_loss": None}
        return lost | {"signs": signs(settings, history)}
    return {"diverged": False, **measured(task, fit), "signs": signs(settings, fit.history)}


def table(rows):
    """A line for each cell: medians over seeds, and how many runs show a sign of failure."""
    return [
        {
            "task": task, "map": name,
            **dict(zip(MAPS[name], (x, y), strict=True)),
            "size": middle(some, "size"),
            "test_loss": middle(good, "test_loss") if good else None,
            "signs": ", ".join(sorted({sign for row in some for sign in row["signs"]})),
            "runs": len(some),
        }
        for (task, name, x, y), some in grouped(rows, "task", "map", "x", "y")
        for good in [[row for row in some if not row["diverged"]]]
    ]  # fmt: skip


def is_default(row):
    """Whether a row is of the middle of its map."""
    xs, ys = MAPS[row["map"]].values()
    return row["x"] == xs[1] and row["y"] == ys[1]


def regrets(rows):
    """What the default loses, ln of test losses, to the cell that is best on the other seeds.

    One for each task, map and seed; none where the cell of a seed has diverged.
    """
    found = []
    for _, some in grouped([row for row in rows if not row["diverged"]], "task", "map"):
        for seed in sorted({row["seed"] for row in some}):
            others = grouped([row for row in some if row["seed"] != seed], "x", "y")
            here = {(row["x"], row["y"]): row for row in some if row["seed"] == seed}
            middle_one = [row for row in here.values() if is_default(row)]
            known = [(middle(cell, "test_loss"), at) for at, cell in others if at in here]
            if middle_one and known:
                found.append(log_ratio(middle_one[0], here[min(known)[1]]))
    return found


def differences(rows, name, axis, what, ends=(0, 2)):
    """Differences of a value between the first and the last of a setting, all else equal."""
    values = tuple(MAPS[name].values())[0 if axis == "x" else 1]
    low, high = values[ends[0]], values[ends[1]]
    other = "y" if axis == "x" else "x"
    of_map = [row for row in rows if row["map"] == name and row[what] is not None]
    pairs = {}
    for row in of_map:
        pairs.setdefault((row["task"], row[other], row["seed"]), {})[row[axis]] = row[what]
    return [pair[low] - pair[high] for pair in pairs.values() if low in pair and high in pair]


def corners(rows, what="size"):
    """Differences of a value between the loosest and the tightest thresholds."""
    (t0, _, t1), (a0, _, a1) = MAPS["thresholds"].values()
    pairs = {}
    for row in rows:
        if row["map"] == "thresholds" and row[what] is not None:
            pairs.setdefault((row["task"], row["seed"]), {})[row["x"], row["y"]] = row[what]
    return [p[t0, a0] - p[t1, a1] for p in pairs.values() if (t0, a0) in p and (t1, a1) in p]


def grown(rows):
    """How many of the runs ended with a neuron."""
    return sum(row["size"] > 0 for row in rows)


def verdicts(rows):
    """Whether the defaults stand, on each task by itself; whether thresholds do what is said.

    A task on which most runs grow no neuron is not judged: of all settings only those of the steps
    change the test loss there, and what a default loses by the others is 0 by construction.
    """
    seeds = len({row["seed"] for row in rows})
    found = []
    for kind, some in (
        ("thresholds'", [row for row in rows if row["map"] not in OF_DEFAULT]),
        ("honest look's", [row for row in rows if row["map"] in OF_DEFAULT]),
    ):
        found += [of_default(kind, *values, runs, seeds) for values, runs in grouped(some, "task")]
    return found + of_corners(rows, seeds)


def of_default(kind, task, rows, seeds):
    """The `Verdict` on a default by the rows of one task."""
    lost, asked = regrets(rows), f"{task}, the {kind} default"
    if 2 * grown(rows) <= len(rows):
        some = f"{grown(rows)} of {len(rows)} runs grew a neuron"
        return nothing_to_judge(f"{asked}: did not grow ({some}): nothing to judge", seeds)
    if not lost:
        text = f"{asked}: no two seeds have a test loss, one to choose by: nothing to judge"
        return nothing_to_judge(text, seeds)
    at = bootstrap(lost)
    word = HOLDS if at.high <= WORTH_IT else DOES_NOT if at.low > WORTH_IT else OPEN
    text = (
        f"{asked}: ln of its test loss over that of the cell of its map which is best on the other "
        "seeds (at most ln 1.1 is asked)"
    )
    return Verdict("sensitivity", text, *at, word, seeds)


def nothing_to_judge(text, seeds):
    """A `Verdict` without an estimate."""
    return Verdict("sensitivity", text, None, None, None, OPEN, seeds)


def of_corners(rows, seeds):
    """A list of the `Verdict` on the thresholds' corners, by the tasks that grow; else empty."""
    maps = [row for row in rows if row["map"] == "thresholds"]
    growing = [(task, some) for (task,), some in grouped(maps, "task") if grown(some)]
    gaps = [gap for _, some in growing for gap in corners(some)]
    if len(gaps) < 2:
        return []
    at = bootstrap(gaps, np.mean)
    word = HOLDS if at.low > 0 else DOES_NOT if at.high <= 0 else OPEN
    text = (
        "neurons more with tau and alpha at their lowest than at their highest, on the tasks where "
        f"any of these runs grew ({', '.join(task for task, _ in growing)})"
    )
    return [Verdict("signs-of-failure", text, *at, word, seeds)]
