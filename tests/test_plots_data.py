"""Every picture's artists, read back: which data, where, in which colour, under which name."""

from dataclasses import replace

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pytest
from artists import (
    colour,
    curve,
    cut_off,
    legend,
    meshes,
    offsets,
    shown,
    the_line,
    the_points,
    ticks,
)
from compare import assert_close
from matplotlib.colors import to_hex
from test_plots import HISTORY, LABELS, LAYER, NET, NEURON, STRICT, X

from sennpy import MLP, plots
from sennpy.nn.activations import Rational
from sennpy.nn.losses import softmax
from sennpy.plots.geometry import CAMERA
from sennpy.plots.regression import LOCATIONS, SCALES
from sennpy.plots.style import BLACK, BLUE, GOLD, GREEN, PURPLE, RED, SKY

matplotlib.use("Agg")

TIMES = np.linspace(0, 3, 7)
OF_SLOPE_2 = MLP(([[2.0], [-1.0]], [[1.0], [0.5]]), ([[0.0], [0.0], [1.0]],))  # y = 2 x - 1/2
WIDE_ONE = MLP.random((1, 2, 1), rng=1)
DEEP_ONE = MLP.random((1, 1, 1, 1), rng=2)


@pytest.fixture(autouse=True)
def closed():
    """Each test ends without open figures."""
    yield
    plt.close("all")


# --- Trainings -----------------------------------------------------------------------------------

LOOKS = [
    replace(
        HISTORY.looks[0], acceptance=STRICT,
        candidates=(replace(LAYER, eta_layer=0.2), replace(NEURON, eta_layer=0.4)),
    ),
    replace(HISTORY.looks[2], acceptance=STRICT, candidates=(replace(NEURON, eta_layer=0.1),)),
]  # fmt: skip


def test_losses_have_their_colours_units_and_limits():
    ax = plots.loss_curves(HISTORY, unit="apples")
    assert [colour(the_line(ax, name)) for name in ("training", "test")] == [BLUE, RED]
    assert (ax.get_xlabel(), ax.get_ylabel(), ax.get_title()) == ("epoch", "loss (apples)", "Loss")
    assert set(legend(ax)) == {"layer added", "neuron added", "training", "test"}
    assert plots.loss_curves(HISTORY).get_ylabel() == "loss (nats)"
    assert not cut_off(ax)


@pytest.mark.parametrize("last, between", [(0.3, True), (1e-3, False)])
def test_ticks_between_powers_of_ten_are_named_within_two_decades(last, between):
    epochs = [replace(HISTORY.epochs[0], loss=1.0), replace(HISTORY.epochs[1], loss=last)]
    ax = plots.loss_curves(replace(HISTORY, epochs=epochs))
    told = {ax.yaxis.get_minor_formatter()(y) for y in (0.4, 0.6)}
    assert (told == {"0.4", "0.6"}) is between


def test_accuracy_is_drawn_from_its_lowest_twelfth_to_all():
    accuracy = [0.1, *np.linspace(0.9, 0.99, 19)]
    epochs = [
        replace(HISTORY.epochs[0], epoch=i, validation_accuracy=a) for i, a in enumerate(accuracy)
    ]
    ax = plots.accuracy_curve(replace(HISTORY, epochs=epochs))
    low, high = ax.get_ylim()
    assert high == 100 and 89 < low < 90.5  # one of twenty is below
    assert colour(the_line(ax, "test")) == RED
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("epoch", "accuracy (%)")
    assert set(legend(ax)) == {"layer added", "neuron added", "test"}


def test_scores_have_their_colours_names_and_room():
    ax = plots.score_curves(replace(HISTORY, looks=LOOKS), unit="apples")
    drawn = {
        r"$\lambda$": BLACK, r"$\eta$ (damped)": BLUE, r"$\alpha\lambda$": GREEN,
        r"$\tau\eta$ of its layer": PURPLE,
    }  # fmt: skip
    assert {name: colour(the_line(ax, name)) for name in drawn} == drawn
    assert colour(the_points(ax, "best score")) == GOLD
    assert_close(offsets(the_points(ax, "best score")), [[1, 0.4], [3, 0.2]])
    assert_close(curve(ax, r"$\tau\eta$ of its layer"), [[1, 3], [0.3, 0.15]])
    assert_close(curve(ax, r"$\alpha\lambda$"), [[1, 3], [0.2, 0.15]])
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("epoch", "score (apples)")
    assert ax.get_yscale() == "log" and not cut_off(ax)
    assert {"layer added", "neuron added", "best score", *drawn} == set(legend(ax))


def test_layers_are_told_apart_and_none_is_cut_off():
    ax = plots.size_curves(HISTORY)
    assert [colour(the_line(ax, f"layer {l}")) for l in (0, 1)] == [BLUE, GOLD]
    widths = [the_line(ax, f"layer {l}").get_linewidth() for l in (0, 1)]
    assert widths[0] > widths[1]
    assert {line.get_drawstyle() for line in ax.get_lines()} == {"steps-post"}
    assert legend(ax) == ["layer 0", "layer 1"] and not cut_off(ax)
    assert ax.get_xlim()[0] == 0 and ax.get_ylim()[0] == 0
    assert all(float(y).is_integer() for y in ax.get_yticks())


