"""Optimisers take the steps that they say, and what they remember is a value."""

import numpy as np
import pytest
from compare import assert_close
from runs import SOFTMAX, SQUARED, changed, curve, moons

from sennpy import (
    MLP,
    SENN,
    SGD,
    Damping,
    NaturalGradient,
    Settings,
    SingularCurvature,
    natural_gradient,
)
from sennpy.training.optimiser import StepNotFinite

NET, (X, T) = MLP.random((1, 3, 1), rng=0), curve()
OPTIMISERS = [NaturalGradient(), NaturalGradient("pcg", cg_iterations=3), NaturalGradient("kfac"),
              SGD(0.01)]  # fmt: skip
every_optimiser = pytest.mark.parametrize("optimiser", OPTIMISERS, ids=repr)


def gradient(net):
    return net.vjp(net.forward(X), net(X) - T) / len(X)


def test_momentum_takes_a_share_of_the_last_step_again():
    steps, net, memory, velocity = SGD(0.05, 0.8), NET, None, 0.0
    theta = NET.parameters
    for _ in range(4):
        velocity = 0.8 * velocity - 0.05 * gradient(NET.replace(theta))
        theta = theta + velocity
        net, memory, measured = steps.step(net, X, T, SQUARED, None, memory)
    assert_close(net.parameters, theta, 1e-12)
    assert measured.eta is None and measured.loss > 0


def test_a_network_that_has_grown_starts_without_momentum():
    _, memory, _ = SGD().step(NET, X, T, SQUARED, None, None)
    wider = MLP.random((1, 4, 1), rng=1)
    with_memory, _, _ = SGD().step(wider, X, T, SQUARED, None, memory)
    without, _, _ = SGD().step(wider, X, T, SQUARED, None, None)
    assert with_memory.parameters.tobytes() == without.parameters.tobytes()


@every_optimiser
def test_a_step_tells_what_it_met_before_it_moved(optimiser):
    net, _, measured = optimiser.step(NET, X, T, SQUARED, np.random.default_rng(0), None)
    assert measured.loss == pytest.approx(SQUARED.value(NET(X), T), rel=1e-12)
    assert measured.lam == pytest.approx(((NET(X) - T) ** 2).mean(), rel=1e-12)
    assert SQUARED.value(net(X), T) < measured.loss
    if not isinstance(optimiser, SGD):  # Kronecker factors alone may see more than lambda
        assert 0 < measured.eta <= (4 if optimiser.solver == "kfac" else 1) * measured.lam


@every_optimiser
def test_memory_is_a_value(optimiser):
    """The same memory may be used twice, and gives the same step."""
    rng = np.random.default_rng
    net, memory, _ = optimiser.step(NET, X, T, SQUARED, rng(0), None)
    one, _, _ = optimiser.step(net, X, T, SQUARED, rng(1), memory)
    other, _, _ = optimiser.step(net, X, T, SQUARED, rng(1), memory)
    assert one.parameters.tobytes() == other.parameters.tobytes()


def test_auto_is_dense_while_the_jacobian_is_small_and_preconditioned_beyond():
    auto, dense = NaturalGradient(), NaturalGradient("dense")
    same = [o.step(NET, X, T, SQUARED, None, None)[0].parameters for o in (auto, dense)]
    assert same[0].tobytes() == same[1].tobytes()
    large, rng = MLP.random((64, 60, 10), rng=0), np.random.default_rng(0)
    inputs, labels = rng.standard_normal((1000, 64)), rng.integers(0, 10, 1000)
    _, memory, _ = auto.step(large, inputs, labels, SOFTMAX, rng, None)
    assert memory is not None  # a preconditioner: 45 million entries of J were not asked for
    exact = natural_gradient(large, inputs[:50], labels[:50], SOFTMAX, "auto")
    assert exact.direction.shape == (large.num_parameters,)


def test_the_default_trains_what_is_too_large_for_a_jacobian():
    rng = np.random.default_rng(0)
    inputs, labels = rng.standard_normal((1800, 64)), rng.integers(0, 10, 1800)
    settings = Settings.by_thresholds(epochs=1, cooldown=1000)
    fit = SENN(SOFTMAX, settings).fit(MLP.random((64, 10, 10), rng=0), inputs, labels)
    assert fit.history.epochs[0].eta > 0


@every_optimiser
def test_what_is_not_finite_is_told_as_itself(optimiser):
    huge = NET.replace(1e200 * NET.parameters)
    with np.errstate(all="ignore"), pytest.raises(StepNotFinite, match="the loss is not finite"):
        optimiser.step(huge, X, T, SQUARED, None, None)


def test_a_step_may_be_twice_the_natural_one_and_no_longer():
    assert NaturalGradient(step_size=2.0).step_size == 2.0
    with pytest.raises(ValueError, match=r"step_size is 2\.01, expected at most 2"):
        NaturalGradient(step_size=2.01)


def test_a_singular_curvature_has_an_error_of_its_own():
    with pytest.raises(SingularCurvature, match="singular at damping 0"):
        NaturalGradient("dense", Damping(0.0)).step(NET, X, T, SQUARED, None, None)


def test_trainings_by_gradient_descent_grow_too():
    data = moons()
    settings = changed(
        Settings.by_thresholds(), epochs=60, cooldown=10, optimiser=SGD(0.05), tau=0.05, alpha=1e-3
    )
    net, history = SENN(SOFTMAX, settings).fit(MLP.random((2, 2), rng=0), *data)
    assert net.num_parameters > 6 and {e.eta for e in history.epochs} == {None}
    loss = history.column("loss")
    alone, without = SENN(SOFTMAX, changed(settings, tau=1e6)).fit(MLP.random((2, 2), rng=0), *data)
    assert alone.sizes == (2, 2) and not without.additions
    assert loss[-1] < 0.8 * without.column("loss")[-1] < loss[0]
