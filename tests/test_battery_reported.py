"""What the battery reports of a run, of rivals and over time: recomputed on data drawn apart."""

import contextlib
import statistics
import time
from dataclasses import replace
from types import SimpleNamespace

import drawn
import idx_files
import measured
import numpy as np
import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.model_selection import GridSearchCV, KFold, StratifiedKFold
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.svm import SVC, SVR

from sennpy import (
    MLP,
    SENN,
    SGD,
    HonestLook,
    Proposer,
    RandomSearch,
    Schedule,
    Settings,
    SoftmaxCrossEntropy,
    SquaredError,
    Thresholds,
)
from sennpy.experiments.battery import anytime, figures, rivals, run, tasks, together, tradeoff
from sennpy.experiments.battery.rows import ROWS
from sennpy.training.history import EpochRecord, History

SHORT = Settings.by_thresholds(
    epochs=6, cooldown=2, acceptance=Thresholds(0.01, 1e-4, 0.5), proposer=RandomSearch(9),
    max_width=10, max_depth=1, seed=99,
)  # fmt: skip


@pytest.fixture(autouse=True)
def nothing_is_warmed(monkeypatch):
    monkeypatch.setattr(run, "warm", lambda: None)


@contextlib.contextmanager
def quiet(total):
    yield SimpleNamespace(update=lambda number=1: None)


# --- One run -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["moons-0.4", "iris", "diabetes", "noise-regression-100"])
def test_every_number_of_a_run_is_its_networks(name):
    row = replace(ROWS[name], rivals=False)
    found = run.one_run(row, 3, SHORT)
    X, t, X_test, t_test = drawn.battery(row.task, 3, row.options)
    labels = t.ndim == 1
    outputs = len(set(t.tolist())) if labels else 1
    loss = SoftmaxCrossEntropy() if labels else SquaredError()
    start = MLP.random((X.shape[1], outputs), rng=3)
    net, history = SENN(loss, replace(SHORT, seed=3)).fit(start, X, t)
    expected = {
        "row": name, "seed": 3, "samples": len(X), "hidden": list(net.sizes[1:-1]),
        "neurons": sum(net.sizes[1:-1]), "additions": len(history.additions),
        "epochs": len(history.epochs),
    }  # fmt: skip
    assert {key: found[key] for key in expected} == expected
    assert len(history.additions) not in (0, len(history.looks))
    if labels:
        assert found["accuracy"] == measured.accuracy(net, X_test, t_test)
        loss = measured.cross_entropy(net, X_test, t_test)
        assert found["log_loss"] == pytest.approx(loss, rel=1e-6)
        assert found["log_loss"] != pytest.approx(measured.cross_entropy(net, X, t), rel=1e-3)
    else:
        assert found["mse"] == pytest.approx(measured.mean_square(net, X_test, t_test), rel=1e-6)
    assert set(found) == {*expected, *(("accuracy", "log_loss") if labels else ("mse",)),
                          "seconds", "look_seconds"}  # fmt: skip


def test_seconds_are_those_of_training_and_looks_and_looks_are_told_apart(monkeypatch):
    """On a clock that moves in a step alone, by 1 second, and in a search, by 100."""
    now = [0.0]
    monkeypatch.setattr(time, "perf_counter", lambda: now[0])

    class Steps(SGD):
        def step(self, *arguments):
            now[0] += 1.0
            return super().step(*arguments)

    class Idle(Proposer):
        searches = 0

        def changes(self, place, rng):
            now[0] += 100.0
            Idle.searches += 1
            return []

    settings = replace(SHORT, optimiser=Steps(), proposer=Idle())
    found = run.one_run(ROWS["noise-labels-100"], 1, settings)
    assert found["look_seconds"] == 100.0 * Idle.searches > 0
    assert found["seconds"] == 100.0 * Idle.searches + 6


def test_rivals_are_trained_on_the_same_draw_for_the_metric_of_the_row(monkeypatch):
    asked = []
    monkeypatch.setattr(rivals, "rivals", lambda *what: asked.append(what) or {"SVM": {}})
    found = run.one_run(ROWS["diabetes"], 4, replace(SHORT, epochs=1))
    ((task, metric, seed),) = asked
    X, *_, t_test = drawn.battery("diabetes", 4, {})
    np.testing.assert_allclose(task.X, X)
    np.testing.assert_allclose(task.t_test, t_test)
    assert (metric, seed, found["rivals"]) == ("mse", 4, {"SVM": {}})


