"""The pictures of sampling, thresholds and removal hold the numbers that they name."""

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pytest
from compare import assert_close

from sennpy import plots

matplotlib.use("Agg")

X = np.linspace(-1, 1, 5)
FLOW = np.arange(25.0).reshape(5, 5)
SAMPLES = {"one": np.array([-0.99, 0.99, 0.98]), "other": np.zeros(4)}
LOCATIONS, SCALES = np.array([-1.0, 0.0, 1.0, 2.0]), np.array([0.1, 1.0, 10.0])
SCORES = np.arange(12.0).reshape(3, 4)
PATHS = np.array([[[0.0, 1.0], [1.0, 0.2]], [[0.5, 2.0], [1.5, 0.3]], [[0.6, 3.0], [1.9, 0.4]]])
TAUS, BOUND, COUNTS = np.array([0.5, 1.0, 2.0]), np.array([9.0, 6.0, 4.0]), np.array([5, 3, 1])
PLANE = np.array([[0.8, 0.1], [0.4, 0.3], [0.1, 0.5]])
COSTS, RISES = np.array([1e-4, 1e-2]), np.array([2e-4, 3e-2])


@pytest.fixture(autouse=True)
def closed():
    """Each test ends without open figures."""
    yield
    plt.close("all")


def line(ax, label):
    """x and y of the line with a label."""
    (found,) = [line for line in ax.get_lines() if line.get_label() == label]
    return found.get_data()


def values(ax):
    """The numbers behind its colours, as they were given to pcolormesh."""
    return np.asarray(ax.collections[0].get_array()).reshape(-1)


ONE_AXES = {
    "flow": lambda ax=None: plots.flow(X, FLOW, ax=ax, title="a title"),
    "histograms": lambda ax=None: plots.histograms(X, X**2, SAMPLES, ax, "a title"),
    "walkers": lambda ax=None: plots.walkers(LOCATIONS, SCALES, SCORES, PATHS, ax, "a title"),
    "decision_plane": lambda ax=None: plots.decision_plane(1.0, 0.1, {"one": PLANE}, ax),
    "additions_bound": lambda ax=None: plots.additions_bound(TAUS, BOUND, {"one": COUNTS}, ax),
    "removal": lambda ax=None: plots.removal(COSTS, {"one": RISES}, ax),
}
each = pytest.mark.parametrize("draw", ONE_AXES.values(), ids=ONE_AXES)


@each
def test_the_axes_given_are_drawn_on_and_returned(draw):
    ax = plt.subplots()[1]
    assert draw(ax) is ax and ax.has_data()


@each
def test_axes_are_labelled(draw):
    ax = draw()
    ax.figure.canvas.draw()
    assert ax.get_xlabel() and ax.get_ylabel() and ax.get_title()


# --- Sampling ------------------------------------------------------------------------------------


def test_a_flow_goes_from_left_to_right_and_from_below_to_above():
    assert_close(values(plots.flow(X, FLOW)), FLOW.T.ravel())


def test_detailed_balance_shows_there_minus_back_in_the_middle():
    balanced = np.minimum(FLOW, FLOW.T)
    suggested, net, accepted = plots.detailed_balance(X, FLOW, balanced).axes
    assert_close(values(suggested), FLOW.T.ravel())
    assert_close(values(net), (FLOW - FLOW.T).T.ravel())
    assert_close(values(accepted), balanced.ravel())
    assert suggested.collections[0].get_clim() == accepted.collections[0].get_clim()


def test_histograms_are_densities_beside_the_target():
    ax = plots.histograms(X, X**2, SAMPLES)
    assert_close(line(ax, "target"), [X, X**2])
    bars = [patch.get_width() * patch.get_height() for patch in ax.patches]
    assert_close([sum(bars[:60]), sum(bars[60:])], [1.0, 1.0])
    assert_close(bars[59], 2 / 3)


def test_histograms_stand_side_by_side():
    figure = plots.histograms_figure(X, {"left": (X**2, SAMPLES), "right": (2 * X**2, SAMPLES)})
    assert [ax.get_title() for ax in figure.axes] == ["left", "right"]
    assert_close(line(figure.axes[1], "target"), [X, 2 * X**2])


def test_walkers_end_in_a_dot():
    ax = plots.walkers(LOCATIONS, SCALES, SCORES, PATHS)
    first, end, *_ = ax.get_lines()
    assert_close(first.get_data(), PATHS[:, 0].T)
    assert_close(end.get_data(), PATHS[-1, 0][:, None])
    assert len(ax.get_lines()) == 4 and ax.get_yscale() == "log"
    assert_close(values(ax), SCORES.ravel())


def test_walkers_share_one_landscape():
    figure = plots.walkers_figure(LOCATIONS, SCALES, SCORES, {"draws": PATHS[:1], "walk": PATHS})
    draws, walk, bar = figure.axes
    assert [draws.get_title(), walk.get_title(), bar.get_ylabel()] == ["draws", "walk", "score"]
    assert_close(draws.get_lines()[1].get_data(), PATHS[0, 0][:, None])


# --- Thresholds and removal ----------------------------------------------------------------------


@pytest.mark.parametrize("tau", [0.5, 1.0, 2.0])
def test_the_line_of_tau_ends_where_nothing_more_is_possible(tau):  # (E13)
    ax = plots.decision_plane(tau, 0.1, {"one": PLANE})
    assert_close(line(ax, "one"), PLANE.T)
    x, y = ax.get_lines()[0].get_data()
    assert_close(np.asarray(y), tau * np.asarray(x))
    assert_close(x[-1] + y[-1], 1.0)


def test_counts_stand_under_the_bound():  # Theorem 3.1
    ax = plots.additions_bound(TAUS, BOUND, {"one": COUNTS})
    assert_close(line(ax, "bound"), [TAUS, BOUND])
    assert_close(line(ax, "one"), [TAUS, COUNTS])


def test_increases_are_drawn_over_what_was_predicted():  # (E15)
    ax = plots.removal(COSTS, {"one": RISES})
    x, y = line(ax, "as predicted")
    assert_close(x, y)
    assert_close(ax.collections[0].get_offsets(), np.column_stack([COSTS, RISES]))
