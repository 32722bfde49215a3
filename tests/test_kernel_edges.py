"""Kernels where they could differ unseen: around blocks of chains, at cuts, at limits of size."""

import numpy as np
import pytest
from compare import assert_close
from test_kernels import PRODUCTS, bounds_at, chains_of, noise, one_of, only_compiled, place

from sennpy import MLP, MalaSearch, ProfileSearch
from sennpy.expansion.moments import CUTOFF
from sennpy.expansion.moments import whitener as whitener_twin
from sennpy.growth import compiled, objectives, threads
from sennpy.growth.ascent import climb_with_vectors
from sennpy.growth.compiled import (
    CompiledLayerObjective,
    CompiledNeuronObjective,
    CompiledProfiledNeuronObjective,
    WideNeuronObjective,
)
from sennpy.growth.objectives import LayerObjective, NeuronObjective, ProfiledNeuronObjective
from sennpy.kernels.eigen import top_direction, whitening
from sennpy.kernels.inverse import inverse_of
from sennpy.kernels.layers import rational_features
from sennpy.kernels.neurons import neuron_bounds
from sennpy.nn.activations import Rational, rational_basis
from sennpy.training import jacobian

# --- Blocks --------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 7, 8, 9, 15, 16, 17, 40, 41])
def test_blocks_hold_everything_once_and_none_is_too_large(count):
    for size in (1, 8, 16, 40, 100):
        blocks = [list(range(count))[block] for block in threads.blocks_of(count, size)]
        assert [c for block in blocks for c in block] == list(range(count))
        assert max(map(len, blocks)) <= size and len(blocks) == -(-count // size)
        assert max(map(len, blocks)) - min(map(len, blocks)) < len(blocks)


def test_no_block_holds_nothing():
    assert [list(range(0))[block] for block in threads.blocks_of(0, 8)] == []
    assert threads.blocks_of(3, 0) == [slice(0, 1), slice(1, 2), slice(2, 3)]


SMALL = {
    **{f"{k} neurons": lambda k=k: CompiledNeuronObjective(place(12, 2, 2), k) for k in (1, 2, 3)},
    "a layer": lambda: CompiledLayerObjective(place(20, 2, 2, kind="layer")),
}


@pytest.mark.parametrize("objective", SMALL)
@pytest.mark.parametrize("count", [1, 7, 8, 9, 16, 17])
def test_around_the_size_of_a_block_every_chain_goes_on(monkeypatch, objective, count):
    """Blocks of 8: as many chains come back as went in, each with the bytes it has alone."""
    monkeypatch.setattr(compiled, "CACHE", 0)
    objective = SMALL[objective]()
    assert objective.block() == 8
    chains = chains_of(objective, count, 0.3)
    xi, log_u = noise(3, objective.dim, count)
    scores, gradients = objective.evaluate(chains.state.position)
    with threads.threads(2):
        after, accepted = objective.burst(chains, 0.3, 0.05, xi, log_u)
    assert scores.shape == (count,) and gradients.shape == (count, objective.dim)
    assert after.state.position.shape == (count, objective.dim)
    total = 0
    for c in range(count):
        one = slice(c, c + 1)
        score, gradient = objective.evaluate(chains.state.position[one])
        assert score.tobytes() == scores[one].tobytes()
        assert gradient.tobytes() == gradients[one].tobytes()
        alone, number = objective.burst(one_of(chains, c), 0.3, 0.05, xi[:, :, one], log_u[:, one])
        total += number
        for mine, its in zip((*alone.state, *alone[1:]), (*after.state, *after[1:]), strict=True):
            assert mine.tobytes() == its[one].tobytes()
    assert accepted == total > 0


@only_compiled
@pytest.mark.parametrize("count", [1, 127, 128, 129, 257])
def test_around_the_size_of_a_product_every_chain_goes_on(count):
    objective = PRODUCTS["many inputs"]()
    chains = chains_of(objective, count, 0.3)
    xi, log_u = noise(1, objective.dim, count)
    after, accepted = objective.burst(chains, 0.3, 0.01, xi, log_u)
    assert after.best_score.shape == (count,) and accepted > count / 2
    moved = (after.state.position != chains.state.position).any(axis=1)
    assert moved.sum() == accepted  # also in the last block
    scores, _ = objective.evaluate(after.state.position)
    density = scores / 0.3 - (after.state.position**2).sum(axis=1) / 2
    assert_close(after.state.log_density, density, 1e-10)


@pytest.mark.parametrize("k", [1, 2])
def test_products_and_loops_give_the_same_chains(k):
    stats = place(12, 3, 2)
    loops, products = (kind(stats, k) for kind in (CompiledNeuronObjective, WideNeuronObjective))
    chains = chains_of(loops, 5, 0.3)
    xi, log_u = noise(3, loops.dim, 5)
    for one, other in zip(
        loops.evaluate(chains.state.position), products.evaluate(chains.state.position), strict=True
    ):
        assert_close(other, one, 1e-10)
    (after, accepted), (same, as_many) = (
        objective.burst(chains, 0.3, 0.05, xi, log_u) for objective in (loops, products)
    )
    assert accepted == as_many
    assert_close(same.state.position, after.state.position, 1e-9)


@pytest.mark.parametrize("count", [1, 7, 8, 9, 17])
def test_around_the_share_of_a_thread_every_proposal_is_scored(monkeypatch, count):
    stats = place(30, 2, 2)
    objective, twin = (
        CompiledProfiledNeuronObjective(stats, 1e-3),
        ProfiledNeuronObjective(stats, 1e-3),
    )
    monkeypatch.setattr(compiled, "SHARE", 8 * objective.inputs.x.size)
    theta = objective.draw(count, np.random.default_rng(0))
    with threads.threads(2):
        scores, gradients = objective.evaluate(theta)
    expected = twin.evaluate(theta)
    assert_close(scores, expected[0], 1e-11)
    assert_close(gradients, expected[1], 1e-9)


# --- Which kernel --------------------------------------------------------------------------------


@pytest.fixture
def kernels(monkeypatch):
    """Kernels are used, compiled or as plain Python."""
    for module in (compiled, jacobian):
        monkeypatch.setattr(module, "enabled", lambda: True)


@pytest.mark.parametrize("inputs, loops", [(15, True), (16, False)])
def test_loops_serve_up_to_sixteen_columns(kernels, inputs, loops):
    stats = place(20, inputs, 1)
    neurons = CompiledNeuronObjective if loops else WideNeuronObjective
    profiled = CompiledProfiledNeuronObjective if loops else ProfiledNeuronObjective
    assert type(compiled.neuron_objective(stats)) is neurons
    assert type(compiled.profiled_neuron_objective(stats)) is profiled


@pytest.mark.parametrize("units, loops", [(24, True), (25, False)])
def test_loops_serve_layers_of_up_to_24_units(kernels, units, loops):
    objective = compiled.layer_objective(place(80, units, 2, kind="layer"))
    assert type(objective) is (CompiledLayerObjective if loops else LayerObjective)


@pytest.mark.parametrize("search", [MalaSearch(3, 2, 2), ProfileSearch(4, 1, 3)])
def test_a_search_finds_with_kernels_what_it_finds_with_their_twins(kernels, search):
    for kind in ("neuron", "layer"):
        stats = place(20, 2, 2, kind=kind)
        find = search.neurons if kind == "neuron" else search.layer
        with_kernels = find(stats, rng=0).operation.weights
        compiled.enabled = lambda: False
        assert_close(find(stats, rng=0).operation.weights, with_kernels, 1e-7)
        compiled.enabled = lambda: True


def test_the_kernel_of_a_step_is_the_network_s(kernels):
    net, X = MLP.random((3, 2, 4, 2), rng=0), np.random.default_rng(0).standard_normal((5, 3))
    y, J = jacobian.outputs_and_jacobian(net, X)
    trace = net.forward(X)
    assert_close(y, trace.outputs, 1e-12)
    assert_close(J, net.jacobian(trace), 1e-12)


class Bowl(objectives.Objective):
    """999 - |theta - 1|^2 in so many parameters."""

    def __init__(self, dim):
        self.dim = dim

    def evaluate(self, theta):
        return 999 - ((theta - 1) ** 2).sum(axis=1), -2 * (theta - 1)


@pytest.mark.parametrize("dim, kept", [(200, "climb"), (201, "climb_with_vectors")])
def test_beyond_200_parameters_a_climb_keeps_no_matrix(monkeypatch, dim, kept):
    used = []
    for name in ("climb", "climb_with_vectors"):
        true = getattr(objectives, name)
        monkeypatch.setattr(
            objectives, name, lambda *args, name=name, true=true: used.append(name) or true(*args)
        )
    end = Bowl(dim).climb(np.zeros(dim), 3.0, 100, 1e-12)
    assert used == [kept]
    assert_close(end, np.ones(dim), 1e-4)


# --- The climb with vectors ----------------------------------------------------------------------


def valley(w):
    """Rosenbrock's, upside down: its top is 99 at (1, 1)."""
    value = 99 - (1 - w[0]) ** 2 - 100 * (w[1] - w[0] ** 2) ** 2
    slope = [2 * (1 - w[0]) + 400 * w[0] * (w[1] - w[0] ** 2), -200 * (w[1] - w[0] ** 2)]
    return value, np.array(slope)


def test_a_climb_with_vectors_ends_at_the_top():
    assert_close(climb_with_vectors(valley, np.array([-1.2, 1.0]), 3.0, 500, 1e-15), [1, 1], 1e-4)


def test_a_climb_with_vectors_stays_in_its_box_and_starts_in_it():
    seen = []

    def watched(w):
        seen.append(w.copy())
        return valley(w)

    end = climb_with_vectors(watched, np.array([-5.0, 9.0]), 0.5, 500, 1e-15)
    assert_close(end, [0.5, 0.25], 1e-4)  # the top of what the box holds
    assert np.abs(seen).max() <= 0.5 + 1e-12
    assert seen[0].tolist() == [-0.5, 0.5]


def test_a_climb_with_vectors_takes_no_more_iterations_than_it_may():
    heights = [valley(climb_with_vectors(valley, np.array([-1.2, 1.0]), 3.0, n, 1e-15))[0]
               for n in (1, 5, 20, 200)]  # fmt: skip
    assert valley([-1.2, 1.0])[0] < heights[0] < heights[1] < heights[2] < heights[3]
    assert heights[3] == pytest.approx(99)


@pytest.mark.parametrize("unit", [1e-12, 1.0, 1e12])
def test_a_climb_with_vectors_knows_no_units_of_the_score(unit):
    def scaled(w):
        value, slope = valley(w)
        return unit * value, unit * slope

    end = climb_with_vectors(scaled, np.array([-1.2, 1.0]), 3.0, 500, 1e-15)
    assert_close(end, [1, 1], 1e-3)


def test_a_climb_with_vectors_turns_back_where_there_is_no_score():
    def evaluate(w):
        inside = w[0] < 1
        return (2 + w[0], np.ones(1)) if inside else (np.nan, np.full(1, np.nan))

    end = climb_with_vectors(evaluate, np.zeros(1), 3.0, 100, 1e-12)
    assert 0.5 < end[0] < 1


# --- Cuts, close to where they bite --------------------------------------------------------------


@pytest.mark.parametrize("cutoff", [CUTOFF, 1e-6])
@pytest.mark.parametrize("above", [0.8, 1.25])
def test_a_second_neuron_counts_from_the_cut_on_and_not_below(cutoff, above):  # Theorem 3.2
    """a_2 = a_1 + eps b with b at right angles: what it adds is a share eps^2 of its square."""
    a, b = np.array([[1.0], [1], [1], [1]]), np.array([[1.0], [-1], [1], [-1]])
    share = cutoff * above
    eps = np.sqrt(share / (1 - share))
    counted = bounds_at(np.hstack([a, a + eps * b]), b, cutoff)
    assert counted == pytest.approx(float(above > 1), abs=1e-3)


@pytest.mark.parametrize("above", [0.8, 1.25])
def test_the_objective_hands_the_package_s_cut_to_its_kernel(above):  # Theorem 3.2
    stats = place(40, 2, 1)
    x, _ = np.linalg.qr(np.hstack([stats.inputs[:, :2], np.ones((40, 1))])[:, ::-1])
    x = x[:, ::-1] * 40**0.5  # standard inputs at right angles, the constant last
    kernel = CompiledNeuronObjective(stats, 2)
    kernel.x, kernel.contiguous_r = np.ascontiguousarray(x), np.ascontiguousarray(x[:, 1:2])
    eps = np.sqrt(CUTOFF * above)
    theta = np.array([[1, 1, 0, eps, 0, 0, 0, 0, 0, 0, 1, 1]])  # two linear neurons
    (score,), _ = kernel.evaluate(theta)
    assert score == pytest.approx(float(above > 1), abs=1e-2)


@pytest.mark.parametrize("above", [0.8, 1.25])
def test_whitening_counts_directions_from_the_cut_on_and_not_below(above):
    cutoff = 1e-6
    share = cutoff * above  # (1 - c) / (1 + c), of the least eigenvalue to the largest
    c = (1 - share) / (1 + share)
    S, T = np.array([[1, c, 0], [c, 1, 0], [0, 0, 0.0]]), np.empty((3, 3))
    scale = np.diag([1e-3, 1e4, 1.0])  # the units of the functions do not matter
    whitening(scale @ S @ scale, cutoff, np.empty((3, 3)), T)
    assert np.linalg.matrix_rank(T @ scale, tol=1e-6) == (2 if above > 1 else 1)


def test_whitening_is_the_twin_s():
    root = np.random.default_rng(0).standard_normal((5, 3))
    S, T = root.T @ root, np.empty((3, 3))
    whitening(S, CUTOFF, np.empty((3, 3)), T)
    assert_close(T @ T.T, np.linalg.inv(S), 1e-11)
    expected = whitener_twin(S)
    assert_close(T @ T.T, expected @ expected.T, 1e-11)


def test_where_nothing_can_be_gained_the_last_function_is_taken():  # (E12)
    q = np.empty(3)
    assert top_direction(np.eye(3), np.zeros((3, 2)), CUTOFF, q) == 0
    assert np.linalg.norm(q) == 1
    assert top_direction(np.zeros((3, 3)), np.zeros((3, 2)), CUTOFF, q) == 0
    assert q.tolist() == [0, 0, 1]


def test_an_inverse_needs_its_pivots():
    W, inverse = np.array([[0.0, 2, 0], [0, 0, 1], [4, 0, 1]]), np.empty((3, 3))
    assert inverse_of(W, inverse)
    assert_close(inverse, np.linalg.inv(W))
    assert not inverse_of(np.array([[1.0, 2], [2, 4]]), np.empty((2, 2)))
    tiny = np.array([[1e-20, 1.0], [1, 1]])
    assert inverse_of(tiny, inverse[:2, :2])
    assert_close(inverse[:2, :2], [[-1, 1], [1, 0]], 1e-12)


# --- The activation ------------------------------------------------------------------------------

Z = np.linspace(-3, 3, 14).reshape(7, 2)
K = np.array([[0.3, -1.0], [-2.0, 0.5], [0.5, 4.0]])


def test_the_neurons_of_the_kernels_are_the_network_s():
    """What it leaves in its room are the activations, and slopes where the gradient is known."""
    z, q = Z[:, :, None].copy(), K[:, :, None].copy()
    r = np.random.default_rng(0).standard_normal((7, 2))
    scores, d_z, d_q, a = np.empty(1), np.empty(z.shape), np.empty(q.shape), np.empty(z.shape)
    neuron_bounds(z, q, r, CUTOFF, scores, d_z, d_q, a)
    net = MLP.random((2, 2, 1), rng=0)
    assert_close(a[:, :, 0], net.activation(Z, K))
    sigma = Rational()
    expected = sigma(Z, K)
    fit = np.linalg.solve(expected.T @ expected, expected.T @ r)
    error = 2 / 7 * (r @ fit.T - expected @ fit @ fit.T)
    assert_close(d_z[:, :, 0], error * sigma.slope(Z, K), 1e-10)
    d_k = (error * sigma.coefficient_slopes(Z, K)).sum(axis=1)
    assert_close(d_q[:, :, 0], d_k, 1e-10)


def test_the_features_of_the_kernels_are_the_network_s_basis():
    a_c = np.column_stack([Z[:, 0], np.ones(7)])
    weights = np.array([[0.7], [-0.2]])[:, :, None]
    white = np.linalg.qr(a_c)[0] * 7**0.5
    phi, rest = np.empty((7, 2, 1)), np.empty((7, 2, 1))
    rational_features(a_c, white, weights, phi, rest)
    basis = rational_basis(a_c @ weights[:, :, 0])[:2, :, 0].T
    assert_close(phi[:, :, 0], basis)
    left = basis - a_c @ np.linalg.lstsq(a_c, basis, rcond=None)[0]
    assert_close(rest[:, :, 0], left, 1e-10)


# --- One neuron after another --------------------------------------------------------------------


def test_the_third_neuron_is_told_of_the_first_and_of_the_second():
    stats, search = place(60, 2, 2), ProfileSearch(60, 2, 60)
    rng, now, parts = np.random.default_rng(3), stats, []
    for _ in range(3):
        one = search.neurons(now, 1, rng).operation
        parts.append(one)
        now = now.receiving(stats.activation(stats.inputs @ one.weights, one.coefficients))
    found = search.neurons(stats, 3, rng=3).operation
    assert_close(found.weights, np.hstack([one.weights for one in parts]), 1e-9)
    assert_close(found.coefficients, np.hstack([one.coefficients for one in parts]), 1e-9)
    second_alone = stats.receiving(
        stats.activation(stats.inputs @ parts[1].weights, parts[1].coefficients)
    )
    rng = np.random.default_rng(3)
    for _ in range(2):
        search.neurons(stats, 1, rng)
    other = search.neurons(second_alone, 1, rng).operation
    assert np.abs(other.weights - parts[2].weights).max() > 1e-3  # it would be another


@pytest.mark.parametrize("k", [1, 2, 3])
def test_neurons_together_share_inputs_but_not_weights(k):
    stats = place(40, 3, 2)
    twin, kernel = NeuronObjective(stats, k), CompiledNeuronObjective(stats, k)
    theta = twin.draw(5, np.random.default_rng(k))
    for one in theta:
        weights, coefficients = kernel.decode(one)
        assert_close(weights, stats_weights(kernel, one, k))
        assert_close(coefficients, one[4 * k :].reshape(3, k))
    assert_close(kernel.evaluate(theta)[0], twin.evaluate(theta)[0], 1e-10)


def stats_weights(objective, theta, k):
    """Weights of k neurons, from standard inputs to the inputs: written out column by column."""
    w = theta[: 4 * k].reshape(4, k)
    scale = objective.inputs.to_weights[0, 0]
    assert_close(np.diag(objective.inputs.to_weights)[:3], [scale] * 3)
    shift = objective.inputs.to_weights[-1, :3]
    return np.vstack([scale * w[:3], w[3:] + (shift[:, None] * w[:3]).sum(axis=0)])


def test_standard_inputs_have_mean_0_and_one_spread():
    inputs = np.random.default_rng(0).standard_normal((500, 3)) * [1, 2, 3] + [5, 0, -7]
    x = objectives.StandardInputs(np.hstack([inputs, np.ones((500, 1))])).x
    assert_close(x[:, :3].mean(axis=0), np.zeros(3), 1e-12, scale=1.0)
    assert_close((x[:, :3] ** 2).mean(axis=0).sum(), 1.0)
    assert_close(x[:, 3], np.ones(500))
    spreads = x[:, :3].std(axis=0) / inputs.std(axis=0)
    assert_close(spreads, np.full(3, spreads[0]))  # the columns' own proportions stay
    still = objectives.StandardInputs(np.array([[2.0, -3.0, 1.0]] * 4))
    assert_close(still.x[:, :2], np.zeros((4, 2)), 1e-12, scale=1.0)
    assert np.isfinite(still.to_weights).all()
