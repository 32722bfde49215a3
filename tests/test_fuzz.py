"""Files of each kind, damaged at random: refused by name, or what they were; see `fuzz.py`."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from mutants import damaged, generator, nonsense

pytest.importorskip("resource", reason="memory is told by POSIX")
FUZZ = Path(__file__).with_name("fuzz.py")
KINDS = {"network", "state", "task", "data", "idx", "history", "record"}
PLANTED = """
    import pickle, sys, tempfile, warnings
    from pathlib import Path
    sys.path.insert(0, {folder!r})
    import fuzz

    class Executes(fuzz.Kind):
        def write(self):
            self.path.write_bytes(pickle.dumps(fuzz.Watch))
        def read(self):
            try:
                return pickle.loads(self.path.read_bytes())
            except Exception:
                raise ValueError(str(self.path)) from None

    class Nameless(fuzz.Kind):
        def write(self):
            self.path.write_bytes(b"12")
        def read(self):
            return [int(self.path.read_bytes()), 1][1]

    class Leaks(Nameless):
        def read(self):
            return {{b"12": 1}}[self.path.read_bytes()]

    class Believes(Nameless):
        def read(self):
            return self.path.read_bytes()

    class Swells(Nameless):
        def read(self):
            if self.path.read_bytes() != b"12":
                b"x" * (20 * fuzz.GROWTH)
            return self.path.read_bytes()

    watch, fuzz.GROWTH = fuzz.Watch(), 2 << 20
    for kind in (Executes, Nameless, Leaks, Believes, Swells):
        fuzz.KINDS["planted"] = kind
        with tempfile.TemporaryDirectory() as folder:
            found = fuzz.fuzz("planted", 20, 0, Path(folder), watch, kept=Path(folder))
        print(kind.__name__, found["broken"][-1:])
"""


def child(*words, **options):
    """What a process of its own prints: a file's memory and its doings are those of the process."""
    done = subprocess.run(
        [sys.executable, *words], capture_output=True, text=True, timeout=7200, **options
    )
    return done.stdout, done.stderr


def run(files, seed):
    """The counts of a run by kind; nothing may be broken."""
    printed, errors = child(str(FUZZ), "--files", str(files), "--seed", str(seed))
    found = json.loads(printed)
    assert set(found) == KINDS, errors
    for name, counts in found.items():
        assert counts["broken"] == [], name
        assert counts["refused"] + counts["same"] + counts["another"] == files
        assert counts["refused"] > files / 4, name
    return found


def test_five_hundred_damaged_files_are_refused_or_are_what_they_were():
    found = run(72, seed=0)
    assert all(found[name]["another"] for name in ("network", "task", "data", "history", "record"))
    assert not found["state"]["another"] and not found["idx"]["another"]  # their checksums hold


@pytest.mark.long
def test_twenty_thousand_damaged_files_of_each_kind_are_refused_or_are_what_they_were():
    run(20_000, seed=1)


def test_what_breaks_the_laws_is_seen(tmp_path):
    program = "\n".join(line[4:] for line in PLANTED.split("\n")).format(folder=str(FUZZ.parent))
    printed, errors = child("-c", program, cwd=tmp_path)
    lines = dict(line.split(" ", 1) for line in printed.splitlines())
    for name, what in [
        ("Executes", "pickle.find_class"), ("Nameless", "it is not named"), ("Leaks", "KeyError"),
        ("Believes", "it reads as something else"), ("Swells", "memory grew by"),
    ]:  # fmt: skip
        assert what in lines[name], errors


def test_equal_seeds_do_equal_damage_and_others_do_not():
    good = json.dumps({"epochs": [{"loss": 0.5}] * 20}).encode()
    for harm in (damaged, nonsense):
        once, again, other = ([harm(good, generator(s, i)) for i in range(30)] for s in (1, 1, 2))
        assert once == again != other and sum(made != good for made in once) > 25
