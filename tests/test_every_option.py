"""Every option of every command has a say; one without an entry here fails the last test."""

import json
import os
from dataclasses import replace
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pytest
import slow_study
from matplotlib.figure import Figure
from pretended import EXPERIMENTS, pretend

import sennpy
from sennpy import MLP, Settings, SquaredError, equations
from sennpy.benchmarks import against as duels
from sennpy.benchmarks import timing
from sennpy.cli import main, parser
from sennpy.commands import bench as bench_command
from sennpy.commands import chance as chance_command
from sennpy.commands import doctor as doctor_command
from sennpy.commands import tradeoff as tradeoff_command
from sennpy.datasets import idx
from sennpy.experiments import chance, figures, mnist, sweep
from sennpy.experiments.battery import anytime, rows, together, tradeoff
from sennpy.experiments.classification import quick
from sennpy.experiments.tables import data as of_tables
from sennpy.experiments.tables import figures as drawn_tables
from sennpy.experiments.tables import run as tables_run
from sennpy.growth.named import PROPOSERS
from sennpy.studies import study as frame
from sennpy.studies.verdict import Verdict

COMMANDS = next(action.choices for action in parser()._actions if action.choices)
TRAINING = tuple(EXPERIMENTS)
CASES = Path(__file__).parent / "data" / "regression.npz"
SAYS = {}  # (command, option) to what shows that it has a say


def says(commands, option):
    """Enter the function below as what shows that the option has a say in these commands."""

    def enter(function):
        for command in commands.split():
            SAYS[command, option] = function
        return function

    return enter


class Told:
    """Commands are run in a folder of their own; nothing is trained, drawn or timed."""

    def __init__(self, monkeypatch, folder, capsys):
        self.patch, self.folder, self.capsys = monkeypatch.setattr, folder, capsys
        self.setenv = monkeypatch.setenv
        self.asked = pretend(monkeypatch)
        monkeypatch.delenv("SENNPY_DATA", raising=False)
        self.patch(together, "cache", lambda: folder / "no cache")
        self.patch(doctor_command, "cache", lambda: folder / "no cache")
        self.calls, self.printed = [], ""
        for module, name, result in [
            (together, "run_all", []), (together, "areas", ({}, [])), (tradeoff, "run", []),
            (chance, "run", {"levels": [], "trainings": []}), (sweep, "sweep", []),
            (duels, "against", []), (tables_run, "run", []),
        ]:  # fmt: skip
            self.listen(module, name, result)
        self.patch(drawn_tables, "tables_figure", lambda *what: Figure((1, 1)))

    def listen(self, module, name, result):
        """Let a function write down what it is called with, and give a result."""

        def called(*arguments, **options):
            self.asked.kept += [options.pop("store", None), *arguments]
            self.calls.append((name, arguments, options))
            return result

        self.patch(module, name, called)

    def __call__(self, words, status=0, out=True):
        """The JSON that a command writes (None without one), of `words`."""
        self.asked.runs.clear()
        self.calls.clear()
        before = {file: file.stat().st_mtime_ns for file in self.folder.glob("*.json")}
        where = ["--out", str(self.folder)] if out else []
        assert main([*words.split(), *where]) == status
        self.printed = self.capsys.readouterr().out
        new = [f for f in self.folder.glob("*.json") if before.get(f) != f.stat().st_mtime_ns]
        return json.loads(new[0].read_text(encoding="utf-8")) if new else None

    def settings(self):
        """Those of the runs that were asked for."""
        return [settings for _, settings, _ in self.asked.runs]


@pytest.fixture
def told(monkeypatch, tmp_path, capsys):
    return Told(monkeypatch, tmp_path, capsys)


# --- What the experiments share ------------------------------------------------------------------


def block_of(page):
    """The JSON block of a page of the growth X-ray."""
    text = page.read_text(encoding="utf-8")
    return json.loads(text.partition('id="data">')[2].partition("</script>")[0])


def default(command):
    return EXPERIMENTS[command].PRESETS["default"]


@says("half-moons regression digits mnist", "--seed")
def seed(told, command):
    for number in (0, 5):
        content = told(f"{command} --seed {number}")
        assert [s.seed for s in told.settings()] == [number]
        assert (
            content["seed"] == content["settings"]["seed"] == content["runs"][0]["seed"] == number
        )