def test_a_start_is_linear_or_has_the_width_asked_for():
    task = run.drawn(ROWS["iris"], 2)
    for hidden in ((), (4,)):
        expected = MLP.random((4, *hidden, 3), rng=8)
        np.testing.assert_array_equal(run.start(task, 8, hidden).parameters, expected.parameters)
    still = run.fixed(SHORT)
    assert still == replace(SHORT, acceptance=Schedule(()), backoff=1.0, cooldown=6)


# --- The time that it takes ----------------------------------------------------------------------


def records(seconds, accuracies):
    return tuple(
        EpochRecord(i + 1, 1.0, 1.0, 1.0, (2, 2), 0.0, s, 1.0, a)
        for i, (s, a) in enumerate(zip(seconds, accuracies, strict=True))
    )


class Scripted:
    """`SENN` whose fits take the seconds and reach the accuracies of a script, by width."""

    script, fits = {}, []

    def __init__(self, loss, settings):
        self.settings = settings

    def fit(self, net, X, t, validation, callback):
        width = net.sizes[1]
        self.fits.append((width, len(X), len(validation[0]), self.settings.acceptance))
        seen = []
        for record in records(*self.script[width]):
            seen.append(record)
            if callback(net, record):
                break
        return net, History(tuple(seen))


@pytest.mark.parametrize(
    "own, script, ratio",
    [
        ((3.0, 0.95), {16: (6.0, 0.95), 32: (2.0, 0.95)}, 1.5),
        ((3.0, 0.94), {16: (2.0, 0.94), 32: (6.0, 0.95)}, 1.5),
        ((3.0, 0.939), {16: (2.0, 0.95), 32: (6.0, 0.95)}, float("inf")),
        ((3.0, 0.95), {16: (6.0, 0.93), 32: (2.0, 0.939)}, 0.0),
    ],
)
def test_the_time_is_held_against_the_width_that_is_there_first(own, script, ratio, monkeypatch):
    made = {w: ([s / 2, s, 2 * s], [0.5, a, a]) for w, (s, a) in script.items()}
    monkeypatch.setattr(run, "SENN", Scripted)
    monkeypatch.setattr(Scripted, "script", made)
    monkeypatch.setattr(Scripted, "fits", [])
    task = run.drawn(ROWS["moons-0.3"], 0)
    history = History(records([own[0] / 3, own[0], 9 * own[0]], [0.2, own[1], own[1]]))
    assert run.times_over_fixed(task, history, SHORT) == pytest.approx(ratio)
    if ratio != float("inf"):
        assert Scripted.fits == [(16, 200, 4000, Schedule(())), (32, 200, 4000, Schedule(()))]


@pytest.mark.filterwarnings("ignore:X has a spread of 0.1:sennpy.DataWarning")  # dark images
def test_only_the_row_with_a_goal_in_seconds_is_timed(monkeypatch, tmp_path):
    idx_files.write(tmp_path / "data", monkeypatch, train=80, test=30)
    monkeypatch.setitem(ROWS["mnist"].options, "samples", 60)
    monkeypatch.setattr(run, "times_over_fixed", lambda task, history, settings: (
        history.epochs[-1].validation_accuracy, settings.seed))  # fmt: skip
    row = replace(ROWS["mnist"], rivals=False)
    found = run.one_run(row, 2, replace(SHORT, epochs=1), tmp_path / "data")
    assert found["times_over_fixed_seconds"] == (found["accuracy"], 2)
    assert "times_over_fixed_seconds" not in run.one_run(
        replace(ROWS["moons-0.3"], rivals=False), 2, replace(SHORT, epochs=1)
    )


# --- Rivals --------------------------------------------------------------------------------------


def small(kind, seed=0):
    """40 training and 25 test samples, labels or targets that have something to do with them."""
    rng = np.random.default_rng(seed)
    X, X_test = rng.standard_normal((40, 2)), rng.standard_normal((25, 2))
    parts = X, X[:, 0] + X[:, 1] ** 2, X_test, X_test[:, 0] + X_test[:, 1] ** 2
    if kind == "targets":
        return tasks.Task(parts[0], parts[1][:, None], parts[2], parts[3][:, None], SquaredError())
    t, t_test = (np.digitize(v + rng.standard_normal(len(v)), [0, 1]) for v in parts[1::2])
    return tasks.Task(X, t, X_test, t_test, SoftmaxCrossEntropy())


