"""Whatever ends a command, its workers end with it, and what was done by then is kept."""

import json
import os
import signal
import subprocess
import sys
import time
import uuid
from pathlib import Path

import pytest
from threadpoolctl import threadpool_limits

from sennpy.experiments.interruption import ASKED, Asked, Terminated, heeded, status_of
from sennpy.experiments.store import Store
from sennpy.experiments.workers import in_parallel

ROOT = Path(__file__).parents[1]
PATIENCE = 60.0  # seconds for what takes a few, on a busy machine
POOL = """
import sys, time
from pathlib import Path
from sennpy.experiments import workers
from sennpy.experiments.interruption import heeded, status_of
from sennpy.experiments.store import Store

def piece(i, polite, kept):
    from sennpy.experiments.interruption import ASKED  # that of the worker
    Path(f"begun-{i}").touch()
    while i and not (polite and ASKED.by):
        time.sleep(0.01)
    Path(f"ended-{i}").touch()
    return {"i": i}

try:
    with heeded():
        work = [(i, sys.argv[1] == "polite") for i in range(9)]
        store = Store.begun(Path("kept"), {})
        workers.in_parallel(piece, work, 2, None, store, [f"piece-{i}" for i in range(9)])
except KeyboardInterrupt as error:
    sys.exit(status_of(error))
"""
NEEDS_PROC = pytest.mark.skipif(
    not Path("/proc/self/environ").exists(), reason="looks for processes in /proc"
)


