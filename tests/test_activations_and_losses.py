"""Activations and losses: every derivative against a complex step, the rest on the board."""

import numpy as np
import pytest
from compare import STEP, assert_close, complex_step
from hypothesis import given
from hypothesis import strategies as st
from strategies import ACTIVATIONS, objectives, random_targets, seeds

from sennpy.nn.activations import Rational, ReLU, Tanh
from sennpy.nn.losses import SoftmaxCrossEntropy, SquaredError

LOSSES = (SquaredError(), SoftmaxCrossEntropy())
any_activation = pytest.mark.parametrize("activation", ACTIVATIONS, ids=repr)
any_loss = pytest.mark.parametrize("loss", LOSSES, ids=repr)

# --- Activations ---------------------------------------------------------------------------------

FAR_OUT = np.concatenate([sign * np.logspace(-100, 100, 401) for sign in (1, -1)])[:, None]


@any_activation
def test_slopes_are_complex_steps_also_far_out(activation):
    k = activation.random_coefficients(1, np.random.default_rng(3))
    value, slope = activation(FAR_OUT, k), activation.slope(FAR_OUT, k)
    assert np.isfinite(value).all() and np.isfinite(slope).all()
    assert_close(slope, activation(FAR_OUT + 1j * STEP, k).imag / STEP)


@given(seeds, st.floats(-100, 100))
def test_rational_coefficient_slopes_are_complex_steps_also_far_out(seed, exponent):
    rng = np.random.default_rng(seed)
    z = 10.0**exponent * rng.standard_normal((4, 3))
    k = rng.standard_normal((3, 3))
    slopes = Rational().coefficient_slopes(z, k)
    assert np.isfinite(slopes).all()
    for i in range(3):
        moved = k + 1j * STEP * np.eye(3)[i][:, None]
        assert_close(slopes[i], Rational()(z, moved).imag / STEP)


@given(seeds)
def test_rational_slope_is_relatively_exact_entry_by_entry(seed):
    z = np.random.default_rng(seed).standard_normal((20, 1)) * 100
    for k in np.eye(3)[:, :, None]:
        step = Rational()(z + 1j * STEP, k).imag / STEP
        np.testing.assert_allclose(Rational().slope(z, k), step, rtol=1e-12, atol=1e-15)


def test_rational_is_the_identity_to_the_last_bit_at_0_0_1():  # (E3)
    z = np.concatenate([FAR_OUT, np.random.default_rng(0).standard_normal((1000, 1))])
    assert np.array_equal(Rational()(z, Rational().identity_coefficients(1)), z)
    assert (Rational().slope(z, Rational().identity_coefficients(1)) == 1).all()


@given(seeds, st.floats(-200, 200))
def test_rational_sees_only_the_direction_of_its_coefficients(seed, exponent):  # (E3)
    rng = np.random.default_rng(seed)
    z, k = rng.standard_normal((6, 4)), rng.standard_normal((3, 4))
    assert_close(Rational()(z, 10.0**exponent * k), Rational()(z, k))
    assert_close(-Rational()(z, k), Rational()(z, -k))
    outwards = (k[:, None, :] * Rational().coefficient_slopes(z, k)).sum(axis=0)
    assert_close(outwards, np.zeros((6, 4)), scale=np.abs(z).max())


@given(seeds)
def test_rational_has_the_paper_s_alpha_beta_gamma(seed):  # (E3)
    rng = np.random.default_rng(seed)
    z, (v, c, l) = rng.standard_normal(), rng.standard_normal(3)
    s = np.sqrt(v**2 + c**2 + l**2)
    alpha, beta, gamma = l / s, c / s, 2 * v / s
    sigma = alpha * z + (beta + gamma * z) / (1 + z**2)
    assert Rational()(np.array([[z]]), np.array([[v], [c], [l]])) == pytest.approx(sigma, rel=1e-12)


@pytest.mark.parametrize("activation", [Tanh(), ReLU()], ids=repr)
def test_only_rational_can_be_the_identity(activation):  # (E2), (E3)
    with pytest.raises(ValueError, match=r"cannot be the identity .* use Rational"):
        activation.identity_coefficients(2)


# --- Losses --------------------------------------------------------------------------------------


@given(objectives())
def test_loss_gradient_is_the_complex_step_of_its_value(objective):
    y, t, loss = objective.net(objective.X), objective.t, objective.loss
    step = complex_step(lambda y: len(y) * loss.value(y, t), y).reshape(y.shape)
    assert_close(loss.gradient(y, t), step)


@given(objectives())
def test_metric_is_the_complex_step_of_the_gradient(objective):
    y, t, loss = objective.net(objective.X), objective.t, objective.loss
    for n in range(len(y)):
        H = complex_step(lambda y_n, n=n: loss.gradient(y_n[None], t[n : n + 1])[0], y[n])
        assert_close(loss.metric(y)[n], H, scale=1)  # probabilities, or ones


@given(objectives())
def test_metric_root_times_its_transpose_is_the_metric(objective):
    y, loss = objective.net(objective.X), objective.loss
    S = loss.metric_root(y)
    assert_close(S @ S.transpose(0, 2, 1), loss.metric(y), scale=1)


@any_loss
def test_sampled_output_gradients_have_mean_zero_and_the_metric_as_second_moment(loss):
    y = np.array([[0.3, -1.0, 0.8]])
    draws = loss.sample_gradient(np.repeat(y, 40000, axis=0), np.random.default_rng(1))
    products = draws[:, :, None] * draws[:, None, :]
    for samples, expected in ((draws, np.zeros(3)), (products, loss.metric(y)[0])):
        standard_error = samples.std(axis=0) / 200
        assert (np.abs(samples.mean(axis=0) - expected) <= 4 * standard_error).all()


@any_loss
def test_value_is_a_mean_over_samples(loss):
    y = np.random.default_rng(0).standard_normal((5, 3))
    t = random_targets(loss, 5, 3, np.random.default_rng(1))
    alone = [loss.value(y[n : n + 1], t[n : n + 1]) for n in range(5)]
    assert loss.value(y, t) == pytest.approx(np.mean(alone), rel=1e-14)


def test_losses_on_the_board():
    assert SquaredError().value(np.array([[1.0, 2.0]]), [[0.0, 0.0]]) == 2.5  # the half is there
    assert SquaredError().gradient(np.array([[1.0, 2.0]]), [[0.0, 0.5]]).tolist() == [[1.0, 1.5]]
    y = np.log([[1.0, 2.0, 5.0]])  # p = 1/8, 2/8, 5/8
    assert SoftmaxCrossEntropy().value(y, [1]) == pytest.approx(np.log(4), rel=1e-15)
    assert_close(SoftmaxCrossEntropy().gradient(y, [1]), [[1 / 8, -6 / 8, 5 / 8]])
    metric = [
        [7 / 64, -2 / 64, -5 / 64],
        [-2 / 64, 12 / 64, -10 / 64],
        [-5 / 64, -10 / 64, 15 / 64],
    ]
    assert_close(SoftmaxCrossEntropy().metric(y)[0], metric)


def test_softmax_neither_overflows_nor_sees_a_common_shift():
    loss, y = SoftmaxCrossEntropy(), np.array([[1000.0, 0.0], [-1e300, 1e300]])
    assert loss.value(y[:1], [1]) == 1000.0
    assert np.isfinite(loss.gradient(y, [1, 0])).all()
    assert_close(loss.gradient(y[:1] * 1e-3 + 500, [0]), loss.gradient(y[:1] * 1e-3, [0]))
