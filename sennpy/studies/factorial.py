"""Which ingredient of the expansion score earns what: one factor at a time, all others averaged."""

from dataclasses import dataclass
from itertools import product

import numpy as np

from ..expansion.layer_score import explained
from ..expansion.moments import basis
from ..growth.change import Change, Widen
from ..growth.criteria.parts import Units
from ..training.errors import TrainingDiverged
from . import growing
from .family import decided, described

QUESTION = "Which ingredient of the score earns what: residual, metric, feature, exactness, search?"
SEEDS, VERSION = 5, 2
FACTORS = {
    "target": ("g", "g_r"), "metric": ("I", "G"), "feature": ("linear", "nonlinear"),
    "score": ("bound", "exact"),
}  # fmt: skip
PAPERS = tuple(high for _, high in FACTORS.values())
SEARCH = ("random", "searched")
POOL, DRAWS = 50, 4
TASKS = (
    "moons", "noisy moons", "circles", "spiral", "checkerboard", "small checkerboard",
    "friedman1", "regression",
)  # fmt: skip
EVENTS, EPOCHS = tuple(range(5, 45, 5)), 60


@dataclass(frozen=True)
class Cell(Units):
    """Of random units with fan-out 0 the best by one cell's score, or the one of a number.

    A linear feature b w stands for s(b w) in the score, not in the network. The bound measures the
    feature by itself, the exact score by what a_c leaves of it.
    """

    target: str = "g_r"
    metric: str = "G"
    feature: str = "nonlinear"
    score: str = "exact"
    draw: int | None = None  # which of the pool, whatever its score

    def neurons(self, place, rng):
        n = place.inputs.shape[1]
        W = rng.standard_normal((n, POOL)) / np.sqrt(n)  # the same draws in each cell: paired
        k = place.activation.random_coefficients(POOL, rng)
        if self.draw is not None:
            best, score = [self.draw], 0.0
        else:
            z = place.inputs @ W
            features = z if self.feature == "linear" else place.activation(z, k)
            scores = [self.worth(place, features[:, [j]]) for j in range(POOL)]
            best, score = [int(np.argmax(scores))], max(scores)
        return [Change(Widen(place.index, W[:, best], k[:, best]), score)]

    def worth(self, place, feature):
        """The cell's score of a feature (N, 1), a float."""
        g = place.g_r if self.target == "g_r" else place.g
        G = place.G if self.metric == "G" else np.eye(len(place.G))
        return explained(basis(feature, after=place.q if self.score == "exact" else None), g, G)


def grid(seeds=SEEDS, quick=False):
    """A configuration for each task, seed and cell, and for each draw without a search."""
    cells = [dict(zip(FACTORS, cell, strict=True)) | {"draw": None}
             for cell in product(*FACTORS.values())]  # fmt: skip
    alone = dict.fromkeys(FACTORS)
    return [
        {"task": task, "seed": seed, "events": list(EVENTS[: 1 if quick else 8]),
         "epochs": 7 if quick else EPOCHS, **cell}
        for task in (TASKS[:1] if quick else TASKS)
        for seed in range(seeds)
        for cell in [*cells, *(alone | {"draw": draw} for draw in range(2 if quick else DRAWS))]
    ]  # fmt: skip


def run(config):
    """log10 of the losses at the end of one training; None if it diverges."""
    task, seed = growing.TASKS[config["task"]](config["seed"]), config["seed"]
    chosen = {name: config[name] for name in (*FACTORS, "draw") if config[name] is not None}
    try:
        net, history = growing.grown(
            task, seed, Cell(**chosen), config["events"], 1, config["epochs"]
        )
    except TrainingDiverged:
        return {"train": None, "test": None, "anytime": None}
    curve = np.log10(np.maximum(history.column("loss"), growing.LEAST_LOSS))
    return {
        "train": growing.log_loss(net, task.X, task.t, task.loss),
        "test": growing.log_loss(net, task.X_test, task.t_test, task.loss),
        "anytime": float(curve.mean()),
    }


def runs_of(rows, metric):
    """{(task, seed): (searched, drawn)}: the former {cell: value}, the latter a list."""
    found = {}
    for row in rows:
        searched, drawn = found.setdefault((row["task"], row["seed"]), ({}, []))
        if row[metric] is not None and row["draw"] is None:
            searched[tuple(row[name] for name in FACTORS)] = row[metric]
        elif row[metric] is not None:
            drawn.append(row[metric])
    return found


def difference(searched, drawn, factor):
    """The effect of a factor within one (task, seed); None if it has no pair.

    Of "search": the cell of the paper's score less the mean of the draws.
    """
    if factor == "search":
        known = PAPERS in searched and drawn
        return searched[PAPERS] - float(np.mean(drawn)) if known else None
    at, (low, high) = list(FACTORS).index(factor), FACTORS[factor]
    pairs = [value - searched[other] for cell, value in searched.items() if cell[at] == high
             and (other := (*cell[:at], low, *cell[at + 1 :])) in searched]  # fmt: skip
    return float(np.mean(pairs)) if pairs else None


def effects(rows, factor, metric):
    """Of each task: the differences of its seeds, see `difference`; lists of float."""
    groups = {}
    for (task, _), (searched, drawn) in runs_of(rows, metric).items():
        effect = difference(searched, drawn, factor)
        if effect is not None:
            groups.setdefault(task, []).append(effect)
    return list(groups.values())


def named():
    """(factor, words) of each factor, and of the search."""
    levels = FACTORS | {"search": ("one drawn", f"the best of {POOL}")}
    return [(name, f"{high} for {low}") for name, (low, high) in levels.items()]


def table(rows):
    """A line a factor: its effect on log10 of the losses, with its own interval over tasks."""
    lines = []
    for factor, words in named():
        line = {"factor": words}
        for metric in ("train", "test", "anytime"):
            line |= described(metric, effects(rows, factor, metric))
        lines.append(line | {"pairs": sum(map(len, effects(rows, factor, "train")))})
    return lines


def verdicts(rows):
    """Whether each ingredient of the paper's score lowers the training loss; 5 % for all.

    None of one that changed no training: so G, a number where there is one output.
    """
    said = []
    for factor, words in named():
        groups = effects(rows, factor, "train")
        if any(effect for group in groups for effect in group):
            text = f"{words} lowers the training loss (mean difference of log10)"
            said.append(decided("criteria", text, groups, len(FACTORS) + 1, below=True))
    return said