class Watched:
    """A process in a session of its own, all that it starts, and what it leaves in memory."""

    def __init__(self, words, folder):
        self.mark = f"SENNPY_WATCHED={uuid.uuid4().hex}"
        environment = dict([*os.environ.items(), self.mark.split("=")])
        environment["PYTHONPATH"] = str(ROOT)
        self.process = subprocess.Popen(
            [sys.executable, *words], cwd=folder, env=environment, start_new_session=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    def alive(self):
        """Numbers of its processes."""
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                state = (folder / "stat").read_text().rpartition(")")[2].split()[0]
                if state != "Z" and self.mark.encode() in (folder / "environ").read_bytes():
                    found.append(int(folder.name))
            except OSError:  # it has ended
                continue
        return found

    def shared(self):
        """Names of what it has in shared memory."""
        names = os.listdir("/dev/shm") if Path("/dev/shm").is_dir() else []
        number = str(self.process.pid)
        return [name for name in names if number in name.replace("_", "-").split("-")]

    def until(self, true):
        """Wait for something."""
        deadline = time.monotonic() + PATIENCE
        while not true():
            assert time.monotonic() < deadline, (self.alive(), self.shared())
            time.sleep(0.1)


def signalled(folder, number, how="polite", group=False):
    """(`Watched`, its exit status) of a pool that has one piece done and two under way."""
    watched = Watched(["-c", POOL, how], folder)
    watched.until(lambda: len(list(folder.glob("begun-*"))) == 3)
    watched.until(lambda: (folder / "kept" / "rows" / "piece-0.json").exists())
    assert len(watched.alive()) >= 3
    (os.killpg if group else os.kill)(watched.process.pid, number)
    watched.process.communicate(timeout=PATIENCE)
    watched.until(lambda: not watched.alive() and not watched.shared())
    return watched.process.returncode


@NEEDS_PROC
@pytest.mark.parametrize(
    "number, group, status",
    [(signal.SIGINT, True, 130), (signal.SIGTERM, False, 143), (signal.SIGKILL, False, -9)],
)
def test_workers_end_what_they_can_and_go(number, group, status, tmp_path):
    """A Ctrl-C reaches the workers, too; a kill tells them nothing."""
    assert signalled(tmp_path, number, group=group) == status
    begun, ended = ({p.name[-1] for p in tmp_path.glob(f"{w}-*")} for w in ("begun", "ended"))
    assert begun == ended == {"0", "1", "2"}  # and no other was begun
    assert {p.stem for p in tmp_path.glob("kept/rows/*.json")} == {f"piece-{i}" for i in begun}
    made = []

    def piece(i, kept):
        made.append(i)
        return {"i": i}

    store, names = Store.resumed(tmp_path / "kept", {}), [f"piece-{i}" for i in range(9)]
    rows = in_parallel(piece, [(i,) for i in range(9)], 1, None, store, names)
    assert rows == [{"i": i} for i in range(9)] and made == list(range(3, 9))


@NEEDS_PROC
@pytest.mark.parametrize(
    "number, status",
    [pytest.param(signal.SIGTERM, 143, marks=pytest.mark.long), (signal.SIGKILL, -9)],
)
def test_workers_that_do_not_end_are_ended(number, status, tmp_path):
    assert signalled(tmp_path, number, "deaf") == status
    assert [path.name for path in tmp_path.glob("ended-*")] == ["ended-0"]
    assert [path.name for path in tmp_path.glob("kept/rows/*")] == ["piece-0.json"]


@NEEDS_PROC
@pytest.mark.long
@pytest.mark.parametrize("number, status", [(signal.SIGTERM, 143), (signal.SIGKILL, -9)])
def test_a_sweep_in_processes_goes_on_from_what_its_workers_kept(number, status, tmp_path):
    words = ["-m", "sennpy", "digits", "--quick", "--epochs", "25", "--sweep", "20,30", "--seeds"]
    words += ["2", "--jobs", "2", "--out"]
    whole = Watched([*words, "whole"], tmp_path)
    told = whole.process.communicate(timeout=10 * PATIENCE)
    assert whole.process.returncode == 0, told
    sweep = Watched([*words, "out", "--checkpoint", "kept", "--every", "1"], tmp_path)
    sweep.until(lambda: list(tmp_path.glob("kept/runs/*/state")))
    os.kill(sweep.process.pid, number)
    told = sweep.process.communicate(timeout=PATIENCE)[1]
    assert sweep.process.returncode == status
    assert (status == -9) or "--every 1 --checkpoint kept --resume" in told
    sweep.until(lambda: not sweep.alive() and not sweep.shared())
    sweep = Watched([*words, "out", "--checkpoint", "kept", "--resume"], tmp_path)
    sweep.process.communicate(timeout=10 * PATIENCE)
    rows, again = (
        [{k: v for k, v in row.items() if k != "seconds"} for row in
         json.loads((tmp_path / folder / "digits-25-epochs-quick-sweep.json").read_text())["runs"]]
        for folder in ("whole", "out")
    )  # fmt: skip
    assert rows == again and len(rows) == 4
    assert not sweep.alive() and not sweep.shared()


# --- Killed at any moment ------------------------------------------------------------------------


def killed(folder, *words):
    """What `killing.py` counts."""
    done = subprocess.run(
        [sys.executable, str(ROOT / "tests" / "killing.py"), *words],
        cwd=folder, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="a process is forked to be killed")
def test_a_command_that_is_killed_goes_on_to_the_same_bytes(tmp_path):
    told = killed(tmp_path, "--kills", "4", "--steps", "4", "--commands", "half-moons")
    assert told["half-moons"]["steps of writing"] == 4 == told["half-moons"]["kills"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="a process is forked to be killed")
@pytest.mark.long
def test_commands_that_are_killed_200_times_and_at_every_step_go_on_to_the_same_bytes(tmp_path):
    told = killed(tmp_path, "--kills", "200")
    assert sum(found["kills"] for found in told.values()) == 200
    assert all(found["with something kept"] > found["kills"] / 2 for found in told.values())
    assert told["half-moons"]["steps of writing"] > 50


# --- In one process ------------------------------------------------------------------------------


def test_the_first_signal_is_noted_while_something_ends_by_itself_and_the_second_raises():
    asked = Asked()
    with pytest.raises(Terminated), asked.patiently():
        asked(signal.SIGTERM)
        assert asked.by == signal.SIGTERM
    asked = Asked()
    with pytest.raises(KeyboardInterrupt) as caught, asked.patiently():
        asked(signal.SIGTERM)
        asked(signal.SIGINT)
        raise AssertionError("it went on")
    assert type(caught.value) is KeyboardInterrupt and not asked.patient
    with pytest.raises(Terminated):
        Asked()(signal.SIGTERM)
    assert [status_of(error) for error in (KeyboardInterrupt(), Terminated())] == [130, 143]


def test_an_error_within_is_not_taken_for_an_interruption():
    asked = Asked()
    with pytest.raises(ValueError), asked.patiently():
        asked(signal.SIGINT)
        raise ValueError
    assert not asked.patient


def test_a_process_hears_signals_while_it_is_told_to():
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(Terminated), heeded():
        signal.raise_signal(signal.SIGTERM)
    assert signal.getsignal(signal.SIGTERM) is before and ASKED.by is None


def double(x):
    return 2 * x


def who(i, kept=None):
    from threadpoolctl import threadpool_info

    threads = {pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"}
    return {"process": os.getpid(), "threads": max(threads)}


def test_a_piece_has_one_thread_here_and_elsewhere_and_the_last_too(tmp_path):
    """Whether many were left or one: sums are rounded in the same order."""
    store, names = Store.begun(tmp_path / "kept", {}), ["a", "b"]
    store.put("a", {})
    with threadpool_limits(2, user_api="blas"):
        assert who(0)["threads"] == 2
        assert [found["threads"] for found in in_parallel(who, [(0,), (1,)], 1)] == [1, 1]
        assert who(0)["threads"] == 2
        _, last = in_parallel(who, [(0,), (1,)], 2, None, store, names)
    assert last["threads"] == 1 and last["process"] != os.getpid()


def halve(x):
    if x == 3:
        raise ArithmeticError("3 is odd")
    return x // 2


def test_pieces_come_back_in_their_order_by_one_process_or_two():
    work = [(i,) for i in range(5)]
    for jobs in (1, 2):
        assert in_parallel(double, work, jobs) == [0, 2, 4, 6, 8]
    assert in_parallel(double, [], 2) == []


@pytest.mark.parametrize("jobs", [1, 2])
def test_an_error_in_a_piece_is_told_here(jobs):
    with pytest.raises(ArithmeticError, match="3 is odd"):
        in_parallel(halve, [(i,) for i in range(5)], jobs)
