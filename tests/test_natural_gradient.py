"""The natural gradient: its solvers, its three ways of damping, and what they refuse."""

import pickle
from dataclasses import dataclass

import numpy as np
import pytest
from compare import assert_close
from hypothesis import assume, given
from scipy.linalg import block_diag
from strategies import objectives, small_problems

from sennpy.curvature import natural_gradient as module
from sennpy.curvature.fisher import KINDS, fisher
from sennpy.curvature.kfac import kronecker_factors
from sennpy.curvature.natural_gradient import Damping, chosen_solver, natural_gradient
from sennpy.curvature.solvers import SingularCurvature, semidefinite_eigh, solve_damped
from sennpy.nn.activations import Rational, ReLU, Tanh
from sennpy.nn.losses import Loss, SoftmaxCrossEntropy, SquaredError
from sennpy.nn.mlp import MLP

every_kind = pytest.mark.parametrize("kind", KINDS)
every_solver = pytest.mark.parametrize("solver", ["dense", "cg", "pcg", "kfac"])
UNDAMPED = Damping(0.0)
WAYS = [("dense", "exact"), ("cg", "exact"), ("kfac", "exact"), ("kfac", "factored")]


def gradient(net, X, t, loss):
    """g = J^T g_y / N with J dense."""
    trace = net.forward(X)
    J = net.jacobian(trace)
    return np.einsum("nop,no->p", J, loss.gradient(trace.outputs, t)) / len(X)


def example(seed=0, sizes=(2, 3, 2), N=6, activation=Rational()):
    """A network, inputs and real targets."""
    rng = np.random.default_rng(seed)
    net = MLP.random(sizes, activation, rng)
    return net, rng.standard_normal((N, sizes[0])), rng.standard_normal((N, sizes[-1]))


@dataclass(frozen=True)
class Scaled(Loss):
    """`factor` times another loss."""

    loss: object
    factor: float

    def gradient(self, y, t):
        return self.factor * self.loss.gradient(y, t)

    def metric_root(self, y):
        return self.factor**0.5 * self.loss.metric_root(y)


# --- One step ------------------------------------------------------------------------------------


def test_three_points_on_the_board():
    """From theta = 0, one step fits t = 1, 2, 4 at (0, 0), (1, 0), (0, 1): b = 1, w = (1, 3)."""
    net = MLP(([[0.0], [0.0], [0.0]],))
    X, t = [[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]], [[1.0], [2.0], [4.0]]
    step = natural_gradient(net, X, t, SquaredError(), damping=UNDAMPED)
    assert_close(step.gradient, [-2 / 3, -4 / 3, -7 / 3])
    assert_close(net.parameters - step.direction, [1.0, 3.0, 1.0])


@every_solver
@given(problem=small_problems(hidden=(0, 0), samples=(12, 20)))
def test_one_undamped_step_solves_linear_least_squares(solver, problem):  # (E4)
    net, X, _ = problem
    t, loss = problem.output_like(), SquaredError()
    step = natural_gradient(net, X, t, loss, solver, damping=UNDAMPED, tolerance=1e-14)
    solved = net.replace(net.parameters - step.direction)
    a = np.hstack([X, np.ones((len(X), 1))])
    best = a @ np.linalg.lstsq(a, t, rcond=None)[0]
    assert np.abs(gradient(solved, X, t, loss)).max() <= 1e-10 * np.abs(step.gradient).max()
    assert loss.value(solved(X), t) == pytest.approx(loss.value(best, t), rel=1e-10)


# --- Solvers -------------------------------------------------------------------------------------


@every_kind
@given(objective=objectives())
def test_dense_solves_with_the_damped_fisher_matrix(kind, objective):
    net, X, loss, t = objective
    step = natural_gradient(net, X, t, loss, "dense", kind, Damping(0.3), rng=4)
    F, g = fisher(net, X, kind, loss, t, rng=4), gradient(net, X, t, loss)
    assert_close(step.gradient, g)
    assert_close(step.direction, np.linalg.solve(F + 0.3 * np.eye(len(F)), g), 1e-10)
    assert (step.damping, step.iterations, step.residual) == (0.3, 0, 0.0)


