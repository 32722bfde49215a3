"""The battery: its tasks are what they are called, its verdicts and its tables what numbers say."""

import json
import re
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from sennpy import Settings, SoftmaxCrossEntropy
from sennpy.cli import main
from sennpy.experiments.battery import anytime, figures, run, tasks, together
from sennpy.experiments.battery.rows import GROUPS, ROWS, Goal, Row, chosen, statistic, verdict
from sennpy.experiments.battery.table import (
    by_row,
    figures_of,
    markdown,
    marked,
    printed,
    verdicts,
)
from sennpy.experiments.store import Kept
from sennpy.training.history import AdditionRecord, EpochRecord, LookRecord

RECORD = Path(__file__).parents[1] / "figures" / "battery.json"
DRAWABLE = [row for row in ROWS.values() if row.task != "small_mnist"]


# --- Tasks ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("row", DRAWABLE, ids=lambda row: row.name)
def test_a_task_is_drawn_by_its_seed_and_tested_on_other_samples(row):
    task, again, other = (run.drawn(row, seed) for seed in (3, 3, 4))
    for name in ("X", "t", "X_test", "t_test"):
        np.testing.assert_array_equal(getattr(task, name), getattr(again, name))
    assert len(task.X) == len(task.t) and len(task.X_test) == len(task.t_test)
    assert len(task.X) == row.options.get("samples", len(task.X))
    if row.name != "readme-half-moons":
        assert task.X.shape != other.X.shape or not np.array_equal(task.X, other.X)
    both = np.vstack([task.X, task.X_test])
    distinct = len(np.unique(both, axis=0))
    assert distinct >= len(both) - (3 if row.task == "iris" else 0)  # iris has a flower twice
    assert task.outputs == (len(np.unique(task.t)) if task.t.ndim == 1 else 1)


@pytest.mark.parametrize("row", DRAWABLE, ids=lambda row: row.name)
def test_the_training_samples_alone_standardise(row):
    task = run.drawn(row, 0)
    raw = {"noise_regression", "noise_labels", "blobs", "digits", "readme_half_moons",
           "readme_regression"}  # fmt: skip
    centred = np.allclose(task.X.mean(axis=0), 0) and np.allclose(task.X.std(axis=0), 1)
    assert centred == (row.task not in raw)
    assert not np.allclose(task.X_test.mean(axis=0), 0, atol=1e-6)
    if task.t.ndim == 2 and row.task not in raw:
        assert abs(task.t.mean()) < 1e-12 and abs(task.t.std() - 1) < 1e-12


def test_what_is_standardised_goes_by_the_other_samples():
    like = np.array([[1.0, 5.0], [3.0, 5.0]])
    found = tasks.standardised(np.array([[5.0, 6.0]]), like)
    np.testing.assert_array_equal(found, [[3.0, 1.0]])  # the constant column is only shifted


@pytest.mark.parametrize("seed", range(3))
def test_five_seeds_hold_out_every_sample_once(seed):
    folds = [tasks.fold(5 * seed + i, 178) for i in range(5)]
    held = np.concatenate([test for _, test in folds])
    np.testing.assert_array_equal(np.sort(held), np.arange(178))
    for train, test in folds:
        np.testing.assert_array_equal(np.sort(np.concatenate([train, test])), np.arange(178))
    assert not np.array_equal(tasks.fold(5 * seed, 178)[1], tasks.fold(5 * seed + 5, 178)[1])


@pytest.mark.parametrize("turns", [1, 1.5, 2])
def test_a_spiral_turns_in_proportion_to_its_radius(turns):
    X, t = tasks.spiral_points(1001, turns, np.random.default_rng(0), noise=0)
    assert Counter(t.tolist()) == {0: 501, 1: 500}
    radius = np.hypot(*X.T)
    assert radius.min() >= np.sqrt(0.02) - 1e-12 and radius.max() <= 1
    behind = np.arctan2(X[:, 1], X[:, 0]) - 2 * np.pi * turns * radius - np.pi * t
    np.testing.assert_allclose(np.exp(1j * behind), 1, atol=1e-9)
    assert abs((radius**2).mean() - 0.51) < 0.03  # evenly over the disc


