"""Files are read with suspicion: what is damaged, or made by somebody, is refused in words."""

import contextlib
import json
import struct
import tracemalloc
import zipfile

import numpy as np
import pytest
from runs import QUICK, SQUARED, changed, curve, sightings

import sennpy
from sennpy import MLP, SENN, reading
from sennpy.commands.equations import read_data
from sennpy.datasets import regression_case
from sennpy.reading import Archive, read_arrays, read_json
from sennpy.training.checkpoint import load_history
from sennpy.training.saved import digest, load_state, save_state
from sennpy.writing import write_json

FLIPS, CUTS = 200, 40


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


# --- What somebody made --------------------------------------------------------------------------


def data_file(path, compressed, **arrays):
    (np.savez_compressed if compressed else np.savez)(path, **arrays)
    return path


@pytest.mark.parametrize("kind", ["data", "task", "network"])
def test_a_small_file_of_many_zeros_is_not_unpacked(kind, tmp_path, monkeypatch):
    assert reading.LARGEST <= 2**28
    monkeypatch.setattr(reading, "LARGEST", 2**20)
    path = data_file(
        tmp_path / "bomb.npz", True, X=np.zeros(2**20, np.int64), t=np.zeros(2),
        x_train_0=np.zeros(2**20), y_train_0=np.ones((4, 1)), x_test_0=np.ones((4, 1)),
        y_test_0=np.ones((4, 1)),
    )  # fmt: skip
    assert path.stat().st_size < 2**16
    read = {"data": read_data, "task": regression_case, "network": sennpy.load}[kind]
    with takes_at_most(2**20), pytest.raises(ValueError, match=r"bomb.npz is no .npz .*compressed"):
        read(path)


@contextlib.contextmanager
def takes_at_most(size):
    """A context that must not take more memory than so many bytes."""
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < size
    finally:
        tracemalloc.stop()


def test_what_unpacks_to_more_than_it_says_is_cut_off_there(tmp_path):
    path, told, size = tmp_path / "bomb.npz", 8192, 2**25
    data = header("{'descr': '<f8', 'fortran_order': False, 'shape': (1024,), }") + bytes(size)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("X.npy", data)
    lengths = (struct.pack("<I", len(data) - size + n) for n in (size, told))
    path.write_bytes(path.read_bytes().replace(*lengths))
    with takes_at_most(2**20), pytest.raises(ValueError, match=r"bomb.npz is no .npz .*Bad CRC"):
        read_arrays(path)


def overlapping(path, times):
    """A zip file whose list names one array many times."""
    data_file(path, False, X=np.zeros(2**14))
    whole = path.read_bytes()
    start = whole.index(b"PK\x01\x02")
    entry, end = whole[start:-22], whole[-22:]
    names = [entry.replace(b"X.npy", b"%c.npy" % (65 + i)) for i in range(times)]
    listed = b"".join(names)
    ending = end[:8] + struct.pack("<HHII", times, times, len(listed), start) + end[20:]
    path.write_bytes(whole[:start] + listed + ending)


def test_members_that_share_their_bytes_are_refused(tmp_path):
    overlapping(tmp_path / "file.npz", 24)
    with zipfile.ZipFile(tmp_path / "file.npz") as file:
        assert len(file.namelist()) == 24
    with pytest.raises(ValueError, match=r"file.npz is no .npz file .*: its members overlap"):
        read_arrays(tmp_path / "file.npz")


def test_what_is_not_asked_for_is_not_looked_at(tmp_path):
    path = data_file(
        tmp_path / "data.npz", False, X=np.ones((2, 1)), t=np.ones(2), more=np.array([{}], object)
    )
    X, t = read_data(path)
    assert X.shape == (2, 1) and t.shape == (2,)
    with pytest.raises(ValueError, match=r"data.npz is no .npz file .*no objects"):
        read_arrays(path)
    data_file(path, False, X=np.ones(2), more=np.array([{}], object))
    with pytest.raises(ValueError, match=r"data.npz holds X, more, expected X"):
        read_data(path)


def described(dtype, shape):
    """The header of an array."""
    return header(f"{{'descr': {dtype}, 'fortran_order': False, 'shape': {shape}, }}")


def test_data_are_real_numbers_and_names_are_shown_as_text(tmp_path):
    path = data_file(tmp_path / "data.npz", False, X=np.ones((2, 1)) * 1j, t=np.ones(2))
    with pytest.raises(ValueError, match=r"data.npz: X has dtype complex128, expected real"):
        read_data(path)
    data_file(path, False, X=np.ones((2, 1)), t=np.array(["a", "b"]))
    with pytest.raises(ValueError, match=r"data.npz: t has dtype <U1, expected real"):
        read_data(path)
    data_file(path, False, **{"\x1b[2J": np.ones(1)})
    with pytest.raises(ValueError, match=r"data.npz holds \\x1b\[2J, expected X"):
        read_data(path)


