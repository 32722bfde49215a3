"""Growing and pruning: what stays as it was, what becomes possible, what a removal costs."""

import numpy as np
import pytest
from compare import assert_close
from hypothesis import given
from hypothesis import strategies as st
from strategies import (
    ACTIVATIONS,
    SMOOTH,
    assume_condition,
    deepened,
    invertible,
    left_over,
    problems,
    receiving_layers,
    small_problems,
    widened,
)

from sennpy.expansion.grow import deepen, widen
from sennpy.expansion.layer_score import layer_score
from sennpy.expansion.removal import prune, removal_costs
from sennpy.nn.activations import Rational, ReLU, Tanh
from sennpy.nn.losses import SquaredError
from sennpy.nn.mlp import MLP

NEAR_AND_FAR = (1.0, 1e3, 1e6)
hidden_problems = problems(hidden=(1, 3), max_width=5, outputs=(1, 3), samples=(12, 20))


def size(net, X):
    """The largest sum of magnitudes that any pre-activation is made of: what rounding acts on."""
    inputs = net.forward(X).inputs
    return max((np.abs(a) @ np.abs(W)).max() for a, W in zip(inputs, net.weights, strict=True))


def assert_same_function(grown, net, X, tolerance):
    """Equal outputs on the data, and far outside it."""
    for far in NEAR_AND_FAR:
        assert_close(grown(far * X), net(far * X), tolerance, scale=size(grown, far * X))


def same_bytes(arrays, others):
    return [a.tobytes() for a in arrays] == [a.tobytes() for a in others]


def random_neurons(net, layer, k, rng):
    """Incoming weights and coefficients of k neurons for a hidden layer."""
    return (
        rng.standard_normal((net.sizes[layer] + 1, k)),
        rng.standard_normal((net.activation.num_coefficients, k)),
    )


def square(n, rng):
    """W_q (n + 1, n) with a shift."""
    return np.vstack([invertible(n, rng), rng.standard_normal((1, n))])


# --- The function stays --------------------------------------------------------------------------


@given(widened(hidden=(1, 3), activations=ACTIVATIONS))
def test_new_neurons_leave_the_outputs_as_they_are(case):  # (E1)
    assert_same_function(case.grown, case.net, case.X, 1e-14)


@given(deepened(hidden=(0, 3)))
def test_a_new_layer_leaves_the_outputs_as_they_are(case):  # (E2)
    assert_same_function(case.grown, case.net, case.X, 1e-13)


@given(small_problems(activations=(Rational(),)), st.lists(st.booleans(), min_size=2, max_size=5))
def test_growing_again_and_again_leaves_the_outputs_as_they_are(problem, steps):  # (E1), (E2)
    net, X, rng = problem
    grown = net
    for deeper in steps:
        if deeper or len(grown.weights) == 1:
            position = rng.integers(len(grown.weights))
            grown = deepen(grown, position, square(grown.sizes[position], rng))
        else:
            layer = rng.integers(len(grown.weights) - 1)
            grown = widen(grown, layer, *random_neurons(grown, layer, rng.integers(1, 3), rng))
    assert_same_function(grown, net, X, 1e-12)


@given(hidden_problems)
def test_new_neurons_stand_last_and_nothing_else_moves(problem):  # (E1)
    net, _, rng = problem
    for layer in range(len(net.weights) - 1):
        new, q = random_neurons(net, layer, 2, rng)
        grown, n = widen(net, layer, new, q), net.sizes[layer + 1]
        assert grown.sizes == (*net.sizes[: layer + 1], n + 2, *net.sizes[layer + 2 :])
        assert grown.weights[layer].tobytes() == np.hstack([net.weights[layer], new]).tobytes()
        joined = np.hstack([net.coefficients[layer], q])
        assert grown.coefficients[layer].tobytes() == joined.tobytes()
        silent = np.insert(net.weights[layer + 1], [n, n], 0.0, axis=0)
        assert grown.weights[layer + 1].tobytes() == silent.tobytes()
        assert same_bytes(grown.weights[:layer], net.weights[:layer])
        assert same_bytes(grown.weights[layer + 2 :], net.weights[layer + 2 :])


