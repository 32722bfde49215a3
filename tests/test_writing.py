"""Files are written whole or not at all, and read with suspicion."""

import errno
import json
import os
import stat
import struct
import subprocess
import sys
import textwrap
import time
import zipfile
from pathlib import Path

import numpy as np
import pytest
from runs import QUICK, SQUARED, changed, curve, sightings

import sennpy
from sennpy import MLP, SENN
from sennpy.training.archive import read_arrays
from sennpy.training.checkpoint import load_history
from sennpy.training.saved import load_state, save_state
from sennpy.writing import check_writable, write_json, write_text, written_whole

FLIPS, CUTS = 200, 40
ON_POSIX = pytest.mark.skipif(os.name != "posix", reason="modes and devices of POSIX")
NOT_AS_ROOT = pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere"
)


def write(path, data=b"new"):
    with written_whole(path) as file:
        file.write(data)


# --- Written whole -------------------------------------------------------------------------------


def test_a_file_is_there_once_it_is_complete(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"old")
    with written_whole(path) as file:
        file.write(b"new")
        assert path.read_bytes() == b"old"
        names = {name for name in os.listdir(tmp_path) if name != "file"}
        with written_whole(path) as other:  # that of another is another
            other.write(b"between")
            more = {name for name in os.listdir(tmp_path) if name != "file"}
            assert len(names) == 1 and len(more) == 2 and names < more
        assert path.read_bytes() == b"between"
    assert path.read_bytes() == b"new" and os.listdir(tmp_path) == ["file"]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_what_fails_leaves_the_file_of_before_and_those_of_others(error, tmp_path):
    path = tmp_path / "file"
    others = [tmp_path / "file.partial", tmp_path / "file.0123456789abcdef.partial"]
    for other in (path, *others):
        other.write_bytes(b"old")
    with pytest.raises(error), written_whole(path) as file:
        file.write(b"half")
        raise error
    assert {p.read_bytes() for p in tmp_path.iterdir()} == {b"old"}
    assert len(os.listdir(tmp_path)) == 3


def test_file_and_folder_are_on_the_disk_before_and_after_the_name_changes(tmp_path, monkeypatch):
    steps, real_fsync, real_replace = [], os.fsync, os.replace

    def fsync(number):
        kind = "folder" if stat.S_ISDIR(os.fstat(number).st_mode) else "file"
        steps.append((kind, os.fstat(number).st_size if kind == "file" else None))
        real_fsync(number)

    def replace(*names):
        steps.append("replace")
        real_replace(*names)

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(os, "replace", replace)
    write(tmp_path / "file")
    after = [("folder", None)] if os.name == "posix" else []
    assert steps == [("file", 3), "replace", *after]


@ON_POSIX
@pytest.mark.parametrize("mode", [0o600, 0o644, 0o664, 0o755])
def test_a_file_that_is_replaced_hands_on_its_mode(mode, tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"old")
    path.chmod(mode)
    sennpy.save(MLP.random((2, 1), rng=0), path)
    assert stat.S_IMODE(path.stat().st_mode) == mode
    sennpy.load(path)


@ON_POSIX
def test_a_new_file_has_the_mode_of_new_files(tmp_path):
    for mask in (0o022, 0o077):
        before = os.umask(mask)
        try:
            write(tmp_path / str(mask))
        finally:
            os.umask(before)
        assert stat.S_IMODE((tmp_path / str(mask)).stat().st_mode) == 0o666 & ~mask


@ON_POSIX
def test_a_symbolic_link_stays_one_and_its_target_is_replaced(tmp_path):
    (tmp_path / "far").mkdir()
    for name, target in [("link", "far/file"), ("chain", "link"), ("dangling", "far/new")]:
        (tmp_path / name).symlink_to(target)
    (tmp_path / "far" / "file").write_bytes(b"old")
    for name, target in [("link", "file"), ("chain", "file"), ("dangling", "new")]:
        write(tmp_path / name, name.encode())
        assert (tmp_path / name).is_symlink()
        assert (tmp_path / "far" / target).read_bytes() == name.encode()
        assert not (tmp_path / "far" / target).is_symlink()
    assert sorted(os.listdir(tmp_path)) == ["chain", "dangling", "far", "link"]
    assert sorted(os.listdir(tmp_path / "far")) == ["file", "new"]
    for name, target in [("a", "b"), ("b", "a"), ("no", "x/y")]:  # a circle; to nowhere
        (tmp_path / name).symlink_to(target)
    for name in ("a", "no"):
        with pytest.raises(OSError, match=f"{name}'"):
            write(tmp_path / name)


