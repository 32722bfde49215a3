"""How times grow with the sizes: fitted slopes beside those that theory expects."""

from contextlib import contextmanager
from functools import partial

import numpy as np

from ..blas import blas_threads
from ..growth.chains import MalaSearch
from ..growth.threads import threads
from ..training.optimiser import NaturalGradient
from .problems import data_for
from .searching import random_place
from .timing import timed


def sweeps():
    """name: (sizes, what is timed at a size, slope in the limit of large sizes, why)."""

    def search(N=200, d=8, m=2, count=100):
        stats, mine = random_place(N, d, m), MalaSearch(count, 3, 10)
        return lambda: mine.neurons(stats, rng=0)

    def step(width, N=200):
        net, X, t, loss = data_for((2, width, 2), N)
        optimiser = NaturalGradient(solver="dense")
        return partial(optimiser.step, net, X, t, loss, np.random.default_rng(0), None)

    return {
        "chains: samples N": ((100, 200, 400, 800, 1600), lambda N: search(N=N), 1, "O(N)"),
        "chains: inputs d": ((20, 80, 320, 1280), lambda d: search(d=d), 1, "O(N d)"),
        "chains: outputs m": ((4, 16, 64, 256), lambda m: search(m=m), 1, "O(N m)"),
        "chains: how many": ((100, 200, 400, 800), lambda c: search(count=c), 1, "O(chains)"),
        "step: samples N": ((200, 400, 800, 1600, 3200), lambda N: step(8, N), 1, "O(N P^2)"),
        "step: width": ((64, 128, 256, 512), step, 1, "O((N m)^2 P), in sample space"),
    }


@contextmanager
def one_core():
    """With one thread everywhere: more than one hides how times grow."""
    with threads(1), blas_threads(1):
        yield


def scaling(repeat, tell=print):
    """Times over each size, and the slope of their logarithms over all sizes but the smallest.

    Returns
    -------
    dict
        name: sizes, seconds, slope_seconds (fitted), expected slope, why.
    """
    found = {}
    for name, (sizes, make, expected, why) in sweeps().items():
        with one_core():
            seconds = [min(timed(make(size), repeat)) for size in sizes]
        slope = np.polyfit(np.log(sizes[1:]), np.log(seconds[1:]), 1)[0]
        found[name] = {
            "sizes": list(sizes), "seconds": seconds, "slope_seconds": float(slope),
            "expected": expected, "why": why,
        }  # fmt: skip
        tell(f"{name:<20} slope {slope:.2f} (theory {expected}: {why})")
    return found
