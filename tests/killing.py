"""Kills commands at random moments, and at each step of writing, and lets them go on.

    python tests/killing.py --kills 200 --steps 100000

A command is killed, what it left on the disk is read and held against the run that was never
stopped, it is started again and killed again, until it comes to its end: with the same bytes,
seconds apart. Nothing but SIGKILL is used, which no process can hear. Prints counts as JSON.
"""

import argparse
import builtins
import contextlib
import hashlib
import json
import os
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ["NUMBA_NUM_THREADS"] = "1"
os.environ["NUMBA_THREADING_LAYER"] = "workqueue"  # the only one that may be forked

import numpy as np
from shown import figures_that_tell, timeless

from sennpy.cli import main
from sennpy.experiments import digits
from sennpy.experiments.store import FORMAT
from sennpy.training import resuming, saved
from sennpy.training.history import plain

COMMANDS = {  # with a growth each, and more than one run
    "half-moons": "half-moons --quick --epochs 95 --seeds 2 --every 3",
    "regression": "regression --quick --epochs 65 --seeds 2 --every 3",
    "digits": "digits --quick --epochs 12 --seeds 2 --limit 100 --every 1",
    "sweep": "digits --quick --epochs 11 --sweep 2,4 --seeds 2 --jobs 1 --every 1",
    "sweep in processes": "digits --quick --epochs 11 --sweep 2,4 --seeds 2 --jobs 2 --every 1",
}
SHORT = "half-moons --quick --epochs 31 --seeds 2 --every 20"  # whose every step is killed
SHARES = {"half-moons": 4, "regression": 4, "digits": 4, "sweep": 3, "sweep in processes": 1}
STEPS = ("open", "mkdir", "write", "fsync", "replace", "close", "unlink", "rmdir")
PATIENCE = 60.0  # seconds in which workers must be gone


def digest(state, optimiser):
    """A checksum of all that a state holds, seconds apart."""
    arrays = [state.network.parameters]
    memory = saved.packed(optimiser.memory_as_plain(state.memory), "memory", arrays)
    if state.best is not None:
        arrays.append(state.best[1].parameters)
    counts = [getattr(state, name) for name in saved.COUNTS]
    best = state.best and state.best[0]
    history = timeless(plain(state.history))
    told = json.dumps([memory, counts, best, state.generator, history, state.network.sizes])
    return hashlib.sha256(told.encode() + b"".join(a.tobytes() for a in arrays)).hexdigest()


class Child:
    """A fork of this process that runs a command; `before` runs in it first."""

    def __init__(self, words, folder, before=None):
        begun = (folder / "kept" / "origin.json").exists()
        call = [*words, "--out", str(folder / "out"), "--checkpoint", str(folder / "kept")]
        folder.mkdir(parents=True, exist_ok=True)
        self.log = folder / "log"
        sys.stdout.flush()
        self.pid = os.fork()
        if self.pid == 0:
            status = 99
            try:
                with open(self.log, "w", encoding="utf-8") as log:
                    os.dup2(log.fileno(), 1)
                    os.dup2(log.fileno(), 2)
                    os.environ["SENNPY_KILLED"] = str(os.getpid())  # its workers have it
                    if before is not None:
                        before()
                    status = main([*call, *(["--resume"] if begun else [])])
            finally:
                os._exit(status)

    def wait(self):
        """Its exit status, negative for a signal."""
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])

    def killed_after(self, seconds):
        """Whether it was killed after a time; if not, it had ended by itself, and well."""
        until = time.monotonic() + seconds
        while time.monotonic() < until and not self.has_ended():
            time.sleep(0.001)
        os.kill(self.pid, signal.SIGKILL)  # its number is its own until it is waited for
        status = self.wait()
        assert status in (0, -signal.SIGKILL), self.log.read_text(encoding="utf-8")
        return status != 0

    def has_ended(self):
        return os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


class Whole:
    """A command that is never stopped: its results, and each state that it passed through."""

    def __init__(self, words, folder):
        self.words, self.folder, at = words, folder, words.index("--every")
        noted = [*words[:at], "--every", "1", *words[at + 2 :]]
        if "--jobs" in noted:  # workers note nothing
            noted[noted.index("--jobs") + 1] = "1"
        assert Child(noted, folder, noting_states(folder)).wait() == 0, self.told()
        lines = (folder / "states").read_text().splitlines()
        self.states = {(name, int(epoch)): d for name, epoch, d in map(str.split, lines)}
        self.results, self.rows = results(folder), rows(folder / "kept")
        begun = time.monotonic()
        assert Child(words, folder / "again").wait() == 0
        self.seconds = time.monotonic() - begun
        self.check_end(folder / "again")

    def told(self):
        return (self.folder / "log").read_text(encoding="utf-8")

    def check_what_is_there(self, folder):
        """AssertionError unless all that a killed command left is whole and of this run; how much
        that is.
        """
        kept, found = folder / "kept", 0
        if (kept / "origin.json").exists():
            assert json.loads((kept / "origin.json").read_text())["format"] == FORMAT
        for name, row in rows(kept).items():
            assert row == self.rows[name], f"row {name} is another"
            found += 1
        for path in kept.glob("runs/**/state"):
            file = saved.read_state(path)
            state = file.state(saved.OURS[file.optimiser]())
            there = digest(state, saved.OURS[file.optimiser]())
            if state.epoch:  # an error or signal in the first epoch leaves the start
                assert there == self.states[path.parent.name, state.epoch], f"{path} is another"
            found += 1
        return found

    def check_end(self, folder):
        """AssertionError unless the results of a command that went on are those of this one."""
        there = results(folder)
        assert there.keys() == self.results.keys()
        for name, content in self.results.items():
            assert there[name] == content, f"{folder / 'out' / name} is another"


