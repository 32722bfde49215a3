"""Each compiled kernel against its NumPy twin, and what must not depend on how it is called."""

from dataclasses import replace

import numpy as np
import places
import pytest
from compare import assert_close
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.linalg import eigh
from strategies import seeds
from threadpoolctl import threadpool_limits

from sennpy import MLP, MalaSearch, ProfileSearch
from sennpy.expansion.layer_score import residual_gradient
from sennpy.expansion.mala import initial_state
from sennpy.expansion.moments import CUTOFF, moment
from sennpy.growth import compiled
from sennpy.growth.ascent import climb, climb_with_vectors
from sennpy.growth.compiled import (
    CompiledLayerObjective,
    CompiledNeuronObjective,
    CompiledProfiledNeuronObjective,
    WideNeuronObjective,
)
from sennpy.growth.objectives import (
    Chains,
    LayerObjective,
    NeuronObjective,
    ProfiledNeuronObjective,
)
from sennpy.growth.threads import blocks_of, threads
from sennpy.kernels import enabled, twins
from sennpy.kernels.cholesky import solve_cholesky
from sennpy.kernels.eigen import symmetric_eigen
from sennpy.kernels.layers import inserted_layers
from sennpy.kernels.neurons import neuron_bounds
from sennpy.kernels.profile import profiled_bound
from sennpy.nn.activations import Rational, Tanh, rational_basis
from sennpy.training.jacobian import outputs_and_jacobian

only_compiled = pytest.mark.skipif(not enabled(), reason="takes minutes as plain Python")
SHAPES = [(20, 1, 1), (30, 2, 2), (25, 4, 3), (12, 7, 10), (9, 20, 2), (1, 1, 1)]  # N, d, m
shapes = pytest.mark.parametrize("N, d, m", SHAPES)


def place(N, d, m, seed=0, kind="neuron"):
    sizes = (d, 2, m) if kind == "neuron" else (d, m)
    return places.statistics(kind, 0, sizes, N=N, seed=seed)


def compiled_neurons(stats, k=1):
    """The objective with kernels for so many inputs."""
    small = stats.inputs.shape[1] <= compiled.SMALL_INPUTS
    return (CompiledNeuronObjective if small else WideNeuronObjective)(stats, k)


def activations(stats, proposal):
    """What neurons (weights, coefficients) put out, each column of norm 1."""
    a = stats.activation(stats.inputs @ proposal[0], proposal[1])
    return a / np.linalg.norm(a, axis=0)


def well_posed(stats, weights):
    """Whether S of (E16) has no eigenvalue below 1e-4, each new direction having a square of 1."""
    phi = np.hstack(list(rational_basis(stats.a_c @ weights)[:2]))
    u = np.tile(np.linalg.solve(weights[:-1], stats.W[:-1]), (2, 1))
    left = residual_gradient(stats.a_c, phi)
    unit = np.sqrt((phi**2).mean(axis=0) * ((u @ stats.G) * u).sum(axis=1))
    S = moment(left, left) * (u @ stats.G @ u.T) / unit / unit[:, None]
    return np.linalg.eigvalsh(S)[0] > 1e-4


def top_is_alone(objective, theta):
    """Whether the largest eigenvalue of (E12) is at least 1.05 times the next."""
    phi = objective.activation.basis((objective.inputs.x @ theta)[:, None])[:, :, 0]
    S = phi @ phi.T / phi.shape[1] + objective.ridge * np.eye(3)
    B = phi @ objective.r / phi.shape[1]
    largest = eigh(B @ B.T, S, eigvals_only=True)[::-1]
    return largest[0] > 1.05 * largest[1]


def chains_of(objective, count, unit, seed=0):
    """Chains that start from draws."""
    theta = objective.draw(count, np.random.default_rng(seed))
    state = initial_state(lambda x: objective.density(x, unit), theta)
    return Chains(state, theta, objective.evaluate(theta)[0])


