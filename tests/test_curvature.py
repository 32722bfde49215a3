"""The exactness ladder: where each curvature equals a matrix that is found another way."""

import tracemalloc

import numpy as np
import oracle
import pytest
from compare import assert_close, complex_step
from hypothesis import given
from strategies import objectives, seeds, small_problems

from sennpy.curvature.fisher import (
    CHUNK,
    KINDS,
    fisher,
    fisher_matrix,
    fisher_product,
    fisher_trace,
    output_directions,
)
from sennpy.curvature.kfac import factors, kronecker_factors
from sennpy.nn.activations import Rational, Tanh
from sennpy.nn.losses import SoftmaxCrossEntropy, SquaredError
from sennpy.nn.mlp import MLP

every_kind = pytest.mark.parametrize("kind", KINDS)


def layer_slices(net):
    """Per layer, where its weights and its coefficients lie in the flat vector, counted by hand."""
    places, start = [], 0
    for l, (n_in, n_out) in enumerate(zip(net.sizes[:-1], net.sizes[1:], strict=True)):
        count = net.activation.num_coefficients * n_out if l < len(net.sizes) - 2 else 0
        middle = start + (n_in + 1) * n_out
        places.append((slice(start, middle), slice(middle, middle + count)))
        start = middle + count
    return places


def hessian(net, X, t, output_gradient):
    """Hessian of the mean loss by complex step of its gradient."""

    def gradient(theta):
        moved = net.replace(theta)
        trace = moved.forward(X)
        return moved.vjp(trace, output_gradient(trace.outputs, t)) / len(X)

    return complex_step(gradient, net.parameters)


def linear(net):
    """The same weights with every activation the identity: a deep linear network."""
    identities = tuple(Rational().identity_coefficients(n) for n in net.sizes[1:-1])
    return MLP(net.weights, identities, Rational())


def oracle_fisher(net, X, metric):
    """F from the oracle's Jacobian and a metric (N, m, m), in scalar loops."""
    name = type(net.activation).__name__
    J = oracle.jacobian(net.parameters.tolist(), net.sizes, name, X.tolist())
    return np.array(oracle.fisher(J, np.asarray(metric).tolist()))


# --- The Fisher matrix ---------------------------------------------------------------------------


