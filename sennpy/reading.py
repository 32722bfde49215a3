"""Files read with suspicion: what is not exactly what it should be is refused in words.

A damaged file, or one that somebody made, must not be taken for another thing, use much more memory
than it has bytes, run anything, or end in an error that does not name it.
"""

import contextlib
import json
import math
import os
import re
import sys
import zipfile
from collections import Counter
from itertools import pairwise
from typing import NamedTuple

import numpy as np

LOCAL_HEADER = 30  # bytes of a zip member before its name; the lengths of what follows end it
DIRECTORY_END = 22, 98  # bytes at the end of a zip file that has no comment; of a large one
LARGEST = 1 << 28  # bytes that compressed arrays may have once unpacked, and that a JSON file may
LONGEST = 10_000  # bytes of the header of an array
DEEPEST = 100  # lists and objects of JSON in one another
HEADER = re.compile(
    r"\{\s*'descr':\s*'([<>|=]?[biufcU]\d{1,9})',\s*'fortran_order':\s*(False|True),"
    r"\s*'shape':\s*\(([\d, ]*)\),?\s*\}\s*"
)  # of numbers or text, which hold no objects


class Unreadable(ValueError):
    """A file is not what it should be; the message names it."""


@contextlib.contextmanager
def refused(path, what):
    """A context whose errors, of whatever kind, become Unreadable: `path` `what`: the reason.

    Parsers of several libraries meet the bytes of a file, and each has errors of its own.
    """
    try:
        yield
    except Unreadable:
        raise
    except Exception as error:
        why = str(error).rstrip(".") or "no reason given"
        kind = (
            "" if type(error) in (ValueError, zipfile.BadZipFile) else f"{type(error).__name__}: "
        )
        raise Unreadable(f"{path} {what}: {kind}{why}.") from error


class Header(NamedTuple):
    """What an array is said to be before it is read; `start` bytes stand before its entries."""

    dtype: np.dtype
    shape: tuple
    fortran: bool
    start: int


class Archive:
    """A .npz file of plain arrays, open: its `headers` by name are known, its arrays not yet read.

    `names` are those of all that it holds, whatever that is.

    Parameters
    ----------
    path : str or os.PathLike
    ours : bool
        Whether it must be as this package writes it: not compressed, member after member, without
        anything between or behind them.
    names : collection of str, optional
        Of the arrays that matter; whatever else it holds is not looked at.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it is not such a file, or, when it is read, cannot be.
    """

    def __init__(self, path, ours=False, names=None):
        if not os.path.isfile(path):
            raise FileNotFoundError(f"there is no file {path}.")
        self.path = path
        with contextlib.ExitStack() as stack:
            file = stack.enter_context(open(path, "rb"))
            with self.refused():
                self.zip = stack.enter_context(zipfile.ZipFile(file))
                self.names = [name.removesuffix(".npy") for name in self.zip.namelist()]
                self.members = members_of(self.zip, names)
                if ours:
                    check_tight(file, self.zip, self.zip.infolist())
                check_sizes(self.members.values(), file.seek(0, os.SEEK_END))
                self.headers = {name: self.header(m) for name, m in self.members.items()}
            self.close = stack.pop_all().close

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.close()

    def refused(self):
        """A context whose errors say what the file is not."""
        return refused(self.path, "is no .npz file of plain arrays")

    def header(self, member):
        """The `Header` of a member, which must be as long as that says."""
        with self.zip.open(member) as stream:
            header = header_from(stream)
        size = math.prod(header.shape) * header.dtype.itemsize
        if header.start + size != member.file_size:
            raise ValueError(
                f"an array of {header.shape} {header.dtype} is not what its {member.file_size} "
                "bytes hold"
            )
        return header

    def read(self, names=None):
        """The arrays by name, all or some, each in the order of memory that it was written in."""
        with self.refused():
            return {name: self.array(name) for name in (self.members if names is None else names)}

    def array(self, name):
        """One array; any error there may be is that of the file."""
        dtype, shape, fortran, start = self.headers[name]
        member = self.members[name]
        with self.zip.open(member) as stream:  # which looks at its checksum at the end
            data = stream.read(member.file_size)  # and no more than that is unpacked
        if len(data) != member.file_size:
            raise ValueError(f"{member.filename!r} ends too early")
        flat = np.frombuffer(data, dtype, offset=start) if math.prod(shape) else np.zeros(0, dtype)
        return flat.reshape(shape, order="F" if fortran else "C").copy(order="K")

    def text(self, name, otherwise="none"):
        """One array as the text that it is; `otherwise` where there is no such array."""
        if name not in self.headers:
            return otherwise
        with self.refused():
            if self.headers[name].dtype.kind != "U" or self.headers[name].shape != ():
                raise ValueError(f"{name!r} is no text")
            return str(self.array(name))


def read_arrays(path, names=None, ours=False):
    """The arrays of a .npz file by name: all, or those of `names` that it has; see `Archive`."""
    with Archive(path, ours, names) as archive:
        return archive.read()