def noise(steps, dim, count, seed=1):
    rng = np.random.default_rng(seed)
    return rng.standard_normal((steps, dim, count)), np.log1p(-rng.random((steps, count)))


# --- Kernel and twin -----------------------------------------------------------------------------


@shapes
@given(seed=seeds, k=st.integers(1, 4))
def test_bounds_of_neurons_equal_the_twins(N, d, m, seed, k):  # Theorem 3.2, (E10)
    stats = place(N, d, m, seed)
    twin, kernel = NeuronObjective(stats, k), compiled_neurons(stats, k)
    theta = twin.draw(9, np.random.default_rng([seed, 1]))
    a = np.stack([activations(stats, twin.decode(one)) for one in theta])
    theta = theta[np.linalg.cond(a.transpose(0, 2, 1) @ a) < 1e4]  # else digits go in both
    assume(len(theta))
    expected, found = twin.evaluate(theta), kernel.evaluate(theta)
    assert_close(found[0], expected[0], 1e-11)
    scale = np.abs(expected[1]).max() + expected[0].max()  # for one sample all slopes are 0
    assert_close(found[1], expected[1], 1e-11, scale=scale)


@shapes
@pytest.mark.parametrize("kind", ["neuron", "two neurons", "layer"])
def test_a_langevin_step_equals_the_twins(N, d, m, kind):  # (E11)
    if kind == "layer":
        stats = place(max(N, 6 * d), d, m, kind=kind)  # fewer samples leave no new direction
        twin, kernel = LayerObjective(stats), CompiledLayerObjective(stats)
    else:
        k = 1 if kind == "neuron" else 2
        stats = place(max(N, 3 * k), d, m)
        twin, kernel = NeuronObjective(stats, k), compiled_neurons(stats, k)
    chains = chains_of(twin, 40, 0.3)
    xi, log_u = noise(1, twin.dim, 40)
    expected, accepted = twin.burst(chains, 0.3, 0.1, xi, log_u)
    found, number = kernel.burst(chains, 0.3, 0.1, xi, log_u)
    assert number == accepted and 0 < accepted <= 40
    clear = np.ones(40, bool)
    if kind == "layer":  # else digits go in both
        at = expected.state.position
        clear = [well_posed(stats, twin.decode(theta)[0]) for theta in at]
        assert any(clear)
    for a, b in zip((*found.state, *found[1:]), (*expected.state, *expected[1:]), strict=True):
        assert_close(a[clear], b[clear], 1e-11)


def test_a_burst_is_its_steps_one_after_another():
    objective = CompiledNeuronObjective(place(30, 2, 2))
    chains = chains_of(objective, 10, 0.3)
    xi, log_u = noise(25, objective.dim, 10)
    whole, accepted = objective.burst(chains, 0.3, 0.05, xi, log_u)
    one_by_one, total = chains, 0
    for s in range(25):
        one_by_one, number = objective.burst(one_by_one, 0.3, 0.05, xi[s : s + 1], log_u[s : s + 1])
        total += number
    assert total == accepted
    assert np.array_equal(one_by_one.state.position, whole.state.position)
    assert np.array_equal(one_by_one.best_score, whole.best_score)


def test_langevin_chains_take_no_step_to_where_nothing_is_finite():
    objective = CompiledNeuronObjective(place(30, 1, 1))
    chains = chains_of(objective, 6, 0.3)
    xi, log_u = noise(3, objective.dim, 6)
    xi[:, :, 2] = 1e200  # pre-activations overflow when they are squared
    xi[:, :, 4] = np.nan
    with np.errstate(over="ignore", invalid="ignore"):  # NumPy would tell, were they not compiled
        after, _ = objective.burst(chains, 0.3, 0.1, xi, log_u)
    for c in (2, 4):
        assert np.array_equal(after.state.position[c], chains.state.position[c])
    assert np.isfinite(after.state.position).all()