def test_three_points_on_the_board():  # section 1
    """One linear neuron at (0, 0), (1, 0), (0, 1): F = (1/3) sum_n a_n a_n^T."""
    net = MLP(([[0.5], [-2.0], [1.0]],))
    F = fisher(net, [[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    assert_close(3 * F, [[1, 0, 1], [0, 1, 1], [1, 1, 3]])


@given(small_problems())
def test_euclidean_fisher_equals_the_oracle(problem):  # section 1
    m = problem.net.sizes[-1]
    expected = oracle_fisher(problem.net, problem.X, [np.eye(m)] * len(problem.X))
    assert_close(fisher(problem.net, problem.X), expected)


@given(objectives())
def test_true_fisher_is_the_gauss_newton_matrix_of_the_loss(objective):  # section 1
    net, X, loss, t = objective  # the data's own targets do not matter
    expected = oracle_fisher(net, X, loss.metric(net(X)))
    assert_close(fisher(net, X, "true", loss, t), expected)


@given(objectives())
def test_empirical_fisher_is_the_mean_outer_product_of_one_sample_gradients(objective):
    net, X, loss, t = objective
    expected = np.zeros((net.num_parameters, net.num_parameters))
    for n in range(len(X)):
        trace = net.forward(X[n : n + 1])
        g = net.vjp(trace, loss.gradient(trace.outputs, t[n : n + 1]))
        expected += np.outer(g, g) / len(X)
    assert_close(fisher(net, X, "empirical", loss, t), expected)


@given(objectives())
def test_sampled_fisher_is_the_mean_outer_product_of_its_draws(objective):
    net, X, loss, _ = objective
    draws = np.random.default_rng(5)
    expected = np.zeros((net.num_parameters, net.num_parameters))
    for _ in range(3):
        g = net.per_sample_gradients(objective.trace, loss.sample_gradient(net(X), draws))
        expected += g.T @ g / (3 * len(X))
    assert_close(fisher(net, X, "sampled", loss, rng=5, samples=3), expected)


@given(objectives(hidden=(0, 0)))
def test_true_fisher_of_a_linear_model_is_the_hessian(objective):
    net, X, loss, t = objective
    assert_close(fisher(net, X, "true", loss), hessian(net, X, t, loss.gradient), scale=1)


@given(objectives(losses=(SquaredError(),)))
def test_fisher_is_the_hessian_wherever_every_residual_is_zero(objective):
    net, X, loss, _ = objective
    H = hessian(net, X, net(X), loss.gradient)
    assert_close(fisher(net, X), H)


@given(objectives(losses=(SquaredError(),), hidden=(0, 0)))
def test_without_the_half_in_the_squared_error_the_hessian_is_twice_f(objective):  # section 9
    net, X, _, t = objective
    H = hessian(net, X, t, lambda y, t: 2 * (y - t))  # of mean ||y - t||^2
    assert_close(H, 2 * fisher(net, X))


@every_kind
@given(objective=objectives())
def test_a_dataset_taken_twice_has_the_same_curvature(kind, objective):
    net, X, loss, t = objective
    u = output_directions(net(X), kind, loss, t, rng=0, samples=2)
    trace, u_twice = net.forward(np.vstack([X, X])), np.concatenate([u, u], axis=1)
    assert_close(fisher_matrix(trace, u_twice), fisher_matrix(objective.trace, u))
    twice, once = factors(trace, u_twice), factors(objective.trace, u)
    for (A, G, _), (A_once, G_once, _) in zip(twice, once, strict=True):
        assert_close(A, A_once)
        assert_close(G, G_once)


@given(small_problems(outputs=(2, 4)))
def test_euclidean_fisher_is_a_sum_over_outputs(problem):
    net, X, _ = problem
    *hidden, last = net.weights
    total = np.zeros((net.num_parameters, net.num_parameters))
    body, m = net.num_parameters - last.size, last.shape[1]
    for o in range(m):
        alone = MLP((*hidden, last[:, [o]]), net.coefficients, net.activation)
        place = [*range(body), *range(body + o, net.num_parameters, m)]
        total[np.ix_(place, place)] += fisher(alone, X)
    assert_close(fisher(net, X), total)


@every_kind
@given(objective=objectives())
def test_fisher_is_symmetric_and_positive_semi_definite(kind, objective):
    net, X, loss, t = objective
    F = fisher(net, X, kind, loss, t, rng=0)
    eigenvalues = np.linalg.eigvalsh(F)
    assert_close(F, F.T)
    assert eigenvalues[0] >= -1e-12 * eigenvalues[-1]


@every_kind
@given(objective=objectives(), seed=seeds)
def test_fisher_product_and_trace_equal_the_dense_matrix(kind, objective, seed):
    net, X, loss, t = objective
    trace = net.forward(X)
    u = output_directions(trace.outputs, kind, loss, t, rng=0, samples=2)
    F = fisher_matrix(trace, u)
    v = np.random.default_rng(seed).standard_normal(net.num_parameters)
    assert_close(fisher_product(trace, u, v), F @ v, scale=np.linalg.norm(F) * np.linalg.norm(v))
    assert fisher_trace(trace, u) == pytest.approx(np.trace(F), rel=1e-12)


@pytest.mark.parametrize("chunk", [1, 40, 200])
@given(objective=objectives(samples=(2, 9)))
def test_fisher_added_up_from_chunks_of_samples_is_the_same(chunk, objective):
    net, X, loss, _ = objective
    u = output_directions(net(X), "true", loss)
    whole = fisher_matrix(objective.trace, u)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sennpy.curvature.fisher.CHUNK", chunk)
        assert_close(fisher_matrix(objective.trace, u), whole, 1e-12)


def test_the_memory_of_fisher_does_not_grow_with_the_samples():
    """R N P entries at once would take 66 MB for N = 1000, F itself takes 5 MB."""
    rng = np.random.default_rng(0)
    net, X = MLP.random((64, 10, 10), rng=rng), rng.standard_normal((1000, 64))
    P = net.num_parameters
    tracemalloc.start()
    try:
        F = fisher(net, X)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 8 * (3 * CHUNK + 3 * P * P)
    J = net.jacobian(net.forward(X)).reshape(-1, P)
    assert_close(F, J.T @ J / 1000, 1e-12)


@pytest.mark.parametrize("loss", [SquaredError(), SoftmaxCrossEntropy()], ids=repr)
def test_sampled_fisher_approaches_the_true_one_like_one_over_root_samples(loss):
    rng = np.random.default_rng(0)
    net, X = MLP.random((2, 3, 3), rng=rng), rng.standard_normal((5, 2))
    true, counts = fisher(net, X, "true", loss), np.array([10, 100, 1000, 10000])
    errors = [
        np.mean(
            [np.linalg.norm(fisher(net, X, "sampled", loss, None, r, s) - true) for r in range(6)]
        )
        for s in counts
    ]
    slope = np.polyfit(np.log(counts), np.log(errors), 1)[0]
    assert -0.6 < slope < -0.4
    assert errors[-1] < 0.02 * np.linalg.norm(true)


def test_equal_seeds_give_equal_sampled_curvature_and_other_seeds_do_not():
    net, X, loss = MLP.random((2, 3, 2), rng=0), np.eye(2), SquaredError()
    F = [fisher(net, X, "sampled", loss, rng=seed) for seed in (1, 1, 2)]
    assert F[0].tobytes() == F[1].tobytes() != F[2].tobytes()


# --- Kronecker factors ---------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["euclidean", "true"])
@given(problem=small_problems())
def test_kfac_of_a_deep_linear_network_is_exact_block_by_block(kind, problem):  # (E6)
    net, X = linear(problem.net), problem.X
    F = fisher(net, X, kind, SquaredError())
    layers = kronecker_factors(net, X, kind, SquaredError())
    assert len(layers) == len(net.weights)
    for (w, _), layer in zip(layer_slices(net), layers, strict=True):
        assert_close(np.kron(layer.A, layer.G), F[w, w])


@every_kind
@given(objective=objectives(samples=(1, 1)))
def test_kfac_of_one_sample_is_exact_block_by_block(kind, objective):  # (E6)
    net, X, loss, t = objective
    F = fisher(net, X, kind, loss, t, rng=0, samples=3)
    layers = kronecker_factors(net, X, kind, loss, t, rng=0, samples=3)
    assert len(layers) == len(net.weights)
    for (w, k), layer in zip(layer_slices(net), layers, strict=True):
        assert_close(np.kron(layer.A, layer.G), F[w, w])
        if k.stop > k.start:
            assert_close(layer.K, F[k, k])


@every_kind
@given(objective=objectives(activations=(Rational(),), hidden=(1, 3)))
def test_coefficient_block_is_exact_for_any_network(kind, objective):
    net, X, loss, t = objective
    F = fisher(net, X, kind, loss, t, rng=0, samples=2)
    layers = kronecker_factors(net, X, kind, loss, t, rng=0, samples=2)
    for (_, k), layer in zip(layer_slices(net)[:-1], layers[:-1], strict=True):
        assert_close(layer.K, F[k, k])
    assert layers[-1].K is None


@given(objectives())
def test_factors_are_the_second_moments_of_activations_and_gradients(objective):  # (E6)
    net, X, loss, _ = objective
    u, trace = output_directions(net(X), "true", loss), objective.trace
    g = [net.backward(trace, u_r) for u_r in u]
    for l, layer in enumerate(kronecker_factors(net, X, "true", loss)):
        a = trace.inputs[l]
        assert_close(layer.A, np.mean([np.outer(a_n, a_n) for a_n in a], axis=0))
        G = sum(np.outer(g_r[l][n], g_r[l][n]) for g_r in g for n in range(len(X))) / len(X)
        assert_close(layer.G, G)


@pytest.mark.parametrize("sizes", [(1, 3), (3, 1, 2), (2, 4, 1)])
def test_kronecker_product_is_a_then_g_on_layers_that_are_not_square(sizes):  # (E6)
    net = linear(MLP.random(sizes, rng=1))
    X = np.random.default_rng(2).standard_normal((6, sizes[0]))
    F = fisher(net, X)
    for (w, _), (A, G, _) in zip(layer_slices(net), kronecker_factors(net, X), strict=True):
        assert_close(np.kron(A, G), F[w, w])
        if len(G) > 1:  # with one output the two orders coincide
            assert np.abs(np.kron(G, A) - F[w, w]).max() > 0.1 * np.abs(F[w, w]).max()


def test_kfac_of_a_nonlinear_network_is_an_approximation():  # (E6)
    net = MLP.random((2, 3, 2), Tanh(), rng=0)
    X = np.random.default_rng(0).standard_normal((8, 2))
    w = layer_slices(net)[0][0]
    A, G, _ = kronecker_factors(net, X)[0]
    block = fisher(net, X)[w, w]
    assert np.linalg.norm(np.kron(A, G) - block) > 0.01 * np.linalg.norm(block)


def test_float32_stays_float32_in_every_curvature():
    net = MLP.random((2, 3, 2), rng=0).astype(np.float32)
    X, t = np.ones((4, 2), np.float32), np.zeros((4, 2), np.float32)
    for kind in KINDS:
        arrays = [fisher(net, X, kind, SquaredError(), t, rng=0)]
        for layer in kronecker_factors(net, X, kind, SquaredError(), t, rng=0):
            arrays += [array for array in layer if array is not None]
        assert {array.dtype for array in arrays} == {np.dtype(np.float32)}


# --- What is refused -----------------------------------------------------------------------------

NET, X, LOSS = MLP.random((2, 3, 1), rng=0), np.ones((4, 2)), SquaredError()


@pytest.mark.parametrize("curvature", [fisher, kronecker_factors])
@pytest.mark.parametrize(
    "arguments, message",
    [
        ((X, "natural"), r"kind is 'natural', expected one of 'euclidean', 'true', 'sampled', 'em"),
        ((X, "true"), r"kind 'true' needs a loss; only 'euclidean' does without"),
        ((X, "empirical", LOSS), r"kind 'empirical' needs the targets"),
        ((X, "empirical", LOSS, np.ones(4)), r"t has shape \(4,\), but the outputs have shape"),
        ((X, "sampled", LOSS, None, 0, 0), r"samples is 0, expected an integer of at least 1"),
        ((X[:, :1],), r"X has 1 columns, but the network takes 2"),
        ((X * np.nan,), r"X must be finite, but holds nan at index \(0, 0\)"),
    ],
)
def test_bad_input_is_refused_in_words_that_help(curvature, arguments, message):
    with pytest.raises(ValueError, match=message):
        curvature(NET, *arguments)
