"""The pictures of curvature hold the matrices and scores that they name."""

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pytest
from compare import assert_close

from sennpy import MLP, fisher, plots

matplotlib.use("Agg")

NET = MLP.random((2, 2, 1), rng=0)
F = fisher(NET, np.random.default_rng(1).standard_normal((30, 2)))
BLOCKS = {"weights 0": 6, "(v, c, l)": 6, "weights 1": 3}
COUNTS, ETA = np.arange(1, 5), np.ones(4)


@pytest.fixture(autouse=True)
def closed():
    """Each test ends without open figures."""
    yield
    plt.close("all")


def line(ax, label):
    """x and y of the line with a label."""
    (found,) = [line for line in ax.get_lines() if line.get_label() == label]
    return found.get_data()


def test_a_matrix_in_units_of_its_diagonal_has_ones_there():
    image = plots.matrix(F, np.diag(F), BLOCKS).get_images()[0]
    assert_close(np.diag(image.get_array()), np.ones(15))
    assert np.abs(image.get_array()).max() <= 1 + 1e-12


def test_a_row_without_curvature_is_drawn_as_zeros():
    S = np.diag([4.0, 0.0])
    image = plots.matrix(S, np.diag(S), {"both": 2}).get_images()[0]
    assert_close(image.get_array(), np.diag([1.0, 0.0]))


def test_blocks_are_named_at_their_middles_and_parted_by_lines():
    ax = plots.matrix(F, np.diag(F), BLOCKS)
    assert [label.get_text() for label in ax.get_xticklabels()] == list(BLOCKS)
    assert_close(ax.get_xticks(), [2.5, 8.5, 13.0])
    borders = [line.get_ydata()[0] for line in ax.get_lines()[::2]]
    assert_close(borders, [5.5, 11.5])


def test_each_matrix_is_drawn_below_its_title_in_units_of_the_first():
    figure = plots.curvature_matrices(F, {"F": F, "half": F / 2}, BLOCKS)
    left, right = figure.axes[:2]
    assert [left.get_title(), right.get_title()] == ["F", "half"]
    assert_close(right.get_images()[0].get_array(), left.get_images()[0].get_array() / 2)


def test_scores_of_copies_stand_below_or_above_lambda():
    ax = plots.copies(COUNTS, {"true": ETA, "diagonal": COUNTS * ETA}, 2.5)
    assert_close(line(ax, "true"), [COUNTS, ETA])
    assert_close(line(ax, "diagonal"), [COUNTS, COUNTS])
    assert_close(line(ax, r"$\lambda$: all there is")[1], [2.5, 2.5])
    assert ax.get_xlabel() and ax.get_ylabel() and ax.get_title()


def test_the_axes_given_are_drawn_on_and_returned():
    left, right = plt.subplots(1, 2)[1]
    assert plots.matrix(F, np.diag(F), BLOCKS, left) is left and left.has_data()
    assert plots.copies(COUNTS, {"true": ETA}, 1.0, right) is right and right.has_data()


def test_the_style_stays_in_the_figure():
    before = dict(plt.rcParams)
    plots.curvature_matrices(F, {"F": F, "half": F / 2}, BLOCKS)
    assert dict(plt.rcParams) == before
