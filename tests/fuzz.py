"""Reads damaged files, many of each kind: each is refused by name, or is what it was.

    python tests/fuzz.py                       20,000 of each kind, some minutes
    python tests/fuzz.py --files 70            so many of each
    python tests/fuzz.py --kinds network idx   of these kinds

While a file is read nothing may be executed, sent or written, and memory may not grow by more than
`GROWTH`. Files that break these laws are kept, and the exit status is 1.
"""

import argparse
import codecs
import contextlib
import gzip
import io
import json
import re
import resource
import sys
import tempfile
import time
import warnings
from pathlib import Path

import idx_files
import numpy as np
import pytest
from mutants import damaged, generator, nonsense, repacked
from runs import QUICK, SQUARED, changed, curve, sightings

import sennpy
from sennpy import MLP, SENN
from sennpy.cli import parser
from sennpy.commands.agreement import agreement, leaves
from sennpy.commands.equations import read_data
from sennpy.commands.recorded import check_wishes, parsed_command, read_record
from sennpy.commands.replay import tell
from sennpy.datasets import idx, regression_case
from sennpy.training.checkpoint import load_history
from sennpy.training.saved import load_state, save_state

GROWTH = 32 << 20  # bytes
FORBIDDEN = {
    "exec", "compile", "pickle.find_class", "marshal.loads", "os.system", "os.exec", "os.fork",
    "os.posix_spawn", "subprocess.Popen", "socket.connect", "ctypes.dlopen", "os.remove",
    "os.rename", "os.mkdir", "shutil.rmtree",
}  # fmt: skip
FIGURE = Path(__file__).parents[1] / "figures" / "half-moons-splits.json"


class Watch:
    """Notes what the interpreter does that reading a file does not need."""

    def __init__(self):
        self.on, self.seen = False, []
        sys.addaudithook(self.hook)

    def hook(self, event, arguments):
        writing = (
            event == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wax+")
        )
        if self.on and (event in FORBIDDEN or writing):
            self.seen.append((event, repr(arguments)[:200]))


class Kind:
    """A kind of file: how one is made, read, damaged, and which other things it may be read as.

    `path` holds a good one at first; `equal` says whether what was read is what it holds.
    """

    def __init__(self, folder):
        self.path = folder / f"{type(self).__name__.lower()}.file"
        self.write()
        self.good, self.expected = self.path.read_bytes(), self.read()

    def damage(self, rng):
        """Damage the file; whether what it then holds may be another good thing."""
        self.path.write_bytes(damaged(self.good, rng))
        return False


class Arrays(Kind):
    """One that is an archive: half of them are damaged inside, and packed anew."""

    def damage(self, rng):
        if rng.random() < 0.6:
            return super().damage(rng)
        self.path.write_bytes(self.good)
        repacked(self.path, rng)
        return True


def trained():
    settings = changed(QUICK, epochs=12, cooldown=4, tau=0.01, alpha=0.0, solver="pcg")
    start = MLP.random((1, 1, 1), rng=0)
    return SENN(SQUARED, settings).fit(start, *curve(), validation=curve(7, 1)), settings


class Network(Arrays):
    def write(self):
        fit, _ = trained()
        sennpy.save(fit.network, self.path, fit.history)

    def read(self):
        net, history = sennpy.load(self.path), load_history(self.path)
        return net.parameters.tobytes(), net.sizes, net.dtype, repr(net), sightings(history)


class State(Arrays):
    def write(self):
        fit, settings = trained()
        save_state(fit.state, self.path, settings.optimiser)

    def read(self):
        state = load_state(self.path)
        best = (state.best[0], state.best[1].parameters.tobytes())
        memory = repr(state.memory.preconditioner.layers)
        counts = state.epoch, state.looks, state.looked, state.idle, state.still, state.seconds
        net = state.network.parameters.tobytes()
        return net, best, memory, counts, state.generator, sightings(state.history)


class Task(Arrays):
    def write(self):
        case = regression_case(Path(__file__).parent / "data" / "regression.npz")
        names = ("x_train_0", "y_train_0", "x_test_0", "y_test_0")
        arrays = {name: array[:60] for name, array in zip(names, case, strict=True)}
        with self.path.open("wb") as file:
            np.savez(file, **arrays)

    def read(self):
        return tuple((array.shape, array.tobytes()) for array in regression_case(self.path))


class Data(Arrays):
    """Compressed, with an array that nobody asked for."""

    def write(self):
        X, t = curve()
        with self.path.open("wb") as file:
            np.savez_compressed(file, X=X, t=t, more=np.arange(1000))

    def read(self):
        return tuple(
            (array.dtype.str, array.shape, array.tobytes()) for array in read_data(self.path)
        )


class Idx(Kind):
    def write(self):
        idx_files.write(self.path.parent / "mnist", pytest.MonkeyPatch())
        self.path.write_bytes((self.path.parent / "mnist" / idx_files.IMAGES).read_bytes())

    def read(self):
        return idx.read(self.path, idx_files.IMAGES).tobytes()

    def damage(self, rng):
        if rng.random() < 0.6:
            return super().damage(rng)
        self.path.write_bytes(gzip.compress(damaged(gzip.decompress(self.good), rng)))
        return False