@given(small_problems(activations=(Rational(),)))
def test_a_new_layer_is_square_and_the_next_one_undoes_it(problem):  # (E2), (E3)
    net, _, rng = problem
    for position, W in enumerate(net.weights):
        n = net.sizes[position]
        weights = square(n, rng)
        grown = deepen(net, position, weights)
        assert grown.sizes == (*net.sizes[: position + 1], n, *net.sizes[position + 1 :])
        assert grown.weights[position].tobytes() == weights.tobytes()
        assert grown.coefficients[position].tolist() == [[0] * n, [0] * n, [1] * n]
        undone = np.hstack([weights, np.eye(n + 1)[:, -1:]]) @ grown.weights[position + 1]
        assert_close(undone, W, 1e-12, scale=np.abs(grown.weights[position + 1]).max())
        assert same_bytes(grown.weights[:position], net.weights[:position])
        assert same_bytes(grown.weights[position + 2 :], net.weights[position + 1 :])


# --- What becomes possible -----------------------------------------------------------------------


@given(widened())
def test_a_new_neuron_learns_through_its_outgoing_weights_first(case):  # (E1)
    net, X, rng, grown, is_new = case
    gradient = grown.vjp(grown.forward(X), rng.standard_normal(net(X).shape))
    silent = is_new & (grown.parameters == 0)
    assert (gradient[silent] != 0).all()
    assert (gradient[is_new & ~silent] == 0).all()


@given(deepened())
def test_a_new_layer_learns_through_its_coefficients_v_and_c(case):  # (E3), (E16)
    net, X, rng, grown, is_new = case
    _, gradients = grown.split(grown.vjp(grown.forward(X), rng.standard_normal(net(X).shape)))
    _, new = grown.split(is_new)
    position = next(l for l, k in enumerate(new) if k.all())
    assert (gradients[position][:2] != 0).all()
    assert (gradients[position][2] == 0).all()


@given(deepened(hidden=(0, 1), max_width=2))
def test_the_weights_of_a_new_layer_repeat_what_the_next_layer_can_do(case):  # (E16)
    J = case.grown.jacobian(case.grown.forward(case.X)).reshape(-1, case.grown.num_parameters)
    weights, coefficients = case.grown.split(np.arange(case.grown.num_parameters))
    position = next(l for l, k in enumerate(coefficients) if case.is_new[k].all())
    own, following = J[:, weights[position].ravel()], J[:, weights[position + 1].ravel()]
    assume_condition(following, below=100)
    own = own / np.linalg.norm(own, axis=0)
    U, s, _ = np.linalg.svd(following, full_matrices=False)
    U = U[:, s > 1e-12 * s[0]]
    assert_close(U @ (U.T @ own), own, 1e-10)


# --- Removal -------------------------------------------------------------------------------------


@given(hidden_problems, st.integers(1, 3))
def test_pruning_what_was_added_gives_the_network_back_bit_by_bit(problem, k):  # (E1)
    net, _, rng = problem
    for layer in range(len(net.weights) - 1):
        grown = widen(net, layer, *random_neurons(net, layer, k, rng))
        for _ in range(k):
            grown = prune(grown, layer, net.sizes[layer + 1])
        assert grown.sizes == net.sizes
        assert grown.parameters.tobytes() == net.parameters.tobytes()


@given(widened(activations=ACTIVATIONS), st.booleans())
def test_pruning_a_neuron_that_nothing_listens_to_leaves_the_outputs(case, compensate):  # (E15)
    net, X, _, grown, _ = case
    layer = next(l for l, n in enumerate(net.sizes[1:]) if n != grown.sizes[l + 1])
    pruned = prune(grown, layer, net.sizes[layer + 1], X if compensate else None)
    assert_same_function(pruned, grown, X, 1e-14)