def test_the_fields_of_a_checkerboard_have_the_colours_of_their_neighbours_corners():
    X, t = tasks.checkerboard_points(4000, 4, np.random.default_rng(1))
    for x, y, colour in [(0, 0, 0), (1, 0, 1), (0, 1, 1), (3, 3, 0), (2, 3, 1)]:
        inside = (x < X[:, 0]) & (X[:, 0] < x + 1) & (y < X[:, 1]) & (X[:, 1] < y + 1)
        assert inside.sum() > 150 and (t[inside] == colour).all()
    assert X.min() >= 0 and X.max() <= 4 and abs(t.mean() - 0.5) < 0.05


def test_noise_has_nothing_to_do_with_its_inputs():
    for task in (tasks.noise_regression(0, 1600), tasks.noise_labels(0, 1600)):
        fitted = np.linalg.lstsq(task.X, task.t - task.t.mean(), rcond=None)[0]
        tested = np.corrcoef((task.X_test @ fitted).ravel(), task.t_test.ravel())[0, 1]
        assert abs(tested) < 4 / np.sqrt(len(task.X_test))


def test_moons_circles_and_blobs_have_their_shapes():
    assert np.bincount(tasks.moons(0, 0.1).t).tolist() == [100, 100]
    circles = tasks.circles(0)
    radius = np.hypot(*circles.X_test.T)
    assert 1.7 < radius[circles.t_test == 0].mean() / radius[circles.t_test == 1].mean() < 2.1
    blobs = tasks.blobs(0)
    for c, centre in enumerate([(0, 0), (0, 6), (6, 0), (6, 6)]):
        here = blobs.X_test[blobs.t_test == c]
        np.testing.assert_allclose(here.mean(axis=0), centre, atol=0.15)
        np.testing.assert_allclose(here.std(axis=0), 1, atol=0.1)


def test_friedmans_function_by_hand_and_its_noise():
    X = np.zeros((1, 10))
    X[0, :5] = 0.5, 1.0, 1.0, 0.1, 0.2
    assert tasks.friedman1_function(X)[0] == pytest.approx(10 + 5 + 1 + 1)
    task = tasks.friedman1(0)
    uniform = np.sqrt(1 / 12)
    assert np.abs(task.X_test).max() < 0.5 / uniform * 1.15
    assert task.X.shape == (300, 10) and len(task.X_test) == tasks.TEST_SAMPLES


def test_the_draws_reported_are_not_those_that_chose_the_settings():
    assert not set(tasks.CHOSEN_ON) & set(range(max(row.seeds for row in ROWS.values())))
    assert not set(anytime.CHOSEN_ON) & set(range(max(anytime.TASKS.values())))


def test_mnist_is_asked_for_only_where_it_is(tmp_path, monkeypatch):
    monkeypatch.setattr(together, "cache", lambda: tmp_path)
    assert "--data" in together.mnist_lacks(None, None)
    assert together.mnist_lacks(tmp_path, None) == together.mnist_lacks(None, tmp_path) == ""


# --- Verdicts ------------------------------------------------------------------------------------


def some(metric, *values):
    return [{metric: value} for value in values]


@pytest.mark.parametrize(
    "goal, values, reached",
    [
        (Goal("accuracy", "median", ">=", 0.9), (0.1, 0.9, 1.0), True),
        (Goal("accuracy", "median", ">=", 0.9), (0.1, 0.8, 1.0), False),
        (Goal("accuracy", "worst", ">=", 0.9), (0.95, 0.9), True),
        (Goal("accuracy", "worst", ">=", 0.9), (0.89, 1.0, 1.0), False),
        (Goal("mse", "median", "<=", 0.5), (0.5, 0.5, 9.0), True),
        (Goal("neurons", "worst", "<=", 2), (0, 0, 2), True),
        (Goal("neurons", "worst", "<=", 2), (0, 0, 3), False),
        (Goal("mse", "median", "<", 0.5), (0.5,), False),
        (Goal("mse", "median", "<=", 0.5), (), None),
        (Goal("mse", "median", "<=", 0.5), (None, 0.1), None),
    ],
)
def test_a_goal_is_reached_or_not(goal, values, reached):
    row = Row("here", "Here", "toy", "moons", goal.metric, (goal,))
    told = {True: "reached", False: "missed", None: "-"}[reached]
    assert verdict(row, {"here": some(goal.metric, *values)}) == told


def test_a_row_reaches_all_its_goals_or_misses():
    goals = (Goal("accuracy", "median", ">=", 0.9), Goal("neurons", "median", "<=", 3))
    row = Row("here", "Here", "toy", "moons", "accuracy", goals)
    assert verdict(row, {"here": [{"accuracy": 0.9, "neurons": 3}]}) == "reached"
    assert verdict(row, {"here": [{"accuracy": 0.9, "neurons": 4}]}) == "missed"
    assert verdict(row, {"here": [{"accuracy": 0.8}]}) == "missed"
    assert verdict(row, {}) == "-"


