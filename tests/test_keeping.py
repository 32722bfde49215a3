"""Commands that are interrupted keep what they have done, and go on to the same numbers."""

import json
import re
import shlex
import shutil
import signal
from dataclasses import replace
from pathlib import Path

import idx_files
import numpy as np
import pytest
from shown import figures_that_tell, timeless

import sennpy
from sennpy.cli import main, parser
from sennpy.commands.keeping import EVERY
from sennpy.experiments import chance, digits, half_moons, mnist, regression
from sennpy.experiments.battery import run as battery_run
from sennpy.experiments.store import FORMAT, Kept, Seen, Store
from sennpy.training import senn as loop

ROOT = Path(__file__).parents[1]
QUICK = ["--quick", "--epochs"]
COMMANDS = {  # a command, at which of its epochs it is stopped, and how many epochs it has
    "half-moons": (["half-moons", *QUICK, "62", "--seeds", "2"], 62 + 61, 124),
    "regression": (["regression", *QUICK, "35", "--seeds", "2"], 35 + 31, 70),
    "digits": (["digits", *QUICK, "12", "--seeds", "2", "--limit", "90"], 12 + 11, 24),
    "mnist": (["mnist", *QUICK, "3", "--seeds", "2"], 2, 6),
    "splits": (["half-moons", *QUICK, "31", "--splits", "2"], 31 + 5, 62),
    "sweep": (["digits", *QUICK, "11", "--sweep", "2,4", "--jobs", "1"], 11 + 4, 22),
    "compare": (["compare", "half-moons", *QUICK, "31", "--seeds", "1"], 31 + 30, 62),
    "battery": (["battery", "--rows", "iris", "--seeds", "2", "--jobs", "1"], 24, 40),
    "tradeoff": (["tradeoff", "--quick", "--seeds", "1", "--jobs", "1"], 44, 80),
    "chance": (["chance", "--quick"], 30, 60),
}
LONG = {"compare", "digits", "mnist", "splits", "tradeoff"}  # take the same ways as others
every_command = pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=pytest.mark.long if name in LONG else ()) for name in COMMANDS],
)


@pytest.fixture(autouse=True)
def little_to_do(monkeypatch, tmp_path_factory):
    """Few epochs, tiny data, one process, and nobody beside."""
    folder = tmp_path_factory.mktemp("mnist")
    idx_files.write(folder, monkeypatch)
    monkeypatch.setenv("SENNPY_DATA", str(folder))
    monkeypatch.setenv("LOKY_MAX_CPU_COUNT", "1")
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(digits, "baselines", lambda seed, **subset: {"the others": 0.5})
    monkeypatch.setattr(half_moons, "rbf_svc_accuracy", lambda **seeds: 0.5)
    monkeypatch.setattr(battery_run.rivals, "rivals", lambda *task: {})
    monkeypatch.setattr(battery_run, "warm", lambda: None)
    assert regression.PRESETS and mnist.PRESETS  # made before there are other settings
    short = sennpy.Settings(epochs=20, patience=None)
    monkeypatch.setattr("sennpy.training.settings.Settings", lambda: short)
    rules = {name: replace(chance.RULES[name], epochs=15) for name in ("thresholds", "BIC")}
    monkeypatch.setattr(chance, "RULES", rules)
    cut = {"draws": 1, "samples": (50,), "inputs": (1,), "trainings": 2, "tasks": ("noise",)}
    monkeypatch.setattr("sennpy.commands.chance.QUICK", cut)
    for place, name, tells in figures_that_tell():
        monkeypatch.setattr(place, name, tells)


class Counted:
    """Counts epochs, and sends this process a signal at one of them."""

    def __init__(self, monkeypatch):
        self.epochs, self.at, self.number, self.raises = [], None, signal.SIGTERM, None
        real = loop.one_epoch

        def one_epoch(state, *rest):
            if len(self.epochs) + 1 == self.at:
                if self.raises:
                    raise self.raises
                signal.raise_signal(self.number)
            self.epochs.append((state.network.sizes[0], state.epoch))
            return real(state, *rest)

        monkeypatch.setattr(loop, "one_epoch", one_epoch)

    def stop(self, at, number=signal.SIGTERM):
        del self.epochs[:]
        self.at, self.number = at, number


