"""The pictures of proposals hold the scores that they name."""

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pytest
from compare import assert_close

from sennpy import plots

matplotlib.use("Agg")

X = np.linspace(-1, 1, 7)[:, None]
G_R, FIT = np.cos(3 * X), 0.5 * X
LOCATIONS, SCALES = np.array([-1.0, 0.0, 1.0, 2.0]), np.array([0.1, 1.0, 10.0])
SCORES = np.arange(12.0).reshape(3, 4)
AT = (1.0, 10.0)


@pytest.fixture(autouse=True)
def closed():
    """Each test ends without open figures."""
    yield
    plt.close("all")


def line(ax, label):
    """x and y of the line with a label."""
    (found,) = [line for line in ax.get_lines() if line.get_label() == label]
    return [np.asarray(values).ravel() for values in found.get_data()]


def figure():
    landscape = {"bound": SCORES, "exact": 2 * SCORES}
    return plots.proposal_figure(X, G_R, {"alone": FIT}, LOCATIONS, SCALES, landscape, AT, (3, 5))


ONE_AXES = {
    "bound_tightness": lambda ax=None: plots.bound_tightness({"one": [[0.2, 0.8]]}, ax),
    "proposed_fit": lambda ax=None: plots.proposed_fit(X, G_R, {"alone": FIT}, ax, "a title"),
    "proposal_map": lambda ax=None: plots.proposal_map(
        LOCATIONS, SCALES, SCORES, AT, ax=ax, title="a title"
    ),
}
each = pytest.mark.parametrize("draw", ONE_AXES.values(), ids=ONE_AXES)


@each
def test_the_axes_given_are_drawn_on_and_returned(draw):
    ax = plt.subplots()[1]
    assert draw(ax) is ax and ax.has_data()


@each
def test_axes_are_labelled(draw):
    ax = draw()
    assert ax.get_xlabel() and ax.get_title()


def test_the_tightness_of_each_proposal_is_a_point_beside_the_line():  # (E9)
    points = np.array([[0.2, 0.8], [0.9, 0.4]])
    ax = plots.bound_tightness({"one": points[:1], "three": points})
    assert_close(line(ax, "$1 - R^2$"), [[0, 1], [1, 0]])
    assert_close(ax.collections[0].get_offsets(), points[:1])
    assert_close(ax.collections[1].get_offsets(), points)


def test_fits_are_drawn_over_the_residual_gradient():
    ax = plots.proposed_fit(X, G_R, {"alone": FIT, "helped": G_R})
    assert_close(ax.collections[0].get_offsets(), np.hstack([X, G_R]))
    assert_close(line(ax, "alone"), [X[:, 0], FIT[:, 0]])
    assert_close(line(ax, "helped"), [X[:, 0], G_R[:, 0]])


def test_a_landscape_holds_its_scores_and_a_cross_where_one_stands():
    ax = plots.proposal_map(LOCATIONS, SCALES, SCORES, AT)
    assert_close(ax.collections[0].get_array().reshape(3, 4), SCORES)
    assert [tuple(map(float, np.ravel(cross.get_data()))) for cross in ax.get_lines()] == [AT, AT]
    assert ax.get_yscale() == "log"


def test_both_landscapes_share_one_scale_of_colours():
    left, right = (ax.collections[0].get_clim() for ax in figure().axes[1:3])
    assert left == right == (0, 22)


def test_the_scores_of_the_proposal_stand_above_the_landscapes():
    titles = [ax.get_title() for ax in figure().axes[1:3]]
    assert titles == ["bound = 3.0000", "exact = 5.0000"]


def test_the_style_stays_in_the_figure():
    before = dict(plt.rcParams)
    figure()
    assert dict(plt.rcParams) == before
