"""The command line: what it writes, what it prints, and how it ends."""

import json
import os
import re
import shlex
import subprocess
import sys
from dataclasses import replace

import idx_files
import numpy as np
import pytest
from installed import needs_numba
from matplotlib.image import imread

import sennpy
from sennpy import cli, kernels
from sennpy.cli import main, parser
from sennpy.experiments import digits, half_moons, mnist, regression
from sennpy.experiments.classification import quick

COMMANDS = next(action.choices for action in parser()._actions if action.choices)
SHORT = {
    "half-moons": (half_moons, ["half-moons", "--quick", "--epochs", "95"]),
    "regression": (regression, ["regression", "--quick", "--epochs", "95"]),
    "digits": (digits, ["digits", "--quick", "--epochs", "3"]),
    "mnist": (mnist, ["mnist", "--quick", "--epochs", "3"]),
}


def name_of(command):
    """What the files of a command in SHORT are called."""
    return f"{command}-{SHORT[command][1][-1]}-epochs-quick"


def read(path):
    """A JSON file, strictly: no NaN, no Infinity."""

    def refuse(constant):
        raise ValueError(f"{path} holds {constant}")

    return json.loads(path.read_text(encoding="utf-8"), parse_constant=refuse)


def timeless(value):
    """Nested lists and dicts without the entries that time decides."""
    if isinstance(value, dict):
        return {k: timeless(v) for k, v in value.items() if k not in ("seconds", "command")}
    return [timeless(item) for item in value] if isinstance(value, list) else value


def status(arguments):
    """Exit status of a command that argparse ends."""
    with pytest.raises(SystemExit) as end:
        main(arguments)
    return end.value.code


@pytest.fixture(autouse=True)
def without_baselines(monkeypatch):
    """The networks beside ours take seconds, and have a test of their own."""
    monkeypatch.setattr(digits, "baselines", lambda seed, **subset: {"the others": 0.5})


@pytest.fixture(autouse=True)
def tiny_mnist(monkeypatch, tmp_path_factory):
    """The files that the command finds; their folder."""
    folder = tmp_path_factory.mktemp("mnist")
    idx_files.write(folder, monkeypatch)
    monkeypatch.setenv("SENNPY_DATA", str(folder))
    return folder


@pytest.fixture(params=SHORT)
def command(request):
    return request.param


# --- What is written -----------------------------------------------------------------------------


def test_a_command_writes_a_picture_and_the_numbers_of_a_direct_run(command, tmp_path, capsys):
    experiment, arguments = SHORT[command]
    folder = tmp_path / "new" / "folder"
    arguments = [*arguments, "--seed", "3", "--out", str(folder)]
    assert main(arguments) == 0
    numbers, picture = sorted(folder.iterdir())
    assert (numbers.name, picture.name) == (f"{name_of(command)}.json", f"{name_of(command)}.png")
    assert f"wrote {picture} and {numbers}" in capsys.readouterr().out
    assert picture.read_bytes().startswith(b"\x89PNG")

    epochs = int(arguments[3])
    settings = quick(replace(experiment.PRESETS["default"], epochs=epochs))
    run = experiment.run(replace(settings, seed=3))
    written = read(numbers)
    assert shlex.split(written["command"]) == ["python", "-m", "sennpy", *arguments]
    assert written["preset"] == "default" and written["seed"] == 3
    assert written["settings"] == replace(settings, seed=3).as_dict()
    assert written["versions"]["sennpy"] == sennpy.__version__
    assert {"python", "numpy", "scipy", "scikit-learn", "blas"} <= written["versions"].keys()
    assert timeless(written["runs"]) == [timeless(run.numbers())]
    assert timeless(written["history"]) == timeless(run.history.as_dict())
    assert len(written["history"]["epochs"]) == epochs


def test_equal_seeds_give_equal_numbers(command, tmp_path):
    _, arguments = SHORT[command]
    once, again = folders = tmp_path / "once", tmp_path / "again"
    for folder in folders:
        assert main([*arguments, "--search", "random", "--out", str(folder)]) == 0
    stem = name_of(command).replace(command, f"{command}-random")
    numbers, picture = f"{stem}.json", f"{stem}.png"
    assert timeless(read(once / numbers)) == timeless(read(again / numbers))
    if command == "mnist":  # half of its picture is over time
        return
    if kernels.enabled():
        assert (once / picture).read_bytes() == (again / picture).read_bytes()
    else:  # bytes are promised where kernels compute; one long run without differed in a pixel
        first, second = (imread(folder / picture) for folder in folders)
        apart = np.abs(first - second).max(axis=2)
        assert apart.max() < 0.02 and (apart > 0).mean() < 1e-3


