"""Files are named after what a run is, so that no variant takes the place of another's figure."""

import json
import shlex
from dataclasses import replace
from pathlib import Path

import matplotlib.pyplot as plt
import pytest

from sennpy import Settings
from sennpy.benchmarks import compiling, duel, scaling, searching, solving, training
from sennpy.benchmarks import figures as pictures
from sennpy.cli import main, parser
from sennpy.datasets import idx
from sennpy.experiments import chance, digits, figures, half_moons, mnist, regression, sweep
from sennpy.experiments.battery import figures as battery_figures
from sennpy.experiments.battery import together, tradeoff
from sennpy.studies import study as studies

ROOT = Path(__file__).parents[1]
CASES = "tests/data/regression.npz"


@pytest.fixture(autouse=True)
def nothing_to_wait_for(monkeypatch):
    """Experiments take one epoch, some on other data; nothing is drawn, searched or timed."""
    classify, fit = half_moons.run, regression.run

    def one_epoch(settings, callback=None, **options):
        return classify(Settings.by_thresholds(epochs=1, seed=settings.seed), callback)

    for experiment in (half_moons, digits, mnist):
        monkeypatch.setattr(experiment, "run", one_epoch)
    monkeypatch.setattr(
        regression, "run", lambda s, *rest, **data: fit(replace(s, epochs=1), *rest, **data)
    )
    monkeypatch.setattr(digits, "baselines", lambda seed, **subset: {})
    monkeypatch.setattr(half_moons, "rbf_svc_accuracy", lambda **seeds: 0.5)
    monkeypatch.setattr(idx, "load", lambda folder: None)
    monkeypatch.setattr(sweep, "sweep", lambda *task, **options: [])
    monkeypatch.setattr(duel, "duel", list)
    monkeypatch.setattr(duel, "medians", list)
    numbers = dict.fromkeys(("bound_over_chains", "time_over_chains_seconds"), 1.0)
    monkeypatch.setattr(duel, "verdict", lambda rows: numbers)
    monkeypatch.setattr(scaling, "scaling", lambda repeat: {})
    monkeypatch.setattr(chance, "run", lambda seed, **cut: {"levels": [], "trainings": []})
    monkeypatch.setattr(together, "run_all", lambda *work: [])
    monkeypatch.setattr(together, "areas", lambda *work: ({}, []))
    monkeypatch.setattr(tradeoff, "run", lambda *work, **cut: [])
    monkeypatch.setattr(solving, "residuals", dict)
    monkeypatch.setattr(studies, "collect", lambda *work: [])
    for name in studies.names():
        for told in ("table", "verdicts"):
            monkeypatch.setattr(studies.named(name), told, list)
    monkeypatch.setattr(studies, "picture_of", lambda name: lambda rows: plt.figure(figsize=(1, 1)))
    for module, makers in [
        (searching, ("langevin", "many_proposals", "profile", "layers")),
        (training, ("steps", "large_steps", "whole_runs", "mnist_run")),
        (compiling, ("first_calls",)),
    ]:
        for maker in makers:
            monkeypatch.setattr(module, maker, lambda repeat: [])
    drawn = [(figures, name) for name in figures.__all__ if name.endswith("_figure")]
    battery = [(battery_figures, f"{name}_figure") for name in ("battery", "tradeoff")]
    for module, name in [*drawn, *battery, (pictures, "bench_figure")]:
        monkeypatch.setattr(module, name, lambda *what: plt.figure(figsize=(1, 1)))
    monkeypatch.setattr(figures, "growth_pictures", lambda *what: [])
    monkeypatch.setattr(figures, "save_gif", lambda pictures, frames, path: path.touch())
    monkeypatch.setattr(figures, "has_ffmpeg", lambda: False)
    monkeypatch.chdir(ROOT)


def written(command, folder):
    """The one name, without its ending, of the files that a command writes."""
    assert main([*shlex.split(command), "--out", str(folder)]) == 0
    (name,) = {file.stem for file in folder.iterdir()}
    return name


