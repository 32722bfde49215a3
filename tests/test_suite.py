"""What runs when: `make test` leaves out what is marked long, `make test-all` runs everything."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TESTS = """
import pytest

def test_short():
    pass

@pytest.mark.long
def test_long():
    pass
"""


@pytest.mark.parametrize("options, run", [((), {"short"}), (("-m", ""), {"short", "long"})])
def test_what_is_marked_long_runs_only_when_everything_does(tmp_path, options, run):
    (tmp_path / "test_both.py").write_text(TESTS)
    command = [sys.executable, "-m", "pytest", "-c", str(ROOT / "pyproject.toml"), "-v"]
    command += ["-p", "no:cacheprovider", *options, "test_both.py"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert set(re.findall(r"test_(\w+) PASSED", done.stdout)) == run, done.stdout + done.stderr


def test_everything_is_run_with_the_long_profile():
    recipe = (ROOT / "Makefile").read_text().partition("\ntest-all:")[2].partition("\n\n")[0]
    assert "HYPOTHESIS_PROFILE=long" in recipe and 'pytest -m ""' in recipe
    asks = "from hypothesis import settings; import conftest"
    asks += "; print(settings.default.derandomize, settings.default.max_examples)"
    for profile, told in (({}, "True 50"), ({"HYPOTHESIS_PROFILE": "long"}, "False 500")):
        done = subprocess.run(
            [sys.executable, "-c", asks], cwd=ROOT / "tests", env=profile, capture_output=True,
            text=True,
        )  # fmt: skip
        assert done.stdout.split() == told.split(), done.stderr
