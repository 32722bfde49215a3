"""The bench counts and compares what it says; how long things take is its own to tell."""

import ast
import json
from dataclasses import replace
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pytest
from compare import assert_close

from sennpy import MalaSearch, ProfileSearch, RandomSearch
from sennpy.benchmarks import (
    against,
    compiling,
    duel,
    figures,
    scaling,
    searching,
    solving,
    training,
    yardstick,
)
from sennpy.benchmarks.problems import data_for
from sennpy.benchmarks.timing import HEADER, Clock, Timing, fresh, spelled, timed
from sennpy.cli import main
from sennpy.commands import bench as command
from sennpy.experiments import half_moons, regression
from sennpy.growth.objectives import LayerObjective, NeuronObjective
from sennpy.growth.threads import cores
from sennpy.kernels import enabled, twins

QUIET = [0.1] * 4  # seconds of the yardstick


def made_up(against, wanted, yards=QUIET, seconds=(0.3, 0.1, 0.2)):
    """A line of the bench that nobody timed: twin 4 s, floor 0.1 s, and 3, 1 and 2 yardsticks."""
    return Timing(
        "a", "what", list(seconds), list(yards), [s / 0.1 for s in seconds], against, wanted,
        4.0, 0.1, "its floor", {"steps": 3},
    )  # fmt: skip


@pytest.mark.parametrize("against, ratio", [("twin", 0.05), ("floor", 2.0), ("yardstick", 2.0)])
def test_a_line_is_judged_by_the_ratio_of_its_median(against, ratio):
    assert made_up(against, None).ratio == pytest.approx(ratio)
    assert made_up(against, 1.01 * ratio).verdict() == "ok"
    assert made_up(against, 0.99 * ratio).verdict() == "MISSED"


def test_a_line_of_which_nothing_is_wanted_is_not_judged():
    line = made_up("", None)
    assert line.ratio is None and line.verdict() == "" and line.row()[1:4] == ["", "", ""]


def test_a_busy_machine_judges_nothing():
    for wanted in (1e-9, 1e9):
        assert made_up("floor", wanted, [0.1, 0.151, 0.1]).verdict() == "too busy to tell"
        assert made_up("floor", wanted, QUIET).verdict(on_record=0.066) == "too busy to tell"
    assert made_up("floor", 3, [0.1, 0.149, 0.1]).verdict(on_record=0.067) == "ok"
    assert made_up("", None, [0.1, 0.9]).verdict() == ""
    assert "varied 9.0 times" in made_up("", None, [0.1, 0.9]).as_dict()["busy_seconds"]


def test_a_timing_says_ratios_first_and_seconds_beside_them():
    row = made_up("twin", 0.1).row()
    expected = ["a", "1/20 twin", "1/10", "ok", "200 ms (100 ms to 300 ms)", "4 s", "2.0 x", "2"]
    assert row == expected and len(row) == len(HEADER)
    assert made_up("floor", 2.5).row()[1:3] == ["2 x its floor", "2.5 x"]
    content = made_up("twin", 0.1).as_dict()
    assert content["spread_seconds"] == [0.1, 0.2, 0.3] and content["numbers"] == {"steps": 3}
    assert content["ratio_seconds"] == pytest.approx(0.05) and content["verdict_seconds"] == "ok"


def test_the_yardstick_is_taken_before_between_and_after():
    told = []
    clock = Clock(2, yard=lambda: told.append("yard") or 0.1 * len(told))
    seconds, units = clock.timed(lambda: told.append("call"))
    assert told == ["call", "yard", "call", "yard", "call", "yard"]
    before, between, after = clock.yards
    expected = [2 * seconds[0] / (before + between), 2 * seconds[1] / (between + after)]
    assert units == pytest.approx(expected)
    assert clock.timing("a", "what", seconds, units).yard_seconds == [before, between, after]
    assert clock.yards == []  # the next line has its own


