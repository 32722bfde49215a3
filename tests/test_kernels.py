"""Each compiled kernel against its NumPy twin, and what must not depend on how it is called."""

import os
import subprocess
import sys
import warnings
from dataclasses import replace

import numpy as np
import places
import pytest
from compare import assert_close
from hypothesis import assume, given
from hypothesis import strategies as st
from installed import needs_numba
from scipy.linalg import eigh
from strategies import seeds
from threadpoolctl import threadpool_limits

from sennpy import MLP, MalaSearch, ProfileSearch
from sennpy import kernels as compiled
from sennpy.expansion.layer_score import residual_gradient
from sennpy.expansion.mala import initial_state
from sennpy.expansion.moments import moment
from sennpy.growth import compiled as compiled_objectives
from sennpy.growth import objectives
from sennpy.growth.compiled import (
    CompiledLayerObjective,
    CompiledNeuronObjective,
    CompiledProfiledNeuronObjective,
    WideNeuronObjective,
    blocks_of,
)
from sennpy.growth.objectives import (
    Chains,
    LayerObjective,
    NeuronObjective,
    ProfiledNeuronObjective,
)
from sennpy.kernels.langevin import neuron_bounds
from sennpy.kernels.profile import symmetric_eigen
from sennpy.nn.activations import Rational, Tanh, rational_basis
from sennpy.training.jacobian import outputs_and_jacobian

SHAPES = [(20, 1, 1), (30, 2, 2), (25, 4, 3), (12, 7, 10), (9, 20, 2), (1, 1, 1)]  # N, d, m
shapes = pytest.mark.parametrize("N, d, m", SHAPES)


def place(N, d, m, seed=0, kind="neuron"):
    sizes = (d, 2, m) if kind == "neuron" else (d, m)
    return places.statistics(kind, 0, sizes, N=N, seed=seed)


def compiled_neurons(stats, k=1):
    """The objective with kernels for so many inputs."""
    small = stats.inputs.shape[1] <= compiled_objectives.SMALL_INPUTS
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


def test_climbs_with_a_matrix_and_with_vectors_find_equally_much(monkeypatch):
    """`ascent.climb` and scipy's L-BFGS-B, from twenty starts each."""
    objective = ProfiledNeuronObjective(place(40, 2, 2, 3), 1e-3)
    starts, best = objective.draw(20, np.random.default_rng(0)), []
    for dense in (objectives.DENSE, 0):
        monkeypatch.setattr(objectives, "DENSE", dense)
        ends = np.stack([objective.climb(start, 3.0, 200, 1e-12) for start in starts])
        best.append(objective.evaluate(ends)[0].max())
    assert best[1] == pytest.approx(best[0], rel=1e-6)


# --- What must not matter ------------------------------------------------------------------------


ALONE = {  # the blocks that 120 chains make: one, several, one of matrix products and a second
    "few samples": lambda: compiled_neurons(place(33, 2, 2)),
    "many samples": lambda: compiled_neurons(place(1024, 2, 2)),
    "many inputs": lambda: compiled_neurons(place(300, 40, 3)),
    "a layer": lambda: CompiledLayerObjective(place(33, 2, 2, kind="layer")),
    "a wider layer": lambda: CompiledLayerObjective(place(200, 3, 2, kind="layer")),
}


@pytest.mark.parametrize("objective", ALONE)
def test_a_chain_gets_the_same_bytes_alone_and_among_others(objective):
    objective = ALONE[objective]()
    chains = chains_of(objective, 120, 0.3)
    xi, log_u = noise(20, objective.dim, 120)
    together, _ = objective.burst(chains, 0.3, 0.05, xi, log_u)
    for c in (0, 1, 57, 103, 119):
        one = slice(c, c + 1)
        theta = chains.state.position[one]
        score, gradient = objective.evaluate(theta)
        assert score.tobytes() == chains.best_score[one].tobytes()
        assert gradient.tobytes() == objective.evaluate(chains.state.position)[1][one].tobytes()
        state = type(chains.state)(*(part[one] for part in chains.state))
        alone, _ = objective.burst(
            Chains(state, chains.best[one], chains.best_score[one]), 0.3, 0.05,
            xi[:, :, one], log_u[:, one],
        )  # fmt: skip
        assert alone.state.position.tobytes() == together.state.position[one].tobytes()
        assert alone.best_score.tobytes() == together.best_score[one].tobytes()


