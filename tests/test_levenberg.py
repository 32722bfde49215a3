"""Levenberg-Marquardt steps: what they minimise, what damps them, what decides the decay."""

import numpy as np
import pytest
from compare import assert_close
from hypothesis import given
from hypothesis import strategies as st
from sklearn.datasets import load_iris

from sennpy import (
    MLP,
    SENN,
    HonestLook,
    LevenbergMarquardt,
    Settings,
    SoftmaxCrossEntropy,
    SquaredError,
)
from sennpy.curvature.fisher import fisher, output_directions
from sennpy.training import quadratic
from sennpy.training.levenberg import FIRST_DECAY, Memory
from sennpy.training.quadratic import DenseModel, LargeModel
from sennpy.training.units import in_units, out_of_units, unit_inputs

seeds = st.integers(0, 2**16)


def problem(seed=0, sizes=(2, 4, 2), loss=SquaredError(), N=50):
    rng = np.random.default_rng(seed)
    net, X = MLP.random(sizes, rng=rng), rng.standard_normal((N, sizes[0]))
    if isinstance(loss, SquaredError):
        return net, X, np.sin(2 * X @ rng.standard_normal((sizes[0], sizes[-1])))
    return net, X, (X[:, 0] * X[:, 1] > 0).astype(int)


def trained(optimiser, net, X, t, loss, steps):
    """The networks, memories and measurements of so many steps."""
    memory, seen = None, []
    for _ in range(steps):
        net, memory, measured = optimiser.step(net, X, t, loss, np.random.default_rng(0), memory)
        seen.append((net, memory, measured))
    return seen


# --- Units ---------------------------------------------------------------------------------------


@given(seeds)
def test_a_network_in_units_computes_what_it_did(seed):
    net, X, t = problem(seed)
    X, t = 7 * X + 3, 5 * t - 2
    inputs, targets = unit_inputs(X), SquaredError().in_units(t)[1:]
    own = in_units(net, inputs, targets)
    y = own((X - inputs[0]) / inputs[1])
    assert_close(y * targets[1] + targets[0], net(X), 1e-10)
    assert_close(out_of_units(own, inputs, targets).parameters, net.parameters, 1e-10)


def test_unit_inputs_have_mean_0_and_spread_1_together():
    X = np.random.default_rng(0).standard_normal((100, 3)) * [1, 2, 5] + 40
    mean, spread = unit_inputs(X)
    unit = (X - mean) / spread
    assert_close(unit.mean(axis=0), np.zeros(3), 1e-12, scale=1)
    assert_close((unit**2).mean(), 1.0)
    assert unit_inputs(np.full((4, 2), 3e9))[1] == 1.0  # constant: nothing to measure by


@given(seeds, st.floats(-3, 3), st.floats(-3, 3))
def test_units_of_inputs_and_targets_change_no_step(seed, of_inputs, of_targets):
    """The same function trained on scaled data stays the same function, scaled."""
    net, X, t = problem(seed, sizes=(2, 3, 1))
    a, b, loss = 10.0**of_inputs, 10.0**of_targets, SquaredError()
    scaled = out_of_units(net, (np.zeros(2), a), (0.0, b))
    assert_close(scaled(a * X), b * net(X), 1e-9)
    one = trained(LevenbergMarquardt(), net, X, t, loss, 4)
    two = trained(LevenbergMarquardt(), scaled, a * X, b * t, loss, 4)
    for (plain, memory, measured), (other, its_memory, its) in zip(one, two, strict=True):
        assert_close(other(a * X), b * plain(X), 1e-4)
        assert_close(its_memory.decay, memory.decay, 1e-4)
        assert_close(its.loss, b**2 * measured.loss, 1e-4)


# --- The model -----------------------------------------------------------------------------------