def test_a_layer_inserted_in_front_takes_the_name_of_the_first():
    """From 2-3-2 to 2-2-3-2: what was layer 0 is layer 1 at the end."""
    epochs = [replace(HISTORY.epochs[0], epoch=1, sizes=(2, 3, 2)),
              replace(HISTORY.epochs[0], epoch=2, sizes=(2, 2, 3, 2))]  # fmt: skip
    made = replace(HISTORY.additions[0], epoch=1, sizes=(2, 2, 3, 2))
    ax = plots.size_curves(replace(HISTORY, epochs=epochs, looks=[], additions=[made]))
    assert_close(curve(ax, "layer 1"), [[1, 1, 2], [3, 3, 3]])
    assert_close(curve(ax, "layer 0"), [[1, 1, 2], [0, 2, 2]])


# --- Networks and regions ------------------------------------------------------------------------


def test_points_have_the_colour_of_the_region_of_their_class():
    ax = plots.decision_regions(NET, X, LABELS, title="a title")
    (mesh,) = meshes(ax)
    for label, points in zip((0, 1), ax.collections[-2:], strict=True):
        assert_close(offsets(points), X[label == LABELS])
        assert (
            colour(points) == to_hex(mesh.get_cmap()(float(label))).upper() == (BLUE, GOLD)[label]
        )
    x, y = (np.linspace(*ax.get_xlim(), 200)[[9, 150]], np.linspace(*ax.get_ylim(), 200)[[30, 99]])
    p = [[softmax(NET(np.array([[a, b]])))[0, 1] for a in x] for b in y]
    assert_close(shown(mesh, x, y), p, 1e-9)
    assert mesh.get_clim() == (0, 1)
    first, second = (points.get_paths()[0].vertices for points in ax.collections[-2:])
    assert len(first) > 4 and len(second) == 4  # a circle, a triangle
    (x0, x1), (y0, y1) = ax.get_xlim(), ax.get_ylim()
    assert_close([x0, y0], X.min(axis=0) - 0.4)
    assert_close([x1, y1], X.max(axis=0) + 0.4)
    assert (ax.get_xlabel(), ax.get_ylabel(), ax.get_title()) == ("$x_1$", "$x_2$", "a title")


def test_the_first_neuron_of_a_layer_stands_on_top_and_the_inputs_on_the_left():
    net = MLP.random((3, 2, 1), rng=0)
    ax = plots.network_diagram(net, new=[(0, 1)], title="a title")
    lines, behind, *columns = ax.collections
    for column, (points, size) in enumerate(zip(columns, net.sizes, strict=True)):
        x, y = offsets(points).T
        assert_close(x, np.full(size, float(column)))
        assert (np.diff(y) < 0).all() and abs(y.sum()) < 1e-12
    faces = [[to_hex(face) for face in points.get_facecolor()] for points in columns]
    assert faces == [["#d9d9d9"] * 3, [SKY.lower(), GOLD.lower()], ["#d9d9d9"]]
    wide = columns[1].get_linewidths()
    assert wide[1] > wide[0]
    assert [len(some.get_segments()) for some in (lines, behind)] == [6, 2]  # none for a bias
    signs = [BLUE if w >= 0 else RED for w in net.weights[0][:-1].ravel()]
    assert [to_hex(own).upper() for own in lines.get_colors()] == signs and len(set(signs)) == 2
    largest = np.abs(net.weights[0][:-1]).max()
    assert_close(lines.get_linewidths(), 0.3 + 3.2 * np.abs(net.weights[0][:-1]).ravel() / largest)
    assert ticks(ax.xaxis) == {0: "inputs\n(3)", 1: "layer 0\n(2)", 2: "outputs\n(1)"}
    assert not ax.get_yticks().size and ax.get_title() == "a title"
    (low, high), (left, right) = ax.get_ylim(), ax.get_xlim()
    assert low < -1 and high > 1 and left < 0 and right > 2


# --- A regression --------------------------------------------------------------------------------


def regression_data():
    from sennpy.datasets import Data

    x = np.array([[0.5], [-2.0], [1.0]])
    x_test = np.array([[2.0], [-1.0], [0.0]])
    return Data(x, 3 * x, x_test, x_test**2 - 1)


def test_a_fit_is_that_of_the_network_and_data_and_target_are_what_they_are():
    data = regression_data()
    ax = plots.fit_curve(OF_SLOPE_2, data, title="a title")
    x, y = curve(ax, "fit")
    assert_close([x[0], x[-1]], [-3, 3])
    assert_close(y, 2 * x - 0.5)
    assert_close(curve(ax, "target"), [[-1, 0, 2], [0, -1, 3]])
    assert_close(offsets(the_points(ax, "data")), np.hstack([data.X, data.t]))
    assert_close(curve(ax, "neurons")[0], [0.5, 0.5])
    names = {"target": BLACK, "fit": BLUE, "neurons": GOLD}
    assert {name: colour(the_line(ax, name)) for name in names} == names
    assert colour(the_points(ax, "data")) == RED
    assert (ax.get_xlabel(), ax.get_ylabel(), ax.get_title()) == ("x", "y", "a title")
    assert ax.get_xlim() == (-3, 3)
    assert_close(ax.get_ylim(), [-1.6, 3.6])