def noting_states(folder):
    """A function after which this process notes each state that is written."""
    real = resuming.save_state

    def save(state, path, optimiser, *rest):
        with open(folder / "states", "a", encoding="utf-8") as file:
            file.write(f"{Path(path).parent.name} {state.epoch} {digest(state, optimiser)}\n")
        return real(state, path, optimiser, *rest)

    return lambda: setattr(resuming, "save_state", save)


def results(folder):
    """What a command wrote, by name, seconds apart; what it was writing when killed is left out."""
    return {
        path.name: json.dumps(timeless(json.loads(path.read_text())))
        if path.suffix == ".json" else path.read_bytes()
        for path in (folder / "out").iterdir() if path.suffix != ".partial"
    }  # fmt: skip


def rows(kept):
    """The rows of a store, by name, seconds apart."""
    return {path.stem: timeless(json.loads(path.read_text())) for path in kept.glob("rows/*.json")}


def kills_at_random(whole, number, folder, rng):
    """Kill a command at so many random moments, and let it go on; how much was there each time."""
    found, chain = [], 0
    while len(found) < number:
        chain += 1
        here = folder / f"chain-{chain}"
        child = Child(whole.words, here)
        while len(found) < number and child.killed_after(rng.uniform() * whole.seconds):
            wait_for_workers(child.pid)
            found.append(whole.check_what_is_there(here))
            child = Child(whole.words, here)
        if len(found) == number:
            assert child.wait() == 0, child.log.read_text()
        whole.check_what_is_there(here)
        whole.check_end(here)
        shutil.rmtree(here)
    return found


def kills_at_steps(whole, number, folder):
    """Kill a command before each call by which files are written, so many in all; how many."""
    counter = folder / "steps"
    assert Child(whole.words, folder / "counted", counting(counter)).wait() == 0
    steps = len(counter.read_bytes())
    chosen = np.unique(np.linspace(1, steps, min(number, steps)).astype(int))
    for at in chosen:
        here = folder / f"step-{at}"
        child = Child(whole.words, here, counting(counter, int(at)))
        assert child.wait() == -signal.SIGKILL, child.log.read_text()
        whole.check_what_is_there(here)
        child = Child(whole.words, here)
        assert child.wait() == 0, child.log.read_text()
        whole.check_end(here)
        shutil.rmtree(here)
    return len(chosen)


def counting(counter, at=None):
    """A function after which a process counts its `STEPS`, and kills itself before one of them."""
    calls = []

    def watched(real):
        def call(*arguments, **named):
            calls.append(real)
            if len(calls) == at:
                os.kill(os.getpid(), signal.SIGKILL)
            if at is None:
                with builtins.open(counter, "ab") as file:
                    file.write(b".")
            return real(*arguments, **named)

        return call

    def watch():
        for name in STEPS:
            setattr(os, name, watched(getattr(os, name)))

    return watch


def wait_for_workers(parent):
    """Wait until no process is left that a killed one has started; AssertionError if one stays."""
    until = time.monotonic() + PATIENCE
    while left := [pid for pid in started_by(parent) if pid != parent]:
        assert time.monotonic() < until, f"{left} live on"
        time.sleep(0.05)
    names = os.listdir("/dev/shm") if os.path.isdir("/dev/shm") else []
    assert not [name for name in names if f"-{parent}-" in name or name.endswith(f"_{parent}")]


def started_by(parent):
    """Processes that live and whose environment tells that a process has started them."""
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            state = (folder / "stat").read_text().rpartition(")")[2].split()[0]
            environment = (folder / "environ").read_bytes().split(b"\0")
            if state != "Z" and f"SENNPY_KILLED={parent}".encode() in environment:
                yield int(folder.name)


def run():
    """All of it, as the command line says."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--kills", type=int, default=200)
    options.add_argument("--steps", type=int, default=100_000)
    options.add_argument("--seed", type=int, default=0)
    options.add_argument("--commands", nargs="+", default=list(COMMANDS), choices=COMMANDS)
    given = options.parse_args()
    rng, told = np.random.default_rng(given.seed), {}
    shares = {name: SHARES[name] for name in given.commands}
    digits.baselines = lambda seed, **subset: {"the others": 0.5}  # they take seconds
    for place, name, tells in figures_that_tell():
        setattr(place, name, tells)
    with tempfile.TemporaryDirectory(prefix="sennpy-killed-") as folder:
        left = given.kills
        for name in given.commands:  # load and compile, once for all forks
            with contextlib.redirect_stdout(sys.stderr):
                main([*COMMANDS[name].split()[:4], "--out", folder])
        for i, name in enumerate(given.commands):
            here = Path(folder) / name.replace(" ", "-")
            share = round(left * shares[name] / sum(list(shares.values())[i:]))
            left -= share
            begun = time.monotonic()
            whole = Whole(COMMANDS[name].split(), here / "whole")
            found = kills_at_random(whole, share, here, rng)
            told[name] = {"kills": len(found), "with something kept": sum(n > 0 for n in found)}
            if name == "half-moons":
                whole = Whole(SHORT.split(), here / "short")
                told[name]["steps of writing"] = kills_at_steps(whole, given.steps, here)
            told[name]["seconds"] = round(time.monotonic() - begun, 1)
            print(name, told[name], file=sys.stderr, flush=True)
    print(json.dumps(told))


if __name__ == "__main__":
    run()