class History(Kind):
    """The JSON within a network's file, whose checksum is right again."""

    def write(self):
        fit, _ = trained()
        self.fit = fit.network
        sennpy.save(fit.network, self.path, fit.history)
        with np.load(self.path) as file:
            self.held = {name: file[name] for name in file.files}

    def read(self):
        history = load_history(self.path)
        history.as_dict()
        for record in (*history.epochs, *history.looks, *history.additions):
            assert isinstance(record.epoch, int) and isinstance(repr(record), str)
        return sightings(history)

    def damage(self, rng):
        text = nonsense(str(self.held["history"]).encode(), rng).decode("utf-8", "replace")
        with self.path.open("wb") as file:
            np.savez(file, **self.held | {"history": text})
        return True


class Record(Kind):
    """Read, compared with the good one as `replay` does, and told."""

    def write(self):
        self.path.write_bytes(FIGURE.read_bytes())

    def read(self):
        found = read_record(self.path)
        arguments, _ = parsed_command(self.path, found["command"], PARSER)
        check_wishes(self.path, arguments)
        good = json.loads(FIGURE.read_bytes())
        told = io.StringIO()
        with contextlib.redirect_stdout(told):
            agrees = tell(agreement(found, good, exact=True), "")
        assert all(line.isprintable() for line in told.getvalue().split("\n"))
        known = dict(leaves(good))
        ours = {path: value for path, value in leaves(found) if path in known}
        assert not agrees or all(known[path] == value for path, value in ours.items())
        return agrees, found

    def damage(self, rng):
        self.path.write_bytes(nonsense(self.good, rng))
        return True


PARSER = parser()
KINDS = {kind.__name__.lower(): kind for kind in (Network, State, Task, Data, Idx, History, Record)}


def outcome(kind, rng, watch):
    """What comes of a damaged file: "refused", "same", "another"; AssertionError if it may not."""
    another = kind.damage(rng)
    watch.seen.clear()
    watch.on = True
    try:
        found = kind.read()
    except ValueError as error:
        watch.on = False
        assert str(kind.path) in str(error), f"it is not named: {error!r}"
        result = "refused"
    else:
        watch.on = False
        result = "same" if found == kind.expected else "another"
        assert result == "same" or another, "it reads as something else"
    finally:
        watch.on = False
    assert not watch.seen, f"it made the reader do {watch.seen}"
    return result


def peak(forget=False):
    """The most memory that this process has had, in bytes; if wanted, of what comes from now on."""
    with contextlib.suppress(OSError):
        if forget:
            Path("/proc/self/clear_refs").write_text("5")
        told = Path("/proc/self/status").read_text()
        return int(re.search(r"VmHWM:\s*(\d+) kB", told)[1]) << 10
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # where there is no /proc
    return most if sys.platform == "darwin" else most << 10


def fuzz(name, files, seed, folder, watch, kept=Path(tempfile.gettempdir())):
    """Damage and read so many files of a kind; what came of it. Those that break laws are kept."""
    kind = KINDS[name](folder)
    counts, broken, slowest = {"refused": 0, "same": 0, "another": 0}, [], 0.0
    before = peak(forget=True)
    for i in range(20):  # what is imported late is imported now
        with contextlib.suppress(Exception):
            outcome(kind, generator(seed, name, "first", i), watch)
    for i in range(files):
        start = time.perf_counter()
        try:
            counts[outcome(kind, generator(seed, name, i), watch)] += 1
        except Exception as error:
            copy = kept / f"fuzz-{name}-{seed}-{i}"
            copy.write_bytes(kind.path.read_bytes())
            broken.append(f"{copy}: {error!r}"[:500])
        slowest = max(slowest, time.perf_counter() - start)
    growth = peak() - before
    if growth > GROWTH:
        broken.append(f"memory grew by {growth} bytes")
    return counts | {"growth_bytes": growth, "slowest_seconds": slowest, "broken": broken}


def main():
    """Run what the command line asks for; exit with 1 if a law was broken."""
    command = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    command.add_argument("--files", type=int, default=20_000, help="of each kind (default 20000)")
    command.add_argument("--kinds", nargs="+", choices=KINDS, default=list(KINDS))
    command.add_argument("--seed", type=int, default=0)
    wanted, watch = command.parse_args(), Watch()
    for name in ("cp437", "unicode_escape"):  # of names in archives: not to be imported on the way
        codecs.lookup(name)
    warnings.simplefilter("error")
    found = {}
    for name in wanted.kinds:
        with tempfile.TemporaryDirectory() as folder:
            found[name] = fuzz(name, wanted.files, wanted.seed, Path(folder), watch)
        print(name, json.dumps(found[name]), file=sys.stderr, flush=True)
    print(json.dumps(found, indent=1))
    sys.exit(1 if any(kind["broken"] for kind in found.values()) else 0)


if __name__ == "__main__":
    main()
