"""A training that diverges says when, keeps what was good, and is told apart from other errors."""

from contextlib import nullcontext

import numpy as np
import pytest
from runs import SQUARED, changed, curve

from sennpy import (
    MLP,
    SENN,
    Damping,
    DataWarning,
    NaturalGradient,
    Optimiser,
    RandomSearch,
    Settings,
    SquaredError,
    TrainingDiverged,
)
from sennpy.training.optimiser import moved

PLAIN = Settings.by_thresholds(epochs=3, cooldown=1000)


def diverge(net, X, t, **settings):
    """The TrainingDiverged of a fit, whose message is as it should be."""
    settings = changed(PLAIN, **({"epochs": 60, "solver": "cg"} | settings))
    with pytest.raises(TrainingDiverged) as caught:
        SENN(SQUARED, settings).fit(net, X, t)
    error = caught.value
    assert f"the loss is not finite in epoch {error.epoch};" in str(error)
    assert f"smaller steps or more damping (now {settings.optimiser!r})" in str(error)
    assert len(error.history.epochs) == error.epoch - 1
    return error


def test_a_loss_that_overflows_at_the_start_leaves_the_start():
    X, t = curve()
    start = MLP.random((1, 2, 1), rng=0)
    with pytest.warns(DataWarning, match="t has a spread of inf"):
        error = diverge(start, X, 1e160 * t, damping=Damping(0.3, "relative"), step_size=0.2)
    assert error.epoch == 1
    assert error.network.parameters.tobytes() == start.parameters.tobytes()


def test_a_network_that_overflows_leaves_the_start():
    start = MLP.random((1, 2, 1), rng=0)
    huge = start.replace(1e200 * start.parameters)
    error = diverge(huge, *curve())
    assert error.epoch == 1 and error.network.parameters.tobytes() == huge.parameters.tobytes()


@pytest.mark.parametrize("cooldown", [1, 1000])
@pytest.mark.parametrize("solver", ["dense", "cg", "kfac"])
def test_the_last_network_whose_loss_was_finite_is_kept(solver, cooldown):
    """Targets so large that the first step overflows the next loss, before any look."""
    X, t = curve()
    start = MLP.random((1, 2, 2, 1), rng=0)
    with pytest.warns(DataWarning, match="t has a spread of"):
        error = diverge(start, X, 1e140 * t, solver=solver, cooldown=cooldown)
    assert error.epoch == 1
    assert np.isfinite(SQUARED.value(error.network(X), 1e140 * t))
    assert error.network.parameters.tobytes() == start.parameters.tobytes()


@pytest.mark.parametrize("solver", ["dense", "kfac"])
def test_a_singular_curvature_ends_the_training_with_what_it_has(solver):
    """Undamped, and damped by less than the rounding of a curvature that grew."""
    (X, t), start = curve(), MLP.random((1, 2, 1), rng=0)
    singular = r"is singular at damping .* in epoch"
    for damping, scale, epochs in [(0.0, 1.0, 0), (0.1, 1e10, 1)]:
        settings = changed(PLAIN, epochs=9, solver=solver, damping=Damping(damping))
        told = nullcontext() if scale == 1 else pytest.warns(DataWarning, match="t has a spread")
        with told, pytest.raises(TrainingDiverged, match=singular) as caught:
            SENN(SQUARED, settings).fit(start, X, scale * t)
        assert len(caught.value.history.epochs) == epochs == caught.value.epoch - 1
        assert np.isfinite(SQUARED.value(caught.value.network(X), scale * t))


class Swollen(NaturalGradient):
    """Its steps end with a network whose gradients, squared, are beyond the largest float."""

    def step(self, *given):
        net, *rest = super().step(*given)
        return net.replace(10.0 ** (80 / len(net.weights)) * net.parameters), *rest


@pytest.mark.parametrize("sizes", [(1, 1), (1, 2, 1), (1, 2, 2, 1)])
def test_a_network_too_large_to_be_looked_at_has_diverged(sizes):
    (X, t), start = curve(), MLP.random(sizes, rng=0)
    settings = changed(PLAIN, cooldown=1, optimiser=Swollen())
    with pytest.raises(TrainingDiverged, match="too large for a look in epoch 1;") as caught:
        SENN(SQUARED, settings).fit(start, X, t)
    assert len(caught.value.history.epochs) == 1 and not caught.value.history.looks


@pytest.mark.parametrize("method", ["sees", "trails", "changes"])
def test_a_value_error_of_a_search_of_ones_own_comes_through_as_itself(method):
    def wrong(*_):
        raise ValueError("a bug of one's own")

    search = type("Wrong", (RandomSearch,), {method: wrong})()
    settings = changed(PLAIN, cooldown=2, tau=0.0, alpha=0.0, proposer=search)
    with pytest.raises(ValueError, match=r"^a bug of one's own$") as caught:
        SENN(SQUARED, settings).fit(MLP.random((1, 2, 1), rng=0), *curve())
    assert (caught.value.state.epoch, caught.value.state.looks) == (2, 0)  # its look is still due


def test_a_value_error_of_a_loss_of_ones_own_is_no_singular_curvature():
    class Moody(SquaredError):
        left = 5

        def gradient(self, y, t):
            Moody.left -= 1
            if not Moody.left:
                raise ValueError("a bug of one's own")
            return super().gradient(y, t)

    with pytest.raises(ValueError, match=r"^a bug of one's own$") as caught:
        SENN(Moody(), changed(PLAIN, epochs=9)).fit(MLP.random((1, 2, 1), rng=0), *curve())
    assert caught.value.state.epoch == 4


class Sabotaged(Optimiser):
    """Ruins one step: its parameters become infinite or huge, or it measures no number."""

    def __init__(self, at, how):
        self.left, self.how, self.seen = at, how, []

    def step(self, net, X, t, loss, rng, memory):
        ahead, memory, measured = NaturalGradient().step(net, X, t, loss, rng, memory)
        self.seen.append(net)
        self.left -= 1
        if self.left == 0:
            factor = {"infinite": np.inf, "huge": 1e180}.get(self.how, 1)
            ahead = moved(ahead, ahead.parameters * factor)
            if self.how == "measured":
                measured = measured._replace(loss=np.nan)
        return ahead, memory, measured


@pytest.mark.parametrize("batch_size, each", [(None, 1), (10, 4)])
@pytest.mark.parametrize("how", ["infinite", "measured", "huge"])
@pytest.mark.parametrize("at", [6, 8])
def test_whichever_step_fails_the_last_good_network_is_the_one_before(at, how, batch_size, each):
    """The one that a ruined step started from: its own loss is a number."""
    X, t = curve()
    steps = Sabotaged(at, how)
    settings = changed(PLAIN, epochs=20, batch_size=batch_size, optimiser=steps)
    with pytest.raises(TrainingDiverged) as caught:
        SENN(SQUARED, settings).fit(MLP.random((1, 2, 1), rng=0), X, t)
    error = caught.value
    assert error.network is steps.seen[at - 1]
    assert error.epoch == -(-at // each)
    assert len(error.history.epochs) == error.epoch - 1