@says("half-moons regression digits mnist", "--seeds")
def seeds(told, command):
    for number in (1, 3):
        content = told(f"{command} --seed 2 --seeds {number}")
        assert [s.seed for s in told.settings()] == [2, 3, 4][:number]
        assert len(content["runs"]) == number


@says("half-moons regression digits mnist", "--epochs")
def epochs(told, command):
    told(command)
    assert told.settings() == [default(command)]
    content = told(f"{command} --epochs 17")
    assert told.settings() == [replace(default(command), epochs=17)]
    assert content["settings"]["epochs"] == 17


@says("half-moons regression digits mnist", "--search")
def search(told, command):
    for name, kind in PROPOSERS.items():
        told(f"{command} --search {name}")
        (settings,) = told.settings()
        assert sennpy.growth.named.proposer_named(settings.proposer) == kind()
        assert replace(settings, proposer="random") == replace(default(command), proposer="random")


@says("half-moons regression digits mnist", "--quick")
def cut_short(told, command):
    told(f"{command} --quick")
    assert told.settings() == [quick(default(command))] != [default(command)]
    told(f"{command} --quick --epochs 7 --search mala")
    (settings,) = told.settings()
    assert settings.epochs <= 7 and (settings.proposer.chains, settings.proposer.bursts) == (20, 10)


@says("half-moons regression digits mnist", "--preset")
def preset(told, command):
    for name, settings in EXPERIMENTS[command].PRESETS.items():
        content = told(f"{command} --preset {name}")
        assert told.settings() == [settings] and content["preset"] == name


@says("half-moons regression digits mnist battery tables chance tradeoff compare", "--out")
def out(told, command):
    for name in ("one", "two/three"):
        words = [command, "half-moons"] if command == "compare" else [command]
        assert main([*words, "--out", str(told.folder / name)]) == 0
        assert len(list((told.folder / name).glob("*.json"))) == 1
        assert str(told.folder / name) in told.capsys.readouterr().out


@says("half-moons regression digits mnist battery tables chance tradeoff compare", "--json")
def for_machines(told, command):
    words = f"{command} half-moons" if command == "compare" else command
    content = told(f"{words} --json")
    summary = json.loads(told.printed)
    assert summary["command"] == content["command"] and summary["files"]
    shared = content.keys() - {"history"}
    assert {key: summary[key] for key in shared} == {key: content[key] for key in shared}


GOES_ON = [name for name, found in COMMANDS.items() if "--resume" in found._option_string_actions]


@says(" ".join(GOES_ON), "--checkpoint")
@says(" ".join(GOES_ON), "--every")
@says(" ".join(GOES_ON), "--resume")
def what_is_kept(told, command):
    """In the folder that is named, and written so often; and that is gone on from when told to."""
    words, folder = command + " half-moons" * (command == "compare"), told.folder / "kept"
    for more, status in [(f"--checkpoint {folder} --every 3", 0), (f"--checkpoint {folder}", 1),
                         (f"--checkpoint {folder} --resume --every 3", 0), ("--resume", 1),
                         ("--every 3", 1)]:  # fmt: skip
        told.asked.kept.clear()
        told(f"{words} {more}", status)
        assert (folder / "origin.json").is_file()
        assert status or {k.every for k in told.asked.kept if hasattr(k, "every")} == {3}
    told(f"{words} --checkpoint {told.folder / 'none'} --resume", status=1)


@says("half-moons regression digits mnist", "--report")
def page_of_the_growth(told, command):
    told(command)
    assert not list(told.folder.glob("*.html"))
    told(f"{command} --seeds 2 --report")
    (page,) = told.folder.glob("*.html")
    block = block_of(page)
    assert str(page) in told.printed and block["runs"][0]["name"] == page.stem == command
    assert block["runs"][0]["end"] == 8  # epochs of the first seed; the second has 7
    for option in {"half-moons": ("--splits 2", "--animate")}.get(command, ("--sweep 3",)):
        if command != "regression":
            told(f"{command} {option} --report", status=1)


# --- Their own -----------------------------------------------------------------------------------


