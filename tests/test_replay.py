"""A record is run again and compared; what is not a record is refused with a reason."""

import copy
import json
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sennpy import plots
from sennpy.cli import main, parser
from sennpy.commands.agreement import agreement
from sennpy.commands.recorded import check_wishes, parsed_command, read_record
from sennpy.datasets import idx
from sennpy.datasets.idx import OFFLINE
from sennpy.experiments import digits, figures, half_moons
from sennpy.writing import write_json

FIGURES = Path(__file__).parents[1] / "figures"
SHORT = "half-moons-random-31-epochs-quick"  # what the files of the run below are called
APART = ("peers", "claims")  # by make peers, and what is gathered from records: test_claims
RECORDS = [file for file in sorted(FIGURES.glob("*.json")) if file.stem not in APART]
OURS = ["half-moons", "half-moons-splits", "half-moons-paper", "half-moons-growing", "digits"]


@pytest.fixture(scope="module", autouse=True)
def sketches():
    """Pictures that are drawn fast: the true ones have tests of their own."""

    def sketch(run, *data):
        return plots.size_curves(run.history).figure

    def blank(frames, *data):
        return [np.full((2, 2, 3), i, np.uint8) for i in range(len(frames))]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(figures, "half_moons_figure", sketch)
        patch.setattr(figures, "growth_figure", sketch)
        patch.setattr(figures, "growth_pictures", blank)
        yield


@pytest.fixture(scope="module")
def original(tmp_path_factory):
    """The folder of a short run of half-moons, with a look."""
    folder = tmp_path_factory.mktemp("original")
    words = ["half-moons", "--quick", "--epochs", "31", "--search", "random", "--seed", "2"]
    assert main([*words, "--out", str(folder)]) == 0
    return folder


@pytest.fixture
def record(original, tmp_path):
    """A function that writes the record, changed by the caller, and returns its path."""

    def write(change=lambda content: None):
        content = json.loads((original / f"{SHORT}.json").read_text())
        change(content)
        file = tmp_path / "changed.json"
        file.write_text(json.dumps(content))
        return file

    return write


def replay(file, tmp_path, *more):
    """Exit status of a replay into a folder below tmp_path."""
    return main(["replay", str(file), "--out", str(tmp_path / "again"), *more])


# --- Running again -------------------------------------------------------------------------------


def test_a_record_agrees_with_its_replay_to_the_last_bit(original, tmp_path, capsys):
    before = {file: file.read_bytes() for file in original.iterdir()}
    assert replay(original / f"{SHORT}.json", tmp_path) == 0
    shown = capsys.readouterr().out
    assert "The versions are those on record, so every number must be the same.\n" in shown
    assert shown.endswith("\nAll numbers agree.\n")
    assert {file: file.read_bytes() for file in original.iterdir()} == before
    names = [file.name for file in sorted((tmp_path / "again").iterdir())]
    assert names == [
        f"{SHORT}.json",
        f"{SHORT}.png",
    ]
    picture = tmp_path / "again" / f"{SHORT}.png"
    assert picture.read_bytes() == before[original / picture.name]


def test_one_bit_is_a_difference_where_versions_agree(record, tmp_path, capsys):
    def change(content):
        content["history"]["epochs"][3]["loss"] *= 1 + 2**-50

    assert replay(record(change), tmp_path) == 1
    shown = capsys.readouterr().out
    assert "  history.epochs[3].loss: " in shown and shown.endswith("\n1 values differ.\n")


def test_with_other_versions_rounding_is_allowed_and_said_to_be(record, tmp_path, capsys):
    def change(content):
        content["versions"]["numpy"] = "1.0"
        content["history"]["epochs"][3]["loss"] *= 1 + 1e-8
        content["history"]["looks"][0]["candidates"][0]["exact"] = 0.5

    assert replay(record(change), tmp_path) == 0
    shown = capsys.readouterr().out
    assert "\n  numpy: 1.0 on record, " in shown
    assert "floats may differ by 0.0001 of the larger plus 1e-12" in shown
    assert shown.endswith("\nAll numbers agree to within that.\n")


