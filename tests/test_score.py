"""The natural expansion score: its two forms, its bounds, what it is blind to, what it predicts."""

from itertools import pairwise

import numpy as np
import pytest
from compare import assert_close
from hypothesis import given
from hypothesis import strategies as st
from strategies import (
    SMOOTH,
    assume_condition,
    deepened,
    invertible,
    left_over,
    outputs,
    problems,
    random_targets,
    seeds,
    small_problems,
    spd,
    widened,
)

from sennpy.curvature.fisher import fisher, fisher_matrix, output_directions
from sennpy.curvature.natural_gradient import Damping, natural_gradient
from sennpy.expansion.eta import (
    conjugate_score,
    delta_eta_dense,
    natural_expansion_score,
    network_score,
    projected_score,
)
from sennpy.expansion.grow import widen
from sennpy.expansion.moments import CUTOFF
from sennpy.nn.losses import SoftmaxCrossEntropy, SquaredError
from sennpy.nn.mlp import MLP


def eta_of(net, X, g_y):
    """The score of a real network."""
    return projected_score(net.jacobian(net.forward(X)), g_y)


def projection(J, g_y):
    """(1/N) ||P g_y||^2 as lambda less what QR (with `left_over`) leaves: full column rank only."""
    rest = left_over(J.reshape(-1, J.shape[-1]), g_y.reshape(-1, 1))
    return ((g_y**2).sum() - (rest**2).sum()) / len(g_y)


# --- Two forms of one number ---------------------------------------------------------------------


def test_the_score_on_the_board():  # eq. (3)
    """One linear neuron y = w x + b at x = -1, 0, 1 with g_y = (1, 0, 0): F = diag(2, 3) / 3."""
    F, g = np.diag([2 / 3, 1]), np.array([-1 / 3, 1 / 3])
    J = np.array([[-1.0, 1.0], [0.0, 1.0], [1.0, 1.0]])
    assert natural_expansion_score(F, g) == pytest.approx(5 / 18, rel=1e-14)
    assert projected_score(J, np.array([1.0, 0, 0]), N=3) == pytest.approx(5 / 18, rel=1e-14)


@given(outputs())
def test_both_forms_agree(case):  # eq. (3)
    dense = natural_expansion_score(case.F, case.g)
    assert_close(dense, projected_score(case.J, case.g_y), 1e-10, scale=case.lam)


@given(outputs("columns"))
def test_the_score_is_the_part_of_lambda_that_a_regression_explains(case):  # eq. (3)
    assert_close(projected_score(case.J, case.g_y), projection(case.J, case.g_y), scale=case.lam)


@given(small_problems(activations=SMOOTH))
def test_both_forms_agree_on_real_networks(problem):  # eq. (3)
    net, X, _ = problem
    J, g_y = net.jacobian(problem.trace), problem.output_like()
    assume_condition(J.reshape(-1, J.shape[-1]))
    g = net.vjp(problem.trace, g_y) / len(X)
    lam = (g_y**2).sum() / len(X)
    assert_close(
        natural_expansion_score(fisher(net, X), g), projected_score(J, g_y), 1e-10, scale=lam
    )


@given(outputs())
def test_stacked_arrays_are_the_same_ones(case):  # eq. (3)
    """The paper's own stacking is (N m, P) and (N m,), which does not tell N."""
    expected, N = projected_score(case.J, case.g_y), len(case.J)
    flat = case.g_y.ravel()
    assert projected_score(case.flat, flat, N=N) == expected
    assert projected_score(case.flat, flat, N=1) == pytest.approx(N * expected, rel=1e-14)
    for J, g_y in [(case.flat, case.g_y), (case.J, flat)]:
        assert projected_score(J, g_y) == expected
        assert projected_score(J, g_y, N=N) == expected


# --- Its bounds ----------------------------------------------------------------------------------


@given(outputs())
def test_the_score_lies_between_zero_and_lambda(case):  # Lemma A.1
    assert 0 <= projected_score(case.J, case.g_y) <= case.lam * (1 + 1e-13)
    assert 0 <= natural_expansion_score(case.F, case.g) <= case.lam * (1 + 1e-10)