@pytest.mark.parametrize("top", [None, 2e5])
def test_a_landscape_has_its_scores_where_location_and_scale_are(top):
    values = 1e3 * np.arange(121)[:, None] + np.arange(121.0)
    ax = plots.score_landscape(values, top=top)
    mesh = ax.collections[0]
    i, j = np.array([0, 3, 60, 120]), np.array([1, 2, 59, 120])
    assert_close(shown(mesh, LOCATIONS[i], SCALES[j]), values[np.ix_(j, i)])
    highest = 120120.0 if top is None else top
    assert_close([mesh.norm.vmin, mesh.norm.vmax], [1e-4 * highest, highest])
    assert shown(mesh, LOCATIONS[:1], SCALES[:1]) == 1e-4 * highest  # 0 has a colour too
    assert ax.get_yscale() == "log" and ax.get_xlim() == (-3, 3)
    assert_close(ax.get_ylim(), SCALES[[0, -1]])
    assert "location" in ax.get_xlabel() and "scale" in ax.get_ylabel()
    assert ax.figure.axes[-1].get_ylabel() == r"$\Delta\eta' / \eta_c$"


# --- Curvature -----------------------------------------------------------------------------------

F = np.array([[2.0, 1.0], [1.0, 3.0]])
OTHERS = {"F": F, "flat": np.diag([1.0, 9.0]), "third": np.eye(2), "4": 2 * F, "5": 3 * F}


def test_each_ellipse_is_that_of_the_matrix_of_its_name():
    ax = plots.ellipses(OTHERS)
    for (name, matrix), own in zip(OTHERS.items(), (BLUE, RED, GREEN, GOLD, BLACK), strict=True):
        steps = curve(ax, name)
        assert_close((steps * (matrix @ steps)).sum(axis=0), np.ones(361))
        assert colour(the_line(ax, name)) == own
    assert_close(np.abs(curve(ax, "flat")).max(axis=1), [1, 1 / 3], 1e-12)
    assert len({str(line.get_linestyle()) + str(line._dash_pattern) for line in ax.lines}) == 5
    assert ax.get_aspect() == 1 and legend(ax) == list(OTHERS) and not cut_off(ax)
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("first parameter", "second parameter")


def test_eigenvalues_stand_at_their_ranks_from_1_the_negative_ones_hollow():
    ax = plots.spectra({"H": np.diag([-2.0, 4.0, 1e-12, 0.5]), "F": F}, floor=1e-9)
    assert_close(offsets(the_points(ax, "H")), [[1, 4], [3, 0.5]])
    assert_close(offsets(the_points(ax, "H, negative")), [[2, 2]])
    assert_close(offsets(the_points(ax, "F")), np.c_[[1, 2], np.linalg.eigvalsh(F)[::-1]])
    assert colour(the_points(ax, "H")) == BLUE and colour(the_points(ax, "F")) == RED
    hollow = the_points(ax, "H, negative")
    assert not len(hollow.get_facecolor()) and to_hex(hollow.get_edgecolor()[0]).upper() == BLUE
    assert legend(ax) == ["H", "H, negative", "F"] and not cut_off(ax)
    assert ax.get_yscale() == "log" and ax.get_xlabel() == "rank"
    assert len(plots.spectra({"H": np.diag([1, 1e-3])}, floor=0.01).collections) == 1
    assert_close(
        offsets(plots.spectra({"H": np.diag([1, 1e-3])}, floor=0.01).collections[0]), [[1, 1]]
    )


def test_a_matrix_is_drawn_from_its_first_row_on_top_warm_above_zero():
    blocks = {"one": 1, "two": 2}
    S = np.array([[4.0, 2, 0], [2, 9, -3], [0, -3, 1]])
    ax = plots.matrix(S, np.diag(S), blocks, title="a title")
    (image,) = ax.get_images()
    assert_close(image.get_array(), [[1, 1 / 3, 0], [1 / 3, 1, -1], [0, -1, 1]])
    assert image.origin == "upper" and ax.get_ylim()[0] > ax.get_ylim()[1]
    assert_close(image.get_extent(), [-0.5, 2.5, 2.5, -0.5])
    assert image.get_clim() == (-1, 1)
    assert image.get_cmap()(1.0)[0] > image.get_cmap()(1.0)[2]  # red for 1
    assert ticks(ax.xaxis) == ticks(ax.yaxis) == {0: "one", 1.5: "two"}
    (across, upright) = ax.get_lines()
    assert list(across.get_ydata()) == [0.5, 0.5] and list(upright.get_xdata()) == [0.5, 0.5]
    assert ax.get_title() == "a title"


def test_matrices_share_one_scale_and_the_first_alone_names_its_blocks():
    other = np.array([[1.0, -1], [-1, 2]])
    figure = plots.curvature_matrices(F, {"F": F, "a": other, "b": 2 * F}, {"w": 1, "v": 1})
    first, second, third, bar = figure.axes
    assert [ax.get_title() for ax in (first, second, third)] == ["F", "a", "b"]
    unit = np.sqrt(np.outer([2, 3], [2, 3]))
    for ax, S in ((first, F), (second, other), (third, 2 * F)):
        assert_close(ax.get_images()[0].get_array(), S / unit)
    assert ticks(first.xaxis) == {0: "w", 1: "v"} and not second.get_xticks().size
    assert not third.get_yticks().size and bar.get_ylim() == (-1, 1)
    assert "F_{ii} F_{jj}" in bar.get_ylabel()


