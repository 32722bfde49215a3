"""The figures of experiments, battery and bench, read back and held against their records."""

import statistics
from dataclasses import replace

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pytest
from artists import colour, curve, cut_off, legend, meshes, offsets, shown, the_line, ticks
from compare import assert_close
from matplotlib.colors import to_hex
from test_plots import HISTORY, LABELS, POINTS, X, run

from sennpy import MLP, Settings
from sennpy.benchmarks import figures as of_bench
from sennpy.datasets import Data
from sennpy.experiments import figures
from sennpy.experiments.battery import figures as of_battery
from sennpy.experiments.battery.rows import ROWS
from sennpy.experiments.figures import animation
from sennpy.experiments.figures import regression as of_regression
from sennpy.experiments.regression import Moment, RegressionRun
from sennpy.nn.losses import softmax
from sennpy.plots.regression import LOCATIONS, SCALES
from sennpy.plots.style import BLACK, BLUE, GOLD, GREEN, PURPLE, RED, SKY

matplotlib.use("Agg")

NETS = [MLP.random((2, 2), rng=0), MLP.random((2, 3, 2), rng=1), MLP.random((2, 3, 3, 2), rng=2),
        MLP.random((2, 4, 3, 2), rng=3)]  # fmt: skip


@pytest.fixture(autouse=True)
def closed():
    """Each test ends without open figures."""
    yield
    plt.close("all")


def regions_are_of(ax, net):
    """Fail unless the probabilities drawn are the network's, at some of the grid's points."""
    (mesh,) = meshes(ax)
    (x0, x1), (y0, y1) = ax.get_xlim(), ax.get_ylim()
    x, y = np.linspace(x0, x1, 200)[[3, 90, 180]], np.linspace(y0, y1, 200)[[5, 100, 190]]
    p = [[softmax(net(np.array([[a, b]])))[0, 1] for a in x] for b in y]
    assert_close(shown(mesh, x, y), p, 1e-9)


# --- Half-moons, digits, MNIST -------------------------------------------------------------------


def test_each_region_is_that_of_its_snapshot():
    grown = replace(run(1), snapshots=tuple(zip((0, 7, 9, 12), NETS, strict=True)))
    figure = figures.half_moons_figure(grown, X, LABELS)
    above = figure.subfigs[0].axes
    assert [ax.get_title() for ax in above] == [
        "start, epoch 0: 2-2", "layer added, epoch 7: 2-3-2", "layer added, epoch 9: 2-3-3-2",
        "end, epoch 12: 2-4-3-2",
    ]  # fmt: skip
    for ax, net in zip(above, NETS, strict=True):
        regions_are_of(ax, net)
        for label, points in zip((0, 1), ax.collections[-2:], strict=True):
            assert_close(offsets(points), X[label == LABELS])
    loss, score, size = figure.subfigs[1].axes
    assert_close(curve(loss, "training"), [HISTORY.column("epoch"), HISTORY.column("loss")])
    assert_close(curve(score, r"$\lambda$")[1], HISTORY.column("lam"))
    assert curve(size, "layer 1")[1][-1] == 3


def test_the_growth_figure_is_of_the_run():
    accuracy, score, size = figures.growth_figure(run(1)).axes
    assert_close(curve(accuracy, "test")[1], 100 * np.array(HISTORY.column("validation_accuracy")))
    assert_close(curve(score, r"$\eta$ (damped)")[1], HISTORY.column("eta"))
    assert curve(size, "layer 0")[1][-1] == 3


def seeded(seed, share):
    """A run with another seed, accuracy and final network."""
    epochs = [replace(e, validation_accuracy=share - 0.5**e.epoch, seconds=seed + e.seconds)
              for e in HISTORY.epochs]  # fmt: skip
    return replace(
        run(1), settings=Settings.by_thresholds(seed=seed), network=NETS[seed % 4],
        history=replace(HISTORY, epochs=epochs),
    )  # fmt: skip


