"""The four original MNIST files: found or fetched, checked, and read.

An idx file is a header of big-endian integers (a magic number that holds the number of axes, then
the length of each) and after it the bytes of the array; it comes compressed by gzip.
"""

import contextlib
import gzip
import hashlib
import http.client
import math
import os
import secrets
import sys
import urllib.error
import urllib.request
import zlib
from pathlib import Path
from typing import NamedTuple

import numpy as np

from ..writing import written_whole

MIRROR = "https://ossci-datasets.s3.amazonaws.com/mnist/"
BLOCK = 1 << 16  # bytes fetched at a time
OFFLINE = "SENNPY_OFFLINE"  # in the environment: nothing is downloaded


class File(NamedTuple):
    """What a file must hold: in words, its shape, and the MD5 of the unpacked bytes."""

    what: str
    shape: tuple
    md5: str


FILES = {
    "train-images-idx3-ubyte.gz": File(
        "training images", (60000, 28, 28), "6bbc9ace898e44ae57da46a324031adb"
    ),
    "train-labels-idx1-ubyte.gz": File(
        "training labels", (60000,), "a25bea736e30d166cdddb491f175f624"
    ),
    "t10k-images-idx3-ubyte.gz": File(
        "test images", (10000, 28, 28), "2646ac647ad5339dbf082846283269ea"
    ),
    "t10k-labels-idx1-ubyte.gz": File("test labels", (10000,), "27ae3e4e09519cfbb04c329615203637"),
}


class DataError(OSError, ValueError):
    """A data file is missing or not what it should be; the message says how to mend that."""


def load(folder=None):
    """The four arrays in the order of `FILES`: uint8 images (N, 28, 28) and labels (N,)."""
    return tuple(read(locate(name, folder), name) for name in FILES)


def locate(name, folder=None):
    """Path of a file: in `folder`, else in $SENNPY_DATA, else in the cache (fetched if need be)."""
    for place, source in ((folder, "--data"), (os.environ.get("SENNPY_DATA"), "$SENNPY_DATA")):
        if place:
            path = Path(place) / name
            if not path.is_file():
                raise DataError(
                    f"{path} ({FILES[name].what}) is not there, though {source} names that folder; "
                    f"get it from {MIRROR}{name}, or leave {source} out to have it downloaded."
                )
            return path
    path = cache() / name
    if path.is_file():
        return path
    if os.environ.get(OFFLINE):
        raise DataError(
            f"{path} ({FILES[name].what}) is not there, and nothing is downloaded unless asked for "
            f"(`sennpy replay --download`, or no ${OFFLINE}); get it from {MIRROR}{name}, put it "
            "into a folder, and name that with $SENNPY_DATA."
        )
    return download(name, path)


@contextlib.contextmanager
def offline(wanted=True):
    """A context in which this process and those that it starts download nothing, if `wanted`."""
    before = os.environ.get(OFFLINE)
    if wanted:
        os.environ[OFFLINE] = "1"
    try:
        yield
    finally:
        if wanted:
            os.environ.pop(OFFLINE)
        if wanted and before is not None:
            os.environ[OFFLINE] = before


def cache():
    """The folder for data in the user's cache."""
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local"
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "sennpy" / "mnist"


def download(name, path, mirror=None):
    """Fetch one file to `path`, whole or not at all; what an interruption leaves is gone on from.

    Raises
    ------
    DataError
        If the server cannot be reached, breaks off, or sends something else.
    """
    url = (MIRROR if mirror is None else mirror) + name
    path.parent.mkdir(parents=True, exist_ok=True)
    with claimed(path) as partial:
        try:
            fetch(url, partial, most_bytes())
        except (http.client.HTTPException, OSError) as error:
            raise DataError(
                f"{path} ({FILES[name].what}) is not there and {url} cannot be fetched ({error}). "
                "Run again once online (it goes on where it stopped), or put the file into a "
                "folder and name that with --data or $SENNPY_DATA."
            ) from error
        try:
            read(partial, name)
        except DataError as error:
            partial.unlink(missing_ok=True)
            raise DataError(
                f"{url} did not send what it should; nothing was kept. {error}"
            ) from None
        with written_whole(path) as file:
            file.write(partial.read_bytes())
        partial.unlink(missing_ok=True)
    return path