def test_a_goal_may_be_what_another_row_has():
    row = ROWS["moons-of-100"]
    runs = {"moons-of-50": [{"neurons": 3, "log_loss": 0.4}],
            "moons-of-100": [{"neurons": 3, "log_loss": 0.3}]}  # fmt: skip
    assert verdict(row, runs) == "reached"
    runs["moons-of-50"][0]["neurons"] = 4
    assert verdict(row, runs) == "missed"
    assert verdict(row, {"moons-of-100": runs["moons-of-100"]}) == "-"
    assert verdict(ROWS["moons-of-50"], runs) == "-"


def test_every_goal_is_of_a_number_that_a_run_has_or_of_a_row_before():
    names = list(ROWS)
    for row in ROWS.values():
        assert hasattr(tasks, row.task) and row.group in GROUPS
        for goal in row.goals:
            if isinstance(goal.threshold, str):
                assert names.index(goal.threshold) == names.index(row.name) - 1
    assert list(anytime.TASKS) == [name for name in anytime.TASKS if name in ROWS]


def test_rows_are_chosen_by_name_or_group():
    rows, areas = chosen(["real", "spiral-2"])
    assert {row.name for row in rows} == {n for n, r in ROWS.items() if r.group == "real"} | {
        "spiral-2"
    }
    assert not areas and chosen(["anytime"]) == ([], True)
    assert chosen(None)[1] and len(chosen(None)[0]) == len(ROWS)
    assert chosen(None, quick=True) == ([row for row in ROWS.values() if row.quick], False)


# --- One run -------------------------------------------------------------------------------------


def test_a_run_is_what_the_loop_gives_by_hand():
    row = ROWS["moons-0.3"]
    short = Settings(epochs=9)
    numbers = run.one_run(ROWS["noise-labels-100"], 1, short)
    assert numbers["epochs"] <= 9 and "rivals" not in numbers and len(numbers["hidden"]) <= 2
    assert 0 <= numbers["look_seconds"] <= numbers["seconds"]
    numbers, task = run.one_run(row, 1, short), run.drawn(row, 1)
    from sennpy import MLP, SENN

    net, history = SENN(SoftmaxCrossEntropy(), Settings(epochs=9, seed=1)).fit(
        MLP.random((2, 2), rng=1), task.X, task.t
    )
    assert numbers["neurons"] == sum(net.sizes[1:-1])
    assert numbers["accuracy"] == np.mean(net(task.X_test).argmax(axis=1) == task.t_test)
    assert numbers["additions"] == len(history.additions)
    assert set(numbers["rivals"]) == {"SVM", "MLP", "HGB"}
    assert all(0.8 < rival["accuracy"] < 0.95 for rival in numbers["rivals"].values())


def test_a_clock_tells_looks_from_training(monkeypatch):
    times = iter([0.0, 1.0, 1.0, 4.0, 4.0, 4.5, 4.5, 6.5, 6.5, 6.7, 6.7])
    monkeypatch.setattr(run.time, "perf_counter", lambda: next(times))
    clock = run.Clock()
    for kind, epoch in [(EpochRecord, 1), (LookRecord, 1), (AdditionRecord, 1), (EpochRecord, 2),
                        (LookRecord, 2)]:  # fmt: skip
        record = kind.__new__(kind)
        object.__setattr__(record, "epoch", epoch)
        clock(None, record)
    assert clock.looking == pytest.approx(3.0 + 0.5 + 0.2)


def test_a_look_that_is_made_again_after_an_interruption_counts_once(tmp_path, monkeypatch):
    record, kept = LookRecord.__new__(LookRecord), Kept(tmp_path)
    for times, epoch in [([0.0, 1.0, 1.0], 8), ([0.0, 9.0, 9.0], 16), ([50.0, 52.0, 52.0], 16)]:
        monkeypatch.setattr(run.time, "perf_counter", iter(times).__next__)
        clock = run.Clock(kept)
        object.__setattr__(record, "epoch", epoch)
        clock(None, record)
    assert clock.looking == 1.0 + 2.0


