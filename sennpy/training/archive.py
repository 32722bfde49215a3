"""Files of plain arrays, .npz, read with suspicion: what is not exactly one is refused in words.

A damaged file, or one that somebody made, must not be taken for another network, use more memory
than it has bytes, or end in an error that does not name it.
"""

import io
import os
import zipfile
from itertools import pairwise

import numpy as np

LOCAL_HEADER = 30  # bytes of a zip member before its name; the lengths of what follows end it
DIRECTORY_END = 22, 98  # bytes at the end of a zip file that has no comment; of a large one
PLAIN = "biufcU"  # kinds of number and text that hold no objects


def read_arrays(path, ours=False):
    """The arrays of a .npz file by name, or an error that says what it is instead.

    Parameters
    ----------
    path : str or os.PathLike
    ours : bool
        Whether it must be as this package writes it: not compressed, member after member, without
        anything between or behind them.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it is not such a file, or cannot be read.
    """
    if not os.path.isfile(path):
        raise FileNotFoundError(f"there is no file {path}.")
    try:
        with open(path, "rb") as file, zipfile.ZipFile(file) as archive:
            members = archive.infolist()
            check_members(members)
            if ours:
                check_tight(file, archive, members)
            return {
                member.filename.removesuffix(".npy"): array_from(archive.read(member))
                for member in members
            }
    except Exception as error:  # of whatever kind: parsers of three libraries meet the bytes
        what = str(error) or type(error).__name__
        raise ValueError(f"{path} is no .npz file of plain arrays ({what}).") from error


def check_members(members):
    """ValueError unless the members of an archive are arrays, each there once."""
    names = [member.filename for member in members]
    for name in names:
        if not name.endswith(".npy"):
            raise ValueError(f"it holds {name!r}, which is no array")
        if names.count(name) > 1:
            raise ValueError(f"it holds {name!r} more than once")


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


def array_from(data):
    """The array in the bytes of an .npy file, in the order of memory that it was written in."""
    stream = io.BytesIO(data)
    version = np.lib.format.read_magic(stream)
    if version not in ((1, 0), (2, 0)):
        raise ValueError(f"an array is of the version {version}, expected (1, 0)")
    read = np.lib.format.read_array_header_1_0, np.lib.format.read_array_header_2_0
    shape, fortran, dtype = read[version[0] - 1](stream)
    if dtype.kind not in PLAIN:
        raise ValueError(f"an array has dtype {dtype}, expected numbers or text, no objects")
    count, start = 1, stream.tell()
    for length in shape:
        count *= length
    if count < 0 or start + count * dtype.itemsize != len(data):
        raise ValueError(f"an array of {shape} {dtype} is not what its {len(data)} bytes hold")
    array = np.frombuffer(data, dtype, count, start) if count else np.zeros(0, dtype)
    return array.reshape(shape, order="F" if fortran else "C").copy(order="K")