@pytest.mark.parametrize("against, title", [("epoch", "epoch"), ("seconds", "time (s)")])
def test_each_run_has_the_curve_and_the_numbers_of_its_seed(against, title):
    runs = [seeded(4, 0.9), seeded(2, 0.95), seeded(3, 0.99)]
    ax = figures.accuracy_of_runs(runs, against=against)
    for one, own in zip(runs, (BLUE, RED, GREEN), strict=True):
        accuracy = 100 * np.array(one.history.column("validation_accuracy"))
        label = f"seed {one.seed}: {accuracy[-1]:.2f} %"
        assert_close(curve(ax, label), [one.history.column(against), accuracy])
        assert colour(the_line(ax, label)) == own
        after = accuracy[1:]
        low, high = ax.get_ylim()
        assert low < after.min() and after.max() < high <= 100
    assert [line.get_label() for line in ax.get_lines()] == legend(ax)
    assert ax.get_xlabel() == title and ax.get_ylabel() == "test accuracy (%)"
    ax = figures.width_of_runs(runs, against=against)
    widths = [sum(sizes[1:-1]) for sizes in HISTORY.column("sizes")]
    labels = ["seed 4: 0", "seed 2: 6", "seed 3: 7"]
    assert legend(ax) == labels and ax.get_xlabel() == title
    for label, one, own in zip(labels, runs, (BLUE, RED, GREEN), strict=True):
        assert_close(curve(ax, label), [one.history.column(against), widths])
        assert colour(the_line(ax, label)) == own
        assert the_line(ax, label).get_drawstyle() == "steps-post"
    assert ax.get_ylim()[0] == 0 and ax.get_xlim()[0] == 0 and not cut_off(ax)


def test_the_mnist_figure_has_epochs_above_and_time_below():
    axes = figures.mnist_figure([seeded(2, 0.95)]).axes
    for ax, against in zip(axes, ("epoch", "epoch", "seconds", "seconds"), strict=True):
        (drawn,) = ax.get_lines()
        assert_close(drawn.get_xdata(), HISTORY.column("epoch") if against == "epoch" else
                     seeded(2, 0.95).history.column("seconds"))  # fmt: skip


def test_a_sweep_s_panels_are_width_and_accuracy_of_their_own_points():
    others = [(samples, *(share / 2 for share in rest)) for samples, *rest in POINTS]
    left, right = figures.sweep_figure(POINTS, others).axes
    assert_close(left.get_lines()[0].get_ydata(), [0.4, 0.7])
    assert_close(right.get_lines()[0].get_ydata(), [20, 35])
    assert [colour(ax.get_lines()[0]) for ax in (left, right)] == [BLUE, RED]
    assert [ax.get_ylabel() for ax in (left, right)] == ["hidden neurons", "test accuracy (%)"]
    assert left.get_ylim()[0] == 0 and right.get_ylim()[1] == 100
    assert {ax.get_xlabel() for ax in (left, right)} == {"training samples"}
    band = left.collections[0].get_paths()[0]
    assert band.contains_points([[30, 0.35], [30, 0.55]]).all()
    assert not band.contains_points([[30, 0.2], [30, 0.9]]).any()


# --- Regression ----------------------------------------------------------------------------------

ONE_INPUT = [MLP.random((1, k, 1), rng=k) for k in (1, 2, 3, 4, 5, 6, 7)]
DATA = Data(*(np.array(column)[:, None] for column in
              ([0.0, 1.0], [0.5, -0.5], [1.0, -1.0, 0.0], [2.0, 0.0, 1.0])))  # fmt: skip


def moments(epochs):
    """Before and right after an addition at each epoch, and the end."""
    for i, epoch in enumerate(epochs):
        starts = np.array([[0.5, 1.0], [-2.0, 1.0]])
        yield Moment(epoch, "before an addition", ONE_INPUT[2 * i], starts, 2 * starts[::-1],
                     np.array([-0.5, 0.25]))  # fmt: skip
        yield Moment(epoch, "right after it", ONE_INPUT[2 * i + 1])
    yield Moment(99, "end", ONE_INPUT[-1])


def test_proposals_are_drawn_from_their_starts_to_their_ends():
    before = next(moments([3]))
    ax = plt.subplots()[1]
    figures.proposals_made(before, ax)
    starts, ends = [[-2, 2], [0.5, 0.5]], [[0.5, 0.25], [-2, 1]]
    tracks = [line for line in ax.get_lines() if len(line.get_xdata()) == 2]
    for track, start, end in zip(tracks, starts, ends, strict=True):
        assert_close(track.get_xydata(), [start, end])
    for marker, at, own, name in (("o", starts, "#FFFFFF", "start"), ("s", ends, GOLD, "end")):
        dots = [line for line in ax.get_lines() if line.get_marker() == marker]
        assert_close([dot.get_xydata()[0] for dot in dots], at)
        assert {colour(dot) for dot in dots} == {own} and dots[0].get_label() == name
    star = the_line(ax, "accepted")
    assert_close(star.get_xydata(), [[0.5, 2]])
    assert star.get_marker() == "*" and colour(star) == RED
    assert legend(ax) == ["start", "end", "accepted"]
    bare = plt.subplots()[1]
    figures.proposals_made(Moment(1, "end", ONE_INPUT[0]), bare)
    assert not bare.get_lines()


