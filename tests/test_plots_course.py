"""The pictures of the notebooks hold the numbers that they are said to show."""

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pytest
from compare import assert_close

from sennpy import plots
from sennpy.plots.geometry import CAMERA

matplotlib.use("Agg")

F = np.array([[2.0, 1.0], [1.0, 3.0]])
INDEFINITE = np.diag([4.0, -2.0, 1e-30])
J, G_Y = np.array([[-1.0, 1], [0, 1], [1, 1]]), np.array([2.0, 2, -1])
TIMES = np.linspace(0, 3, 7)
PATHS = {"one": np.array([[2.0, 1.0], [0.5, 0.5]]), "other": np.array([[2.0, 1.0], [1.0, 0.0]])}
DRAWN = {
    "ellipses": lambda ax=None: plots.ellipses({"F": F}, ax),
    "spectra": lambda ax=None: plots.spectra({"H": INDEFINITE}, ax),
    "step_errors": lambda ax=None: plots.step_errors(np.exp, np.exp, 1.0, ax),
    "rational_shapes": lambda ax=None: plots.rational_shapes(ax),
    "projection": lambda ax=None: plots.projection(J, G_Y, ax),
    "descent_paths": lambda ax=None: plots.descent_paths(F, np.array([0.5, 0.5]), PATHS, ax),
    "loss_prediction": lambda ax=None: plots.loss_prediction(TIMES, 3 - TIMES / 2, 2.0, ax),
}
each = pytest.mark.parametrize("draw", DRAWN.values(), ids=DRAWN)


@pytest.fixture(autouse=True)
def closed():
    """Each test ends without open figures."""
    yield
    plt.close("all")


def line(ax, label):
    """x and y of the line with a label."""
    (found,) = [line for line in ax.get_lines() if line.get_label() == label]
    return found.get_data()


@each
def test_new_axes_are_made_where_none_are_given(draw):
    ax = draw()
    ax.figure.canvas.draw()
    assert ax.figure.axes == [ax] and ax.get_title()


@each
def test_the_axes_given_are_drawn_on_and_returned(draw):
    figure, (left, right) = plt.subplots(1, 2)
    assert draw(right) is right
    figure.canvas.draw()
    assert figure.axes == [left, right] and not left.has_data() and right.has_data()


@pytest.mark.parametrize("name", [name for name in DRAWN if name != "projection"])
def test_axes_are_labelled(name):
    ax = DRAWN[name]()
    assert ax.get_xlabel() and ax.get_ylabel()


@each
def test_the_style_stays_in_the_picture(draw):
    before = dict(plt.rcParams)
    draw()
    assert dict(plt.rcParams) == before


def test_an_ellipse_holds_the_steps_of_length_1():
    steps = np.array(line(plots.ellipses({"F": F}), "F"))
    assert_close((steps * (F @ steps)).sum(axis=0), np.ones(steps.shape[1]))


def test_an_ellipse_of_an_indefinite_matrix_is_refused():
    with pytest.raises(np.linalg.LinAlgError):
        plots.ellipses({"H": INDEFINITE[:2, :2]})


def test_negative_eigenvalues_are_drawn_hollow_and_vanishing_ones_not_at_all():
    positive, negative = plots.spectra({"H": INDEFINITE}).collections
    assert_close(positive.get_offsets(), [[1, 4]])
    assert_close(negative.get_offsets(), [[2, 2]])
    assert len(positive.get_facecolors()) == 1 and len(negative.get_facecolors()) == 0


def test_the_complex_step_keeps_the_digits_that_the_difference_quotient_loses():
    ax = plots.step_errors(np.exp, np.exp, 1.0)
    quotient, step = line(ax, "difference quotient")[1], line(ax, "complex step")[1]
    assert 1e-10 < quotient.min() < 1e-6 and quotient[0] == 1
    assert step[0] <= 1e-15


def test_the_shapes_of_the_rational_activation_are_those_of_their_names():
    ax = plots.rational_shapes()
    z, identity = line(ax, "identity: l alone")
    assert_close(identity, z)
    assert_close(line(ax, "bump: c alone")[1], 1 / (1 + z**2))
    assert_close(line(ax, "wave: v alone")[1], 2 * z / (1 + z**2))


def test_the_shadow_in_the_picture_is_the_projection():
    ax = plots.projection(J, G_Y)
    end, foot = (np.array(arrow.xy) for arrow in ax.texts if hasattr(arrow, "arrow_patch"))
    assert_close(foot, CAMERA @ [np.sqrt(7.5), 0, 0])  # P g_y = (5/2, 1, -1/2)
    assert_close(end - foot, CAMERA @ [0, 0, np.sqrt(1.5)])  # what is left stands upright


@pytest.mark.parametrize("g_y", [[1.0, -2, 1], [-1.0, 0, 1]], ids=["none", "all"])
def test_an_error_of_which_nothing_or_all_is_seen_has_a_picture_too(g_y):
    ax = plots.projection(J, np.array(g_y))
    end, foot = (np.array(arrow.xy) for arrow in ax.texts if hasattr(arrow, "arrow_patch"))
    left = CAMERA @ [0, 0, np.sqrt(6) if g_y[1] else 0]
    assert_close(end - foot, left, scale=1)


def test_paths_end_where_they_end_and_the_star_is_the_optimum():
    ax = plots.descent_paths(F, np.array([0.5, 0.5]), PATHS)
    for name, path in PATHS.items():
        assert_close(np.transpose(line(ax, name)), path)
    dot, star = (marker.get_xydata()[0] for marker in ax.get_lines()[-2:])
    assert_close(dot, [2, 1])
    assert_close(star, [0.5, 0.5])


def test_the_prediction_starts_at_the_loss_and_falls_by_half_of_eta():  # (E4)
    ax = plots.loss_prediction(TIMES, 3 - TIMES / 2, 2.0)
    predicted = line(ax, r"$L_0 - \eta_0 (1 - e^{-2t})/2$")[1]
    assert_close(line(ax, "measured")[1], 3 - TIMES / 2)
    assert_close(predicted, 2 + np.exp(-2 * TIMES))
    assert_close(line(ax, r"$L_0 - \eta_0/2$")[1], [2, 2])