def test_several_seeds_are_each_listed(tmp_path, capsys):
    arguments = ["digits", "--quick", "--epochs", "1", "--seed", "1", "--seeds", "2"]
    assert main([*arguments, "--out", str(tmp_path)]) == 0
    written = read(tmp_path / "digits-1-epochs-quick.json")
    assert [run["seed"] for run in written["runs"]] == [1, 2]
    out = capsys.readouterr().out
    assert all(f"\n{row} " in out for row in ("seed 1", "seed 2", "median"))


def test_splits_are_compared_with_a_support_vector_machine(tmp_path, capsys):
    arguments = ["half-moons", "--quick", "--epochs", "2", "--splits", "2"]
    assert main([*arguments, "--out", str(tmp_path)]) == 0
    written = read(tmp_path / "half-moons-2-epochs-quick-splits.json")
    rows = written["runs"]
    assert [(r["train_seed"], r["test_seed"], r["seed"]) for r in rows] == [
        (100, 101, 0),
        (102, 103, 1),
    ]
    assert written["mean_accuracy"] == sum(r["test_accuracy"] for r in rows) / 2
    assert written["mean_svc_accuracy"] == sum(r["svc_accuracy"] for r in rows) / 2 > 0.85
    assert "2 fresh splits: mean accuracy" in capsys.readouterr().out


def test_digits_stand_beside_two_classifiers_of_scikit_learn(monkeypatch, tmp_path, capsys):
    monkeypatch.undo()
    assert main(["digits", "--quick", "--epochs", "1", "--out", str(tmp_path)]) == 0
    (others,) = read(tmp_path / "digits-1-epochs-quick.json")["baselines"]
    out = capsys.readouterr().out
    for name, accuracy in others.items():
        assert f"{name}: test accuracy {accuracy:.4f} on the same split\n" in out
        assert accuracy > 0.9


@pytest.mark.parametrize("name", ["digits", "mnist"])
def test_a_sweep_lists_every_size_and_seed(name, tmp_path, capsys):
    arguments = [name, "--quick", "--epochs", "2", "--sweep", "2,5", "--seeds", "2", "--jobs", "1"]
    assert main([*arguments, "--out", str(tmp_path)]) == 0
    rows = read(tmp_path / f"{name}-2-epochs-quick-sweep.json")["runs"]
    assert [(r["per_class"], r["samples"], r["seed"]) for r in rows] == [
        (2, 20, 0), (2, 20, 1), (5, 50, 0), (5, 50, 1),
    ]  # fmt: skip
    assert (tmp_path / f"{name}-2-epochs-quick-sweep.png").read_bytes().startswith(b"\x89PNG")
    out = capsys.readouterr().out
    assert "\n20 samples " in out and "\n50 samples " in out


@pytest.mark.parametrize("name", ["digits", "mnist"])
def test_a_subset_is_trained_on(name, tmp_path):
    arguments = [name, "--quick", "--epochs", "1", "--per-class", "4", "--limit", "30"]
    assert main([*arguments, "--out", str(tmp_path)]) == 0
    (run,) = read(tmp_path / f"{name}-1-epochs-4-per-class-limit-30-quick.json")["runs"]
    assert run["samples"] == 30


def test_few_images_are_trained_for_more_epochs_unless_epochs_are_given(tmp_path, monkeypatch):
    short = replace(mnist.DEFAULT, epochs=2)
    monkeypatch.setitem(mnist.SUBSET_PRESETS, "default", short)
    monkeypatch.setattr(mnist, "LEAST_STEPS", 6)
    for words, epochs in [([], 6), (["--epochs", "3"], 3)]:
        assert main(["mnist", "--per-class", "2", *words, "--out", str(tmp_path)]) == 0
        written = read(tmp_path / f"mnist{'-3-epochs' * bool(words)}-2-per-class.json")
        assert len(written["history"]["epochs"]) == epochs == written["settings"]["epochs"]
        assert written["settings"]["cooldown"] == (1 if words else 3)


