"""A training that diverges says when, keeps what was good, and is told apart from other errors."""

from dataclasses import replace

import numpy as np
import pytest
from runs import SQUARED, curve

from sennpy import MLP, SENN, Damping, RandomSearch, Settings, TrainingDiverged

PLAIN = Settings(epochs=3, cooldown=1000)


def diverge(net, X, t, **settings):
    """The TrainingDiverged of a fit, whose message is as it should be."""
    settings = replace(PLAIN, **({"epochs": 60, "solver": "cg"} | settings))
    with pytest.raises(TrainingDiverged) as caught:
        SENN(SQUARED, settings).fit(net, X, t)
    error = caught.value
    assert f"the loss is not finite in epoch {error.epoch};" in str(error)
    assert f"smaller step_size (now {settings.step_size:g})" in str(error)
    assert f"larger damping (now {settings.damping.value:g}, {settings.damping.scale})" in str(
        error
    )
    assert len(error.history.epochs) == error.epoch - 1
    return error


def test_a_loss_that_overflows_at_the_start_leaves_the_start():
    X, t = curve()
    start = MLP.random((1, 2, 1), rng=0)
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
    error = diverge(start, X, 1e140 * t, solver=solver, cooldown=cooldown)
    assert error.epoch == 1
    assert np.isfinite(SQUARED.value(error.network(X), 1e140 * t))
    assert error.network.parameters.tobytes() == start.parameters.tobytes()


@pytest.mark.parametrize("solver", ["dense", "kfac"])
def test_a_singular_curvature_ends_the_training_with_what_it_has(solver):
    """Undamped, and damped by less than the rounding of a curvature that grew."""
    (X, t), start = curve(), MLP.random((1, 2, 1), rng=0)
    for damping, scale, epochs in [(0.0, 1.0, 0), (0.1, 1e10, 1)]:
        settings = replace(PLAIN, epochs=9, solver=solver, damping=Damping(damping))
        with pytest.raises(TrainingDiverged, match=r"is singular at damping .* in epoch") as caught:
            SENN(SQUARED, settings).fit(start, X, scale * t)
        assert len(caught.value.history.epochs) == epochs == caught.value.epoch - 1
        assert np.isfinite(SQUARED.value(caught.value.network(X), scale * t))


def test_a_decomposition_that_fails_in_a_look_ends_the_training_with_what_it_has(monkeypatch):
    def look(*_):
        raise np.linalg.LinAlgError("eigenvalues did not converge")

    monkeypatch.setattr("sennpy.training.senn.look", look)
    X, t = curve()
    with pytest.raises(TrainingDiverged, match="did not converge in epoch 2;") as caught:
        SENN(SQUARED, replace(PLAIN, cooldown=2)).fit(MLP.random((1, 2, 1), rng=0), X, t)
    assert len(caught.value.history.epochs) == 2
    loss = SQUARED.value(caught.value.network(X), t)
    assert loss < caught.value.history.epochs[-1].loss


class Swollen(SENN):
    """Its epochs end with a network whose gradients, squared, are beyond the largest float."""

    def train(self, net, *rest):
        net, *measured = super().train(net, *rest)
        return net.replace(1e160 * net.parameters), *measured


@pytest.mark.filterwarnings("ignore:(overflow|invalid value) encountered:RuntimeWarning")
@pytest.mark.parametrize("sizes", [(1, 1), (1, 2, 1), (1, 2, 2, 1)])
def test_a_network_too_large_to_be_looked_at_has_diverged(sizes):
    (X, t), start = curve(), MLP.random(sizes, rng=0)
    with pytest.raises(TrainingDiverged, match="in epoch 1; a smaller step_size") as caught:
        Swollen(SQUARED, replace(PLAIN, cooldown=1)).fit(start, X, t)
    assert len(caught.value.history.epochs) == 1 and not caught.value.history.looks


@pytest.mark.parametrize("method", ["statistics", "trails", "layer_score"])
def test_a_value_error_of_a_search_of_ones_own_comes_through_as_itself(method):
    def wrong(*_):
        raise ValueError("a bug of one's own")

    search = type("Wrong", (RandomSearch,), {method: wrong})()
    settings = replace(PLAIN, cooldown=2, tau=0.0, alpha=0.0, search=search)
    with pytest.raises(ValueError, match=r"^a bug of one's own$"):
        SENN(SQUARED, settings).fit(MLP.random((1, 2, 1), rng=0), *curve())


class Sabotaged(SENN):
    """Ruins one step: its parameters become infinite or huge, or it measures no number."""

    def __init__(self, loss, settings, at, how):
        super().__init__(loss, settings)
        self.left, self.how, self.seen = at, how, []

    def step(self, net, X, t, rng, kept=None):
        theta, measured = super().step(net, X, t, rng, kept)
        self.seen.append(net)
        self.left -= 1
        if self.left == 0:
            theta = theta * {"infinite": np.inf, "huge": 1e180}.get(self.how, 1)
            measured = (np.nan if self.how == "measured" else measured[0], *measured[1:])
        return theta, measured


@pytest.mark.parametrize("batch_size, each", [(None, 1), (10, 4)])
@pytest.mark.parametrize("how, back", [("infinite", 0), ("measured", 1), ("huge", 0)])
@pytest.mark.parametrize("at", [6, 8])
def test_whichever_step_fails_the_last_good_network_is_the_one_before(
    at, how, back, batch_size, each
):
    """The one that a ruined step started from, if its own loss was a number, else one further."""
    X, t = curve()
    senn = Sabotaged(SQUARED, replace(PLAIN, epochs=20, batch_size=batch_size), at, how)
    with pytest.raises(TrainingDiverged) as caught:
        senn.fit(MLP.random((1, 2, 1), rng=0), X, t)
    error, good = caught.value, at - 1 - back
    if how == "measured" and good % each == each - 1:
        good += 1  # between epochs the network's loss was looked at once more
    assert error.network is senn.seen[good]
    assert error.epoch == -(-at // each)
    assert len(error.history.epochs) == error.epoch - 1
