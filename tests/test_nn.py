"""The network: every derivative against a complex step, an inner product, and an oracle."""

import dataclasses

import numpy as np
import oracle
import pytest
from compare import STEP, assert_close, complex_step
from hypothesis import given, settings
from strategies import ACTIVATIONS, objectives, problems

from sennpy.nn.activations import Rational, ReLU, Tanh
from sennpy.nn.losses import SoftmaxCrossEntropy, SquaredError
from sennpy.nn.mlp import MLP

thorough = settings(max_examples=max(100, settings.default.max_examples))
any_activation = pytest.mark.parametrize("activation", ACTIVATIONS, ids=repr)


def described(problem):
    """Parameters, sizes, name of the activation, and inputs, as the oracle takes them."""
    net, X, _ = problem
    return net.parameters.tolist(), net.sizes, type(net.activation).__name__, X.tolist()


# --- The network's derivatives ------------------------------------------------------------------


@thorough
@given(problems())
def test_outputs_and_jvp_equal_the_oracle_s_dual_numbers(problem):
    theta, sizes, name, X = described(problem)
    v = problem.parameter_like()
    outputs, Jv = oracle.jvp(theta, v.tolist(), sizes, name, X)
    assert_close(problem.net(problem.X), outputs)
    assert_close(problem.net.jvp(problem.trace, v), Jv)


@thorough
@given(problems())
def test_jacobian_and_vjp_equal_the_oracle_s_chain_rule(problem):
    J = np.array(oracle.jacobian(*described(problem)))
    u = problem.output_like()
    assert_close(problem.net.jacobian(problem.trace), J)
    assert_close(problem.net.vjp(problem.trace, u), np.einsum("no,nop->p", u, J))


@thorough
@given(problems())
def test_jacobian_is_the_complex_step_of_the_outputs(problem):
    net, X, _ = problem
    J = complex_step(lambda theta: net.replace(theta)(X), net.parameters)
    assert_close(net.jacobian(problem.trace), J)


@thorough
@given(problems())
def test_jvp_is_the_complex_step_along_a_direction(problem):
    net, X, _ = problem
    v = problem.parameter_like()
    Jv = net.replace(net.parameters + 1j * STEP * v)(X).imag / STEP
    assert_close(net.jvp(problem.trace, v), Jv)


@thorough
@given(problems())
def test_vjp_is_the_complex_step_of_a_weighted_sum_of_outputs(problem):
    net, X, _ = problem
    u = problem.output_like()
    JTu = complex_step(lambda theta: (u * net.replace(theta)(X)).sum(), net.parameters)
    assert_close(net.vjp(problem.trace, u), JTu)


@thorough
@given(problems())
def test_jvp_and_vjp_are_transposes_of_each_other(problem):
    u, v = problem.output_like(), problem.parameter_like()
    Jv, JTu = problem.net.jvp(problem.trace, v), problem.net.vjp(problem.trace, u)
    scale = np.linalg.norm(u) * np.linalg.norm(Jv) + np.linalg.norm(v) * np.linalg.norm(JTu)
    assert abs((u * Jv).sum() - v @ JTu) <= 1e-12 * scale


@thorough
@given(problems())
def test_backward_is_the_complex_step_in_each_bias(problem):
    net, X, _ = problem
    u = problem.output_like()
    g = net.backward(problem.trace, u)
    for l, W in enumerate(net.weights):

        def per_sample(bias, l=l, W=W):
            moved = np.vstack([W[:-1], bias])
            weights = (*net.weights[:l], moved, *net.weights[l + 1 :])
            return (u * MLP(weights, net.coefficients, net.activation)(X)).sum(axis=1)

        assert_close(g[l], complex_step(per_sample, W[-1]))


@thorough
@given(problems())
def test_backward_takes_many_directions_at_once(problem):
    u = np.stack([problem.output_like() for _ in range(3)])
    together = problem.net.backward(problem.trace, u)
    for r in range(3):
        for g, alone in zip(together, problem.net.backward(problem.trace, u[r]), strict=True):
            assert_close(g[r], alone)