@pytest.mark.parametrize("loss", [SquaredError(), SoftmaxCrossEntropy()], ids=repr)
@pytest.mark.parametrize("kind", [DenseModel, lambda *a: LargeModel(*a, 500)], ids=["F", "Fv"])
def test_a_step_is_the_minimum_of_the_damped_model(loss, kind, monkeypatch):
    monkeypatch.setattr(quadratic, "TOLERANCE", 1e-12)
    net, X, t = problem(1, loss=loss)
    trace = net.forward(X)
    model = kind(trace, output_directions(trace.outputs, "true", loss, t), loss.gradient(net(X), t))
    F, decay, damping = fisher(net, X, "true", loss), 0.03, 0.2
    is_weight = np.concatenate([np.full(b.size, i % 2 == 0) for i, b in enumerate(net.blocks())])
    unit = np.trace(F) / len(F)
    H = F + np.diag(decay * is_weight + damping * unit)
    slope = model.slope(decay)
    by_hand = net.vjp(trace, loss.gradient(net(X), t)) / len(X) + decay * is_weight * net.parameters
    assert_close(slope, by_hand)
    assert_close(model.unit, unit)
    n = model.solve(slope, decay, damping)
    assert_close(H @ n, slope, 1e-8)
    foretold = slope @ n - n @ (F + np.diag(decay * is_weight)) @ n / 2  # of the model undamped
    assert_close(model.drop(n, slope, damping), foretold, 1e-8)


def test_gamma_counts_the_weights_that_the_data_determine():
    """For a linear network: sum of lambda_i / (lambda_i + decay), over inputs for each output."""
    net, X, t = problem(3, sizes=(3, 2))
    trace, a = net.forward(X), np.hstack([X, np.ones((len(X), 1))])
    u = output_directions(trace.outputs)
    model = DenseModel(trace, u, net(X) - t)
    large = LargeModel(trace, u, net(X) - t, 10)
    for decay in (1e-6, 0.1, 10.0):
        eigenvalues = np.linalg.eigvalsh(a.T @ a / len(a))
        expected = 2 * (eigenvalues / (eigenvalues + decay)).sum()
        assert_close(model.determined(decay), expected, 1e-6)
        assert_close(large.determined(decay), expected, 1e-6)  # A (x) G is F for one layer


def test_the_decay_is_that_of_largest_evidence():
    """Ridge regression: no other decay makes the targets more likely, by the normal density."""
    rng = np.random.default_rng(5)
    X = rng.standard_normal((40, 6))
    t = X @ (0.3 * rng.standard_normal((6, 1))) + rng.standard_normal((40, 1))
    net, loss = MLP.random((6, 1), rng=0), SquaredError()
    (*_, (_, memory, _)) = trained(LevenbergMarquardt(), net, X, t, loss, 200)
    mean, spread = unit_inputs(X)
    a = np.hstack([(X - mean) / spread, np.ones((40, 1))])
    unit, _, _ = loss.in_units(t)

    def evidence(decay):
        """Log density of the targets, the noise's variance being the most likely one."""
        K = a @ a.T / (40 * decay) + np.eye(40)
        noise = float(unit[:, 0] @ np.linalg.solve(K, unit[:, 0])) / 40
        return -(np.linalg.slogdet(K)[1] + 40 * np.log(noise)) / 2

    best = evidence(memory.decay)
    assert all(evidence(memory.decay * f) < best for f in (0.5, 0.8, 1.25, 2.0))


# --- The step ------------------------------------------------------------------------------------


@pytest.mark.parametrize("loss", [SquaredError(), SoftmaxCrossEntropy()], ids=repr)
def test_loss_and_penalty_never_rise_under_a_fixed_decay(loss):
    net, X, t = problem(2, loss=loss)
    optimiser, decay = LevenbergMarquardt(decay=0.01), 0.01
    values, (shift, scale) = [], loss.in_units(t)[1:]
    for one, _, _ in [(net, None, None), *trained(optimiser, net, X, t, loss, 30)]:
        own = in_units(one, unit_inputs(X), (shift, scale))
        weights = sum(float((W**2).sum()) for W in own.weights)
        values.append(loss.value(one(X), t) / scale**2 + decay / 2 * weights)
    assert all(np.diff(values) <= 1e-12) and values[-1] < 0.7 * values[0]


