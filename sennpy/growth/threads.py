"""Blocks of chains or proposals, side by side in threads: kernels hold no lock."""

import os
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar

_count = ContextVar("sennpy.growth.threads", default=None)


def cores():
    """How many threads blocks may take: what `threads` says, else one a CPU of this process.

    Those that it may run on count (its affinity mask, where the system has one), NUMBA_NUM_THREADS
    at most if that is set.
    """
    if _count.get() is not None:
        return _count.get()
    if hasattr(os, "sched_getaffinity"):
        found = len(os.sched_getaffinity(0))
    else:
        found = os.cpu_count() or 1
    most = os.environ.get("NUMBA_NUM_THREADS", "")
    return max(min(found, int(most)), 1) if most.isdecimal() else found


@contextmanager
def threads(count):
    """A context in which so many threads are taken, by what this thread calls."""
    before = _count.set(count)
    try:
        yield
    finally:
        _count.reset(before)


def blocks_of(count, size):
    """Slices that cut `count` into the fewest blocks of at most `size` (at least 1), all alike."""
    blocks = -(-count // max(size, 1))
    size = -(-count // max(blocks, 1))
    return [slice(block * size, (block + 1) * size) for block in range(blocks)]


def in_threads(function, arguments):
    """The results of function at each argument, side by side where there are cores for it."""
    workers = min(len(arguments), cores())
    if workers < 2:
        return [function(argument) for argument in arguments]
    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(function, arguments))