@given(outputs("rows"))
def test_the_score_is_lambda_when_the_outputs_can_move_freely(case):  # Lemma A.1
    assert_close(projected_score(case.J, case.g_y), case.lam)
    assert_close(natural_expansion_score(case.F, case.g), case.lam, 1e-10)


@given(outputs())
def test_the_score_is_zero_when_no_parameter_sees_the_gradient(case):  # Lemma A.1
    U, s, _ = np.linalg.svd(case.flat)
    unseen = U[:, (s > 1e-9 * s[0]).sum() :].sum(axis=1)
    assert projected_score(case.J, unseen.reshape(case.g_y.shape)) < 1e-24
    assert natural_expansion_score(case.F, np.zeros(case.F.shape[0])) == 0
    assert natural_expansion_score(0 * case.F, 0 * case.g) == 0


# --- What it is blind to -------------------------------------------------------------------------


@given(outputs())
def test_reparametrisation_does_not_change_the_score(case):  # eq. (3)
    T = invertible(case.J.shape[-1], case.rng)
    assume_condition(case.flat @ T)
    eta = projected_score(case.J, case.g_y)
    assert_close(projected_score(case.J @ T, case.g_y), eta, 1e-10, scale=case.lam)
    transformed = natural_expansion_score(T.T @ case.F @ T, T.T @ case.g)
    assert_close(transformed, eta, 1e-10, scale=case.lam)


@given(outputs())
def test_the_units_of_the_parameters_do_not_matter(case):  # eq. (3)
    """A cut-off that is not relative to each parameter would see them."""
    units = 10.0 ** case.rng.integers(-12, 13, case.J.shape[-1])
    eta = projected_score(case.J, case.g_y)
    scaled = case._replace(J=case.J * units)
    assert_close(projected_score(scaled.J, case.g_y), eta, 1e-10, scale=case.lam)
    assert_close(natural_expansion_score(scaled.F, scaled.g), eta, 1e-10, scale=case.lam)


@given(outputs())
def test_the_score_is_measured_in_units_of_the_loss(case):  # eq. (3)
    for s in (1e-9, 3.0, 1e9):
        assert_close(projected_score(case.J, s * case.g_y), s**2 * projected_score(*case[:2]))
        assert_close(
            natural_expansion_score(case.F, s * case.g),
            s**2 * natural_expansion_score(case.F, case.g),
        )


@given(outputs())
def test_the_order_of_the_samples_does_not_matter(case):
    order = case.rng.permutation(len(case.J))
    eta = projected_score(case.J, case.g_y)
    assert_close(projected_score(case.J[order], case.g_y[order]), eta, scale=case.lam)


@given(outputs())
def test_a_rotation_of_the_outputs_does_not_change_the_score(case):  # eq. (3)
    Q = np.linalg.qr(case.rng.standard_normal((case.g_y.shape[1],) * 2))[0]
    rotated = projected_score(np.einsum("om,nmp->nop", Q, case.J), case.g_y @ Q.T)
    assert_close(rotated, projected_score(case.J, case.g_y), scale=case.lam)


@given(outputs())
def test_a_duplicated_parameter_does_not_change_the_score(case):  # eq. (3)
    twice = case._replace(J=np.concatenate([case.J, case.J[..., :1]], axis=-1))
    eta = projected_score(case.J, case.g_y)
    assert_close(projected_score(twice.J, case.g_y), eta, scale=case.lam)
    assert_close(natural_expansion_score(twice.F, twice.g), eta, 1e-10, scale=case.lam)


@given(outputs("columns"))
def test_rounding_in_a_redundant_parameter_is_no_new_direction(case):  # eq. (3)
    first, other = case.J[..., :1], 100 * case.J[..., 1:2]
    redundant = np.concatenate([first, (first + other) - other], axis=-1)
    expected = projected_score(first, case.g_y)
    assert_close(projected_score(redundant, case.g_y), expected, scale=case.lam)


# --- Growing can only raise it -------------------------------------------------------------------


@given(outputs(), st.integers(1, 4))
def test_another_parameter_never_lowers_the_score(case, k):  # eq. (3)
    more = case.rng.standard_normal((*case.g_y.shape, k))
    grown = projected_score(np.concatenate([case.J, more], axis=-1), case.g_y)
    assert grown >= projected_score(case.J, case.g_y) - 1e-12 * case.lam