@every_kind
@given(objective=objectives())
def test_conjugate_gradients_reach_the_dense_solution(kind, objective):  # section 7
    net, X, loss, t = objective
    dense = natural_gradient(net, X, t, loss, "dense", kind, Damping(0.3), rng=4)
    cg = natural_gradient(
        net, X, t, loss, "cg", kind, Damping(0.3), rng=4, max_iterations=2000, tolerance=1e-13
    )
    assert_close(cg.direction, dense.direction, 1e-8)
    assert cg.residual <= 1e-13


@pytest.mark.parametrize("iterations", [1, 2, 5])
def test_conjugate_gradients_stop_when_told_and_report_their_residual(iterations):
    net, X, t = example()
    step = natural_gradient(net, X, t, SquaredError(), "cg", max_iterations=iterations)
    F, g = fisher(net, X), step.gradient
    residual = np.linalg.norm(F @ step.direction + 0.1 * step.direction - g) / np.linalg.norm(g)
    assert step.iterations == iterations
    assert step.residual == pytest.approx(residual, rel=1e-10)


@every_kind
@given(objective=objectives())
def test_kfac_solves_with_the_damped_blocks(kind, objective):  # (E6)
    net, X, loss, t = objective
    step = natural_gradient(net, X, t, loss, "kfac", kind, Damping(0.3), rng=4)
    blocks = []
    for A, G, K in kronecker_factors(net, X, kind, loss, t, rng=4):
        blocks += [np.kron(A, G)] + ([K] if K is not None and K.size else [])
    F = block_diag(*blocks)
    assert_close(step.direction, np.linalg.solve(F + 0.3 * np.eye(len(F)), step.gradient), 1e-10)


@every_kind
@given(objective=objectives())
def test_factored_damping_solves_with_damped_factors(kind, objective):  # section 9
    net, X, loss, t = objective
    damping = Damping(0.3, form="factored")
    step = natural_gradient(net, X, t, loss, "kfac", kind, damping, rng=4)
    blocks, root = [], 0.3**0.5
    for A, G, K in kronecker_factors(net, X, kind, loss, t, rng=4):
        assume(np.trace(G) > 0)  # a dead layer: next test
        pi = np.sqrt(np.trace(A) / len(A) / (np.trace(G) / len(G)))
        A_damped, G_damped = A + pi * root * np.eye(len(A)), G + root / pi * np.eye(len(G))
        blocks.append(np.kron(A_damped, G_damped))
        if K is not None and K.size:
            blocks.append(K + 0.3 * np.eye(len(K)))
    assert_close(step.direction, np.linalg.solve(block_diag(*blocks), step.gradient), 1e-10)


@pytest.mark.parametrize("largest, solver, steps", [(10**6, "dense", 0), (1, "pcg", 7)])
def test_auto_chooses_by_size(largest, solver, steps, monkeypatch):
    net, X, t = example()
    monkeypatch.setattr(module, "LARGEST_DENSE", largest)
    options = {"kind": "true", "max_iterations": 7, "tolerance": 0.0}
    auto, told = (
        natural_gradient(net, X, t, SquaredError(), s, **options) for s in ("auto", solver)
    )
    assert auto.direction.tobytes() == told.direction.tobytes()
    assert auto.iterations == steps


@pytest.mark.parametrize(
    "solver, rows, P, chosen",
    [
        ("auto", 2000, 2000, "dense"), ("auto", 2001, 2000, "pcg"), ("auto", 18_000, 4810, "pcg"),
        ("cg", 1, 1, "cg"), ("dense", 10**6, 10**6, "dense"), ("kfac", 10**6, 10**6, "kfac"),
    ],
)  # fmt: skip
def test_auto_is_dense_up_to_four_million_entries(solver, rows, P, chosen):
    assert chosen_solver(solver, rows, P) == chosen


def test_auto_makes_no_large_fisher_matrix_of_few_samples():
    """F (P, P) is what solver "dense" keeps, not J (N m, P)."""
    rng = np.random.default_rng(0)
    net, X = MLP.random((700, 3, 1), rng=rng), rng.standard_normal((2, 700))
    assert net.num_parameters > 2000 and 2 * net.num_parameters < module.LARGEST_DENSE
    assert natural_gradient(net, X, net(X) + 1, SquaredError(), "auto").iterations > 0


