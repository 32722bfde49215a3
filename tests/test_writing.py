"""Files are written whole or not at all."""

import ast
import errno
import json
import os
import re
import stat
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import matplotlib.pyplot as plt
import pytest
from test_house import TEXTS

import sennpy
from sennpy import MLP, plots
from sennpy.writing import check_writable, write_json, write_text, written_whole

ON_POSIX = pytest.mark.skipif(os.name != "posix", reason="modes and devices of POSIX")
NOT_AS_ROOT = pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere"
)


def write(path, data=b"new"):
    with written_whole(path) as file:
        file.write(data)


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


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="what a process has open, in Linux")
@pytest.mark.parametrize("kind", ["its number", "a link to it", "deleted"])
def test_what_a_process_has_open_is_not_replaced(kind, tmp_path):
    with open(tmp_path / "output", "wb") as output:  # as of `python script.py > output`
        path = Path(f"/proc/self/fd/{output.fileno()}")
        if kind == "a link to it":
            (tmp_path / "stdout").symlink_to(path)
            path = tmp_path / "stdout"
        elif kind == "deleted":
            (tmp_path / "output").unlink()
        with pytest.raises(OSError, match=f"an open file of a process.*{path}"):
            sennpy.save(MLP.random((2, 1), rng=0), path)
        inode = os.fstat(output.fileno()).st_ino
    assert kind == "deleted" or (tmp_path / "output").stat().st_ino == inode
    assert {*os.listdir(tmp_path)} <= {"output", "stdout"}


@ON_POSIX
def test_standard_output_is_not_replaced(tmp_path):
    saving = "import sennpy; sennpy.save(sennpy.MLP.random((2, 1), rng=0), '/dev/stdout')"
    with open(tmp_path / "output", "wb") as output:
        done = subprocess.run([sys.executable, "-c", saving], stdout=output, stderr=subprocess.PIPE)
    assert done.returncode and b"OSError: [Errno 22]" in done.stderr.splitlines()[-1]
    assert (tmp_path / "output").read_bytes() == b"" and os.listdir(tmp_path) == ["output"]


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
    end, count = time.monotonic() + float(sys.argv[2]), 0
    while time.monotonic() < end:
        sennpy.save(nets[count % 2], "net.npz")
        count += 1
    print(count)
"""


@pytest.mark.parametrize("seconds", [2, pytest.param(60, marks=pytest.mark.long)])
def test_two_processes_write_while_a_third_reads(seconds, tmp_path):
    nets = {k: MLP.random((2, 60, k, 1), rng=k) for k in (3, 5, 40)}
    path = tmp_path / "net.npz"
    sennpy.save(nets[40], path)
    script = textwrap.dedent(SAVING)
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", script, str(k), str(seconds)], cwd=tmp_path, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
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


def test_json_is_written_whole_and_without_what_it_cannot_hold(tmp_path):
    write_json(tmp_path / "a" / "b.json", {"x": float("inf"), "y": [1, 2.5, "ä"]})
    text = (tmp_path / "a" / "b.json").read_text(encoding="utf-8")
    assert json.loads(text) == {"x": None, "y": [1, 2.5, "ä"]} and text.endswith("\n")
    assert os.listdir(tmp_path / "a") == ["b.json"]


def test_a_picture_is_written_whole(tmp_path, monkeypatch):
    path = tmp_path / "picture.png"
    plots.save(plots.axes(None).figure, path)
    whole = path.read_bytes()
    plots.save(plots.axes(None).figure, tmp_path / "no ending")
    assert whole.startswith(b"\x89PNG") and (tmp_path / "no ending").read_bytes() == whole

    def breaks_off(figure, file, **how):
        file.write(b"half")
        raise OSError("no space left on device")

    figure = plots.axes(None).figure
    monkeypatch.setattr(type(figure), "savefig", breaks_off)
    with pytest.raises(OSError, match="no space left"):
        plots.save(figure, path)
    plt.close(figure)
    assert path.read_bytes() == whole and len(os.listdir(tmp_path)) == 2


# --- Nobody else writes --------------------------------------------------------------------------

WRITERS = {
    ("writing.py", "fdopen"), ("plots/style.py", "savefig"),  # into what `written_whole` opened
    ("datasets/idx.py", "open"),  # what a download has so far, which is this process's alone
    ("training/callbacks.py", "open"),  # lines appended while it trains, to be read meanwhile
}  # fmt: skip
WRITE = {"write_text", "write_bytes", "savefig", "savez", "savez_compressed", "savetxt", "imsave"}


def writes(text):
    """Names of the calls in a file that write to a file of their own."""
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.Call):
            continue
        called = node.func.attr if isinstance(node.func, ast.Attribute) else ast.unparse(node.func)
        words = [arg.value for arg in [*node.args, *(k.value for k in node.keywords)]
                 if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]  # fmt: skip
        modes = re.findall(r'"[rwxab+t]*[wxa+][rwxab+t]*"', ast.unparse(node).replace("'", '"'))
        if called in ("open", "fdopen") and modes:
            yield called
        elif called in WRITE and isinstance(node.func, ast.Attribute):
            into = ast.unparse(node.args[0]) if node.args else ""
            if into != "file" or words:
                yield called


def test_what_writes_is_seen():
    lines = [
        "path.write_text(text)", "path.write_bytes(b'')", "open(path, 'w')", "path.open('wb')",
        "np.savez(path, x=1)", "figure.savefig('a.png')", "open(path, mode='a+')",
    ]  # fmt: skip
    assert [len(list(writes(line))) for line in lines] == [1] * len(lines)
    for line in ("write_text(path, text)", "open(path, 'rb')", "np.savez(file, x=1)", "open(path)"):
        assert not list(writes(line))


def test_whatever_the_package_writes_goes_through_one_helper():
    found = {(file, name) for file, text in TEXTS.items() for name in writes(text)}
    assert found == WRITERS