def grid(task, seed, folds, Cs, times):
    """The kernel machine of the battery, spelled out."""
    labels = task.t.ndim == 1
    cut = (StratifiedKFold if labels else KFold)(folds, shuffle=True, random_state=seed)
    gamma = [time / (task.X.shape[1] * np.var(task.X)) for time in times]
    return GridSearchCV(SVC() if labels else SVR(), {"C": list(Cs), "gamma": gamma}, cv=cut), cut


@pytest.fixture
def few_choices(monkeypatch):
    monkeypatch.setattr(rivals, "FINE", {"C": (1, 10), "times": (0.3, 3), "folds": 3})


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_rivals_of_a_regression_are_scored_on_the_test_samples(few_choices):
    task = small("targets")
    found = rivals.rivals(task, "mse", 5)
    t, t_test = task.t[:, 0], task.t_test[:, 0]
    search, _ = grid(task, 5, 3, (1, 10), (0.3, 3))
    models = {
        "SVM": search, "MLP": MLPRegressor(max_iter=1000, random_state=5),
        "HGB": HistGradientBoostingRegressor(random_state=5),
    }  # fmt: skip
    for name, model in models.items():
        error = np.mean((model.fit(task.X, t).predict(task.X_test) - t_test) ** 2)
        assert found[name]["mse"] == pytest.approx(error, rel=1e-9)
        assert found[name]["seconds"] >= 0 and set(found[name]) == {"mse", "seconds"}
    assert list(found) == ["SVM", "MLP", "HGB"]


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.filterwarnings("ignore::FutureWarning")
def test_rivals_are_scored_by_what_they_give_the_label_of_a_test_sample(few_choices):
    task = small("labels")
    found = rivals.rivals(task, "log_loss", 5)
    search, cut = grid(task, 5, 3, (1, 10), (0.3, 3))
    best = search.fit(task.X, task.t).best_estimator_
    models = {
        "SVM": CalibratedClassifierCV(best, cv=cut, ensemble=False),
        "MLP": MLPClassifier(max_iter=1000, random_state=5),
        "HGB": HistGradientBoostingClassifier(random_state=5),
    }  # fmt: skip
    for name, model in models.items():
        shares = model.fit(task.X, task.t).predict_proba(task.X_test)
        told = [max(shares[n, label], 1e-15) for n, label in enumerate(task.t_test)]
        assert found[name]["log_loss"] == pytest.approx(-np.mean(np.log(told)), rel=1e-9)


def test_the_accuracy_of_a_rival_is_that_on_the_test_samples():
    task = small("labels")
    machine = rivals.machine("SVM", task, "accuracy", 2)
    cut = machine.cv
    assert isinstance(machine, GridSearchCV) and isinstance(cut, StratifiedKFold)
    assert (cut.n_splits, cut.shuffle, cut.random_state) == (5, True, 2)
    gammas = np.array([0.1, 0.3, 1, 3, 10, 30]) / (2 * task.X.var())
    np.testing.assert_allclose(machine.param_grid["gamma"], gammas)
    assert tuple(machine.param_grid["C"]) == (0.1, 1, 10, 100, 1000)
    model = SVC().fit(task.X, task.t)
    expected = np.mean(model.predict(task.X_test) == task.t_test)
    assert rivals.score(model, task, "accuracy") == expected
    assert expected != np.mean(model.predict(task.X) == task.t)
    many = SimpleNamespace(X=np.ones((1001, 3)) * [[0], *[[1]] * 1000], t=np.zeros(1001, int))
    coarse = rivals.machine("SVM", many, "accuracy", 2)
    assert tuple(coarse.param_grid["C"]) == (1, 10, 100) and coarse.cv.n_splits == 3
    edge = SimpleNamespace(X=many.X[:1000], t=many.t[:1000])
    assert rivals.machine("SVM", edge, "accuracy", 2).cv.n_splits == 5


# --- Over time -----------------------------------------------------------------------------------


def test_a_curve_begins_with_the_start_and_holds_the_accuracies_of_the_test_samples():
    task = run.drawn(ROWS["moons-0.3"], 2)
    settings = replace(SHORT, seed=2)
    seconds, accuracies = anytime.curve(task, settings, (3,))
    X, t, X_test, t_test = drawn.generated("moons", 2, noise=0.3)
    nets = [MLP.random((2, 3, 2), rng=2)]

    def follow(net, record):
        if isinstance(record, EpochRecord):
            nets.append(net)

    SENN(SoftmaxCrossEntropy(), settings).fit(nets[0], X, t, callback=follow)
    assert accuracies == [measured.accuracy(net, X_test, t_test) for net in nets]
    assert seconds[0] == 0.0 and len(seconds) == 7 and seconds == sorted(seconds)


