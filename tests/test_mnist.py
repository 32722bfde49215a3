"""MNIST: its files are found, fetched, checked and read; images are resized, subsets drawn."""

import gzip
import os
import shutil
import threading
import tracemalloc
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import idx_files
import numpy as np
import pytest
from compare import assert_close
from idx_files import IMAGES, LABELS, NAMES, TEST_IMAGES, idx_bytes

from sennpy.datasets import idx, mnist
from sennpy.datasets.idx import DataError
from sennpy.datasets.mnist import bilinear, resized
from sennpy.datasets.subsets import subset


@pytest.fixture
def files(tmp_path, monkeypatch):
    """A folder with four good tiny files; nothing is in the environment or the cache."""
    monkeypatch.delenv("SENNPY_DATA", raising=False)
    monkeypatch.setattr(idx, "cache", lambda: tmp_path / "cache")
    idx_files.write(tmp_path / "data", monkeypatch)
    return tmp_path / "data"


# --- Reading -------------------------------------------------------------------------------------


def test_files_come_back_as_the_arrays_that_were_written(files):
    for read, written in zip(idx.load(files), idx_files.arrays(), strict=True):
        assert read.dtype == np.uint8
        np.testing.assert_array_equal(read, written)


def test_data_are_rows_of_pixels_between_0_and_1_and_integer_labels(files):
    data, (images, labels, *_) = mnist(files), idx_files.arrays()
    assert data.X.shape == (60, 784) and data.X_test.shape == (20, 784)
    assert_close(data.X, images.reshape(60, 784) / 255, 1e-7)
    np.testing.assert_array_equal(data.t, labels)
    assert data.t.dtype == np.int64


def test_the_folder_given_comes_before_the_environment_and_that_before_the_cache(
    files, monkeypatch
):
    for place in ("given", "named", "cache"):
        shutil.copytree(files, files.parent / place)
    monkeypatch.setenv("SENNPY_DATA", str(files.parent / "named"))
    assert idx.locate(IMAGES, files.parent / "given").parent.name == "given"
    assert idx.locate(IMAGES).parent.name == "named"
    monkeypatch.setenv("SENNPY_DATA", "")
    assert idx.locate(IMAGES).parent.name == "cache"


@pytest.mark.parametrize("source", ["--data", "$SENNPY_DATA"])
@pytest.mark.parametrize("name", NAMES)
def test_a_missing_file_is_named_with_where_it_was_looked_for(name, source, files, monkeypatch):
    (files / name).unlink()
    folder = files if source == "--data" else None
    monkeypatch.setenv("SENNPY_DATA", str(files))
    with pytest.raises(DataError) as error:
        idx.load(folder)
    told = str(error.value)
    assert str(files / name) in told and idx.FILES[name].what in told
    assert f"though {source} names that folder" in told and idx.MIRROR + name in told


def altered(content):
    """The same bytes, but one pixel."""
    return content[:-1] + bytes([content[-1] ^ 1])


WRONG = {  # how the file is spoilt, from its own bytes; and what the error says was found
    "truncated": (lambda packed: packed[:-30], "is truncated or damaged"),
    "cut to nothing": (lambda packed: packed[:5], "is truncated or damaged"),
    "a byte flipped": (
        lambda packed: packed[:200] + bytes([packed[200] ^ 255]) + packed[201:], "is "),
    "not packed": (gzip.decompress, "is not a whole gzip file"),
    "a web page": (lambda packed: b"<html>404</html>", "is not a whole gzip file"),
    "one pixel changed": (
        lambda packed: gzip.compress(altered(gzip.decompress(packed))),
        "holds an idx file of 60 x 28 x 28 bytes with MD5"),
    "other images": (
        lambda packed: gzip.compress(idx_bytes(np.zeros((7, 28, 28)))),
        "holds an idx file of 7 x 28 x 28 bytes with MD5"),
    "unpacked too short": (
        lambda packed: gzip.compress(gzip.decompress(packed)[:-9]),
        "holds an idx file of 60 x 28 x 28 bytes announced, but not all of them with MD5"),
    "no idx file": (
        lambda packed: gzip.compress(b"some text"), "holds 9 bytes that are no idx file"),
    "empty": (lambda packed: gzip.compress(b""), "holds 0 bytes that are no idx file"),
}  # fmt: skip


@pytest.mark.parametrize("spoil, found", WRONG.values(), ids=WRONG)
def test_a_wrong_file_is_named_with_what_it_holds_and_what_it_should(spoil, found, files):
    path = files / IMAGES
    path.write_bytes(spoil(path.read_bytes()))
    with pytest.raises(DataError) as error:
        mnist(files)
    told = str(error.value)
    assert told.startswith(f"{path} {found}")
    assert "expected are the training images, unpacked an idx file of 60 x 28 x 28 bytes" in told
    assert f"with MD5 {idx.FILES[IMAGES].md5}. Get it anew from {idx.MIRROR}{IMAGES}." in told


def test_a_file_under_another_ones_name_is_recognised(files):
    shutil.copy(files / TEST_IMAGES, files / LABELS)
    with pytest.raises(DataError, match=f"holds the test images, which belong into {TEST_IMAGES}"):
        mnist(files)