@shapes
@given(seed=seeds)
def test_profiled_bounds_equal_the_twins(N, d, m, seed):  # (E12)
    stats, ridge = place(N, d, m, seed), ProfileSearch().ridge
    twin = ProfiledNeuronObjective(stats, ridge)
    kernel = CompiledProfiledNeuronObjective(stats, ridge)
    theta = twin.draw(9, np.random.default_rng([seed, 1]))
    expected, found = twin.evaluate(theta), kernel.evaluate(theta)
    assert_close(found[0], expected[0], 1e-11, scale=expected[0].max())
    one = [top_is_alone(twin, theta_c) for theta_c in theta]  # else coefficients turn
    scale = max(np.abs(expected[1]).max(), expected[0].max())
    assert_close(found[1][one], expected[1][one], 1e-11, scale=scale)


@shapes
@given(seed=seeds)
def test_profiled_bounds_equal_the_twins_without_a_ridge_too(N, d, m, seed):  # (E12)
    stats = place(max(N, 5), d, m, seed)
    twin, kernel = ProfiledNeuronObjective(stats), CompiledProfiledNeuronObjective(stats)
    theta = twin.draw(9, np.random.default_rng([seed, 1]))
    phi = np.moveaxis(stats.activation.basis(twin.inputs.x @ theta.T), 2, 0)
    theta = theta[np.linalg.cond(phi) < 50]  # else digits go in both
    assume(len(theta))
    expected, found = twin.evaluate(theta), kernel.evaluate(theta)
    assert_close(found[0], expected[0], 1e-11, scale=expected[0].max())
    gap = 1e-9 if m > 1 else 1e-11  # top eigenvalues that are close turn into one another
    assert_close(found[1], expected[1], gap, scale=np.abs(expected[1]).max())


@given(seed=seeds, n=st.integers(1, 5), m=st.integers(1, 3))
def test_scores_of_inserted_layers_equal_the_twins(seed, n, m):  # (E16)
    stats = place(40, n, m, seed, "layer")
    twin, kernel = LayerObjective(stats), CompiledLayerObjective(stats)
    theta = twin.draw(6, np.random.default_rng([seed, 1]))
    theta[0, : n * n] = 0  # singular
    theta[1, 0] *= 1e6  # ill-conditioned, unless n is 1
    expected, found = twin.evaluate(theta), kernel.evaluate(theta)
    assert np.isnan(expected[0][0]) and (n == 1 or np.isnan(expected[0][1]))
    assert np.array_equal(np.isnan(found[0]), np.isnan(expected[0]))
    good = np.isfinite(expected[0])
    good[good] = [well_posed(stats, twin.decode(one)[0]) for one in theta[good]]
    assume(good.any())  # S is inverted in two ways: else digits go in both
    assert_close(found[0][good], expected[0][good], 1e-11)
    scale = np.abs(expected[1][good]).max()
    assert_close(found[1][good], expected[1][good], 1e-11, scale=scale)


@pytest.mark.parametrize("sizes", [(1, 1), (2, 3), (1, 4, 1), (3, 2, 4, 2, 3)])
@given(seed=seeds)
def test_outputs_and_jacobian_equal_the_twins(sizes, seed):
    rng = np.random.default_rng(seed)
    net, X = MLP.random(sizes, rng=rng), rng.standard_normal((7, sizes[0]))
    trace = net.forward(X)
    y, J = outputs_and_jacobian(net, X)
    assert_close(y, trace.outputs, 1e-11)
    assert_close(J, net.jacobian(trace), 1e-11)
    assert_close(outputs_and_jacobian(net, np.asfortranarray(X)[::2])[1], J[::2], 1e-11)


@given(seed=seeds, n=st.integers(1, 6))
def test_jacobis_rotations_diagonalise(seed, n):
    root = np.random.default_rng(seed).standard_normal((n, max(n - 1, 1)))
    S, V = root @ root.T, np.empty((n, n))
    left = S.copy()
    symmetric_eigen(left, V)
    assert_close(V.T @ V, np.eye(n), 1e-12)
    assert_close(V @ np.diag(np.diag(left)) @ V.T, S, 1e-12)