@says("half-moons", "--splits")
def splits(told, command):
    for number in (1, 3):
        content = told(f"{command} --splits {number}")
        assert len(content["runs"]) == len(told.asked.runs) == number
    told(f"{command} --splits 2 --seeds 2", status=1)


@says("half-moons", "--animate")
def animate(told, command):
    drawn = []
    told.patch(figures, "growth_frames", lambda watched, every: drawn.append(every) or [])
    told.patch(figures, "growth_pictures", lambda frames, X, t: drawn.append((X, t)) or [])
    told.patch(figures, "save_gif", lambda pictures, frames, path: path.touch())
    told.patch(figures, "save_mp4", lambda pictures, frames, path: path.touch())
    for has in (True, False):
        told.patch(figures, "has_ffmpeg", lambda has=has: has)
        content = told(f"{command} --animate --epochs {400 if has else 30} --seed 3")
        assert content["frames"] == [] and content["runs"][0]["seed"] == 3
    assert [drawn[0], drawn[2]] == [8, 1]
    data = EXPERIMENTS[command].half_moons()
    np.testing.assert_array_equal(drawn[1][0], data.X)
    np.testing.assert_array_equal(drawn[1][1], data.t)
    assert {file.suffix for file in told.folder.iterdir()} == {".gif", ".mp4", ".json"}
    told(f"{command} --animate --seeds 2", status=1)


@says("regression", "--task")
@says("regression", "--case")
def task_and_case(told, command):
    held = np.load(CASES)
    told(command)
    assert told.asked.runs[0][2] == {"data": None}
    for words, case in [("", 0), ("--case 2", 2), ("--case 1", 1)]:
        told(f"{command} --task {CASES} {words}")
        data = told.asked.runs[0][2]["data"]
        for name, array in zip(("x_train", "y_train", "x_test", "y_test"), data, strict=True):
            np.testing.assert_array_equal(array, held[f"{name}_{case}"])
    two = told.folder / "two.npz"
    for name in ("x_train", "y_train"):  # two inputs, or two outputs, cannot be drawn
        wide = {f"{key}_0": np.ones((4, 1 + (key[0] == name[0]))) for key in
                ("x_train", "y_train", "x_test", "y_test")}  # fmt: skip
        np.savez(two, **wide)
        told(f"{command} --task {two}", status=1)


@says("digits mnist", "--per-class")
@says("digits mnist", "--limit")
def subsets(told, command):
    for words, per_class, limit in [("", None, None), ("--per-class 4", 4, None),
                                    ("--limit 90", None, 90),
                                    ("--limit 30 --per-class 4", 4, 30)]:  # fmt: skip
        told(f"{command} {words}")
        options = told.asked.runs[0][2]
        assert (options["per_class"], options["limit"]) == (per_class, limit)


@says("digits mnist", "--sweep")
@says("digits mnist", "--jobs")
def sweeps(told, command):
    for words, sizes, jobs in [("--sweep 3,30", [3, 30], -1), ("--sweep 5 --jobs 2", [5], 2)]:
        told(f"{command} {words} --seed 4 --seeds 2")
        ((name, (experiment, settings, asked, seeds, *rest), options),) = told.calls
        presets = getattr(experiment, "SUBSET_PRESETS", experiment.PRESETS)
        assert (name, experiment, asked) == ("sweep", EXPERIMENTS[command], sizes)
        assert settings == presets["default"]
        assert list(seeds) == [4, 5] and (rest or [options["jobs"]])[0] == jobs
        assert "per_class" not in options and "limit" not in options
    told(f"{command} --sweep 3 --per-class 4", status=1)
    told(f"{command} --sweep 3 --limit 4", status=1)


@says("mnist", "--data")
def data(told, command):
    loaded = []
    told.patch(idx, "load", lambda folder=None: loaded.append(folder))
    told(command)
    told(f"{command} --data here")
    assert loaded == [None, Path("here")]
    assert told.asked.runs[0][2]["folder"] == Path("here")
    told(f"{command} --data here --sweep 3")
    assert told.calls[0][2]["folder"] == Path("here")


