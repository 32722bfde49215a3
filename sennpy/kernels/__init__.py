"""How kernels are compiled: by numba, at their first call, and kept on disk where that is possible.

Without numba, or with NUMBA_DISABLE_JIT=1, `enabled()` is False and the NumPy twins do the work.
Kernels copy and add up arrays in loops: for an assignment between slices, or an array's `max`,
numba first compiles the text of the error that these might raise, which takes longer than most
kernels.
"""

import importlib.util
import os
import sys
import warnings
from functools import cache, partial


@cache
def enabled():
    """Whether kernels are compiled here; says so once when numba is missing."""
    if importlib.util.find_spec("numba") is None:
        warnings.warn(
            "numba is not installed: the NumPy twins of the kernels are used, which give the same "
            "results but for rounding, and take longer (pip install numba).",
            stacklevel=2,
        )
        return False
    return os.environ.get("NUMBA_DISABLE_JIT", "0") in ("", "0")


def jit(function):
    """`function` compiled by numba when it is first called: no fastmath, no global lock.

    The machine code is kept beside the source, or in numba's folder for caches; where neither can
    be written it is made anew in each process. It is made anew too when the kernel's own file has
    changed, not when a constant has that the kernel takes from another file. Without numba
    `function` comes back as it is.
    """
    if importlib.util.find_spec("numba") is None:
        return function
    announce()
    import numba

    compile_ = partial(numba.njit, nogil=True, error_model="numpy")
    try:
        return compile_(cache=True)(function)
    except RuntimeError:  # no folder that can be written
        return compile_()(function)


@cache
def announce():
    """Tell a terminal, once, why the next seconds may be silent."""
    if enabled() and sys.stderr.isatty():
        print(
            "sennpy: loading its kernels (compiled once a machine, some seconds) ...",
            file=sys.stderr,
        )
