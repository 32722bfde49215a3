"""The regression experiment: its tasks, its landscape, its figure, and what it reaches."""

from dataclasses import replace
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pytest
from compare import assert_close
from runs import changed

from sennpy import (
    MLP,
    SENN,
    MalaSearch,
    ProfileSearch,
    SquaredError,
    best_coefficients,
    delta_eta_bound,
    layer_score,
    plots,
    residual_gradient,
)
from sennpy.cli import main
from sennpy.datasets import Data, random_rational, regression_case
from sennpy.experiments import figures
from sennpy.experiments.figures.regression import chosen_moments
from sennpy.experiments.regression import PRESETS, landscape, run
from sennpy.growth.search import Search
from sennpy.nn.activations import Rational
from sennpy.plots.regression import LOCATIONS, SCALES

CASES = Path(__file__).parent / "data" / "regression.npz"
SHORT = replace(PRESETS["default"], epochs=130, proposer=ProfileSearch(60, 2, 20))


@pytest.fixture(scope="module")
def short():
    return run(SHORT)


# --- Tasks ---------------------------------------------------------------------------------------


def test_a_drawn_task_is_a_function_of_fifty_standard_normal_points():  # section 7
    data = random_rational(3)
    assert [a.shape for a in data] == [(50, 1), (50, 1), (1000, 1), (1000, 1)]
    assert abs(data.X_test.mean()) < 0.15 and abs(data.X_test.std() - 1) < 0.1
    assert data.t.std() > 0
    for one, other in zip(data, random_rational(3), strict=True):
        assert one.tobytes() == other.tobytes()
    assert (random_rational(4).X != data.X).all()


def test_the_same_seed_draws_task_and_start_apart():
    start = MLP.random((1, 16, 16, 16, 16, 1), rng=3)
    assert np.abs(start(random_rational(3).X) - random_rational(3).t).max() > 1e-3


@pytest.mark.parametrize("case", [0, 1, 2])
def test_cases_on_file_are_read(case):
    data, file = regression_case(CASES, case), np.load(CASES)
    for array, name in zip(data, ("x_train", "y_train", "x_test", "y_test"), strict=True):
        assert np.array_equal(array, file[f"{name}_{case}"])


def test_files_that_hold_no_case_are_refused_in_words_that_help(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"none.npz is missing: .* x_train_K, y_train_K"):
        regression_case(tmp_path / "none.npz")
    with pytest.raises(ValueError, match=r"has no x_train_7; .*\[0, 1, 2\]"):
        regression_case(CASES, 7)
    text = tmp_path / "text.npz"
    text.write_text("not an archive")
    with pytest.raises(ValueError, match=r"text.npz is no .npz file of plain arrays"):
        regression_case(text)
    cut = tmp_path / "cut.npz"
    cut.write_bytes(CASES.read_bytes()[:2000])
    with pytest.raises(ValueError, match=r"cut.npz is no .npz file of plain arrays"):
        regression_case(cut)
    flat = tmp_path / "flat.npz"
    np.savez(flat, x_train_0=np.ones(3), y_train_0=np.ones((3, 1)), x_test_0=1, y_test_0=1)
    with pytest.raises(ValueError, match=r"x_train_0 has shape \(3,\) .* expected \(N, n_in\)"):
        regression_case(flat)
    with pytest.raises(ValueError, match="case is -1"):
        regression_case(CASES, -1)


@pytest.mark.parametrize(
    "arrays, error, message",
    [
        (
            {"x_train_0": np.full((4, 1), np.nan)},
            ValueError,
            r"x_train_0 must be finite, .*\(0, 0\)",
        ),
        ({"y_test_0": np.ones((3, 1)) + 1j}, ValueError, "y_test_0 has dtype complex128"),
        ({"x_test_0": np.array([["1"], ["2"], ["3"]])}, ValueError, "x_test_0 has dtype <U1"),
        ({"x_train_0": np.ones((0, 1)), "y_train_0": np.ones((0, 1))}, ValueError, "0 is empty"),
        ({"x_test_0": np.ones((3, 2))}, ValueError, "1 inputs .* 2 and 1 for the test, expected"),
    ],
)
def test_cases_of_other_than_numbers_that_fit_are_refused(arrays, error, message, tmp_path):
    good = {"x_train_0": np.ones((4, 1)), "y_train_0": np.ones((4, 1)),
            "x_test_0": np.ones((3, 1)), "y_test_0": np.ones((3, 1))}  # fmt: skip
    np.savez(tmp_path / "case.npz", **good | arrays)
    with pytest.raises(error, match=f"case.npz: .*{message}"):
        regression_case(tmp_path / "case.npz")


# --- The run -------------------------------------------------------------------------------------


def test_errors_are_mean_squares_and_twice_the_loss(short):
    for error, X, t in [
        (short.train_error, short.data.X, short.data.t),
        (short.test_error, short.data.X_test, short.data.t_test),
    ]:
        assert error == pytest.approx(((short.network(X) - t) ** 2).mean(), rel=1e-12)
        assert error == pytest.approx(2 * SquaredError().value(short.network(X), t), rel=1e-12)


def test_a_run_is_a_plain_fit_that_was_watched(short):
    data, start = random_rational(0), MLP.random((1, 1, 1), rng=0)
    net, history = SENN(SquaredError(), SHORT).fit(start, data.X, data.t)
    assert net.parameters.tobytes() == short.network.parameters.tobytes()
    assert len(history.additions) == len(short.history.additions) > 2


