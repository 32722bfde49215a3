"""Width and accuracy against the number of training samples, in parallel over sizes and seeds."""

import statistics
from dataclasses import replace

from .workers import in_parallel


def sweep(experiment, settings, sizes, seeds, jobs=-1, store=None, **options):
    """Grow one network for each number of samples a class and each seed.

    Parameters
    ----------
    experiment : module
        With `run(settings, per_class=..., **options)`, which gives a `Run`.
    settings : Settings
    sizes : sequence of int
        Samples a class.
    seeds : sequence of int
        Each draws the subset, the start and all else.
    jobs : int
        Processes, as joblib counts them: -1 for one a core. Each has one thread.
    store : Store, optional
        Keeps each network's row as it ends, and goes on from what it holds.
    **options
        For `run`.

    Returns
    -------
    list of dict
        One a network: per_class, `Run.numbers`, and the cooldown, which like the epochs may be
        longer for few samples; by size, then by seed.

    Notes
    -----
    Paper: section 7.
    """
    tasks = [(per_class, seed) for per_class in sizes for seed in seeds]
    order = sorted(tasks, reverse=True)  # the long ones first, so that none is left over
    work = [
        (experiment.__name__, replace(settings, seed=seed), per_class, options)
        for per_class, seed in order
    ]
    names = [f"{per_class}-per-class-seed-{seed}" for per_class, seed in order]
    rows = in_parallel(one, work, jobs, store=store, names=names)
    found = dict(zip(order, rows, strict=True))
    return [found[task] for task in tasks]


def one(name, settings, per_class, options, kept=None):
    """One network of a sweep, in plain values; the experiment by name, as modules do not travel."""
    from importlib import import_module

    run = import_module(name).run(settings, per_class=per_class, **options, kept=kept)
    return {"per_class": per_class} | run.numbers() | {"cooldown": run.settings.cooldown}


def bands(rows, value):
    """Samples, and the least, middle and largest of `value(row)` over the seeds of each size."""
    sizes = list(dict.fromkeys(row["per_class"] for row in rows))
    groups = [[row for row in rows if row["per_class"] == size] for size in sizes]
    return [
        (
            group[0]["samples"],
            min(map(value, group)), statistics.median(map(value, group)), max(map(value, group)),
        )
        for group in groups
    ]  # fmt: skip