@pytest.mark.parametrize("form", ["exact", "factored"])
def test_a_layer_that_reaches_no_output_does_not_move(form):
    net = MLP(([[1.0], [-9.0]], [[1.0], [0.0]]), (np.zeros((0, 1)),), ReLU())  # z = x - 9
    step = natural_gradient(
        net, [[1.0], [2.0]], [[1.0], [3.0]], SquaredError(), "kfac", damping=Damping(0.5, form=form)
    )
    assert step.direction[:3].tolist() == [0.0, 0.0, 0.0]
    assert step.direction[3] < 0


def test_exact_and_factored_damping_are_different_things():  # section 9
    net, X, t = example()
    exact, factored = (
        natural_gradient(net, X, t, SquaredError(), "kfac", damping=Damping(0.1, form=form))
        for form in ("exact", "factored")
    )
    difference = np.linalg.norm(exact.direction - factored.direction)
    assert difference > 0.05 * np.linalg.norm(exact.direction)


@every_solver
def test_no_gradient_gives_no_direction(solver):
    net, X, _ = example()
    step = natural_gradient(net, X, net(X), SquaredError(), solver)
    assert not step.direction.any() and step.residual == 0


@pytest.mark.parametrize("solver, form", WAYS)
@pytest.mark.parametrize("scale", ["absolute", "relative"])
@pytest.mark.parametrize("activation", [Rational(), Tanh(), ReLU()], ids=repr)
def test_float32_stays_float32_in_every_solver(solver, form, scale, activation):
    net, X, t = example(activation=activation)
    single, x, s = net.astype(np.float32), X.astype(np.float32), t.astype(np.float32)
    loss, damping = SquaredError(), Damping(0.1, scale, form)
    step = natural_gradient(single, x, s, loss, solver, damping=damping)
    assert step.direction.dtype == step.gradient.dtype == np.float32
    double = natural_gradient(net, X, t, loss, solver, damping=damping)
    assert_close(step.direction, double.direction, 1e-3)


def test_equal_seeds_give_equal_bytes_and_other_seeds_do_not():
    net, X, t = example()
    steps = [
        natural_gradient(net, X, t, SquaredError(), "cg", "sampled", rng=seed).direction.tobytes()
        for seed in (1, 1, 2)
    ]
    assert steps[0] == steps[1] != steps[2]


# --- Relative damping ----------------------------------------------------------------------------


@every_kind
@given(objective=objectives())
def test_relative_damping_is_in_units_of_the_mean_diagonal(kind, objective):
    net, X, loss, t = objective
    step = natural_gradient(net, X, t, loss, "dense", kind, Damping(0.2, "relative"), rng=4)
    F = fisher(net, X, kind, loss, t, rng=4)
    assert step.damping == pytest.approx(0.2 * np.trace(F) / len(F), rel=1e-12)
    damped = F + step.damping * np.eye(len(F))
    assert_close(step.direction, np.linalg.solve(damped, step.gradient), 1e-10)


# With l -> c l the gradient scales with c, and F with c^0 (euclidean), c^1 (true), c^2 (empirical):
# the direction (F + d I)^{-1} g then scales with c^1, c^0 and c^-1, if d scales as F does.
COVARIANT = {"euclidean": 1, "true": 0, "empirical": -1}


def scaled_direction(c, kind, damping, solver, loss):
    net, X, t = example()
    t = t if isinstance(loss, SquaredError) else np.arange(len(X)) % 2
    return natural_gradient(net, X, t, Scaled(loss, c), solver, kind, damping).direction


@pytest.mark.parametrize("solver, form", WAYS)
@pytest.mark.parametrize("kind", COVARIANT)
@pytest.mark.parametrize("loss", [SquaredError(), SoftmaxCrossEntropy()], ids=repr)
def test_relative_damping_makes_the_direction_covariant_in_the_unit_of_the_loss(
    solver, form, kind, loss
):
    one, tiny = (
        scaled_direction(c, kind, Damping(0.1, "relative", form), solver, loss) for c in (1, 1e-20)
    )
    assert_close(tiny, 1e-20 ** COVARIANT[kind] * one, 1e-8)


