"""The engine room: kernels compiled by numba at their first call, and the switch before them.

`enabled()` is the switch: False without numba, with NUMBA_DISABLE_JIT=1, and in a `with twins():`;
then the NumPy twins do the work, each of which defines its kernel and is named by it.

Kernels know nothing of the package: what they need is passed to them, constants too. Inputs are
checked before they come here: C-contiguous float64, of shapes that agree. Kernels copy and add up
arrays in loops: for an assignment between slices, or an array's `max`, numba first compiles the
text of the error that these might raise, which takes longer than most kernels.
"""

import hashlib
import importlib.util
import os
import sys
import warnings
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache, partial
from pathlib import Path

_wanted = ContextVar("sennpy.kernels.wanted", default=True)


def enabled():
    """Whether kernels do the work here; says so once when numba is missing."""
    return _wanted.get() and available()


@contextmanager
def twins():
    """A context in which the NumPy twins do the work of the kernels, in this thread alone."""
    before = _wanted.set(False)
    try:
        yield
    finally:
        _wanted.reset(before)


@cache
def available():
    """Whether numba is there to compile kernels, and was not told to leave it."""
    if importlib.util.find_spec("numba") is None:
        warnings.warn(
            "numba is not installed: the NumPy twins of the kernels are used, which give the same "
            'results but for rounding, and take longer (pip install "sennpy[fast]").',
            stacklevel=3,
        )
        return False
    return os.environ.get("NUMBA_DISABLE_JIT", "0") in ("", "0")


def jit(function, inline="never"):
    """`function` compiled by numba when it is first called: no fastmath, no global lock.

    The machine code is kept beside the source, or in numba's folder for caches; where neither can
    be written it is made anew in each process. It is made anew too when any file of this folder has
    changed: numba itself looks at the kernel's own file alone, not at those of the kernels that it
    calls, so their `digest` goes into the name that numba keeps it under. Without numba `function`
    comes back as it is.
    """
    if importlib.util.find_spec("numba") is None:
        return function
    announce()
    import numba

    function.__qualname__ += f"_{digest()}"
    compile_ = partial(numba.njit, nogil=True, error_model="numpy", inline=inline)
    try:
        return compile_(cache=True)(function)
    except RuntimeError:  # no folder that can be written
        return compile_()(function)


def inlined(function):
    """A `jit` function that is compiled as a part of those that call it, not once more alone.

    For a part that one or two need: numba would optimise it alone, and again in each of them.
    """
    return jit(function, "always")


@cache
def digest():
    """A word that tells these files from all others: eight hexadecimal digits."""
    files = sorted(Path(__file__).parent.glob("*.py"))
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:8]


@cache
def announce():
    """Tell a terminal, once, why the next seconds may be silent."""
    if available() and sys.stderr and not sys.stderr.closed and sys.stderr.isatty():
        print(
            "sennpy: loading its kernels (compiled once a machine, some seconds) ...",
            file=sys.stderr,
        )