def test_scores_of_copies_start_at_zero_with_lambda_dashed():
    counts = np.arange(1, 5)
    ax = plots.copies(counts, {"true": 0 * counts + 1.0, "diagonal": 1.0 * counts}, 2.5)
    kinds = {name: (colour(the_line(ax, name)), the_line(ax, name).get_marker())
             for name in ("true", "diagonal")}  # fmt: skip
    assert kinds == {"true": (BLUE, "o"), "diagonal": (GOLD, "^")}
    assert the_line(ax, r"$\lambda$: all there is").get_linestyle() == "--"
    assert legend(ax) == [r"$\lambda$: all there is", "true", "diagonal"]
    assert ax.get_ylim()[0] == 0 and not cut_off(ax)
    assert "copies" in ax.get_xlabel() and r"\eta" in ax.get_ylabel()


# --- Derivatives ---------------------------------------------------------------------------------


def test_the_errors_of_two_derivatives_are_those_of_their_names():
    ax = plots.step_errors(np.exp, np.exp, 0.0)
    h, quotient = curve(ax, "difference quotient")
    same, step = curve(ax, "complex step")
    assert_close(h, same)
    assert_close([h[0], h[-1]], [1e-20, 1.0])
    assert quotient[-1] == pytest.approx(np.e - 2)  # (e^1 - 1) / 1 against 1
    assert step[-1] == pytest.approx(1 - np.sin(1))
    assert quotient[0] == 1 and step[0] < 1e-15 and quotient.min() > 1e-10
    assert colour(the_line(ax, "difference quotient")) == RED
    assert colour(the_line(ax, "complex step")) == BLUE
    assert ax.get_xscale() == ax.get_yscale() == "log" and not cut_off(ax)
    assert "step" in ax.get_xlabel() and ax.get_ylabel() == "relative error"
    assert legend(ax) == ["difference quotient", "complex step"]


def test_each_shape_is_that_of_the_coefficients_in_its_name():  # (E3)
    ax = plots.rational_shapes()
    z, _ = curve(ax, "wave: v alone")
    bump, wave = 1 / (1 + z**2), z / (1 + z**2)
    expected = {
        "wave: v alone": (2 * wave, BLUE), "bump: c alone": (bump, GOLD),
        "identity: l alone": (z, BLACK),
        "$v = c = l$": ((2 * wave + bump + z) / 3**0.5, GREEN),
        "$v = -l$": ((2 * wave - z) / 2**0.5, PURPLE),
    }  # fmt: skip
    assert legend(ax) == list(expected)
    for name, (values, own) in expected.items():
        assert_close(curve(ax, name), [z, values])
        assert colour(the_line(ax, name)) == own
    assert ax.get_xlabel() == "$z$" and ax.get_ylim() == (-2.6, 2.6)
    assert set(cut_off(ax)) <= {"identity: l alone", "$v = c = l$", "$v = -l$"}


# --- Geometry ------------------------------------------------------------------------------------

J, G_Y = np.array([[-1.0, 1], [0, 1], [1, 1]]), np.array([2.0, 2, -1])


@pytest.mark.parametrize("sign", [1, -1])
def test_the_gradient_stands_above_its_shadow_and_each_has_its_name(sign):  # eq. (3)
    ax = plots.projection(J, sign * G_Y)
    arrows = [text for text in ax.texts if hasattr(text, "arrow_patch")]
    end, foot = (np.array(arrow.xy) for arrow in arrows)
    assert_close(foot, CAMERA @ [np.sqrt(7.5), 0, 0])
    assert_close(end, CAMERA @ [np.sqrt(7.5), 0, np.sqrt(1.5)])
    assert end[1] > foot[1]
    names = {text.get_text().strip(): text for text in ax.texts}
    for name, at, own in (("$g_y$", end, RED), ("$P g_y$", foot, BLUE)):
        assert_close(names[name].get_position(), at)
        assert to_hex(names[name].get_color()).upper() == own
    assert [to_hex(a.arrow_patch.get_facecolor()).upper() for a in arrows] == [RED, BLUE]
    assert [tuple(arrow.xyann) for arrow in arrows] == [(0, 0), (0, 0)]
    (dashed,) = [line for line in ax.get_lines() if line.get_linestyle() == "--"]
    assert_close(np.array(dashed.get_data()).T, [end, foot])
    angle = ax.get_lines()[-1]
    assert_close(angle.get_xydata()[1] - angle.get_xydata()[0], angle.get_xydata()[2] - foot)
    assert "range(J)" in names