def test_a_file_that_unpacks_to_much_more_is_not_unpacked(files):
    most = idx.most_bytes()
    (files / IMAGES).write_bytes(gzip.compress(bytes(2**26)))
    tracemalloc.start()
    with pytest.raises(DataError, match=rf"{IMAGES} holds more than {most} bytes; expected are"):
        mnist(files)
    assert tracemalloc.get_traced_memory()[1] < 2**20
    tracemalloc.stop()


def test_what_is_wrong_with_a_file_is_a_value(files):
    (files / IMAGES).write_bytes(b"no gzip")
    with pytest.raises(ValueError, match=IMAGES):
        mnist(files)
    (files / IMAGES).unlink()
    with pytest.raises(OSError, match=IMAGES):
        mnist(files)


# --- Fetching ------------------------------------------------------------------------------------


class Mirror(BaseHTTPRequestHandler):
    """Serves a folder; `breaks` after so many bytes, `ranges` or not, as the test wants."""

    def do_GET(self):
        server = self.server
        content = (server.folder / self.path.lstrip("/")).read_bytes()
        wanted = self.headers["Range"]
        server.asked.append(wanted)
        start = int(wanted[6:-1]) if wanted and server.ranges else 0
        if wanted and server.ranges and start >= len(content):
            return self.send_error(416)
        self.send_response(206 if wanted and server.ranges else 200)
        self.send_header("Content-Length", str(len(content) - start))
        self.end_headers()
        self.wfile.write(content[start : server.breaks])

    def log_message(self, *_):
        pass


@pytest.fixture
def mirror(files, monkeypatch):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Mirror)
    server.folder, server.asked, server.ranges, server.breaks = files, [], True, None
    monkeypatch.setattr(idx, "MIRROR", f"http://127.0.0.1:{server.server_port}/")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def cached():
    return sorted(path.name for path in idx.cache().iterdir())


def test_what_is_not_there_is_fetched_once(mirror):
    data = mnist()
    assert_close(data.X, mnist(mirror.folder).X)
    assert cached() == sorted(NAMES) and mirror.asked == [None] * 4
    mnist()
    assert len(mirror.asked) == 4


@pytest.mark.parametrize("ranges", [True, False])
def test_an_interrupted_download_is_gone_on_from(ranges, mirror):
    mirror.breaks, mirror.ranges = 500, ranges
    with pytest.raises(DataError, match=r"ended after 500 of \d+ bytes.*it goes on where it"):
        mnist()
    assert cached() == [IMAGES + ".partial"]
    mirror.breaks = None
    mnist()
    assert mirror.asked[1] == "bytes=500-" and cached() == sorted(NAMES)


def test_two_downloads_at_once_do_not_meet(mirror, monkeypatch):
    real, other = idx.fetch, []

    def fetch(url, partial, most):
        if not other:  # while this one is at it, another process comes, and is done first
            other.append(partial)
            partial.write_bytes(b"half of")
            idx.download(IMAGES, idx.cache() / IMAGES)
            assert partial.read_bytes() == b"half of"
            partial.unlink()
        other.append(partial)
        real(url, partial, most)

    monkeypatch.setattr(idx, "fetch", fetch)
    mnist()
    assert other[0] == other[2] != other[1] and cached() == sorted(NAMES)


def test_a_server_that_never_ends_is_left(mirror, monkeypatch):
    most = idx.most_bytes()
    (mirror.folder / IMAGES).write_bytes(bytes(most + 2**20))
    with pytest.raises(DataError, match=f"it sends more than the {most} bytes"):
        mnist()
    assert [file.stat().st_size for file in idx.cache().iterdir()] == [0]


def test_offline_nothing_is_asked_for(mirror, monkeypatch):
    monkeypatch.delenv(idx.OFFLINE, raising=False)
    with (
        idx.offline(),
        pytest.raises(DataError, match=r"nothing is downloaded unless .*--download"),
    ):
        mnist()
    assert mirror.asked == [] and not idx.cache().exists() and idx.OFFLINE not in os.environ
    monkeypatch.setenv(idx.OFFLINE, "1")
    with idx.offline(), pytest.raises(DataError, match="nothing is downloaded"):
        mnist()
    with idx.offline(False), pytest.raises(DataError, match="nothing is downloaded"):
        mnist()
    assert os.environ[idx.OFFLINE] == "1" and mirror.asked == []
    monkeypatch.delenv(idx.OFFLINE)
    mnist()
    with idx.offline():
        mnist()
    assert len(mirror.asked) == 4


def test_a_download_that_was_whole_but_not_renamed_is_taken(mirror):
    idx.cache().mkdir()
    shutil.copy(mirror.folder / IMAGES, idx.cache() / (IMAGES + ".partial"))
    mnist()
    assert cached() == sorted(NAMES)


def test_of_a_wrong_download_nothing_is_kept(mirror):
    good = (mirror.folder / IMAGES).read_bytes()
    (mirror.folder / IMAGES).write_bytes(gzip.compress(altered(gzip.decompress(good))))
    with pytest.raises(DataError, match=r"did not send what it should; nothing was kept. .* MD5"):
        mnist()
    assert cached() == []
    (mirror.folder / IMAGES).write_bytes(good)
    mnist()


