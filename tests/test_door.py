"""What `fit` warns of before it trains: what was measured to hurt, and nothing else."""

import subprocess
import sys
import warnings
from dataclasses import dataclass

import numpy as np
import pytest
from runs import SOFTMAX, SQUARED, curve, moons

from sennpy import (
    MLP,
    SENN,
    SGD,
    DataWarning,
    LevenbergMarquardt,
    NaturalGradient,
    Optimiser,
    Settings,
    State,
)
from sennpy.datasets import digits, half_moons, random_rational
from sennpy.training.door import check_data
from sennpy.training.optimiser import Scales

OF_UNITS, IN_UNITS = NaturalGradient(), LevenbergMarquardt()
BOTH = pytest.mark.parametrize(
    "optimiser", [OF_UNITS, IN_UNITS, SGD()], ids=["natural", "LM", "SGD"]
)
NO_EPOCH = {"epochs": 1, "cooldown": 9}


def said(X, t, optimiser=OF_UNITS, loss=SOFTMAX, outputs=2):
    """The warnings of the door, as text."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        check_data(np.asarray(X), np.asarray(t), outputs, loss, optimiser)
    assert all(w.category is DataWarning for w in caught)
    return [str(w.message) for w in caught]


def standard(N=100, n=3, seed=0):
    return np.random.default_rng(seed).standard_normal((N, n)), np.arange(N) % 2


# --- What is ordinary ----------------------------------------------------------------------------


@BOTH
def test_ordinary_data_pass_in_silence(optimiser):
    X, t = standard()
    moon, digit, rational = half_moons(), digits(), random_rational(0)
    assert said(X, t, optimiser) == said(moon.X, moon.t, optimiser) == []
    assert said(digit.X, digit.t, optimiser, outputs=10) == []
    assert said(digit.X.astype(np.float32), digit.t, optimiser, outputs=10) == []
    assert said(rational.X, rational.t, optimiser, SQUARED, 1) == []
    assert said(*curve(), optimiser, SQUARED, 1) == []


@BOTH
def test_a_constant_column_whose_mean_is_rounded_is_constant(optimiser):
    """The mean of 0.7s is not 0.7 to the last bit, so that their spread is not quite 0."""
    X, t = standard()
    X = np.hstack([np.full((len(X), 4), 0.7), X])
    assert X.std(axis=0)[0] > 0 and said(X, t, optimiser) == []


@BOTH
def test_constant_columns_and_columns_that_hardly_vary_are_ordinary(optimiser):
    """As the pixels at the edge of an image."""
    X, t = standard()
    edge = np.hstack([np.zeros((100, 5)), np.full((100, 1), 0.5), np.eye(100)[:, :1], X])
    assert said(edge, t, optimiser) == []


# --- What is not, one by one ---------------------------------------------------------------------


def only(found, *words):
    """There is one warning, and it holds the words."""
    assert len(found) == 1, found
    assert all(word in found[0] for word in words), found[0]


@pytest.mark.parametrize(
    "scale, spread", [(1e3, "1e+03"), (1e-3, "0.001"), (7.0, "7"), (0.1, "0.1")]
)
def test_inputs_far_from_scale_one(scale, spread):
    X, t = standard(4000)
    cure = "X = (X - X.mean(axis=0)) / X.std(axis=0), without the columns that are constant"
    only(said(scale * (X / X.std(axis=0)), t), f"X has a spread of {spread}", "0.16 to 5", cure)
    assert said(scale * X, t, IN_UNITS) == []  # it puts them in units itself


def test_an_offset_large_against_the_spread():
    X, t = standard(4000)
    found, last = said(X + np.array([0, 0, -8]), t), (X[:, 2] - 8).mean()
    only(
        found, f"column 2 of X has the mean {last:.3g}", "times the spread of X (up to 6 are well)"
    )
    assert said(X + np.array([0, 0, -5]), t) == [] == said(X - 100, t, IN_UNITS)


@pytest.mark.parametrize("dtype, offset", [("float32", 1e4), ("float64", 1e13)])
def test_an_offset_by_which_rounding_hides_the_rest(dtype, offset):
    X, t = standard()
    only(said((X + offset).astype(dtype), t, IN_UNITS), f"{dtype} rounds what tells samples apart")
    assert said((X + offset / 100).astype(dtype), t, IN_UNITS) == []


@pytest.mark.parametrize("optimiser, loud", [(OF_UNITS, 4.0), (IN_UNITS, 7.0)])
def test_a_column_that_hides_others(optimiser, loud):
    X, t = standard(4000)
    assert said(0.5 * X * [1, loud, 1], t, optimiser) == []
    only(said(0.5 * X * [1, 1.5 * loud, 1], t, optimiser), "column 1 of X has", "of the middle one")
    assert said(0.5 * X * [1, 1 / 100, 1], t, optimiser) == []  # a quiet one may be noise


@BOTH
def test_columns_that_repeat_others(optimiser):
    X, t = standard()
    only(said(X[:, [0, 1, 2, 1, 0]], t, optimiser), "2 of 5 columns of X repeat others (column 3")
    turned = np.hstack([X, X[::-1]])  # the same spreads, other columns
    assert said(turned, t, optimiser) == []
    quiet = 0.05 * X[:, [0, 0]]  # less than a hundredth of what varies, as edge pixels may
    assert said(np.hstack([X, quiet]), t, optimiser) == []


@BOTH
def test_inputs_that_do_not_vary(optimiser):
    only(said(np.full((9, 3), 0.1), np.arange(9) % 2, optimiser), "all 3 columns of X are constant")


@BOTH
def test_fewer_samples_than_outputs(optimiser):
    X, _ = standard(3)
    only(said(X, np.arange(3), optimiser, outputs=4), "there are 3 samples and 4 outputs")
    assert said(X, np.arange(3), optimiser, outputs=3) == []


@BOTH
def test_one_class_only(optimiser):
    X, t = standard()
    only(said(X, 0 * t + 1, optimiser), "all 100 labels are 1: there is nothing to tell apart")


@BOTH
def test_a_rare_class(optimiser):
    X, _ = standard(1001)
    rare = (np.arange(1001) == 0).astype(int)
    only(said(X, rare, optimiser), "class 1 has 1 samples of 1001, one to 1000 of the commonest")
    assert said(X[:100], rare[:100], optimiser) == []  # one to 99


@pytest.mark.parametrize("optimiser, limit", [(SGD(), 10), (OF_UNITS, 1000), (IN_UNITS, 100)])
def test_targets_far_from_scale_one(optimiser, limit):
    X, _ = standard()
    t = X[:, :1] / X[:, 0].std()
    only(said(X, 2 * limit * t, optimiser, SQUARED, 1), f"t has a spread of {2.0 * limit:.3g}",
         f"up to {limit} is well", "t = (t - t.mean(axis=0)) / t.std()")  # fmt: skip
    assert said(X, 0.9 * limit * t + 1e4, optimiser, SQUARED, 1) == []
    assert said(X, 1e-6 * t, optimiser, SQUARED, 1) == []


def test_each_of_several_faults_is_told():
    X, _ = standard()
    found = said(1e3 * X[:, [0, 0]] + 1e5, np.zeros(100, int))
    assert [word in one for word, one in zip(
        ("spread of", "has the mean", "repeat others", "all 100 labels"), found, strict=True
    )] == 4 * [True]  # fmt: skip


def test_an_optimiser_of_ones_own_says_what_it_takes():
    @dataclass(frozen=True)
    class Sturdy(Optimiser):
        scales = Scales((1e-9, 1e9), 1e9, 1e9, 1e9)

    X, t = standard()
    assert said(1e3 * X + 1e5, t, Sturdy()) == []
    assert len(said(1e3 * X + 1e5, t, Optimiser())) == 2


# --- That they are true --------------------------------------------------------------------------


def accuracy(way, settings):
    data = half_moons()
    net = MLP.random((2, 2), rng=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataWarning)
        net, _ = SENN(SOFTMAX, settings).fit(net, way(data.X), data.t)
    return (net(way(data.X_test)).argmax(axis=1) == data.t_test).mean()


def test_steps_in_units_take_what_is_warned_of_for_others():
    """Half-moons at X * 1e3 + 100, and with one column twenty times the other."""
    settings = Settings(epochs=40)
    assert accuracy(lambda X: 1e3 * X + 100, settings) > 0.89
    assert accuracy(lambda X: X * [1, 30], settings) < 0.87


def test_steps_that_are_not_lose_what_the_warnings_say():
    settings = Settings.by_thresholds(epochs=100)
    for way in (lambda X: 1e3 * X, lambda X: X / 10, lambda X: X + 10, lambda X: X * [1, 0.1]):
        assert accuracy(way, settings) < 0.87
        assert len(said(way(half_moons().X), half_moons().t)) == 1


# --- How they are told ---------------------------------------------------------------------------


def test_a_fit_warns_once_at_the_line_that_called_it_and_learns_the_same():
    X, t = moons()
    net, senn = MLP.random((2, 2), rng=0), SENN(SOFTMAX, Settings.by_thresholds(epochs=3))
    with pytest.warns(DataWarning, match="X has a spread of") as told:
        loud = senn.fit(net, 100 * X, t)
    assert len(told) == 1 and told[0].filename == __file__
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataWarning)
        quiet = senn.fit(net, 100 * X, t)
    assert loud.network.parameters.tobytes() == quiet.network.parameters.tobytes()
    with pytest.warns(DataWarning) as told:
        assert isinstance(senn.fit(None, 100 * X, t, state=loud.state, epochs=2).state, State)
    assert len(told) == 1


def test_validation_data_are_not_looked_at():
    X, t = moons()
    SENN(SOFTMAX, Settings.by_thresholds(epochs=1)).fit(
        MLP.random((2, 2), rng=0), X, t, validation=(1e4 * X, 0 * t)
    )


WITHOUT_STDERR = """
import sys, warnings, numpy as np
from sennpy import MLP, SENN, Settings, SoftmaxCrossEntropy
warnings.simplefilter("always")
X, t = 1e3 * np.random.default_rng(0).standard_normal((20, 2)), np.arange(20) % 2
senn = SENN(SoftmaxCrossEntropy(), Settings(epochs=9, cooldown=8))
if sys.argv[1] == "closed":
    sys.stderr.close()
else:
    sys.stderr = None
thr = SENN(SoftmaxCrossEntropy(), Settings.by_thresholds(epochs=2))
for one in (senn, thr):
    net, history = one.fit(MLP.random((2, 2), rng=0), X, t)
print("epochs", len(history.epochs))
"""


@pytest.mark.parametrize("state", ["none", "closed"])
def test_without_stderr_a_training_and_its_warnings_go_on(state):
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_STDERR, state], capture_output=True, text=True
    )
    assert done.stdout.split() == ["epochs", "2"] and done.returncode == 0


def test_a_filter_that_makes_errors_of_warnings_ends_the_fit_before_it_begins():
    X, t = moons()
    with pytest.raises(DataWarning, match="spread"):
        SENN(SOFTMAX, Settings.by_thresholds(**NO_EPOCH)).fit(MLP.random((2, 2), rng=0), 1e3 * X, t)