# --- The ascent ----------------------------------------------------------------------------------


@given(seed=seeds, reach=st.sampled_from([0.5, 3.0]))
def test_a_climb_gains_and_ends_at_a_maximum_within_its_reach(seed, reach):  # (E12)
    objective = CompiledProfiledNeuronObjective(place(30, 2, 2, seed), ProfileSearch().ridge)
    start = objective.draw(1, np.random.default_rng([seed, 1]))[0].clip(-reach, reach)
    end = objective.climb(start, reach, 200, 1e-12)
    (before, after), (_, slope) = objective.evaluate(np.stack([start, end]))
    assert after >= before
    assert (np.abs(end) <= reach).all()
    onwards = (end + slope).clip(-reach, reach) - end  # 0 at a maximum, and at an edge
    assert np.abs(onwards).max() <= 1e-3 * after


@given(seed=seeds, reach=st.sampled_from([0.5, 3.0]))
def test_a_climb_is_the_twins(seed, reach):
    stats, ridge = place(30, 2, 2, seed), ProfileSearch().ridge
    twin, kernel = (
        ProfiledNeuronObjective(stats, ridge),
        CompiledProfiledNeuronObjective(stats, ridge),
    )
    start = twin.draw(1, np.random.default_rng([seed, 1]))[0]
    for iterations, tolerance in [(1, 1e-11), (3, 1e-8), (100, 1e-4)]:  # rounding grows on the way
        expected = twin.climb(start, reach, iterations, 1e-7)
        assert_close(kernel.climb(start, reach, iterations, 1e-7), expected, tolerance, scale=reach)


def test_climbs_with_a_matrix_and_with_vectors_find_equally_much():
    """BFGS and scipy's L-BFGS-B, from twenty starts each."""
    objective = ProfiledNeuronObjective(place(40, 2, 2, 3), 1e-3)
    starts, best = objective.draw(20, np.random.default_rng(0)), []

    def evaluate(theta):
        (score,), (gradient,) = objective.evaluate(theta[None])
        return score, gradient

    for ascend in (climb, climb_with_vectors):
        ends = np.stack([ascend(evaluate, start, 3.0, 200, 1e-12) for start in starts])
        best.append(objective.evaluate(ends)[0].max())
    assert best[1] == pytest.approx(best[0], rel=1e-6)


# --- What must not matter ------------------------------------------------------------------------


LOOPS = {  # the blocks that 121 chains make: one, or several and a last one with fewer
    "few samples": lambda: compiled_neurons(place(33, 2, 2)),
    "many samples": lambda: compiled_neurons(place(1024, 2, 2)),
    "two neurons": lambda: compiled_neurons(place(400, 2, 2), 2),
    "three neurons": lambda: compiled_neurons(place(200, 2, 2), 3),
    "a layer": lambda: CompiledLayerObjective(place(33, 2, 2, kind="layer")),
    "a wider layer": lambda: CompiledLayerObjective(place(200, 3, 2, kind="layer")),
}
PRODUCTS = {"many inputs": lambda: compiled_neurons(place(300, 40, 3))}


def one_of(chains, c):
    """The Chains of chain c alone."""
    state, best, best_score = chains
    one = slice(c, c + 1)
    return Chains(type(state)(*(part[one] for part in state)), best[one], best_score[one])


def test_several_blocks_are_several():
    sizes = {}
    for name, make in (LOOPS | PRODUCTS).items():
        blocks = [range(121)[block] for block in blocks_of(121, make().block())]
        assert sum(map(len, blocks)) == 121
        sizes[name] = [len(block) for block in blocks]
    assert sizes == {
        "few samples": [121], "many samples": [31, 31, 31, 28], "two neurons": [31, 31, 31, 28],
        "three neurons": [41, 41, 39], "a layer": [121], "a wider layer": [41, 41, 39],
        "many inputs": [121],
    }  # fmt: skip


