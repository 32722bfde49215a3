"""Activations and losses: every derivative against a complex step, the rest on the board."""

import numpy as np
import pytest
from compare import STEP, assert_close, complex_step
from hypothesis import given
from hypothesis import strategies as st
from own_activations import OWN, PReLU
from own_losses import Huber
from strategies import (
    ACTIVATIONS,
    invertible,
    objectives,
    problems,
    random_targets,
    seeds,
)

from sennpy import MLP, Activation, Loss, deepen, fisher, natural_gradient
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


# --- What every activation keeps to, ours and one's own -------------------------------------------

every_activation = pytest.mark.parametrize("activation", ACTIVATIONS + OWN, ids=repr)
with_identity = pytest.mark.parametrize("activation", (Rational(), *OWN), ids=repr)


@every_activation
@given(seed=seeds, exponent=st.floats(-3, 1))
def test_slopes_and_coefficient_slopes_are_complex_steps(activation, seed, exponent):
    z, k = drawn(activation, seed, exponent)
    slope, of_coefficients = activation.slopes(z, k, activation(z, k))
    assert_close(slope, activation(z + 1j * STEP, k).imag / STEP)
    assert_close(activation.slope(z, k), slope)
    assert_close(activation.coefficient_slopes(z, k), of_coefficients)
    for i, unit in enumerate(np.eye(activation.num_coefficients)):
        step = activation(z, k + 1j * STEP * unit[:, None]).imag / STEP
        assert_close(of_coefficients[i], step, scale=10.0**exponent)


@every_activation
@given(seed=seeds, exponent=st.floats(-3, 1))
def test_curvature_is_the_complex_step_of_the_slope(activation, seed, exponent):
    z, k = drawn(activation, seed, exponent)
    step = activation.slope(z + 1j * STEP, k).imag / STEP
    assert activation.curvature(z, k).shape == z.shape
    assert_close(activation.curvature(z, k), step)


@given(seed=seeds)
def test_curvature_of_rational_is_relatively_exact_far_out(seed):
    """v and c alone: 4v/z^3 and 6c/z^4, down to the smallest floats, and never an overflow."""
    rng = np.random.default_rng(seed)
    z = 10.0 ** rng.uniform(20, 70, (9, 1)) * rng.choice([-1, 1], (9, 1))
    for k, expected in [([[2.0], [0], [0]], 4 / z**3), ([[0.0], [3], [0]], 6 / z**4)]:
        np.testing.assert_allclose(Rational().curvature(z, np.array(k)), expected, rtol=1e-12)
    assert np.isfinite(Rational().curvature(FAR_OUT, np.ones((3, 1)))).all()


@with_identity
@given(seed=seeds)
def test_the_identity_passes_every_number_through(activation, seed):  # (E2)
    z, _ = drawn(activation, seed, 0)
    k = activation.identity_coefficients(z.shape[1])
    activation.check(k)
    assert np.array_equal(activation(z, k), z) and (activation.slope(z, k) == 1).all()


@with_identity
@given(seed=seeds)
def test_directions_at_the_identity_are_those_weights_lack(activation, seed):  # (E16)
    """With scale and shift of z they span all that the coefficients can do, none of them twice."""
    z = np.random.default_rng(seed).uniform(-3, 3, (20, 1))
    phi, slope = activation.identity_directions(z)
    all_that_moves = activation.coefficient_slopes(z, activation.identity_coefficients(1))
    affine = np.hstack([z, np.ones_like(z)])
    of_weights = np.hstack([affine, phi[:, :, 0].T])
    assert np.linalg.matrix_rank(of_weights, 1e-9) == 2 + len(phi)
    both = np.hstack([of_weights, all_that_moves[:, :, 0].T])
    assert np.linalg.matrix_rank(both, 1e-9) == 2 + len(phi)
    assert_close(slope, activation.identity_directions(z + 1j * STEP)[0].imag / STEP)


@pytest.mark.parametrize("activation", OWN, ids=repr)
@given(seed=seeds)
def test_a_network_of_ones_own_units_has_their_jacobian_and_can_be_deepened(activation, seed):
    rng = np.random.default_rng(seed)
    net, X = MLP.random((2, 3, 2), activation, rng), rng.standard_normal((6, 2))
    J = complex_step(lambda theta: net.replace(theta)(X), net.parameters)
    assert_close(net.jacobian(net.forward(X)), J)
    deep = deepen(net, 1, np.vstack([invertible(3, rng), rng.standard_normal((1, 3))]))
    assert deep.sizes == (2, 3, 3, 2)
    assert_close(deep(X), net(X))