def test_several_blocks_are_several():
    count = {name: len(blocks_of(120, make().block())) for name, make in ALONE.items()}
    assert count == {
        "few samples": 1, "many samples": 4, "many inputs": 2, "a layer": 1, "a wider layer": 3,
    }  # fmt: skip


@pytest.mark.parametrize("objective", [*ALONE, "profiled"])
def test_the_type_and_order_of_proposals_do_not_matter(objective):
    profiled = CompiledProfiledNeuronObjective(place(33, 2, 2))
    objective = profiled if objective == "profiled" else ALONE[objective]()
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
        expected = find(stats, rng=0).weights
        assert_close(find(turned, rng=0).weights, expected, 1e-6)
        assert_close(find(spread, rng=0).weights, expected, 1e-6)


def test_no_proposals_need_no_scores():
    stats = place(30, 2, 2)
    layer = CompiledLayerObjective(place(30, 2, 2, kind="layer"))
    for objective in (
        CompiledNeuronObjective(stats), CompiledProfiledNeuronObjective(stats), layer,
    ):  # fmt: skip
        scores, gradients = objective.evaluate(np.empty((0, objective.dim)))
        assert scores.shape == (0,) and gradients.shape == (0, objective.dim)


def test_the_searches_use_the_kernels_where_they_fit_and_the_twins_elsewhere(monkeypatch):
    monkeypatch.setattr(compiled_objectives, "enabled", lambda: True)
    neuron, tanh = place(30, 2, 2), replace(place(30, 2, 2), activation=Tanh())
    make = compiled_objectives.neuron_objective
    assert type(make(neuron)) is CompiledNeuronObjective
    assert type(make(neuron, 2)) is CompiledNeuronObjective
    assert type(make(tanh)) is NeuronObjective
    assert type(make(place(30, 17, 1))) is WideNeuronObjective
    make = compiled_objectives.profiled_neuron_objective
    assert type(make(neuron)) is CompiledProfiledNeuronObjective
    assert type(make(tanh)) is ProfiledNeuronObjective
    assert type(make(place(30, 17, 1))) is ProfiledNeuronObjective
    make = compiled_objectives.layer_objective
    assert type(make(place(30, 2, 2, kind="layer"))) is CompiledLayerObjective
    assert type(make(place(80, 25, 2, kind="layer"))) is LayerObjective
    monkeypatch.setattr(compiled_objectives, "enabled", lambda: False)
    assert type(compiled_objectives.neuron_objective(neuron)) is NeuronObjective


class Doubled(Rational):
    """A Rational of one's own, of which the kernels know nothing."""

    def __call__(self, z, k):
        return 2 * super().__call__(z, k)

    def slopes(self, z, k):
        return tuple(2 * part for part in super().slopes(z, k))


def test_the_kernels_leave_activations_of_ones_own_to_the_twins(monkeypatch):
    monkeypatch.setattr(compiled_objectives, "enabled", lambda: True)
    stats = replace(place(30, 2, 2), activation=Doubled())
    assert type(compiled_objectives.neuron_objective(stats)) is NeuronObjective
    assert type(compiled_objectives.profiled_neuron_objective(stats)) is ProfiledNeuronObjective
    net, X = MLP.random((2, 3, 1), Doubled(), rng=0), np.ones((1, 2))
    assert np.array_equal(outputs_and_jacobian(net, X)[0], net.forward(X).outputs)


@pytest.mark.parametrize("search", [MalaSearch(4, 3, 3), ProfileSearch(10, 2, 9)])
def test_every_search_works_without_a_compiler(search, monkeypatch):
    monkeypatch.setattr(compiled_objectives, "enabled", lambda: False)
    assert search.neurons(place(30, 2, 2), rng=0).exact > 0
    assert search.layer(place(30, 2, 2, kind="layer"), rng=0).exact > 0