@given(st.one_of(widened(), deepened()))
def test_growing_never_lowers_the_score_of_a_real_network(case):  # (E1), (E2), eq. (3)
    net, X, rng, grown, _ = case
    g_y = rng.standard_normal(net(X).shape)
    lam = (g_y**2).sum() / len(X)
    Js = [n.jacobian(n.forward(X)).reshape(g_y.size, -1) for n in (net, grown)]
    assume_condition(*Js, below=1e4)
    assert eta_of(net, X, g_y) - 1e-10 * lam <= eta_of(grown, X, g_y) <= lam * (1 + 1e-12)


def test_a_neuron_raises_the_score_of_a_network_that_it_can_help():  # (E1), eq. (3)
    rng = np.random.default_rng(0)
    net, X, g_y = MLP.random((2, 1, 1), rng=rng), *rng.standard_normal((2, 30, 2))
    grown = widen(net, 0, rng.standard_normal((3, 1)), rng.standard_normal((3, 1)))
    assert eta_of(grown, X, g_y[:, :1]) > 1.05 * eta_of(net, X, g_y[:, :1])


# --- What it predicts ----------------------------------------------------------------------------


@given(problems(hidden=(0, 0), max_width=4, samples=(8, 20)))
def test_the_natural_step_of_a_quadratic_loss_drops_it_by_half_the_score(problem):  # (E4)
    net, X, _ = problem
    t, loss, F = problem.output_like(), SquaredError(), fisher(net, X)
    assume_condition(F)
    g = net.vjp(problem.trace, loss.gradient(net(X), t)) / len(X)
    after = net.replace(net.parameters - np.linalg.solve(F, g))
    drop = loss.value(net(X), t) - loss.value(after(X), t)
    assert_close(drop, natural_expansion_score(F, g) / 2, scale=loss.value(net(X), t))
    g_after = after.vjp(after.forward(X), loss.gradient(after(X), t)) / len(X)
    assert natural_expansion_score(F, g_after) < 1e-20 * natural_expansion_score(F, g)


@given(problems(hidden=(0, 0), max_width=3, outputs=(1, 2), samples=(8, 12)))
def test_along_the_natural_flow_the_loss_falls_like_exp_minus_two_t(problem):  # (E4)
    net, X, _ = problem
    t, loss, F = problem.output_like(), SquaredError(), fisher(net, X)
    assume_condition(F)

    def gradient(theta):
        moved = net.replace(theta)
        return moved.vjp(moved.forward(X), loss.gradient(moved(X), t)) / len(X)

    def velocity(theta):
        return -np.linalg.solve(F, gradient(theta))

    theta, h, times = net.parameters, 0.01, (0, 40, 80)
    eta, least = [natural_expansion_score(F, gradient(theta))], theta + velocity(theta)
    above = [loss.value(net(X), t) - loss.value(net.replace(least)(X), t)]
    for start, stop in pairwise(times):
        for _ in range(start, stop):  # Runge-Kutta, whose error here is h^4 / 120 a unit of time
            k1 = velocity(theta)
            k2 = velocity(theta + h / 2 * k1)
            k3 = velocity(theta + h / 2 * k2)
            theta = theta + h / 6 * (k1 + 2 * k2 + 2 * k3 + velocity(theta + h * k3))
        eta.append(natural_expansion_score(F, gradient(theta)))
        above.append(loss.value(net.replace(theta)(X), t) - loss.value(net.replace(least)(X), t))
    decay = np.exp(-2 * h * np.array(times))
    assert_close(above, eta[0] / 2 * decay, 1e-9, scale=eta[0])
    assert_close(eta, eta[0] * decay, 1e-9)


# --- The exact increase --------------------------------------------------------------------------


@given(outputs(), st.data())
def test_the_exact_increase_is_the_difference_of_two_scores(case, data):  # (E5)
    k = data.draw(st.integers(1, case.J.shape[-1] - 1), label="num_current")
    assume_condition(case.flat[:, :k])
    expected = projected_score(case.J, case.g_y) - projected_score(case.J[..., :k], case.g_y)
    assert_close(delta_eta_dense(case.F, case.g, k), expected, 1e-10, scale=case.lam)