def test_with_other_versions_more_than_rounding_is_a_difference(record, tmp_path, capsys):
    def change(content):
        content["versions"]["numpy"] = "1.0"
        content["runs"][0]["test_loss"] *= 1 + 1e-3

    assert replay(record(change), tmp_path) == 1
    assert "  runs[0].test_loss: " in capsys.readouterr().out


def test_a_version_that_is_not_on_record_counts_as_another(record, tmp_path, capsys):
    assert replay(record(lambda content: content["versions"].pop("blas")), tmp_path) == 0
    assert "\n  blas: nothing on record, " in capsys.readouterr().out


def test_a_version_of_something_else_loosens_nothing(record, tmp_path, capsys):
    def change(content):
        content["versions"] |= {"coffee\x1b[31m": "black", "tea": None}
        content["history"]["epochs"][3]["loss"] *= 1 + 2**-50

    assert replay(record(change), tmp_path) == 1
    shown = capsys.readouterr().out
    assert "not used here count for nothing: coffee\\x1b[31m, tea.\n" in shown
    assert "so every number must be the same.\n" in shown and shown.endswith("1 values differ.\n")


NOTHING_MEASURED = {
    "no results": ("history", "runs"),
    "nothing but the command": ("history", "runs", "preset", "seed", "settings"),
}


@pytest.mark.parametrize("names", NOTHING_MEASURED.values(), ids=NOTHING_MEASURED)
def test_a_record_without_numbers_agrees_with_nothing(names, record, tmp_path, capsys):
    def change(content):
        for name in names:
            del content[name]

    assert replay(record(change), tmp_path, "--json") == 1
    shown = capsys.readouterr()
    assert json.loads(shown.out)["agrees"] is False
    assert shown.err.endswith("the record holds no number that was measured.\n")
    assert "agree." not in shown.err


def test_empty_lists_and_times_are_no_numbers(record, tmp_path, capsys):
    def change(content):
        content["history"] = {"looks": [], "additions": [], "epochs": []}
        content["runs"] = [{"seconds": 3.0, "history": None}]
        del content["history"]["looks"], content["history"]["epochs"]

    assert replay(record(change), tmp_path) == 1
    assert "All numbers agree" not in capsys.readouterr().out


def test_with_json_the_comparison_alone_is_on_stdout(record, tmp_path, capsys):
    def change(content):
        content["settings"]["acceptance"]["tau"] = 7.0

    assert replay(record(change), tmp_path, "--json") == 1
    shown = json.loads(capsys.readouterr().out)
    assert shown["agrees"] is False and shown["changed_versions"] == {}
    differing = {part["name"]: part["differences"] for part in shown["parts"]}
    assert differing["settings"] == ["settings.acceptance.tau: 7.0 on record, 1.0 now"]
    assert not any(found for name, found in differing.items() if name != "settings")


def test_without_a_folder_a_temporary_one_is_made(original, monkeypatch, tmp_path, capsys):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert main(["replay", str(original / f"{SHORT}.json")]) == 0
    (folder,) = tmp_path.iterdir()
    assert folder.name.startswith("sennpy-replay-") and str(folder) in capsys.readouterr().out


# --- Figures -------------------------------------------------------------------------------------


@pytest.mark.parametrize("file", RECORDS, ids=lambda file: file.stem)
def test_the_command_of_every_figure_is_known(file):
    content = read_record(file)
    arguments, _ = parsed_command(file, content["command"], parser())
    assert arguments.out == Path("figures") and callable(arguments.command)


@pytest.mark.parametrize("name", OURS)
def test_a_figure_is_replayed_with_its_settings(name, monkeypatch, tmp_path, capsys):
    shorten(monkeypatch)
    assert replay(FIGURES / f"{name}.json", tmp_path, "--json") == 1  # one epoch is not them all
    shown = json.loads(capsys.readouterr().out)
    assert str(tmp_path / "again" / f"{name}.json") in shown["files"]
    differing = {part["name"] for part in shown["parts"] if part["differences"]}
    assert "runs" in differing and not differing & {"preset", "seed", "settings"}