def test_the_axes_of_the_samples_are_turned_with_the_plane():
    """Lengths along each sample's axis add up to the arrow's end: it is one turned picture."""
    ax = plots.projection(J, G_Y)
    axes = [np.array(line.get_data())[:, 1] for line in ax.get_lines()[:3]]
    size = 0.6 * np.linalg.norm(G_Y)
    end = next(np.array(text.xy) for text in ax.texts if hasattr(text, "arrow_patch"))
    assert_close(sum(g * axis for g, axis in zip(G_Y, axes, strict=True)) / size, end)
    names = {text.get_text(): np.array(text.get_position()) for text in ax.texts}
    for sample, axis in enumerate(axes):
        assert_close(names[f"$y_{sample}$"], 1.12 * axis)


PATHS = {
    name: np.array([[2.0, 1.0], end]) for name, end in
    {"one": [0.5, 0.5], "two": [1.0, 0.0], "three": [0.0, 0.9], "four": [0.1, 0.1]}.items()
}  # fmt: skip


def test_contours_are_of_the_loss_and_paths_have_their_colours():
    optimum = np.array([0.5, 0.7])
    ax = plots.descent_paths(F, optimum, PATHS)
    contour = ax.collections[0]
    for level, path in zip(contour.levels, contour.get_paths(), strict=True):
        away = path.vertices - optimum
        loss = ((away @ F) * away).sum(axis=1) / 2
        assert len(loss) > 10 and np.abs(loss / level - 1).max() < 0.02
    start = np.array([2.0, 1.0]) - optimum
    at_start = start @ F @ start / 2
    assert contour.levels[0] < 0.1 * at_start and 1.5 * at_start < contour.levels[-1]
    for (name, path), own in zip(PATHS.items(), (RED, GOLD, BLUE, GREEN), strict=True):
        assert_close(curve(ax, name), path.T)
        assert colour(the_line(ax, name)) == own
    dot, star = ax.get_lines()[-2:]
    assert (dot.get_marker(), star.get_marker()) == ("o", "*")
    assert_close(dot.get_xydata(), [[2, 1]])
    assert_close(star.get_xydata(), [optimum])
    assert "w" in ax.get_xlabel() and "b" in ax.get_ylabel() and legend(ax) == list(PATHS)
    assert not cut_off(ax)


def test_measured_and_predicted_are_told_apart():  # (E4)
    ax = plots.loss_prediction(TIMES, 3 - TIMES / 2, 2.0)
    prediction, end = r"$L_0 - \eta_0 (1 - e^{-2t})/2$", r"$L_0 - \eta_0/2$"
    assert_close(curve(ax, "measured"), [TIMES, 3 - TIMES / 2])
    assert_close(curve(ax, prediction), [TIMES, 2 + np.exp(-2 * TIMES)])
    drawn = {"measured": BLUE, prediction: RED, end: BLACK}
    assert {name: colour(the_line(ax, name)) for name in drawn} == drawn
    assert legend(ax) == list(drawn) and ax.get_ylim()[0] == 0 and not cut_off(ax)
    assert "time" in ax.get_xlabel() and ax.get_ylabel() == "loss"


# --- Growing -------------------------------------------------------------------------------------

LINE = np.linspace(-2, 2, 9)[:, None]


def test_functions_and_directions_have_the_colours_of_their_names():
    ax = plots.same_function({"a": OF_SLOPE_2, "b": WIDE_ONE, "c": DEEP_ONE}, LINE)
    for name, net, own in (
        ("a", OF_SLOPE_2, BLACK),
        ("b", WIDE_ONE, BLUE),
        ("c", DEEP_ONE, GOLD),
    ):
        assert_close(curve(ax, name), [LINE[:, 0], net(LINE)[:, 0]])
        assert colour(the_line(ax, name)) == own
    assert legend(ax) == ["a", "b", "c"] and not cut_off(ax)
    new = {"v": np.sin(LINE[:, 0]), "c": np.cos(LINE[:, 0])}
    ax = plots.new_directions(LINE, new, {"old": LINE[:, 0]}, title="a title")
    for name, own in (("v", RED), ("c", GREEN)):
        assert_close(curve(ax, name), [LINE[:, 0], new[name]])
        assert colour(the_line(ax, name)) == own
    assert_close(curve(ax, "old"), [LINE[:, 0], LINE[:, 0]])
    assert ax.get_title() == "a title" and not cut_off(ax)


def test_the_figure_of_growing_shows_each_network_under_its_name():
    figure = plots.how_to_add_figure(OF_SLOPE_2, WIDE_ONE, DEEP_ONE, LINE)
    top, left, right = figure.axes
    named = {"before": OF_SLOPE_2, "neuron added": WIDE_ONE, "layer inserted": DEEP_ONE}
    for name, net in named.items():
        assert_close(curve(top, name)[1], net(LINE)[:, 0])
    assert left.get_title() == "What a new neuron can do"
    assert right.get_title() == "What an inserted layer can do"
    incoming = curve(left, "incoming weight: asleep")[1]
    trace = WIDE_ONE.forward(LINE)
    slope = WIDE_ONE.activation.slope(trace.preactivations[0], WIDE_ONE.coefficients[0])
    assert_close(incoming, LINE[:, 0] * slope[:, 1] * WIDE_ONE.weights[1][1, 0])
    deep = DEEP_ONE.forward(LINE)
    slope = DEEP_ONE.activation.slope(deep.preactivations[1], DEEP_ONE.coefficients[1])[:, 0]
    known = deep.inputs[1][:, 0] * slope * DEEP_ONE.weights[2][0, 0]
    assert_close(curve(right, "$W_q$: known already")[1], known)
    z, u = deep.preactivations[1][:, 0], DEEP_ONE.weights[2][0, 0]
    new = u * DEEP_ONE.activation.coefficient_slopes(z[:, None], DEEP_ONE.coefficients[1])
    assert_close(curve(right, "$v$: new")[1], new[0, :, 0])
    assert_close(curve(right, "$c$: new")[1], new[1, :, 0])