def test_a_sweep_tells_the_epochs_and_the_cooldown_of_every_run(tmp_path, monkeypatch):
    monkeypatch.setitem(mnist.SUBSET_PRESETS, "default", replace(mnist.DEFAULT, epochs=2))
    monkeypatch.setattr(mnist, "LEAST_STEPS", 6)
    assert main(["mnist", "--sweep", "2", "--jobs", "1", "--out", str(tmp_path)]) == 0
    written = read(tmp_path / "mnist-sweep.json")
    (row,) = written["runs"]
    assert (row["epochs"], row["cooldown"]) == (6, 3)
    assert (written["settings"]["epochs"], written["settings"]["cooldown"]) == (2, 1)


@pytest.mark.parametrize("words", [["--data", "{}"], ["--data={}"]])
def test_the_json_names_the_data_but_not_where_they_lie(words, tiny_mnist, tmp_path, monkeypatch):
    monkeypatch.delenv("SENNPY_DATA")
    words = [word.format(tiny_mnist) for word in words]
    assert main(["mnist", "--quick", "--epochs", "1", *words, "--out", str(tmp_path)]) == 0
    file = tmp_path / "mnist-1-epochs-quick.json"
    assert str(tiny_mnist) not in file.read_text(encoding="utf-8")
    written = read(file)
    assert written["command"] == f"python -m sennpy mnist --quick --epochs 1 --out {tmp_path}"
    assert written["data"]["size"] == 24 and set(written["data"]["md5"]) == set(idx_files.NAMES)


def test_a_data_file_that_is_wrong_ends_with_status_1_before_any_training(
    tiny_mnist, tmp_path, capsys
):
    (tiny_mnist / idx_files.LABELS).write_bytes(b"no gzip")
    assert main(["mnist", "--out", str(tmp_path)]) == 1
    told = capsys.readouterr()
    assert told.out == "" and told.err.startswith(f"sennpy: {tiny_mnist / idx_files.LABELS} is not")


def test_the_authors_subsets_have_their_own_settings(tmp_path):
    arguments = ["mnist", "--preset", "paper", "--quick", "--epochs", "1", "--out", str(tmp_path)]
    for words, name, tau, search, size in [
        ([], "", 0.007, "ReleasedAscent", 24),
        (["--per-class", "2"], "-2-per-class", 0.03, "ReleasedSubsetSearch", 28),
    ]:
        assert main([*arguments, *words]) == 0
        written = read(tmp_path / f"mnist-paper-1-epochs{name}-quick.json")
        assert written["settings"]["acceptance"]["tau"] == tau and written["data"]["size"] == size
        assert written["settings"]["proposer"]["class"] == search


@pytest.mark.parametrize("name", ["digits", "mnist"])
def test_a_limit_that_leaves_a_class_out_is_named_with_what_would_be_right(name, tmp_path, capsys):
    assert main([name, "--quick", "--limit", "8", "--out", str(tmp_path)]) == 1
    told = capsys.readouterr().err
    assert told.startswith("sennpy: limit is 8, and the samples drawn hold no ")
    assert "of the 10 classes: a larger --limit, or --per-class 1" in told


def test_a_sweep_does_not_go_with_a_subset(tmp_path, capsys):
    arguments = ["mnist", "--sweep", "2,5", "--limit", "3", "--out", str(tmp_path)]
    assert main(arguments) == 1
    assert "leave out --per-class and --limit" in capsys.readouterr().err


def test_the_preset_is_in_the_name_of_the_file(tmp_path):
    arguments = ["half-moons", "--preset", "paper", "--quick", "--epochs", "1"]
    assert main([*arguments, "--out", str(tmp_path)]) == 0
    settings = read(tmp_path / "half-moons-paper-1-epochs-quick.json")["settings"]
    assert settings["proposer"]["class"] == "ReleasedSearch"
    assert settings["optimiser"]["solver"] == "cg" and settings["acceptance"]["by"] == "own"


# --- For machines --------------------------------------------------------------------------------


def test_with_json_the_summary_alone_is_on_stdout(command, tmp_path, capsys):
    arguments = [*SHORT[command][1], "--out", str(tmp_path)]
    assert main([*arguments, "--json"]) == 0
    shown = capsys.readouterr()
    summary, written = json.loads(shown.out), read(tmp_path / f"{name_of(command)}.json")
    files = summary.pop("files")
    assert sorted(files) == sorted(map(str, tmp_path.iterdir()))
    del written["history"]
    assert summary == written
    assert "wrote " in shown.err