def test_moments_stand_before_and_after_each_neuron_next_to_the_input(short):
    *pairs, end = short.moments
    additions = [
        a for a in short.history.additions if (a.candidate.kind, a.candidate.place) == ("neuron", 0)
    ]
    assert len(pairs) == 2 * len(additions) > 2
    assert end.network is short.network and end.epoch == 130
    for before, after, addition in zip(pairs[0::2], pairs[1::2], additions, strict=True):
        assert before.epoch == after.epoch == addition.epoch
        assert after.network.sizes[1] == before.network.sizes[1] + 1
        assert np.array_equal(before.accepted, after.network.weights[0][:, -1])
        assert before.starts.shape == before.ends.shape == (2, 2)
        nearest = np.abs(np.vstack([before.starts, before.ends]) - before.accepted).sum(axis=1)
        assert nearest.min() < 1e-12  # what was accepted is one of what was proposed
        y, same = before.network(short.data.X), after.network(short.data.X)
        assert_close(y, same, 1e-12)


def test_the_chains_of_mala_are_watched_too():
    settings = changed(SHORT, epochs=70, proposer=MalaSearch(6, 4, 5))
    before = run(settings).moments[0]
    assert before.starts.shape == before.ends.shape == (6, 2)


class Draws(Search):
    """A search of one's own that is no dataclass."""

    def trails(self, objective, stats, rng):
        draws = objective.draw(9, rng)
        return draws, draws


def test_a_search_of_ones_own_is_watched_as_it_is():
    mine = Draws()
    before = run(changed(SHORT, epochs=70, proposer=mine)).moments[0]
    assert before.starts.shape == (9, 2) and type(mine) is Draws


# --- The landscape -------------------------------------------------------------------------------


def test_the_landscape_is_the_bound_with_the_best_coefficients_over_eta(short):  # Theorem 3.2
    """(E12), point by point with the public functions."""
    net, X, t = short.moments[0].network, short.data.X, short.data.t
    locations, scales = np.array([-1.0, 0.3, 2.0]), np.array([0.1, 0.8, 5.0])
    values = landscape(net, X, t, locations, scales)
    trace = net.forward(X)
    a_c, (_, g) = trace.inputs[1], net.backward(trace, trace.outputs - t)
    G = np.eye(1)
    g_r, eta = residual_gradient(a_c, g), layer_score(a_c, g, G)
    for i, scale in enumerate(scales):
        for j, location in enumerate(locations):
            z = (X[:, 0] - location) / scale
            q, score = best_coefficients(z, g_r, G)
            assert values[i, j] == pytest.approx(score / eta, rel=1e-6)
            a_p = Rational()(z[:, None], q[:, None])
            assert values[i, j] == pytest.approx(delta_eta_bound(a_p, g_r, G) / eta, rel=1e-6)


def test_the_landscape_collapses_where_a_neuron_was_added(short):  # (E9): a second one is redundant
    before, after = short.moments[:2]
    w, b = before.accepted
    there = np.array([-b / w]), np.array([1 / w])
    (((high,),), ((low,),)) = (
        landscape(m.network, short.data.X, short.data.t, *there) for m in (before, after)
    )
    assert high > SHORT.acceptance.tau and low < 0.5 * high


# --- Pictures ------------------------------------------------------------------------------------


def test_the_figure_shows_an_addition_and_the_end(short):
    shown = chosen_moments(short.moments)
    assert [what for what, _ in shown] == [
        "before an addition", "right after it", "before the next", "end",
    ]  # fmt: skip
    assert shown[0][1].epoch == shown[1][1].epoch < shown[2][1].epoch
    figure = figures.regression_figure(short, landscape)
    titles = [ax.get_title() for part in figure.subfigs for ax in part.axes]
    assert {"Loss", "Expansion score", "Hidden layers"} <= set(titles)
    assert sum("epoch" in title for title in titles) == 4
    plt.close(figure)


def test_a_run_without_additions_has_a_figure_too():
    still = run(changed(SHORT, epochs=3))
    assert [what for what, _ in chosen_moments(still.moments)] == ["end"]
    plt.close(figures.regression_figure(still, landscape))


def test_a_constant_target_is_drawn_in_the_middle(short):
    flat = Data(*(0 * array + 2.0 if i % 2 else array for i, array in enumerate(short.data)))
    ax = plots.fit_curve(short.network, flat)
    assert np.mean(ax.get_ylim()) == 2.0
    plt.close(ax.figure)


def test_neurons_are_drawn_where_they_lie(short):
    ax = plots.fit_curve(short.network, short.data)
    W = short.network.weights[0]
    lines = [line.get_xdata()[0] for line in ax.get_lines() if line.get_linestyle() == "--"]
    assert_close(lines, -W[1] / W[0])
    plt.close(ax.figure)


def test_the_landscape_is_drawn_with_its_proposals(short):
    moment = short.moments[0]
    values = landscape(moment.network, short.data.X, short.data.t, LOCATIONS, SCALES)
    ax = plots.score_landscape(values)
    figures.proposals_made(moment, ax)
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["start", "end", "accepted"]
    (star,) = (line for line in ax.get_lines() if line.get_marker() == "*")
    w, b = moment.accepted
    assert_close(np.ravel(star.get_data()), [-b / w, 1 / abs(w)])
    plt.close(ax.figure)


# --- The command ---------------------------------------------------------------------------------


def test_a_case_is_asked_for_with_its_file(tmp_path, capsys):
    assert main(["regression", "--case", "1", "--out", str(tmp_path)]) == 1
    assert "--case names a case of --task" in capsys.readouterr().err
    arguments = ["regression", "--task", str(CASES), "--case", "2", "--quick", "--epochs", "40"]
    assert main([*arguments, "--out", str(tmp_path)]) == 0
    assert (tmp_path / "regression-case-2-40-epochs-quick.png").exists()
    out = capsys.readouterr().out
    assert "mean (y - t)^2" in out and "seed 0" in out