@ON_POSIX
@pytest.mark.parametrize("kind", ["device", "pipe", "folder", "link to a device"])
def test_what_is_no_regular_file_is_refused(kind, tmp_path):
    path = tmp_path / "thing"
    if kind == "device":
        path = Path("/dev/full")
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    else:
        path.symlink_to("/dev/full")
    before = os.stat(path).st_mode
    net = MLP.random((2, 1), rng=0)
    what = "a folder, expected the name" if kind == "folder" else "expected a regular file"
    for writer in (write, lambda p: sennpy.save(net, p), lambda p: write_json(p, {})):
        with pytest.raises(OSError, match=rf"{what}.*{path}") as caught:
            writer(path)
        assert caught.value.filename == str(path)
    assert os.stat(path).st_mode == before
    assert {*os.listdir(tmp_path)} <= {"thing"}


def test_a_folder_that_is_not_there_is_told_by_the_path_that_was_given(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_bytes(b"old")
    for path in ("no/folder/net", "file/net"):
        with pytest.raises(OSError, match=rf"'{path}'"):
            sennpy.save(MLP.random((2, 1), rng=0), path)
    write_text("new/folder/text", "ä\n")  # reports make their folder
    assert Path("new/folder/text").read_text(encoding="utf-8") == "ä\n"
    with pytest.raises(TypeError):
        check_writable(3)


@NOT_AS_ROOT
def test_write_protected_folders_and_files_are_respected(tmp_path):
    folder = tmp_path / "shut"
    folder.mkdir()
    (tmp_path / "file").write_bytes(b"old")
    (tmp_path / "file").chmod(0o444)
    folder.chmod(0o555)
    for path, what in [(folder / "file", "its folder is write"), (tmp_path / "file", "is write")]:
        with pytest.raises(PermissionError, match=f"{what}-protected: '{path}'"):
            write(path)
    assert (tmp_path / "file").read_bytes() == b"old"


def test_write_protection_is_told(tmp_path, monkeypatch):
    """As above, for those who run the tests as root."""
    path = tmp_path / "file"
    path.write_bytes(b"old")
    for shut, what in [(path, "is write-protected"), (tmp_path, "its folder is write-protected")]:
        monkeypatch.setattr(os, "access", lambda place, mode, shut=shut: place != shut)
        with pytest.raises(PermissionError, match=f"{what}: '{path}'"):
            write(path)
    assert path.read_bytes() == b"old" and os.listdir(tmp_path) == ["file"]


@pytest.mark.parametrize("step", ["open", "chmod", "fsync", "replace"])
def test_an_error_of_the_system_names_the_path_that_was_given(step, tmp_path, monkeypatch):
    path = tmp_path / "file"
    path.write_bytes(b"old")
    real = getattr(os, step)

    def fails(what, *rest):
        if step in ("open", "chmod") and Path(what) == tmp_path:
            return real(what, *rest)
        raise OSError(errno.ENOSPC, "No space left on device", *([what] if step != "fsync" else []))

    monkeypatch.setattr(os, step, fails)
    with pytest.raises(OSError, match=rf"No space left on device: '{path}'") as caught:
        write(path)
    assert caught.value.errno == errno.ENOSPC
    assert path.read_bytes() == b"old" and os.listdir(tmp_path) == ["file"]


def test_errors_of_other_files_keep_their_names(tmp_path):
    with pytest.raises(FileNotFoundError, match="elsewhere"), written_whole(tmp_path / "file"):
        open(tmp_path / "elsewhere").close()
    assert os.listdir(tmp_path) == []


def test_names_of_any_length(tmp_path):
    for name in ("x" * 255, "ä" * 127, "🦋" * 60):
        write(tmp_path / name)
        assert (tmp_path / name).read_bytes() == b"new"


SAVING = """
    import sys, time
    from pathlib import Path
    import sennpy
    nets = [sennpy.MLP.random((2, 60, k, 1), rng=k) for k in (int(sys.argv[1]), 40)]
    Path(f"ready-{sys.argv[1]}").touch()
    while not Path("go").exists():
        time.sleep(0.001)
    end, count = time.monotonic() + 2, 0
    while time.monotonic() < end:
        sennpy.save(nets[count % 2], "net.npz")
        count += 1
    print(count)
"""


def test_two_processes_write_while_a_third_reads(tmp_path):
    nets = {k: MLP.random((2, 60, k, 1), rng=k) for k in (3, 5, 40)}
    path = tmp_path / "net.npz"
    sennpy.save(nets[40], path)
    script = textwrap.dedent(SAVING)
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", script, str(k)], cwd=tmp_path, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True,
        )
        for k in (3, 5)
    ]  # fmt: skip
    while len(list(tmp_path.glob("ready-*"))) < 2 and all(w.poll() is None for w in writers):
        time.sleep(0.01)
    (tmp_path / "go").touch()
    seen = {3: 0, 5: 0, 40: 0}
    while any(writer.poll() is None for writer in writers):
        net = sennpy.load(path)
        seen[net.sizes[2]] += 1
        assert net.parameters.tobytes() == nets[net.sizes[2]].parameters.tobytes()
    for writer in writers:
        printed, errors = writer.communicate()
        assert writer.returncode == 0 and int(printed) > 10, errors
    assert all(seen.values())
    assert not list(tmp_path.glob("*.partial"))