@pytest.fixture
def epochs(monkeypatch):
    """Ctrl-C is heeded, also in the background, where a shell has it ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield Counted(monkeypatch)
    signal.signal(signal.SIGINT, before)


def results(folder):
    """What a command has written, by name, without what time decides."""
    return {
        path.name: timeless(json.loads(path.read_text())) if path.suffix == ".json"
        else path.read_bytes() for path in sorted(folder.iterdir())
    }  # fmt: skip


def same_results(one, other):
    """Whether two folders hold the same, a table with times apart."""
    one, other = results(one), results(other)
    assert one.keys() == other.keys() and len(one) >= 1
    return all(one[file] == other[file] for file in one if not file.endswith(".txt"))


# --- Going on ------------------------------------------------------------------------------------


@every_command
def test_a_command_that_was_stopped_goes_on_to_the_same_results(name, epochs, tmp_path, capfd):
    words, at, all_epochs = COMMANDS[name]
    assert main([*words, "--out", str(tmp_path / "whole")]) == 0
    assert len(epochs.epochs) == all_epochs
    call = [*words, "--out", str(tmp_path / "out"), "--checkpoint", str(tmp_path / "kept")]
    epochs.stop(at)
    capfd.readouterr()
    assert main(call) == 143
    assert len(epochs.epochs) == at  # the epoch under way is ended
    told = capfd.readouterr().err
    assert "sennpy: will end after this epoch; once more, and it ends at once\n" in told
    assert f"sennpy: terminated\nsennpy: {tmp_path / 'kept'} keeps " in told
    assert not list((tmp_path / "out").iterdir())
    line = shlex.split(told.splitlines()[-1])
    assert line == ["python", "-m", "sennpy", *call, "--resume"]
    epochs.stop(None)
    assert main(line[3:]) == 0
    assert len(epochs.epochs) == all_epochs - at  # and none is made twice
    assert same_results(tmp_path / "whole", tmp_path / "out")
    del epochs.epochs[:]
    shutil.rmtree(tmp_path / "out")
    assert main(line[3:]) == 0 and epochs.epochs == []  # what has ended is not run again
    assert same_results(tmp_path / "whole", tmp_path / "out")


def test_a_command_that_is_stopped_again_and_again_comes_to_its_end(epochs, tmp_path):
    words, _, all_epochs = COMMANDS["half-moons"]
    assert main([*words, "--out", str(tmp_path / "whole")]) == 0
    call, status, made, stops = [*words, "--out", str(tmp_path / "out")], None, 0, 0
    call += ["--checkpoint", str(tmp_path / "kept"), "--every", "7"]
    while status != 0:
        epochs.stop(31, [signal.SIGINT, signal.SIGTERM][stops % 2])
        status = main([*call, *(["--resume"] if stops else [])])
        made, stops = made + len(epochs.epochs), stops + 1
        assert status in ((0,) if made == all_epochs and len(epochs.epochs) < 31 else (130, 143))
    assert made == all_epochs and stops == 124 // 31 + 1
    assert same_results(tmp_path / "whole", tmp_path / "out")


@pytest.mark.parametrize("name", ["regression", pytest.param("sweep", marks=pytest.mark.long)])
def test_without_a_folder_what_was_done_is_kept_beside_the_results(name, epochs, tmp_path, capsys):
    words, at, all_epochs = COMMANDS[name]
    call, out = [*words, "--out", str(tmp_path / "out")], tmp_path / "out"
    assert main([*words, "--out", str(tmp_path / "whole")]) == 0
    epochs.stop(at, signal.SIGINT)
    assert main(call) == 130
    (kept,) = out.iterdir()
    assert kept.name.endswith("-unfinished") and list(kept.glob("rows/*.json"))
    told = capsys.readouterr().err.splitlines()
    ended = len(list(kept.glob("rows/*.json")))
    assert told[-3] == "sennpy: interrupted" and f"{kept} keeps {ended} run" in told[-2]
    line = shlex.split(told[-1])
    epochs.stop(None)
    assert main(line[3:]) == 0 and len(epochs.epochs) == all_epochs - at
    kept.rename(tmp_path / "elsewhere")  # named, it stays
    assert same_results(tmp_path / "whole", out)


def test_what_another_call_left_unfinished_is_not_touched(epochs, tmp_path):
    words, at, _ = COMMANDS["half-moons"]
    call = [*words, "--out", str(tmp_path)]
    for _ in range(2):
        epochs.stop(at)
        assert main(call) == 143
    first = tmp_path / "half-moons-62-epochs-quick-unfinished"
    assert sorted(tmp_path.iterdir()) == [first, first.with_name(f"{first.name}-2")]
    epochs.stop(None)
    assert main(call) == 0
    assert {path.suffix for path in tmp_path.iterdir()} == {".json", ".png", ""}
    assert len(list(tmp_path.iterdir())) == 4


def test_a_second_signal_does_not_wait_for_the_epoch(epochs, tmp_path, monkeypatch, capfd):
    words, *_ = COMMANDS["half-moons"]
    real = loop.one_epoch

    def impatient(state, *rest):
        if state.epoch == 20:
            signal.raise_signal(signal.SIGINT)
            signal.raise_signal(signal.SIGTERM)
        return real(state, *rest)

    monkeypatch.setattr(loop, "one_epoch", impatient)
    call = [*words, "--out", str(tmp_path), "--checkpoint", str(tmp_path / "kept")]
    assert main(call) == 143
    assert capfd.readouterr().err.count("will end after this epoch") == 1
    assert sennpy.training.saved.load_state(tmp_path / "kept/runs/seed-0/state").epoch == 20


def test_where_the_reader_of_its_lines_has_gone_the_folder_is_told(
    epochs, tmp_path, monkeypatch, capfd
):
    """As `sennpy half-moons | head` does it."""
    words, at, _ = COMMANDS["half-moons"]
    monkeypatch.setattr("os.dup2", lambda *descriptors: None)  # that would close pytest's own
    epochs.stop(at)
    epochs.raises = BrokenPipeError()
    assert main([*words, "--out", str(tmp_path)]) == 1
    (kept,) = tmp_path.iterdir()
    assert f"sennpy: {kept} keeps" in capfd.readouterr().err


def test_what_ends_with_an_error_is_kept_too(epochs, tmp_path, capsys):
    words, at, _ = COMMANDS["half-moons"]
    epochs.stop(at)
    epochs.raises = OSError("the roof leaks")
    assert main([*words, "--out", str(tmp_path)]) == 1
    told = capsys.readouterr().err
    assert "sennpy: the roof leaks\nsennpy: " in told and "1 run that ended and 1 run under" in told


def test_signals_are_handled_as_before_once_a_command_has_ended(tmp_path):
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    assert main(["half-moons", *QUICK, "2", "--out", str(tmp_path)]) == 0
    assert [signal.getsignal(n) for n in (signal.SIGINT, signal.SIGTERM)] == before


def test_a_signal_that_is_ignored_stays_so(epochs, tmp_path):
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        epochs.stop(2, signal.SIGINT)
        assert main(["half-moons", *QUICK, "4", "--out", str(tmp_path)]) == 0
    finally:
        signal.signal(signal.SIGINT, before)


# --- What is refused -----------------------------------------------------------------------------


@pytest.fixture
def begun(epochs, tmp_path):
    """The words of a command that was stopped, with its folder."""
    epochs.stop(3)
    words = ["regression", *QUICK, "9", "--out", str(tmp_path), "--checkpoint"]
    assert main([*words, str(tmp_path / "kept")]) == 143
    epochs.stop(None)
    return [*words, str(tmp_path / "kept"), "--resume"], tmp_path / "kept"


OTHERS = {
    "--epochs 8": "options.epochs is 9 there and 8 here; settings.epochs is 9 there and 8 here",
    "--seed 1": "options.seed is 0 there and 1 here",
    "--seeds 2": "options.seeds is 1 there and 2 here",
    "--preset paper": "options.preset is 'default' there and 'paper' here; settings.",
    "--search random": "options.search is None there and 'random' here; settings.proposer.class is",
    "--task tests/data/regression.npz": "data is None there and {",
}


@pytest.mark.parametrize("words", OTHERS)
def test_another_call_is_refused_and_what_differs_is_named(words, begun, capsys):
    call, folder = begun
    assert main([*call, *words.split()]) == 1
    told = capsys.readouterr().err
    assert f"sennpy: {folder} is of another call: " in told and OTHERS[words] in told
    assert "in another folder." in told and "To go on" not in told


def test_what_changes_no_number_may_be_another(begun, tmp_path):
    call, _ = begun
    out = ["--out", str(tmp_path / "new")]
    assert main([*call, *out, "--every", "3", "--json"]) == 0
    record = json.loads((tmp_path / "new" / "regression-9-epochs-quick.json").read_text())
    plain = [word for word in call if word not in ("--checkpoint", call[-2], "--resume")]
    assert shlex.split(record["command"]) == ["python", "-m", "sennpy", *plain, *out, "--json"]


def test_other_data_are_refused(epochs, tmp_path, capsys):
    file = tmp_path / "task.npz"
    arrays = dict(np.load(ROOT / "tests/data/regression.npz"))
    np.savez(file, **arrays)
    call = ["regression", *QUICK, "9", "--task", str(file), "--out", str(tmp_path / "out")]
    call += ["--checkpoint", str(tmp_path / "kept")]
    epochs.stop(3)
    assert main(call) == 143
    np.savez(file, **arrays | {"y_test_0": arrays["y_test_0"] + 1e-9})
    assert main([*call, "--resume"]) == 1
    assert "is of another call: data.t_test.sha256 is" in capsys.readouterr().err


@pytest.mark.parametrize("what", ["sennpy", "numpy", "blas"])
def test_other_versions_are_refused(what, begun, monkeypatch, capsys):
    call, _ = begun
    here = sennpy.versions.versions() | {what: "9"}
    monkeypatch.setattr("sennpy.versions.versions", lambda: here)
    assert main(call) == 1
    assert f"is of another call: versions.{what} is " in capsys.readouterr().err


def test_a_newer_format_and_a_damaged_folder_are_told(begun, capsys):
    call, folder = begun
    origin = folder / "origin.json"
    whole = origin.read_text()
    for text, message in [
        (whole.replace(FORMAT, "sennpy runs 9"), "has the format 'sennpy runs 9', expected 'sen"),
        ("{", f"{origin} is damaged: it is not JSON"),
        ("[1]", "has the format None, expected 'sennpy runs 1'"),
    ]:
        origin.write_text(text)
        assert main(call) == 1
        assert message in capsys.readouterr().err
    origin.write_text(whole)
    state = folder / "runs" / "seed-0" / "state"
    state.write_bytes(state.read_bytes()[:-9])
    assert main(call) == 1
    assert f"{state} is no .npz file of plain arrays" in capsys.readouterr().err


def test_a_folder_is_begun_empty_and_gone_on_from_full(begun, tmp_path, capsys):
    call, folder = begun
    plain = call[:-1]
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "thesis.tex").touch()
    (tmp_path / "empty").mkdir()
    for words, message in [
        (plain, f"{folder} holds what a call has kept: --resume goes on from it"),
        ([*plain[:-1], str(tmp_path / "other")], "other holds other things: name another folder"),
        ([*call[:-2], str(tmp_path / "empty"), "--resume"], "empty holds nothing to go on from"),
        ([*call[:-2], str(tmp_path / "no"), "--resume"], "no holds nothing to go on from"),
        ([*plain[:-2], "--resume"], "--resume goes with --checkpoint FOLDER, which is missing"),
        ([*plain[:-2], "--every", "3"], "--every goes with --checkpoint FOLDER, which is missing"),
        (["half-moons", "--animate", *plain[-2:]], "--animate shows every epoch: it does not go"),
        (["half-moons", "--animate", "--every", "3"], "--every goes with --checkpoint FOLDER"),
        (["half-moons", "--animate", "--resume"], "--resume goes with --checkpoint FOLDER"),
    ]:
        assert main(words) == 1
        assert message in capsys.readouterr().err
    (tmp_path / "empty" / "origin.json.0123.partial").touch()  # of one that was killed
    assert main([*plain[:-1], str(tmp_path / "empty")]) == 0


# --- The store -----------------------------------------------------------------------------------


def test_a_row_comes_back_as_it_was(tmp_path):
    store = Store.begun(tmp_path / "kept", {"options": {"seed": np.int64(3)}})
    row = {"a": [1, 2.5, None, True], "b": float("inf"), "name": "moons 0.3", "x": 0.1 + 0.2}
    assert store.rows(["moons 0.3", "other"]) == {}
    assert store.put("moons 0.3", row) == row
    again = Store.resumed(tmp_path / "kept", {"options": {"seed": 3}})
    assert again.rows(["moons 0.3", "other"]) == {"moons 0.3": row}


def test_what_it_holds_is_told(tmp_path):
    store = Store.begun(tmp_path / "kept", {})
    assert store.told() == ""
    for name in ("a", "b"):
        store.run(name).part("deep").folder.mkdir(parents=True)
        (store.run(name).part("deep").folder / "state").touch()
    assert store.told() == "2 runs under way"
    store.put("a", {})
    assert store.told() == "1 run that ended and 1 run under way"
    assert not store.run("a").folder.exists() and store.run("b").folder.exists()
    store.put("b", {}, whole=True)
    assert store.told() == "2 runs that ended" and store.run("b").folder.exists()


def test_networks_and_values_that_a_figure_shows_come_back(tmp_path):
    net, kept = sennpy.MLP.random((2, 3, 1), rng=0), Kept(tmp_path)
    here = Seen(kept)
    here["net"], here["trail"], here["none"] = net, [[0.1, 1 / 3]], None
    for seen in (here, Seen(kept)):
        assert seen["net"].parameters.tobytes() == net.parameters.tobytes()
        assert seen["trail"] == [[0.1, 1 / 3]] and seen["none"] is None


def test_the_commands_of_the_readme_are_understood():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    lines = re.findall(r"^    python -m sennpy (.*--checkpoint.*?)  +#", readme, re.MULTILINE)
    begun, goes_on = (vars(parser().parse_args(line.split())) for line in lines)
    assert goes_on["resume"] and not begun["resume"]
    assert {k for k in begun if begun[k] != goes_on[k]} == {"resume", "parser"}
    assert f"a state is written every {EVERY} epochs" in readme


def test_every_command_that_trains_or_measures_can_go_on(capsys):
    for name in ("half-moons", "regression", "digits", "mnist", "battery", "chance", "tradeoff",
                 "compare"):  # fmt: skip
        with pytest.raises(SystemExit):
            main([name, "--help"])
        shown = capsys.readouterr().out
        assert all(option in shown for option in ("--checkpoint FOLDER", "--every K", "--resume"))