@given(st.one_of(widened(), deepened()))
def test_the_exact_increase_of_a_grown_network_is_the_difference_of_two_scores(case):  # (E5)
    net, X, rng, grown, is_new = case
    g_y, order = rng.standard_normal(net(X).shape), np.argsort(is_new, kind="stable")
    trace = grown.forward(X)
    J = grown.jacobian(trace).reshape(-1, grown.num_parameters)
    assume_condition(J, J[:, ~is_new], below=300)
    F, g = fisher(grown, X)[np.ix_(order, order)], grown.vjp(trace, g_y)[order] / len(X)
    assert (~is_new).sum() == net.num_parameters
    expected = eta_of(grown, X, g_y) - eta_of(net, X, g_y)
    increase = delta_eta_dense(F, g, net.num_parameters)
    assert_close(increase, expected, 1e-10, scale=(g_y**2).sum() / len(X))


@given(outputs("columns"), st.integers(0, 2))
def test_redundant_parameters_add_nothing_to_the_exact_increase(case, where):  # (E5)
    """A new parameter that repeats a current one, a current one twice, a new one twice."""
    J, new = case.J, case.rng.standard_normal((*case.g_y.shape, 1))
    old = J[..., :1]
    assume_condition(np.concatenate([J, new], axis=-1).reshape(case.g_y.size, -1))
    k, expected = J.shape[-1], projected_score(np.concatenate([J, new], axis=-1), case.g_y)
    expected -= projected_score(J, case.g_y)
    parts = [(J, -3 * old, new), (J, old, new), (J, new, 2 * new)][where]
    current = k + (where == 1)
    J = np.concatenate(parts, axis=-1).reshape(case.g_y.size, -1)
    F, g = J.T @ J / len(case.g_y), J.T @ case.g_y.ravel() / len(case.g_y)
    assert_close(delta_eta_dense(F, g, current), expected, 1e-9, scale=case.lam)


def test_a_parameter_that_is_redundant_but_for_rounding_adds_nothing():  # (E5)
    """Its Schur complement is 1e-16 of it, its r likewise: their ratio would be anything."""
    rng = np.random.default_rng(0)
    J, g_y = rng.standard_normal((30, 4)), rng.standard_normal(30)
    J = np.column_stack([J, (J[:, 0] + 1e3 * J[:, 1]) - 1e3 * J[:, 1], J @ [1, 1, -1, 0.1]])
    F, g = J.T @ J / 30, J.T @ g_y / 30
    assert abs(delta_eta_dense(F, g, 4)) < 1e-12 * (g_y @ g_y)


@given(seeds, st.integers(1, 5), st.integers(1, 3))
def test_the_bound_without_the_schur_complement_is_a_lower_one(seed, n_c, n_p):  # (E5)
    rng = np.random.default_rng(seed)
    F, g = spd(n_c + n_p, rng), rng.standard_normal(n_c + n_p)
    r = g[n_c:] - F[n_c:, :n_c] @ np.linalg.solve(F[:n_c, :n_c], g[:n_c])
    bound = r @ np.linalg.solve(F[n_c:, n_c:], r)
    assert 0 <= bound <= delta_eta_dense(F, g, n_c) * (1 + 1e-12)


def test_without_the_residual_it_is_no_bound():  # (E5)
    """A parameter that nearly repeats another, with the gradient that goes with it."""
    F, g = np.array([[1.0, 0.9], [0.9, 1.0]]), np.array([1.0, 0.9])
    assert abs(delta_eta_dense(F, g, 1)) < 1e-15
    assert g[1] ** 2 / F[1, 1] > 0.8


# --- Of a network too large for F ----------------------------------------------------------------


def scene(sizes, N, kind, steps, seed=0):
    """A network trained for some steps, its trace, the output directions and the gradient."""
    rng = np.random.default_rng(seed)
    net, X = MLP.random(sizes, rng=rng), rng.standard_normal((N, sizes[0]))
    loss = SoftmaxCrossEntropy() if kind == "true" else SquaredError()
    t = random_targets(loss, N, sizes[-1], rng)
    for _ in range(steps):
        n = natural_gradient(net, X, t, loss, kind=kind, damping=Damping(0.1))
        net = net.replace(net.parameters - 0.3 * n.direction)
    trace = net.forward(X)
    u = output_directions(trace.outputs, kind, loss, t)
    return net, trace, u, net.vjp(trace, loss.gradient(trace.outputs, t)) / N


