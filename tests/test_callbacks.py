"""Callbacks that people expect: what each says and writes, when it stops, and how it goes on."""

import csv
import io
import json
import sys

import numpy as np
import pytest
from runs import QUICK, SOFTMAX, changed, moons

from sennpy import (
    MLP,
    SENN,
    Callbacks,
    Checkpoint,
    EarlyStop,
    History,
    LogLines,
    Print,
    Progress,
    TimeLimit,
    load,
)
from sennpy.training.history import EpochRecord

DATA, TEST = moons(), moons(seed=1)
START = MLP.random((2, 2), rng=0)


def fit(callback, settings=QUICK, **more):
    """A training with a callback, and validation data; with a state, on from there."""
    net = None if "state" in more else START
    return SENN(SOFTMAX, settings).fit(net, *DATA, TEST, callback, **more)


def epoch(number, validation_loss=None, seconds=0.0):
    """The record of an epoch."""
    return EpochRecord(number, 1.0, 0.1, 0.2, (2, 2), 0.0, seconds, validation_loss)


def stops_at(callback, losses, first=1):
    """The first epoch at which a callback asks to stop; None if it does not."""
    asked = (n for n, loss in enumerate(losses, first) if callback(None, epoch(n, loss)) is True)
    return next(asked, None)


# --- Together ------------------------------------------------------------------------------------


def test_each_of_several_hears_of_every_record_and_one_is_enough_to_stop():
    heard = [], [], []

    def first(net, record):
        heard[0].append((net, record))

    def second(net, record):
        heard[1].append((net, record))
        return np.bool_(isinstance(record, EpochRecord) and record.epoch == 12)

    def third(net, record):  # after the one who asks
        heard[2].append((net, record))

    found = fit(Callbacks([first, second, third, Callbacks([])])).history
    assert len(found.epochs) == 12
    assert [r for _, r in heard[0]] == [r for _, r in heard[1]] == [r for _, r in heard[2]]
    assert len(heard[0]) == sum(map(len, (found.epochs, found.looks, found.additions)))


def test_what_is_no_bool_stops_nothing():
    assert Callbacks([lambda net, record: "yes", lambda net, record: 1])(None, epoch(1)) is False


@pytest.mark.parametrize(
    "given, words", [(print, "expected a list"), ([print, 3], r"callbacks\[1\] is 3")]
)
def test_what_cannot_be_called_is_refused(given, words):
    with pytest.raises(TypeError, match=words):
        Callbacks(given)


# --- Told ----------------------------------------------------------------------------------------


def test_print_tells_of_epochs_additions_and_looks_that_made_none():
    file = io.StringIO()
    found = fit(Print(every=20, file=file)).history
    lines = file.getvalue().splitlines()
    refused = [look for look in found.looks if not any(c.chosen for c in look.candidates)]
    assert found.additions and refused
    assert [line for line in lines if "  + " in line] == [str(a) for a in found.additions]
    assert [line for line in lines if "best is" in line or "no " in line] == list(map(str, refused))
    told = [line for line in lines if ", sizes" in line]
    assert len(told) == 2 and len(lines) == len(told) + len(found.additions) + len(refused)
    last = found.epochs[-1]
    assert told[1] == (
        f"epoch   40    loss {last.loss:.4g}, sizes {list(last.sizes)}, validation loss "
        f"{last.validation_loss:.4g}, accuracy {last.validation_accuracy:.4f}"
    )


def test_print_goes_to_what_stdout_is_then(capsys):
    Print(every=1)(None, epoch(3))
    assert capsys.readouterr().out == "epoch    3    loss 1, sizes [2, 2]\n"


def test_a_bar_counts_epochs_and_begins_anew_with_another_training():
    file = io.StringIO()
    bar = Progress(4, file=file)
    half = fit(bar, changed(QUICK, epochs=4), epochs=2)
    assert bar.bar.n == 2
    fit(bar, changed(QUICK, epochs=4), state=half.state)
    assert bar.bar is None and "4/4" in file.getvalue()
    bar(None, epoch(1))
    assert bar.bar.n == 1
    bar.close()
    fresh = Progress(4, file=file)
    fresh(None, epoch(3))  # another process goes on
    assert fresh.bar.n == 3
    fresh.close()
    fresh.close()