@says("mnist", "--size")
def size(told, command):
    for words, pixels in [("", 24), ("--size 14", 14), ("--size 28", 28),
                          ("--preset paper --per-class 3", 28), ("--preset paper", 24),
                          ("--preset paper --per-class 3 --size 24", 24)]:  # fmt: skip
        content = told(f"{command} {words}")
        assert told.asked.runs[0][2]["size"] == content["data"]["size"] == pixels
        assert content["data"]["md5"] == {name: file.md5 for name, file in idx.FILES.items()}
        presets = mnist.SUBSET_PRESETS if "per-class" in words else mnist.PRESETS
        assert told.settings() == [presets["paper" if "paper" in words else "default"]]
    told(f"{command} --sweep 3 --size 14")
    assert told.calls[0][2]["size"] == 14


def test_steps_are_kept_unless_epochs_are_given_or_it_is_quick(told):
    for words, keeps in [("", True), ("--epochs 9", False), ("--quick", False)]:
        told(f"mnist {words}")
        assert told.asked.runs[0][2]["keep_steps"] is keeps
        told(f"mnist --sweep 3 {words}")
        assert told.calls[0][2]["keep_steps"] is keeps


# --- Measurements --------------------------------------------------------------------------------


@says("compare", "--seed")
@says("compare", "--seeds")
@says("compare", "--epochs")
@says("compare", "--quick")
@says("compare", "EXPERIMENTS")
def comparison(told, command):
    content = told(f"{command} half-moons")
    assert [s.seed for s in told.settings()] == [0, 1, 2] * 2
    content = told(f"{command} half-moons --seed 4 --seeds 2 --epochs 9")
    assert [s.seed for s in told.settings()] == [4, 5] * 2
    assert {s.epochs for s in told.settings()} == {9} and content["seed"] == 4
    told(f"{command} regression half-moons regression --quick --seeds 1")
    found = [(name, replace(settings, seed=0)) for name, settings, _ in told.asked.runs]
    assert found == [
        (name, quick(EXPERIMENTS[name].PRESETS[preset]))
        for name in ("regression", "half-moons") for preset in ("default", "paper")
    ]  # fmt: skip


@says("tables", "--seed")
@says("tables", "--repeats")
@says("tables", "--quick")
@says("tables", "--jobs")
def folds_of_tables(told, command):
    def asked(words):
        told(f"{command} {words}")
        ((name, arguments, _),) = told.calls
        assert name == "run"
        return arguments[:4]

    assert asked("") == (of_tables.NAMES, 10, 0, -1)
    assert asked("--quick") == (("iris",), 1, 0, -1)
    assert asked("--seed 3 --repeats 2 --jobs 2") == (of_tables.NAMES, 2, 3, 2)
    assert asked("--quick --repeats 4")[:2] == (("iris",), 4)


@says("compare", "--report")
def two_on_a_page(told, command):
    figures = Path(__file__).parent.parent / "figures"
    records, page = f"{figures / 'digits'}.json {figures / 'mnist'}.json", told.folder / "page.html"
    told(f"{command} {records}")
    assert not told.calls and not told.asked.runs and not page.exists()
    assert "64-64-10" in told.printed and "576-60-10" in told.printed
    told(f"{command} {records} --report {page}")
    assert [run["name"] for run in block_of(page)["runs"]] == ["digits", "mnist"]
    told(f"{command} half-moons --report {page}", status=1)
    told(f"{command} half-moons {figures / 'mnist'}.json", status=1)


@says("report", "RECORD")
@says("report", "--out")
@says("report", "--json")
def page_of_a_record(told, command):
    told("half-moons --seed 3")
    file, page = told.folder / "half-moons.json", told.folder / "there.html"
    told(f"{command} {file} --json", out=False)
    summary = json.loads(told.printed)
    assert summary["files"] == [str(file.with_suffix(".html"))]
    assert file.with_suffix(".html").stat().st_size == summary["bytes"]
    assert main([command, str(file), "--out", str(page)]) == 0
    assert page.read_bytes() == file.with_suffix(".html").read_bytes()
    assert main([command, str(file), "--out", str(file)]) == 1