@given(hidden_problems, st.data())
def test_pruning_a_constant_neuron_hands_its_constant_to_the_bias(problem, data):  # (E15)
    net, X, rng = problem
    layer = data.draw(st.integers(0, len(net.weights) - 2), label="layer")
    new, q = random_neurons(net, layer, 1, rng)
    new[:-1] = 0
    grown = widen(net, layer, new, q)
    outgoing = [W.copy() for W in grown.weights]
    outgoing[layer + 1][-2] = rng.standard_normal(len(outgoing[layer + 1].T))
    grown = MLP(tuple(outgoing), grown.coefficients, net.activation)
    assume_condition(net.forward(X).inputs[layer + 1], below=100, full_rank=True)
    pruned, bias = prune(grown, layer, net.sizes[layer + 1], X), net.weights[layer + 1][-1]
    constant = grown.forward(X).inputs[layer + 1][0, -2]
    assert_close(pruned.weights[layer + 1][-1], bias + constant * outgoing[layer + 1][-2], 1e-10)
    assert_same_function(pruned, grown, X, 1e-10)


@given(hidden_problems, st.data())
def test_pruning_a_duplicate_hands_its_weights_to_its_twin(problem, data):  # (E15)
    net, X, rng = problem
    layer = data.draw(st.integers(0, len(net.weights) - 2), label="layer")
    twin = data.draw(st.integers(0, net.sizes[layer + 1] - 1), label="twin")
    a = net.forward(X).inputs[layer + 1]
    assume_condition(a, below=100, full_rank=True)
    place = np.append(np.delete(np.arange(a.shape[1] - 1), twin), [twin, twin])
    W = np.vstack([net.weights[layer + 1], rng.standard_normal((1, net.sizes[layer + 2]))])
    both = list(net.weights), list(net.coefficients)
    both[0][layer], both[1][layer] = (x[layer][:, place] for x in (net.weights, net.coefficients))
    both[0][layer + 1] = W
    doubled = MLP(*map(tuple, both), net.activation)
    pruned = prune(doubled, layer, len(place) - 1, X)
    handed = np.delete(W, -2, axis=0)
    handed[-2] += W[-2]
    assert_close(pruned.weights[layer + 1], handed, 1e-10)
    assert_same_function(pruned, doubled, X, 1e-10)


@given(hidden_problems, st.data())
def test_the_compensation_is_the_one_of_least_change(problem, data):  # (E15)
    net, X, _ = problem
    layer = data.draw(st.integers(0, len(net.weights) - 2), label="layer")
    pruned_one = data.draw(st.integers(0, net.sizes[layer + 1] - 1), label="neuron")
    a, W = net.forward(X).inputs[layer + 1], net.weights[layer + 1]
    assume_condition(a, below=100, full_rank=True)
    if net.sizes[layer + 1] == 1:
        with pytest.raises(ValueError, match="has one neuron only; a layer cannot become empty"):
            prune(net, layer, pruned_one)
        return
    kept = prune(net, layer, pruned_one, X).weights[layer + 1]
    A_inv, j = np.linalg.inv(a.T @ a / len(X)), pruned_one
    change = -np.outer(A_inv[:, j], W[j]) / A_inv[j, j]
    assert_close(change[j], -W[j])
    assert_close(kept, np.delete(W + change, j, axis=0), 1e-10)
    least = np.linalg.lstsq(np.delete(a, j, axis=1), a @ W, rcond=None)[0]
    assert_close(kept, least, 1e-10, scale=np.abs(W).max())


# --- What a removal costs ------------------------------------------------------------------------