def test_a_fixed_width_never_grows_and_is_not_looked_at():
    row = ROWS["spiral-1.5"]
    task, settings = run.drawn(row, 0), run.fixed(Settings(epochs=20))
    from sennpy import SENN

    net, history = SENN(task.loss, settings).fit(run.start(task, 0, (4,)), task.X, task.t)
    assert net.sizes == (2, 4, 2) and history.additions == () and len(history.looks) <= 1


# --- Accuracy over time --------------------------------------------------------------------------


def test_an_area_holds_each_accuracy_until_the_next_and_the_last_for_ever():
    seconds, accuracies = [0.0, 1.0, 3.0], [0.5, 0.8, 1.0]
    assert anytime.area(seconds, accuracies, 3.0) == pytest.approx((0.5 + 2 * 0.8) / 3)
    assert anytime.area(seconds, accuracies, 5.0) == pytest.approx((0.5 + 1.6 + 2) / 5)
    assert anytime.area(seconds, accuracies, 2.0) == pytest.approx((0.5 + 0.8) / 2)


def test_the_best_width_is_that_of_largest_median_area():
    areas = [dict.fromkeys(anytime.WIDTHS, 0.5) | {4: a, 8: b} for a, b in
             [(0.9, 0.7), (0.4, 0.7), (0.4, 0.6)]]  # fmt: skip
    assert anytime.best_width(areas) == 8


def test_ahead_or_equal_is_counted_by_medians():
    def pair(row, grown, still):
        return {"row": row, "width": 4, "grown": grown, "fixed": still}

    pairs = [pair("digits", 0.9, 0.8), pair("digits", 0.1, 0.8), pair("digits", 0.9, 0.95),
             pair("spiral-2", 0.8, 0.804), pair("moons-0.3", 0.8, 0.81)]  # fmt: skip
    assert anytime.medians(pairs)["digits"] == (4, 0.9, 0.8)
    assert anytime.kept(pairs) == 2


# --- The command ---------------------------------------------------------------------------------


def test_two_rows_end_to_end(tmp_path, capsys):
    words = ["battery", "--quick", "--rows", "noise-labels-100", "wine", "--jobs", "1", "--json"]
    assert main([*words, "--out", str(tmp_path)]) == 0
    told = capsys.readouterr()
    summary = json.loads(told.out)
    file = tmp_path / "battery-noise-labels-100-wine-quick.json"
    assert file.with_suffix(".png").stat().st_size > 20_000
    record = json.loads(file.read_text(encoding="utf-8"))
    assert [(r["row"], r["seed"]) for r in record["runs"]] == [
        ("noise-labels-100", 0), ("noise-labels-100", 1), ("wine", 0), ("wine", 1)
    ]  # fmt: skip
    assert record["settings"] == json.loads(json.dumps(Settings().as_dict()))
    assert record["command"].startswith("python -m sennpy battery --quick") and record["versions"]
    assert set(summary["verdicts"]) == {"noise-labels-100", "wine"}
    assert "best rival" in told.err and str(tmp_path) in told.err
    again = ["replay", str(file), "--out", str(tmp_path / "again")]
    assert main(again) == 0  # nothing that time decides is compared


def test_a_wrong_row_is_told_with_those_that_exist(tmp_path, capsys):
    assert main(["battery", "--rows", "moons-0.5", "--out", str(tmp_path)]) == 1
    told = capsys.readouterr().err
    assert "no row 'moons-0.5'" in told
    assert all(name in told for name in (*ROWS, *GROUPS)) and "Traceback" not in told


@pytest.mark.parametrize("words", [["--seeds", "0"], ["--jobs", "x"], ["--seed", "-1"], ["--rows"]])
def test_bad_arguments_are_refused(words):
    with pytest.raises(SystemExit) as end:
        main(["battery", *words])
    assert end.value.code == 2


