"""Work in several processes, which end with this one and hand in each piece as it is done."""

import contextlib
import itertools
import os
import signal

from ..blas import blas_threads
from ..extras import advised
from .interruption import ASKED, GRACE, follow

THREADS = {
    f"{library}_NUM_THREADS": "1"
    for library in ("OMP", "OPENBLAS", "MKL", "BLIS", "NUMBA", "NUMEXPR")
} | {"VECLIB_MAXIMUM_THREADS": "1"}


def in_parallel(function, work, jobs=-1, progress=None, store=None, names=None):
    """Results of a function on each tuple of arguments, in their order.

    Parameters
    ----------
    function : callable
        With a store, it also takes `kept`, a `Kept`, and gives plain values.
    work : list of tuple
    jobs : int
        Processes, as joblib counts them: -1 for one a core; with 1 all is done in this process.
        Each has one thread, so that the results are the same for any number.
    progress : function of an int, optional
        Gives a bar for so many pieces.
    store : Store, optional
        What it holds is not done again; the rest is put there, piece by piece.
    names : list of str, optional
        Of the pieces, in the store.

    Returns
    -------
    list

    Raises
    ------
    Exception
        That of a piece; then, or when this process is interrupted, no worker outlives this call.
    """
    if store is None:
        tasks, names = [(function, arguments) for arguments in work], range(len(work))
    else:
        tasks = [(one_kept, (function, arguments, store, name))
                 for arguments, name in zip(work, names, strict=True)]  # fmt: skip
    found = {} if store is None else store.rows(names)
    left = {name: task for name, task in zip(names, tasks, strict=True) if name not in found}
    with (progress or nothing)(len(work)) as bar:
        if bar is not None:
            bar.update(len(found))
        processes = processes_of(jobs)
        done = by_workers(left, processes) if processes > 1 else here(left)
        with contextlib.closing(done):
            for name, result in done:
                found[name] = result
                if bar is not None:
                    bar.update()
    return [found[name] for name in names]


def processes_of(jobs):
    """How many processes are meant, as joblib counts them, which a single one does without."""
    if jobs == 1:
        return 1
    with advised():
        from joblib import effective_n_jobs
    return effective_n_jobs(jobs)


def nothing(total):
    """No bar."""
    return contextlib.nullcontext()


def one_kept(function, arguments, store, name):
    """The result of one piece, kept in a store."""
    return store.put(name, function(*arguments, kept=store.run(name)))


def here(tasks):
    """(name, result) of each task, done in this process."""
    with blas_threads(1):
        for name, (function, arguments) in tasks.items():
            yield name, function(*arguments)


def by_workers(tasks, processes):
    """(name, result) of each task as it is done, in other processes; each has one at a time."""
    from joblib.externals.loky import FIRST_COMPLETED, ProcessPoolExecutor, wait

    processes = max(1, min(processes, len(tasks)))
    executor = ProcessPoolExecutor(
        processes, initializer=follow, initargs=(os.getpid(),), env=THREADS
    )
    running, left = {}, iter(tasks.items())
    try:
        while True:
            for name, task in itertools.islice(left, processes - len(running)):
                running[executor.submit(one_task, *task)] = name
            if not running:
                break
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                yield running.pop(future), future.result()
        executor.shutdown()
    except BaseException:
        end(executor, running)
        raise


def one_task(function, arguments):
    """The result of one task in a worker; none is begun once the worker is to end."""
    with ASKED.patiently():
        ASKED.end()
        return function(*arguments)


def end(executor, running):
    """Let the workers end what they can in a few seconds, then end them."""
    from joblib.externals.loky import wait

    try:
        for number in list(executor._processes):  # as the standard library's executors, it has no
            with contextlib.suppress(OSError):  # public way to tell its workers anything
                os.kill(number, signal.SIGTERM)
        wait(running, GRACE)
    finally:
        executor.shutdown(kill_workers=True)