def test_json_goes_with_splits(tmp_path, capsys):
    arguments = ["half-moons", "--quick", "--epochs", "1", "--splits", "1", "--json"]
    assert main([*arguments, "--out", str(tmp_path)]) == 0
    summary = json.loads(capsys.readouterr().out)
    assert summary["files"] == [str(tmp_path / "half-moons-1-epochs-quick-splits.json")]
    assert 0 < summary["mean_svc_accuracy"] < 1


def test_after_an_error_json_leaves_stdout_empty(monkeypatch, tmp_path, capsys):
    def run(settings, callback=None, **options):
        raise ValueError("no digits today")

    monkeypatch.setattr(digits, "run", run)
    assert main(["digits", "--quick", "--json", "--out", str(tmp_path)]) == 1
    shown = capsys.readouterr()
    assert shown.out == "" and shown.err.endswith("sennpy: no digits today\n")


# --- How it ends when something is wrong ---------------------------------------------------------

WRONG = [
    (["--quick"], "the following arguments are required: COMMAND"),
    (["moons"], "invalid choice: 'moons'"),
    (["half-moons", "--sed", "3", "x"], "unrecognized arguments"),
    (["half-moons", "--seed", "x"], "argument --seed: 'x' is not a whole number"),
    (["half-moons", "--seed", "1.5"], "argument --seed: '1.5' is not a whole number"),
    (["half-moons", "--seed", "-1"], "argument --seed: -1 is below 0"),
    (["half-moons", "--seeds", "0"], "argument --seeds: 0 is below 1"),
    (["half-moons", "--epochs", "-1"], "argument --epochs: -1 is below 1"),
    (["half-moons", "--splits", "0"], "argument --splits: 0 is below 1"),
    (["half-moons", "--preset", "mine"], "argument --preset: invalid choice: 'mine'"),
    (["digits", "--preset", "paper"], "argument --preset: invalid choice: 'paper'"),
    (["digits", "--search", "grid"], "argument --search: invalid choice: 'grid'"),
    (["digits", "--size", "14"], "unrecognized arguments: --size 14"),
    (["digits", "--sweep", "3,x"], "argument --sweep: 'x' is not a whole number"),
    (["mnist", "--sweep", "3,0"], "argument --sweep: 0 is below 1"),
    (["mnist", "--size", "20"], "argument --size: invalid choice: 20"),
    (["mnist", "--limit", "0"], "argument --limit: 0 is below 1"),
    (["digits", "--splits", "2"], "unrecognized arguments: --splits 2"),
]


@pytest.mark.parametrize("arguments, message", WRONG, ids=[" ".join(words) for words, _ in WRONG])
def test_words_that_it_does_not_know_end_with_status_2(arguments, message, capsys):
    assert status(arguments) == 2
    error = capsys.readouterr().err
    assert error.startswith("usage: sennpy") and message in error


@pytest.mark.parametrize("below", [False, True])
def test_a_folder_that_cannot_be_made_ends_with_status_1_before_any_work(below, tmp_path, capsys):
    file = tmp_path / "file"
    file.touch()
    folder = file / "folder" if below else file
    assert main(["half-moons", "--quick", "--epochs", "1", "--out", str(folder)]) == 1
    told = capsys.readouterr()
    assert told.err.startswith("sennpy: ") and str(file) in told.err and told.out == ""
    assert told.err.count("\n") == 1


def test_a_file_that_cannot_be_written_ends_with_status_1(tmp_path, capsys):
    (tmp_path / "half-moons-1-epochs-quick.json").mkdir()
    assert main(["half-moons", "--quick", "--epochs", "1", "--out", str(tmp_path)]) == 1
    assert capsys.readouterr().err.startswith("sennpy: ")


def test_a_training_that_diverges_ends_with_status_1(monkeypatch, tmp_path, capsys):
    def run(settings, callback=None, **subset):
        raise sennpy.TrainingDiverged(7, None, None, settings)

    monkeypatch.setattr(digits, "run", run)
    assert main(["digits", "--quick", "--out", str(tmp_path)]) == 1
    assert (
        "the loss is not finite in epoch 7; smaller steps or more damping"
        in capsys.readouterr().err
    )