@says("report", "--replay")
@says("report", "--yes")
def page_of_a_record_made_again(told, command):
    told("half-moons --epochs 10001")
    file = str(told.folder / "half-moons-10001-epochs.json")
    assert main([command, file, "--yes"]) == 1  # goes with --replay
    told.asked.runs.clear()
    assert main([command, file, "--replay"]) == 1 and not told.asked.runs
    assert main([command, file, "--replay", "--yes"]) == 0 and len(told.asked.runs) == 1


@says("battery", "--seed")
@says("battery", "--seeds")
@says("battery", "--quick")
@says("battery", "--rows")
@says("battery", "--jobs")
def battery(told, command):
    def asked(words):
        content = told(f"{command} {words}")
        (chosen, seeds, settings, jobs, folder, *_) = told.calls[0][1]
        assert told.calls[0][0] == "run_all" and settings == Settings() and folder is None
        areas = [arguments for name, arguments, _ in told.calls if name == "areas"]
        assert all(arguments[:2] == (Settings(), jobs) for arguments in areas)
        return [(row.name, list(seeds(row))) for row in chosen], jobs, bool(areas), content

    everything, jobs, areas, content = asked("")
    every = [row for row in rows.ROWS.values() if row.name != "mnist"]
    assert everything == [(row.name, list(range(row.seeds))) for row in every]
    assert jobs == -1 and areas and list(content["skipped"]) == ["mnist"]
    assert asked("--rows iris")[0] == [("iris", list(range(10)))] and not asked("--rows iris")[2]
    assert asked("--rows iris --seeds 3 --seed 5")[0] == [("iris", [5, 6, 7])]
    found, jobs, areas, _ = asked("--quick --jobs 3")
    assert found == [(row.name, [0, 1]) for row in every if row.quick] and jobs == 3 and not areas
    assert asked("--quick --seeds 4 --seed 1 --rows wine")[0] == [("wine", [1, 2, 3, 4])]
    assert asked("--rows anytime readme")[2] and asked("--rows readme")[0] == [
        (row.name, list(range(5))) for row in every if row.group == "readme"
    ]
    assert list(anytime.TASKS) == ["moons-0.3", "spiral-1.5", "spiral-2", "checkerboard-4",
                                   "digits"]  # fmt: skip


@says("battery", "--data")
def data_of_the_battery(told, command):
    loaded = []
    told.patch(idx, "load", lambda folder=None: loaded.append(folder))
    content = told(f"{command} --rows mnist --data here")
    assert loaded == [Path("here")] and content["skipped"] == {}
    (chosen, _, _, _, folder, *_) = told.calls[0][1]
    assert [row.name for row in chosen] == ["mnist"] and folder == Path("here")


@says("chance", "--seed")
@says("chance", "--quick")
def on_chance(told, command):
    content = told(f"{command} --seed 6")
    assert told.calls == [("run", (6,), {})] and content["seed"] == 6
    told(f"{command} --quick")
    assert told.calls == [("run", (0,), chance_command.QUICK)]
    assert list(content["settings"]) == list(chance.RULES)


@says("tradeoff", "--seed")
@says("tradeoff", "--seeds")
@says("tradeoff", "--quick")
@says("tradeoff", "--jobs")
def strictness(told, command):
    for words, jobs, draws, cut in [
        ("", -1, range(8), {}), ("--seed 3 --seeds 2 --jobs 4", 4, range(3, 5), {}),
        ("--quick", -1, range(8), tradeoff_command.QUICK),
    ]:  # fmt: skip
        content = told(f"{command} {words}")
        ((_, (settings, asked, _, found, *_), options),) = told.calls
        assert (settings, asked, found, options) == (Settings(), jobs, draws, cut)
        assert content["seed"] == draws[0]


@says("study", "--claims")
def claims(told, command):
    record = {
        "command": "python -m sennpy study one", "study": "one",
        "verdicts": [Verdict("anytime", "so", 1.0, 0.5, 2.0, "holds", 3).as_dict()],
    }  # fmt: skip
    (told.folder / "study-one.json").write_text(json.dumps(record))
    content = told(f"{command} --claims")
    found = {claim["claim"]: claim["verdict"] for claim in content["claims"]}
    assert found.pop("anytime") == "holds" and set(found.values()) == {"not measured"}
    told(f"{command} when --claims", status=1)