def only_data(data):
    return lambda name, old: [(name, data)]


@pytest.mark.parametrize(
    "data, message",
    [
        (described("'<f8'", "(9000000000,)"), "not what"),
        (described("'<f8'", f"({10**40}, 0)"), "more than there can be"),
        (described("'<f8'", f"({'0, ' * 80})"), "dim"), (described("'<f3'", "(0,)"), "TypeError"),
        (described("'<U999999999'", "()"), "not understood"),
        (described("'<U9999999'", "()"), "is not what"),
        (described("[('a', '<f8')]", "(0,)"), "no objects"),
        (described("'|O8'", "(0,)"), "no objects"), (described("'<f8'", "3"), "has the header"),
        (header("{'descr': '<f8', 'fortran_order': 1, 'shape': (0,), }"), "has the header"),
        (header("(" * 5000), "has the header"), (header("-" * 9000 + "1"), "has the header"),
        (header("{'descr': '<f8', 'fortran_order': False, 'shape': (" + "1" * 9000), "the header"),
        (header("{'descr': '<f8'}" + " " * 20000), "has the header"), (b"\x93NUMPY\x01", "version"),
        (b"\x93NUMPY\x03\x00" + bytes(200), "version"), (b"", "what is no array"),
    ],
    ids=range(17),
)  # fmt: skip
def test_headers_are_read_and_nothing_in_them_is_evaluated(data, message, tmp_path):
    path = data_file(tmp_path / "file.npz", False, X=np.ones(3))
    rezipped(path, only_data(data))
    with pytest.raises(ValueError, match=rf"file.npz is no .npz file of plain arrays: .*{message}"):
        read_arrays(path)


@pytest.mark.parametrize(
    "text",
    [
        "{ 'descr':'<f8','fortran_order':False,'shape':(3,) }",
        "{'descr': '<f8', 'fortran_order': True, 'shape': (3,)}",
    ],
)
def test_headers_that_others_write_are_read(text, tmp_path):
    path = data_file(tmp_path / "file.npz", False, X=np.ones(3))
    rezipped(path, only_data(header(text) + np.arange(3.0).tobytes()))
    assert read_arrays(path)["X"].tolist() == [0, 1, 2]


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_ways_to_compress_are_refused(method, tmp_path):
    path = data_file(tmp_path / "file.npz", False, X=np.ones(3))
    rezipped(path, compressed=method)
    with pytest.raises(ValueError, match=r"'X.npy' is compressed by a method"):
        read_arrays(path)


def test_text_that_is_none_is_refused(trained, tmp_path):
    path = tmp_path / "net.npz"
    for member in ("format", "activation", "history"):
        written("network", trained, path)
        rezipped(path, only(f"{member}.npy", lambda old: old[:-4] + b"\xff" * 4))
        with pytest.raises(ValueError, match=r"net.npz "):
            of_network(path)


def changed_network(path, **changes):
    """A file of a network with some of its arrays changed, or left out when None."""
    sennpy.save(MLP.random((2, 3, 1), rng=0), path)
    held = read_arrays(path) | changes
    np.savez(path, **{name: array for name, array in held.items() if array is not None})


@pytest.mark.parametrize(
    "changes, message",
    [
        ({"sizes": np.array([2, 3, 2])}, r"sizes are \[2, 3, 2\] on record, but .* \[2, 3, 1\]"),
        ({"sizes": np.array([2.0, 3.0, 1.0])}, "sizes are"), ({"sizes": np.array(3)}, "sizes are"),
        ({"weights_1": None, "coefficients_0": None}, r"sizes are .* on record"),
        ({"weights_0": np.ones((3, 3, 1))}, "weights have shapes"),
        ({"weights_0": np.ones((1, 3))}, "weights have shapes"),
        ({"weights_0": np.zeros((0, 3))}, "weights have shapes"),
        ({"weights_1": np.ones((5, 1))}, "4 rows are expected"),
        ({"weights_1": np.ones((4, 1)).astype(">f8")}, "dtype"),
        ({"coefficients_0": np.ones((3, 4))}, "coefficients have shapes"),
        ({"coefficients_1": np.ones((3, 1))}, "coefficients have shapes"),
    ],
    ids=str,
)  # fmt: skip
def test_a_network_has_the_sizes_on_record_and_that_is_known_first(
    changes, message, tmp_path, monkeypatch
):
    path = tmp_path / "net.npz"
    changed_network(path, **changes)
    read, real = [], Archive.array
    monkeypatch.setattr(Archive, "array", lambda self, name: read.append(name) or real(self, name))
    with pytest.raises(ValueError, match=rf"net.npz does not hold a network: .*{message}"):
        sennpy.load(path)
    assert set(read) <= {"format", "activation", "sizes"}