def test_a_saturated_softmax_is_left_again():
    """Where it is sure and wrong its own metric is 0 but for rounding: no unit for damping."""
    X, t = load_iris(return_X_y=True)
    some = np.random.default_rng(1080).permutation(150)[30:]
    X, t = X[some], t[some]
    X, loss = 1000 * (X - X.mean(axis=0)) / X.std(axis=0), SoftmaxCrossEntropy()
    never = Settings(epochs=40, acceptance=HonestLook(price=1e9))
    for seed in range(8):
        start = MLP.random((4, 3), rng=seed)
        net, _ = SENN(loss, never).fit(start, X, t)
        assert loss.value(start(X), t) > 100 and loss.value(net(X), t) < 0.1


def test_a_network_that_has_grown_starts_with_damping_and_decay():
    optimiser = LevenbergMarquardt()
    old = Memory((2, 3, 1), damping=1e-7, growth=8.0, decay=50.0, steps=40)
    new = optimiser.remembered(MLP.random((2, 4, 1), rng=0), old)
    assert new == Memory((2, 4, 1), damping=1e-2, growth=2.0, decay=FIRST_DECAY, steps=0)
    assert optimiser.remembered(MLP.random((2, 3, 1), rng=0), old) is old
    fixed = LevenbergMarquardt(decay=3.0)
    assert fixed.remembered(MLP.random((2, 4, 1), rng=0), old).decay == 50.0
    assert fixed.remembered(MLP.random((2, 4, 1), rng=0), None).decay == 3.0


def test_what_was_foretold_to_the_letter_has_a_third_of_the_damping_next():  # Nielsen's rule
    net, X, t = problem(3, sizes=(2, 1))
    dampings = [memory.damping for _, memory, _ in
                trained(LevenbergMarquardt(decay=0.0), net, X, t, SquaredError(), 4)]  # fmt: skip
    np.testing.assert_allclose(dampings, [1 / 3, 1 / 9, 1 / 27, 1 / 81], rtol=1e-9)


def test_where_no_step_helps_the_network_stays():
    X, t = np.ones((4, 1)), np.zeros((4, 1))
    net = MLP(([[0.0], [0.0]],))
    same, memory, measured = LevenbergMarquardt().step(net, X, t, SquaredError(), None, None)
    assert same is net and measured.loss == 0.0 and memory.damping == 1.0


def test_the_two_solvers_come_to_the_same_end():
    """A linear network has one; A (x) G is not quite its F under the metric of softmax."""
    net, X, t = problem(4, sizes=(3, 2), loss=SoftmaxCrossEntropy(), N=80)
    t, ends = (X[:, 0] + 0.5 * np.random.default_rng(0).standard_normal(80) > 0).astype(int), []
    for solver in ("dense", "pcg"):
        optimiser = LevenbergMarquardt(solver=solver)
        (*_, (found, memory, _)) = trained(optimiser, net, X, t, SoftmaxCrossEntropy(), 60)
        ends.append((SoftmaxCrossEntropy().value(found(X), t), memory.decay))
    assert_close(ends[1][0], ends[0][0], 0.02)
    assert_close(ends[1][1], ends[0][1], 0.3)


def test_float32_and_batches_train_too():
    net, X, t = problem(6, loss=SoftmaxCrossEntropy(), N=90)
    runs = []
    for dtype in ("float32", "float64"):
        settings = Settings(epochs=5, dtype=dtype, batch_size=30)
        found, history = SENN(SoftmaxCrossEntropy(), settings).fit(net, X, t)
        assert found.dtype == np.dtype(dtype)
        runs.append(np.array(history.column("loss")))
    assert_close(runs[0], runs[1], 1e-3)
    assert runs[1][-1] < 0.6 * runs[1][0]


def test_it_is_written_down_in_full():
    described = LevenbergMarquardt(decay=0.5).as_dict()
    assert described == {
        "class": "LevenbergMarquardt", "metric": "true", "solver": "auto", "decay": 0.5, "wait": 5,
        "cg_iterations": 30,
    }  # fmt: skip
