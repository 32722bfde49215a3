"""The switch before the kernels, how they are compiled, and how many threads they take."""

import ast
import os
import shutil
import subprocess
import sys
import threading
import warnings
from pathlib import Path

import numpy as np
import pytest
from installed import needs_numba

from sennpy import MLP, kernels
from sennpy.growth.threads import cores, in_threads, threads
from sennpy.kernels import enabled, twins
from sennpy.training.jacobian import outputs_and_jacobian

FOLDER = Path(kernels.__file__).parent

# --- The switch ----------------------------------------------------------------------------------


def test_inside_twins_there_are_no_kernels_also_when_it_is_nested():
    before = enabled()
    with twins():
        with twins():
            assert not enabled()
        assert not enabled()
    assert enabled() == before


def test_after_an_error_inside_twins_the_kernels_are_back():
    before = enabled()
    with pytest.raises(ZeroDivisionError), twins():
        1 / 0  # noqa: B018
    assert enabled() == before


def test_twins_of_one_thread_are_not_those_of_another():
    before, seen = enabled(), []
    with twins():
        other = threading.Thread(target=lambda: seen.append(enabled()))
        other.start()
        other.join()
    assert seen == [before]


def test_the_jacobian_inside_twins_is_the_twins():
    net, X = MLP.random((2, 3, 2), rng=0), np.random.default_rng(1).standard_normal((7, 2))
    trace = net.forward(X)
    with twins():
        y, J = outputs_and_jacobian(net, X)
    assert np.array_equal(y, trace.outputs) and np.array_equal(J, net.jacobian(trace))


@needs_numba
def test_kernels_can_be_switched_off_as_numba_documents_it():
    code = "from sennpy import kernels; print(kernels.enabled())"
    for value, expected in [("1", "False"), ("0", "True")]:
        done = subprocess.run(
            [sys.executable, "-c", code], env={"NUMBA_DISABLE_JIT": value, "PATH": ""},
            capture_output=True, text=True, check=True, cwd=FOLDER.parents[1],
        )  # fmt: skip
        assert done.stdout.strip() == expected


def test_a_missing_numba_is_told_once(monkeypatch):
    monkeypatch.setattr(kernels.importlib.util, "find_spec", lambda name: None)
    kernels.available.cache_clear()
    try:
        with pytest.warns(UserWarning, match=r"pip install .sennpy\[fast\]"):
            assert not enabled()
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            assert not enabled()
        assert kernels.jit(len) is len
    finally:
        kernels.available.cache_clear()


# --- Compiling -----------------------------------------------------------------------------------


@needs_numba
def test_where_no_cache_can_be_written_kernels_are_compiled_all_the_same(monkeypatch):
    import numba

    true_njit, asked = numba.njit, []

    def njit(*args, **options):
        asked.append(options.pop("cache", False))
        if asked[-1]:
            raise RuntimeError("cannot cache function: no locator available")
        return true_njit(*args, **options)

    monkeypatch.setattr(numba, "njit", njit)
    double = kernels.jit(lambda x: 2 * x)
    assert asked == [True, False]
    monkeypatch.undo()  # compiling, numba may ask for some of its own
    assert double(21) == 42


def ours(file):
    """Modules of the package that a file of kernels imports, those of its folder apart."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.level > 1 or "sennpy" in str(node.module)):
            yield ast.unparse(node)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if "sennpy" in alias.name)


def test_kernels_know_nothing_of_the_package():
    """What they took from elsewhere would stay in their machine code when it changes there."""
    files = sorted(FOLDER.glob("*.py"))
    assert len(files) > 8
    assert {file.name: list(ours(file)) for file in files} == {file.name: [] for file in files}


@needs_numba
def test_a_kernel_is_made_anew_when_one_that_it_calls_has_changed(tmp_path):
    folder = tmp_path / "copied"
    folder.mkdir()
    shutil.copy(FOLDER / "__init__.py", folder)
    inner = "from . import jit\n\n\n@jit\ndef inner():\n    return {}\n"
    outer = (
        "from . import jit\nfrom .inner import inner\n\n\n@jit\ndef outer():\n    return inner()"
    )
    (folder / "outer.py").write_text(outer, encoding="utf-8")
    environment = os.environ | {"NUMBA_CACHE_DIR": str(tmp_path / "cache"), "NUMBA_DISABLE_JIT": ""}
    for value in ("1", "2"):
        (folder / "inner.py").write_text(inner.format(value), encoding="utf-8")
        done = subprocess.run(
            [sys.executable, "-B", "-c", "from copied.outer import outer; print(outer())"],
            env=environment, cwd=tmp_path, capture_output=True, text=True, check=True,
        )  # fmt: skip
        assert done.stdout.strip() == value


# --- Threads -------------------------------------------------------------------------------------


def test_blocks_go_on_side_by_side_in_as_many_threads_as_are_asked_for():
    met = threading.Barrier(2, timeout=10)
    with threads(2):
        assert in_threads(lambda i: met.wait() >= 0 and i, [5, 6]) == [5, 6]
    with threads(1):
        here = [threading.get_ident()] * 3
        assert in_threads(lambda i: threading.get_ident(), range(3)) == here


def test_a_limit_of_threads_ends_with_its_context():
    before = cores()
    with pytest.raises(ZeroDivisionError), threads(3):
        with threads(1):
            assert cores() == 1
        assert cores() == 3
        1 / 0  # noqa: B018
    assert cores() == before


def test_numba_s_own_variable_limits_the_threads(monkeypatch):
    monkeypatch.delenv("NUMBA_NUM_THREADS", raising=False)
    whole = cores()
    for value, expected in [("1", 1), ("100000", whole), ("", whole), ("many", whole), ("0", 1)]:
        monkeypatch.setenv("NUMBA_NUM_THREADS", value)
        assert cores() == expected


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="the system has no affinity mask")
def test_only_cpus_that_the_process_may_run_on_count():
    code = (
        "import os; os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})\n"
        "from sennpy.growth.threads import cores; print(cores())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True,
        cwd=FOLDER.parents[1],
    )  # fmt: skip
    assert done.stdout.strip() == "1"