RECORDS = sorted(
    set(ROOT.glob("figures/*.json")) - {ROOT / "figures" / "peers.json"}
)  # `make peers`


@pytest.mark.parametrize("file", RECORDS, ids=lambda file: file.stem)
def test_the_command_of_a_figure_writes_under_its_name(file, tmp_path):
    command = json.loads(file.read_text(encoding="utf-8"))["command"]
    assert written(command.removeprefix("python -m sennpy "), tmp_path) == file.stem


NAMES = {
    "half-moons --search mala": "half-moons-mala",
    "half-moons --search profile": "half-moons",
    "half-moons --epochs 50": "half-moons-50-epochs",
    "half-moons --epochs 400": "half-moons",
    "half-moons --epochs 50 --splits 2": "half-moons-50-epochs-splits",
    "half-moons --search mala --animate": "half-moons-mala-growing",
    "half-moons --seed 3 --quick": "half-moons-quick",
    "half-moons --preset paper --search profile": "half-moons-paper-profile",
    "regression --search random --epochs 9 --quick": "regression-random-9-epochs-quick",
    f"regression --task {CASES}": "regression-case-0",
    f"regression --task ./tests/../{CASES} --case 1 --epochs 9": "regression-case-1-9-epochs",
    "mnist --search profile": "mnist-profile",  # its preset searches with less
    "mnist --size 24": "mnist",
    "mnist --size 14 --limit 500": "mnist-14x14-limit-500",
    "mnist --per-class 100": "mnist-100-per-class",
    "mnist --per-class 100 --epochs 30": "mnist-30-epochs-100-per-class",  # else more than 30
    "mnist --epochs 30": "mnist",
    "mnist --preset paper --size 28 --sweep 3,5 --jobs 1": "mnist-paper-sweep",
    "digits --sweep 3 --search random": "digits-random-sweep",
    "compare half-moons": "compare-half-moons",
    "compare half-moons regression --epochs 3": "compare-3-epochs",
}


@pytest.mark.parametrize("command", NAMES)
def test_a_name_tells_in_what_a_run_is_not_the_presets(command, tmp_path):
    assert written(command, tmp_path) == NAMES[command]


def test_the_cases_of_another_file_bear_its_name(tmp_path):
    mine = tmp_path / "waves.npz"
    mine.write_bytes(Path(CASES).read_bytes())
    for file, name in [("waves", "waves"), ("regression", "regression"), ("a.b", "a-b")]:
        mine = mine.rename(tmp_path / f"{file}.npz")
        found = written(f"regression --task {mine} --case 2", tmp_path / name)
        assert found == f"regression-{name}-case-2"


SAME_NUMBERS = {"--help", "--out", "--json", "--jobs", "--data", "--checkpoint", "--every",
                "--resume", "--report"}  # fmt: skip
BY_SEED = {"--seed", "--seeds"}  # and which seeds they were, the JSON says
VALUES = {
    "--preset": ["paper"], "--search": ["random", "mala"], "--size": ["14", "28"],
    "--task": [CASES], "--case": [f"1 --task {CASES}"],
}  # fmt: skip


def options():
    """Every option of every experiment that can change its numbers, as words of a command."""
    commands = next(action.choices for action in parser()._actions if action.choices)
    for command in ("half-moons", "regression", "mnist", "digits"):
        for action in commands[command]._actions:
            option = action.option_strings[-1]
            if option not in SAME_NUMBERS | BY_SEED:
                values = VALUES.get(option, [""] if action.nargs == 0 else ["7"])
                offered = values if action.choices is None else list(map(str, action.choices))
                yield from (f"{command} {option} {v}" for v in values if v in offered)


@pytest.mark.parametrize("words", list(options()))
def test_every_option_that_changes_the_numbers_changes_the_name(words, tmp_path):
    assert written(words, tmp_path) != words.split()[0]
