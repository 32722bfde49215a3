"""What an experiment leaves on disk: its numbers, with all that is needed to make them again."""

import json
import math
import os
import platform
from importlib.metadata import version
from pathlib import Path

from .kernels import enabled

PACKAGES = ("numpy", "scipy", "matplotlib", "scikit-learn")


def versions():
    """Versions of Python, of this package and of those that the numbers depend on to the last bit.

    The linear algebra counts with its kernels and threads, and numba unless its kernels are not
    used: they decide in which order is added.
    """
    from . import __version__

    found = {"python": platform.python_version(), "sennpy": __version__}
    found |= {name: version(name) for name in PACKAGES}
    return found | {"numba": version("numba") if enabled() else "not used", "blas": blas()}


def blas():
    """The linear algebra libraries in use, as "name version, kernels, threads", sorted."""
    import scipy.linalg  # noqa: F401  SciPy may bring its own
    from threadpoolctl import threadpool_info

    return sorted(
        f"{library['internal_api']} {library['version']}, {library.get('architecture', 'any')}, "
        f"threads: {library['num_threads']}"
        for library in threadpool_info()
        if library["user_api"] == "blas"
    )


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


def finite(value):
    """A copy of nested lists and dicts in which numbers that JSON cannot hold are None."""
    if isinstance(value, dict):
        return {key: finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
