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
from .timing import fresh

SIZES = ((50, 1, 1), (200, 2, 2), (1024, 784, 10))  # samples, inputs, outputs
WANTED = {  # see `timing`
    (50, 1, 1): {"against": "twin", "wanted": 1 / 18.8},
    (200, 2, 2): {"against": "twin", "wanted": 1 / 38},
    (1024, 784, 10): {"against": "floor", "wanted": 1.73},
}
CHAINS, STEPS = 100, 3000


def random_place(N, d, m, width=2, kind="neuron", seed=0):
    """Statistics at the hidden layer of a random network, with random data and targets."""
    rng = np.random.default_rng(seed)
    sizes = (d, width, m) if kind == "neuron" else (width, m)
    net, X = MLP.random(sizes, rng=rng), rng.standard_normal((N, sizes[0]))
    return View.of(net, X, rng.standard_normal((N, m)), SquaredError()).place(kind, 0)


def twin_seconds(clock, search, call, share):
    """Seconds of the twins for a MalaSearch, from twice and once so small a share of its bursts."""
    bursts = max(1, round(search.bursts * share))
    with twins():
        seconds = [
            clock.once(lambda n=n: call(replace(search, bursts=n))) for n in (1, bursts, 2 * bursts)
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


def langevin(clock):
    """100 chains of 3000 Langevin steps, at three sizes."""
    search = MalaSearch(CHAINS, STEPS // 10, 10)
    for N, d, m in SIZES:
        place, large = random_place(N, d, m), d > 100
        share, more = 0.01 if large else 0.1, {}

        def call(chosen, place=place):
            return chosen.neurons(place, rng=0)

        seconds, units = clock.timed(lambda: call(search), repeat=1 if large else None)
        if large:
            x, theta = place.inputs, np.zeros((d + 1, CHAINS))
            z = x @ theta
            product = clock.least(lambda: (x @ theta, x.T @ z), repeat=5)  # noqa: B023
            more = {"floor_seconds": (STEPS + 1) * product, "floor": "its matrix products"}
        yield clock.timing(
            f"langevin {N} x {d} -> {m}",
            f"{CHAINS} chains x {STEPS} steps for one neuron, random numbers included",
            seconds, units, twin_seconds=twin_seconds(clock, search, call, share),
            numbers={
                "gradients": gradients(search),
                "peak_megabytes": peak_megabytes(N, d, m),
                "twin_share": share,
            },
            **more, **WANTED[N, d, m],
        )  # fmt: skip


def many_proposals(clock):
    """The landscape of figure 2: 300 x 300 locations and scales, best coefficients."""
    objective = profiled_neuron_objective(random_place(50, 1, 1))
    location, scale = np.meshgrid(np.linspace(-3, 3, 300), np.logspace(-1.5, 1.5, 300))
    theta = np.stack([1 / scale.ravel(), (-location / scale).ravel()], axis=1)
    seconds, units = clock.timed(lambda: objective.evaluate(theta))
    with twins():
        twin = profiled_neuron_objective(random_place(50, 1, 1))
        slow = clock.once(lambda: twin.evaluate(theta))
    yield clock.timing(
        "300 x 300 proposals", "scores with the best coefficients (E12), N = 50",
        seconds, units, against="twin", wanted=0.08, twin_seconds=slow,
    )  # fmt: skip


def profile(clock):
    """The default search for one neuron, beside the chains it stands in for."""
    for (N, d, m), wanted in zip(SIZES[:2], (0.143, 0.2), strict=True):
        place, chains = random_place(N, d, m), MalaSearch(CHAINS, STEPS // 10, 10)
        search = ProfileSearch()
        ours = search.neurons(place, rng=0).measured(place)
        theirs = chains.neurons(place, rng=0).measured(place)
        seconds, units = clock.timed(lambda: search.neurons(place, rng=0))  # noqa: B023
        longer = clock.once(lambda: chains.neurons(place, rng=0))  # noqa: B023
        with twins():
            slow = clock.once(lambda: search.neurons(place, rng=0))  # noqa: B023
        yield clock.timing(
            f"profile {N} x {d} -> {m}",
            f"{search.candidates} candidates, the best {search.refined} climbed",
            seconds, units, against="twin", wanted=wanted, twin_seconds=slow,
            numbers={
                "bound": ours.bound, "bound_of_chains": theirs.bound, "chains_seconds": longer,
            },
        )  # fmt: skip


def layers(clock):
    """100 chains x 3000 steps for a 3-wide inserted layer: exact (E16), and the surrogate."""
    search = MalaSearch(CHAINS, STEPS // 10, 10)
    place = random_place(200, 2, 2, width=3, kind="layer")
    for name, what, call, rounds, share, wanted in [
        ("exact", "100 proposals of a 3-wide layer x 3000 steps, N = 200, 2 outputs (E16)",
         lambda chosen: chosen.layer(place, rng=0), 1, 0.01, 1 / 28.7),
        ("surrogate", "the same as three neurons side by side, as the authors score them",
         lambda chosen: chosen.neurons(place, 3, rng=0), min(clock.repeat, 3), 0.03, 1 / 6.8),
    ]:  # fmt: skip
        seconds, units = clock.timed(lambda: call(search), repeat=rounds)  # noqa: B023
        yield clock.timing(
            f"layer, {name}", what, seconds, units, against="twin", wanted=wanted,
            twin_seconds=twin_seconds(clock, search, call, share), numbers={"twin_share": share},
        )  # fmt: skip
