"""A process in which packages cannot be imported, as where they are not installed."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
OPTIONAL = (
    "numba", "sklearn", "matplotlib", "tqdm", "joblib", "threadpoolctl", "onnx", "dask",
    "distributed", "pandas", "IPython", "jupytext", "hypothesis", "mpmath",
)  # fmt: skip
HIDE = """
import importlib.util, sys
hidden = set({hidden!r})

class Hidden:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in hidden:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Hidden())
found = importlib.util.find_spec
importlib.util.find_spec = lambda name, package=None: (
    None if name.partition(".")[0] in hidden else found(name, package)
)
"""


def run_without(code, *hidden, folder=None):
    """What Python did with `code`, where the packages that are `hidden` are not to be had."""
    return subprocess.run(
        [sys.executable, "-c", HIDE.format(hidden=hidden) + code],
        capture_output=True, text=True, check=False, cwd=folder or ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