@given(receiving_layers())
def test_the_cost_is_the_score_that_re_enabling_brings_back_for_any_compensation(layer):  # (E15)
    a, g, G = np.hstack([layer.a_p, layer.a_c]), layer.g, layer.G
    W = layer.rng.standard_normal((a.shape[1], g.shape[1]))
    costs = removal_costs(a, g, G, W)
    assert costs.shape == (a.shape[1],)
    for j, cost in enumerate(costs):
        compensated = layer.rng.standard_normal(W.shape)
        compensated[j] = 0
        g_j = g + a @ (compensated - W) @ G  # the gradient after the change, with curvature G
        eta, eta_j = layer_score(a, g_j, G), layer_score(np.delete(a, j, axis=1), g_j, G)
        assert_close(cost, eta - eta_j, 1e-10, scale=eta)


@given(problems(hidden=(1, 1), max_width=4, samples=(12, 20), activations=SMOOTH), st.booleans())
def test_the_cost_is_the_score_that_re_enabling_brings_to_a_real_network(problem, compensate):
    net, X, _ = problem  # (E15)
    t, a, I = problem.output_like(), problem.trace.inputs[-1], np.eye(net.sizes[-1])
    assume_condition(a, below=100, full_rank=True)
    costs = removal_costs(a, net(X) - t, I, net.weights[-1])
    for j in range(net.sizes[1] if net.sizes[1] > 1 else 0):
        g = prune(net, 0, j, X if compensate else None)(X) - t
        eta, eta_j = layer_score(a, g, I), layer_score(np.delete(a, j, axis=1), g, I)
        assert_close(costs[j], eta - eta_j, 1e-10, scale=max(eta, costs[j]))


@given(problems(hidden=(1, 1), max_width=4, samples=(12, 20), activations=SMOOTH))
def test_at_a_minimum_half_the_cost_is_the_loss_after_pruning_and_training_on(problem):  # (E15)
    t, a, loss = problem.output_like(), problem.trace.inputs[-1], SquaredError()
    assume_condition(a, below=100, full_rank=True)
    best = np.linalg.lstsq(a, t, rcond=None)[0]
    costs = removal_costs(a, a @ best - t, np.eye(t.shape[1]), best)
    for j, cost in enumerate(costs):
        rest = np.delete(a, j, axis=1)
        increase = loss.value(t - left_over(rest, t), t) - loss.value(a @ best, t)
        assert_close(cost / 2, increase, 1e-10, scale=loss.value(0 * t, t))


@given(receiving_layers())
def test_the_score_lost_by_deleting_is_the_cost_of_a_neuron_with_no_weights(layer):  # (E15)
    a, g, G = np.hstack([layer.a_p, layer.a_c]), layer.g, layer.G
    A_inv = np.linalg.inv(a.T @ a / len(a))
    n = A_inv @ (a.T @ g / len(a)) @ np.linalg.inv(np.linalg.cholesky(G)).T
    costs, eta = removal_costs(a, g, G, np.zeros((a.shape[1], g.shape[1]))), layer_score(a, g, G)
    assert_close(costs, (n**2).sum(axis=1) / np.diag(A_inv), 1e-10)
    lost = [eta - layer_score(np.delete(a, j, axis=1), g, G) for j in range(1, a.shape[1])]
    assert_close(costs[1:], lost, 1e-10, scale=eta)


# --- Networks are values -------------------------------------------------------------------------


@given(small_problems(hidden=(1, 2), activations=(Rational(),)), st.sampled_from("48"))
def test_nothing_is_changed_in_place_and_the_number_type_stays(problem, digits):
    net, X, rng = problem
    net, new, q = net.astype("f" + digits), *random_neurons(net, 0, 2, rng)
    weights = square(net.sizes[1], rng)
    given_arrays = [*net.blocks(), new, q, weights, X]
    before = [array.tobytes() for array in given_arrays]
    grown = widen(net, 0, new, q)
    made = [grown, deepen(net, 1, weights), prune(grown, 0, 1), prune(grown, 0, 0, X)]
    assert [array.tobytes() for array in given_arrays] == before
    for result in made:
        assert result.dtype == net.dtype
        assert {block.dtype for block in result.blocks()} == {net.dtype}
        assert not any(block.flags.writeable for block in result.blocks())
        assert not any(np.shares_memory(b, x) for b in result.blocks() for x in (new, q, weights))