# --- Read with suspicion -------------------------------------------------------------------------


@pytest.fixture(scope="module")
def trained():
    settings = changed(QUICK, epochs=12, cooldown=4, tau=0.01, alpha=0.0, solver="pcg")
    start = MLP.random((1, 1, 1), rng=0)
    return SENN(SQUARED, settings).fit(start, *curve(), validation=curve(7, 1)), settings


def of_network(path):
    net = sennpy.load(path)
    return net.parameters.tobytes(), net.sizes, net.dtype, sightings(load_history(path))


def of_state(path):
    state = load_state(path)
    memory = [a.tobytes() for layer in state.memory.preconditioner.layers for a in layer]
    return (
        state.network.parameters.tobytes(), state.best[1].parameters.tobytes(), state.best[0],
        memory, sightings(state.history), state.generator, state.seconds,
    )  # fmt: skip


def written(kind, trained, path):
    """A file of a kind, and what reads it."""
    fit, settings = trained
    if kind == "network":
        sennpy.save(fit.network, path, fit.history)
        return of_network
    save_state(fit.state, path, settings.optimiser)
    return of_state


def is_told(read, path, expected):
    """Whether a file reads as what was written (True), or is refused by an error that names it."""
    try:
        return read(path) == expected or pytest.fail("it reads as something else")
    except ValueError as error:
        assert str(path) in str(error)
        return False


