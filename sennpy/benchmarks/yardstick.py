"""A fixed loop whose time tells how much of the machine there was to have: the unit of the bench.

It is NumPy on arrays that stay in the cache, in one thread a core, as the kernels are. Of pure
Python only one thread runs at a time, and of two cores the second could be another's without its
telling; compiled loops would take numba, and change with it. It uses nothing of the package, so
that no change of ours moves it; to change it is to measure all wanted ratios to it anew.
"""

import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median

import numpy as np

ENTRIES, TURNS, PASSES = 32_768, 100, 3
BUSY = 1.5  # times its fastest in a line, or what it takes on record: too busy to tell


def loop():
    """One thread's share: the sum of x^2 / (1 + x^2) over an array of 256 kB, so many times."""
    x = np.linspace(-1, 1, ENTRIES)
    square, below, total = np.empty_like(x), np.empty_like(x), 0.0
    for _ in range(TURNS):
        np.multiply(x, x, out=square)
        np.add(square, 1, out=below)
        np.divide(square, below, out=below)
        total += float(below.sum())
    return total


def cores():
    """How many this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()


def yardstick():
    """Seconds of the loop on all cores at once, the best of three passes: a hiccup is no load."""
    number, seconds = cores(), []
    with ThreadPoolExecutor(number) as pool:
        list(pool.map(lambda _: loop(), range(number)))  # the threads are there
        for _ in range(PASSES):
            start = time.perf_counter()
            list(pool.map(lambda _: loop(), range(number)))
            seconds.append(time.perf_counter() - start)
    return min(seconds)


def machine():
    """What a yardstick's seconds belong to: {"cpu": name, "cores": how many}."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    except OSError:
        names = []
    if not names:
        import platform

        names = [platform.processor() or platform.machine()]
    return {"cpu": names[0], "cores": cores()}


def too_busy(yards, on_record=None):
    """Why yardsticks (seconds) taken around a timing say that it tells nothing, or "".

    Their slowest takes more than 1.5 times their fastest; or their median more than 1.5 times what
    is on record of this machine: an even load is one too.
    """
    if max(yards) > BUSY * min(yards):
        return f"the yardstick varied {max(yards) / min(yards):.1f} times"
    if on_record is not None and median(yards) > BUSY * on_record:
        return f"the yardstick took {median(yards) / on_record:.1f} times what is on record"
    return ""
