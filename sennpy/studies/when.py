"""When to add: rules of acceptance side by side with the paper's, over whole trainings.

The rules are those of `experiments.chance`, with the settings that were chosen elsewhere. What size
would have been best is told by hindsight: networks of fixed size on the same draws, by their test
loss, a choice that no rule could make and that favours them.
"""

import math
import statistics
from dataclasses import replace
from functools import partial

import numpy as np

from ..experiments.battery import tasks
from ..experiments.battery.run import Clock, fixed
from ..experiments.chance import RULES
from ..training.settings import Settings
from .runs import groups, median, numbers, trained
from .statistics import Interval, bootstrap
from .verdict import DOES_NOT, HOLDS, OPEN, Verdict

QUESTION = "Which rule adds what is needed, and nothing on noise?"
SEEDS = 6
VERSION = 1
NOISE, MOONS, FRIEDMAN = "noise", "moons 0.3", "friedman1"
LEVELS = (  # task, samples, inputs
    (NOISE, 50, 5), (NOISE, 200, 2), (NOISE, 200, 5), (NOISE, 200, 20), (NOISE, 1000, 5),
    (NOISE, 5000, 5), (MOONS, 50, 2), (MOONS, 200, 2), (MOONS, 1000, 2),
    (FRIEDMAN, 100, 10), (FRIEDMAN, 300, 10),
)  # fmt: skip
HINDSIGHT = (0, 1, 2, 4, 8, 16)  # neurons of one hidden layer
EPOCHS = 60  # at most, of the rules that look often; the thresholds look every 30 of 300
LARGE = 500  # samples above which the permutation test takes too long for a study
TWICE, FEW = 2.0, 0.1


def grid(seeds, quick):
    """Every rule on every task, and networks of fixed size where there is something to learn."""
    levels = ((NOISE, 50, 5), (MOONS, 50, 2)) if quick else LEVELS
    rules = ("thresholds", "BIC", "honest look") if quick else RULES
    fixed_sizes = HINDSIGHT[:3] if quick else HINDSIGHT
    found = []
    for seed in range(1 if quick else seeds):
        for task, samples, inputs in levels:
            data = {"task": task, "samples": samples, "inputs": inputs, "seed": seed}
            found += [{"rule": rule} | data for rule in rules
                      if rule != "permutation" or samples <= LARGE]  # fmt: skip
            if task != NOISE:
                found += [{"rule": f"fixed {size}"} | data for size in fixed_sizes]
    return found


def run(config):
    """One training by a rule, or of a fixed size; a start without hidden neurons, but for those."""
    task = task_of(config)
    kind, _, size = config["rule"].partition(" ")
    clock = Clock()
    if kind == "fixed":
        hidden = (int(size),) if int(size) else ()
        settings = fixed(replace(Settings(), epochs=EPOCHS))
    else:
        hidden, settings = (), rule_of(config["rule"])
    network, history = trained(task, settings, config["seed"], hidden, clock)
    found = numbers(task, network, history)
    return found | {
        "looks": len(history.looks),
        "over_limit": over_limit(history.additions),
        "look_seconds": round(clock.looking, 3),
    }


def rule_of(name):
    """The settings of a rule, with fewer epochs."""
    return replace(RULES[name], epochs=300 if name == "thresholds" else EPOCHS)


def task_of(config):
    """The `Task` of a configuration; of noise with as many inputs as it says."""
    samples, seed = config["samples"], config["seed"]
    if config["task"] == MOONS:
        return tasks.moons(seed, 0.3, samples)
    if config["task"] == FRIEDMAN:
        return tasks.friedman1(seed, samples)
    draw = partial(pure_noise, config["inputs"])
    return tasks.regressed(tasks.drawn(draw, samples, seed), raw=True)


def pure_noise(inputs, number, rng):
    """Normal targets that have nothing to do with normal inputs."""
    return rng.standard_normal((number, inputs)), rng.standard_normal(number)


def over_limit(additions):
    """The most additions at one time in units of Theorem 3.1's bound; None where it has none."""
    shares = [a.together / a.limit for a in additions if math.isfinite(a.limit)]
    return round(max(shares), 6) if shares else None