def test_the_regression_figure_shows_each_moment_and_its_landscape():
    """The second addition that another follows; the next stands before the third."""
    shown_moments = tuple(moments([3, 5, 8]))
    asked = []

    def landscape(net, X, t, locations, scales):
        asked.append((net, X, t))
        assert locations is LOCATIONS and scales is SCALES
        return np.full((121, 121), float(net.sizes[1])) + np.arange(121)

    grown = RegressionRun(
        Settings.by_thresholds(), ONE_INPUT[-1], HISTORY, 1.0, DATA, shown_moments, 0.1, 0.2
    )
    figure = figures.regression_figure(grown, landscape)
    above, below = figure.subfigs
    fits, maps = above.axes[:4], above.axes[4:8]
    nets = [ONE_INPUT[k] for k in (2, 3, 4, 6)]
    assert [ax.get_title() for ax in fits] == [
        "before an addition, epoch 5: 3 hidden", "right after it, epoch 5: 4 hidden",
        "before the next, epoch 8: 5 hidden", "end, epoch 99: 7 hidden",
    ]  # fmt: skip
    assert [net for net, _, _ in asked] == nets
    assert all(x is DATA.X and t is DATA.t for _, x, t in asked)
    tops = []
    for fit, map_, net in zip(fits, maps, nets, strict=True):
        x, y = curve(fit, "fit")
        assert_close(y, net(x[:, None])[:, 0])
        assert_close(curve(fit, "target"), [[-1, 0, 1], [0, 1, 2]])
        (mesh,) = meshes(map_)[:1]
        assert_close(
            shown(mesh, LOCATIONS[[5, 80]], SCALES[[7]]), [net.sizes[1] + np.array([5, 80])]
        )
        tops.append(mesh.norm.vmax)
        assert bool(map_.get_legend()) is (net in (nets[0], nets[2]))
    assert tops == [123, 123, 125, 127]  # before and right after share one scale
    assert set(legend(fits[0])) == {"neurons", "target", "fit", "data"}
    loss, score, size = below.axes
    assert_close(curve(loss, "training")[1], HISTORY.column("loss"))
    assert loss.get_ylabel() == "loss (½ mean (y − t)²)"
    assert score.get_ylabel() == "score (units of the loss)"
    assert size.get_title() == "Hidden layers"


@pytest.mark.parametrize("epochs, shown_at", [([3, 5], [3, 3, 5, 99]), ([3, 3], [3, 3, 99])])
def test_moments_are_those_of_an_addition_that_another_follows_later(epochs, shown_at):
    found = of_regression.chosen_moments(tuple(moments(epochs)))
    assert [moment.epoch for _, moment in found] == shown_at


# --- The moving picture --------------------------------------------------------------------------


def frames_of(nets):
    """A frame a network, the second of an added neuron."""
    whats, news = ["", "neuron added", "layer added", ""], [(), ((0, 2),), ((1, 0), (1, 1)), ()]
    return [
        animation.Frame(
            3 * i + 1, net, replace(HISTORY, epochs=HISTORY.epochs[: i + 1]), new, what, 1
        )
        for i, (net, what, new) in enumerate(zip(nets, whats, news, strict=True))
    ]  # fmt: skip


