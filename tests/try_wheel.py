"""Build what would be published, and try it where there is no checkout.

python tests/try_wheel.py                          builds dist/, tries the wheel with this Python
python tests/try_wheel.py python3.10 python3.13    tries it with others

`make package` runs it. The sdist is built first and the wheel from it, twine checks both, and the
wheel is installed with some extras into an environment of its own, in a folder elsewhere. There an
experiment is run, scikit-learn's checks of the estimators, and the page. It needs the network.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
DIST = ROOT / "dist"
MOST = 2_000_000  # bytes of a source distribution
EXTRAS = "fast,sklearn,plots"
FROM_THE_WHEEL = """
import sys, sennpy
from pathlib import Path
folder = Path(sennpy.__file__).parent
assert folder.is_relative_to(sys.prefix), f"sennpy is imported from {folder}"
"""
ESTIMATORS = """
import warnings
from sklearn.exceptions import SkipTestWarning
from sklearn.utils.estimator_checks import check_estimator
from sennpy import SENNClassifier, SENNRegressor
for estimator in (SENNClassifier(), SENNRegressor()):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SkipTestWarning) # what needs packages that are not here
        check_estimator(estimator)
    print(f"{type(estimator).__name__} passes")
"""


def main(pythons):
    """Build, check, and try with each Python; 0 where all went well."""
    sdist, wheel = build()
    told("twine", "check --strict")
    run(sys.executable, "-m", "twine", "check", "--strict", sdist, wheel)
    for python in pythons or [sys.executable]:
        with tempfile.TemporaryDirectory(prefix="sennpy-") as folder:
            try_wheel(wheel, python, Path(folder))
    return 0


def build():
    """The paths of a new sdist and of the wheel that is built from it, in dist/."""
    told("build", DIST)
    for old in DIST.glob("sennpy-*"):
        old.unlink()
    said = run(sys.executable, "-m", "build", "--outdir", DIST, ROOT, quiet=True)
    print(*{f"  {line}\n" for line in said.splitlines() if line.startswith("SENNPY_URL")}, end="")
    (sdist,), (wheel,) = DIST.glob("sennpy-*.tar.gz"), DIST.glob("sennpy-*.whl")
    for path in (sdist, wheel):
        print(f"  {path.name}: {path.stat().st_size / 1000:.0f} kB")
    if sdist.stat().st_size > MOST:
        raise SystemExit(f"{sdist.name} has more than {MOST} bytes: see pyproject.toml, sdist")
    return sdist, wheel


def try_wheel(wheel, python, folder):
    """Install a wheel into an environment in a folder, and use it there."""
    told("install", f"{wheel.name}[{EXTRAS}] for {python} in {folder}")
    run(python, "-m", "venv", folder / "venv")
    there = folder / "venv" / ("Scripts" if os.name == "nt" else "bin") / "python"
    run(there, "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
        f"{wheel}[{EXTRAS}]")  # fmt: skip
    run(there, "-c", FROM_THE_WHEEL, cwd=folder)
    for what in (
        ("-m", "sennpy", "half-moons", "--quick", "--out", "out"),
        ("-m", "sennpy.micro"),
        ("-c", ESTIMATORS),
    ):
        told("run", " ".join(what) if what[0] == "-m" else "scikit-learn's checks")
        run(there, *what, cwd=folder)
    written = {path.name for path in (folder / "out").iterdir()}
    if written != {"half-moons-quick.png", "half-moons-quick.json"}:
        raise SystemExit(f"half-moons wrote {sorted(written)}")


STARTED = time.monotonic()


def told(step, what):
    """Say what is done next, and how many seconds have gone by."""
    print(f"[{time.monotonic() - STARTED:4.0f} s] {step}: {what}", flush=True)


def run(*words, cwd=None, quiet=False):
    """Run a command without our checkout in its path; SystemExit where it fails.

    What it says is shown, or returned where it is to be quiet.
    """
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    done = subprocess.run(
        [str(word) for word in words],
        cwd=cwd, env=environment, check=False, text=True,
        stdout=subprocess.PIPE if quiet else None, stderr=subprocess.STDOUT if quiet else None,
    )  # fmt: skip
    if done.returncode:
        raise SystemExit(f"{done.stdout or ''}{' '.join(map(str, words))[:200]}: failed")
    return done.stdout


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