def shorten(monkeypatch):
    """Let the experiments run for one epoch, whatever the settings, beside nobody."""

    def short(run):
        def one_epoch(settings, *more, **named):
            return replace(run(replace(settings, epochs=1), *more, **named), settings=settings)

        return one_epoch

    for experiment in (digits, half_moons):
        monkeypatch.setattr(experiment, "run", short(experiment.run))
    monkeypatch.setattr(digits, "baselines", lambda seed, **subset: {"the others": 0.5})
    monkeypatch.setattr(half_moons, "rbf_svc_accuracy", lambda **seeds: 0.5)
    monkeypatch.setattr("sennpy.experiments.figures.has_ffmpeg", lambda: False)


# --- Comparing -----------------------------------------------------------------------------------

RECORD = {
    "command": "one", "versions": {"numpy": "1"}, "seconds": 1.0, "search_seconds": 2.0,
    "runs": [{"loss": 0.5, "hidden": [3, 2], "name": "a", "right": True, "none": None}],
    "history": {"looks": [{"candidates": [{"kind": "neuron", "exact": 0.1, "chosen": True}]}]},
}  # fmt: skip


def differences(change, exact=False):
    """Differences from RECORD once `change` has been at work on it."""
    again = copy.deepcopy(RECORD)
    change(again)
    return [sentence for part in agreement(RECORD, again, exact) for sentence in part.differences]


SAME = {
    "nothing": lambda r: None,
    "times": lambda r: r.update(seconds=9.0, search_seconds=9.0),
    "what is compared otherwise": lambda r: r.update(command="two", versions={}),
    "more names": lambda r: r["runs"][0].update(new=1),
}
DIFFERENT = {
    "a whole number": (lambda r: r["runs"][0]["hidden"].__setitem__(0, 4), "runs[0].hidden[0]"),
    "a word": (lambda r: r["runs"][0].update(name="b"), "runs[0].name"),
    "true and 1": (lambda r: r["runs"][0].update(right=1), "runs[0].right"),
    "null and 0": (lambda r: r["runs"][0].update(none=0), "runs[0].none"),
    "a number and null": (lambda r: r["runs"][0].update(loss=None), "runs[0].loss"),
    "a name less": (lambda r: r["runs"][0].pop("loss"), "runs[0].loss"),
    "an entry more": (lambda r: r["runs"][0]["hidden"].append(1), "runs[0].hidden.length"),
    "a choice": (
        lambda r: r["history"]["looks"][0]["candidates"][0].update(chosen=False),
        "history.looks[0].candidates[0].chosen",
    ),
}
ROUNDING = {
    "the last digits": lambda r: r["runs"][0].update(loss=0.5 + 1e-7),
    "a proposal": lambda r: r["history"]["looks"][0]["candidates"][0].update(exact=0.2),
}


@pytest.mark.parametrize("exact", [True, False])
@pytest.mark.parametrize("change", SAME.values(), ids=SAME)
def test_what_is_no_difference(change, exact):
    assert differences(change, exact) == []


@pytest.mark.parametrize("exact", [True, False])
@pytest.mark.parametrize("change, where", DIFFERENT.values(), ids=DIFFERENT)
def test_what_is_a_difference_with_any_versions(change, where, exact):
    (sentence,) = differences(change, exact)
    assert sentence.startswith(f"{where}: ")


@pytest.mark.parametrize("change", ROUNDING.values(), ids=ROUNDING)
def test_what_is_a_difference_with_the_same_versions_only(change):
    assert len(differences(change, exact=True)) == 1 and not differences(change)


def test_the_parts_are_the_names_of_the_record_and_say_how_far_they_are():
    again = copy.deepcopy(RECORD)
    again["runs"][0]["loss"] = 0.4
    parts = agreement(RECORD, again, exact=False)
    assert [(p.name, p.values) for p in parts] == [("runs", 8), ("history.looks", 5)]
    assert [p.measured for p in parts] == [3, 0]  # proposals are not held against each other
    assert [p.measured for p in agreement(RECORD, again, exact=True)] == [3, 1]
    assert parts[0].largest == pytest.approx(0.2) and parts[1].largest == 0


# --- What is no record ---------------------------------------------------------------------------

