"""The core runs with NumPy and SciPy alone; what is missing is told with what brings it."""

from pathlib import Path

import pytest
from without import OPTIONAL, run_without

from sennpy import extras
from sennpy.commands.doctor import USEFUL

PYPROJECT = Path(__file__).parents[1].joinpath("pyproject.toml").read_text(encoding="utf-8")
RECORD = Path(__file__).parents[1] / "figures" / "half-moons.json"
FIT = """
import warnings
import numpy as np
from sennpy import MLP, SENN, Settings, SoftmaxCrossEntropy

X = np.random.default_rng(0).normal(size=(60, 2))
t = (X[:, 0] * X[:, 1] > 0).astype(int)
with warnings.catch_warnings(record=True):
    net, history = SENN(SoftmaxCrossEntropy(), Settings(epochs=20)).fit(
        MLP.random((2, 2), rng=0), X, t
    )
print(len(history.epochs), net(X).shape)
"""
COMMAND = "import sys\nfrom sennpy.cli import main\nsys.exit(main({words!r}))"


def test_with_numpy_and_scipy_alone_a_network_is_trained():
    done = run_without(FIT, *OPTIONAL)
    assert done.stderr == "" and done.stdout == "20 (60, 2)\n"


def test_with_numpy_and_scipy_alone_the_page_runs():
    code = "import runpy\nrunpy.run_module('sennpy.micro', run_name='__main__')"
    done = run_without(code, *OPTIONAL)
    assert done.stderr == "" and done.stdout.splitlines()[-1].startswith("accuracy on 500 new")


@pytest.mark.parametrize("words", [["doctor"], ["equations", "E1"]], ids=lambda words: words[0])
def test_with_numpy_and_scipy_alone_these_commands_run(words, tmp_path):
    done = run_without(COMMAND.format(words=words), *OPTIONAL, folder=tmp_path)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    "words",
    ["half-moons", "regression", "digits", "mnist", "battery", "chance", "tradeoff",
     f"replay {RECORD}"],
)  # fmt: skip
def test_a_command_that_draws_says_what_it_lacks_before_it_works(words, tmp_path):
    done = run_without(COMMAND.format(words=words.split()), "matplotlib", folder=tmp_path)
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert 'pip install "sennpy[plots]"' in done.stderr


@pytest.mark.parametrize(
    "hidden, extra", [("tqdm", "plots"), ("sklearn", "sklearn"), ("numba", "fast")]
)
def test_a_command_says_what_else_it_lacks(hidden, extra, tmp_path):
    done = run_without(
        COMMAND.format(words=["bench" if hidden == "numba" else "half-moons"]),
        hidden,
        folder=tmp_path,
    )
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert f'pip install "sennpy[{extra}]"' in done.stderr


def test_who_imports_what_is_missing_is_told_too():
    for code, extra in [
        ("import sennpy.plots", "plots"),
        ("from sennpy.datasets import half_moons; half_moons()", "sklearn"),
        ("from sennpy.experiments.workers import in_parallel; in_parallel(len, [((),)], 2)",
         "fast"),
    ]:  # fmt: skip
        last = run_without(code, *OPTIONAL).stderr.splitlines()[-1]
        assert last.startswith("ModuleNotFoundError: No module named ")
        assert last.endswith(f': pip install "sennpy[{extra}]"')


def test_what_is_in_no_extra_is_told_as_it_is():
    said = r"^No module named 'no_such_module'$"
    with pytest.raises(ModuleNotFoundError, match=said), extras.advised():
        import no_such_module  # noqa: F401


def test_each_extra_is_there_and_brings_what_is_promised():
    for package, extra in extras.EXTRAS.items():
        listed = PYPROJECT.partition(f"\n{extra} = [")[2].partition("\n]")[0]
        name = {"sklearn": "scikit-learn", "IPython": "jupyter", "distributed": "dask"}.get(package)
        assert f'"{name or package}' in listed, package
    assert {extras.EXTRAS.get(name, "sklearn") for name in USEFUL} == {"fast", "plots", "sklearn"}
