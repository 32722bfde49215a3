"""All models on all folds, and what is to be said of them."""

import time
import warnings

import numpy as np

from ..workers import in_parallel
from . import data, models

DRAWS, LEVEL = 10_000, 0.95
BELOW_MLP = 0.03  # of score, more than which none of the sets is to be lost to it


def run(names, repeats, seed, jobs, progress, store=None):
    """A row for each set, repeat, fold: a list of dicts, see `one_fold`."""
    work = [
        (name, repeat, fold)
        for name in names
        for repeat in range(seed, seed + repeats)
        for fold in range(data.FOLDS)
    ]
    files = [f"{name}-repeat-{repeat}-fold-{fold}" for name, repeat, fold in work]
    return in_parallel(one_fold, work, jobs, progress, store, files)


def one_fold(name, repeat, fold, kept=None):
    """Scores (accuracy or R^2), parameters and seconds of every model on one fold, plain."""
    X, y = data.data(name)
    train, test = data.folds(name, repeat, y)[fold]
    row = {"data": name, "repeat": repeat, "fold": fold, "models": {}}
    for kind in models.NAMES:
        machine = models.model(kind, name in data.CLASSIFIED, repeat)
        with warnings.catch_warnings():
            from sklearn.exceptions import ConvergenceWarning

            warnings.simplefilter("ignore", ConvergenceWarning)  # of a rival's epochs: as it comes
            begun = time.perf_counter()
            machine.fit(X[train], y[train])
            fitted = time.perf_counter()
        score = float(machine.score(X[test], y[test]))
        row["models"][kind] = {
            "score": score, "parameters": models.parameters(kind, machine),
            "fit_seconds": round(fitted - begun, 4),
            "predict_seconds": round(time.perf_counter() - fitted, 5),
        }  # fmt: skip
    return row


def values(rows, name, kind, number="score"):
    """A number of a model on the folds of a set, (folds,)."""
    return np.array([row["models"][kind][number] for row in rows if row["data"] == name])


def interval(numbers):
    """(low, high) of their mean: 95 % of bootstrap means, each number drawn as if independent."""
    rng = np.random.default_rng(0)
    drawn = rng.choice(numbers, (DRAWS, len(numbers))).mean(axis=1)
    return tuple(map(float, np.quantile(drawn, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])))


def table(rows):
    """A dict for each set and model: mean score and its interval, that of SENN less it, costs."""
    lines = []
    for name in dict.fromkeys(row["data"] for row in rows):
        own = values(rows, name, "SENN")
        for kind in models.NAMES:
            score = values(rows, name, kind)
            sizes = [row["models"][kind]["parameters"] for row in rows if row["data"] == name]
            low, high = interval(score)
            ahead_low, ahead_high = interval(own - score)
            lines.append({
                "data": name, "model": kind, "score": float(score.mean()), "low": low, "high": high,
                "senn_ahead": float((own - score).mean()), "ahead_low": ahead_low,
                "ahead_high": ahead_high,
                "parameters": None if None in sizes else float(np.median(sizes)),
                "fit_seconds": float(np.median(values(rows, name, kind, "fit_seconds"))),
                "predict_seconds": float(np.median(values(rows, name, kind, "predict_seconds"))),
            })  # fmt: skip
    return lines


def verdicts(lines):
    """For each set, what SENN wins and loses: a list of dicts.

    It is among the best unless its difference to the model of highest mean lies below 0 with all
    of its interval.
    """
    found = []
    for name in dict.fromkeys(line["data"] for line in lines):
        here = {line["model"]: line for line in lines if line["data"] == name}
        best = max(here, key=lambda kind: here[kind]["score"])
        sizes = {kind: here[kind]["parameters"] for kind in models.NEURAL}
        found.append({
            "data": name, "best": best, "among_the_best": here[best]["ahead_high"] >= 0,
            "wins": [kind for kind in here if here[kind]["ahead_low"] > 0],
            "losses": [kind for kind in here if here[kind]["ahead_high"] < 0],
            "fewest_parameters": sizes["SENN"] == min(sizes.values()),
            "near_mlp": here["MLP"]["senn_ahead"] >= -BELOW_MLP,
        })  # fmt: skip
    return found


def printed(lines):
    """The table and the verdicts for the terminal."""
    from ...writing import table as made

    header = ("data", "model", "score", "95 %", "SENN ahead", "95 %", "parameters", "fit s")
    cells = [
        [line["data"], line["model"], f"{line['score']:.3f}",
         f"{line['low']:.3f} to {line['high']:.3f}", f"{line['senn_ahead']:+.3f}",
         f"{line['ahead_low']:+.3f} to {line['ahead_high']:+.3f}",
         "-" if line["parameters"] is None else f"{line['parameters']:g}",
         f"{line['fit_seconds']:.2f}"]
        for line in lines
    ]  # fmt: skip
    told = [
        f"{v['data']}: best {v['best']}; {'among' if v['among_the_best'] else 'not among'} the "
        f"best; ahead of {', '.join(v['wins']) or 'none'}; "
        f"behind {', '.join(v['losses']) or 'none'}"
        for v in verdicts(lines)
    ]
    return "\n".join([made(header, cells), "", *told])
