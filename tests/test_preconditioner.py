"""Preconditioned conjugate gradients: the same solution in fewer steps."""

import numpy as np
import pytest
from compare import assert_close
from hypothesis import given
from runs import SOFTMAX, changed, moons
from strategies import objectives

from sennpy import MLP, SENN, Damping, Rational, ReLU, Settings, SquaredError, natural_gradient
from sennpy.curvature.fisher import KINDS, fisher, output_directions
from sennpy.curvature.natural_gradient import solve
from sennpy.curvature.preconditioner import positive, preconditioner
from sennpy.curvature.solvers import conjugate_gradient
from sennpy.training import optimiser


def digits_like(N=80, n=30, sizes=(8, 4), seed=0):
    """A network on inputs as badly scaled as pixels are."""
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((N, n)) * np.logspace(1, -2, n)
    return MLP.random((n, *sizes), rng=rng), X, rng.integers(0, sizes[-1], N)


@pytest.mark.parametrize("kind", KINDS)
@given(objective=objectives())
def test_preconditioning_does_not_change_the_solution(kind, objective):  # section 7
    net, X, loss, t = objective
    dense = natural_gradient(net, X, t, loss, "dense", kind, Damping(0.3), rng=4)
    pcg = natural_gradient(
        net, X, t, loss, "pcg", kind, Damping(0.3), rng=4, max_iterations=2000, tolerance=1e-13
    )
    assert_close(pcg.direction, dense.direction, 1e-8)


@pytest.mark.parametrize("seed", range(5))
def test_its_first_three_steps_are_worth_more_than_six_without(seed):
    """In the decrease g^T n - n^T (F + d I) n / 2 of the quadratic model."""
    net, X, t = digits_like(N=300, seed=seed)
    damped = fisher(net, X) + 0.1 * np.eye(net.num_parameters)

    def decrease(solver, k):
        n, g, *_ = natural_gradient(net, X, t, SOFTMAX, solver, max_iterations=k)
        return g @ n - n @ damped @ n / 2

    assert decrease("pcg", 3) > decrease("cg", 6)


def test_it_is_exact_for_a_linear_network_with_squared_error():  # (E6)
    net, X, _ = digits_like(sizes=(4,))
    t = np.random.default_rng(1).standard_normal((len(X), 4))
    pcg = natural_gradient(net, X, t, SquaredError(), "pcg", max_iterations=1)
    assert pcg.residual < 1e-10


@pytest.mark.parametrize("activation", [Rational(), ReLU()], ids=repr)
def test_it_is_symmetric_and_positive_definite(activation):
    net = MLP.random((3, 4, 2), activation, rng=0)
    trace = net.forward(np.random.default_rng(1).standard_normal((20, 3)))
    M = preconditioner(trace, output_directions(trace.outputs), 0.1)
    P = np.column_stack([M(net, e) for e in np.eye(net.num_parameters)])
    assert_close(P, P.T)
    assert np.linalg.eigvalsh(P).min() > 0


def test_each_neurons_number_is_the_mean_diagonal_of_its_block():
    net = MLP.random((3, 4, 2), rng=0)
    X = np.random.default_rng(1).standard_normal((20, 3))
    trace = net.forward(X)
    M = preconditioner(trace, output_directions(trace.outputs), 0.1)
    blocks = np.diag(fisher(net, X))[16:28].reshape(3, 4)
    assert_close(M.neurons[0], blocks.mean(axis=0) + 0.1)


def test_coefficients_are_not_moved_along_themselves_by_an_old_preconditioner():
    """sigma sees only their direction, and the gradient is orthogonal to them: so is the step."""
    net, X, t = digits_like()
    trace = net.forward(X)
    M = preconditioner(trace, output_directions(trace.outputs), 0.1)
    moved = net.replace(net.parameters + 0.1)
    at = moved.forward(X)
    _, step = net.split(M(moved, moved.vjp(at, SOFTMAX.gradient(at.outputs, t))))
    along = (step[0] * moved.coefficients[0]).sum(axis=0)
    assert np.abs(along).max() < 1e-12 * np.abs(step[0]).max()


def test_curvature_that_is_rounding_is_lifted():
    eps = np.finfo(float).eps
    assert positive(np.array([4.0, 0.0, 2 * eps, 6 * eps])).tolist() == [
        4.0, 4 * eps, 4 * eps, 6 * eps,
    ]  # fmt: skip
    assert positive(np.array([4.0, -1.0], dtype=np.float32))[1] == 4 * np.finfo(np.float32).eps
    assert positive(np.zeros(2)).tolist() == [1.0, 1.0]


def test_a_perfect_preconditioner_needs_one_step():
    A = np.diag([1.0, 10.0, 1000.0])
    x, steps, residual = conjugate_gradient(A.dot, np.ones(3), 0.0, 10, 1e-12, np.linalg.inv(A).dot)
    assert steps == 1 and residual <= 1e-12
    assert_close(x, [1, 0.1, 0.001])


# --- In training ---------------------------------------------------------------------------------

SETTINGS = changed(
    Settings.by_thresholds(), epochs=6, cooldown=2, tau=0.1, alpha=0.003, max_depth=1, solver="pcg",
    batch_size=16, step_size=0.5, proposer="random",
)  # fmt: skip


def steps(monkeypatch, settings):
    """How often a training made a preconditioner, how often it was used, and the history."""
    made, used = [], []

    def making(*given):
        made.append(given)
        return preconditioner(*given)

    def solving(*given, precondition=None):
        used.append(precondition is not None)
        return solve(*given, precondition=precondition)

    monkeypatch.setattr(optimiser, "preconditioner", making)
    monkeypatch.setattr(optimiser, "solve", solving)
    _, history = SENN(SOFTMAX, settings).fit(MLP.random((2, 2, 2), rng=0), *moons(64))
    return len(made), sum(used), history


@pytest.mark.parametrize("refresh, made", [(1, 12), (5, 3), (12, 1), (20, 1)])
def test_the_preconditioner_is_kept_for_so_many_steps(monkeypatch, refresh, made):
    settings = changed(SETTINGS, refresh=refresh, epochs=3, cooldown=9)
    assert steps(monkeypatch, settings)[:2] == (made, 3 * 4)


def test_a_network_that_grew_gets_a_new_one(monkeypatch):
    made, _, history = steps(monkeypatch, changed(SETTINGS, refresh=100))
    assert made == 1 + len({addition.epoch for addition in history.additions}) > 1


def test_a_network_grows_under_it_and_learns():
    X, t = moons(64)
    start = MLP.random((2, 1, 2), rng=0)
    net, history = SENN(SOFTMAX, changed(SETTINGS, epochs=20)).fit(start, X, t)
    assert history.additions and net.sizes[1] == 1 + len(history.additions)
    assert SOFTMAX.value(net(X), t) < 0.5 * SOFTMAX.value(start(X), t)