def test_a_strip_shows_each_frame_and_its_network_below():
    figure = figures.growth_strip(frames_of(NETS), X, LABELS)
    above, below = figure.axes[:4], figure.axes[4:]
    assert [ax.get_title() for ax in above] == [
        "epoch 1", "epoch 4: neuron added", "epoch 7: layer added", "epoch 10"
    ]  # fmt: skip
    assert [ax.get_title() for ax in below] == [
        "network 2-2", "network 2-3-2", "network 2-3-3-2", "network 2-4-3-2"
    ]  # fmt: skip
    for ax, net in zip(above, NETS, strict=True):
        regions_are_of(ax, net)
    new = [
        [(column - len(ax.collections) // 2, j)
         for column, points in enumerate(ax.collections) if hasattr(points, "get_sizes")
         for j, face in enumerate(points.get_facecolor()) if to_hex(face).upper() == GOLD]
        for ax in below
    ]  # fmt: skip
    assert [[(layer - 1, j) for layer, j in some] for some in new] == [
        [], [(0, 2)], [(1, 0), (1, 1)], []
    ]  # fmt: skip
    assert [ax.get_ylabel() for ax in (*above, *below)] == ["$x_2$", ""] * 2 + [""] * 4
    assert len(figures.growth_strip(frames_of(NETS)[:1], X, LABELS).axes) == 2


def test_every_picture_is_drawn_from_its_own_frame_on_the_limits_of_the_last(monkeypatch):
    frames, drawn = frames_of(NETS), []

    def watching(name):
        true = getattr(animation, name)
        return lambda *args: drawn.append((name, args)) or true(*args)

    names = ("decision_regions", "network_diagram", "loss_curves", "score_curves")
    for name in names:
        monkeypatch.setattr(animation, name, watching(name))
    limits = []
    true_canvas = matplotlib.backends.backend_agg.FigureCanvasAgg.buffer_rgba

    def buffer(canvas):
        limits.append([(ax.get_xlim(), ax.get_ylim()) for ax in canvas.figure.axes[2:4]])
        return true_canvas(canvas)

    monkeypatch.setattr(matplotlib.backends.backend_agg.FigureCanvasAgg, "buffer_rgba", buffer)
    pictures = figures.growth_pictures(frames, X, LABELS)
    assert len(pictures) == 4 and len(drawn) == 20  # the last is drawn first, for the limits
    for k, frame in enumerate([frames[-1], *frames]):
        (_, region), (_, network), (_, loss), (_, score) = drawn[4 * k : 4 * k + 4]
        told = f"epoch {frame.epoch}" + (f": {frame.what}" if frame.what else "")
        assert region[0] is frame.network and region[-1] == told
        assert region[1] is X and region[2] is LABELS
        assert network[0] is frame.network and network[2] == frame.new
        assert loss[0] is frame.history and score[0] is frame.history
    assert len({str(limit) for limit in limits}) == 1 and len(limits) == 4
    assert limits[0][0][0][1] >= frames[-1].history.epochs[-1].epoch


# --- Chance --------------------------------------------------------------------------------------


def level(N, d, m):
    """A row of the table of levels, all numbers different."""
    k = N + 3 * d + 7 * m
    return {"N": N, "d": d, "m": m, "simulated": 10 / k, "permuted": 9 / k, "numbers": 8 / k,
            "held_out": (1 if (d, N) == (2, 50) else -7) / k, "held_out_error": 1 / k}  # fmt: skip


LEVELS = [level(N, d, m) for m in (1, 3) for d in (1, 2) for N in (50, 100)]
TRAININGS = [
    {"task": task, "rule": rule, "neurons": 3 * i + j, "test": 0.1 * (5 * i + 2 * j + k)}
    for k, task in enumerate(("noise", "moons")) for i, rule in enumerate(("all", "honest"))
    for j in range(3)
]  # fmt: skip


def test_gains_by_chance_are_drawn_over_the_samples_by_inputs_and_outputs():
    figure = figures.chance_figure(LEVELS, TRAININGS)
    above = figure.subfigs[0]
    one, three, lost = above.axes
    assert [ax.get_title() for ax in above.axes] == [
        "Gain of the best neuron on noise, 1 output", "Gain of the best neuron on noise, 3 outputs",
        "What they lose on other samples, 1 output",
    ]  # fmt: skip
    assert one.get_ylabel() == r"in units of $\lambda$"
    for ax, m in ((one, 1), (three, 3)):
        for d, own, marker, name in ((1, BLUE, "o", "1 input"), (2, SKY, "^", "2 inputs")):
            mine = [row for row in LEVELS if (row["d"], row["m"]) == (d, m)]
            line = the_line(ax, name)
            assert_close(curve(ax, name), [[50, 100], [row["simulated"] for row in mine]])
            assert (colour(line), line.get_marker()) == (own, marker)
            at = ax.get_lines().index(line)
            crosses, dotted = ax.get_lines()[at + 1 : at + 3]
            assert (crosses.get_marker(), crosses.get_linestyle()) == ("x", "None")
            assert_close(crosses.get_ydata(), [row["permuted"] for row in mine])
            assert dotted.get_linestyle() == ":"
            assert_close(dotted.get_ydata(), [row["numbers"] for row in mine])
            assert {colour(crosses), colour(dotted)} == {own}
        assert_close(curve(ax, "a fixed direction, $1/(N-1)$"), [[50, 100], [1 / 49, 1 / 99]])
        assert ax.get_xscale() == ax.get_yscale() == "log" and ax.get_xlabel() == "samples $N$"
    told = [text.get_text() for text in above.legends[0].get_texts()]
    assert told == ["1 input", "2 inputs", "a fixed direction, $1/(N-1)$", "residuals permuted",
                    "$p/(Nm)$"]  # fmt: skip
    for d, container in zip((1, 2), lost.containers, strict=True):
        line, caps, (bars,) = container
        mine = [row for row in LEVELS if (row["d"], row["m"]) == (d, 1)]
        gained = [row["held_out"] > 0 for row in mine]
        assert list(np.isnan(line.get_ydata())) == gained  # a gain is not drawn
        drawn = [row for row, up in zip(mine, gained, strict=True) if not up]
        assert_close(line.get_ydata()[~np.array(gained)], [-row["held_out"] for row in drawn])
        ends = [s for s in bars.get_segments() if len(s) and np.isfinite(s).all()]
        for row, ((_, low), (x, high)) in zip(drawn, ends, strict=True):
            assert x == row["N"] and high - low == pytest.approx(2 * row["held_out_error"])
        assert colour(line) == (BLUE, SKY)[d - 1] and len(caps) == 2


def test_trainings_are_drawn_by_task_and_rule_with_their_medians():
    below = figures.chance_figure(LEVELS, TRAININGS).subfigs[1].axes
    names = [("neurons", "noise"), ("neurons", "moons"), ("test", "noise"), ("test", "moons")]
    for ax, (name, task) in zip(below, names, strict=True):
        dots = [line for line in ax.get_lines() if line.get_linestyle() == "None"]
        for i, (rule, own) in enumerate((("all", BLACK), ("honest", GOLD))):
            values = [row[name] for row in TRAININGS if (row["task"], row["rule"]) == (task, rule)]
            assert_close(dots[i].get_ydata(), values)
            assert (np.abs(np.asarray(dots[i].get_xdata()) - i) < 0.5).all()
            ((left, height), (right, _)) = ax.collections[i].get_segments()[0]
            assert height == statistics.median(values) and left < i < right
            assert colour(dots[i]) == to_hex(ax.collections[i].get_color()[0]).upper() == own
        assert name == "neurons" or ticks(ax.xaxis) == {0: "all", 1: "honest"}
    assert [ax.get_title() for ax in below[:2]] == ["Trainings on noise", "moons"]
    labels = ["neurons added", "", "squared error, test", "log-loss, test"]
    assert [ax.get_ylabel() for ax in below] == labels


# --- The battery ---------------------------------------------------------------------------------


def battery_run(name, seed, value, rivals=None, **numbers):
    """Numbers of a run that was not made."""
    row = ROWS[name]
    found = {"row": name, "seed": seed, row.metric: value} | numbers
    if rivals:
        found["rivals"] = {rival: {row.metric: worth} for rival, worth in rivals.items()}
    return found


RUNS = {
    "moons-0.3": [  # the goal: accuracy 0.906, an error of 0.094
        battery_run("moons-0.3", s, value, {"SVM": 0.9 - s / 100, "MLP": 0.8, "HGB": 0.7})
        for s, value in enumerate([0.92, 0.953, 0.85])
    ],
    "spiral-2": [battery_run("spiral-2", s, value) for s, value in enumerate([0.4, 0.98, 0.99])],
    "wine": [battery_run("wine", s, value) for s, value in enumerate([0.12, 1e-4, 0.09])],
}  # fmt: skip


def test_the_battery_shows_each_row_s_errors_against_its_goal():
    ax = of_battery.reached(RUNS)
    titles = [ROWS[name].title for name in RUNS]
    assert list(ticks(ax.yaxis).values()) == titles
    assert ax.get_ylim()[0] > ax.get_ylim()[1]  # the first row on top
    dots = [line for line in ax.get_lines() if line.get_marker() == "o"]
    marks = [line for line in ax.get_lines() if line.get_marker() == "D"]
    expected = [
        (np.array([0.08, 0.047, 0.15]) / 0.094, 0.08 / 0.094, BLUE),
        ([8.0, 0.02 / 0.03, 0.01 / 0.03], 0.02 / 0.03, RED),  # the worst misses: 0.4 < 0.9
        ([2.0, 0.04, 1.5], 1.5, RED),
    ]
    for y, (errors, middle, own) in enumerate(expected):
        assert_close(dots[y].get_xdata(), errors)
        assert (np.abs(np.asarray(dots[y].get_ydata()) - y) < 0.36).all()
        assert_close(marks[y].get_xydata(), [[middle, y]])
        assert colour(dots[y]) == colour(marks[y]) == own
    rivals = {colour(line): line.get_xdata()[0] for line in ax.get_lines()
              if list(line.get_ydata()) == [-0.36, 0.36]}  # fmt: skip
    errors = {GOLD: 0.11, PURPLE: 0.2, GREEN: 0.3}  # SVM (its median), MLP, HGB
    assert rivals.keys() == errors.keys()
    assert all(rivals[c] == pytest.approx(errors[c] / 0.094) for c in errors)
    goals = [line for line in ax.get_lines() if list(line.get_xdata()) == [1, 1]]
    assert len(goals) == 1
    told = [text.get_text() for text in ax.texts]
    assert told == [
        "0.920  (goal 0.906)", "0.980  (goal 0.970)\nmissed: worst accuracy >= 0.9",
        "0.09  (goal 0.06)",
    ]  # fmt: skip
    assert [to_hex(text.get_color()).upper() for text in ax.texts] == [BLUE, RED, RED]
    assert [text.xy[1] for text in ax.texts] == [0, 1, 2]
    low, high = ax.get_xlim()
    assert low < 0.04 and high > 8 and ax.get_xscale() == "log"
    assert ticks(ax.xaxis) == {0.05: "1/20", 0.2: "1/5", 0.5: "1/2", 1: "1", 2: "2", 5: "5"}


def test_the_battery_s_legend_names_marks_and_rivals():
    found = {handle.get_label(): (colour(handle), handle.get_marker())
             for handle in of_battery.legend()}  # fmt: skip
    assert found["median, goal reached"] == (BLUE, "D")
    assert found["median, goal missed"] == (RED, "D")
    assert found["one seed"][1] == "o"
    assert {name: found[name] for name in ("SVM", "MLP", "HGB")} == {
        "SVM": (GOLD, "|"), "MLP": (PURPLE, "|"), "HGB": (GREEN, "|"),
    }  # fmt: skip


def test_neurons_on_noise_are_counted():
    runs = {
        "noise-regression-100": [battery_run("noise-regression-100", s, n)
                                 for s, n in enumerate([0, 0, 0, 3])],
        "noise-labels-400": [battery_run("noise-labels-400", s, n) for s, n in enumerate([1, 2])],
    }  # fmt: skip
    ax = of_battery.noise_neurons(runs)
    drawn = [(*offsets(dot)[0], dot.get_sizes()[0], colour(dot)) for dot in ax.collections]
    assert drawn == [(0, 0, 315, BLUE), (0, 3, 105, RED), (1, 1, 210, BLUE), (1, 2, 210, BLUE)]
    counts = {tuple(map(int, text.xy)): text.get_text() for text in ax.texts[:-1]}
    assert counts == {(0, 0): "3", (0, 3): "1", (1, 1): "1", (1, 2): "1"}
    assert ax.texts[-1].get_text() == "goal: none above 2"
    assert ticks(ax.xaxis) == {0: "100\nreal", 1: "400\nclass"}
    assert list(ax.get_lines()[0].get_ydata()) == [2.5, 2.5]
    assert ax.get_ylim()[1] > 3


def test_size_and_loss_stand_over_the_samples_each_on_its_own_axis():
    runs = {
        f"moons-of-{N}": [
            battery_run(f"moons-of-{N}", s, loss + s, neurons=n + 2 * s) for s in range(3)
        ]
        for N, loss, n in ((50, 0.5, 1), (100, 0.25, 4), (200, 0.125, 6))
    }
    ax = of_battery.size_and_loss(runs | {"wine": RUNS["wine"]}, "moons")
    (other,) = [one for one in ax.figure.axes if one is not ax]
    *single, middle = ax.get_lines()
    assert_close(middle.get_data(), [[50, 100, 200], [3, 6, 8]])
    for s, line in enumerate(single):
        assert_close(line.get_data(), np.array([[50, 100, 200], [1 + 2 * s, 4 + 2 * s, 6 + 2 * s]]))
    (loss,) = other.get_lines()
    assert_close(loss.get_data(), [[50, 100, 200], [1.5, 1.25, 1.125]])
    assert (colour(middle), colour(loss)) == (BLUE, RED)
    assert (ax.get_ylabel(), other.get_ylabel()) == ("neurons", "test loss")
    assert [to_hex(one.yaxis.label.get_color()).upper() for one in (ax, other)] == [BLUE, RED]
    assert ax.get_title() == "Size with data: moons, noise 0.3"
    assert ticks(ax.xaxis) == {50: "50", 100: "100", 200: "200"}
    assert ax.get_ylim()[0] == 0 and other.get_ylim()[0] == 0 and ax.get_xscale() == "log"


PAIRS = [
    {"row": row, "seed": s, "width": width, "grown": grown + s / 50, "fixed": fixed - s / 50}
    for row, width, grown, fixed in (("moons-0.3", 4, 0.9, 0.85), ("spiral-1.5", 16, 0.7, 0.95))
    for s in range(3)
]


def test_areas_of_growing_and_fixed_networks_are_told_apart():
    ax = of_battery.areas(PAIRS)
    lines = ax.get_lines()
    for y, (grown, fixed) in enumerate(((0.9, 0.85), (0.7, 0.95))):
        rising, falling = grown + np.arange(3) / 50, fixed - np.arange(3) / 50
        for k, (values, own) in enumerate(((rising, BLUE), (falling, GOLD))):
            dots, mark = lines[4 * y + 2 * k : 4 * y + 2 * k + 2]
            assert_close(dots.get_xdata(), values)
            assert_close(mark.get_xdata(), values[1:2])
            assert colour(dots) == colour(mark) == own
            assert {round(float(v)) for v in (*dots.get_ydata(), *mark.get_ydata())} == {y}
    assert list(ticks(ax.yaxis).values()) == [
        f"{ROWS['moons-0.3'].title}\n(fixed 4)", f"{ROWS['spiral-1.5'].title}\n(fixed 16)"
    ]  # fmt: skip
    assert legend(ax) == ["growing", "best fixed width"]
    handles = ax.get_legend().legend_handles
    assert [colour(handle) for handle in handles] == [BLUE, GOLD]


def test_the_battery_figure_holds_its_parts():
    noise = [battery_run("noise-labels-400", s, s) for s in range(2)]
    sizes = [battery_run(f"spiral-of-{N}", 0, 0.1, neurons=3) for N in (100, 200)]
    everything = [one for some in RUNS.values() for one in some] + noise + sizes
    figure = of_battery.battery_figure({"runs": everything, "areas_over_seconds": PAIRS})
    titles = [ax.get_title() for ax in figure.axes]
    assert titles == [
        "Test error against the goal", "Pure noise: draws by neurons",
        "Anytime: growing and fixed width", "Size with data: spiral, 1.5 turns", "",
    ]  # fmt: skip
    assert legend(figure.axes[0])[:2] == ["median, goal reached", "median, goal missed"]


def test_the_trade_off_is_drawn_over_the_standard_errors():
    runs = [
        {"z": z, "row": row, "seed": s, "neurons": neurons + s, "accuracy": 0.9 + z / 50,
         "mse": 0.1 * (1 + z)}
        for z in (0.0, 1.0, 2.0)
        for row, neurons in (("noise-labels-400", -z), ("moons-0.3", 5 - z), ("friedman1", 9 - z))
        for s in range(3)
    ]  # fmt: skip
    figure = of_battery.tradeoff_figure(runs)
    left, middle, right = figure.axes
    assert_close(left.get_lines()[0].get_data(), [[0, 1, 2], [2 / 3, 1 / 3, 0]])
    assert left.get_title() == "Trainings on noise that grew" and left.get_ylim()[0] == 0
    moons, friedman, goal = middle.get_lines()
    assert_close(moons.get_data(), [[0, 1, 2], np.array([0.1, 0.08, 0.06]) / 0.094])
    assert_close(friedman.get_data(), [[0, 1, 2], np.array([0.1, 0.2, 0.3]) / 0.09])
    assert list(goal.get_ydata()) == [1, 1]
    assert_close(right.get_lines()[0].get_data(), [[0, 1, 2], [6, 5, 4]])
    assert_close(right.get_lines()[1].get_data(), [[0, 1, 2], [10, 9, 8]])
    for first, second in zip(middle.get_lines()[:2], right.get_lines(), strict=True):
        assert colour(first) == colour(second)
    assert colour(moons) != colour(friedman)
    told = [text.get_text() for text in figure.legends[0].get_texts()]
    assert told == [ROWS["moons-0.3"].title, ROWS["friedman1"].title]
    assert {ax.get_xlabel() for ax in figure.axes} == {"standard errors $z$ that are asked"}


# --- The bench -----------------------------------------------------------------------------------


def test_each_search_has_its_curve_colour_and_marker():
    curves = {name: (np.array([0.01, 0.1 + i]), np.array([0.2, 0.5 + i / 10]))
              for i, name in enumerate(("random", "MALA", "profile", "released"))}  # fmt: skip
    figure = of_bench.bench_figure(of_bench.score_against_time, curves)
    (ax,) = figure.axes
    kinds = ((BLACK, "o"), (BLUE, "s"), (GOLD, "^"), (GREEN, "D"))
    for (name, points), kind in zip(curves.items(), kinds, strict=True):
        assert_close(curve(ax, name), points)
        assert (colour(the_line(ax, name)), the_line(ax, name).get_marker()) == kind
    assert legend(ax) == list(curves) and ax.get_xscale() == "log" and not cut_off(ax)
    assert ax.get_xlabel() == "time (s)" and r"\Delta\eta'" in ax.get_ylabel()


def test_times_are_multiples_of_the_first_with_slope_and_theory_in_the_legend():
    found = {
        "a": {"sizes": [10, 20, 80], "seconds": [0.5, 1.5, 2.0], "slope_seconds": 0.94,
              "expected": 1},
        "b": {"sizes": [3, 6, 9], "seconds": [0.2, 0.3, 0.4], "slope_seconds": 2.06,
              "expected": "2-3"},
        **{name: {"sizes": [1, 2], "seconds": [1, 2], "slope_seconds": 1, "expected": 1}
           for name in "cdef"},
    }  # fmt: skip
    ax = of_bench.time_against_sizes(found)
    assert legend(ax)[:2] == ["a: slope 0.9 (theory 1)", "b: slope 2.1 (theory 2-3)"]
    assert_close(curve(ax, legend(ax)[0]), [[1, 2, 8], [1, 3, 4]])
    assert_close(curve(ax, legend(ax)[1]), [[1, 2, 3], [1, 1.5, 2]])
    assert [colour(line) for line in ax.get_lines()] == [BLUE, GOLD, GREEN, RED, PURPLE, SKY]
    assert ax.get_xscale() == ax.get_yscale() == "log" and not cut_off(ax)
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("size / smallest", "time / first")


def test_residuals_are_drawn_over_products_each_solver_in_its_own_way():
    curves = {
        "small": {"products": [1, 10, 100], "cg": [1, 0.5, 0.1], "pcg": [1, 0.2, 0.01]},
        "large": {"products": [1, 30, 90], "cg": [1, 0.9, 0.8], "pcg": [1, 0.7, 0.6]},
    }
    ax = of_bench.residual_against_products(curves)
    for (name, one), own in zip(curves.items(), (BLUE, GOLD), strict=True):
        for solver, how, style, marker in (
            ("cg", "plain", "-", "o"), ("pcg", "preconditioned", "--", "s"),
        ):  # fmt: skip
            line = the_line(ax, f"{name}: {how}")
            assert_close(line.get_data(), [one["products"], one[solver]])
            drawn = (colour(line), line.get_linestyle(), line.get_marker())
            assert drawn == (own, style, marker)
    assert legend(ax) == [f"{n}: {how}" for n in curves for how in ("plain", "preconditioned")]
    assert ax.get_xscale() == ax.get_yscale() == "log" and not cut_off(ax)
    assert ax.get_xlabel() == "products with F" and r"\|g\|" in ax.get_ylabel()