def test_the_yardstick_uses_nothing_of_the_package():
    source = Path(yardstick.__file__).read_text(encoding="utf-8")
    nodes = [n for n in ast.walk(ast.parse(source)) if isinstance(n, (ast.Import, ast.ImportFrom))]
    assert all(n.module and not n.level for n in nodes if isinstance(n, ast.ImportFrom))
    assert "sennpy" not in source and "numba" not in [a.name for n in nodes for a in n.names]
    x = np.linspace(-1, 1, yardstick.ENTRIES)
    expected = yardstick.TURNS * (x**2 / (1 + x**2)).sum()
    assert yardstick.loop() == pytest.approx(expected, rel=1e-12)
    assert yardstick.machine()["cores"] >= 1 and yardstick.machine()["cpu"]


@pytest.mark.parametrize("seconds, words", [(2e-5, "20 us"), (0.0123, "12.3 ms"), (75.0, "75 s")])
def test_seconds_are_spelled_in_their_unit(seconds, words):
    assert spelled(seconds) == words


def test_the_first_call_is_not_counted():
    calls = []
    assert len(timed(lambda: calls.append(1), 3, 4)) == 3
    assert len(calls) == 1 + 3 * 4
    assert len(Clock(3, yard=lambda: 0.1).timed(lambda: calls.append(1), 4)[0]) == 3
    assert len(calls) == 2 * (1 + 3 * 4)


@pytest.mark.parametrize("kind", ["neuron", "layer"])
def test_a_search_takes_as_many_gradients_as_the_bench_says(monkeypatch, kind):
    taken, search = [], MalaSearch(4, 3, 5)
    objective = NeuronObjective if kind == "neuron" else LayerObjective
    evaluate = objective.evaluate
    monkeypatch.setattr(
        objective, "evaluate", lambda self, theta: taken.append(len(theta)) or evaluate(self, theta)
    )
    stats = searching.random_place(9, 2, 1, kind=kind)
    with twins():
        search.neurons(stats, rng=0) if kind == "neuron" else search.layer(stats, rng=0)
    assert sum(taken) == searching.gradients(search)


def test_the_twins_time_is_told_for_the_whole_search(monkeypatch):
    seconds = {n: 0.5 + 0.1 * n for n in range(100)}  # of n bursts, and of what is done once
    clock = Clock(1, yard=lambda: 0.1)
    monkeypatch.setattr(clock, "once", lambda call: seconds[call()])
    found = searching.twin_seconds(clock, MalaSearch(2, 90, 1), lambda search: search.bursts, 0.1)
    assert found == pytest.approx(0.5 + 0.1 * 90)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_what_is_left_of_a_step_falls_with_the_products_taken(dtype):
    step = solving.Step(*data_for((6, 5, 3), 40, dtype))
    for solver in ("cg", "pcg"):
        left = [step.residual(step.solve(solver, k)) for k in (1, 5, 60)]
        assert left[0] > left[1] > left[2] and left[2] < 1e-5
    exact = step.solve("cg", 60).direction
    assert_close(step.solve("pcg", 60).direction, exact, 1e-4)


def test_steps_name_the_space_they_decompose_in():
    small, large = training.steps(Clock(1))
    assert small.numbers == {"parameters": 73, "space": "sample"}
    assert large.numbers == {"parameters": 65, "space": "parameter"}
    assert min(small.seconds + large.seconds + small.yard_seconds) > 0
    assert small.against == large.against == "twin"


def test_code_in_a_fresh_process_is_heard_and_its_failure_too():
    seconds, said = fresh("print(6 * 7)", 2)
    assert len(seconds) == 2 and said == "42\n"
    with pytest.raises(RuntimeError, match="no such thing"):
        fresh("raise SystemExit('no such thing')", 1, warm=False)


@pytest.mark.skipif(not enabled(), reason="there is nothing to compile")
def test_kernels_are_compiled_once_and_their_seconds_told_each_by_itself():
    cold, warm = compiling.first_and_second(compiling.FIRST["profile"])
    assert {"symmetric_eigen", "profiled_bound", "profiled_bounds", "climb"} <= set(cold["kernels"])
    assert not warm["kernels"] and min(cold["kernels"].values()) > 0
    assert sum(cold["kernels"].values()) <= cold["seconds"] - 0.5 * warm["seconds"]


