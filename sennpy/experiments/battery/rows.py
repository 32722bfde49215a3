"""The rows of the battery: a task, how often it is drawn, and what is to be reached on it."""

import statistics
from dataclasses import dataclass, field
from operator import ge, le, lt
from typing import NamedTuple

DIRECTIONS = {">=": ge, "<=": le, "<": lt}
REACHED, MISSED, OPEN = "reached", "missed", "-"


class Metric(NamedTuple):
    """How a number of a run is called and shown, and whether more of it is better."""

    title: str
    form: str
    more_is_better: bool = False


METRICS = {
    "accuracy": Metric("accuracy", "{:.3f}", True),
    "log_loss": Metric("log-loss", "{:.3g}"),
    "mse": Metric("MSE", "{:.3g}"),
    "neurons": Metric("neurons", "{:g}"),
    "times_over_fixed_seconds": Metric("time / fixed width's", "{:.2g}"),
}


@dataclass(frozen=True)
class Goal:
    """What is to be reached.

    Attributes
    ----------
    metric : str
        One of `METRICS`.
    statistic : "median" or "worst"
        Of the runs.
    direction : ">=", "<=" or "<"
    threshold : float or str
        A number, or the name of a row: the same statistic of its runs.
    """

    metric: str
    statistic: str
    direction: str
    threshold: float | str

    def verdict(self, runs):
        """Whether runs of all rows, {name: list of runs}, reach it: a bool; None if one lacks."""
        *here, there = self.values(runs)
        if None in (*here, there):
            return None
        return DIRECTIONS[self.direction](*here, there)

    def values(self, runs):
        """(what was reached, what was to be) by the row called ""; None where it is not known."""
        known = runs[self.threshold] if isinstance(self.threshold, str) else None
        there = self.threshold if known is None else statistic(known, self.metric, self.statistic)
        return statistic(runs[""], self.metric, self.statistic), there

    def __str__(self):
        metric = METRICS[self.metric]
        known = isinstance(self.threshold, str)
        threshold = "row above" if known else f"{self.threshold:g}"
        worst = "worst " if self.statistic == "worst" else ""
        return f"{worst}{metric.title} {self.direction} {threshold}"


@dataclass(frozen=True)
class Row:
    """One row of the table.

    Attributes
    ----------
    name : str
    title : str
    group : str
    task : str
        Name of a function of `tasks`.
    metric : str
        Shown, and by which rivals are compared.
    goals : tuple of Goal
        All are to be reached.
    options : dict
        For the task.
    seeds : int
        How often it is drawn, unless told otherwise.
    quick : bool
        Whether it is among those of a quick battery.
    rivals : bool
        Whether others are trained on the same data.
    """

    name: str
    title: str
    group: str
    task: str
    metric: str
    goals: tuple
    options: dict = field(default_factory=dict)
    seeds: int = 10
    quick: bool = False
    rivals: bool = True


def statistic(runs, metric, which):
    """The median, or the worst, of a number over runs; None if a run has none."""
    values = [run.get(metric) for run in runs]
    if not values or None in values:
        return None
    if which == "median":
        return statistics.median(values)
    return min(values) if METRICS[metric].more_is_better else max(values)


def verdict(row, runs):
    """What is told of a row: reached, missed, or "-" where there is no goal or numbers lack.

    Parameters
    ----------
    row : Row
    runs : dict
        Names of rows to their runs, each a dict of numbers.
    """
    found = [goal.verdict(Known(runs, row.name)) for goal in row.goals]
    if False in found:
        return MISSED
    return OPEN if not found or None in found else REACHED


class Known(dict):
    """Runs by row, where "" is the row in question and one that was not run is empty."""

    def __init__(self, runs, here):
        super().__init__(runs)
        self[""] = runs.get(here, [])

    def __missing__(self, name):
        return []


# --- The table -----------------------------------------------------------------------------------


def at_least(metric, threshold, statistic="median"):
    """A goal: so much or more."""
    return Goal(metric, statistic, ">=", threshold)


def at_most(metric, threshold, statistic="median"):
    """A goal: so much or less."""
    return Goal(metric, statistic, "<=", threshold)


def noise():
    """Nothing to learn: nothing is to be added."""
    goals = (at_most("neurons", 1), at_most("neurons", 2, "worst"))
    for kind in ("regression", "labels"):
        for samples in (100, 400, 1600):
            yield Row(
                f"noise-{kind}-{samples}", f"pure noise, {kind}, N = {samples}", "noise",
                f"noise_{kind}", "neurons", goals, {"samples": samples}, 20, samples == 100, False,
            )  # fmt: skip