def table(rows):
    """A line a task and rule: medians over seeds, and in how many trainings it grew."""
    return [
        {
            "task": task, "samples": samples, "inputs": inputs, "rule": rule,
            "neurons": median(mine, "neurons"), "most": max(row["neurons"] for row in mine),
            "grew": sum(row["additions"] > 0 for row in mine),
            "over best": median(excesses(rows, mine), "excess"),
            "test": median(mine, "test"), "looks": median(mine, "looks"),
            "look_seconds": median(mine, "look_seconds"),
            "seconds": median(mine, "seconds"), "runs": len(mine),
        }
        for (task, samples, inputs, rule), mine in
        groups(rows, "task", "samples", "inputs", "rule").items()
    ]  # fmt: skip


def best_size(rows, like):
    """The fixed size of least test loss on the draw of a row; None where none was trained."""
    same = ("task", "samples", "inputs", "seed")
    found = [row for row in rows if row["rule"].startswith("fixed")
             and all(row[name] == like[name] for name in same)]  # fmt: skip
    return min(found, key=lambda row: row["test"])["neurons"] if found else None


def excesses(rows, some):
    """Some rows, each with its neurons over the best size, both counted with one more."""
    found = []
    for row in some:
        best = None if row["rule"].startswith("fixed") else best_size(rows, row)
        excess = None if best is None else (row["neurons"] + 1) / (best + 1)
        found.append(row | {"excess": excess})
    return found


def per_seed(rows, name, combine=statistics.fmean):
    """A value a seed, of the rows that have the number."""
    by_seed = groups([row for row in rows if row[name] is not None], "seed")
    return [combine(row[name] for row in mine) for mine in by_seed.values()]


def verdicts(rows):
    """Additions are few, at one time and on noise; sizes are those of hindsight; who is best."""
    found, bounded = [], per_seed(rows, "over_limit", max)
    if bounded:
        at = bootstrap(bounded, np.max)
        word = HOLDS if max(bounded) <= 1 else DOES_NOT  # a theorem: one run above it refutes it
        text = "thresholds: additions at one time in units of Theorem 3.1's bound, the most"
        found.append(Verdict("bounded-additions", text, *at, word, len(bounded)))
    for rule in [rule for (rule,) in groups(rows, "rule") if not rule.startswith("fixed")]:
        found += of_rule(rows, [row for row in rows if row["rule"] == rule], rule)
    return found


def of_rule(rows, mine, rule):
    """What a rule's own rows say: of noise, and of sizes that hindsight knows."""
    grew = [row | {"grew": float(row["additions"] > 0)} for row in mine if row["task"] == NOISE]
    noise, n = bootstrap(per_seed(grew, "grew"), np.mean), len(per_seed(grew, "grew"))
    text = f"{rule}: share of trainings on noise that add anything (at most {FEW:g} is asked)"
    found = [Verdict("nothing-on-noise", text, *noise, at_most(noise, FEW), n)]
    for task in (MOONS, FRIEDMAN):
        known = excesses(rows, [row for row in mine if row["task"] == task])
        sizes = np.log2(per_seed(known, "excess", geometric))
        if len(sizes):
            at = Interval(*(2**value for value in bootstrap(sizes, np.mean)))
            text = f"{rule}, {task}: size over the best by hindsight (1/2 to 2 is asked)"
            word = within(at, 1 / TWICE, TWICE)
            found.append(Verdict("size-fits-task", text, *at, word, len(sizes)))
    return found


def geometric(values):
    """The geometric mean."""
    return statistics.geometric_mean(list(values))


def at_most(interval, most):
    """The word for "at most": by where the interval lies."""
    return HOLDS if interval.high <= most else DOES_NOT if interval.low > most else OPEN


def within(interval, least, most):
    """The word for "between": by where the interval lies."""
    if least <= interval.low and interval.high <= most:
        return HOLDS
    return DOES_NOT if interval.high < least or interval.low > most else OPEN