@pytest.fixture
def small_duel(monkeypatch):
    """One state, three searches."""
    stats = searching.random_place(30, 2, 1)
    searches = {
        "random": [RandomSearch(5), RandomSearch(50)],
        "MALA": [MalaSearch(5, n, 2) for n in (1, 1, 1, 1, 1, 3)],
        "profile": [ProfileSearch(3, 1), ProfileSearch(5, 1), ProfileSearch(9, 1), ProfileSearch()],
    }
    monkeypatch.setattr(duel, "SEARCHES", searches)
    monkeypatch.setattr(duel, "states", lambda seeds: (("regression", s, stats) for s in seeds))
    return duel.duel(range(2), tell=lambda line: None)


def test_a_duel_measures_every_search_by_the_same_bound(small_duel):
    assert len(small_duel) == 2 * (2 + 6 + 4)
    assert all(0 < row["bound"] <= 1 and row["seconds"] > 0 for row in small_duel)
    for seed in range(2):
        assert max(row["bound"] for row in small_duel if row["seed"] == seed) == 1
    stats = searching.random_place(30, 2, 1)
    change = RandomSearch(5).neurons(stats, rng=0).measured(stats)
    new = change.operation
    a_p = stats.activation(stats.inputs @ new.weights, new.coefficients)
    D = (a_p * stats.g_r).mean()
    expected = D**2 / (a_p**2).mean() / stats.G.item()  # one neuron, one output
    assert change.bound == pytest.approx(expected, rel=1e-10)


def test_medians_and_verdict_are_over_the_states(small_duel):
    curves = duel.medians(small_duel)
    assert {name: len(share) for name, (_, share) in curves.items()} == {
        "random": 2, "MALA": 6, "profile": 4,
    }  # fmt: skip
    found = duel.verdict(small_duel)
    for name, key in [("bound_over_chains", "bound"), ("time_over_chains_seconds", "seconds")]:
        ours, chains = (
            [row[key] for row in small_duel if (row["search"], row["budget"]) == chosen]
            for chosen in [("profile", 3), ("MALA", 5)]
        )
        assert found[name] == pytest.approx((ours[0] / chains[0] + ours[1] / chains[1]) / 2)


def test_states_are_real_trainings_with_a_hidden_layer(monkeypatch):
    monkeypatch.setattr(duel, "EPOCHS", 95)
    trained = {"regression": regression, "half-moons": half_moons}
    for name, seed, stats in duel.states(range(1)):
        experiment = trained.pop(name)
        run = experiment.run(replace(experiment.PRESETS["default"], epochs=95, seed=seed))
        assert np.array_equal(stats.W, run.network.weights[-1])
        assert stats.a_c.shape[1] >= 2 and stats.eta > 0
        assert (stats.g**2).sum(axis=1).mean() < 0.5 * run.history.epochs[0].lam
        assert RandomSearch(1).sees(stats).eta == stats.eta
    assert not trained


def test_sizes_are_swept_with_one_thread():
    with scaling.one_core():
        assert cores() == 1


def test_slopes_are_those_of_the_larger_sizes(monkeypatch):
    def clock(function, repeat):
        return [function() ** 2 * 1e-6 + 5e-6]

    monkeypatch.setattr(
        scaling, "sweeps", lambda: {"square": ((1, 10, 100, 1000), lambda n: lambda: n, 2, "why")}
    )
    monkeypatch.setattr(scaling, "timed", clock)
    found = scaling.scaling(1, tell=lambda line: None)["square"]
    assert found["slope_seconds"] == pytest.approx(2, abs=0.05)
    assert found["expected"] == 2 and len(found["seconds"]) == 4


def test_the_bench_writes_what_it_prints(tmp_path, capsys):
    ok = main(["bench", "steps", "--repeat", "1", "--out", str(tmp_path)])
    shown = capsys.readouterr().out
    record = json.loads((tmp_path / "bench-steps.json").read_text(encoding="utf-8"))
    assert list(record["timings"]) == ["step 50 x 1-12-1", "step 200 x 2-3-5-2"]
    assert all(name in shown for name in record["timings"])
    verdicts = [timing["verdict_seconds"] for timing in record["timings"].values()]
    assert ok == int("MISSED" in verdicts)
    assert record["yardstick_seconds"]["machine"] == yardstick.machine()
    assert main(["bench", "lap", "--out", str(tmp_path)]) == 1
    assert "GROUP is 'lap', expected one of langevin" in capsys.readouterr().err
    assert main(["bench", "scaling", "steps", "--out", str(tmp_path)]) == 1
    assert "run alone" in capsys.readouterr().err
    assert main(["bench", "steps", "--against", ".", "--out", str(tmp_path)]) == 1
    assert "without groups" in capsys.readouterr().err


