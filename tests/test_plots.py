"""Every picture holds the numbers it is said to show, on the axes it was given."""

from dataclasses import replace

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pytest
from compare import assert_close
from runs import changed

from sennpy import MLP, SENN, History, Settings, SoftmaxCrossEntropy, Thresholds, plots
from sennpy.experiments import figures
from sennpy.experiments.classification import Run
from sennpy.growth.record import Candidate, LookRecord
from sennpy.nn.losses import softmax
from sennpy.training.history import AdditionRecord, EpochRecord

matplotlib.use("Agg")

SIZES = [(2, 2), (2, 2, 2), (2, 2, 2), (2, 3, 2), (2, 3, 3, 2), (2, 3, 3, 2)]
LAYER, NEURON = Candidate("layer", 0, score=0.4), Candidate("neuron", 0, score=0.2)
RULE, STRICT = (Thresholds(tau, 0.1).as_dict() for tau in (1.0, 1.5))
HISTORY = History(
    [
        EpochRecord(i, 2.0**-i, 3.0**-i, 1 + 2.0**-i, SIZES[i - 1], 0.5, 0.1, 4.0**-i, 1 - 2.0**-i)
        for i in range(1, 7)
    ],
    [
        LookRecord(1, 1.0, 2.0, {}, RULE, (LAYER, replace(NEURON, score=0.3))),
        LookRecord(2, 1.0, 2.0, {}, RULE, (replace(LAYER, score=None),)),
        LookRecord(3, 1.0, 1.5, {}, RULE, (NEURON,)),
    ],
    [
        AdditionRecord(1, LAYER, (2, 2, 2), 0.0, 1, 5.0),
        AdditionRecord(3, NEURON, (2, 3, 2), 0.0, 1, 5.0),
        AdditionRecord(4, replace(LAYER, place=1), (2, 3, 3, 2), 0.0, 1, 5.0),
    ],
)  # fmt: skip
UNMEASURED = History([replace(e, validation_loss=None) for e in HISTORY.epochs])
NET = MLP.random((2, 3, 2), rng=0)
X = np.random.default_rng(1).standard_normal((30, 2))
LABELS = (X[:, 0] > 0).astype(int)
EPOCHS = [1, 2, 3, 4, 5, 6]
POINTS = [(10, 0.2, 0.4, 0.5), (100, 0.6, 0.7, 0.9)]


def run(snapshots):
    return Run(
        Settings.by_thresholds(), NET, HISTORY, 1.0, ((0, NET),) * snapshots, 30, 0.1, 0.2, 0.9
    )


ONE_AXES = {
    "decision_regions": lambda ax=None: plots.decision_regions(NET, X, LABELS, ax, "a title"),
    "loss_curves": lambda ax=None: plots.loss_curves(HISTORY, ax),
    "accuracy_curve": lambda ax=None: plots.accuracy_curve(HISTORY, ax),
    "score_curves": lambda ax=None: plots.score_curves(HISTORY, ax),
    "size_curves": lambda ax=None: plots.size_curves(HISTORY, ax),
    "network_diagram": lambda ax=None: plots.network_diagram(NET, ax, title="a title"),
    "accuracy_of_runs": lambda ax=None: figures.accuracy_of_runs([run(1)], ax),
    "width_of_runs": lambda ax=None: figures.width_of_runs([run(1)], ax),
    "sweep_width": lambda ax=None: figures.sweep_width(POINTS, ax),
    "sweep_accuracy": lambda ax=None: figures.sweep_accuracy(POINTS, ax),
}
each = pytest.mark.parametrize("draw", ONE_AXES.values(), ids=ONE_AXES)


@pytest.fixture(autouse=True)
def closed():
    """Each test ends without open figures."""
    yield
    plt.close("all")


def line(ax, label):
    """x and y of the line with a label."""
    (found,) = [line for line in ax.get_lines() if line.get_label() == label]
    return found.get_data()


def titles(figure):
    """Titles of its axes, in order."""
    return [ax.get_title() for ax in figure.axes]


# --- Axes ----------------------------------------------------------------------------------------


@each
def test_new_axes_are_made_where_none_are_given(draw):
    ax = draw()
    ax.figure.canvas.draw()
    assert ax.figure.axes == [ax]


@each
def test_the_axes_given_are_drawn_on_and_returned(draw):
    figure, (left, right) = plt.subplots(1, 2)
    assert draw(right) is right
    figure.canvas.draw()
    assert figure.axes == [left, right] and not left.has_data() and right.has_data()


@each
def test_axes_are_labelled(draw):
    ax = draw()
    assert ax.get_xlabel() and ax.get_ylabel() and ax.get_title()


@each
def test_the_style_stays_in_the_picture(draw):
    before = dict(plt.rcParams)
    draw()
    assert dict(plt.rcParams) == before


# --- What is drawn -------------------------------------------------------------------------------


def test_losses_are_those_of_the_history():
    ax = plots.loss_curves(HISTORY)
    assert_close(line(ax, "training"), [EPOCHS, HISTORY.column("loss")])
    assert_close(line(ax, "test"), [EPOCHS, HISTORY.column("validation_loss")])
    assert ax.get_yscale() == "log"