# --- Compiling -----------------------------------------------------------------------------------


@needs_numba
def test_kernels_can_be_switched_off_as_numba_documents_it():
    code = "from sennpy import kernels; print(kernels.enabled())"
    for value, expected in [("1", "False"), ("0", "True")]:
        done = subprocess.run(
            [sys.executable, "-c", code], env={"NUMBA_DISABLE_JIT": value, "PATH": ""},
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        assert done.stdout.strip() == expected


def test_a_missing_numba_is_told_once(monkeypatch):
    monkeypatch.setattr(compiled.importlib.util, "find_spec", lambda name: None)
    compiled.enabled.cache_clear()
    try:
        with pytest.warns(UserWarning, match="pip install numba"):
            assert not compiled.enabled()
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            assert not compiled.enabled()
        assert compiled.jit(len) is len
    finally:
        compiled.enabled.cache_clear()


@needs_numba
def test_where_no_cache_can_be_written_kernels_are_compiled_all_the_same(monkeypatch):
    import numba

    true_njit, asked = numba.njit, []

    def njit(*args, **options):
        asked.append(options.pop("cache", False))
        if asked[-1]:
            raise RuntimeError("cannot cache function: no locator available")
        return true_njit(*args, **options)

    monkeypatch.setattr(numba, "njit", njit)
    double = compiled.jit(lambda x: 2 * x)
    assert double(21) == 42 and asked == [True, False]


def test_a_neuron_that_is_zero_everywhere_scores_zero():
    z, r, q = np.zeros((3, 1, 1)), np.ones((3, 1)), np.array([1.0, 0.0, 0.0]).reshape(3, 1, 1)
    scores, d_z, d_q = np.empty(1), np.empty((3, 1, 1)), np.empty((3, 1, 1))
    neuron_bounds(z, q, r, scores, d_z, d_q, np.empty((3, 1, 1)))  # a = 0 everywhere
    assert scores[0] == 0 and np.isfinite(d_z).all() and np.isfinite(d_q).all()


def test_the_activation_of_the_kernels_is_the_networks():
    z, k = np.linspace(-3, 3, 7)[:, None], np.array([[0.3], [-2.0], [0.5]])
    slope, d_k = Rational().slopes(z, k)
    assert_close(slope, Rational().slope(z, k))
    assert_close(d_k, Rational().coefficient_slopes(z, k))


@pytest.mark.parametrize("N, d, m", [(1000, 576, 10), (1024, 784, 10), (300, 40, 3)])
def test_one_thread_of_blas_and_two_give_the_same_bytes(N, d, m):
    objective = WideNeuronObjective(place(N, d, m))
    theta = objective.draw(120, np.random.default_rng(0))
    found = []
    for limit in (1, 2):
        with threadpool_limits(limit, user_api="blas"):
            found.append(b"".join(part.tobytes() for part in objective.evaluate(theta)))
    assert found[0] == found[1]


BYTES = """
import hashlib
from sennpy import MLP, MalaSearch, ProfileSearch
from sennpy.benchmarks.searching import random_place as place
from sennpy.growth import compiled as compiled_objectives, objectives

compiled_objectives.CORES = {threads}
chains, sizes = MalaSearch(120, 2, 5), [(200, 2, 2), (1024, 2, 2), (300, 40, 3)]
found = [chains.neurons(place(*size), rng=0) for size in sizes]
found.append(ProfileSearch(3000, 2, 9).neurons(place(200, 2, 2), rng=0))
found.append(chains.layer(place(200, 2, 2, 3, "layer"), rng=0))
print(hashlib.sha256(b"".join(f.weights.tobytes() for f in found)).hexdigest())
"""


def test_one_thread_and_two_give_the_same_bytes():
    found = []
    for threads in ("1", "2"):
        limits = {"OMP_NUM_THREADS": threads, "OPENBLAS_NUM_THREADS": threads}
        done = subprocess.run(
            [sys.executable, "-c", BYTES.format(threads=threads)], env=os.environ | limits,
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        found.append(done.stdout)
    assert found[0] == found[1] and len(found[0]) == 65