# --- Proposals -----------------------------------------------------------------------------------

SOME_LOCATIONS, SOME_SCALES = np.array([-1.0, 0.0, 1.0, 2.0]), np.array([0.5, 1.0, 2.0])
SCORES = np.arange(12.0).reshape(3, 4)
G_R, FIT = np.cos(3 * LINE), 0.5 * LINE


def test_the_two_kinds_of_proposals_are_told_apart():  # (E9)
    points = np.array([[0.2, 0.8], [0.9, 0.4]])
    ax = plots.bound_tightness({"one": points, "three": points[:, ::-1]})
    assert_close(offsets(the_points(ax, "one")), points)
    assert_close(offsets(the_points(ax, "three")), points[:, ::-1])
    assert_close(curve(ax, "$1 - R^2$"), [[0, 1], [1, 0]])
    assert [colour(the_points(ax, name)) for name in ("one", "three")] == [BLUE, GOLD]
    assert legend(ax) == ["$1 - R^2$", "one", "three"] and not cut_off(ax)
    assert "R^2" in ax.get_xlabel() and "bound" in ax.get_ylabel()
    assert ax.get_xlim() == ax.get_ylim() == (0, 1.02)


def test_fits_are_told_apart_and_nothing_is_cut_off():
    ax = plots.proposed_fit(LINE, G_R, {"alone": FIT, "helped": -FIT}, title="a title")
    assert_close(curve(ax, "alone"), [LINE[:, 0], FIT[:, 0]])
    assert_close(curve(ax, "helped"), [LINE[:, 0], -FIT[:, 0]])
    assert [colour(the_line(ax, name)) for name in ("alone", "helped")] == [GOLD, RED]
    dots = the_points(ax, "residual gradient $g_r$")
    assert_close(offsets(dots), np.hstack([LINE, G_R]))
    assert colour(dots) == BLUE and not cut_off(ax)
    assert set(legend(ax)) == {"residual gradient $g_r$", "alone", "helped"}


@pytest.mark.parametrize("top", [None, 20.0])
def test_a_map_has_its_scores_where_location_and_scale_are(top):
    ax = plots.proposal_map(SOME_LOCATIONS, SOME_SCALES, SCORES, (1.0, 2.0), top)
    (mesh,) = meshes(ax)
    assert_close(shown(mesh, SOME_LOCATIONS, SOME_SCALES), SCORES)
    assert mesh.get_clim() == (0, 11 if top is None else top)
    assert [ax.get_xlabel(), ax.get_ylabel()] == ["location", "scale"]
    (left, right), (low, high) = ax.get_xlim(), ax.get_ylim()
    assert left <= -1 and right >= 2 and low <= 0.5 and high >= 2


def test_the_figure_of_a_proposal_shows_each_score_under_its_name():
    landscape = {"bound": SCORES, "exact": 2 * SCORES[::-1]}
    figure = plots.proposal_figure(
        LINE, G_R, {"alone": FIT}, SOME_LOCATIONS, SOME_SCALES, landscape, (1.25, 0.125), (3, 5)
    )
    above, left, right, bar = figure.axes
    assert above.get_title() == "neuron at 1.2, scale 0.12"
    assert_close(curve(above, "alone"), [LINE[:, 0], FIT[:, 0]])
    for ax, values, title in (
        (left, SCORES, "bound = 3.0000"),
        (right, 2 * SCORES[::-1], "exact = 5.0000"),
    ):
        assert meshes(ax)[0].get_clim() == (0, 22)
        assert_close(shown(meshes(ax)[0], SOME_LOCATIONS, SOME_SCALES), values)
        assert ax.get_title() == title
        assert_close(ax.get_lines()[-1].get_xydata(), [[1.25, 0.125]])
    assert bar.get_ylabel() == "score" and bar.get_ylim() == (0, 22)


# --- Sampling ------------------------------------------------------------------------------------

STATES = np.linspace(-1, 1, 5)
FLOW = np.arange(25.0).reshape(5, 5)


@pytest.mark.parametrize("top", [None, 30.0])
def test_a_flow_from_a_state_stands_above_it(top):
    ax = plots.flow(STATES, FLOW, top, title="a title")
    (mesh,) = meshes(ax)
    for i, x in enumerate(STATES):
        for j, y in enumerate(STATES):
            assert shown(mesh, [x], [y]) == FLOW[i, j]
    assert mesh.get_clim() == (0, 24 if top is None else top)
    (diagonal,) = ax.get_lines()
    assert_close(diagonal.get_xydata(), [[-1, -1], [1, 1]])
    assert [ax.get_xlabel(), ax.get_ylabel()] == [
        "from place $i$",
        "to place $j$",
    ] and ax.get_aspect() == 1
    assert ax.get_title() == "a title"