@pytest.mark.parametrize("why", ["refused", "404"])
def test_a_server_that_cannot_be_reached_is_named_with_the_way_out(why, mirror, monkeypatch):
    if why == "404":
        monkeypatch.setattr(idx, "MIRROR", idx.MIRROR + "elsewhere/")
        monkeypatch.setattr(Mirror, "do_GET", lambda self: self.send_error(404))
    else:
        monkeypatch.setattr(idx, "MIRROR", "http://127.0.0.1:9/")  # discard: nobody listens
    with pytest.raises(DataError) as error:
        mnist()
    told = str(error.value)
    assert str(idx.cache() / IMAGES) in told and f"{idx.MIRROR}{IMAGES} cannot be fetched" in told
    assert why in told and "--data or $SENNPY_DATA" in told


def test_the_cache_is_the_users_own(monkeypatch, tmp_path):
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert idx.cache() == tmp_path / "sennpy" / "mnist"


# --- Resizing ------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [28, 24, 14])
def test_a_constant_image_stays_constant_at_every_size(size):
    rows = resized(np.full((3, 28, 28), 51, np.uint8), size)
    assert rows.shape == (3, size**2) and rows.dtype == np.float32
    assert_close(rows, np.full(rows.shape, 0.2), 1e-6)


def test_halving_averages_each_pixel_with_its_neighbours():
    weights = bilinear(28, 14)
    assert_close(weights[3, 5:9], np.array([1, 3, 3, 1]) / 8)
    assert np.count_nonzero(weights[3]) == 4


def test_rows_and_columns_keep_their_places():
    image = np.zeros((1, 28, 28), np.uint8)
    image[0, 4, 22] = 255
    for size in (24, 14):
        row, column = divmod(int(resized(image, size).argmax()), size)
        assert (row, column) == (round(4.5 * size / 28 - 0.5), round(22.5 * size / 28 - 0.5))


def test_another_size_is_refused(files):
    with pytest.raises(ValueError, match="size is 20, expected one of 28, 24, 14"):
        mnist(files, size=20)


# --- Subsets -------------------------------------------------------------------------------------


def test_so_many_of_each_class_are_drawn():
    t = np.array([0] * 9 + [1] * 4 + [2] * 7)
    kept = subset(t, per_class=4, rng=0)
    assert len(set(kept)) == 12 and np.bincount(t[kept]).tolist() == [4, 4, 4]


def test_a_class_that_has_fewer_gives_all_that_it_has():
    t = np.array([0] * 9 + [1] * 4)
    assert np.bincount(t[subset(t, per_class=6, rng=0)]).tolist() == [6, 4]


def test_a_limit_draws_from_what_the_classes_left():
    t = np.arange(100) % 10
    kept = subset(t, per_class=3, limit=20, rng=1)
    assert len(set(kept)) == 20 and np.bincount(t[kept]).max() <= 3


def test_equal_seeds_draw_equal_subsets_and_other_seeds_do_not():
    t = np.arange(100) % 10
    once, again, other = (subset(t, 5, rng=seed).tolist() for seed in (1, 1, 2))
    assert once == again != other


def test_without_a_wish_all_samples_stay_in_their_order():
    assert subset(np.array([1, 0, 1])).tolist() == [0, 1, 2]


@pytest.mark.parametrize("seed", range(10))
def test_a_limit_leaves_some_of_every_class_or_is_refused_by_name(seed):
    t = np.arange(40) % 10
    drawn = t[np.random.default_rng(seed).permutation(40)[:20]]
    missing = sorted(set(range(10)) - set(drawn))
    if missing:
        named = ", ".join(map(str, missing))
        with pytest.raises(ValueError, match=f"^limit is 20, .* hold no {named};"):
            subset(t, limit=20, rng=seed)
    else:
        np.testing.assert_array_equal(t[subset(t, limit=20, rng=seed)], drawn)


def test_more_than_there_are_is_refused():
    t = np.array([0, 0, 1])
    with pytest.raises(ValueError, match="per_class is 3, but no class has more than 2 training"):
        subset(t, per_class=3)
    with pytest.raises(ValueError, match="limit is 4, but there are 3 training samples"):
        subset(t, limit=4)
    with pytest.raises(ValueError, match="per_class is 0, expected an integer of at least 1"):
        subset(t, per_class=0)


# --- The real files ------------------------------------------------------------------------------

PLACES = [os.environ.get("SENNPY_DATA"), idx.cache()]
REAL = next((p for p in PLACES if p and all((Path(p) / name).is_file() for name in NAMES)), None)


@pytest.mark.skipif(REAL is None, reason="MNIST is neither in $SENNPY_DATA nor in the cache")
def test_the_real_files_hold_what_is_known_of_them():
    X, t, X_test, t_test = mnist(REAL)
    assert X.shape == (60000, 784) and X_test.shape == (10000, 784)
    assert np.bincount(t).tolist() == [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    assert np.bincount(t_test)[0] == 980 and 0.1306 < X.mean() < 0.1308