@pytest.mark.parametrize("solver, form", WAYS)
@pytest.mark.parametrize("kind", ["true", "empirical"])
def test_absolute_damping_depends_on_the_unit_of_the_loss(solver, form, kind):
    one, many = (
        scaled_direction(c, kind, Damping(0.1, "absolute", form), solver, SquaredError())
        for c in (1, 1e4)
    )
    many = many / 1e4 ** COVARIANT[kind]
    assert np.linalg.norm(many - one) > 0.1 * np.linalg.norm(one)


# --- What is refused -----------------------------------------------------------------------------


@pytest.mark.parametrize("solver", ["dense", "kfac"])
@given(problem=small_problems(hidden=(1, 2), samples=(20, 20), activations=(Rational(),)))
def test_undamped_rational_curvature_is_singular_and_refused(solver, problem):
    """sigma sees only the direction of (v, c, l), so a step along (v, c, l) changes nothing."""
    t = problem.output_like()
    with pytest.raises(SingularCurvature, match=r"is singular at damping 0; use a larger Damping"):
        natural_gradient(problem.net, problem.X, t, SquaredError(), solver, damping=UNDAMPED)


@pytest.mark.parametrize("solver, form", [WAYS[0], *WAYS[2:]])
@pytest.mark.parametrize("seed", range(20))
def test_an_input_given_twice_is_refused_undamped(solver, form, seed):
    net, X, t = example(seed, (3, 2), 30)
    X[:, 1] = X[:, 0]
    with pytest.raises(SingularCurvature, match=r"is singular at damping 0; use a larger Damping"):
        natural_gradient(net, X, t, SquaredError(), solver, damping=Damping(0.0, form=form))


def test_conjugate_gradients_need_no_damping_where_the_gradient_lies_in_the_range():  # eq. (3)
    net, X, t = example(sizes=(3, 2), N=30)
    X[:, 1] = X[:, 0]
    step = natural_gradient(net, X, t, SquaredError(), "cg", damping=UNDAMPED)
    assert_close(step.direction, np.linalg.pinv(fisher(net, X)) @ step.gradient, 1e-8)


def test_a_singular_curvature_is_one_error_that_survives_a_pickle():
    with pytest.raises(SingularCurvature) as caught:
        solve_damped(np.zeros((3, 3)), np.ones(3), 0.0)
    back = pickle.loads(pickle.dumps(caught.value))
    assert type(back) is SingularCurvature and str(back) == str(caught.value)
    assert isinstance(back, np.linalg.LinAlgError) and isinstance(back, ValueError)


@pytest.mark.parametrize("entry", [np.nan, np.inf])
def test_a_curvature_that_is_not_finite_is_singular(entry):
    for F in (np.diag([1.0, entry]), np.full((2, 2), entry)):
        with pytest.raises(SingularCurvature, match="the curvature has no eigenvalues: "):
            semidefinite_eigh(F)


def test_a_decomposition_that_fails_is_a_singular_curvature(monkeypatch):
    def eigh(_):
        raise np.linalg.LinAlgError("Eigenvalues did not converge")

    monkeypatch.setattr(np.linalg, "eigh", eigh)
    with pytest.raises(SingularCurvature, match="Eigenvalues did not converge"):
        semidefinite_eigh(np.eye(2))


def test_an_error_of_a_loss_of_ones_own_is_not_taken_for_a_singular_curvature():
    class Wrong(SquaredError):
        def gradient(self, y, t):
            raise ValueError("a bug of one's own")

    net, X, t = example()
    with pytest.raises(ValueError, match=r"^a bug of one's own$") as caught:
        natural_gradient(net, X, t, Wrong())
    assert not isinstance(caught.value, SingularCurvature)


def test_curvature_that_vanishes_is_refused_by_conjugate_gradients():
    net = MLP(([[2000.0, -2000.0], [0.0, 0.0]],))  # saturated, and wrong: p = (1, 0), label 1
    with pytest.raises(SingularCurvature, match=r"is singular at damping 0"):
        natural_gradient(net, [[1.0]], [1], SoftmaxCrossEntropy(), "cg", "true", UNDAMPED)


def refused(t=np.zeros((6, 2)), loss=SquaredError(), width=2, **options):
    """A call that should raise."""
    net, X, _ = example()
    return lambda: natural_gradient(net, X[:, :width], t, loss, **options)