@only_compiled
@pytest.mark.parametrize("objective", LOOPS)
def test_a_chain_gets_the_same_bytes_alone_and_among_others(objective):
    objective = LOOPS[objective]()
    chains = chains_of(objective, 121, 0.3)
    xi, log_u = noise(5, objective.dim, 121)
    scores, gradients = objective.evaluate(chains.state.position)
    together, _ = objective.burst(chains, 0.3, 0.05, xi, log_u)
    for c in (0, 1, 57, 103, 120):
        one = slice(c, c + 1)
        score, gradient = objective.evaluate(chains.state.position[one])
        assert score.tobytes() == scores[one].tobytes()
        assert gradient.tobytes() == gradients[one].tobytes()
        alone, _ = objective.burst(one_of(chains, c), 0.3, 0.05, xi[:, :, one], log_u[:, one])
        assert alone.state.position.tobytes() == together.state.position[one].tobytes()
        assert alone.best_score.tobytes() == together.best_score[one].tobytes()


@only_compiled
@pytest.mark.parametrize("objective", LOOPS)
def test_one_thread_and_two_give_the_same_bytes(objective):
    objective, found = LOOPS[objective](), []
    chains = chains_of(objective, 121, 0.3)
    xi, log_u = noise(3, objective.dim, 121)
    for count in (1, 2):
        with threads(count):
            after, accepted = objective.burst(chains, 0.3, 0.05, xi, log_u)
            parts = *objective.evaluate(chains.state.position), *after.state, *after[1:]
        found.append((accepted, [part.tobytes() for part in parts]))
    assert found[0] == found[1]


def test_searches_find_the_same_bytes_on_one_thread_and_on_two():
    searches = [
        lambda: MalaSearch(120, 2, 5).neurons(place(1024, 2, 2), rng=0),
        lambda: ProfileSearch(3000, 2, 9).neurons(place(200, 2, 2), rng=0),
        lambda: MalaSearch(120, 2, 5).layer(place(200, 3, 2, kind="layer"), rng=0),
    ]
    for search in searches:
        found = []
        for count in (1, 2):
            with threads(count):
                found.append(search().operation.weights.tobytes())
        assert found[0] == found[1]


@only_compiled
@pytest.mark.parametrize("N, d, m, k", [(1024, 784, 10, 1), (300, 40, 3, 1), (300, 40, 3, 2)])
def test_where_blas_computes_numbers_are_close_alone_among_others_and_on_any_threads(N, d, m, k):
    objective = WideNeuronObjective(place(N, d, m), k)
    chains = chains_of(objective, 150, 0.3)  # in two blocks
    xi, log_u = noise(3, objective.dim, 150)
    found = []
    for count in (1, 2):
        with threads(count), threadpool_limits(count, user_api="blas"):
            after, _ = objective.burst(chains, 0.3, 0.01, xi, log_u)
            found.append((*objective.evaluate(chains.state.position), after.state.position))
    for one, two in zip(*found, strict=True):
        assert_close(two, one, 1e-10)
    for c in (0, 74, 75, 149):
        one = slice(c, c + 1)
        after, _ = objective.burst(one_of(chains, c), 0.3, 0.01, xi[:, :, one], log_u[:, one])
        alone = *objective.evaluate(chains.state.position[one]), after.state.position
        for a, b in zip(alone, found[0], strict=True):
            assert_close(a, b[one], 1e-10)