def test_an_area_is_what_many_small_steps_add_up_to():
    seconds, accuracies = [0.0, 0.5, 0.75, 2.0], [0.1, 0.9, 0.3, 0.7]
    for horizon in (0.6, 2.0, 4.0):
        at = np.arange(0, horizon, 1e-4) + 5e-5
        steps = [accuracies[np.searchsorted(seconds, second) - 1] for second in at]
        assert anytime.area(seconds, accuracies, horizon) == pytest.approx(np.mean(steps), abs=1e-3)


@pytest.fixture
def scripted(monkeypatch):
    """Curves that depend on the width, the seed and whether the network may grow."""
    asked = []

    def curve(task, settings, hidden=(), kept=None):
        grows = settings.acceptance != Schedule(())
        asked.append((settings.seed, hidden, grows, len(task.X)))
        end = 1.0 + settings.seed + sum(hidden)
        return [0.0, end / 3, end], [0.1, 0.5 + 0.0123456 * sum(hidden), 0.9 - 0.1 * grows]

    monkeypatch.setattr(anytime, "curve", curve)
    return asked, curve


def test_widths_are_tried_without_growth_up_to_the_time_of_the_slowest(scripted):
    asked, curve = scripted
    found = anytime.areas_of_widths("spiral-2", 3, SHORT)
    assert asked == [(3, (width,), False, 200) for width in (2, 4, 8, 16, 32)]
    still = replace(SHORT, seed=3, acceptance=Schedule(()), backoff=1.0, cooldown=6)
    task = run.drawn(ROWS["spiral-2"], 3)
    for width, value in found.items():
        seconds, accuracies = curve(task, still, (width,))
        steps = np.diff([*seconds, 36.0])
        assert value == pytest.approx(steps @ accuracies / 36.0)
    assert list(found) == [2, 4, 8, 16, 32]


def test_the_best_width_has_the_largest_median_not_mean():
    areas = [dict.fromkeys(anytime.WIDTHS, 0.0) | {2: a, 16: b} for a, b in
             [(0.5, 0.4), (0.5, 0.45), (0.1, 1.0)]]  # fmt: skip
    assert anytime.best_width(areas) == 2


def test_a_pair_is_one_that_grows_and_one_that_does_not_on_one_draw(scripted):
    asked, _ = scripted
    pair = anytime.one_pair("digits", 1, 8, SHORT)
    samples = len(drawn.folded("digits", 1)[0])
    assert asked == [(1, (), True, samples), (1, (8,), False, samples)]
    horizon = 10.0  # 1 + seed + width: the slower of the two
    grown = np.diff([0.0, 2 / 3, 2.0, horizon]) @ [0.1, 0.5, 0.8] / horizon
    still = np.diff([0.0, 10 / 3, 10.0, horizon]) @ [0.1, 0.5 + 8 * 0.0123456, 0.9] / horizon
    assert (pair["grown"], pair["fixed"]) == (pytest.approx(grown), pytest.approx(still))
    assert pair["grown_curve"] == [[0.0, 0.667, 2.0], [0.1, 0.5, 0.8]]
    assert pair["fixed_curve"] == [[0.0, 3.333, 10.0], [0.1, 0.5988, 0.9]]
    assert (pair["row"], pair["seed"], pair["width"], pair["horizon"]) == ("digits", 1, 8, 10.0)


def test_ahead_or_equal_has_its_edge_where_it_says():
    def kept(grown, still):
        return anytime.kept([{"row": "digits", "width": 2, "grown": grown, "fixed": still}])

    assert kept(0.895001, 0.9) == 1 and kept(0.894999, 0.9) == 0 and kept(0.95, 0.9) == 1


# --- All of them ---------------------------------------------------------------------------------


def test_runs_come_back_by_row_then_seed_each_its_own(monkeypatch):
    asked = []

    def one(row, seed, settings, folder, kept=None):
        asked.append((row.name, seed))
        assert (settings, folder) == (SHORT, "there")
        return {"row": row.name, "seed": seed, "value": f"{row.name}/{seed}"}

    monkeypatch.setattr(together, "one_run", one)
    rows = [ROWS[n] for n in ("iris", "digits", "wine", "mnist")]
    seeds = {"iris": (4, 2), "digits": (0, 1), "wine": (3,), "mnist": (7,)}
    found = together.run_all(rows, lambda row: seeds[row.name], SHORT, 1, "there", quiet)
    expected = [(row.name, seed) for row in rows for seed in seeds[row.name]]
    assert [(run["row"], run["seed"]) for run in found] == expected
    assert [run["value"] for run in found] == [f"{name}/{seed}" for name, seed in expected]
    assert {name for name, _ in asked[:3]} == {"digits", "mnist"}  # the slow ones first