PREFIX = "python -m sennpy"
NO_RECORD = {
    "{": "is not JSON",
    "[1, 2]": "holds a list",
    "{}": 'has no "command" on record',
    '{"command": 3, "versions": {}}': 'has no "command" on record',
    f'{{"command": "{PREFIX} digits"}}': 'has no "versions" on record',
    '{"command": "make coffee", "versions": {}}': "expected python -m sennpy ...",
    f'{{"command": "{PREFIX} coffee", "versions": {{}}}}': "invalid choice: 'coffee'",
    f'{{"command": "{PREFIX} digits --cups 2", "versions": {{}}}}': "arguments: --cups 2",
    f'{{"command": "{PREFIX}", "versions": {{}}}}': "expected python -m sennpy ...",
    f'{{"command": "{PREFIX} --version", "versions": {{}}}}': "not a command here",
    f'{{"command": "{PREFIX} doctor", "versions": {{}}}}': "which is no experiment",
    f'{{"command": "{PREFIX} replay x.json", "versions": {{}}}}': "which is no experiment",
    f'{{"command": "{PREFIX} \'digits", "versions": {{}}}}': "No closing quotation",
}


NO_RECORD |= {
    "[" * 100000: "is not JSON",
    '{"command": NaN}': "is not JSON",
    '{"command": "one", "command": "two"}': "'command' more than once",
    f'{{"command": "{PREFIX} digits", "versions": {{}}, "seed": 1e999}}': "the number 1e999",
    f'{{"command": "{PREFIX} digits", "versions": {{}}, "seed": {"9" * 400}}}': "of 400 digits",
    f'{{"command": "{PREFIX} digits", "versions": {{"numpy": 2}}}}': "has 2 for the version of",
    f'{{"command": "{PREFIX} digits", "versions": {{"blas": [2]}}}}': "has [2] for the version of",
    f'{{"command": "{PREFIX} digits \\u001b[2J", "versions": {{}}}}': "cannot all be shown",
    f'{{"command": "{PREFIX} digits --search=\\u202ex", "versions": {{}}}}': "cannot all be shown",
    f'{{"command": "{PREFIX} \\ud800", "versions": {{}}}}': "cannot all be shown",
    f'{{"command": "\\u0007{PREFIX} digits", "versions": {{}}}}': "expected python -m sennpy ...",
    f'{{"command": "{PREFIX} digits {"x" * 9000}", "versions": {{}}}}': "longer than any command",
}


@pytest.mark.parametrize("text", NO_RECORD, ids=lambda text: ascii(text[:60]))
def test_what_is_no_record_is_refused(text, tmp_path, capsys):
    file = tmp_path / "file.json"
    file.write_text(text)
    assert replay(file, tmp_path) == 1
    error = capsys.readouterr().err
    assert error.startswith("sennpy: ") and error.count("\n") == 1
    assert NO_RECORD[text] in error and str(file) in error
    assert error.removesuffix("\n").isprintable() and len(error) < 2000


def test_a_picture_is_no_record(original, tmp_path, capsys):
    assert replay(original / f"{SHORT}.png", tmp_path) == 1
    assert f"{SHORT}.png is not JSON" in capsys.readouterr().err


def test_a_file_that_is_not_there_is_named(tmp_path, capsys):
    assert replay(tmp_path / "no.json", tmp_path) == 1
    assert str(tmp_path / "no.json") in capsys.readouterr().err


def test_a_record_is_not_overwritten(original, capsys):
    file = original / f"{SHORT}.json"
    before = file.read_bytes()
    assert main(["replay", str(file), "--out", str(original)]) == 1
    assert "it is not overwritten" in capsys.readouterr().err and file.read_bytes() == before


def test_what_is_not_printable_in_a_record_is_escaped(record, tmp_path, capsys):
    evil = "\x1b]0;\u202e\ud800\n"

    def change(content):
        content["versions"]["numpy"] = evil
        content["versions"]["blas"] = [evil]
        content[evil] = {evil: [evil], "long": "x" * 10**5, "y" * 10**5: 1}
        content |= {"z" * 10**5: 1, **{f"part {i}": i for i in range(10**4)}}
        content["versions"] |= {"x" * 10**5: "1", **{f"package {i}": "1" for i in range(10**4)}}
        content["versions"]["scipy"] = "1" * 10**5
        content["runs"][0][evil] = evil

    assert replay(record(change), tmp_path) == 1
    shown = capsys.readouterr()
    assert shown.err == "" and all(line.isprintable() for line in shown.out.split("\n"))
    assert "numpy: \\x1b]0;\\u202e\\ud800\\n on record" in shown.out
    assert "\nruns " in shown.out
    assert len(shown.out) < 3 * 10**4


