"""Which search finds most in how little time, on states of real trainings."""

import time
from dataclasses import replace

import numpy as np

from ..datasets import half_moons as moons
from ..datasets import random_rational
from ..experiments import half_moons, regression
from ..growth.chains import MalaSearch
from ..growth.place import View
from ..growth.profile import ProfileSearch
from ..growth.random import RandomSearch
from ..growth.released import ReleasedSearch
from ..nn.losses import SoftmaxCrossEntropy, SquaredError

EPOCHS = 150
BURSTS = (1, 3, 10, 30, 100, 300)  # of 10 steps of 100 chains
SEARCHES = {
    "random": [RandomSearch(n) for n in (100, 1000, 10_000, 100_000)],
    "MALA": [MalaSearch(100, bursts, 10) for bursts in BURSTS],
    "profile": [
        ProfileSearch(candidates, refined)
        for candidates, refined in ((10, 1), (30, 1), (100, 2), (300, 5), (1000, 10))
    ],
    "released": [ReleasedSearch(100, bursts, 10) for bursts in BURSTS],
}


def states(seeds=range(5)):
    """(experiment, seed, place at the last hidden layer) after 150 epochs of training."""
    for name, experiment, loss, data in [
        ("regression", regression, SquaredError(), random_rational),
        ("half-moons", half_moons, SoftmaxCrossEntropy(), lambda seed: moons()),
    ]:
        for seed in seeds:
            settings = replace(experiment.PRESETS["default"], epochs=EPOCHS, seed=seed)
            net, (X, t, _, _) = experiment.run(settings).network, data(seed)
            layer = len(net.weights) - 1
            if layer == 0:
                raise RuntimeError(f"{name}, seed {seed} has no hidden layer after {EPOCHS} epochs")
            yield name, seed, View.of(net, X, t, loss).place("neuron", layer - 1)


def duel(seeds=range(5), tell=print):
    """Best Delta eta' and seconds of each search at each budget on each state.

    Returns
    -------
    list of dict
        experiment, seed, search, budget, bound (in units of the best that any found there),
        seconds.
    """
    rows = []
    for name, seed, place in states(seeds):
        found = []
        for label, budgets in SEARCHES.items():
            budgets[0].neurons(budgets[0].sees(place), rng=0)  # compiled before it is timed
            for i, search in enumerate(budgets):
                seen = search.sees(place)
                start = time.perf_counter()
                change = search.neurons(seen, rng=seed)
                seconds = time.perf_counter() - start
                found.append((label, i, change.measured(place).bound, seconds))
        best = max(bound for _, _, bound, _ in found)
        rows += [
            {"experiment": name, "seed": seed, "search": label, "budget": i,
             "bound": bound / best, "seconds": seconds}
            for label, i, bound, seconds in found
        ]  # fmt: skip
        tell(f"{name}, seed {seed}: {len(found)} searches")
    return rows


def medians(rows):
    """{search: (seconds, share of the best bound)} with a median over the states per budget."""
    curves = {}
    for label, budgets in SEARCHES.items():
        points = []
        for i in range(len(budgets)):
            mine = [row for row in rows if (row["search"], row["budget"]) == (label, i)]
            points.append([np.median([row[key] for row in mine]) for key in ("seconds", "bound")])
        curves[label] = tuple(np.array(points).T)
    return curves


def verdict(rows):
    """How the default profile search does against 100 chains x 3000 steps, over the states.

    Returns
    -------
    dict
        Median ratio of the bounds, and of the times.
    """
    pairs = {}
    default = SEARCHES["profile"].index(ProfileSearch())
    for row in rows:
        if (row["search"], row["budget"]) in (("profile", default), ("MALA", len(BURSTS) - 1)):
            pairs.setdefault((row["experiment"], row["seed"]), {})[row["search"]] = row
    return {
        "bound_over_chains": float(
            np.median([p["profile"]["bound"] / p["MALA"]["bound"] for p in pairs.values()])
        ),
        "time_over_chains_seconds": float(
            np.median([p["profile"]["seconds"] / p["MALA"]["seconds"] for p in pairs.values()])
        ),
    }