def test_without_mnist_its_row_is_skipped_and_told(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(together, "cache", lambda: tmp_path)
    monkeypatch.delenv("SENNPY_DATA", raising=False)
    words = ["battery", "--rows", "mnist", "readme-half-moons", "--seeds", "1", "--jobs", "1"]
    monkeypatch.setattr(
        together, "one_run", lambda row, seed, settings, folder, kept: made(row, seed)
    )
    assert main([*words, "--out", str(tmp_path)]) == 0
    assert "mnist: skipped, MNIST is not there" in capsys.readouterr().out


# --- What is on record ---------------------------------------------------------------------------


def made(row, seed, value=0.9):
    """Numbers of a run that was not made."""
    return {
        "row": row.name, "seed": seed, "samples": 9, row.metric: value, "log_loss": value,
        "neurons": 3, "hidden": [3], "additions": 1, "epochs": 5, "seconds": 2.0,
        "look_seconds": 0.5,
        "rivals": {"SVM": {row.metric: 0.8}, "MLP": {row.metric: 0.95}, "HGB": {row.metric: 0.7}},
    }  # fmt: skip


def test_a_line_says_what_the_runs_say():
    row = ROWS["moons-0.3"]
    runs = {row.name: [made(row, i, value) for i, value in enumerate([0.95, 0.91, 0.85])]}
    cells = figures_of(row.name, runs)
    assert (cells["median"], cells["worst"], cells["verdict"]) == ("0.910", "0.850", "reached")
    assert cells["looks"] == "25 %" and cells["best rival"] == "0.950 MLP"
    assert cells["goal"] == "accuracy >= 0.906"
    assert str(ROWS["digits"].goals[1]) == "neurons <= 40"
    assert str(ROWS["moons-of-100"].goals[0]) == "neurons >= row above"
    assert str(ROWS["spiral-2"].goals[1]) == "worst accuracy >= 0.9"
    row = ROWS["wine"]
    cells = figures_of(row.name, {row.name: [made(row, 0)]})
    assert cells["best rival"] == "0.7 HGB" and cells["verdict"] == "missed"


@pytest.mark.skipif(not RECORD.exists(), reason="the battery is not on record")
def test_the_tables_show_the_medians_on_record():
    content = json.loads(RECORD.read_text(encoding="utf-8"))
    shown, lines = printed(content), markdown(content).splitlines()
    for name, row in ROWS.items():
        values = sorted(r[row.metric] for r in content["runs"] if r["row"] == name)
        if not values:
            assert name in content["skipped"]
            continue
        middle = (values[(len(values) - 1) // 2] + values[len(values) // 2]) / 2
        (line,) = [line for line in lines if line.startswith(f"| {row.title} |")]
        figure = float(re.search(r" ([\d.e-]+) \(", line.split("|")[2])[1])
        assert figure == pytest.approx(middle, rel=6e-3, abs=6e-4)
        printed_line, *_ = re.findall(rf"^{re.escape(row.title)}  .*$", shown, re.MULTILINE)
        assert printed_line.split(row.title)[1].split()[0] == line.split("|")[2].split()[-2]
        assert f" {verdicts(content)[name]} " in line


@pytest.mark.skipif(not RECORD.exists(), reason="the battery is not on record")
def test_the_record_is_of_the_defaults_and_whole():
    content = json.loads(RECORD.read_text(encoding="utf-8"))
    assert content["settings"] == json.loads(json.dumps(Settings().as_dict()))
    found = Counter(r["row"] for r in content["runs"])
    assert all(found[n] == row.seeds for n, row in ROWS.items() if n not in content["skipped"])
    for pair in content["areas_over_seconds"]:
        for kind in ("grown", "fixed"):
            seconds, accuracies = map(np.array, pair[f"{kind}_curve"])
            steps = np.diff(np.append(seconds, pair["horizon"]))
            mean = float(steps @ accuracies) / pair["horizon"]
            assert pair[kind] == pytest.approx(mean, abs=2e-3)


def test_a_picture_is_drawn_of_whatever_there_is():
    rows = [ROWS[n] for n in ("noise-labels-100", "moons-of-50", "moons-of-100", "iris")]
    content = {"runs": [made(row, s) for row in rows for s in (0, 1)], "areas_over_seconds": []}
    figure = figures.battery_figure(content)
    titles = [ax.get_title() for ax in figure.axes]
    assert titles[0] == "Test error against the goal"
    assert "Size with data: moons, noise 0.3" in titles
    assert not any("Anytime" in title for title in titles)
    figures.plt.close(figure)


def test_markdown_has_as_many_cells_in_every_line():
    row = ROWS["moons-0.3"]
    pairs = [{"row": row.name, "seed": 0, "width": 4, "grown": 0.9, "fixed": 0.8}]
    lines = markdown({"runs": [made(row, 0)], "areas_over_seconds": pairs}).splitlines()
    assert len({line.count("|") for line in lines}) == 1 and len(lines) == 5
    assert marked(["a", "b"]) == "| a | b |"
    assert by_row([made(row, 0)]).keys() == {row.name}
    assert statistic([{"mse": 1.0}, {"mse": 3.0}], "mse", "median") == 2.0
