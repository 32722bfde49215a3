"""No kernel reads or writes beyond its arrays: compiled anew with numba's check, and run."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from installed import needs_numba

HERE = Path(__file__).parent


def checked(code, folder, *arguments):
    """A fresh process in which numba checks every index, with a cache of its own."""
    checks = {"NUMBA_BOUNDSCHECK": "1", "NUMBA_DISABLE_JIT": "0", "NUMBA_CACHE_DIR": str(folder)}
    return subprocess.run(
        [sys.executable, *code, *arguments], env=os.environ | checks, cwd=HERE.parent,
        capture_output=True, text=True,
    )  # fmt: skip


@pytest.mark.long
@needs_numba
def test_the_check_sees_an_index_that_is_too_large(tmp_path):
    code = (
        "import numpy as np\nfrom sennpy.kernels import jit\n"
        "f = jit(lambda x, i: x[i])\nprint(f(np.ones(3), 2))\nf(np.ones(3), 3)"
    )
    done = checked(["-c", code], tmp_path)
    assert done.stdout.strip() == "1.0" and "IndexError" in done.stderr


@pytest.mark.long
@needs_numba
@pytest.mark.parametrize("file", ["test_kernels.py", "test_search.py", "test_reproducible.py"])
def test_kernels_stay_within_their_arrays(file, tmp_path):
    chosen = ["-m", "not long", "-k", "not same_bytes"] if "reproducible" in file else []
    done = checked(
        ["-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", str(HERE / file)], tmp_path, *chosen
    )
    assert done.returncode == 0, done.stdout[-3000:]
