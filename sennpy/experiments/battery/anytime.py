"""Accuracy over time: a network that grows beside one of fixed width, best of several.

The same optimiser trains both. Which width is best is told by other draws than those reported.
"""

import statistics
from dataclasses import replace

from ...training.senn import SENN
from ..store import trained
from . import run
from .rows import ROWS

TASKS = {"moons-0.3": 5, "spiral-1.5": 5, "spiral-2": 5, "checkerboard-4": 5, "digits": 3}  # seeds
WIDTHS = (2, 4, 8, 16, 32)
CHOSEN_ON = (1000, 1001, 1002)  # seeds of the draws that choose the width
EQUAL = 0.005  # of the mean accuracy, less than which is no difference
AHEAD_IN = 4  # of the tasks, for the promise to be kept


def curve(task, settings, hidden=(), kept=None):
    """Seconds, from 0, and the test accuracy from each on; two lists."""
    run.warm()
    net = run.start(task, settings.seed, hidden)
    begin = float(task.loss.accuracy(net(task.X_test), task.t_test))
    test = (task.X_test, task.t_test)
    _, history, _ = trained(kept, SENN(task.loss, settings), net, task.X, task.t, test)
    return [0.0, *history.column("seconds")], [begin, *history.column("validation_accuracy")]


def area(seconds, accuracies, horizon):
    """Mean accuracy from 0 to a time: each holds until the next, the last for ever after."""
    until = [min(second, horizon) for second in (*seconds[1:], horizon)]
    from_then = [min(second, horizon) for second in seconds]
    parts = zip(accuracies, from_then, until, strict=True)
    return sum(accuracy * (end - begin) for accuracy, begin, end in parts) / horizon


def areas_of_widths(name, seed, settings, kept=None):
    """The area of each width on one draw, up to the time at which the slowest ends; a dict."""
    task, settings = run.drawn(ROWS[name], seed), run.fixed(replace(settings, seed=seed))
    curves = {
        width: curve(task, settings, (width,), kept and kept.part(f"width-{width}"))
        for width in WIDTHS
    }
    horizon = max(seconds[-1] for seconds, _ in curves.values())
    return {width: area(*found, horizon) for width, found in curves.items()}


def best_width(areas):
    """The width of largest median area; `areas` is a list of dicts, one a draw."""
    return max(WIDTHS, key=lambda width: statistics.median(found[width] for found in areas))


def one_pair(name, seed, width, settings, kept=None):
    """Both curves on one draw and their areas, up to the time at which the slower ends; a dict."""
    task, settings = run.drawn(ROWS[name], seed), replace(settings, seed=seed)
    grown = curve(task, settings, (), kept and kept.part("grown"))
    still = curve(task, run.fixed(settings), (width,), kept and kept.part("fixed"))
    horizon = max(grown[0][-1], still[0][-1])
    return {
        "row": name, "seed": seed, "width": width, "horizon": horizon,
        "grown": area(*grown, horizon), "fixed": area(*still, horizon),
        "grown_curve": thinned(*grown), "fixed_curve": thinned(*still),
    }  # fmt: skip


def thinned(seconds, accuracies):
    """A curve with times to the millisecond and accuracies to four digits."""
    return [[round(second, 3) for second in seconds], [round(value, 4) for value in accuracies]]


def medians(pairs):
    """Rows to (width, median area of the grown, that of the fixed)."""
    found = {}
    for name in dict.fromkeys(pair["row"] for pair in pairs):
        here = [pair for pair in pairs if pair["row"] == name]
        both = [statistics.median(pair[kind] for pair in here) for kind in ("grown", "fixed")]
        found[name] = (here[0]["width"], *both)
    return found


def kept(pairs):
    """In how many tasks the grown network is ahead or equal: an int."""
    return sum(grown >= still - EQUAL for _, grown, still in medians(pairs).values())
