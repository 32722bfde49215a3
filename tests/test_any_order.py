"""Grown, split, pruned, trained, saved, loaded and resumed in any order, against a naive model.

The model keeps plain lists of matrices and computes outputs by the formulas of the paper. After
each step the network is the model: to the byte where weights are copied, and with outputs that stay
where they are promised to. HYPOTHESIS_PROFILE=long draws machines of many more steps.
"""

import tempfile
from pathlib import Path

import numpy as np
import pytest
from compare import assert_close
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

import sennpy
from sennpy import (
    MLP,
    SENN,
    SGD,
    RandomSearch,
    Schedule,
    Settings,
    SquaredError,
    TrainingDiverged,
)
from sennpy.expansion.grow import deepen, insert, widen
from sennpy.expansion.removal import prune

RNG = np.random.default_rng(0)
X, T = RNG.standard_normal((20, 2)), RNG.standard_normal((20, 2))
WIDEST, DEEPEST, STEP = 6, 3, 1e-5
SENN_ = SENN(
    SquaredError(),
    Settings.by_thresholds(
        epochs=0, cooldown=2, max_width=WIDEST, max_depth=DEEPEST, optimiser=SGD(STEP, 0.0),
        proposer=RandomSearch(5), acceptance=Schedule(epochs=(2, 4), units=1),
    ),
)  # fmt: skip


def rational(z, v, c, l):
    """(E3), as the paper writes it."""
    s = np.sqrt(v * v + c * c + l * l)
    return l / s * z + (c / s + 2 * v / s * z) / (1 + z * z)


class Model:
    """Layers as plain lists: weights (n_in + 1, n_out), the bias last, and (v, c, l) (3, n_out)."""

    def __init__(self, net):
        self.weights = [W.copy() for W in net.weights]
        self.coefficients = [k.copy() for k in net.coefficients]

    def __call__(self, inputs):
        a = inputs
        for W, k in zip(self.weights, [*self.coefficients, None], strict=True):
            z = np.array([[sum(x * w for x, w in zip([*row, 1.0], column, strict=True))
                           for column in W.T] for row in a])  # fmt: skip
            a = z if k is None else rational(z, *k)
        return a

    @property
    def sizes(self):
        return (len(self.weights[0]) - 1, *(W.shape[1] for W in self.weights))