def test_what_is_off_balance_is_warm_where_more_goes_than_comes_back():
    accepted = np.minimum(FLOW, FLOW.T)
    left, middle, right = plots.detailed_balance(STATES, FLOW, accepted).axes
    net = meshes(middle)[0]
    assert_close(shown(net, STATES, STATES), (FLOW - FLOW.T).T)
    assert net.get_clim() == (-16, 16)
    assert net.get_cmap()(1.0)[0] > net.get_cmap()(1.0)[2]
    assert_close(shown(meshes(left)[0], STATES, STATES), FLOW.T)
    assert_close(shown(meshes(right)[0], STATES, STATES), accepted.T)
    titles = ["suggested flow", "suggested: there minus back", "accepted flow: balanced"]
    assert [ax.get_title() for ax in (left, middle, right)] == titles
    assert [ax.get_xlabel() for ax in (left, middle, right)] == ["from place $i$"] * 3
    assert [ax.get_ylabel() for ax in (left, middle, right)] == ["to place $j$", "", ""]


def test_each_histogram_is_of_the_samples_of_its_name():
    samples = {"one": np.array([-0.99, 0.99, 0.98]), "other": np.zeros(4)}
    ax = plots.histograms(STATES, STATES**2, samples, title="a title")
    assert legend(ax) == ["one", "other", "target"]
    for (name, values), own, bars in zip(samples.items(), (BLUE, GOLD), ax.containers, strict=True):
        assert bars[0].get_label() == name
        assert {to_hex(bar.get_facecolor()).upper() for bar in bars} == {own}
        heights = [bar.get_height() for bar in bars]
        middles = [bar.get_x() + bar.get_width() / 2 for bar in bars]
        assert_close(np.sum(heights) * 2 / 60, 1.0)
        assert_close(np.dot(heights, middles) * 2 / 60, values.mean(), 0.02, scale=1.0)
        assert max(heights) < ax.get_ylim()[1]
    assert_close(curve(ax, "target"), [STATES, STATES**2])
    assert colour(the_line(ax, "target")) == BLACK and not cut_off(ax)
    figure = plots.histograms_figure(STATES, {"l": (STATES**2, samples), "r": (0 * STATES, {})})
    assert [len(ax.containers) for ax in figure.axes] == [2, 0]


def test_walkers_walk_where_their_paths_lead_over_the_landscape():
    paths = np.array([[[0.0, 1.0], [1.0, 0.2]], [[0.5, 2.0], [1.5, 0.3]]])
    ax = plots.walkers(SOME_LOCATIONS, SOME_SCALES, SCORES, paths, title="a title")
    assert_close(shown(meshes(ax)[0], SOME_LOCATIONS, SOME_SCALES), SCORES)
    assert meshes(ax)[0].get_clim()[0] == 0
    walked, ends = ax.get_lines()[::2], ax.get_lines()[1::2]
    for i in range(2):
        assert_close(walked[i].get_xydata(), paths[:, i])
        assert_close(ends[i].get_xydata(), paths[-1:, i])
        assert colour(walked[i]) == colour(ends[i]) and ends[i].get_marker() == "o"
    assert colour(walked[0]) != colour(walked[1])
    assert ax.get_xlim() == (-1, 2) and ax.get_ylim() == (0.5, 2)
    assert [ax.get_xlabel(), ax.get_ylabel(), ax.get_title()] == ["location", "scale", "a title"]
    dots = plots.walkers(SOME_LOCATIONS, SOME_SCALES, SCORES, paths[:1]).get_lines()
    assert {colour(dot) for dot in dots} == {"#FFFFFF"}


def test_walks_stand_under_their_titles_and_the_first_names_the_scale():
    paths = np.array([[[0.0, 1.0]], [[0.5, 2.0]]])
    figure = plots.walkers_figure(
        SOME_LOCATIONS, SOME_SCALES, SCORES, {"there": paths, "back": paths[::-1]}
    )
    there, back, bar = figure.axes
    assert_close(there.get_lines()[0].get_xydata(), paths[:, 0])
    assert_close(back.get_lines()[0].get_xydata(), paths[::-1, 0])
    assert [there.get_ylabel(), back.get_ylabel(), bar.get_ylabel()] == ["scale", "", "score"]
    assert bar.get_ylim() == (0, 11)


# --- Thresholds ----------------------------------------------------------------------------------


