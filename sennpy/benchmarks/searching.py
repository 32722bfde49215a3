"""Timings of the searches for one place: chains, profile, layers, many proposals at once."""

import sys
from dataclasses import replace

import numpy as np

from ..growth.chains import MalaSearch
from ..growth.compiled import profiled_neuron_objective
from ..growth.place import View
from ..growth.profile import ProfileSearch
from ..kernels import twins
from ..nn.losses import SquaredError
from ..nn.mlp import MLP
from .timing import Timing, fresh, once, timed

SIZES = ((50, 1, 1), (200, 2, 2), (1024, 784, 10))  # samples, inputs, outputs
WANTED = {(50, 1, 1): 0.10, (200, 2, 2): 0.35, (1024, 784, 10): 30.0}
CHAINS, STEPS = 100, 3000


def random_place(N, d, m, width=2, kind="neuron", seed=0):
    """Statistics at the hidden layer of a random network, with random data and targets."""
    rng = np.random.default_rng(seed)
    sizes = (d, width, m) if kind == "neuron" else (width, m)
    net, X = MLP.random(sizes, rng=rng), rng.standard_normal((N, sizes[0]))
    return View.of(net, X, rng.standard_normal((N, m)), SquaredError()).place(kind, 0)


def twin_seconds(search, call, share):
    """Seconds of the twins for a MalaSearch, from twice and once so small a share of its bursts."""
    bursts = max(1, round(search.bursts * share))
    with twins():
        seconds = [
            once(lambda n=n: call(replace(search, bursts=n))) for n in (1, bursts, 2 * bursts)
        ]
    _, short, longer = seconds
    return short + (longer - short) * (search.bursts / bursts - 1)


def gradients(search):
    """How many a MalaSearch takes: one a step, and those of its draws, its starts and its ends."""
    steps = search.bursts * search.burst_length
    return search.chains * (2 + 1 + steps + 2)


def peak_megabytes(N, d, m):
    """The most memory that a fresh process holds that searches there."""
    code = (
        "import resource; from sennpy import MalaSearch; "
        "from sennpy.benchmarks.searching import random_place; "
        f"MalaSearch({CHAINS}, 2, 10).neurons(random_place({N}, {d}, {m}), rng=0); "
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    )
    return round(int(fresh(code, 1)[1]) / (2**20 if sys.platform == "darwin" else 2**10))


def langevin(repeat):
    """100 chains of 3000 Langevin steps, at three sizes."""
    search = MalaSearch(CHAINS, STEPS // 10, 10)
    for N, d, m in SIZES:
        stats, large = random_place(N, d, m), d > 100
        wanted = WANTED[N, d, m]

        def call(chosen, stats=stats):
            return chosen.neurons(stats, rng=0)

        products = None
        if large:
            x, theta = stats.inputs, np.zeros((d + 1, CHAINS))
            z = x @ theta
            products = (STEPS + 1) * min(timed(lambda: (x @ theta, x.T @ z), 5))  # noqa: B023
        yield Timing(
            f"langevin {N} x {d} -> {m}",
            f"{CHAINS} chains x {STEPS} steps for one neuron, random numbers included",
            timed(lambda: call(search), 1 if large else repeat),
            wanted, twin_seconds(search, call, 0.01 if large else 0.1),
            products, "its two matrix products a gradient" if large else "",
            {
                "gradients": gradients(search),
                "peak_megabytes": peak_megabytes(N, d, m),
                "twin_share": 0.01 if large else 0.1,
            },
        )  # fmt: skip


def many_proposals(repeat):
    """The landscape of figure 2: 300 x 300 locations and scales, best coefficients."""
    objective = profiled_neuron_objective(random_place(50, 1, 1))
    location, scale = np.meshgrid(np.linspace(-3, 3, 300), np.logspace(-1.5, 1.5, 300))
    theta = np.stack([1 / scale.ravel(), (-location / scale).ravel()], axis=1)
    with twins():
        twin = profiled_neuron_objective(random_place(50, 1, 1))
        slow = once(lambda: twin.evaluate(theta))
    yield Timing(
        "300 x 300 proposals", "scores with the best coefficients (E12), N = 50",
        timed(lambda: objective.evaluate(theta), repeat), 0.5, slow,
    )  # fmt: skip


def profile(repeat):
    """The default search for one neuron, beside the chains it stands in for."""
    for N, d, m in SIZES[:2]:
        stats, chains = random_place(N, d, m), MalaSearch(CHAINS, STEPS // 10, 10)
        search = ProfileSearch()
        ours, theirs = search.neurons(stats, rng=0), chains.neurons(stats, rng=0)
        seconds = timed(lambda: chains.neurons(stats, rng=0), 1)  # noqa: B023
        with twins():
            slow = once(lambda: search.neurons(stats, rng=0))  # noqa: B023
        yield Timing(
            f"profile {N} x {d} -> {m}",
            f"{search.candidates} candidates, the best {search.refined} climbed; wanted: a fiftieth"
            " of the chains' time",
            timed(lambda: search.neurons(stats, rng=0), repeat),  # noqa: B023
            min(seconds) / 50, slow, numbers={"bound": ours.bound, "bound_of_chains": theirs.bound},
        )  # fmt: skip


def layers(repeat):
    """100 chains x 3000 steps for a 3-wide inserted layer: exact (E16), and the surrogate."""
    search = MalaSearch(CHAINS, STEPS // 10, 10)
    stats = random_place(200, 2, 2, width=3, kind="layer")
    yield Timing(
        "layer, exact", "100 proposals of a 3-wide layer x 3000 steps, N = 200, 2 outputs (E16)",
        timed(lambda: search.layer(stats, rng=0), 1), 3.0,
        twin_seconds(search, lambda chosen: chosen.layer(stats, rng=0), 0.01),
        numbers={"twin_share": 0.01},
    )  # fmt: skip
    yield Timing(
        "layer, surrogate", "the same as three neurons side by side, as the authors score them",
        timed(lambda: search.neurons(stats, 3, rng=0), min(repeat, 3)), 3.0,
        twin_seconds(search, lambda chosen: chosen.neurons(stats, 3, rng=0), 0.03),
        numbers={"twin_share": 0.03},
    )  # fmt: skip