def toy():
    """Two inputs, 200 samples."""
    for spread, accuracy in [(0.1, 0.999), (0.2, 0.968), (0.3, 0.906), (0.4, 0.855)]:
        goals = (at_least("accuracy", accuracy),)
        yield Row(f"moons-{spread}", f"moons, noise {spread}", "toy", "moons", "accuracy", goals,
                  {"noise": spread}, quick=spread == 0.3)  # fmt: skip
    for name, title in [("circles", "circles"), ("blobs", "4 blobs (raw)")]:
        yield Row(name, title, "toy", name, "accuracy", (at_least("accuracy", 0.99),))
    for turns, accuracy in [(1, 0.995), (1.5, 0.995), (2, 0.97)]:
        goals = (at_least("accuracy", accuracy), at_least("accuracy", 0.9, "worst"))
        yield Row(f"spiral-{turns}", f"spiral, {turns} turn{'s' * (turns != 1)}", "toy", "spiral",
                  "accuracy", goals, {"turns": turns}, quick=turns == 1)  # fmt: skip
    for squares, accuracy in [(2, 0.98), (4, 0.87)]:
        yield Row(f"checkerboard-{squares}", f"checkerboard {squares} x {squares}", "toy",
                  "checkerboard", "accuracy", (at_least("accuracy", accuracy),),
                  {"squares": squares})  # fmt: skip


def real():
    """Real data in five folds, Friedman's function, and images."""
    for task, goal in [("wine", 0.06), ("breast_cancer", 0.10), ("iris", 0.06)]:
        yield Row(task, task.replace("_", " "), "real", task, "log_loss",
                  (at_most("log_loss", goal),), quick=task == "wine")  # fmt: skip
    yield Row("diabetes", "diabetes", "real", "diabetes", "mse", (at_most("mse", 0.48),),
              quick=True)  # fmt: skip
    yield Row("friedman1", "friedman1, N = 300", "real", "friedman1", "mse",
              (at_most("mse", 0.09),))  # fmt: skip
    goals = (at_least("accuracy", 0.975), at_most("neurons", 40))
    yield Row("digits", "digits", "real", "digits", "accuracy", goals, seeds=5)
    goals = (at_least("accuracy", 0.94), at_most("times_over_fixed_seconds", 1.5))
    yield Row("mnist", "MNIST, 5,000 at 14 x 14", "real", "small_mnist", "accuracy", goals, seeds=1)


def sizes():
    """The same task with ever more samples: the size does not fall, the test loss does."""
    for task, title, options, numbers in [
        ("moons", "moons, noise 0.3", {"noise": 0.3}, (50, 100, 200, 400, 800, 1600, 3200)),
        ("spiral", "spiral, 1.5 turns", {"turns": 1.5}, (100, 200, 400, 800, 1600)),
    ]:
        before = None
        for samples in numbers:
            goals = before and (
                Goal("neurons", "median", ">=", before), Goal("log_loss", "median", "<", before)
            )  # fmt: skip
            before = f"{task}-of-{samples}"
            yield Row(before, f"{title}, N = {samples}", "sizes", task, "log_loss", goals or (),
                      options | {"samples": samples})  # fmt: skip


def readme():
    """What the README tells of other settings, with these."""
    goals = (at_least("accuracy", 0.912), at_most("log_loss", 0.239))
    yield Row("readme-half-moons", "half-moons of the README", "readme", "readme_half_moons",
              "accuracy", goals, seeds=5)  # fmt: skip
    yield Row("readme-regression", "regression of the README", "readme", "readme_regression",
              "mse", (at_most("mse", 1.2e-5),), seeds=5)  # fmt: skip


ROWS = {row.name: row for part in (noise, toy, real, sizes, readme) for row in part()}
ANYTIME = "anytime"
GROUPS = (*dict.fromkeys(row.group for row in ROWS.values()), ANYTIME)


def chosen(names, quick=False):
    """Rows by their names and those of groups, and whether the areas over time are wanted.

    Parameters
    ----------
    names : sequence of str, or None
        None for all.
    quick : bool
        Only those that take no time, where no names are given.

    Returns
    -------
    (list of Row, bool)

    Raises
    ------
    ValueError
        For a name that there is not, with those that there are.
    """
    if names is None:
        return [row for row in ROWS.values() if row.quick or not quick], not quick
    unknown = [name for name in names if name not in ROWS and name not in GROUPS]
    if unknown:
        raise ValueError(
            f"there is no row {unknown[0]!r}; there are {', '.join(ROWS)}, and the groups "
            f"{', '.join(GROUPS)}."
        )
    rows = [row for row in ROWS.values() if row.name in names or row.group in names]
    return rows, ANYTIME in names
