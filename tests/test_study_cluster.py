"""A study on a Dask cluster: the rows of one process, whatever happens to a worker."""

import os
import signal
import sys
import threading
import time
from collections import Counter

import pytest
import slow_study
from slow_study import COUNTED, PAUSE

from sennpy.studies import study as frame

HERE = os.path.dirname(slow_study.__file__)


@pytest.fixture
def cluster(tmp_path, monkeypatch):
    """The scheduler's address of two workers that can import the study for tests."""
    distributed = pytest.importorskip("distributed", reason='needs pip install "sennpy[cluster]"')
    monkeypatch.setenv(COUNTED, str(tmp_path / "counted"))
    monkeypatch.setenv(PAUSE, "0.2")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([HERE, *sys.path]))
    with distributed.LocalCluster(
        2, threads_per_worker=1, processes=True, dashboard_address=None
    ) as found:
        yield found.scheduler_address


def collected(tmp_path, name, **where):
    store = frame.store_of(slow_study, tmp_path / name)
    return frame.collect(slow_study, slow_study.grid(6, False), store, 1, **where)


def kill_one_when_begun(file, number):
    """Kill the process that has begun the last of so many runs."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        lines = file.read_text().splitlines() if file.exists() else []
        if len(lines) >= number:
            os.kill(int(lines[-1].split()[1]), signal.SIGKILL)
            return
        time.sleep(0.02)


@pytest.mark.filterwarnings("ignore")  # of Dask, about workers that are gone
def test_a_cluster_gives_the_rows_of_one_process(tmp_path, cluster):
    there = collected(tmp_path, "there", dask=cluster)
    here = collected(tmp_path, "here")
    assert [*map(frame.same, there)] == [*map(frame.same, here)] and len(here) == 12


@pytest.mark.filterwarnings("ignore")
def test_the_runs_of_a_worker_that_is_killed_are_repeated(tmp_path, cluster):
    file = tmp_path / "counted"
    killer = threading.Thread(target=kill_one_when_begun, args=(file, 4))
    killer.start()
    there = collected(tmp_path, "there", dask=cluster)
    killer.join()
    begun = Counter(line.split()[0] for line in file.read_text().splitlines())
    assert sum(begun.values()) > 12, "a run was begun again"
    here = collected(tmp_path, "here")
    assert [*map(frame.same, there)] == [*map(frame.same, here)]
    assert len(frame.store_of(slow_study, tmp_path / "there").rows()) == 12


def test_without_dask_it_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ModuleNotFoundError, match=r"sennpy\[cluster\]"):
        collected(tmp_path, "there", dask="tcp://127.0.0.1:1")
