"""Studies: which there are, and how the grid of one is run.

A study is a module of this folder, and a picture of the same name in `figures`:

    QUESTION              a sentence
    SEEDS                 int, how many by default
    VERSION               int, of its results: goes up when a run gives other numbers
    grid(seeds, quick)    configurations: dicts of plain values, each with "seed", for the seeds
                          0 to seeds - 1; competitors share seeds, so data, start and batches
    run(config)           a row: a dict of plain finite values, None for what there is not; a pure
                          function of config, but for "seconds" and what ends in "_seconds"
    table(rows)           list of dicts, a line each
    verdicts(rows)        list of `Verdict`
    figures.NAME.draw(rows)     a Figure; every run a dot

Rows are given to the last three with their configuration in them.
"""

import contextlib
import importlib
import json
import pkgutil
import time

from ..experiments.workers import by_workers, here
from .store import RowStore, as_json, key_of

PACKAGE = __name__.rpartition(".")[0]


def names():
    """The names of all studies, sorted: the modules of this folder that ask a QUESTION."""
    package = importlib.import_module(PACKAGE)
    found = [module.name for module in pkgutil.iter_modules(package.__path__) if not module.ispkg]
    return sorted(name for name in found if hasattr(named(name), "QUESTION"))


def named(name):
    """A module of this folder."""
    return importlib.import_module(f"{PACKAGE}.{name}")


def study_named(name):
    """The module of a study; ValueError that lists them if there is none of that name."""
    if name not in names():
        raise ValueError(f"there is no study {name!r}, expected one of {', '.join(names())}.")
    return named(name)


def picture_of(name):
    """The function that draws a study's rows."""
    return importlib.import_module(f"{PACKAGE}.figures.{name}").draw


def checked(configs):
    """The configurations of a grid; ValueError if one comes twice, or is not plain values."""
    keys = [key_of(config) for config in configs]
    for config, key in zip(configs, keys, strict=True):
        if json.loads(key) != config or not isinstance(config.get("seed"), int):
            raise ValueError(f"{config!r:.300} is no configuration: plain values, with a seed.")
        if keys.count(key) > 1:
            raise ValueError(f"the grid has {config!r:.300} twice.")
    return configs


def collect(study, configs, store, jobs=-1, progress=None, dask=None):
    """Rows of all configurations, in their order; what a store holds is not run again.

    Each row is stored as soon as it is there, in this process.

    Parameters
    ----------
    study : module
        That can be imported by its name where it is run.
    configs : list of dict
    store : RowStore
    jobs : int
        Processes, as joblib counts them: -1 for one a core.
    progress : function of an int, optional
        Gives a bar for so many runs.
    dask : str, optional
        Address of the scheduler of a Dask cluster, which runs them instead.

    Returns
    -------
    list of dict
        Each configuration with its row.
    """
    held, wanted = store.rows(), {key_of(config): config for config in checked(configs)}
    left = {key: (one_run, (study.__name__, config))
            for key, config in wanted.items() if key not in held}  # fmt: skip
    done = by_dask(left, dask) if dask else by_jobs(left, jobs)
    with (progress or no_bar)(len(wanted)) as bar, contextlib.closing(done):
        if bar is not None:  # what was there before counts, but not for the rate
            bar.initial = bar.n = len(wanted) - len(left)
            bar.refresh()
        for key, row in done:
            store.put(wanted[key], row)
            if bar is not None:
                bar.update()
    held = store.rows()
    return [config | held[key] for key, config in wanted.items()]


def no_bar(total):
    """No bar."""
    return contextlib.nullcontext()


def one_run(module, config):
    """The row of one run, with its seconds, and with one thread of the linear algebra."""
    from threadpoolctl import threadpool_limits

    began = time.perf_counter()
    with threadpool_limits(1, user_api="blas"):
        row = importlib.import_module(module).run(dict(config))
    return {"seconds": round(time.perf_counter() - began, 3)} | json.loads(as_json(row))


def by_jobs(tasks, jobs):
    """(key, row) of each task as it is done, in this process or in others; see `workers`."""
    from joblib import effective_n_jobs

    processes = effective_n_jobs(jobs)
    return by_workers(tasks, processes) if processes > 1 and len(tasks) > 1 else here(tasks)


def by_dask(tasks, address):
    """(key, row) of each task as it is done, by the workers of a Dask cluster.

    A task whose worker is gone is given to another by the scheduler; its key comes once.

    Raises
    ------
    ModuleNotFoundError
        If dask.distributed is not installed.
    OSError
        If no scheduler answers there.
    """
    try:
        from distributed import Client
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            '--dask needs dask.distributed, which is not installed: pip install "sennpy[cluster]"'
        ) from error
    from joblib import Parallel, delayed, parallel_config

    with Client(address), parallel_config("dask"):
        run = Parallel(batch_size=1, pre_dispatch="all", return_as="generator_unordered")
        yield from run(delayed(with_key)(key, *task) for key, task in tasks.items())


def with_key(key, function, arguments):
    """(key, result) of a task."""
    return key, function(*arguments)


def same(row):
    """What of a row is a function of its configuration: all that no clock gave."""
    return {name: value for name, value in row.items() if not measured_by_clock(name)}


def measured_by_clock(name):
    """Whether a value of that name is seconds."""
    return name == "seconds" or name.endswith("_seconds")


def store_of(study, file):
    """The `RowStore` of a study in a file."""
    return RowStore(file, study.__name__.rpartition(".")[2], study.VERSION)