# --- What a record asks for ----------------------------------------------------------------------

WISHES = {
    "half-moons --epochs 1000000000": "--epochs 1000000000 (at most 10000)",
    "half-moons --seeds 101 --splits 10001": "--seeds 101 (at most 100), --splits 10001 (at most",
    "half-moons --animate --epochs 10001": "--epochs 10001 (at most 10000)",
    "digits --per-class 10001": "--per-class 10001 (at most 10000)",
    "digits --limit 60001": "--limit 60001 (at most 60000)",
    "digits --sweep 1,2,3 --jobs 65": "--jobs 65 (at most 64)",
    "digits --sweep 1,99999999": "--sweep 99999999 (at most 10000)",
    f"digits --seeds 11 --sweep {','.join(['1'] * 91)}": "1001 trainings (at most 1000)",
    "battery --jobs 1000 --seeds 1000": "--seeds 1000 (at most 100)",
    "bench --repeat 101": "--repeat 101 (at most 100)",
    "bench --against ../other": "the file or folder --against ../other",
}


@pytest.fixture
def wishing(tmp_path, monkeypatch):
    """A function that replays a command; it runs nothing, and gives status and what was run."""

    def run(command, *more):
        file, ran = tmp_path / "wish.json", []
        content = {"command": f"python -m sennpy {command}", "versions": {}, "runs": [{"loss": 1}]}
        file.write_text(json.dumps(content))

        def experiment(arguments, words):
            ran.append((arguments, os.environ.get(OFFLINE)))
            arguments.out.mkdir(exist_ok=True)
            write_json(arguments.out / "wish.json", content)
            arguments.summary = {"files": [str(arguments.out / "wish.json")]}

        def parsed(*of):
            arguments, words = parsed_command(*of)
            arguments.command = experiment
            return arguments, words

        monkeypatch.setattr("sennpy.commands.replay.parsed_command", parsed)
        return replay(file, tmp_path, *more), ran

    return run


@pytest.mark.parametrize("command", WISHES)
def test_a_record_that_asks_for_much_needs_a_yes(command, wishing, tmp_path, capsys):
    status, ran = wishing(command)
    error = capsys.readouterr().err
    assert (status, ran) == (1, []) and not (tmp_path / "again" / "wish.json").exists()
    assert f"sennpy: {tmp_path / 'wish.json'} asks for " in error and WISHES[command] in error
    assert "--yes` does it." in error
    status, ran = wishing(command, "--yes")
    assert status == 0 and len(ran) == 1


@pytest.mark.parametrize("file", RECORDS, ids=lambda file: file.stem)
def test_a_figure_asks_for_nothing_that_needs_a_yes(file):
    arguments, _ = parsed_command(file, read_record(file)["command"], parser())
    check_wishes(file, arguments)


def test_nothing_is_downloaded_unless_asked(wishing, monkeypatch):
    monkeypatch.delenv(OFFLINE, raising=False)
    for more, expected in (((), "1"), (("--download",), None)):
        status, ((_, offline),) = wishing("mnist", *more)
        assert status == 0 and offline == expected and OFFLINE not in os.environ


def test_a_record_of_mnist_asks_no_server(tmp_path, monkeypatch, capsys):
    monkeypatch.delenv("SENNPY_DATA", raising=False)
    monkeypatch.setattr(idx, "cache", lambda: tmp_path / "cache")
    monkeypatch.setattr(idx, "fetch", lambda *_: pytest.fail("it was downloaded"))
    assert replay(FIGURES / "mnist.json", tmp_path) == 1
    assert "nothing is downloaded unless asked for (`sennpy replay --download`" in (
        capsys.readouterr().err
    )
    fetched = []
    monkeypatch.setattr(idx, "fetch", lambda url, *_: fetched.append(url) or 1 / 0)
    with pytest.raises(ZeroDivisionError):
        replay(FIGURES / "mnist.json", tmp_path, "--download")
    assert len(fetched) == 1