def test_the_width_is_chosen_on_other_draws_than_those_reported(monkeypatch):
    def of_widths(name, seed, settings, kept=None):
        assert settings == SHORT
        best = 4 if name == "digits" else 16
        return {w: seed / 1e4 + (w == best) for w in anytime.WIDTHS}

    def pair(name, seed, width, settings, kept=None):
        assert settings == SHORT
        return {"row": name, "seed": seed, "width": width}

    monkeypatch.setattr(anytime, "areas_of_widths", of_widths)
    monkeypatch.setattr(anytime, "one_pair", pair)
    tried, pairs = together.areas(SHORT, 1, quiet)
    assert list(tried) == list(anytime.TASKS)
    for name, found in tried.items():
        best = "4" if name == "digits" else "16"
        assert [areas[best] for areas in found] == [pytest.approx(1 + s / 1e4) for s in (
            1000, 1001, 1002)]  # fmt: skip
        assert list(found[0]) == ["2", "4", "8", "16", "32"]
    assert pairs == [
        {"row": name, "seed": seed, "width": 4 if name == "digits" else 16}
        for name, number in anytime.TASKS.items() for seed in range(number)
    ]  # fmt: skip


def test_strictness_is_measured_at_every_level_on_every_row_and_seed(monkeypatch):
    def one(row, seed, settings, kept=None):
        assert not row.rivals and settings.acceptance.price == 3.0
        return {"row": row.name, "seed": seed, "found": (row.name, seed, settings.acceptance.z)}

    monkeypatch.setattr(tradeoff, "one_run", one)
    settings = Settings(acceptance=HonestLook(z=9.0, price=3.0))
    runs = tradeoff.run(settings, 1, quiet, [5, 6], (2.0, 0.5), ("iris", "noise-labels-400"))
    expected = [(n, s, z) for z in (2.0, 0.5) for n in ("iris", "noise-labels-400") for s in (5, 6)]
    assert [run["found"] for run in runs] == expected
    assert [(run["row"], run["seed"], run["z"]) for run in runs] == expected
    every = tradeoff.run(settings, 1, quiet, [0])
    assert [r["z"] for r in every] == [z for z in tradeoff.Z for _ in range(9)]
    assert [r["row"] for r in every[:9]] == [*tradeoff.NOISE, *tradeoff.OTHERS]


def test_what_strictness_costs_is_told_by_level():
    runs = [
        {"z": z, "row": row, "neurons": n, "mse": v}
        for z, row, n, v in [
            (3.0, "noise-regression-400", 0, 9.0), (3.0, "noise-labels-400", 2, 9.0),
            (3.0, "noise-labels-400", 5, 9.0), (1.0, "noise-labels-400", 1, 9.0),
            (3.0, "diabetes", 3, 0.5), (3.0, "diabetes", 8, 0.1), (3.0, "diabetes", 1, 0.2),
            (1.0, "diabetes", 6, 0.3), (1.0, "iris", 6, 7.0),
        ]
    ]  # fmt: skip
    levels, shares = tradeoff.false_additions(runs)
    assert levels == [1.0, 3.0] and shares == [1.0, pytest.approx(2 / 3)]
    assert tradeoff.medians(runs, "diabetes", "mse") == ([1.0, 3.0], [0.3, 0.2])
    assert tradeoff.medians(runs, "diabetes", "neurons") == ([1.0, 3.0], [6, 3])


# --- What is drawn of it -------------------------------------------------------------------------


def test_a_dot_is_an_error_over_that_which_the_goal_allows():
    moons, wine = ROWS["moons-0.3"], ROWS["wine"]
    assert figures.goal_of(moons) == 0.906 and figures.goal_of(ROWS["digits"]) == 0.975
    assert figures.goal_of(ROWS["moons-of-50"]) is None
    assert figures.goal_of(ROWS["moons-of-100"]) is None
    assert figures.relative(0.953, moons) == pytest.approx(0.5)
    assert figures.relative(0.03, wine) == pytest.approx(0.5)
    assert figures.relative(0.06, wine) == pytest.approx(1.0)
    assert figures.relative(1.0, moons) == 0.04 and figures.relative(0.0, moons) == 8.0
    assert statistics.median([figures.error(0.9, "accuracy"), 0.0]) == pytest.approx(0.05)
