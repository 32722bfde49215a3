"""Figures in words."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from sennpy import plots
from sennpy.plots.described import described, plain, tell

X = np.linspace(-1, 1, 9)
SCORES = np.outer(1 + X, 1 + X)
PATHS = np.ones((3, 2, 2))


def test_a_picture_says_what_it_draws_its_axes_and_where_its_curves_end():
    losses = np.linspace(1, 0.25, 5)
    ax = plots.loss_prediction(np.linspace(0, 1, 5), losses, 0.5)
    words = described(ax.figure)
    assert words.startswith("What the score predicts. A loss along natural-gradient flow beside")
    assert "Across: time t (sum of learning rates). Up: loss." in words
    assert "Drawn: measured from 1 to 0.25; " in words and words.endswith("; L_0 - eta_0/2.")
    assert "$" not in words and "\\" not in words


def test_points_are_counted_and_logarithmic_axes_are_named():
    costs = np.array([0.1, 0.2, 0.4])
    words = described(plots.removal(costs, {"trained on": 1.1 * costs}).figure)
    assert "Up: increase of the loss, logarithmic." in words and "trained on (3 points)" in words


def test_a_figure_says_each_of_its_panels_and_what_its_colours_are():
    walks = {"draws": PATHS, "walk": PATHS}
    words = described(plots.walkers_figure(X, 2 + X, SCORES, walks))
    assert words.startswith("Walkers side by side on one landscape. 2 panels. Draws. Paths over")
    assert words.endswith("Colours: score.") and words.count("Across: location.") == 2


def test_a_picture_without_a_plot_function_is_described_by_its_axes():
    ax = plots.axes(None)
    ax.plot([0, 1], [2, 3], label="line")
    ax.set(xlabel="x", ylabel="y", title="Own")
    assert described(ax.figure) == "Own. Across: x. Up: y. Drawn: line from 2 to 3."


def test_a_curve_that_turns_back_and_a_marked_place_have_no_ends():
    ax = plots.axes(None)
    ax.plot([0, 1, 0], [2, 3, 4], label="path")
    ax.axvline(0.5, label="place")
    assert described(ax.figure) == "Drawn: path; place."


@pytest.mark.parametrize(
    "tex, words",
    [
        (r"$\Delta\eta' / \eta_c$: what remains", "Delta eta' / eta_c: what remains"),
        (r"$\partial y\,/\,\partial$ parameter", "partial y / partial parameter"),
        (r"$L_0 - \eta_0 (1 - e^{-2t})/2$", "L_0 - eta_0 (1 - e^-2t)/2"),
        ("layer\n(3)", "layer (3)"),
    ],
)
def test_tex_becomes_words(tex, words):
    assert plain(tex) == words


def test_a_shell_shows_figures_with_their_words():
    interactive = pytest.importorskip("IPython.core.interactiveshell", reason="of Jupyter")
    shell = interactive.InteractiveShell()
    tell(shell)
    figure = plots.histograms(X, X**2, {"one": X}).figure
    data, _ = shell.display_formatter.format(figure)
    assert data["text/plain"] == described(figure)
    plt.close(figure)
