"""The pictures of growing hold the functions and the directions that they name."""

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pytest
from compare import assert_close

from sennpy import MLP, deepen, plots, widen

matplotlib.use("Agg")

X = np.linspace(-2, 2, 9)[:, None]
NET = MLP.random((1, 1, 1), rng=0)
WIDE = widen(NET, 0, [[0.5], [1.0]], [[0.0], [1.0], [0.0]])
DEEP = deepen(NET, 1, [[2.0], [1.0]])
CURVE = np.sin(X[:, 0])


@pytest.fixture(autouse=True)
def closed():
    """Each test ends without open figures."""
    yield
    plt.close("all")


def line(ax, label):
    """y of the line with a label."""
    (found,) = [line for line in ax.get_lines() if line.get_label() == label]
    return np.asarray(found.get_ydata()).ravel()


def test_each_function_is_drawn_as_its_network_computes_it():
    ax = plots.same_function({"one": NET, "other": WIDE}, X)
    assert_close(line(ax, "one"), NET(X)[:, 0])
    assert_close(line(ax, "other"), WIDE(X)[:, 0])
    assert ax.get_xlabel() and ax.get_ylabel() and ax.get_title()


def test_new_and_known_directions_differ_in_colour():
    ax = plots.new_directions(X, {"new": CURVE}, {"known": -CURVE, "asleep": 0 * CURVE})
    colours = {line.get_label(): line.get_color() for line in ax.get_lines()}
    assert_close(line(ax, "new"), CURVE)
    assert_close(line(ax, "known"), -CURVE)
    assert colours["new"] != colours["known"] == colours["asleep"] == "0.55"


def test_a_direction_that_is_zero_is_dashed():
    ax = plots.new_directions(X, {}, {"known": CURVE, "asleep": 0 * CURVE})
    styles = {line.get_label(): line.get_linestyle() for line in ax.get_lines()}
    assert styles == {"known": "-", "asleep": "--"}


@pytest.mark.parametrize("draw", [plots.same_function, plots.new_directions])
def test_the_axes_given_are_drawn_on_and_returned(draw):
    ax = plt.subplots()[1]
    arguments = ({"net": NET}, X) if draw is plots.same_function else (X, {"v": CURVE}, {})
    assert draw(*arguments, ax=ax) is ax and ax.has_data()


def test_a_new_neuron_can_do_what_its_activation_is():  # (E1)
    middle = plots.how_to_add_figure(NET, WIDE, DEEP, X).axes[1]
    assert_close(line(middle, "outgoing weight: new"), WIDE.forward(X).inputs[1][:, 1])
    assert_close(line(middle, "incoming weight: asleep"), 0 * X[:, 0])


def test_an_inserted_layer_can_do_what_its_coefficients_do():  # (E16)
    right = plots.how_to_add_figure(NET, WIDE, DEEP, X).axes[2]
    z = DEEP.forward(X).preactivations[1][:, 0]
    u = DEEP.weights[2][0, 0]
    assert_close(line(right, "$v$: new"), 2 * z / (1 + z**2) * u)
    assert_close(line(right, "$c$: new"), 1 / (1 + z**2) * u)


def test_the_style_stays_in_the_figure():
    before = dict(plt.rcParams)
    plots.how_to_add_figure(NET, WIDE, DEEP, X)
    assert dict(plt.rcParams) == before