@only_compiled
@pytest.mark.parametrize("objective", [name for name in LOOPS if "layer" not in name] + [*PRODUCTS])
def test_every_block_of_chains_equals_the_twins(objective):
    kernel = (LOOPS | PRODUCTS)[objective]()
    stats = place(len(kernel.r), kernel.n_in - 1, kernel.r.shape[1])
    twin, rng = NeuronObjective(stats, kernel.k), np.random.default_rng(0)
    theta = twin.draw(150, rng)
    a = np.stack([activations(stats, twin.decode(one)) for one in theta])
    clear = np.linalg.cond(a.transpose(0, 2, 1) @ a) < 1e4  # else digits go in both
    assert clear.sum() > 100
    expected = twin.evaluate(theta)
    for count in (1, 2):
        with threads(count):
            found = kernel.evaluate(theta)
        for mine, its in zip(found, expected, strict=True):
            assert_close(mine[clear], its[clear], 1e-11)


@pytest.mark.parametrize("objective", [*LOOPS, *PRODUCTS, "profiled"])
def test_the_type_and_order_of_proposals_do_not_matter(objective):
    profiled = CompiledProfiledNeuronObjective(place(33, 2, 2))
    objective = profiled if objective == "profiled" else (LOOPS | PRODUCTS)[objective]()
    rng = np.random.default_rng(0)
    theta = rng.integers(-3, 4, (9, objective.dim)) + 8 * np.eye(9, objective.dim).astype(int)
    expected = objective.evaluate(theta.astype(float))
    assert np.isfinite(expected[0]).any()
    spread = np.repeat(theta.astype(float), 2, axis=1)[:, ::2]
    for same in (theta, theta.astype(np.float32), np.asfortranarray(theta.astype(float)), spread):
        for found, wanted in zip(objective.evaluate(same), expected, strict=True):
            assert found.dtype == np.float64 and np.array_equal(found, wanted, equal_nan=True)


def test_nothing_that_a_burst_is_given_changes():
    objective = CompiledNeuronObjective(place(30, 2, 2))
    chains = chains_of(objective, 5, 0.3)
    before = [part.copy() for part in (*chains.state, *chains[1:])]
    objective.burst(chains, 0.3, 0.1, *noise(5, objective.dim, 5))
    for part, copy in zip((*chains.state, *chains[1:]), before, strict=True):
        assert np.array_equal(part, copy)


@pytest.mark.parametrize("search", [MalaSearch(4, 3, 3), ProfileSearch(10, 2, 9)])
def test_how_the_arrays_lie_in_memory_does_not_matter(search):
    for kind, find in (("neuron", search.neurons), ("layer", search.layer)):
        stats = place(30, 2, 2, kind=kind)
        fields = ("inputs", "a_c", "g", "g_r", "G", "W")
        turned = replace(stats, **{f: np.asfortranarray(getattr(stats, f)) for f in fields})
        spread = replace(stats, **{f: np.repeat(getattr(stats, f), 2, 0)[::2] for f in fields})
        expected = find(stats, rng=0).operation.weights
        assert_close(find(turned, rng=0).operation.weights, expected, 1e-6)
        assert_close(find(spread, rng=0).operation.weights, expected, 1e-6)


def test_no_proposals_need_no_scores():
    stats = place(30, 2, 2)
    layer = CompiledLayerObjective(place(30, 2, 2, kind="layer"))
    for objective in (
        CompiledNeuronObjective(stats), CompiledProfiledNeuronObjective(stats), layer,
    ):  # fmt: skip
        scores, gradients = objective.evaluate(np.empty((0, objective.dim)))
        assert scores.shape == (0,) and gradients.shape == (0, objective.dim)