class AnyOrder(RuleBasedStateMachine):
    """What can be done to a network, each with what it promises."""

    def __init__(self):
        super().__init__()
        self.net = MLP.random((2, 2, 2), rng=0)
        self.model, self.state = Model(self.net), None
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / "file.npz"

    def teardown(self):
        self.folder.cleanup()

    def becomes(self, net, keeps):
        """Take a network on, whose outputs are those of before if it promises that."""
        before = self.net(X)
        if keeps:
            assert_close(net(X), before, 1e-8, scale=1 + np.abs(before).max())
        self.net, self.state = net, None

    @property
    def hidden(self):
        return len(self.net.weights) - 1

    def layer(self, pick):
        """A hidden layer, by a number."""
        return pick % self.hidden

    @precondition(lambda self: self.hidden)
    @rule(pick=st.integers(0, 9), seed=st.integers(0, 999))
    def widen(self, pick, seed):
        layer, rng = self.layer(pick), np.random.default_rng(seed)
        if self.net.sizes[layer + 1] == WIDEST:
            return
        w, k = rng.standard_normal((self.net.sizes[layer] + 1, 1)), rng.standard_normal((3, 1))
        m = self.model
        m.weights[layer] = np.column_stack([m.weights[layer], w])
        m.coefficients[layer] = np.column_stack([m.coefficients[layer], k])
        m.weights[layer + 1] = np.insert(m.weights[layer + 1], -1, 0.0, axis=0)
        self.becomes(widen(self.net, layer, w, k), keeps=True)

    @precondition(lambda self: self.hidden)
    @rule(pick=st.integers(0, 9), neuron=st.integers(0, 9))
    def split(self, pick, neuron):
        """A copy of a neuron takes over half of its outgoing weights."""
        layer = self.layer(pick)
        if self.net.sizes[layer + 1] == WIDEST:
            return
        j, m = neuron % self.net.sizes[layer + 1], self.model
        w, k = self.net.weights[layer][:, [j]], self.net.coefficients[layer][:, [j]]
        half = self.net.weights[layer + 1][[j]] / 2
        grown = widen(self.net, layer, w, k, outgoing=half)
        following = [W.copy() for W in grown.weights]
        following[layer + 1][j] = half
        m.weights[layer] = np.column_stack([m.weights[layer], w])
        m.coefficients[layer] = np.column_stack([m.coefficients[layer], k])
        m.weights[layer + 1] = np.insert(m.weights[layer + 1], -1, half, axis=0)
        m.weights[layer + 1][j] = half
        self.becomes(MLP(tuple(following), grown.coefficients, grown.activation), keeps=True)

    @precondition(lambda self: self.hidden < DEEPEST)
    @rule(pick=st.integers(0, 9), seed=st.integers(0, 999), square=st.booleans())
    def deepen(self, pick, seed, square):
        position, rng = pick % len(self.net.weights), np.random.default_rng(seed)
        W, m = self.model.weights[position], self.model
        n, n_out = len(W) - 1, W.shape[1]
        if square:
            first = np.vstack([np.linalg.qr(rng.standard_normal((n, n)))[0], np.ones((1, n))])
            second = np.linalg.inv(first[:-1]) @ W[:-1]
            pair = first, np.vstack([second, W[-1] - first[-1] @ second])
            deeper = deepen(self.net, position, first)
            assert_close(deeper.weights[position + 1], pair[1], 1e-8, scale=1 + np.abs(W).max())
            pair = first, deeper.weights[position + 1].copy()
        else:
            passed_on = np.eye(min(n, n_out) + 1, min(n, n_out))
            pair = (W, passed_on) if n_out <= n else (passed_on, W)
            deeper = insert(self.net, position)
        m.weights[position : position + 1] = pair
        identity = np.zeros((3, pair[0].shape[1]))
        identity[2] = 1.0
        m.coefficients.insert(position, identity)
        self.becomes(deeper, keeps=True)

    @precondition(lambda self: self.hidden)
    @rule(pick=st.integers(0, 9), neuron=st.integers(0, 9), compensate=st.booleans())
    def prune(self, pick, neuron, compensate):
        layer = self.layer(pick)
        n = self.net.sizes[layer + 1]
        if n == 1:
            with pytest.raises(ValueError, match="one neuron only"):
                prune(self.net, layer, 0)
            return
        j, m = neuron % n, self.model
        silent = not self.net.weights[layer + 1][j].any()
        smaller = prune(self.net, layer, j, X if compensate else None)
        m.weights[layer] = np.delete(m.weights[layer], j, axis=1)
        m.coefficients[layer] = np.delete(m.coefficients[layer], j, axis=1)
        m.weights[layer + 1] = np.delete(m.weights[layer + 1], j, axis=0)
        if compensate:
            m.weights[layer + 1] = smaller.weights[layer + 1].copy()
        self.becomes(smaller, keeps=silent)

    @rule(epochs=st.integers(1, 3))
    def train(self, epochs):
        """Steps alone; the state that they end in can be gone on from."""
        plain = SENN(SquaredError(), Settings.by_thresholds(
            epochs=0, cooldown=1000, optimiser=SGD(STEP, 0.0)))  # fmt: skip
        try:
            fit = plain.fit(None, X, T, state=plain.start(self.net), epochs=epochs)
        except TrainingDiverged as error:
            assert np.isfinite(error.network(X)).all()
            return
        theta = self.net.parameters
        for _ in range(epochs):
            trace = self.net.replace(theta).forward(X)
            theta = theta - STEP * self.net.replace(theta).vjp(trace, trace.outputs - T) / len(X)
        assert_close(fit.network.parameters, theta, 1e-12)
        self.net, self.model, self.state = fit.network, Model(fit.network), None

    @rule(first=st.integers(1, 3), more=st.integers(1, 3))
    def train_and_resume(self, first, more):
        """With growth: what goes on from a file is what was never stopped."""
        start = SENN_.start(self.net)
        try:
            whole = SENN_.fit(None, X, T, state=start, epochs=first + more)
        except TrainingDiverged as error:  # of wild weights; the last good network comes with it
            assert np.isfinite(error.network(X)).all()
            return
        self.path.unlink(missing_ok=True)
        SENN_.fit(None, X, T, state=start, epochs=first, checkpoint=self.path)
        resumed = SENN_.resume(self.path, X, T, epochs=more)
        assert resumed.network.parameters.tobytes() == whole.network.parameters.tobytes()
        assert resumed.network.sizes == whole.network.sizes
        assert resumed.state.epoch == first + more
        for addition in whole.history.additions:
            assert addition.moved <= 1e-8
        self.net, self.model = resumed.network, Model(resumed.network)
        self.path.unlink()

    @rule()
    def save_and_load(self):
        sennpy.save(self.net, self.path)
        self.net = sennpy.load(self.path)
        self.path.unlink()

    @invariant()
    def it_is_the_model(self):
        assert self.net.sizes == self.model.sizes
        for mine, its in zip(
            [*self.model.weights, *self.model.coefficients],
            [*self.net.weights, *self.net.coefficients],
            strict=True,
        ):
            assert mine.tobytes() == np.ascontiguousarray(its).tobytes()
        outputs = self.model(X[:3])
        assert np.isfinite(outputs).all()
        assert_close(self.net(X[:3]), outputs, 1e-9, scale=1 + np.abs(outputs).max())


def test_in_any_order_the_network_is_the_model():
    run_state_machine_as_test(AnyOrder, settings=settings(max_examples=4, stateful_step_count=25))


@pytest.mark.long
def test_in_any_order_for_5000_steps():
    """At least that many: 60 machines of at most 200 steps take on more than half of them."""
    run_state_machine_as_test(AnyOrder, settings=settings(max_examples=60, stateful_step_count=200))