def test_without_tqdm_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "tqdm", None)
    with pytest.raises(ModuleNotFoundError, match="pip install tqdm"):
        Progress(3)


# --- Ended ---------------------------------------------------------------------------------------


def test_it_stops_when_the_validation_loss_has_not_fallen_for_so_long():
    losses = [3.0, 2.0, 2.5, 1.9, 1.95, 1.91, 1.9, 1.0]
    assert stops_at(EarlyStop(3), losses) == 7  # 1.9 again is no fall
    assert stops_at(EarlyStop(2), losses) == 6
    assert stops_at(EarlyStop(4), losses) is None
    assert stops_at(EarlyStop(2, least=0.5), losses) == 4  # 1.9 is not 0.5 below 2
    once = EarlyStop(3)
    assert [stops_at(once, losses) for _ in range(2)] == [7, 7]  # epoch 1 begins afresh
    assert once.best == 1.9


def test_a_training_that_goes_on_is_stopped_where_it_would_have_been():
    X, t = TEST
    noisy = X, np.where(np.arange(len(t)) % 6, t, 1 - t)  # whoever is sure of these pays for it
    settings = changed(QUICK, epochs=150, step_size=0.4)

    def run(callback, net=None, **more):
        return SENN(SOFTMAX, settings).fit(net, *DATA, noisy, callback, **more)

    end = run(EarlyStop(4), START).state.epoch
    assert 6 < end < 100
    part = run(None, START, epochs=end - 2)
    again = run(EarlyStop(4, history=part.history), state=part.state)
    assert again.state.epoch == end
    assert run(EarlyStop(4), state=part.state).state.epoch > end  # it begins to wait afresh


def test_a_time_limit_counts_the_seconds_of_the_training():
    limit = TimeLimit(2.0)
    assert [limit(None, epoch(n, seconds=s)) for n, s in [(1, 1.9), (2, 2.0), (9, 3.0)]] == [
        False, True, True,
    ]  # fmt: skip
    assert len(fit(TimeLimit(1e-9)).history.epochs) == 1


@pytest.mark.parametrize(
    "made, error, words",
    [
        (lambda: EarlyStop(0), ValueError, "patience is 0"),
        (lambda: EarlyStop(3, -1.0), ValueError, "least is -1.0"),
        (lambda: EarlyStop(3, history=[1]), TypeError, "history is of type list"),
        (lambda: EarlyStop()(None, epoch(1)), ValueError, "needs validation data"),
        (lambda: EarlyStop(history=History((epoch(1),))), ValueError, "needs validation data"),
        (lambda: TimeLimit(0), ValueError, "seconds is 0"),
        (lambda: Print(0), ValueError, "every is 0"),
        (lambda: Progress(0), ValueError, "epochs is 0"),
        (lambda: Checkpoint("net", every=0), ValueError, "every is 0"),
        (lambda: Checkpoint("net", best=True)(START, epoch(1)), ValueError, "validation data"),
        (lambda: LogLines("log.txt"), ValueError, r"one that ends in .csv or .jsonl"),
        (lambda: LogLines("there is no folder/log.csv"), FileNotFoundError, "no folder"),
    ],
)
def test_what_makes_no_sense_is_refused(made, error, words):
    with pytest.raises(error, match=words):
        made()


# --- Kept ----------------------------------------------------------------------------------------


