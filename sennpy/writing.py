"""Numbers as text: tables for people, JSON for machines, and files written whole or not at all."""

import json
import math
import os
from dataclasses import is_dataclass
from pathlib import Path

import numpy as np


def write_json(path, content):
    """Write `content` to `path`, whole or not at all; infinities and NaN become null.

    Raises
    ------
    OSError
        If the folder cannot be made or written.
    """
    write_text(path, json.dumps(finite(content), indent=1) + "\n")


def write_text(path, text):
    """Write `text` to `path`, whole or not at all; OSError as `write_json`."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".partial")
    partial.write_text(text, encoding="utf-8")
    os.replace(partial, path)


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