def test_the_searches_use_the_kernels_where_they_fit_and_the_twins_elsewhere():
    neuron, wide, layer = place(30, 2, 2), place(30, 17, 1), place(30, 2, 2, kind="layer")
    tanh, broad = replace(neuron, activation=Tanh()), place(80, 25, 2, kind="layer")
    expected = [
        (lambda: compiled.neuron_objective(neuron), CompiledNeuronObjective, NeuronObjective),
        (lambda: compiled.neuron_objective(neuron, 2), CompiledNeuronObjective, NeuronObjective),
        (lambda: compiled.neuron_objective(wide), WideNeuronObjective, NeuronObjective),
        (lambda: compiled.neuron_objective(tanh), NeuronObjective, NeuronObjective),
        (
            lambda: compiled.profiled_neuron_objective(neuron),
            CompiledProfiledNeuronObjective, ProfiledNeuronObjective,
        ),
        (lambda: compiled.profiled_neuron_objective(wide), *[ProfiledNeuronObjective] * 2),
        (lambda: compiled.profiled_neuron_objective(tanh), *[ProfiledNeuronObjective] * 2),
        (lambda: compiled.layer_objective(layer), CompiledLayerObjective, LayerObjective),
        (lambda: compiled.layer_objective(broad), LayerObjective, LayerObjective),
    ]  # fmt: skip
    for make, with_kernels, without in expected:
        assert type(make()) is (with_kernels if enabled() else without)
        with twins():
            assert type(make()) is without


class Doubled(Rational):
    """A Rational of one's own, of which the kernels know nothing."""

    def __call__(self, z, k):
        return 2 * super().__call__(z, k)

    def slopes(self, z, k, value):
        return tuple(2 * part for part in super().slopes(z, k, value / 2))


def test_the_kernels_leave_activations_of_ones_own_to_the_twins():
    stats = replace(place(30, 2, 2), activation=Doubled())
    assert type(compiled.neuron_objective(stats)) is NeuronObjective
    assert type(compiled.profiled_neuron_objective(stats)) is ProfiledNeuronObjective
    net, X = MLP.random((2, 3, 1), Doubled(), rng=0), np.ones((1, 2))
    assert np.array_equal(outputs_and_jacobian(net, X)[0], net.forward(X).outputs)


@pytest.mark.parametrize("search", [MalaSearch(4, 3, 3), ProfileSearch(10, 2, 9)])
def test_every_search_works_without_a_compiler(search):
    with twins():
        assert search.neurons(place(30, 2, 2), rng=0).score > 0
        assert search.layer(place(30, 2, 2, kind="layer"), rng=0).score > 0


# --- Where a cut bites ---------------------------------------------------------------------------


def bounds_at(a, r, cutoff):
    """`neuron_bounds` of one chain of linear neurons with activations a (N, k)."""
    z, q = a[:, :, None].copy(), np.zeros((3, a.shape[1], 1))
    q[2] = 1.0
    scores, d_z, d_q = np.empty(1), np.empty(z.shape), np.empty(q.shape)
    neuron_bounds(z, q, r, cutoff, scores, d_z, d_q, np.empty(z.shape))
    assert np.isfinite(d_z).all() and np.isfinite(d_q).all()
    return scores[0]


def test_a_neuron_that_is_zero_everywhere_scores_zero():
    assert bounds_at(np.zeros((3, 1)), np.ones((3, 1)), CUTOFF) == 0


@pytest.mark.parametrize("k", [2, 3])
def test_neurons_that_others_explain_add_nothing_in_kernel_and_twin(k):  # Theorem 3.2
    stats = place(25, 3, 2)
    twin, kernel = NeuronObjective(stats, k), compiled_neurons(stats, k)
    w, q = (part.copy() for part in twin.split(twin.draw(9, np.random.default_rng(0))))
    w[:, :, -1], q[:, :, -1] = w[:, :, 0], -3 * q[:, :, 0]
    theta = np.hstack([w.reshape(9, -1), q.reshape(9, -1)])
    fewer = np.hstack([w[:, :, :-1].reshape(9, -1), q[:, :, :-1].reshape(9, -1)])
    alone = NeuronObjective(stats, k - 1).evaluate(fewer)[0]
    for objective in (twin, kernel):
        scores, gradients = objective.evaluate(theta)
        assert_close(scores, alone, 1e-9)
        assert np.isfinite(gradients).all()