def test_a_loss_that_was_not_measured_is_not_drawn():
    ax = plots.loss_curves(UNMEASURED)
    assert [line.get_label() for line in ax.get_lines()] == ["training"]


def test_accuracy_is_in_per_cent():
    x, y = line(plots.accuracy_curve(HISTORY), "test")
    assert_close(x, EPOCHS)
    assert_close(y, [50, 75, 87.5, 93.75, 96.875, 98.4375])


def test_an_accuracy_that_was_not_measured_is_refused():
    history = History([replace(e, validation_accuracy=None) for e in HISTORY.epochs])
    with pytest.raises(
        ValueError, match=r"has no accuracy, expected that of a fit with validation"
    ):
        plots.accuracy_curve(history)


def test_scores_are_those_of_the_history_and_its_looks():
    ax = plots.score_curves(HISTORY)
    assert_close(line(ax, r"$\lambda$"), [EPOCHS, HISTORY.column("lam")])
    assert_close(line(ax, r"$\eta$ (damped)"), [EPOCHS, HISTORY.column("eta")])
    assert_close(line(ax, r"$\alpha\lambda$"), [[1, 3], [0.2, 0.15]])
    (best,) = ax.collections
    assert_close(best.get_offsets(), [[1, 0.4], [3, 0.2]])


def test_what_the_best_proposal_needs_is_tau_times_the_eta_of_its_layer():
    looks = [
        replace(
            HISTORY.looks[0], acceptance=STRICT, candidates=(replace(LAYER, eta_layer=0.2), NEURON)
        ),
        replace(
            HISTORY.looks[2], acceptance=STRICT, candidates=(LAYER, replace(NEURON, eta_layer=0.1))
        ),
    ]
    ax = plots.score_curves(replace(HISTORY, looks=looks))
    assert_close(line(ax, r"$\tau\eta$ of its layer"), [[1], [0.3]])


def test_thresholds_are_marks_at_the_looks_and_nothing_between_them():
    looks = [
        replace(l, acceptance=STRICT, candidates=(replace(LAYER, eta_layer=0.2),))
        for l in HISTORY.looks
    ]
    ax = plots.score_curves(replace(HISTORY, looks=looks))
    for label in (r"$\alpha\lambda$", r"$\tau\eta$ of its layer"):
        (marks,) = (drawn for drawn in ax.get_lines() if drawn.get_label() == label)
        assert marks.get_linestyle() == "None" and marks.get_marker() == "_"
        assert list(marks.get_xdata()) == [look.epoch for look in looks]


@each
def test_the_style_holds_on_axes_that_were_made_without_it(draw):
    ax = draw(plt.subplots()[1])
    assert ax.title.get_fontsize() == plots.STYLE["axes.titlesize"]
    if ax.get_legend():
        assert {t.get_fontsize() for t in ax.get_legend().get_texts()} == {11}


def test_scores_without_a_look_are_drawn_too():
    ax = plots.score_curves(UNMEASURED)
    assert len(ax.get_lines()) == 2 and not ax.collections


def test_widths_follow_each_layer_through_the_insertions():
    ax = plots.size_curves(HISTORY)
    x, y = line(ax, "layer 0")
    assert_close(x, [1, 1, 2, 3, 3, 4, 4, 5, 6])
    assert_close(y, [0, 2, 2, 2, 3, 3, 3, 3, 3])
    x, y = line(ax, "layer 1")
    assert_close(x, [4, 4, 5, 6])
    assert_close(y, [0, 3, 3, 3])


def test_a_network_that_did_not_grow_has_no_widths_to_draw():
    assert not plots.size_curves(History(HISTORY.epochs[:1])).get_lines()


def test_additions_are_marked_where_they_were_made():
    ax = plt.subplots()[1]
    plots.mark_additions(HISTORY, ax)
    marks = [(mark.get_xdata()[0], mark.get_linestyle()) for mark in ax.get_lines()]
    assert marks == [(1, "--"), (3, ":"), (4, "--")]
    named = [mark.get_label() for mark in ax.get_lines() if not mark.get_label().startswith("_")]
    assert named == ["layer added", "neuron added"]


def test_decision_regions_show_the_network_and_the_data():
    W = np.array([[-1.0, 1.0], [0.5, -0.5], [0.2, -0.2]])
    line = MLP((W,))  # decides along a line that crosses the data
    ax = plots.decision_regions(line, X, LABELS)
    mesh, contour, *points = ax.collections
    t = LABELS
    shades = np.reshape(mesh.get_array(), (200, 200))
    (x0, x1), (y0, y1) = ax.get_xlim(), ax.get_ylim()
    corners = [[x0, y0], [x1, y0], [x0, y1], [x1, y1]]
    assert_close(shades[[0, 0, -1, -1], [0, -1, 0, -1]], softmax(line(corners))[:, 1])
    border = contour.get_paths()[0].vertices
    assert len(border) > 1 and abs(softmax(line(border))[:, 1] - 0.5).max() < 0.01
    for label in (0, 1):
        assert_close(points[label].get_offsets(), X[t == label])


