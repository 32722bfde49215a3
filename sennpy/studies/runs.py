"""What the runs of several studies share: a network grown or of fixed size, and its numbers."""

import statistics
from dataclasses import replace

from ..experiments.battery.run import score, start
from ..training.senn import SENN


def trained(task, settings, seed, hidden=(), callback=None, validation=None):
    """Train a network from a start that the seed draws; (network, history)."""
    senn = SENN(task.loss, replace(settings, seed=seed))
    return senn.fit(start(task, seed, hidden), task.X, task.t, validation, callback)


def numbers(task, network, history):
    """Sizes and test figures, plain values: `test` is the log-loss, or the mean of (y - t)^2."""
    found = score(network, task)
    hidden = list(network.sizes[1:-1])
    return {
        "hidden": hidden, "neurons": sum(hidden), "depth": len(hidden),
        "additions": len(history.additions), "epochs": len(history.epochs),
        "test": round(found.get("log_loss", found.get("mse")), 6),
        "accuracy": None if "mse" in found else round(found["accuracy"], 6),
    }  # fmt: skip


def groups(rows, *names):
    """Rows by the values of some of their entries, in the order in which these first come."""
    found = {}
    for row in rows:
        found.setdefault(tuple(row[name] for name in names), []).append(row)
    return found


def median(rows, name):
    """The median of a number over rows, of those that have it; None if none has."""
    values = [row[name] for row in rows if row[name] is not None]
    return statistics.median(values) if values else None
