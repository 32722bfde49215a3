"""Does the size follow the task? Width and depth against how hard it is, and how much data.

Two rules are measured: the paper's thresholds, and the honest look that is sennpy's default. Both
have the settings that were chosen on other tasks; nothing was chosen here. A checkerboard of one
cut has two halves, one of k cuts a side (k + 1)^2 fields.
"""

import statistics
from functools import partial

import numpy as np

from ..datasets.cifar import cifar
from ..experiments.battery import tasks
from ..training.settings import Settings
from .runs import groups, median, numbers, trained
from .statistics import bootstrap, rank_correlation
from .verdict import judged

QUESTION = "Is the network wider for simple tasks, deeper for complex ones, larger for more data?"
SEEDS = 6
VERSION = 1
RULES = {
    "thresholds": Settings.by_thresholds(epochs=300),
    "honest look": Settings(epochs=60, max_depth=4),
}
LEVELS = {
    "turns of a spiral": (0.5, 1.0, 1.5, 2.0),
    "cuts of a checkerboard": (1, 2, 3, 4),
    "frequency of a sine": (1, 2, 4, 6),
    "labels flipped": (0.0, 0.1, 0.2, 0.3),
    "samples of a checkerboard": (50, 100, 200, 400, 800),
    "images of CIFAR-10": (100, 400),
}
COMPLEX = tuple(LEVELS)[:3]  # families whose tasks become more complex; the data stay as many
DATA = tuple(LEVELS)[4:]
LEAST = 0.1  # a rank correlation below which nothing follows anything
QUICK = {"turns of a spiral": (0.5, 1.0), "samples of a checkerboard": (50, 100)}


def grid(seeds, quick):
    """All levels of all families, by both rules; quick: two levels of two families."""
    return [
        {"family": family, "level": level, "rule": rule, "seed": seed}
        for seed in range(min(seeds, 2) if quick else seeds)
        for family, levels in (QUICK if quick else LEVELS).items()
        for level in levels
        for rule in (["thresholds"] if quick else RULES)
    ]


def run(config):
    """One network, grown from a linear start."""
    task = task_of(config["family"], config["level"], config["seed"])
    return numbers(task, *trained(task, RULES[config["rule"]], config["seed"]))


def task_of(family, level, seed):
    """The `Task` of a level of a family."""
    if family == "turns of a spiral":
        return tasks.spiral(seed, level)
    if family == "cuts of a checkerboard":
        return halves(seed) if level == 1 else tasks.checkerboard(seed, level + 1)  # a side
    if family == "frequency of a sine":
        return tasks.regressed(tasks.drawn(partial(sine, level), 200, seed))
    if family == "labels flipped":
        return flipped(tasks.moons(seed, 0.1), level, seed)
    if family == "samples of a checkerboard":
        return tasks.checkerboard(seed, 3, level)
    return tasks.classified(cifar(size=4, limit=level, rng=seed))


def halves(seed):
    """A board of two fields, each half of it."""

    def draw(number, rng):
        X = rng.uniform(0, 2, (number, 2))
        return X, (X[:, 0] > 1).astype(int)

    return tasks.classified(tasks.drawn(draw, 200, seed))


def sine(frequency, number, rng):
    """Points of so many periods of a sine, with noise of a tenth."""
    x = rng.uniform(0, 1, (number, 1))
    return x, np.sin(2 * np.pi * frequency * x[:, 0]) + 0.1 * rng.standard_normal(number)


def flipped(task, share, seed):
    """A task of two classes, of whose training labels a share is the other one."""
    change = np.random.default_rng([seed, 5]).uniform(size=len(task.t)) < share
    return task._replace(t=np.where(change, 1 - task.t, task.t))


def table(rows):
    """A line a rule, family and level: medians over seeds, and how far sizes spread."""
    return [
        {
            "rule": rule, "family": family, "level": level,
            "neurons": median(mine, "neurons"),
            "least": min(row["neurons"] for row in mine),
            "most": max(row["neurons"] for row in mine),
            "depth": median(mine, "depth"),
            "architectures": len({tuple(row["hidden"]) for row in mine}),
            "test": median(mine, "test"), "accuracy": median(mine, "accuracy"),
            "runs": len(mine),
        }
        for (rule, family, level), mine in groups(rows, "rule", "family", "level").items()
    ]  # fmt: skip


def following(rows, rule, families, name):
    """A value a seed: Spearman's correlation of a number with the level, mean over families.

    A number that is the same at every level does not follow it: 0.
    """
    found = {}
    chosen = [row for row in rows if row["rule"] == rule and row["family"] in families]
    for (seed, _), mine in groups(chosen, "seed", "family").items():
        pairs = np.array([[row["level"], row[name]] for row in mine], dtype=float).T
        value = rank_correlation(pairs[:1], pairs[1:])[0] if len(mine) > 1 else np.nan
        found.setdefault(seed, []).append(float(np.nan_to_num(value)))
    return [statistics.fmean(values) for values in found.values()]


def simplest(rows, rule):
    """A value a seed: the share of simplest tasks that one hidden layer at most is grown for."""
    first = {family: min(r["level"] for r in mine) for (family,), mine in
             groups(rows, "family").items() if family in COMPLEX}  # fmt: skip
    chosen = [r for r in rows if r["rule"] == rule and first.get(r["family"]) == r["level"]]
    return [statistics.fmean(row["depth"] <= 1 for row in mine)
            for mine in groups(chosen, "seed").values()]  # fmt: skip


def verdicts(rows):
    """Of both rules: wide for simple tasks, deep for complex ones, large for many data."""
    found = []
    for rule in dict.fromkeys(row["rule"] for row in rows):
        for claim, text, values, least in [
            ("wider-or-deeper", "share of the simplest tasks with one hidden layer at most",
             simplest(rows, rule), 0.9),
            ("wider-or-deeper", "rank correlation of depth with complexity",
             following(rows, rule, COMPLEX, "depth"), LEAST),
            ("wider-or-deeper", "rank correlation of neurons with complexity",
             following(rows, rule, COMPLEX, "neurons"), LEAST),
            ("size-follows-data", "rank correlation of neurons with samples",
             following(rows, rule, DATA, "neurons"), LEAST),
        ]:  # fmt: skip
            text = f"{rule}: {text} (at least {least:g} is asked)"
            found.append(judged(claim, text, bootstrap(values, np.mean), least, len(values)))
    return found