@pytest.mark.parametrize("tau, alpha", [(0.5, 0.1), (1.0, 0.3), (2.0, 0.05)])
def test_the_green_plane_is_where_both_thresholds_are_passed(tau, alpha):  # (E13)
    path = np.array([[0.8, 0.1], [0.4, 0.3], [0.1, 0.5]])
    ax = plots.decision_plane(tau, alpha, {"one": path, "two": path / 2, "three": path / 3})
    add, impossible = (drawn.get_paths()[0] for drawn in ax.collections[:2])
    rng = np.random.default_rng(0)
    eta, gain = rng.random((2, 400))
    clear = np.min(
        np.abs([gain - alpha, gain - tau * eta, gain + eta - 1]), axis=0
    ) > 0.005  # of the edges  # fmt: skip
    passes = (gain > alpha) & (gain > tau * eta) & (gain + eta < 1)
    at = np.column_stack([eta, gain])
    assert (add.contains_points(at) == passes)[clear].all()
    assert (impossible.contains_points(at) == (gain + eta > 1))[clear].all()
    assert to_hex(ax.collections[0].get_facecolor()[0]).upper() == GREEN
    threshold = ax.get_lines()[1]
    assert list(threshold.get_ydata()) == [alpha, alpha] and threshold.get_linestyle() == "--"
    assert f"= {tau:g}," in ax.get_title() and f"= {alpha:g})" in ax.get_title()
    words = {text.get_text(): text.get_position() for text in ax.texts}
    assert add.contains_point(words["add"])
    e, g = words["train on"]
    assert g < tau * e and e + g < 1
    assert impossible.contains_point(words[r"more than $\lambda$: impossible"])
    arrows = [text for text in ax.texts if getattr(text, "arrow_patch", None)]
    assert [tuple(arrow.xy) for arrow in arrows] == [tuple(path[-1] / k) for k in (1, 2, 3)]
    assert [tuple(arrow.xyann) for arrow in arrows] == [tuple(path[-2] / k) for k in (1, 2, 3)]
    named = {name: colour(the_line(ax, name)) for name in ("one", "two", "three")}
    assert named == {"one": BLUE, "two": RED, "three": GOLD}
    assert_close(curve(ax, "two"), path.T / 2)
    assert ax.get_xlim() == ax.get_ylim() == (0, 1) and not cut_off(ax)
    assert r"\eta_c" in ax.get_xlabel() and r"\Delta\eta" in ax.get_ylabel()


def test_counts_and_increases_are_told_apart():  # Theorem 3.1, (E15)
    taus, bound = np.array([0.5, 1.0, 2.0]), np.array([9.0, 6.0, 4.0])
    counts = {name: np.array([5, 3, 1]) + k for k, name in enumerate("abc")}
    ax = plots.additions_bound(taus, bound, counts)
    for (name, number), own in zip(counts.items(), (RED, GOLD, BLUE), strict=True):
        assert_close(curve(ax, name), [taus, number])
        assert colour(the_line(ax, name)) == own
    assert colour(the_line(ax, "bound")) == BLACK
    assert ax.get_xscale() == ax.get_yscale() == "log" and not cut_off(ax)
    assert ax.get_xlabel() == r"$\tau$" and "additions" in ax.get_ylabel()
    assert legend(ax) == ["bound", "a", "b", "c"]
    cost = np.array([1e-4, 1e-2])
    rises = {name: cost * k for k, name in enumerate("abc", start=2)}
    ax = plots.removal(cost, rises)
    for (name, increase), own in zip(rises.items(), (RED, BLUE, GREEN), strict=True):
        assert_close(offsets(the_points(ax, name)), np.column_stack([cost, increase]))
        assert colour(the_points(ax, name)) == own
    assert_close(curve(ax, "as predicted"), [[5e-5, 2e-2]] * 2)
    assert ax.get_xscale() == ax.get_yscale() == "log" and not cut_off(ax)
    assert legend(ax) == ["as predicted", "a", "b", "c"]
    assert "cost" in ax.get_xlabel() and "increase" in ax.get_ylabel()


def test_a_saved_picture_has_no_name_of_its_maker_in_it(tmp_path):
    figure = plt.figure()
    plots.save(figure, tmp_path / "a.png")
    assert b"Software" not in (tmp_path / "a.png").read_bytes()
    assert not plt.fignum_exists(figure.number)


def test_the_family_of_a_rational_unit_is_that_of_the_package():
    z = np.linspace(-4, 4, 401)
    k = np.array([[1.0], [0.0], [-1.0]])
    assert_close(curve(plots.rational_shapes(), "$v = -l$")[1], Rational()(z[:, None], k)[:, 0])


def test_a_race_draws_every_run_and_the_median_of_each_competitor():
    losses = {"one": np.array([[4.0, 2, 1], [8, 4, 2], [2, 1, 0.5]]), "other": np.full((2, 3), 3.0)}
    ax = plots.race(losses, marks=(2,), title="a title")
    assert_close(curve(ax, "one"), [[1, 2, 3], [4, 2, 1]])
    assert_close(curve(ax, "other"), [[1, 2, 3], [3, 3, 3]])
    thin = [line for line in ax.get_lines() if line.get_linewidth() == 0.8]
    runs = [tuple(line.get_ydata()) for line in thin]
    assert runs == [*map(tuple, losses["one"]), *map(tuple, losses["other"])]
    (mark,) = [line for line in ax.get_lines() if line.get_linestyle() == ":"]
    assert set(mark.get_xdata()) == {2} and ax.get_yscale() == "log" and ax.get_title() == "a title"
    assert [ax.get_xlabel(), ax.get_ylabel()] == ["epoch", "training loss"]
    with pytest.raises(ValueError, match="6 competitors, but there are colours for 5"):
        plots.race(dict.fromkeys("abcdef", np.ones((1, 2))))