def test_a_network_is_read_without_its_history(trained, tmp_path, monkeypatch):
    written("network", trained, tmp_path / "net.npz")
    read, real = [], Archive.array
    monkeypatch.setattr(Archive, "array", lambda self, name: read.append(name) or real(self, name))
    sennpy.load(tmp_path / "net.npz")
    assert "weights_0" in read and "history" not in read
    read.clear()
    load_history(tmp_path / "net.npz")
    assert read == ["format", "history"]


def test_a_file_of_before_has_no_sizes(tmp_path):
    changed_network(tmp_path / "net.npz", sizes=None)
    assert sennpy.load(tmp_path / "net.npz").sizes == (2, 3, 1)


def forged(path, told):
    """A file of a state that tells something else, with the right checksum."""
    held = read_arrays(path)
    held["told"] = np.frombuffer(told(held["told"].tobytes()), np.uint8)
    del held["digest"]
    np.savez(path, **held, digest=digest(held))


@pytest.mark.parametrize(
    "told",
    [
        lambda text: b"[" * 100000, lambda text: b"[]", lambda text: b"\xff", lambda text: b"",
        lambda text: text.replace(b'"memory": ', b'"memory": {"list": ' + b'[{"list": ' * 400
                                  + b"[]" + b"}]" * 400 + b'}, "was": '),
        lambda text: text.replace(b'"epoch": ', b'"epoch": 1' + b"0" * 9000, 1),
        lambda text: text.replace(b'"seconds": ', b'"seconds": 1e999, "x": ', 1),
        lambda text: text.replace(b'"seconds": ', b'"seconds": 1' + b"0" * 400 + b', "x": ', 1),
        lambda text: text.replace(b'{"array": 0}', b'{"array": 99}'),
        lambda text: text.replace(b'{"array": 0}', b'{"array": 0, "b": 1}'),
        lambda text: text.replace(b'"loss": ', b'"loss": "', 1).replace(b', "eta"', b'", "eta"', 1),
    ],
    ids=range(11),
)  # fmt: skip
def test_a_state_that_tells_nonsense_is_refused(told, trained, tmp_path):
    path = tmp_path / "state.npz"
    written("state", trained, path)
    forged(path, told)
    with pytest.raises(ValueError, match=r"state.npz holds no state of a training"):
        load_state(path)


def test_strays_in_a_state_are_refused(trained, tmp_path):
    path = tmp_path / "state.npz"
    for name in ("more", "memory_x", "networks", "network_more"):
        written("state", trained, path)
        held = read_arrays(path) | {name: np.ones(2)}
        del held["digest"]
        np.savez(path, **held, digest=digest(held))
        with pytest.raises(ValueError, match=r"state.npz holds no state.*which is no part of it"):
            load_state(path)


@pytest.mark.parametrize(
    "data, message",
    [
        (b"[" * 100000, "RecursionError"), (b"\xff\xfe", "can't decode"), (b"{", "Expecting"),
        (b'{"a": NaN}', "the number NaN"), (b"[1e999]", "the number 1e999"), (b"", "Expecting"),
        (b"[-Infinity]", "the number -Infinity"), (b"[" + b"9" * 5000 + b"]", "of 5000 digits"),
        (b"[" * 101 + b"]" * 101, "deeper than 100"), (b'{"a":' * 150 + b"1" + b"}" * 150, "100"),
        (b'{"a": 1, "b": 2, "a": 3}', "'a' more than once"), (b" " * 101, "more than 100 bytes"),
    ],
    ids=range(12),
)  # fmt: skip
def test_what_is_no_strict_json_is_refused(data, message, tmp_path):
    path = tmp_path / "file.json"
    path.write_bytes(data)
    largest = 100 if b" " in data[:1] else 2**20
    with pytest.raises(ValueError, match=rf"file.json is not JSON: .*{message}"):
        read_json(path, largest)


def test_json_is_read_as_it_was_written(tmp_path):
    value = {"a": [1, 2.5, -3e-300, True, None, "ä\x1b"], "b": {"a": 2**64}}
    write_json(tmp_path / "file.json", value)
    assert read_json(tmp_path / "file.json") == value