def test_bases_that_are_dependent_score_alike_in_kernel_and_twin():  # (E12)
    stats = place(25, 2, 2)
    stats = replace(stats, g_r=stats.g_r + 1)  # a constant has something to explain
    theta = np.zeros((4, 3))
    theta[:, -1] = [0.0, 1.0, -2.0, 1e5]  # all three functions are constants
    twin, kernel = ProfiledNeuronObjective(stats), CompiledProfiledNeuronObjective(stats)
    expected, found = twin.evaluate(theta)[0], kernel.evaluate(theta)[0]
    assert expected.min() > 0
    assert_close(found, expected, 1e-9)


@pytest.mark.parametrize("beyond", [False, True])
def test_the_limit_of_a_layer_s_condition_is_the_twins(beyond):  # (E16)
    stats, kappa = place(40, 2, 2, kind="layer"), 20 * (1.01 if beyond else 0.99)
    stretch = (kappa + np.sqrt(kappa**2 - 4)) / 2  # s + 1 / s is kappa
    turn = np.linalg.qr(np.random.default_rng(0).standard_normal((2, 2)))[0]
    theta = np.vstack([turn * [stretch, 1.0], np.ones((1, 2))]).reshape(1, -1)
    for objective in (LayerObjective(stats), CompiledLayerObjective(stats)):
        assert np.isnan(objective.evaluate(theta)[0][0]) == beyond


def solved_second(cutoff):
    """The second of two variables that differ little: 1, or 0 where it is left out."""
    A, X = np.array([[4.0, 0.0], [3.996, 4.0]]), np.empty((2, 1))
    b = np.array([[4 + 3.996], [4 + 3.996]])
    solve_cholesky(A, b, np.array([4.0, 4.0]), cutoff, X)
    return round(X[1, 0], 9)


def two_neurons(cutoff):
    rng = np.random.default_rng(0)
    a, r = rng.standard_normal((9, 1)), rng.standard_normal((9, 2))
    return bounds_at(np.hstack([a, a + 1e-4 * rng.standard_normal((9, 1))]), r, cutoff)


def profiled(cutoff):
    x, r, *_ = CompiledProfiledNeuronObjective(place(20, 1, 2)).arrays
    w, q, d_w = np.array([0.1, 0.1]), np.empty(3), np.empty(2)
    return profiled_bound(x, r, 0.0, cutoff, w, q, d_w, np.empty(20))


def layer(cutoff):
    objective = CompiledLayerObjective(place(40, 2, 2, kind="layer"))
    theta = objective.draw(1, np.random.default_rng(0)).reshape(3, 2, 1)
    scores, room = np.empty(1), objective.room(1)
    inserted_layers(*objective.arrays, (20.0, cutoff), theta, scores, np.empty((3, 2, 1)), *room)
    return scores[0]


@pytest.mark.parametrize("kernel", [solved_second, two_neurons, profiled, layer])
def test_the_cut_that_a_kernel_is_given_has_a_say(kernel):
    fine, coarse = kernel(1e-12), kernel(0.5)
    assert fine > coarse * (1 + 1e-6) and coarse >= 0


@pytest.mark.parametrize("size", [1e-200, 1.0, 1e200])
def test_the_cut_of_a_solve_sees_no_units(size):
    A, X = size * np.array([[1.0, 0.0], [0.5, 1.0]]), np.empty((2, 1))
    solve_cholesky(A, size * np.array([[1.5], [1.5]]), np.array([size, size]), CUTOFF, X)
    assert_close(X, np.ones((2, 1)), 1e-14)


@pytest.mark.parametrize("seed", range(4))
def test_one_solve_serves_matrices_with_a_redundant_variable_too(seed):
    rng = np.random.default_rng(seed)
    root, B = rng.standard_normal((5, 9)), rng.standard_normal((5, 2))
    root[3] = root[0] - 2 * root[1]
    A, X = root @ root.T, np.empty((5, 2))
    B[3] = B[0] - 2 * B[1]
    solve_cholesky(A.copy(), B, np.diag(A).copy(), CUTOFF, X)
    assert_close(A @ X, B, 1e-10)
    assert (X[3] == 0).all()