@says("study", "NAME")
@says("study", "--seeds")
@says("study", "--quick")
@says("study", "--jobs")
@says("study", "--dask")
@says("study", "--store")
@says("study", "--out")
@says("study", "--json")
def study(told, command):
    counted = told.folder / "counted"
    told.setenv(slow_study.COUNTED, str(counted))
    asked, run = [], frame.collect

    def collect(study, configs, store, jobs, progress, dask):
        asked.append((jobs, dask, store.file))
        return run(study, configs, store, 1, progress)

    told.patch(frame, "collect", collect)
    told.patch(frame, "names", lambda: ["slow_study"])
    told.patch(frame, "named", lambda name: slow_study)
    told.patch(frame, "picture_of", lambda name: lambda rows: plt.figure(figsize=(1, 1)))
    told(command, out=False)
    assert slow_study.QUESTION in told.printed and not counted.exists()
    content = told(f"{command} slow_study")
    assert content["seeds"] == slow_study.SEEDS and len(content["rows"]) == 12
    assert content["table"] == slow_study.table(content["rows"])
    assert asked == [(-1, None, told.folder / "study-slow_study.sqlite")]
    assert not asked[0][2].exists(), "it stands there until all is written"
    store = told.folder / "kept.sqlite"
    content = told(f"{command} slow_study --quick --seeds 2 --jobs 3 --store {store} --json")
    assert asked[1] == (3, None, store) and store.exists()
    assert [row["letter"] for row in content["rows"]] == ["a", "a"]
    assert content["command"].endswith(f"--json --out {told.folder}"), "no --store"
    assert json.loads(told.printed)["rows"] == content["rows"]
    assert (told.folder / "study-slow_study-quick.png").is_file()
    told(f"{command} slow_study --dask tcp://there:1")
    assert asked[2][1] == "tcp://there:1"
    told(f"{command} none", status=1)


@says("bench", "GROUPS")
@says("bench", "--repeat")
@says("bench", "--out")
@says("bench", "--against")
@says("bench", "--json")
def bench(told, command):
    asked = []

    class Clock(timing.Clock):
        def __init__(self, repeat, **more):
            asked.append(("repeat", repeat))

    def maker(group):
        return lambda clock: asked.append(group) or []

    told.patch(timing, "Clock", Clock)
    told.patch(bench_command, "makers", lambda: {g: maker(g) for g in bench_command.GROUPS})
    told.patch(bench_command, "on_record", lambda: 1.0)
    told(f"{command}")
    assert asked == [("repeat", 5), *bench_command.GROUPS]
    asked.clear()
    content = told(f"{command} steps langevin steps --repeat 2 --json")
    assert asked == [("repeat", 2), "steps", "langevin"]
    assert (told.folder / "bench-steps-langevin.json").is_file()
    assert json.loads(told.printed)["command"] == content["command"]
    told(f"{command} --against elsewhere --repeat 3")
    assert told.calls == [("against", (Path("elsewhere"), 3), {})]
    assert (told.folder / "bench-against.json").is_file()
    told(f"{command} steps --against elsewhere", status=1)
    told(f"{command} searches steps", status=1)


# --- The mathematics, and afterwards -------------------------------------------------------------


@says("equations", "LABEL")
@says("equations", "--seed")
@says("equations", "--draws")
@says("equations", "--out")
@says("equations", "--json")
def of_the_register(told, command):
    empty = equations.Report([], [])
    told.listen(equations, "run", empty)
    for words, expected in [
        ("", (None, 300, 0)), ("E1 E5 --draws 7 --seed 3", (["E1", "E5"], 7, 3)),
    ]:  # fmt: skip
        told(f"{command} {words}")
        assert told.calls == [("run", expected, {})]
    assert (told.folder / "equations.json").is_file()
    (told.folder / "equations.json").unlink()
    told(f"{command} --json", out=False)
    assert json.loads(told.printed) == empty.as_dict() and not list(told.folder.iterdir())