def test_each_activation_says_which_coefficients_make_no_function():
    """(0, 0, 0) is none for Rational; a PReLU with k = 0 is a ReLU."""
    weights = (np.ones((3, 2)), np.ones((3, 1)))
    X = np.random.default_rng(0).standard_normal((5, 2))
    flat = MLP(weights, (np.zeros((1, 2)),), PReLU())
    assert np.array_equal(flat(X), MLP(weights, (np.zeros((0, 2)),), ReLU())(X))
    assert np.array_equal(flat.replace(flat.parameters)(X), flat(X))
    with pytest.raises(ValueError, match=r"hidden layer 0: a neuron has \(v, c, l\) = \(0, 0, 0\)"):
        MLP(weights, (np.array([[0.0, 1.0]] * 3),), Rational())


class Silent(Activation):
    """Tells nothing but how many coefficients it has."""

    num_coefficients = 2


@pytest.mark.parametrize(
    "method, arguments",
    [
        ("__call__", 2), ("slope", 2), ("coefficient_slopes", 2), ("curvature", 2), ("basis", 1),
        ("basis_slope", 1), ("identity_directions", 1),
    ],
)  # fmt: skip
def test_what_an_activation_does_not_give_is_told_by_name(method, arguments):
    with pytest.raises(ValueError, match=f"Silent does not give `{method}`, so "):
        getattr(Silent(), method)(*[np.ones((2, 1))] * arguments)


def drawn(activation, seed, exponent):
    """Pre-activations (8, 3), not at 0, and coefficients for them."""
    rng = np.random.default_rng(seed)
    z = 10.0**exponent * rng.choice([-1, 1], (8, 3)) * rng.uniform(0.1, 3, (8, 3))
    return z, activation.random_coefficients(3, rng)


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


@given(problems(), st.floats(0.1, 3))
def test_the_gradient_of_a_loss_of_ones_own_is_the_complex_step_of_its_value(problem, delta):
    y, t, loss = problem.net(problem.X), problem.output_like(), Huber(delta)
    step = complex_step(lambda y: len(y) * loss.value(y, t), y).reshape(y.shape)
    assert_close(loss.gradient(y, t), step)


def test_a_loss_of_ones_own_works_where_the_metric_is_euclidean_and_says_so_elsewhere():
    net, X = MLP.random((2, 3, 2), rng=0), np.eye(2)
    t = net(X) + np.array([[9.0, 0.1], [-0.2, -9.0]])
    step = natural_gradient(net, X, t, Huber())
    u = np.array([[-1.0, -0.1], [0.2, 1.0]])
    assert_close(step.gradient, net.vjp(net.forward(X), u) / 2)
    assert fisher(net, X, "empirical", Huber(), t).shape == (net.num_parameters,) * 2
    assert Huber().accuracy(net(X), t) is None
    with pytest.raises(ValueError, match=r"Huber has no metric_root: use metric='euclidean'"):
        natural_gradient(net, X, t, Huber(), kind="true")
    with pytest.raises(ValueError, match=r"Huber has no metric_root: use metric='euclidean'"):
        Huber().metric(net(X))
    with pytest.raises(ValueError, match=r"Huber has no sample_gradient: use metric='euclidean'"):
        fisher(net, X, "sampled", Huber())
    with pytest.raises(
        ValueError, match=r"t has shape \(2,\), but the outputs have shape \(2, 2\)"
    ):
        natural_gradient(net, X, [0.0, 1.0], Huber())


class Metered(SquaredError):
    """Squared error with the base's metric, made of the root."""

    metric = Loss.metric

    def metric_root(self, y):
        return y[:, :, None] * np.array([1.0, 2.0, 0.5])


def test_the_metric_is_the_root_times_its_transpose_unless_it_is_given():
    y = np.random.default_rng(0).standard_normal((4, 2))
    assert_close(Metered().metric(y), 5.25 * y[:, :, None] * y[:, None, :])


def test_a_loss_without_value_or_gradient_says_so():
    for method in ("value", "gradient"):
        with pytest.raises(NotImplementedError, match=f"Loss has no {method}"):
            getattr(Loss(), method)(np.ones((1, 1)), [[0.0]])


def test_accuracy_is_the_share_of_labels_told_right_and_none_for_real_targets():
    y = np.array([[2.0, 1, 0], [0, 1, 0], [0, 1, 3], [1, 0, 0]])
    assert SoftmaxCrossEntropy().accuracy(y, [0, 1, 2, 2]) == 0.75
    assert SquaredError().accuracy(y, y) is None


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


@pytest.mark.parametrize("t, wrong", [([0, 1, 2], "from 0 to 2"), ([-1, 0, 1], "from -1 to 1")])
def test_a_label_just_beyond_the_outputs_is_refused(t, wrong):
    y = np.zeros((3, 2))
    for call in (SoftmaxCrossEntropy().value, SoftmaxCrossEntropy().gradient):
        with pytest.raises(ValueError, match=f"t holds labels {wrong}, but the network has 2 outp"):
            call(y, np.array(t))