@contextlib.contextmanager
def claimed(path):
    """A file beside `path` that is this process's alone, with what an interruption has left.

    If it is still there at the end, it is left for whoever comes next.
    """
    left = path.with_name(f"{path.name}.partial")
    ours = path.with_name(f"{path.name}.{secrets.token_hex(8)}.partial")
    with contextlib.suppress(FileNotFoundError):
        os.replace(left, ours)  # of several processes one gets it
    try:
        yield ours
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.replace(ours, left)


def most_bytes():
    """What the largest of the files has once unpacked; packed, none has more."""
    return max(4 + 4 * len(file.shape) + math.prod(file.shape) for file in FILES.values())


def fetch(url, partial, most):
    """Append to `partial` what it lacks of `url`.

    Raises
    ------
    OSError
        If the connection ends before that, or there are more than `most` bytes.
    """
    have = partial.stat().st_size if partial.exists() else 0
    request = urllib.request.Request(url, headers={"Range": f"bytes={have}-"} if have else {})
    try:
        answer = urllib.request.urlopen(request, timeout=60)
    except urllib.error.HTTPError as error:
        error.close()
        if have and error.code == 416:  # nothing is lacking
            return
        raise
    with answer, open(partial, "ab" if answer.status == 206 else "wb") as file:
        lacking = answer.headers["Content-Length"]
        before = file.tell()
        while block := answer.read(BLOCK):
            file.write(block)
            if file.tell() > most:
                file.truncate(0)  # nothing to go on from
                raise OSError(f"it sends more than the {most} bytes that there can be")
        got = file.tell() - before
    if lacking is not None and got < int(lacking):
        raise OSError(f"the connection ended after {got} of {lacking} bytes")


def read(path, name):
    """The array (uint8) in one idx file, once it is known to be what `name` must hold.

    Raises
    ------
    DataError
        Naming the file, what was found, what is expected, and how to get it.
    """
    expected = FILES[name]

    def wrong(found):
        return DataError(
            f"{path} {found}; expected are the {expected.what}, unpacked an idx file of "
            f"{in_words(expected.shape)} bytes with MD5 {expected.md5}. "
            f"Get it anew from {MIRROR}{name}."
        )

    most = most_bytes()
    try:
        with gzip.open(path) as file:
            content = file.read(most + 1)
    except gzip.BadGzipFile as error:
        raise wrong(f"is not a whole gzip file ({error})") from None
    except (EOFError, zlib.error) as error:
        raise wrong(f"is truncated or damaged ({error})") from None
    if len(content) > most:
        raise wrong(f"holds more than {most} bytes")
    md5 = hashlib.md5(content, usedforsecurity=False).hexdigest()
    if md5 != expected.md5:
        for other, file in FILES.items():
            if md5 == file.md5:
                raise wrong(f"holds the {file.what}, which belong into {other}")
        raise wrong(f"holds {contents(content)} with MD5 {md5}")
    return np.frombuffer(content, np.uint8, offset=4 + 4 * len(expected.shape)).reshape(
        expected.shape
    )


def contents(content):
    """In words, what bytes hold: an idx array of some shape, or something else."""
    axes = content[3] if len(content) > 3 and content[:3] == b"\0\0\x08" else 0
    header = 4 + 4 * axes
    if axes and len(content) >= header:
        shape = tuple(int(n) for n in np.frombuffer(content, ">i4", axes, offset=4))
        whole = (
            "" if len(content) - header == math.prod(shape) else " announced, but not all of them"
        )
        return f"an idx file of {in_words(shape)} bytes{whole}"
    return f"{len(content)} bytes that are no idx file of bytes"


def in_words(shape):
    """A shape as in '60000 x 28 x 28'."""
    return " x ".join(map(str, shape))
