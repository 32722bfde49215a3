"""Equal seeds give equal bytes, wherever a training runs; and how close it is without the compiler.

Bytes depend on the versions of what is installed, on the processor, and on whether kernels are
compiled; of the rest that is tried here, on nothing. With the compiler and without it:

    quantity                                                at most so far apart, relatively
    score                 every score of one state          not at all: no kernel has a part in it
    evaluation            what a kernel computes once       1e-11; of a layer 1e-6: S is a moment
    neuron                score of the neuron found         1e-10, its weights 1e-7
    layer                 score of the layer found          1e-2
    weights               after 8 epochs without growth     1e-12
    grown                 after 12 epochs with growth       1e-8

An uphill search multiplies what rounding makes different, more so the longer it is: a layer is
found by many steps. So over a long training rounding may decide between two proposals of like
score, and from there on two networks are trained; the last row is of two short ones.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import trained
from compare import assert_close
from installed import needs_numba
from places import statistics
from runs import SOFTMAX, SQUARED, curve, moons

from sennpy import (
    MLP,
    SENN,
    LevenbergMarquardt,
    MalaSearch,
    NaturalGradient,
    ProfileSearch,
    RandomSearch,
    Settings,
    View,
    delta_eta,
    delta_eta_bound,
)
from sennpy.growth.compiled import (
    layer_objective,
    neuron_objective,
    profiled_neuron_objective,
)
from sennpy.kernels import twins
from sennpy.training.jacobian import outputs_and_jacobian

HERE = Path(__file__).parent
APART = {
    "evaluation": 1e-11, "evaluation of a layer": 1e-6, "neuron": 1e-10, "neuron's weights": 1e-7,
    "layer": 1e-2, "weights": 1e-12, "grown": 1e-8,
}  # fmt: skip


def process(*arguments, **environment):
    """A fresh process that runs `trained.py`, or another piece of code, under way."""
    names = [str(HERE), str(HERE.parent), os.environ.get("PYTHONPATH", "")]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(names)} | environment
    return subprocess.Popen(
        [sys.executable, *arguments], env=environment, stdout=subprocess.PIPE, text=True
    )


def output(process):
    text, _ = process.communicate(timeout=600)
    assert process.returncode == 0
    return text


# --- Equal bytes ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def found():
    """Words by where the trainings ran: one process, and beside it one with two BLAS threads."""
    wide = {"NUMBA_NUM_THREADS": "2", "OPENBLAS_NUM_THREADS": "2", "OMP_NUM_THREADS": "2"}
    code = "from trained import words; print(words())"
    both = process(str(HERE / "trained.py")), process("-c", code, **wide)
    places, other = map(output, both)
    here = trained.words()
    return json.loads(places) | {
        "here": [here],
        "in another process at the same time, BLAS with two threads": [other.strip()],
    }


@pytest.mark.parametrize(
    "place",
    [
        "once", "again", "on one thread", "on two threads", "after other work",
        "in two threads at once", "in forks", "in loky",
        "in another process at the same time, BLAS with two threads",
    ],
)  # fmt: skip
def test_a_training_gives_the_same_bytes(place, found):
    assert found[place] == found["here"] * len(found[place])


def test_another_seed_gives_other_bytes_and_so_does_one_more_epoch(monkeypatch):
    from dataclasses import replace

    before = trained.word("paper")
    loss, settings, *rest = trained.TRAININGS["paper"]
    for change in ({"seed": 1}, {"epochs": 13}):
        monkeypatch.setitem(trained.TRAININGS, "paper", (loss, replace(settings, **change), *rest))
        assert trained.word("paper") != before


# --- With and without the compiler ---------------------------------------------------------------


def both_ways(compute):
    """What is computed with kernels, and without."""
    compiled = compute()
    with twins():
        return compiled, compute()


@needs_numba
def test_without_the_compiler_is_what_twins_give():
    code = "from trained import words; print(words())"
    with twins():
        here = trained.words()
    assert output(process("-c", code, NUMBA_DISABLE_JIT="1")).strip() == here


@needs_numba
@pytest.mark.parametrize("kind, index", [("neuron", 0), ("layer", 1)])
def test_every_score_of_a_state_is_the_same_without_the_compiler(kind, index):
    X, t = moons()

    def scores():
        view = View.of(MLP.random((2, 3, 2), rng=0), X, t, SOFTMAX)
        place = view.place(kind, index)
        a_p = np.random.default_rng(0).standard_normal((len(X), 2))
        exact = delta_eta(place.a_c, a_p, place.g, place.G)
        bound = delta_eta_bound(a_p, place.g_r, place.G)
        return view.lam, view.eta, place.eta, place.supremum, exact, bound

    compiled, plain = both_ways(scores)
    assert compiled == plain


@needs_numba
@pytest.mark.parametrize("objective", [neuron_objective, profiled_neuron_objective])
def test_an_evaluation_of_neurons_is_close_without_the_compiler(objective):
    place = statistics("neuron", 0, (2, 3, 2))

    def evaluate():
        made = objective(place)
        return made.evaluate(np.random.default_rng(0).standard_normal((20, made.dim)))

    for one, other in zip(*both_ways(evaluate), strict=True):
        assert_close(one, other, APART["evaluation"])


@needs_numba
def test_an_evaluation_of_layers_and_the_jacobian_are_close_without_the_compiler():
    place, net = statistics("layer", 1, (2, 3, 2)), MLP.random((2, 3, 2), rng=0)

    def evaluate():
        made = layer_objective(place)
        theta = np.tile(np.eye(4, 3).ravel(), (20, 1))
        theta += 0.1 * np.random.default_rng(0).standard_normal(theta.shape)
        return *made.evaluate(theta), *outputs_and_jacobian(net, moons()[0])

    (*layers, y, J), (*plain_layers, plain_y, plain_J) = both_ways(evaluate)
    for one, other in zip(layers, plain_layers, strict=True):
        assert_close(one, other, APART["evaluation of a layer"])
    assert_close(y, plain_y, APART["evaluation"])
    assert_close(J, plain_J, APART["evaluation"])


@needs_numba
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    "search", [ProfileSearch(50, 2, 30), MalaSearch(20, 5, 10), RandomSearch(50)], ids=repr
)
def test_what_a_search_finds_is_close_without_the_compiler(search, seed):
    neuron = statistics("neuron", 0, (2, 3, 2), seed=seed)
    one, other = both_ways(lambda: search.neurons(neuron, rng=0))
    assert_close(one.score, other.score, APART["neuron"])
    assert_close(one.operation.weights, other.operation.weights, APART["neuron's weights"])
    layer = statistics("layer", 1, (2, 3, 2), seed=seed)
    one, other = both_ways(lambda: search.layer(layer, rng=0))
    assert_close(one.score, other.score, APART["layer"])


@needs_numba
@pytest.mark.parametrize(
    "optimiser",
    [LevenbergMarquardt(), NaturalGradient(), NaturalGradient(solver="cg"),
     NaturalGradient(solver="kfac")],
    ids=["marquardt", "dense", "cg", "kfac"],
)  # fmt: skip
@pytest.mark.parametrize("loss, data, sizes", [
    (SOFTMAX, moons(), (2, 3, 2)), (SQUARED, curve(), (1, 3, 1)),
], ids=["softmax", "squared"])  # fmt: skip
def test_trained_weights_are_close_without_the_compiler(loss, data, sizes, optimiser):
    settings = Settings.by_thresholds(epochs=8, cooldown=1000, optimiser=optimiser)
    start = MLP.random(sizes, rng=0)
    one, other = both_ways(lambda: SENN(loss, settings).fit(start, *data).network.parameters)
    assert_close(one, other, APART["weights"])


@needs_numba
@pytest.mark.parametrize("name", trained.TRAININGS)
def test_a_short_growing_training_ends_close_without_the_compiler(name):
    one, other = both_ways(lambda: trained.fitted(name))
    assert one.history.additions and one.network.sizes == other.network.sizes
    assert_close(one.network.parameters, other.network.parameters, APART["grown"])