# --- Figures -------------------------------------------------------------------------------------


@pytest.mark.parametrize("snapshots", [2, 4, 7])
def test_the_half_moons_figure_shows_every_snapshot_and_three_curves(snapshots):
    figure = figures.half_moons_figure(run(snapshots), X, LABELS)
    figure.canvas.draw()
    regions, curves = titles(figure)[:snapshots], titles(figure)[snapshots:]
    assert curves == ["Loss", "Expansion score", "Hidden layers"]
    assert regions[0].startswith("start") and regions[-1].startswith("end")
    assert all(title.startswith("layer added, epoch 0: 2-3-2") for title in regions[1:-1])


@pytest.mark.parametrize("snapshots", [4, 5])
def test_every_region_of_the_half_moons_figure_says_what_is_on_its_axes(snapshots):
    figure = figures.half_moons_figure(run(snapshots), X, LABELS)
    places = [ax.get_subplotspec() for ax in figure.axes[:snapshots]]
    taken = {(p.rowspan.start, p.colspan.start) for p in places}
    for ax, place in zip(figure.axes, places, strict=False):
        below = (place.rowspan.start + 1, place.colspan.start) in taken
        assert ax.get_xlabel() == ("" if below else "$x_1$")
        assert ax.xaxis.get_major_ticks()[0].label1.get_visible() is not below
        assert ax.get_ylabel() == ("$x_2$" if place.is_first_col() else "")


def test_the_growth_figure_shows_three_curves():
    figure = figures.growth_figure(run(1))
    figure.canvas.draw()
    assert titles(figure) == ["Accuracy", "Expansion score", "Hidden layers"]


@pytest.mark.parametrize("against", ["epoch", "seconds"])
def test_runs_are_drawn_over_epochs_and_over_time(against):
    x = HISTORY.column(against)
    accuracy = figures.accuracy_of_runs([run(1)], against=against)
    assert_close(line(accuracy, "seed 0: 98.44 %"), [x, [50, 75, 87.5, 93.75, 96.875, 98.4375]])
    width = figures.width_of_runs([run(1)], against=against)
    assert_close(line(width, "seed 0: 3"), [x, [0, 2, 2, 3, 6, 6]])


def test_the_mnist_figure_shows_accuracy_and_width_twice():
    figure = figures.mnist_figure(
        [run(1), replace(run(1), settings=Settings.by_thresholds(seed=1))]
    )
    figure.canvas.draw()
    assert titles(figure) == ["Accuracy", "Width"] * 2
    assert [ax.get_xlabel() for ax in figure.axes] == ["epoch"] * 2 + ["time (s)"] * 2


@pytest.mark.parametrize("draw, unit", [(figures.sweep_width, 1), (figures.sweep_accuracy, 100)])
def test_a_sweep_shows_medians_in_a_band_from_least_to_largest(draw, unit):
    ax = draw(POINTS)
    (medians,) = ax.get_lines()
    assert_close(medians.get_data(), [[10, 100], [0.4 * unit, 0.7 * unit]])
    corners = ax.collections[0].get_paths()[0].vertices
    for x, y in [(10, 0.2), (10, 0.5), (100, 0.6), (100, 0.9)]:
        assert np.isclose(corners, [x, y * unit]).all(axis=1).any()
    assert ax.get_xscale() == "log"


def test_the_sweep_figure_shows_width_and_accuracy():
    figure = figures.sweep_figure(POINTS, POINTS)
    figure.canvas.draw()
    assert titles(figure) == ["Width at the end", "Accuracy"]


def test_a_saved_figure_is_closed_and_the_same_each_time(tmp_path):
    for name in ("a.png", "b.png"):
        figure = figures.growth_figure(run(1))
        plots.save(figure, tmp_path / name)
        assert not plt.fignum_exists(figure.number)
    first, second = ((tmp_path / name).read_bytes() for name in ("a.png", "b.png"))
    assert first.startswith(b"\x89PNG") and first == second


def test_the_size_curves_also_follow_layers_that_were_there_at_the_start():
    start = MLP.random((2, 3, 2), rng=0)
    settings = changed(
        Settings.by_thresholds(), epochs=3, cooldown=1, tau=0.0, alpha=0.0, max_width=4, max_depth=2
    )
    fit = SENN(SoftmaxCrossEntropy(), settings).fit(start, X, LABELS)
    ax = plots.size_curves(fit.history)
    assert len(fit.network.sizes) == 4 and len(ax.lines) == 2
    ends = [line.get_ydata()[-1] for line in ax.lines]
    assert ends == list(fit.history.epochs[-1].sizes[1:-1])


def test_a_written_figure_has_its_places_to_a_billionth(tmp_path):
    figure, panels = plt.subplots(1, 3, layout="constrained")
    figure.colorbar(panels[0].imshow(np.eye(3)), ax=panels[0])
    plots.save(figure, tmp_path / "figure.png")
    sides = [side for ax in figure.axes for side in ax.get_position(original=True).bounds]
    assert len(sides) == 16
    np.testing.assert_allclose(sides, np.round(sides, 9), rtol=0, atol=1e-14)