@says("equations", "--model")
@says("equations", "--data")
@says("equations", "--loss")
def of_ones_own(told, command):
    told.listen(equations, "check", equations.Report([], []))
    net, rng = MLP.random((2, 2), rng=0), np.random.default_rng(0)
    X, y, labels = rng.standard_normal((9, 2)), rng.standard_normal((9, 2)), np.arange(9) % 2
    model, file = told.folder / "net.npz", told.folder / "data.npz"
    sennpy.save(net, model)
    for t, words, loss in [(y, "", "SquaredError"), (labels, "", "SoftmaxCrossEntropy"),
                           (y, "--loss softmax", "SoftmaxCrossEntropy"),
                           (labels, "--loss squared", "SquaredError")]:  # fmt: skip
        np.savez(file, X=X, t=t)
        told(f"{command} --model {model} --data {file} --seed 4 E1 {words}")
        ((_, (given, X_given, t_given, loss_given, which, seed), _),) = told.calls
        np.testing.assert_array_equal(given.parameters, net.parameters)
        np.testing.assert_array_equal(X_given, X)
        np.testing.assert_array_equal(t_given, t)
        assert (type(loss_given).__name__, which, seed) == (loss, ["E1"], 4)
    assert SquaredError in {type(told.calls[0][1][3])}


@says("replay", "FILE")
@says("replay", "--out")
@says("replay", "--json")
def again(told, command):
    told("half-moons --seed 3")
    file = told.folder / "half-moons.json"
    there = told.folder / "there"
    assert main([command, str(file), "--out", str(there), "--json"]) == 0
    summary = json.loads(told.capsys.readouterr().out)
    assert summary["file"] == str(file) and summary["agrees"] is True
    assert sorted(summary["files"]) == sorted(map(str, there.iterdir()))
    assert main([command, str(file)]) == 0  # into a folder of its own
    assert "sennpy-replay-" in told.capsys.readouterr().out
    assert main([command, str(file), "--out", str(told.folder)]) == 1


@says("replay", "--yes")
def assent(told, command):
    told("half-moons --epochs 10001")
    file = str(told.folder / "half-moons-10001-epochs.json")
    assert main([command, file]) == 1
    assert "10001" in told.capsys.readouterr().err
    assert main([command, file, "--yes"]) == 0


@says("replay", "--download")
def fetching(told, command):
    told("half-moons")
    file, seen = str(told.folder / "half-moons.json"), []
    run = EXPERIMENTS["half-moons"].run

    def listening(*arguments, **options):
        seen.append(os.environ.get(idx.OFFLINE))
        return run(*arguments, **options)

    told.patch(EXPERIMENTS["half-moons"], "run", listening)
    assert main([command, file]) == 0 and main([command, file, "--download"]) == 0
    assert seen == ["1", None] and idx.OFFLINE not in os.environ


@says("doctor", "--data")
@says("doctor", "--json")
def examination(told, command):
    (told.folder / next(iter(idx.FILES))).touch()
    told(f"{command} --data {told.folder} --json", out=False)
    found = {f["name"]: f["found"] for f in json.loads(told.printed)["findings"]}
    assert found["MNIST"] == f"1 of 4 files in {told.folder} (--data)"
    told(command, out=False)
    assert f"0 of 4 files in {told.folder / 'no cache'}" in told.printed


@says("diagnose", "RECORD")
@says("diagnose", "--json")
def a_guide(told, command):
    figures = Path(__file__).parent.parent / "figures"
    for record, beginnings in (("mnist", ["too few neurons"]), ("half-moons", [])):
        told(f"{command} {figures / record}.json --json", out=False)
        found = [f["sentence"].partition(":")[0] for f in json.loads(told.printed)["findings"]]
        assert found == beginnings


# --- The walk ------------------------------------------------------------------------------------


def options():
    """(command, option) of every parser; an argument without dashes by its name in capitals."""
    for command, found in COMMANDS.items():
        for action in found._actions:
            name = action.option_strings[-1] if action.option_strings else action.dest.upper()
            if name != "--help":
                yield command, name


SHOWN = {f"{command}: {show.__name__}": (command, show) for (command, _), show in SAYS.items()}


@pytest.mark.parametrize("name", SHOWN)
def test_an_option_has_a_say(name, told):
    command, show = SHOWN[name]
    show(told, command)


def test_no_option_is_without_a_say():
    assert set(options()) - set(SAYS) == set(), "show above what they do"
    assert set(SAYS) - set(options()) == set(), "these are no options any more"