@pytest.mark.parametrize("seed", range(4))
def test_compensation_in_float32_sees_that_a_neuron_is_a_mixture_of_others(seed):  # (E15)
    """Moments are taken in float64: rounding of the activations is no new direction."""
    rng, identity = np.random.default_rng(seed), Rational().identity_coefficients(5)
    W = rng.standard_normal((3, 2)) @ rng.standard_normal((2, 5))  # linear neurons of rank 2
    net = MLP((W, rng.standard_normal((6, 2))), (identity,)).astype(np.float32)
    X = rng.standard_normal((40, 2))
    pruned = prune(net, 0, 1, X)
    assert_close(pruned(X), net(X), 1e-6, scale=size(net, X))
    assert np.abs(pruned.weights[1]).max() < 10


# --- What is refused -----------------------------------------------------------------------------

NET, FLAT = MLP.random((2, 3, 1), rng=0), MLP.random((2, 1), rng=0)
ONES = np.ones((4, 2))


@pytest.mark.parametrize("activation", [ReLU(), Tanh()], ids=repr)
def test_an_activation_that_cannot_be_the_identity_cannot_be_inserted(activation):  # (E2), (E3)
    net = MLP.random((2, 3, 1), activation, rng=0)
    with pytest.raises(ValueError, match=f"{activation}.* cannot be the identity .* use Rational"):
        deepen(net, 0, np.eye(3)[:, :2])


@pytest.mark.parametrize(
    "change, message",
    [
        (lambda: widen(FLAT, 0, np.ones((3, 1))), r"has no hidden layer; deepen it first"),
        (lambda: widen(NET, 1, np.ones((4, 1))), r"layer is 1, expected an integer .* below 1"),
        (lambda: widen(NET, -1, np.ones((4, 1))), r"layer is -1, expected an integer of at least"),
        (lambda: widen(NET, 0, np.ones((2, 1))), r"weights has shape \(2, 1\), expected \(3, k\)"),
        (lambda: widen(NET, 0, np.ones((3, 1))), r"coefficients has shape \(0, 1\), expected \(3,"),
        (lambda: deepen(NET, 2, np.ones((2, 1))), r"position is 2, expected .* below 2"),
        (lambda: deepen(NET, 0, np.ones((2, 2))), r"weights has shape \(2, 2\), expected \(3, 2\)"),
        (lambda: deepen(NET, 0, np.ones((3, 2))), r"condition number .* to keep the function"),
        (lambda: prune(NET, 0, 3), r"neuron is 3, expected an integer of at least 0 and below 3"),
        (lambda: prune(FLAT, 0, 0), r"has no hidden layer"),
        (lambda: removal_costs(ONES, ONES, ONES[:2] + np.eye(2), ONES[:2]), r"a_c have rank 1, ex"),
    ],
)  # fmt: skip
def test_bad_input_is_refused_in_words_that_help(change, message):
    with pytest.raises(ValueError, match=message):
        change()


def test_only_the_square_part_of_an_inserted_layer_must_be_well_conditioned():  # (E2)
    net, X = MLP.random((2, 2), rng=0), np.random.default_rng(0).standard_normal((9, 2))
    far = np.array([[1.0, 0.0], [0.0, 1.0], [1e9, 0.0]])  # a large shift is no harm
    assert deepen(net, 0, far).sizes == (2, 2, 2)
    flat = np.array([[1.0, 0.0], [0.0, 1e-9], [0.0, 1.0]])  # and none that helps
    with pytest.raises(ValueError, match=r"condition number 1\.0e\+09, expected one below 1e\+08"):
        deepen(net, 0, flat)
    almost = np.array([[1.0, 0.0], [0.0, 2e-8], [0.0, 0.0]])
    assert np.abs(deepen(net, 0, almost)(X) - net(X)).max() < 1e-7