REFUSED = {
    "solver": (
        refused(solver="lu"),
        r"solver is 'lu', expected one of 'dense', 'cg', 'pcg', 'kfac'",
    ),
    "kind": (refused(kind="fisher"), r"kind is 'fisher', expected one of 'euclidean'"),
    "loss": (refused(loss=None), r"natural_gradient needs a loss"),
    "targets": (refused(t=np.zeros(6)), r"t has shape \(6,\), but the outputs have shape \(6, 2\)"),
    "NaN targets": (refused(t=np.full((6, 2), np.nan)), r"t must be finite, but holds nan"),
    "width": (refused(width=1), r"X has 1 columns, but the network takes 2"),
    "steps": (refused(solver="cg", max_iterations=0), r"max_iterations is 0, expected an integer"),
    "tolerance": (refused(solver="cg", tolerance=-1.0), r"tolerance is -1.0, expected a number"),
    "dense factored": (
        refused(damping=Damping(form="factored")),
        r"factored damping needs solver 'kfac', not 'dense'; use form 'exact'",
    ),
    "cg factored": (
        refused(solver="cg", damping=Damping(form="factored")),
        r"factored damping needs solver 'kfac', not 'cg'; use form 'exact'",
    ),
    "negative": (lambda: Damping(-0.1), r"damping value is -0.1, expected a number at least 0"),
    "NaN damping": (lambda: Damping(np.nan), r"damping value is nan, expected"),
    "scale": (lambda: Damping(scale="percent"), r"damping scale is 'percent', expected one of"),
    "form": (lambda: Damping(form="diagonal"), r"damping form is 'diagonal', expected one of"),
}


@pytest.mark.parametrize("call, message", REFUSED.values(), ids=REFUSED)
def test_bad_input_is_refused_in_words_that_help(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize(
    "call, message",
    [
        (refused(damping=0.1), r"damping is 0.1, expected a Damping, as Damping\(0.1\)"),
        (refused(t=None), r"t has dtype object, expected real numbers"),
        (lambda: Damping("small"), r"damping value is 'small', expected a number"),
    ],
)
def test_wrong_types_are_refused_in_words_that_help(call, message):
    with pytest.raises(TypeError, match=message):
        call()


# --- From rows of J ------------------------------------------------------------------------------


def rows(N=4, m=2, P=12, seed=0):
    """A Jacobian (N, m, P) and output gradients (N, m)."""
    rng = np.random.default_rng(seed)
    return rng.standard_normal((N, m, P)), rng.standard_normal((N, m))


@pytest.mark.parametrize("P", [5, 8, 12])
@pytest.mark.parametrize("damping", [Damping(0.3), Damping(1e-4), Damping(0.2, "relative")])
def test_either_space_gives_the_damped_natural_gradient(P, damping):
    """(J^T J / N + d I)^{-1} g, whether J has more rows, as many or fewer than columns."""
    J, g_y = rows(P=P)
    F = np.einsum("nop,noq->pq", J, J) / 4
    d = damping.value * (np.trace(F) / P if damping.scale == "relative" else 1)
    step = module.gauss_newton(J, g_y, damping)
    g = np.einsum("nop,no->p", J, g_y) / 4
    assert_close(step.gradient, g)
    assert step.damping == pytest.approx(d, rel=1e-12)
    assert_close(step.direction, np.linalg.solve(F + d * np.eye(P), g), 1e-9)


def test_without_damping_fewer_rows_than_parameters_are_singular():
    """J J^T could be inverted all the same: a step in the range of J^T alone, silently."""
    with pytest.raises(SingularCurvature, match=r"12 by 12\) is singular at damping 0"):
        module.gauss_newton(*rows(), UNDAMPED)
    J, g_y = rows(N=20)
    step = module.gauss_newton(J, g_y, UNDAMPED)
    best = np.linalg.lstsq(J.reshape(40, 12), g_y.ravel(), rcond=None)[0]
    assert_close(step.direction, best, 1e-10)


def test_the_smaller_of_two_matrices_is_decomposed():
    assert module.cholesky_space(8, 12, Damping(0.1)) == "sample"
    assert module.cholesky_space(12, 12, Damping(0.1)) == "parameter"
    assert module.cholesky_space(8, 12, UNDAMPED) == "parameter"