@pytest.mark.parametrize(
    "sizes, N, kind, steps",
    [
        ((5, 12, 12, 3), 200, "euclidean", 0),  # 339 parameters
        ((5, 12, 12, 3), 200, "true", 5),
        ((3, 30, 20, 4), 60, "euclidean", 0),  # 974, and 240 outputs: F is singular
        ((8, 25, 25, 3), 300, "true", 3),  # 1103
        ((8, 30, 30, 3), 300, "euclidean", 2),  # 1473
    ],
)
def test_the_score_without_f_is_the_one_with_it(sizes, N, kind, steps):  # eq. (3)
    """To the tolerance with the same ridge; the cut of `whitener` differs from it by more."""
    net, trace, u, g = scene(sizes, N, kind, steps)
    F = fisher_matrix(trace, u)
    eta = network_score(net, trace, u, g, largest_dense=2000)
    assert eta == pytest.approx(natural_expansion_score(F, g), rel=1e-12)
    eigenvalues, V = np.linalg.eigh(F)
    ridged = ((V.T @ g) ** 2 / (eigenvalues + CUTOFF * eigenvalues.mean())).sum()
    free = network_score(net, trace, u, g, tolerance=1e-3, largest_dense=0)
    assert_close(free, ridged, 1e-3)
    assert_close(free, eta, 1e-2)


def test_the_route_to_the_score_changes_at_a_size_that_is_an_argument():
    net, *rest = scene((3, 2), 20, "euclidean", 0)
    P = net.num_parameters
    dense, free = (network_score(net, *rest, largest_dense=size) for size in (P, P - 1))
    assert dense == network_score(net, *rest)
    assert_close(free, dense, 1e-10)
    assert free != dense


@given(seeds, st.integers(1, 30), st.integers(-12, 12))
def test_conjugate_gradients_gain_the_score_step_by_step(seed, n, exponent):  # eq. (3)
    rng = np.random.default_rng(seed)
    S, g, rough = spd(n, rng), 10.0**exponent * rng.standard_normal(n), spd(n, rng)
    score = conjugate_score(lambda v: S @ v, g, lambda r: rough @ r, tolerance=1e-12)
    assert_close(score, g @ np.linalg.solve(S, g), 1e-10)
    assert conjugate_score(lambda v: S @ v, 0 * g, lambda r: rough @ r, 1e-3) == 0


# --- What is refused -----------------------------------------------------------------------------


NET = MLP.random((1, 2), rng=0)


@pytest.mark.parametrize(
    "score, arguments, message",
    [
        (natural_expansion_score, (np.eye(2), np.ones(3)), r"g has shape \(3,\), expected \(P,\)"),
        (natural_expansion_score, (np.ones((2, 3)), np.ones(3)), r"F has shape \(2, 3\)"),
        (natural_expansion_score, (np.eye(2) * np.nan, np.ones(2)), r"F must be finite"),
        (projected_score, (np.ones((4, 2)), np.ones(3)), r"J has shape \(4, 2\) and g_y \(3,\)"),
        (projected_score, (np.ones(4), np.ones(4)), r"expected \(N m, P\) or \(N, m, P\)"),
        (projected_score, (np.ones((4, 2)), np.ones(4)), r"say how many samples .*\(N=4 for one"),
        (projected_score, (np.ones((4, 2)), np.ones(4), 3), r"N is 3, expected the number of samp"),
        (projected_score, (np.ones((4, 2)), np.ones((4, 1)), 2), r"N is 2, expected the number of"),
        (
            network_score,
            (NET, None, None, np.ones(3)),
            r"gradient has shape \(3,\), expected \(4,\)",
        ),
        (
            network_score,
            (NET, None, None, np.ones(4), 0.0),
            r"tolerance is 0.0, expected .* above 0",
        ),
        (delta_eta_dense, (np.eye(2), np.ones(2), 2), r"num_current is 2, expected 1 to 1"),
        (delta_eta_dense, (np.eye(2), np.ones(2), 0), r"num_current is 0, expected 1 to 1"),
    ],
)
def test_bad_input_is_refused_in_words_that_help(score, arguments, message):
    with pytest.raises(ValueError, match=message):
        score(*arguments)