def members_of(archive, names=None):
    """The members of a zip file by the names of arrays; ValueError unless each is one, once."""
    found = {}
    for member in archive.infolist():
        name, ending = os.path.splitext(member.filename)
        if names is not None and name not in names:
            continue
        if ending != ".npy":
            raise ValueError(f"it holds {member.filename!r}, which is no array")
        if name in found:
            raise ValueError(f"it holds {member.filename!r} more than once")
        if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise ValueError(f"{member.filename!r} is compressed by a method that is not NumPy's")
        found[name] = member
    return found


def check_sizes(members, size):
    """ValueError if members of a file of `size` bytes overlap, or unpack to more than LARGEST."""
    if sum(member.compress_size for member in members) > size:
        raise ValueError("its members overlap")
    unpacked = sum(m.file_size for m in members if m.compress_type != zipfile.ZIP_STORED)
    if unpacked > LARGEST:
        raise ValueError(
            f"it is compressed, and its {unpacked} bytes are more than the {LARGEST} that are "
            "unpacked; np.savez(...) writes it as it is"
        )
    for member in members:
        if member.compress_type == zipfile.ZIP_STORED and member.file_size != member.compress_size:
            raise ValueError(f"{member.filename!r} has two lengths")


def check_tight(file, archive, members):
    """ValueError unless an archive is nothing but its members, one after another, and their list.

    So none can go missing by damage to the list, and none takes more memory than it has bytes.
    """
    ends = [0]
    for member in members:
        if member.compress_type != zipfile.ZIP_STORED or member.file_size != member.compress_size:
            raise ValueError(f"{member.filename!r} is compressed")
        file.seek(member.header_offset + LOCAL_HEADER - 4)
        lengths = np.frombuffer(file.read(4), dtype="<u2")
        if member.header_offset != ends[-1]:
            raise ValueError(f"there is something before {member.filename!r}")
        ends.append(member.header_offset + LOCAL_HEADER + int(lengths.sum()) + member.file_size)
    size = file.seek(0, os.SEEK_END)
    listed = sum(
        46 + len(m.orig_filename.encode()) + len(m.extra) + len(m.comment) for m in members
    )
    if archive.start_dir != ends[-1] or size - ends[-1] - listed not in DIRECTORY_END:
        raise ValueError("there is something behind its members")
    if any(after <= before for before, after in pairwise(ends)):
        raise ValueError("its members overlap")


def header_from(stream):
    """The `Header` at the start of an .npy file, of which nothing is evaluated."""
    magic, version = stream.read(6), tuple(stream.read(2))
    if magic != b"\x93NUMPY":
        raise ValueError("it holds what is no array")
    if version not in ((1, 0), (2, 0)):
        raise ValueError(f"an array is of the version {version}, expected (1, 0)")
    width = 2 * version[0]  # bytes that tell the length of the header
    length = int.from_bytes(stream.read(width), "little")
    text = stream.read(min(length, LONGEST)).decode("latin1")
    found = HEADER.fullmatch(text) if len(text) == length else None
    if found is None:
        raise ValueError(
            f"an array has the header {text.strip()[:100]!r}, expected that of numbers or text, "
            "no objects"
        )
    shape = tuple(int(word) for word in re.findall(r"\d+", found[3]))
    if max(shape, default=0) > sys.maxsize:
        raise ValueError(f"an array has the shape {shape}, more than there can be")
    return Header(np.dtype(found[1]), shape, found[2] == "True", 8 + width + length)


def read_json(path, largest=LARGEST):
    """What a JSON file holds, strictly: UTF-8, finite numbers, no name twice in an object.

    Parameters
    ----------
    path : path
    largest : int
        Bytes that it may have.

    Raises
    ------
    OSError
        If it is not there, or cannot be read.
    ValueError
        If it is something else.
    """
    with open(path, "rb") as file:
        data = file.read(largest + 1)
    with refused(path, "is not JSON"):
        if len(data) > largest:
            raise ValueError(f"it has more than {largest} bytes")
        found = json.loads(
            data.decode("utf-8"), parse_constant=finite_number, parse_float=finite_number,
            parse_int=whole_number, object_pairs_hook=each_once,
        )  # fmt: skip
        check_depth(found)
        return found


def check_depth(value):
    """ValueError if lists and dicts are nested deeper than anybody who walks through them can."""
    inside = [value]
    for _ in range(DEEPEST):
        inside = [
            item
            for value in inside
            if isinstance(value, (dict, list))
            for item in (value.values() if isinstance(value, dict) else value)
        ]
    if inside:
        raise ValueError(f"it is nested deeper than {DEEPEST}")


def finite_number(text):
    """The float that a text tells, or ValueError if JSON has no such number."""
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"it holds the number {text}")
    return number


def whole_number(text):
    """The int that a text tells, or ValueError if floats do not reach as far."""
    if len(text) > 300:
        raise ValueError(f"it holds a number of {len(text)} digits")
    return int(text)


def each_once(pairs):
    """The dict of pairs, or ValueError if a name comes twice."""
    found = dict(pairs)
    if len(found) < len(pairs):
        counts = Counter(name for name, _ in pairs)
        twice = next(name for name, count in counts.items() if count > 1)
        raise ValueError(f"it holds {twice!r} more than once in one object")
    return found
