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
from .statistics import paired_bootstrap
from .verdict import DOES_NOT, HOLDS, OPEN, Verdict

QUESTION = "Which ingredient of the score earns what: residual, metric, feature, exactness, search?"
SEEDS, VERSION = 3, 1
FACTORS = {
    "target": ("g", "g_r"), "metric": ("I", "G"), "feature": ("linear", "nonlinear"),
    "score": ("bound", "exact"), "search": ("random", "searched"),
}  # fmt: skip
DRAWN = {"random": 1, "searched": 50}
EVENTS, EPOCHS = tuple(range(5, 45, 5)), 60


@dataclass(frozen=True)
class Cell(Units):
    """The best of random units with fan-out 0, by one cell's score.

    A linear feature b w stands for s(b w) in the score, not in the network. The bound measures the
    feature by itself, the exact score by what a_c leaves of it; of one draw no score chooses.
    """

    target: str = "g_r"
    metric: str = "G"
    feature: str = "nonlinear"
    score: str = "exact"
    search: str = "searched"

    def neurons(self, place, rng):
        n, count = place.inputs.shape[1], DRAWN["searched"]
        W = rng.standard_normal((n, count)) / np.sqrt(n)  # as many draws in each cell: paired
        k, count = place.activation.random_coefficients(count, rng), DRAWN[self.search]
        z = place.inputs @ W
        features = z if self.feature == "linear" else place.activation(z, k)
        scores = [self.worth(place, features[:, [j]]) for j in range(count)]
        best = [int(np.argmax(scores))]
        return [Change(Widen(place.index, W[:, best], k[:, best]), max(scores))]

    def worth(self, place, feature):
        """The cell's score of a feature (N, 1), a float."""
        g = place.g_r if self.target == "g_r" else place.g
        G = place.G if self.metric == "G" else np.eye(len(place.G))
        return explained(basis(feature, after=place.q if self.score == "exact" else None), g, G)


def grid(seeds=SEEDS, quick=False):
    """A configuration for each task, seed and cell."""
    return [
        {"task": task, "seed": seed, "events": list(EVENTS[: 1 if quick else 8]),
         "epochs": 8 if quick else EPOCHS, **dict(zip(FACTORS, cell, strict=True))}
        for task in (("moons",) if quick else ("moons", "spiral", "checkerboard", "friedman1"))
        for seed in range(min(seeds, 1) if quick else seeds) for cell in product(*FACTORS.values())
    ]  # fmt: skip


def run(config):
    """log10 of the losses at the end of one training; None if it diverges."""
    task, seed = growing.TASKS[config["task"]](config["seed"]), config["seed"]
    cell = Cell(**{name: config[name] for name in FACTORS})
    try:
        net, history = growing.grown(task, seed, cell, config["events"], 1, config["epochs"])
    except TrainingDiverged:
        return {"train": None, "test": None, "anytime": None}
    curve = np.log10(np.maximum(history.column("loss"), growing.LEAST_LOSS))
    return {
        "train": growing.log_loss(net, task.X, task.t, task.loss),
        "test": growing.log_loss(net, task.X_test, task.t_test, task.loss),
        "anytime": float(curve.mean()),
    }


def effects(rows, factor, metric):
    """Of each (task, seed): the mean over all other factors of the second level less the first."""
    low, high = FACTORS[factor]
    others = [name for name in ("task", "seed", *FACTORS) if name != factor]
    found = {(*(r[name] for name in others), r[factor]): r[metric] for r in rows}
    groups = {}
    for (*key, level), value in found.items():
        if level == high and None not in (value, found.get((*key, low))):
            groups.setdefault(tuple(key[:2]), []).append(value - found[(*key, low)])
    return [float(np.mean(differences)) for differences in groups.values()]


def table(rows):
    """A line a factor: its main effect on log10 of the losses, with the paired interval."""
    lines = []
    for factor, (low, high) in FACTORS.items():
        line = {"factor": f"{high} for {low}"}
        for metric in ("train", "test", "anytime"):
            own = effects(rows, factor, metric)
            found = paired_bootstrap(own, np.zeros(len(own)), np.mean)
            line |= {metric: found[0], f"{metric} low": found[1], f"{metric} high": found[2]}
        lines.append(line | {"pairs": len(own)})
    return lines


def verdicts(rows):
    """Whether each ingredient of the paper's score lowers the training loss."""
    said = []
    for factor, (low, high) in FACTORS.items():
        own = effects(rows, factor, "train")
        found = paired_bootstrap(own, np.zeros(len(own)), np.mean)
        word = HOLDS if found.high < 0 else DOES_NOT if found.low > 0 else OPEN
        text = f"{high} in place of {low} lowers the training loss (mean of log10 differences)"
        said.append(Verdict("criteria", text, *found, word, len(own)))
    return said