@pytest.mark.parametrize("kind", ["network", "state"])
def test_a_damaged_file_is_refused_or_is_what_it_was(kind, trained, tmp_path):
    path, rng = tmp_path / "file.npz", np.random.default_rng(13)
    read = written(kind, trained, path)
    expected, whole = read(path), path.read_bytes()
    ends = whole.rindex(b"PK\x01\x02")  # damage where it is looked for: in the list of members
    places = [*rng.integers(len(whole), size=FLIPS), *rng.integers(ends, len(whole), FLIPS // 4)]
    places += [*rng.integers(whole.index(b"PK\x01\x02"), len(whole), FLIPS // 4)]
    for place in places:
        damaged = bytearray(whole)
        damaged[place] ^= 1 << rng.integers(8)
        path.write_bytes(damaged)
        is_told(read, path, expected)
    for length in rng.integers(len(whole), size=CUTS):
        path.write_bytes(whole[:length])
        assert not is_told(read, path, expected)
    for more in (whole + b"x", b"x" + whole, whole + whole):
        path.write_bytes(more)
        assert not is_told(read, path, expected)


def rezipped(path, change=lambda name, data: [(name, data)], compressed=zipfile.ZIP_STORED):
    """The members of a file, each changed into others, in a new file."""
    with zipfile.ZipFile(path) as file:
        members = [(info.filename, file.read(info)) for info in file.infolist()]
    with zipfile.ZipFile(path, "w", compressed) as file:
        for name, data in members:
            for new_name, new_data in change(name, data):
                file.writestr(new_name, new_data)


def only(member, data):
    return lambda name, old: [(name, data(old) if name == member else old)]


def header(text):
    """An .npy file whose header is some text."""
    text = text.encode().ljust(117) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text


@pytest.mark.parametrize("kind", ["network", "state"])
@pytest.mark.parametrize(
    "change, message",
    [
        (lambda n, d: [(n, d), ("stray.npy", d)], "more than once"),
        (lambda n, d: [(n, d), (n + "x", d)], "which is no array"),
        (lambda n, d: [(n, d[:-1])], "is not what its"),
        (lambda n, d: [(n, d + b"x")], "is not what its"),
        (lambda n, d: [(n, b"")], "no .npz file of plain arrays"),
        (lambda n, d: [(n, header("{'descr': '<f8', 'fortran_order': False, 'shape': "
                                  "(9000000000,), }"))], "is not what its"),
        (lambda n, d: [(n, header("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }"))],
         "no objects"),
        (lambda n, d: [(n, header("(" * 100))], "no .npz file"),
        (lambda n, d: [(n, header("{'descr': '<f8', 'fortran_order': False, 'shape': "
                                  "(-1,), }"))], "no .npz file"),
        (lambda n, d: [(n, d[:6] + b"\x09" + d[7:])], "no .npz file"),
    ],
)  # fmt: skip
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_an_archive_of_something_else_is_refused(kind, change, message, trained, tmp_path):
    path = tmp_path / "file.npz"
    read = written(kind, trained, path)
    rezipped(path, change)
    with pytest.raises(ValueError, match=rf"file.npz is no .npz file.*{message}|{message}"):
        read(path)


@pytest.mark.parametrize("kind", ["network", "state"])
def test_a_small_file_does_not_take_much_memory(kind, trained, tmp_path):
    path = tmp_path / "file.npz"
    read = written(kind, trained, path)
    rezipped(path, compressed=zipfile.ZIP_DEFLATED)
    with pytest.raises(ValueError, match=r"file.npz is no .npz file .*is compressed"):
        read(path)


def test_a_stray_member_and_other_types_are_refused(trained, tmp_path):
    path = tmp_path / "net.npz"
    for change, message in [
        ({"more": np.ones(3)}, "does not hold a network: there is 'more', which is no part of it"),
        ({"weights_x": np.ones(3)}, "there is 'weights_x'"),
        ({"weights_0": np.ones((2, 1), complex)}, "arrays have dtype complex128, float64, expec"),
        ({"weights_0": np.ones((2, 1), np.float16)}, "arrays have dtype float16, float64"),
        ({"weights_0": np.ones((2, 1), np.float32)}, "arrays have dtype float32, float64"),
        ({"weights_0": np.array([["a"], ["b"]])}, "arrays have dtype .*U1"),
    ]:
        written("network", trained, path)
        with np.load(path) as file:
            held = {name: file[name] for name in file.files} | change
        np.savez(path, **held)
        with pytest.raises(ValueError, match=message):
            sennpy.load(path)


@pytest.mark.parametrize(
    "where, changes",
    [
        ("epochs", {"loss": "low"}), ("epochs", {"epoch": 1.0}), ("epochs", {"epoch": True}),
        ("epochs", {"sizes": [1, "2"]}), ("epochs", {"sizes": 3}), ("epochs", {"eta": []}),
        ("looks", {"proposer": "mala"}), ("looks", {"candidates": [3]}), ("looks", {"lam": None}),
        ("looks", {"candidates": [{"kind": "neuron", "place": "0"}]}), ("looks", {"more": 1}),
        ("additions", {"candidate": {"kind": 1, "place": 0}}), ("additions", {"together": None}),
        ("additions", {"candidate": None}), ("additions", {"moved": {}}),
    ],
    ids=str,
)  # fmt: skip
def test_a_history_holds_what_its_records_say(where, changes, trained, tmp_path):
    path = tmp_path / "net.npz"
    written("network", trained, path)
    with np.load(path) as file:
        held = {name: file[name] for name in file.files}
    history = json.loads(str(held["history"]))
    history[where][0] |= changes
    np.savez(path, **held | {"history": json.dumps(history)})
    with pytest.raises(ValueError, match=r"net.npz holds a history that cannot be read"):
        load_history(path)


def test_data_of_others_may_be_compressed(tmp_path):
    path = tmp_path / "data.npz"
    X = np.arange(6.0).reshape(2, 3).T
    np.savez_compressed(path, X=X, t=np.ones((0, 2)), name="ä")
    held = read_arrays(path)
    assert np.array_equal(held["X"], X) and held["X"].flags.f_contiguous
    assert held["t"].shape == (0, 2) and str(held["name"]) == "ä"


def test_json_is_written_whole_and_without_what_it_cannot_hold(tmp_path):
    write_json(tmp_path / "a" / "b.json", {"x": float("inf"), "y": [1, 2.5, "ä"]})
    text = (tmp_path / "a" / "b.json").read_text(encoding="utf-8")
    assert json.loads(text) == {"x": None, "y": [1, 2.5, "ä"]} and text.endswith("\n")
    assert os.listdir(tmp_path / "a") == ["b.json"]
