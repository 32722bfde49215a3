"""All runs of a battery, in parallel."""

from ...datasets.idx import FILES, cache
from ..workers import in_parallel
from . import anytime
from .run import one_run


def mnist_lacks(folder, named):
    """Why MNIST cannot be had without a download, in words; "" if it can.

    Parameters
    ----------
    folder : path or None
        As the command line gives it.
    named : path or None
        What $SENNPY_DATA says.
    """
    if folder or named or all((cache() / name).is_file() for name in FILES):
        return ""
    return "MNIST is not there: name its folder with --data, or let `sennpy mnist` download it"


def run_all(rows, seeds, settings, jobs, folder, progress, store=None):
    """The runs of some rows, by row, then by seed: a list of dicts.

    Parameters
    ----------
    rows : list of Row
    seeds : function of a Row
        Gives its seeds.
    settings : Settings
    jobs : int
        Processes, as joblib counts them: -1 for one a core. Each has one thread.
    folder : path or None
        Where MNIST lies.
    progress : function of an int
        Gives a bar for so many runs.
    store : Store, optional
        Keeps each run as it ends, and goes on from what it holds.
    """
    wanted = [(row, seed) for row in rows for seed in seeds(row)]
    slow = sorted(wanted, key=lambda pair: pair[0].name not in ("mnist", "digits"))  # these first
    work = [(row, seed, settings, folder) for row, seed in slow]
    names = [f"{row.name}-seed-{seed}" for row, seed in slow]
    found = in_parallel(one_run, work, jobs, progress, store, names)
    known = {(run["row"], run["seed"]): run for run in found}
    return [known[row.name, seed] for row, seed in wanted]


def areas(settings, jobs, progress, store=None):
    """Accuracy over time, growing and of the best fixed width.

    Returns
    -------
    dict
        Tasks to the areas of each width, a dict a draw of `anytime.CHOSEN_ON`.
    list of dict
        See `anytime.one_pair`; by task, then by seed.
    """
    draws = [(name, seed) for name in reversed(anytime.TASKS) for seed in anytime.CHOSEN_ON]
    work = [(*draw, settings) for draw in draws]
    names = [f"widths-of-{name}-seed-{seed}" for name, seed in draws]
    found = in_parallel(areas_by_name, work, jobs, progress, store, names)
    tried = {
        name: [areas for draw, areas in zip(draws, found, strict=True) if draw[0] == name]
        for name in anytime.TASKS
    }
    work = [
        (name, seed, best_width(tried[name]), settings)
        for name, number in anytime.TASKS.items()
        for seed in range(number)
    ][::-1]
    names = [f"areas-of-{name}-seed-{seed}" for name, seed, *_ in work]
    pairs = in_parallel(anytime.one_pair, work, jobs, progress, store, names)[::-1]
    return tried, pairs


def areas_by_name(name, seed, settings, kept=None):
    """`anytime.areas_of_widths` with strings for keys, as JSON has them."""
    found = anytime.areas_of_widths(name, seed, settings, kept)
    return {str(width): area for width, area in found.items()}


def best_width(tried):
    """`anytime.best_width` of what `areas_by_name` gave."""
    return anytime.best_width([{int(width): a for width, a in areas.items()} for areas in tried])
