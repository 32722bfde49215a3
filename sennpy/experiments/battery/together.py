"""All runs of a battery, in parallel."""

from ...datasets.idx import FILES, cache
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


def run_all(rows, seeds, settings, jobs, folder, progress):
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
    """
    wanted = [(row, seed) for row in rows for seed in seeds(row)]
    slow = sorted(wanted, key=lambda pair: pair[0].name not in ("mnist", "digits"))  # these first
    found = in_parallel(
        one_run, [(row, seed, settings, folder) for row, seed in slow], jobs, progress
    )
    known = {(run["row"], run["seed"]): run for run in found}
    return [known[row.name, seed] for row, seed in wanted]


def areas(settings, jobs, progress):
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
    found = in_parallel(anytime.areas_of_widths, work, jobs, progress)
    tried = {
        name: [areas for draw, areas in zip(draws, found, strict=True) if draw[0] == name]
        for name in anytime.TASKS
    }
    work = [
        (name, seed, anytime.best_width(tried[name]), settings)
        for name, number in anytime.TASKS.items()
        for seed in range(number)
    ]
    pairs = in_parallel(anytime.one_pair, work[::-1], jobs, progress)[::-1]
    return {name: [by_name(areas) for areas in found] for name, found in tried.items()}, pairs


def by_name(areas):
    """The same dict with strings for keys, as JSON has them."""
    return {str(width): area for width, area in areas.items()}


def in_parallel(function, work, jobs, progress):
    """Results of a function on each tuple of arguments, in their order."""
    from joblib import Parallel, delayed, parallel_backend

    with progress(len(work)) as bar, parallel_backend("loky", inner_max_num_threads=1):

        def handed_out():  # one at a time, so that the bar follows what is done
            for arguments in work:
                yield delayed(function)(*arguments)
                bar.update()

        parallel = Parallel(n_jobs=jobs, batch_size=1, pre_dispatch="n_jobs")
        return parallel(handed_out())
