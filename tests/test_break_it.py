"""The answers to "Break it" that stand in the notebooks without a cell below them are true."""

from dataclasses import replace

import numpy as np
import pytest

from sennpy import MLP, SENN, SquaredError, Tanh, micro, widen
from sennpy.datasets import random_rational
from sennpy.experiments import regression
from sennpy.plots.regression import LOCATIONS, SCALES

LINE = np.array([[-1.0, 1], [0, 1], [1, 1]])  # lesson 1 of notebook 03
ONE, SLOPE, BUMP = np.ones(3), np.array([-1.0, 0, 1]), np.array([0.0, 1, 0])


def eta(columns, g_y):
    """The score of columns of J by projection."""
    J = np.column_stack(columns)
    return np.mean((J @ np.linalg.lstsq(J, g_y, rcond=None)[0]) ** 2)


@pytest.mark.parametrize("g_y", np.random.default_rng(0).standard_normal((5, 3)))
def test_what_slope_and_bump_bring_beside_a_constant(g_y):
    slope, bump = (eta([ONE, column], g_y) - eta([ONE], g_y) for column in (SLOPE, BUMP))
    assert np.isclose(slope, (g_y[2] - g_y[0]) ** 2 / 6)
    assert np.isclose(bump, (2 * g_y[1] - g_y[0] - g_y[2]) ** 2 / 18)


def grown(tau, monkeypatch):
    """[(epoch, what)] of a run of the page with another tau."""
    told, decide = [], micro.decide
    monkeypatch.setattr(micro, "decide", lambda additions: decide(additions, tau))
    monkeypatch.setattr("builtins.print", told.append)
    X, t = micro.half_moons(200, seed=0)
    net = micro.grow([np.zeros((3, 2))], X, t, np.random.default_rng(0))
    monkeypatch.undo()
    return [line.split(",")[0] for line in told], [W.shape[1] for W in net[:-1:2]]


@pytest.mark.long
def test_a_low_tau_grows_earlier_and_larger_and_a_high_one_later_and_smaller(monkeypatch):
    assert grown(0.5, monkeypatch) == (
        ["epoch 30: + layer 0", "epoch 30: + neuron in layer 0", "epoch 210: + layer 1"], [3, 3]
    )  # fmt: skip
    assert grown(3.0, monkeypatch) == (["epoch 90: + layer 0"], [2])


def test_without_the_slope_of_the_activation_the_gradient_points_elsewhere():
    x, t = np.array([-1.0, 0, 1]), np.array([-0.5, 1, 0])
    errors = 1 / (1 + x**2) - t
    assert np.isclose(np.mean(errors * x), -1 / 6) and np.isclose(np.mean(errors), 1 / 2)


def test_the_length_of_a_complex_number_has_lost_the_derivative():
    assert np.imag(np.abs(2.0 + 1e-200j) ** 2) == 0 != np.imag((2.0 + 1e-200j) ** 2)


def test_longer_coefficients_have_shorter_derivatives():
    z, k = np.linspace(-2, 2, 5)[:, None], np.array([[1.0], [2.0], [0.5]])
    (once, _, by_k), (ten, _, by_ten_k) = micro.rational(z, k), micro.rational(z, 10 * k)
    assert np.allclose(once, ten) and np.allclose(by_k, 10 * by_ten_k)


def test_two_points_do_not_see_three_parameters():
    J = np.array([[-0.5, 0.5, 0.5], [0, 0, 1]])
    assert abs(np.linalg.eigvalsh(J.T @ J / 2)[0]) < 1e-12


def test_a_sure_classifier_has_hardly_a_metric():
    p = np.exp([10.0, 0, 0]) / np.exp([10.0, 0, 0]).sum()
    assert np.allclose(p, [0.9999, 0.00005, 0.00005], atol=1e-5)
    assert np.abs(np.diag(p) - np.outer(p, p)).max() < 1e-4


def test_what_a_line_can_do_all_of_and_nothing_of():
    columns = LINE.T
    assert np.isclose(eta(columns, np.array([1.0, -2, 1])), 0)
    assert np.isclose(eta(columns, np.array([0.0, 1, 2])), 5 / 3)
    g_y = np.array([2.0, 2, -1])
    assert np.isclose(eta([*columns, columns[0] + 2], g_y), eta(columns, g_y))


def strays(width, seed):
    """How far the loss of lesson 5 of notebook 03 strays, as a share of the promised gain."""
    X, net = np.linspace(-3, 3, 60)[:, None], MLP.random((1, width, 1), Tanh(), rng=seed)
    losses, promised = [], None
    for _ in range(401):
        trace = net.forward(X)
        J, e = net.jacobian(trace)[:, 0], (trace.outputs - np.sin(2 * X))[:, 0]
        g = J.T @ e / 60
        d = np.linalg.solve(J.T @ J / 60 + 1e-4 * np.eye(len(g)), g)
        promised = g @ d / 2 if promised is None else promised
        losses.append((e**2).mean() / 2)
        net = net.replace(net.parameters - 0.01 * d)
    foreseen = losses[0] - promised * (1 - np.exp(-0.02 * np.arange(401)))
    return np.abs(losses - foreseen).max() / promised


def test_a_wide_network_keeps_its_promise():
    one, two, sixteen = (np.array([strays(w, seed) for seed in range(5)]) for w in (1, 2, 16))
    assert 0.4 < one.max() < 0.6 and sixteen.max() < 0.04
    assert two.min() > 0.035 and two.max() < 0.105


def explained(columns, target):
    """What columns explain of a target, both (N, ...)."""
    return columns @ np.linalg.lstsq(columns, target, rcond=None)[0]


@pytest.mark.long
def test_a_random_neuron_brings_nearly_all_of_the_collapse():
    data, settings = random_rational(2), regression.PRESETS["default"]
    X, t, places = data.X, data.t, (LOCATIONS, SCALES)
    fixed = replace(settings, epochs=30, max_width=1, max_depth=0)
    net = SENN(SquaredError(), fixed).fit(MLP.random((1, 1, 1), rng=2), X, t).network

    def split(net):
        fit = explained(net.forward(X).inputs[-1], net(X) - t)
        return np.mean(fit**2), net(X) - t - fit

    def worth(rest):
        z = (X - m) / s
        shapes = np.hstack([2 * z / (1 + z**2), 1 / (1 + z**2), z])
        return np.mean(explained(shapes, rest) ** 2)

    values = regression.landscape(net, X, t, *places)
    i, j = np.unravel_index(values.argmax(), values.shape)
    (m, s), (eta_c, g_r), found = (LOCATIONS[j], SCALES[i]), split(net), []
    for seed in range(5):
        k = np.random.default_rng(seed).standard_normal((3, 1))
        wider = widen(net, 0, np.array([[1 / s], [-m / s]]), k / np.linalg.norm(k))
        eta_new, rest = split(wider)
        brightest = regression.landscape(wider, X, t, *places).max()
        found.append((eta_new / eta_c, values.max() / brightest, worth(rest) / worth(g_r)))
    rises, falls, kept = np.array(found).T
    assert rises.min() > 1500 and rises.max() < 7500
    assert 1500 < falls.min() < 2500 and 25000 < falls.max() < 30000
    assert 0.05 < kept.min() < 0.07 and 0.62 < kept.max() < 0.65