@thorough
@given(problems())
def test_per_sample_gradients_are_vjps_of_one_sample(problem):
    net, X, _ = problem
    u = problem.output_like()
    alone = [net.vjp(net.forward(X[n : n + 1]), u[n : n + 1]) for n in range(len(X))]
    assert_close(net.per_sample_gradients(problem.trace, u), alone)


@thorough
@given(problems())
def test_the_trace_chains_homogeneous_inputs_through_the_layers(problem):
    net, trace = problem.net, problem.trace
    assert np.array_equal(trace.inputs[0][:, :-1], problem.X)
    for l, (a, z) in enumerate(zip(trace.inputs, trace.preactivations, strict=True)):
        assert (a[:, -1] == 1).all()
        assert_close(z, a @ net.weights[l])
    for l, k in enumerate(net.coefficients):
        assert_close(trace.inputs[l + 1][:, :-1], net.activation(trace.preactivations[l], k))
    assert np.array_equal(trace.outputs, trace.preactivations[-1])


@given(problems())
def test_a_trace_serves_its_own_network_alone(problem):
    """The classic slip: a step is taken, and the old trace used with the new network."""
    net, trace, u = problem.net, problem.trace, problem.output_like()
    moved = net.replace(net.parameters + 0.1)
    for call in (moved.vjp, moved.backward, moved.per_sample_gradients):
        with pytest.raises(ValueError, match=r"another network .* call forward\(X\) of the new"):
            call(trace, u)
    with pytest.raises(ValueError, match="another network of these sizes"):
        moved.jvp(trace, net.parameters)
    with pytest.raises(ValueError, match="another network of these sizes"):
        moved.jacobian(trace)
    equal = net.replace(net.parameters)
    assert equal.vjp(trace, u).tobytes() == net.vjp(trace, u).tobytes()


def test_a_trace_of_another_activation_is_refused():
    tanh, relu = (MLP.random((2, 3, 1), activation, rng=0) for activation in (Tanh(), ReLU()))
    with pytest.raises(ValueError, match="whose parameters or activation differ"):
        tanh.jacobian(relu.forward(np.ones((4, 2))))


class Counted(Rational):
    """Counts what is asked of it."""

    values = slopes_asked = 0

    def __call__(self, z, k):
        Counted.values += 1
        return super().__call__(z, k)

    def slopes(self, z, k, value):
        Counted.slopes_asked += 1
        return super().slopes(z, k, value)


def test_outputs_are_one_forward_pass_and_slopes_are_for_backpropagation_alone():
    net, X = MLP.random((2, 3, 4, 1), Counted(), rng=0), np.ones((5, 2))
    Counted.values = Counted.slopes_asked = 0
    assert net(X).tobytes() == net.forward(X).outputs.tobytes()
    assert (Counted.values, Counted.slopes_asked) == (4, 0)
    trace, u = net.forward(X), np.ones((5, 1))
    net.vjp(trace, u), net.backward(trace, u), net.jvp(trace, net.parameters)
    assert (Counted.values, Counted.slopes_asked) == (6, 2)


