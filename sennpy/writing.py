"""Numbers as text: tables for people, JSON for machines, and files written whole or not at all."""

import contextlib
import errno
import json
import math
import os
import re
import secrets
import stat
from dataclasses import is_dataclass
from pathlib import Path

import numpy as np

from .validation import plain_number

BINARY = getattr(os, "O_BINARY", 0)  # Windows has it
NUMBERS = re.compile(r"\[\n\s+(?:[-+.\deE]+,\n\s+)*[-+.\deE]+\n\s+\]")  # a list in JSON


def write_json(path, content):
    """Write `content` to `path`, whole or not at all; infinities and NaN become null.

    Raises
    ------
    OSError
        If the folder cannot be made or written, or `path` is there and no regular file.
    """
    write_text(path, spaced(finite(content)) + "\n")


def spaced(content):
    """JSON with a line for each part; a list of numbers is on one line, however long."""
    text = json.dumps(content, indent=1)
    return NUMBERS.sub(lambda found: " ".join(found[0].split()), text)


def write_text(path, text):
    """Write `text` to `path`, whole or not at all; OSError as `write_json`."""
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    with written_whole(path) as file:
        file.write(text.replace("\n", os.linesep).encode("utf-8"))


@contextlib.contextmanager
def written_whole(path):
    """A new file, open for binary writing, that takes the place of `path` once it is complete.

    Until then it stands beside the one of before under a name that no other process has, so that
    who reads `path` sees the old file or the new one, whole, whatever happens to this process or to
    the power. When the block fails it is removed. A file that is replaced hands on its mode; a
    symbolic link stays one, and what it leads to is replaced.

    Parameters
    ----------
    path : str or os.PathLike

    Raises
    ------
    OSError
        If it cannot be written, naming `path`: as `check_writable`, or when the disk is full.
    """
    target, mode = check_writable(path)
    partial = target.with_name(f"{target.name[:40]}.{secrets.token_hex(8)}.partial")
    with naming(path, partial):
        number = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL | BINARY, 0o666)
    try:
        with naming(path, partial), os.fdopen(number, "wb") as file:
            if mode is not None:
                os.chmod(partial, mode)
            yield file
            file.flush()
            os.fsync(file.fileno())
        with naming(path, partial):
            os.replace(partial, target)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(partial)
        raise
    keep_name(target.parent)


def check_writable(path):
    """The file that `path` leads to and its mode (None if there is none), or OSError.

    Raises
    ------
    OSError
        If `path` is a folder, a device or anything else that is no regular file, or leads to what
        a process has open, as /dev/stdout does; if it is write-protected, or the folder that it
        would stand in is not there or is. It names `path`.
    """
    path = Path(path)
    try:
        found = os.stat(path)
    except FileNotFoundError:
        found = None
    target = Path(os.path.realpath(path))
    if leads_through_a_process(path):
        raise OSError(errno.EINVAL, "an open file of a process, expected its name", str(path))
    if found is not None and stat.S_ISDIR(found.st_mode):
        raise IsADirectoryError(errno.EISDIR, "a folder, expected the name of a file", str(path))
    if found is not None and not stat.S_ISREG(found.st_mode):
        raise OSError(errno.EINVAL, "a device or the like, expected a regular file", str(path))
    if not target.parent.is_dir():
        raise FileNotFoundError(
            errno.ENOENT, "No such file or directory: there is no folder for it", str(path)
        )
    for place in [target.parent, *([target] if found is not None else [])]:
        if not os.access(place, os.W_OK):
            what = "is write-protected" if place == target else "its folder is write-protected"
            raise PermissionError(errno.EACCES, what, str(path))
    return target, None if found is None else stat.S_IMODE(found.st_mode)


def leads_through_a_process(path):
    """Whether a path is, or is a link that leads to, one of /proc: a file that is open, no name.

    To replace what stands at the other end would take it from under who has it open.
    """
    for _ in range(40):  # as many as the system follows
        folder = os.path.realpath(os.path.dirname(os.path.abspath(path)))
        if folder == "/proc" or folder.startswith("/proc/"):
            return True
        if not os.path.islink(path):
            return False
        path = os.path.join(folder, os.readlink(path))
    return False


@contextlib.contextmanager
def naming(path, partial):
    """A context whose errors of the system name `path` where they name `partial`, or nothing."""
    try:
        yield
    except OSError as error:
        if error.errno is None or error.filename not in (None, partial, str(partial)):
            raise
        raise OSError(error.errno, error.strerror or str(error), str(path)) from error


def keep_name(folder):
    """Have a folder's names on the disk, too, where the system can."""
    with contextlib.suppress(OSError):  # the new file is in its place all the same
        number = os.open(folder, os.O_RDONLY)  # no folder can be opened in Windows
        try:
            os.fsync(number)
        finally:
            os.close(number)


def table(header, rows, left=1):
    """Rows of strings under a header as one string; the first `left` columns are flush left."""
    widths = [max(len(str(row[i])) for row in [header, *rows]) for i in range(len(header))]
    lines = [
        "  ".join(
            f"{cell:<{width}}" if i < left else f"{cell:>{width}}"
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in [header, *rows]
    ]
    return "\n".join(lines)


def described(thing):
    """An object as plain values: the name of its class, and what it holds."""
    return {"class": type(thing).__name__} | plain(vars(thing))


def plain(value):
    """Nested dicts and lists of plain values for JSON; what is none is told by its repr."""
    value = plain_number(value)
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, (np.ndarray, np.generic)):
        return plain(value.tolist())
    if is_dataclass(value) and not isinstance(value, type):
        return plain(vars(value))
    return value if isinstance(value, (str, int, float, bool, type(None))) else repr(value)


def finite(value):
    """A copy of nested lists and dicts in which numbers that JSON cannot hold are None."""
    if isinstance(value, dict):
        return {key: finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