@pytest.mark.parametrize(
    "wanted, yards, status, word",
    [(3, QUIET, 0, "1 ok"), (1, QUIET, 1, "1 MISSED"), (1, [0.1, 0.9], 0, "1 too busy to tell")],
)
def test_only_a_line_that_could_be_judged_makes_the_bench_fail(
    monkeypatch, tmp_path, capsys, wanted, yards, status, word
):
    monkeypatch.setattr(
        command, "makers", lambda: {"steps": lambda clock: [made_up("floor", wanted, yards)]}
    )
    monkeypatch.setattr(command, "on_record", lambda: None)
    assert main(["bench", "steps", "--out", str(tmp_path), "--json"]) == status
    told = json.loads(capsys.readouterr().out)
    line = told["timings"]["a"]
    assert word.endswith(line["verdict_seconds"]) and line["wanted"] == wanted
    assert line["ratio_seconds"] == pytest.approx(2) and line["yard_seconds"] == list(yards)
    assert told["yardstick_seconds"]["fastest"] == min(yards)


def test_the_yardstick_on_record_is_that_of_this_machine_or_none(tmp_path):
    path = tmp_path / "bench.json"
    assert command.on_record(path) is None
    for machine, known in [(yardstick.machine(), 0.25), ({"cpu": "another", "cores": 1}, None)]:
        content = {"yardstick_seconds": {"machine": machine, "fastest": 0.25}}
        path.write_text(json.dumps(content), encoding="utf-8")
        assert command.on_record(path) == known


def test_two_checkouts_are_timed_in_alternation(tmp_path):
    (tmp_path / "sennpy").mkdir()
    (tmp_path / "sennpy" / "__init__.py").touch()
    order = []

    def run(code, repeat, warm, folder):
        order.append("there" if folder == tmp_path.resolve() else "here")
        return [2.0 if order[-1] == "here" else 1.0], ""

    lines = list(against.against(tmp_path, 2, lambda: 0.1, run, {"a": "pass"}))
    assert order == ["here", "there", "here", "there", "there", "here"]  # the first two to warm
    assert lines[0]["here_seconds"] == [2.0, 2.0] and lines[0]["there_seconds"] == [1.0, 1.0]
    slower = against.judged(lines[0])
    assert slower["ratio_seconds"] == 2 and slower["verdict_seconds"] == "SLOWER"
    equal = lines[0] | {"here_seconds": [1.09]}
    assert against.judged(equal)["verdict_seconds"] == "ok"
    busy = against.judged(equal | {"yard_seconds": [0.1, 0.2]})
    assert busy["verdict_seconds"] == "too busy to tell"
    assert len(against.row(busy)) == len(against.HEADER)
    with pytest.raises(ValueError, match="no checkout of sennpy"):
        against.checkout(tmp_path / "sennpy")


def test_a_process_imports_the_checkout_it_is_started_for(tmp_path):
    (tmp_path / "sennpy").mkdir()
    (tmp_path / "sennpy" / "__init__.py").write_text("mine = 6 * 7\n", encoding="utf-8")
    _, said = fresh("import sennpy; print(sennpy.mine)", 1, warm=False, folder=tmp_path)
    assert said == "42\n"


def test_the_pictures_of_the_bench(small_duel):
    ax = figures.score_against_time(duel.medians(small_duel))
    assert [t.get_text() for t in ax.get_legend().get_texts()] == ["random", "MALA", "profile"]
    one = {"sizes": [1, 2], "seconds": [1.0, 2.0], "slope_seconds": 1.0, "expected": 1}
    names = ("a", "b", "c", "d", "e", "f")
    ax = figures.time_against_sizes(dict.fromkeys(names, one))
    assert len(ax.get_lines()) == 6 and ax.get_xscale() == "log"
    figure = figures.bench_figure(figures.score_against_time, duel.medians(small_duel))
    assert figure.axes
    plt.close("all")