def test_ctrl_c_ends_with_status_130_and_a_short_line(monkeypatch, tmp_path, capsys):
    def run(settings, callback=None, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr(digits, "run", run)
    assert main(["digits", "--quick", "--out", str(tmp_path)]) == 130
    assert capsys.readouterr().err == "sennpy: interrupted\n"


# --- Help ----------------------------------------------------------------------------------------


def test_every_experiment_is_tested_here():
    assert {
        c.__name__.rpartition(".")[2].replace("_", "-") for c in cli.COMMANDS["experiments"]
    } == set(SHORT)


@pytest.mark.parametrize("name", COMMANDS)
def test_help_shows_examples_that_are_understood(name, capsys):
    assert status([name, "--help"]) == 0
    shown = capsys.readouterr().out
    if name in SHORT:
        assert all(option in shown for option in ("--seed", "--out", "--quick"))
    assert "--json" in shown
    examples = shown.partition("examples:\n")[2].splitlines()
    assert examples
    for line in examples:
        words = shlex.split(re.split(" {2,}", line.strip())[0])  # a comment may follow
        assert words[:2] == ["sennpy", name]
        parser().parse_args(words[1:])


def test_help_lists_the_commands_and_the_statuses(capsys):
    assert status(["--help"]) == 0
    shown = capsys.readouterr().out
    assert all(re.search(rf"^ +{name}\s+\w", shown, re.MULTILINE) for name in COMMANDS)
    told = shown.partition("exit status: ")[2]
    assert all(f"{code} " in told for code in (0, 1, 2, 130, 143))


def test_without_a_word_the_help_is_shown(capsys):
    assert status(["--help"]) == 0
    asked = capsys.readouterr().out
    assert main([]) == 0
    assert capsys.readouterr().out == asked


def test_the_first_things_to_try_are_understood():
    lines = cli.ABOUT.partition("first things to try:\n")[2].strip().splitlines()
    assert lines
    for line in lines:
        parser().parse_args(re.split(" {2,}", line.strip())[0].split()[1:])


def test_options_are_given_by_their_whole_names(capsys):
    """Else a record would keep the folder of `--dat DIR`."""
    with pytest.raises(SystemExit):
        main(["mnist", "--dat", "somewhere"])
    assert "unrecognized arguments: --dat" in capsys.readouterr().err


def test_the_version_is_told(capsys):
    assert status(["--version"]) == 0
    assert capsys.readouterr().out == f"sennpy {sennpy.__version__}\n"


# --- As a process --------------------------------------------------------------------------------


def process(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "sennpy", *arguments], capture_output=True, text=True, check=False
    )


@needs_numba
def test_in_a_pipe_there_is_no_progress_bar(tmp_path):
    done = process("half-moons", "--quick", "--epochs", "2", "--out", str(tmp_path))
    assert done.returncode == 0 and done.stderr == ""
    assert done.stdout.startswith("seed 0\n") and "\r" not in done.stdout


@pytest.mark.parametrize(
    "words, unbuffered", [("", ""), ("", "1"), ("half-moons --quick --epochs 31", "")]
)
def test_a_reader_that_goes_away_is_no_traceback(words, unbuffered, tmp_path):
    command = f"{shlex.quote(sys.executable)} -m sennpy {words}"
    if words:
        command += f" --out {shlex.quote(str(tmp_path))}"
    done = subprocess.run(
        f"({command}; echo status $? >&2) | true",
        shell=True, capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONUNBUFFERED": unbuffered},
    )  # fmt: skip
    told = done.stderr.splitlines()
    assert told[-1] == "status 1" and (len(told) == 1 or "numba is not installed" in told[0])


@pytest.mark.parametrize("closed", ["2>&-", "<&- >&- 2>&-", "--json 2>&-"])
def test_without_stdout_or_stderr_a_command_does_its_work(closed, tmp_path):
    words = f"-m sennpy half-moons --quick --epochs 31 --out {shlex.quote(str(tmp_path))} {closed}"
    done = subprocess.run(f"{shlex.quote(sys.executable)} {words}", shell=True, check=False,
                          capture_output=True, text=True)  # fmt: skip
    assert done.returncode == 0, done.stdout
    assert (tmp_path / "half-moons-31-epochs-quick.json").is_file()
    if "--json" in closed:
        assert json.loads(done.stdout)["runs"]
    else:
        assert ("seed 0" in done.stdout) == (closed == "2>&-")


def test_without_a_command_the_overview_is_shown():
    done = process()
    assert done.returncode == 0 and done.stderr == ""
    assert "first things to try" in done.stdout
