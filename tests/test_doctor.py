"""What the doctor finds, what it asks for, and how it ends."""

import json
import re
import sys
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import pytest
from installed import needs_numba

from sennpy.cli import main
from sennpy.commands import doctor
from sennpy.datasets.idx import FILES

PYPROJECT = Path(__file__).parents[1].joinpath("pyproject.toml").read_text(encoding="utf-8")


@pytest.fixture
def installed(monkeypatch):
    """Function that pretends that a package has a version, or None: that it is not there."""

    def pretend(name, found):
        def version(asked):
            if asked != name:
                return true(asked)
            if found is None:
                raise PackageNotFoundError(name)
            return found

        true = doctor.version
        monkeypatch.setattr(doctor, "version", version)

    return pretend


@pytest.fixture(autouse=True)
def bare(monkeypatch, tmp_path):
    """No data and no cache of the user who runs the tests."""
    monkeypatch.delenv("SENNPY_DATA", raising=False)
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    for name in ("XDG_CACHE_HOME", "LOCALAPPDATA", "HOME"):
        monkeypatch.setenv(name, str(tmp_path / "home"))


def finding(name, data=None):
    """The finding with a name."""
    (found,) = (f for f in doctor.examine(data) if f.name == name)
    return found


def names(section):
    """The packages in a list of pyproject.toml."""
    listed = PYPROJECT.partition(f"\n{section} = [")[2].partition("\n]")[0]
    return set(re.findall(r'"([a-z-]+)>=', listed))


def test_the_versions_asked_for_are_those_of_the_package():
    asked = dict(re.findall(r'^    "([a-z-]+)>=([\d.]+)(?:; [^"]+)?",$', PYPROJECT, re.MULTILINE))
    ours = doctor.NEEDED | doctor.USEFUL
    assert ours == {name: asked[name] for name in ours}
    assert names("dependencies") == set(doctor.NEEDED)
    assert names("fast") | names("sklearn") | names("plots") == set(doctor.USEFUL)


def test_where_the_tests_run_nothing_that_is_needed_is_missing(capsys):
    assert main(["doctor"]) == 0
    shown = capsys.readouterr().out
    assert shown.endswith("\nAll that is needed is here.\n")
    for name in ("python", "numpy", "numba", "linear algebra", "threads", "MNIST", "ffmpeg"):
        assert re.search(rf"^{name} +(ok|absent) ", shown, re.MULTILINE)


def test_with_json_the_findings_alone_are_on_stdout(capsys):
    assert main(["doctor", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["ok"] is True
    assert [f["name"] for f in shown["findings"]] == [f.name for f in doctor.examine()]
    assert {f["state"] for f in shown["findings"]} <= {"ok", "absent"}


@pytest.mark.parametrize("found", [None, "1.9.5"])
def test_what_is_needed_and_missing_or_old_ends_with_status_1(found, installed, capsys):
    installed("scipy", found)
    assert main(["doctor"]) == 1
    shown = capsys.readouterr().out
    assert 'scipy: python -m pip install "scipy>=1.10"\n' in shown
    assert shown.endswith("sennpy needs: scipy.\n")


@pytest.mark.parametrize("name", ["joblib", "jupyter"])
def test_what_one_can_do_without_is_told_with_status_0(name, installed, capsys):
    installed(name, None)
    assert main(["doctor"]) == 0
    assert re.search(rf"^{name} +absent +not installed$", capsys.readouterr().out, re.MULTILINE)


def test_ten_is_newer_than_nine(installed):
    installed("scipy", "1.9.99")
    assert finding("scipy").mend
    installed("scipy", "1.10.0rc1")
    assert not finding("scipy").mend


@needs_numba
def test_a_numba_that_cannot_be_imported_is_seen(monkeypatch):
    monkeypatch.setitem(sys.modules, "numba", None)
    found = finding("numba")
    assert "import of numba halted" in found.found and not found.needed
    assert found.mend == "python -m pip install --upgrade numba"


def test_the_doctor_works_without_what_it_asks_for(monkeypatch, installed):
    monkeypatch.setitem(sys.modules, "threadpoolctl", None)
    installed("threadpoolctl", None)
    assert finding("linear algebra").found.startswith("not known without threadpoolctl")
    assert not finding("threadpoolctl").needed


def test_an_old_python_is_broken():
    assert doctor.python((3, 9, 18)).mend and doctor.python((3, 9, 18)).needed
    assert not doctor.python((3, 10, 0)).mend


def test_threads_are_those_of_the_environment(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    monkeypatch.delenv("NUMBA_NUM_THREADS", raising=False)
    assert {"OMP_NUM_THREADS: 3", "NUMBA_NUM_THREADS: not set"} <= set(
        finding("threads").found.split(", ")
    )


def test_the_cache_of_numba_is_where_the_environment_says(monkeypatch, tmp_path):
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "new"))
    assert finding("numba cache") == doctor.Finding("numba cache", str(tmp_path / "new"))


def test_a_cache_that_cannot_be_written_is_seen(tmp_path):
    (tmp_path / "__pycache__").touch()
    found = doctor.numba_cache(tmp_path)
    assert found.found.endswith("cannot be written to") and "NUMBA_CACHE_DIR" in found.mend


def test_mnist_is_looked_for_where_one_says_then_the_environment_then_the_cache(
    monkeypatch, tmp_path
):
    cache = finding("MNIST")
    assert "(the user's cache)" in cache.found and str(tmp_path / "home") in cache.found
    monkeypatch.setenv("SENNPY_DATA", str(tmp_path / "named"))
    assert f"0 of 4 files in {tmp_path / 'named'} ($SENNPY_DATA)" == finding("MNIST").found
    folder = tmp_path / "given"
    assert f"0 of 4 files in {folder} (--data)" == finding("MNIST", folder).found


def test_mnist_is_there_when_all_four_files_are(tmp_path):
    first, *others = FILES
    for name in others:
        (tmp_path / name).touch()
    assert finding("MNIST", tmp_path).mend.startswith(f"put {first} there, or leave --data out")
    (tmp_path / first).touch()
    assert finding("MNIST", tmp_path).mend == ""


def test_mnist_that_is_not_in_the_cache_can_be_downloaded():
    assert "sennpy.datasets import mnist" in finding("MNIST").mend


def test_a_program_is_found_on_the_path(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "apt install ffmpeg" in finding("ffmpeg").mend
    program = tmp_path / "ffmpeg"
    program.touch(mode=0o755)
    assert finding("ffmpeg") == doctor.Finding("ffmpeg", str(program))
