"""Runs of a study: kept as they end, none lost and none done or counted twice."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter

import pytest
import slow_study
from slow_study import COUNTED, PAUSE

from sennpy.studies import study as frame
from sennpy.studies.store import RowStore, key_of

COLLECTS = """
import sys, slow_study
from sennpy.studies import study
rows = study.collect(slow_study, slow_study.grid(4, False), study.store_of(slow_study, sys.argv[1]),
                     int(sys.argv[2]))
"""


@pytest.fixture
def counted(tmp_path, monkeypatch):
    """The file in which the study for tests counts its runs, of this process and of others."""
    monkeypatch.setenv(COUNTED, str(tmp_path / "counted"))
    here = os.path.dirname(slow_study.__file__)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([here, *sys.path]))
    return tmp_path / "counted"


def begun(counted):
    """How often each run was begun."""
    return Counter(line.split()[0] for line in counted.read_text().splitlines())


def collected(file, seeds=4, jobs=1, **options):
    store = frame.store_of(slow_study, file)
    return frame.collect(slow_study, slow_study.grid(seeds, False), store, jobs, **options)


def test_rows_come_in_the_order_of_the_grid_with_their_configurations(tmp_path, counted):
    rows = collected(tmp_path / "a.sqlite")
    assert [{"letter": r["letter"], "seed": r["seed"]} for r in rows] == slow_study.grid(4, False)
    assert rows[3]["found"] == slow_study.run({"letter": "b", "seed": 1})["found"]


def test_what_a_store_holds_is_not_run_again(tmp_path, counted):
    first = collected(tmp_path / "a.sqlite", seeds=2)
    more = collected(tmp_path / "a.sqlite", seeds=3)
    assert more[:4] == first and len(more) == 6
    assert set(begun(counted).values()) == {1} and len(begun(counted)) == 6


def test_several_processes_give_the_rows_of_one(tmp_path, counted):
    one, two = collected(tmp_path / "a.sqlite"), collected(tmp_path / "b.sqlite", jobs=2)
    assert [*map(frame.same, one)] == [*map(frame.same, two)]


def test_another_version_or_study_is_not_taken_for_this_one(tmp_path):
    file, config = tmp_path / "a.sqlite", {"seed": 0}
    RowStore(file, "one", 1).put(config, {"x": 1})
    assert RowStore(file, "one", 1).rows() == {key_of(config): {"x": 1}}
    assert RowStore(file, "one", 2).rows() == RowStore(file, "other", 1).rows() == {}


def test_a_run_that_two_have_made_counts_once(tmp_path):
    store = RowStore(tmp_path / "a.sqlite", "one", 1)
    store.put({"seed": 0, "a": 1}, {"x": 1})
    store.put({"a": 1, "seed": 0}, {"x": 2})
    assert list(store.rows().values()) == [{"x": 1}] and store.told() == "1 run that ended"


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_study_that_is_killed_goes_on_where_it_was(tmp_path, counted, monkeypatch, jobs):
    file = tmp_path / "a.sqlite"
    monkeypatch.setenv(PAUSE, "0.1")
    child = subprocess.Popen([sys.executable, "-c", COLLECTS, str(file), jobs])
    deadline = time.monotonic() + 60
    while not file.exists() or len(frame.store_of(slow_study, file).rows()) < 3:
        assert time.monotonic() < deadline and child.poll() is None
        time.sleep(0.02)
    child.send_signal(signal.SIGKILL)
    child.wait()
    monkeypatch.setenv(PAUSE, "0")
    held = frame.store_of(slow_study, file).rows()
    assert 3 <= len(held) < 8
    time.sleep(0.6)  # workers see that their parent is gone
    before = begun(counted)
    rows = collected(file)
    assert len(rows) == 8
    again = begun(counted) - before
    assert sum(again.values()) == 8 - len(held)
    assert [*map(frame.same, rows)] == [*map(frame.same, collected(tmp_path / "whole.sqlite"))]


def test_a_store_that_is_something_else_is_refused(tmp_path):
    (tmp_path / "text").write_text("no store of anything, but long enough to be looked at\n" * 9)
    with pytest.raises(ValueError, match=r"text is no store of studies"):
        RowStore(tmp_path / "text", "one", 1)
    with pytest.raises(OSError, match="cannot be used"):
        RowStore(tmp_path, "one", 1)


def test_the_store_is_in_the_mode_that_a_kill_leaves_whole(tmp_path):
    RowStore(tmp_path / "a.sqlite", "one", 1)
    with sqlite3.connect(tmp_path / "a.sqlite") as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    connection.close()


def test_a_row_that_no_json_holds_is_refused(tmp_path):
    with pytest.raises(ValueError, match="expected plain finite values"):
        RowStore(tmp_path / "a.sqlite", "one", 1).put({"seed": 0}, {"x": float("inf")})


@pytest.mark.parametrize(
    "configs, words",
    [([{"seed": 0}, {"seed": 0}], "twice"), ([{"a": 1}], "with a seed"),
     ([{"seed": 0, "sizes": (1, 2)}], "plain values")],
)  # fmt: skip
def test_a_grid_that_is_none_is_refused(configs, words):
    with pytest.raises(ValueError, match=words):
        frame.checked(configs)