def test_networks_are_written_as_they_come(tmp_path):
    seen = {}

    def watch(net, record):
        if isinstance(record, EpochRecord):
            seen[record.epoch] = net

    each = Checkpoint(tmp_path / "net-{epoch}.npz", every=15)
    one = Checkpoint(tmp_path / "last.npz", every=15)
    fit(Callbacks([watch, each, one]))
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {"net-15.npz", "net-30.npz", "last.npz"}
    for name, number in [("net-15", 15), ("net-30", 30), ("last", 30)]:
        net = load(tmp_path / f"{name}.npz")
        np.testing.assert_array_equal(net.parameters, seen[number].parameters)


def test_of_the_best_alone_the_file_has_the_least_validation_loss(tmp_path):
    best = Checkpoint(tmp_path / "{epoch}.npz", best=True)
    losses = [3.0, 2.0, 2.5, 2.0, 1.0]
    for number, loss in enumerate(losses, 1):
        best(START, epoch(number, loss))
    assert sorted(path.stem for path in tmp_path.iterdir()) == ["1", "2", "5"]
    (tmp_path / "1.npz").unlink()
    best(START, epoch(1, 9.0))  # of another training
    assert (tmp_path / "1.npz").exists()


def told(path):
    """The records of a log of JSON lines, without the seconds."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [{key: value for key, value in row.items() if key != "seconds"} for row in rows]


def test_a_log_has_a_line_for_each_record(tmp_path):
    path, table = tmp_path / "log.jsonl", tmp_path / "log.csv"
    found = fit(Callbacks([LogLines(path), LogLines(table)])).history
    rows, plain = told(path), found.as_dict()
    for what, part in [("epoch", "epochs"), ("look", "looks"), ("addition", "additions")]:
        expected = [{k: v for k, v in row.items() if k != "seconds"} for row in plain[part]]
        assert [{**row, "what": what} for row in expected] == [r for r in rows if r["what"] == what]
    cells = list(csv.DictReader(table.read_text(encoding="utf-8").splitlines()))
    assert [float(row["loss"]) for row in cells] == found.column("loss")
    assert [row["sizes"] for row in cells] == ["-".join(map(str, s)) for s in found.column("sizes")]
    assert [float(row["validation_loss"]) for row in cells] == found.column("validation_loss")


@pytest.mark.parametrize("ending", ["jsonl", "csv"])
def test_a_log_goes_on_as_if_the_training_had_not_been_stopped(ending, tmp_path):
    whole, parts = tmp_path / f"whole.{ending}", tmp_path / f"parts.{ending}"
    fit(LogLines(whole))
    part = fit(LogLines(parts), epochs=20)  # its look is put off
    fit(LogLines(parts, go_on=True), state=part.state, epochs=8)
    with open(parts, "a", encoding="utf-8") as file:
        file.write('{"what": "epoch", "epo')  # broken off
    fit(LogLines(parts, go_on=True), state=part.state)
    if ending == "jsonl":
        assert told(parts) == told(whole)
    else:
        columns = [
            [line.split(",")[:6] for line in path.read_text(encoding="utf-8").splitlines()]
            for path in (parts, whole)
        ]
        assert columns[0] == columns[1]
    fit(LogLines(parts), changed(QUICK, epochs=2))  # without go_on it is replaced
    assert len(parts.read_text(encoding="utf-8").splitlines()) == 2 + (ending == "csv")


def test_a_log_that_hears_of_an_earlier_epoch_again_goes_on_there(tmp_path):
    log = LogLines(tmp_path / "log.jsonl")
    part = fit(log, epochs=15)
    fit(log, state=part.state, epochs=5)
    fit(log, state=part.state)
    assert told(log.path) == [r for r in told(log.path) if r["epoch"] <= 40]
    assert [r["epoch"] for r in told(log.path) if r["what"] == "epoch"] == list(range(1, 41))


def test_callbacks_change_nothing(tmp_path):
    alone = fit(None)
    watched = fit(Callbacks([EarlyStop(10**6), TimeLimit(1e6), Checkpoint(tmp_path / "n"),
                             LogLines(tmp_path / "l.csv"), Print(file=io.StringIO())]))  # fmt: skip
    np.testing.assert_array_equal(watched.network.parameters, alone.network.parameters)