@given(problems())
def test_a_part_of_a_trace_is_the_trace_of_those_samples(problem):
    net, X, some = problem.net, problem.X, slice(0, 1 + len(problem.X) // 2)
    u = problem.output_like()[some]
    assert_close(net.vjp(problem.trace.take(some), u), net.vjp(net.forward(X[some]), u))


def test_one_neuron_on_the_board():  # (E3)
    """x = 2, w = 1, b = -1: z = 1, sigma = 1/3 + 1/3 + 2/3, sigma' = 2/3 - 1/3."""
    net = MLP(([[1.0], [-1.0]], [[3.0], [0.5]]), ([[1.0], [2.0], [2.0]],))
    trace = net.forward([[2.0]])
    assert_close(trace.preactivations[0], [[1.0]])
    assert_close(trace.inputs[1], [[4 / 3, 1.0]])
    assert_close(trace.slopes[0], [[1 / 3]])
    assert_close(trace.outputs, [[4.5]])
    J = [2.0, 1.0, 5 / 9, -7 / 18, 1 / 9, 4 / 3, 1.0]  # w, b, v, c, l, then W and its bias
    assert_close(net.jacobian(trace)[0, 0], J)


# --- The flat parameter vector -------------------------------------------------------------------


def test_flat_order_is_weights_row_by_row_then_v_c_l_layer_by_layer():
    weights = ([[1, 2], [3, 4], [5, 6]], [[13], [14], [15]])
    net = MLP(weights, ([[7, 8], [9, 10], [11, 12]],))
    assert net.parameters.tolist() == list(range(1, 16))


@given(problems())
def test_replace_undoes_parameters(problem):
    net = problem.net
    theta = problem.parameter_like()
    assert np.array_equal(net.replace(theta).parameters, theta)
    again = net.replace(net.parameters)
    assert again.sizes == net.sizes and again.activation == net.activation
    for W, same in zip(net.blocks(), again.blocks(), strict=True):
        assert np.array_equal(W, same)


@given(problems())
def test_nothing_in_a_network_can_be_changed(problem):
    net = problem.net
    moved = net.replace(2 * net.parameters)
    for one in (net, moved, net.astype("float32")):
        assert not any(block.flags.writeable for block in one.blocks())
    with pytest.raises(dataclasses.FrozenInstanceError):
        net.weights = ()
    net.parameters[:] = 7.0  # a copy
    assert not (net.parameters == 7.0).all()


def test_a_network_keeps_no_tie_to_the_arrays_it_was_made_of():
    W = np.ones((2, 1))
    net = MLP((W,))
    W[:] = 5.0
    assert net.parameters.tolist() == [1.0, 1.0]


@given(objectives())
def test_no_argument_is_changed(objective):
    net, X, loss, t = objective
    theta, u, v = net.parameters, loss.gradient(net(X), t), net.parameters
    arguments = (X, t, u, v, theta)
    before = [array.copy() for array in arguments]
    trace = net.forward(X)
    kept = [array.copy() for array in trace.inputs + trace.preactivations + trace.slopes]
    net.replace(theta), net.backward(trace, u), net.vjp(trace, u), net.jvp(trace, v)
    net.jacobian(trace), loss.value(trace.outputs, t), loss.gradient(trace.outputs, t)
    loss.metric(trace.outputs), loss.metric_root(trace.outputs)
    loss.sample_gradient(trace.outputs, np.random.default_rng(0))
    assert all(map(np.array_equal, arguments, before))
    assert all(map(np.array_equal, trace.inputs + trace.preactivations + trace.slopes, kept))


@any_activation
def test_float32_stays_float32(activation):
    net = MLP.random((3, 4, 2), activation, rng=0).astype(np.float32)
    trace = net.forward(np.ones((5, 3), dtype=np.float32))
    u, v = np.ones((5, 2), np.float32), net.parameters
    results = [trace.outputs, net.jvp(trace, v), net.vjp(trace, u), net.jacobian(trace), v]
    results += [*trace.inputs, *trace.slopes, *trace.coefficient_slopes, *net.backward(trace, u)]
    assert {array.dtype for array in results} == {np.dtype(np.float32)}


def test_a_network_has_one_dtype_even_where_it_has_no_coefficients():
    net = MLP(
        (np.ones((2, 3), np.float32), np.ones((4, 1), np.float32)), (np.zeros((0, 3)),), ReLU()
    )
    assert net.parameters.dtype == net.dtype == np.float32
    mixed = MLP((np.ones((2, 3), np.float32), np.ones((4, 1))), (np.zeros((0, 3)),), ReLU())
    assert {block.dtype for block in mixed.blocks()} == {np.dtype(np.float64)}


@any_activation
def test_equal_seeds_give_equal_bytes_and_other_seeds_do_not(activation):
    theta = MLP.random((2, 3, 1), activation, rng=7).parameters
    same = MLP.random((2, 3, 1), activation, rng=np.random.default_rng(7)).parameters
    assert theta.tobytes() == same.tobytes()
    assert theta.tobytes() != MLP.random((2, 3, 1), activation, rng=8).parameters.tobytes()


def test_random_networks_have_the_paper_s_moments():  # section 7
    net = MLP.random((400, 300, 1), rng=0)
    assert net.weights[0][:-1].std() * 20 == pytest.approx(1, abs=0.01)
    assert net.weights[0][-1].std() == pytest.approx(1, abs=0.1)
    assert net.coefficients[0].std() == pytest.approx(1, abs=0.1)


# --- What is refused, and in which words ---------------------------------------------------------

NET = MLP.random((2, 3, 1), rng=0)
X = np.ones((4, 2))
REFUSED = {
    "wrong width": (lambda: NET(np.ones((4, 3))), r"X has 3 columns, but the network takes 2"),
    "one axis": (lambda: NET(np.ones(2)), r"X has shape \(2,\), expected \(N, 2\)"),
    "NaN": (lambda: NET([[0.0, np.nan]]), r"X must be finite, but holds nan at index \(0, 1\)"),
    "infinity": (lambda: NET([[np.inf, 0.0]]), r"X must be finite, but holds inf"),
    "no samples": (lambda: NET(np.ones((0, 2))), r"X is empty"),
    "ragged": (lambda: NET([[1.0, 2.0], [3.0]]), r"X is ragged"),
    "short theta": (lambda: NET.replace([1.0]), r"theta has shape \(1,\), .* 22 parameters"),
    "NaN theta": (lambda: NET.replace(np.full(22, np.nan)), r"theta must be finite"),
    "u": (lambda: NET.vjp(NET.forward(X), np.ones((4, 2))), r"u has shape \(4, 2\), .* \(4, 1\)"),
    "many u": (lambda: NET.vjp(NET.forward(X), np.ones((2, 4, 1))), r"u has shape \(2, 4, 1\)"),
    "v": (lambda: NET.jvp(NET.forward(X), np.ones(3)), r"v has shape \(3,\), .* 22 parameters"),
    "one size": (lambda: MLP.random((2,)), r"sizes is \[2\], expected \(inputs, hidden"),
    "zero width": (lambda: MLP.random((2, 0, 1)), r"sizes\[1\] is 0"),
    "negative seed": (lambda: MLP.random((2, 1), rng=-1), r"rng is -1, expected a seed"),
    "no weights": (lambda: MLP(()), r"at least one layer"),
    "chain": (lambda: MLP((np.ones((2, 3)), np.ones((3, 1)))), r"4 rows are expected"),
    "coefficients": (lambda: MLP((np.ones((2, 1)), np.ones((2, 1)))), r"expected \[\(3, 1\)\]"),
    "zero neuron": (lambda: NET.replace(np.zeros(22)), r"is no function; use \(0, 0, 1\)"),
    "flat targets": (lambda: SquaredError().value(X, np.ones(4)), r"t has shape .*\(-1, 1\)"),
    "NaN target": (lambda: SquaredError().value(X, X * np.nan), r"t must be finite"),
    "label": (lambda: SoftmaxCrossEntropy().value(X, [0, 1, 2, 0]), r"labels from 0 to 1 are"),
    "one class": (lambda: SoftmaxCrossEntropy().value(X[:, :1], [0] * 4), r"at least two columns"),
    "few labels": (lambda: SoftmaxCrossEntropy().value(X, [0]), r"one integer label a sample"),
}  # fmt: skip


@pytest.mark.parametrize("call, message", REFUSED.values(), ids=REFUSED)
def test_bad_input_is_refused_in_words_that_help(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize(
    "call, message",
    [
        (
            lambda: MLP.random((2, 1), activation="tanh"),
            r"activation is 'tanh', expected an Activation: R",
        ),
        (
            lambda: MLP((np.ones((2, 1)),), (), np.tanh),
            r"expected an Activation: Rational\(\), Tanh\(\) or ReLU",
        ),
        (lambda: MLP.random((2, 1), rng="x"), r"rng is 'x', expected None, an int or a numpy"),
        (lambda: MLP.random((2, 1.5)), r"sizes\[1\] is 1.5, expected an integer"),
        (lambda: NET([["a", "b"]]), r"X has dtype <U1, expected real numbers"),
        (lambda: SoftmaxCrossEntropy().value(X, np.ones(4)), r"expected integer labels"),
    ],
)
def test_wrong_types_are_refused_in_words_that_help(call, message):
    with pytest.raises(TypeError, match=message):
        call()
